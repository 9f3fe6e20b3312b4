"""The chart of the course: each score in its own range; sessions, responses, events at their dates; the table."""

import datetime as dt
import re
from itertools import pairwise

import pytest

from planning.course.patient_course import Course
from planning.course.timeline import Scale, timeline, timeline_entries
from planning.models import AdverseEvent, Assessment, Response, Score
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient():
    return builders.a_patient()


@pytest.fixture
def scored(patient, neurologist):
    """`scored(days_ago, tsui)` is an assessment with that score."""

    def assessed(days_ago, tsui, name="Tsui"):
        visit = builders.a_visit(
            patient=patient, clinician=neurologist, day=builders.today() - dt.timedelta(days=days_ago), hour=12
        )
        return builders.an_assessment(visit=visit, by=neurologist, scores=[(builders.an_instrument(name), tsui)])

    return assessed


def drawn(patient, *names, narrow=False):
    course = Course(patient)
    return timeline(course, [each for each in course.instruments if each.name in names], narrow=narrow)


def test_score_is_drawn_in_the_range_of_its_instrument(scored, patient):
    scored(40, 0), scored(30, 25), scored(20, 10)
    (panel,) = drawn(patient, "Tsui").panels
    lowest, highest, between = (mark.y for mark in panel.marks)
    assert (lowest, highest) == (panel.bottom, panel.top)
    assert float(between) == pytest.approx(panel.bottom - panel.height * 10 / 25)
    assert (panel.lowest, panel.highest, panel.direction) == ("0", "25", "higher is worse")


def test_dates_are_drawn_to_scale_from_left_to_right(scored, patient):
    scored(60, 1), scored(40, 1), scored(0, 1)
    first, second, third = (mark.x for mark in drawn(patient, "Tsui").panels[0].marks)
    assert third - second == pytest.approx(2 * (second - first))


def test_each_chosen_score_has_a_panel(scored, patient):
    scored(60, 10), scored(30, 40, name="TWSTRS total")
    assert [panel.name for panel in drawn(patient, "Tsui", "TWSTRS total").panels] == ["TWSTRS total", "Tsui"]
    assert [panel.name for panel in drawn(patient, "Tsui").panels] == ["Tsui"]


@pytest.mark.parametrize("narrow", [False, True])
def test_single_visit_is_drawn_in_the_middle(narrow, scored, patient):
    scored(0, 10)
    drawing = drawn(patient, "Tsui", narrow=narrow)
    (mark,) = drawing.panels[0].marks
    assert mark.x == pytest.approx((drawing.left + drawing.right) / 2, abs=2)
    assert 1 <= len(drawing.ticks) <= 5


def test_empty_course_has_no_chart(patient):
    assert timeline(Course(patient), []) is None


def test_all_marks_are_within_the_chart(patient, neurologist, scored):
    builders.a_long_course(patient, by=neurologist)
    scored(1, 3)
    for narrow in (False, True):
        drawing = drawn(patient, "Tsui", narrow=narrow)
        assert len(drawing.sessions) == 60
        for mark in [*drawing.sessions, *drawing.events, *drawing.panels[0].marks]:
            assert drawing.left <= mark.x <= drawing.right
            assert 0 <= mark.y <= drawing.height
        for bar in [*drawing.responses, *drawing.event_bars]:
            assert drawing.left <= bar.x <= bar.end <= drawing.right
        assert all(after - before >= 60 for (before, _), (after, _) in pairwise(drawing.ticks))


@pytest.mark.parametrize("days", [30, 120, 400, 1000, 3000, 9000, 20000])
@pytest.mark.parametrize("width", [300, 880])
def test_axis_labels_do_not_overlap_and_name_months(days, width):
    today = dt.date(2026, 11, 25)
    scale = Scale(today - dt.timedelta(days=days), today, 0, width)
    ticks = scale.ticks(62)
    assert ticks
    assert all(after - before >= 60 for (before, _), (after, _) in pairwise(ticks))
    assert all(0 <= x <= width - 20 and re.fullmatch(r"([A-Z][a-z]{2} )?\d{4}", label) for x, label in ticks)


def test_response_is_drawn_from_onset_to_wearing_off(patient, neurologist):
    session = builders.a_signed_session_of(patient, by=neurologist, weeks_ago=12)
    builders.a_response(session=session, onset_day=7, wearing_off_day=63)
    drawing = drawn(patient)
    (bar,) = drawing.responses
    (mark,) = drawing.sessions
    per_day = (bar.end - bar.x) / 56
    assert bar.x - mark.x == pytest.approx(7 * per_day)
    assert "onset day 7" in bar.text


def test_open_response_is_drawn_until_the_next_session(patient, neurologist):
    first = builders.a_signed_session_of(patient, by=neurologist, weeks_ago=12)
    builders.a_signed_session_of(patient, by=neurologist, weeks_ago=1)
    builders.a_response(session=first, onset_day=7)
    drawing = drawn(patient)
    assert drawing.responses[0].kind == "open"
    assert drawing.responses[0].end == pytest.approx(drawing.sessions[1].x)


