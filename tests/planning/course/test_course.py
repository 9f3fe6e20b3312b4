"""A patient's course: cycles, their responses and events, and the last cycle next to the rows of a session."""

import datetime as dt
import re

import pytest

from clinic.records.dates import format_date
from clinic.records.exceptions import Refused
from planning.course.actions.course import change_response
from planning.course.cycles import cycle_numbers
from planning.course.patient_course import Course, sessions_to_respond_to
from planning.course.timeline import timeline, timeline_entries
from planning.models import InjectionSession
from planning.pages.visit_reads import rows_of_visit
from planning.sessions.actions.sessions import change_session
from planning.signing.actions.endings import end_as_not_done
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient():
    return builders.a_patient()


@pytest.fixture
def given(patient, neurologist):
    """`given(weeks_ago)` is a signed session."""

    def signed(weeks_ago, **details):
        return builders.a_signed_session_of(patient, by=neurologist, weeks_ago=weeks_ago, **details)

    return signed


def cycles_of(patient):
    return Course(patient).cycles


def test_cycles_are_numbered_by_date_with_the_weeks_between(given, patient):
    given(1), given(26), given(13)
    assert [(cycle.name, cycle.since_last) for cycle in cycles_of(patient)] == [
        ("Cycle 1", ""), ("Cycle 2", "13 weeks"), ("Cycle 3", "12 weeks"),
    ]  # fmt: skip


def test_two_sessions_of_a_day_are_one_cycle(given, patient, neurologist):
    first = given(12)
    second = builders.a_signed_session(by=neurologist, visit=first.visit, product="Dysport")
    (cycle,) = cycles_of(patient)
    assert cycle.sessions == [first, second]
    assert cycle.name == "Cycle 1"


def test_unsigned_session_is_shown_but_not_numbered(given, patient, neurologist):
    given(24)
    visit = builders.a_visit(patient=patient, clinician=neurologist, day=builders.today() - dt.timedelta(weeks=12))
    builders.a_given_session(by=neurologist, visit=visit)
    given(1)
    assert [cycle.name for cycle in cycles_of(patient)] == ["Cycle 1", "Not signed", "Cycle 2"]


def test_only_given_sessions_are_cycles(given, patient, neurologist):
    builders.an_error(given(12), by=neurologist)
    visit = builders.a_visit(patient=patient, clinician=neurologist)
    planned = builders.a_planned_session(by=neurologist, visit=visit)
    assert cycles_of(patient) == []
    end_as_not_done(session=planned, reason="A cold.", by=neurologist, version=planned.version, again=builders.AGAIN)
    assert cycles_of(patient) == []


def test_cycle_numbers_are_the_same_on_all_pages(given, patient, neurologist):
    given(30), given(20), builders.an_error(given(10), by=neurologist), given(5)
    by_visit = {
        session.visit_id: cycle.number for cycle in cycles_of(patient) for session in cycle.sessions if session.counts
    }
    assert by_visit == cycle_numbers(patient)


def test_linked_record_belongs_to_the_course(given, patient, neurologist):
    given(12)
    other = builders.a_patient()
    builders.a_signed_session_of(other, by=neurologist, weeks_ago=24)
    builders.the_same_person(patient, other, by=neurologist)
    assert [cycle.name for cycle in cycles_of(patient)] == ["Cycle 1", "Cycle 2"]


def test_intervals_count_from_given_on(given, patient, neurologist):
    session = given(12)
    later = builders.a_visit(patient=patient, clinician=neurologist, day=builders.today() - dt.timedelta(weeks=2))
    second = builders.a_given_session(by=neurologist, visit=later)
    second.refresh_from_db()
    change_session(
        session=second, by=neurologist, version=second.version, given_on=session.day_given + dt.timedelta(days=63)
    )
    builders.sign(second, by=neurologist)
    assert cycles_of(patient)[-1].since_last == "9 weeks"


@pytest.mark.parametrize(("days", "words"), [(1, "1 day"), (6, "6 days"), (7, "1 week"), (90, "12 weeks")])
def test_intervals_are_whole_weeks_or_days_below_seven(days, words, patient, neurologist):
    for ago in (days, 0):
        visit = builders.a_visit(
            patient=patient, clinician=neurologist, day=builders.today() - dt.timedelta(days=ago), by=neurologist
        )
        builders.a_signed_session(by=neurologist, visit=visit)
    assert cycles_of(patient)[-1].since_last == words


# Responses and events


def test_latest_of_several_responses_is_used_per_field(given, patient, neurologist):
    session = given(12)
    builders.a_response(
        session=session, visit=builders.a_visit_after(session, weeks=4), onset_day=5, peak_day=14,
        benefit_pain="slight", benefit_motion="marked", words="Better.",
    )  # fmt: skip
    builders.a_response(session=session, onset_day=6, wearing_off_day=70, benefit_pain="none", impression="much_better")
    reported = cycles_of(patient)[0].reported
    assert (reported.onset.number, reported.peak.number, reported.wearing_off.number) == (6, 14, 70)
    assert reported.benefits_text == "pain: none · range of motion: marked"
    assert (reported.words, reported.impression, reported.effect_text) == ("Better.", "Much better", "Response")