def test_no_response_has_its_own_mark(patient, neurologist):
    session = builders.a_signed_session_of(patient, by=neurologist, weeks_ago=12)
    builders.a_response(session=session, effect="no_response")
    assert [bar.kind for bar in drawn(patient).responses] == ["none"]


def test_unsigned_is_hollow_and_serious_is_filled(patient, neurologist):
    visit = builders.a_visit(patient=patient, clinician=neurologist, day=builders.today() - dt.timedelta(weeks=3))
    session = builders.a_given_session(by=neurologist, visit=visit)
    builders.an_event(session=session, serious="yes", began_day=4)
    builders.an_event(session=session, serious="no", began_day=4)
    drawing = drawn(patient)
    assert [mark.kind for mark in drawing.sessions] == ["unsigned"]
    assert [mark.kind for mark in drawing.events] == ["serious", ""]


def test_table_contains_everything_in_the_chart(scored, patient, neurologist):
    session = builders.a_signed_session_of(patient, by=neurologist, weeks_ago=12)
    response = builders.a_response(session=session, onset_day=7, wearing_off_day=63)
    event = builders.an_event(session=session, began_day=3)
    assessment = scored(30, 10)
    course = Course(patient)
    drawing = timeline(course, course.instruments)
    linked = {mark.url for mark in [*drawing.sessions, *drawing.responses, *drawing.events, *drawing.panels[0].marks]}
    rows = timeline_entries(course, course.instruments)
    assert linked == {row.url for row in rows}
    assert linked == {each.get_absolute_url() for each in (session, response, event, assessment)}
    assert [row.on for row in rows] == sorted(row.on for row in rows)
    assert {row.kind for row in rows} == {"Session", "Response", "Adverse event", "Scores"}


# On the page


@pytest.fixture
def doctor(client, neurologist):
    client.force_login(neurologist)
    return client


def test_first_three_scores_are_drawn_by_default(doctor, patient, neurologist):
    visit = builders.a_visit(patient=patient, clinician=neurologist, hour=12)
    names = ["TWSTRS total", "TWSTRS severity", "TWSTRS pain", "Tsui", "CDQ-24"]
    made = [builders.an_instrument(name) for name in names]
    builders.an_assessment(visit=visit, by=neurologist, scores=[(instrument, 5) for instrument in made])
    path = patient.get_absolute_url()

    def shown(**asked):
        return [panel.name for panel in doctor.get(path, asked).context["wide"].panels]

    assert shown() == names[:3]
    assert shown(chosen="yes", score=[made[4].pk, made[3].pk]) == ["Tsui", "CDQ-24"]
    for odd in ("x", "0", "9" * 30, "-1", ""):
        assert doctor.get(path, {"chosen": "yes", "score": odd}).status_code == 200


def test_no_chosen_score_draws_only_the_sessions(doctor, patient, neurologist, scored):
    builders.a_signed_session_of(patient, by=neurologist, weeks_ago=12)
    scored(3, 5)
    wide = doctor.get(patient.get_absolute_url(), {"chosen": "yes"}).context["wide"]
    assert (wide.panels, len(wide.sessions)) == ([], 1)


def test_script_gets_only_the_chart(doctor, patient, scored):
    scored(3, 5)
    response = doctor.get(patient.get_absolute_url(), {"chosen": "yes"}, headers={"HX-Request": "true"})
    body = response.content.decode()
    assert "Ratings and sessions" in body
    assert "<html" not in body
    assert "HX-Request" in response["Vary"]


def test_chart_contains_no_dose(doctor, patient, neurologist, scored):
    session = builders.a_signed_session_of(patient, by=neurologist, weeks_ago=12, doses=("4321.5", "8765.4"))
    builders.a_response(session=session, onset_day=4)
    scored(3, 5)
    body = doctor.get(patient.get_absolute_url()).content.decode()
    assert "4321.5" not in body
    assert "8765.4" not in body


def test_chart_is_the_same_for_every_dose(doctor, neurologist):
    """Neither a place, nor a size, nor a colour comes from a dose."""
    bodies = []
    for doses in (("1.11", "2.22"), ("9999", "0")):
        patient = builders.a_patient(family_name="Same", given_name="Same")
        builders.a_signed_session_of(patient, by=neurologist, weeks_ago=3 + len(bodies), doses=doses)
        drawing = timeline(Course(patient), [])
        bodies.append((drawing.height, [(mark.y, mark.kind) for mark in drawing.sessions]))
    assert bodies[0] == bodies[1]


def test_records_entered_in_error_are_not_drawn(patient, neurologist, scored):
    session = builders.a_signed_session_of(patient, by=neurologist, weeks_ago=12)
    for record in (builders.a_response(session=session, onset_day=4), builders.an_event(session=session), scored(3, 5)):
        builders.in_error(record, by=neurologist)
    course = Course(patient)
    drawing = timeline(course, course.instruments)
    assert (drawing.panels, drawing.responses, drawing.events, len(drawing.sessions)) == ([], [], [], 1)
    assert [model.objects.count() for model in (Response, AdverseEvent, Assessment, Score)] == [1, 1, 1, 1]