def test_not_known_does_not_replace_an_earlier_answer(given, patient):
    session = given(12)
    builders.a_response(session=session, visit=builders.a_visit_after(session, weeks=4), onset_day=5)
    builders.a_response(session=session, effect="not_known")
    reported = cycles_of(patient)[0].reported
    assert (reported.effect_text, reported.onset.number) == ("Response", 5)


def test_later_no_response_removes_the_days(given, patient):
    session = given(12)
    builders.a_response(session=session, visit=builders.a_visit_after(session, weeks=4), onset_day=5)
    builders.a_response(session=session, effect="no_response")
    reported = cycles_of(patient)[0].reported
    assert (reported.effect_text, reported.onset) == ("No response", None)


def test_response_or_event_in_error_is_left_out(given, patient, neurologist):
    session = given(12)
    builders.in_error(builders.a_response(session=session), by=neurologist)
    builders.in_error(builders.an_event(session=session), by=neurologist)
    (cycle,) = cycles_of(patient)
    assert (cycle.responses, cycle.events) == ([], [])


def test_days_recorded_as_numbers_follow_given_on(given, patient, neurologist):
    session = given(12)
    builders.a_response(session=session, onset_day=5)
    before = cycles_of(patient)[0].reported.onset.on
    builders.an_amendment(session, by=neurologist)
    session = InjectionSession.objects.get(pk=session.pk)
    change_session(
        session=session, by=neurologist, version=session.version, given_on=session.day_given + dt.timedelta(days=1)
    )
    onset = cycles_of(patient)[0].reported.onset
    assert (onset.number, onset.on) == (5, before + dt.timedelta(days=1))


# On the page of the next session


def body_of(response):
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.fixture
def following(patient, neurologist):
    return builders.a_planned_session(
        by=neurologist, visit=builders.a_visit(patient=patient, clinician=neurologist, hour=15)
    )


def test_last_cycle_is_shown_next_to_the_rows(given, following, client, neurologist):
    given(24)
    session = given(12)
    builders.a_response(session=session, onset_day=4, benefit_pain="marked", words="I slept on my side.")
    builders.an_event(session=session, severity="mild", began_day=6)
    client.force_login(neurologist)
    body = body_of(client.get(following.get_absolute_url()))
    assert f"Last cycle, {session.day_given.day} {session.day_given:%b %Y}" in body
    for words in ("onset day 4", "Pain: marked", "Dysphagia, mild", "from day 6", "I slept on my side."):
        assert words in body
    assert "No response recorded yet." not in body


def test_missing_response_shows_a_message(given, following, client, neurologist):
    given(12)
    client.force_login(neurologist)
    assert "No response recorded yet." in body_of(client.get(following.get_absolute_url()))


def test_first_session_has_no_last_cycle(following, client, neurologist):
    client.force_login(neurologist)
    assert "Last cycle" not in body_of(client.get(following.get_absolute_url()))


def test_last_cycle_shows_no_dose(given, following, client, neurologist):
    builders.a_response(session=given(12, doses=("4321.5", "8765.4")), onset_day=4)
    client.force_login(neurologist)
    body = body_of(client.get(following.get_absolute_url()))
    assert "4321.5" not in body
    assert "8765.4" not in body


# A date that is before *given on* since an amendment


@pytest.fixture
def amended(given, patient, neurologist):
    """Onset, wearing-off and an event on dates that an amendment of *given on* moved before the injections."""
    session, day = given(12), builders.today() - dt.timedelta(weeks=11)
    builders.a_response(session=session, onset_on=day, wearing_off_on=day + dt.timedelta(days=1))
    builders.an_event(session=session, began_on=day, ended_on=day)
    builders.an_amendment(session, by=neurologist)
    session.refresh_from_db()
    change_session(session=session, by=neurologist, version=session.version, given_on=day + dt.timedelta(days=20))
    builders.sign(session, by=neurologist)
    return builders.now(session)


def test_date_before_the_injections_has_no_number(amended, patient):
    (cycle,) = cycles_of(patient)
    day = amended.day_given - dt.timedelta(days=20)
    before = f"{format_date(day)} (before the injections)"
    assert str(cycle.reported.onset) == before
    assert before in cycle.responses[0].course_text()
    assert cycle.events[0].time_text() == f"from {before} until {before}"


def test_no_page_shows_a_negative_day(amended, patient, client, neurologist):
    client.force_login(neurologist)
    response = amended.responses.get()
    following = builders.a_planned_session(
        by=neurologist, visit=builders.an_arrived_visit(patient=patient, clinician=neurologist)
    )
    event = amended.adverse_events.get()
    paths = [each.get_absolute_url() for each in (patient, response, event, response.visit, following)]
    for path in (*paths, f"{patient.get_absolute_url()}summary/", f"{patient.get_absolute_url()}everything/"):
        page = client.get(path)
        assert page.status_code == 200
        assert "day -" not in body_of(page)
        assert "(before the injections)" in body_of(page), path


def test_chart_has_no_bar_before_the_injections(amended, patient):
    drawn = timeline(Course(patient), [])
    assert (len(drawn.sessions), drawn.responses) == (1, [])
    assert any("(before the injections)" in entry.text for entry in timeline_entries(Course(patient), []))


def test_change_of_such_a_response_requires_valid_dates(amended, neurologist):
    response = amended.responses.get()
    with pytest.raises(Refused, match=r"This is before .*, when the injections were given"):
        change_response(response=response, by=neurologist, version=response.version, note="Asked again")


# A number of days that is in the future since an amendment


@pytest.fixture
def postponed(given, patient, neurologist):
    """Onset, peak, wearing-off and an event by number, counted from a date that an amendment moved to yesterday."""
    session = given(12)
    builders.a_response(session=session, onset_day=0, peak_day=33, wearing_off_day=44)
    builders.an_event(session=session, began_day=33, ended_day=44)
    builders.an_amendment(session, by=neurologist)
    session.refresh_from_db()
    yesterday = builders.today() - dt.timedelta(days=1)
    change_session(session=session, by=neurologist, version=session.version, given_on=yesterday)
    builders.sign(session, by=neurologist)
    return builders.now(session)


def in_future(session, days):
    return f"{format_date(session.day_given + dt.timedelta(days=days))} (in the future)"


def test_day_in_the_future_has_no_number(postponed, patient):
    (cycle,) = cycles_of(patient)
    assert str(cycle.reported.onset).startswith("day 0 (")
    assert str(cycle.reported.peak) == in_future(postponed, 33)
    assert f"wearing-off {in_future(postponed, 44)}" in cycle.responses[0].course_text()
    assert cycle.events[0].time_text() == f"from {in_future(postponed, 33)} until {in_future(postponed, 44)}"


def test_no_page_shows_a_day_in_the_future(postponed, patient, client, neurologist):
    client.force_login(neurologist)
    response, event = postponed.responses.get(), postponed.adverse_events.get()
    paths = [each.get_absolute_url() for each in (patient, response, event, response.visit)]
    for path in (*paths, f"{patient.get_absolute_url()}summary/", f"{patient.get_absolute_url()}everything/"):
        body = body_of(client.get(path))
        assert in_future(postponed, 44) in body, path
        assert not re.search(r"day (33|44)\b", body), path


def test_chart_ends_today_despite_days_in_the_future(postponed, patient):
    drawn = timeline(Course(patient), [])
    (bar,) = drawn.responses
    assert bar.kind == "open"
    assert in_future(postponed, 44) in bar.text
    assert (drawn.events[0].x, drawn.event_bars) == (drawn.sessions[0].x, [])
    days = [entry.on for entry in timeline_entries(Course(patient), [])]
    assert max(days) <= builders.today()


def test_day_in_the_future_asks_for_a_valid_one(postponed, neurologist):
    response = postponed.responses.get()
    with pytest.raises(Refused, match="is in the future"):
        change_response(response=response, by=neurologist, version=response.version, note="Asked again")


# On the page of a visit


def test_visit_page_asks_for_responses_to_earlier_sessions(given, patient, neurologist):
    first, second = given(24), given(12)
    visit = builders.a_visit_after(second)
    assert sessions_to_respond_to(rows_of_visit(visit).before) == [second, first]
    assert sessions_to_respond_to(rows_of_visit(second.visit).before) == [first]


def test_visit_page_shows_assessment_and_responses(given, client, neurologist):
    session = given(12)
    visit = builders.a_visit_after(session)
    builders.an_assessment(visit=visit, by=neurologist, postures=[("torticaput", "left")])
    builders.a_response(session=session, visit=visit, onset_day=4)
    builders.an_event(session=session, visit=visit, severity="mild")
    client.force_login(neurologist)
    body = body_of(client.get(visit.get_absolute_url()))
    for words in ("Torticaput left", "onset day 4", "Dysphagia, mild", "Change the assessment", "Change the response"):
        assert words in body


def test_visit_page_shows_clinic_staff_no_course(given, client, staff, neurologist):
    session = given(12)
    visit = builders.a_visit_after(session)
    builders.an_assessment(visit=visit, by=neurologist, postures=[("torticaput", "left")])
    builders.an_event(session=session, visit=visit)
    client.force_login(staff)
    body = body_of(client.get(visit.get_absolute_url()))
    for words in ("Torticaput", "Dysphagia", "ssessment", "esponse"):
        assert words not in body
