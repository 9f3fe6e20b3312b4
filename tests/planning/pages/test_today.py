"""Today and To sign: the day by the clinic's clock, and the next step, by role."""

import datetime as dt
import re

import pytest
import time_machine
from django.utils import timezone

from clinic.models import Clinic
from patients.models import VisitKind, VisitState
from planning.models import InjectionSession
from planning.pages.actions.visits import change_visit_state
from planning.pages.steps import next_step
from tests import builders
from tests.planning.session_pages.sending import sign
from tests.row_copies import making

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(client, neurologist):
    client.force_login(neurologist)
    return client


def body_of(response):
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def visits_on(page):
    """The visits shown, in their order."""
    return [row["visit"] for row in page.context["rows"]]


# Which visits


def test_visits_are_listed_by_time(doctor, neurologist):
    late = builders.a_visit(clinician=neurologist, hour=15)
    early = builders.a_visit(clinician=neurologist, hour=8)
    builders.a_visit(clinician=neurologist, day=builders.today() + dt.timedelta(days=1))
    builders.a_visit(clinician=neurologist, day=builders.today() - dt.timedelta(days=1))
    page = doctor.get("/")
    assert visits_on(page) == [early, late]
    assert body_of(page).index("08:00") < body_of(page).index("15:00")


def test_clinician_sees_own_visits_and_can_show_all(doctor, neurologist, other_neurologist):
    mine = builders.a_visit(clinician=neurologist)
    theirs = builders.a_visit(clinician=other_neurologist)
    assert visits_on(doctor.get("/")) == [mine]
    assert visits_on(doctor.get("/?whose=all")) == [mine, theirs]
    assert visits_on(doctor.get("/?whose=mine")) == [mine]
    assert visits_on(doctor.get("/?whose=nobody")) == [mine]


def test_clinic_staff_see_all_visits(client, staff):
    visits = [builders.a_visit(hour=9), builders.a_visit(hour=11)]
    client.force_login(staff)
    page = client.get("/")
    assert visits_on(page) == visits
    assert 'name="whose"' not in body_of(page)


def test_other_dates_are_reached_by_links_and_date(doctor, neurologist):
    tomorrow = builders.today() + dt.timedelta(days=1)
    visit = builders.a_visit(clinician=neurologist, day=tomorrow)
    page = body_of(doctor.get("/"))
    assert f"?day={tomorrow:%Y-%m-%d}&amp;whose=mine" in page
    assert f"?day={builders.today() - dt.timedelta(days=1):%Y-%m-%d}&amp;whose=mine" in page
    assert visits_on(doctor.get(f"/?day={tomorrow:%Y-%m-%d}")) == [visit]
    assert f"{tomorrow:%A} {tomorrow.day} {tomorrow:%B %Y}" in body_of(doctor.get(f"/?day={tomorrow:%Y-%m-%d}"))


@pytest.mark.parametrize(
    "day", ["tomorrow", "2026-02-30", "0001-01-01", "9999-12-31", "99999-01-01", "٢٠٢٦-٠١-٠١x", "x" * 500, "2026-1-"]
)
@pytest.mark.sample(3)
def test_unreadable_date_is_reported_and_today_shown(doctor, neurologist, day):
    visit = builders.a_visit(clinician=neurologist)
    page = doctor.get("/", {"day": day})
    assert "This date is not valid. Today is shown." in body_of(page)
    assert visits_on(page) == [visit]


@pytest.mark.parametrize("day", ["2000-01-01", "2099-12-31"])
def test_first_and_last_possible_dates_are_shown(doctor, day):
    assert "No visits on this day" in body_of(doctor.get("/", {"day": day}))


def test_empty_day_shows_a_message_and_offers_all_visits(doctor):
    assert "Show all clinicians" in body_of(doctor.get("/"))
    assert "Show all clinicians" not in body_of(doctor.get("/?whose=all"))


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles", "Asia/Kolkata", "Europe/London"])
def test_dates_around_midnight_use_the_clinics_time_zone(doctor, neurologist, zone):
    # Given a clinic far from Greenwich, and visits at the two ends of its day
    Clinic.objects.update(time_zone=zone)
    day = dt.date(2026, 3, 10)
    last = builders.a_visit(clinician=neurologist, day=day, hour=23, minute=30, minutes=20)
    first = builders.a_visit(clinician=neurologist, day=day, hour=0, minute=0, minutes=20)
    builders.a_visit(clinician=neurologist, day=day - dt.timedelta(days=1), hour=23, minute=30)
    builders.a_visit(clinician=neurologist, day=day + dt.timedelta(days=1), hour=0, minute=30)

    # When it is 23:40 there, and just after midnight there
    with time_machine.travel(builders.at(day, 23, 40), tick=False):
        doctor.force_login(neurologist)
        page = doctor.get("/")
        assert visits_on(page) == [first, last]
        assert "Tuesday 10 March 2026" in body_of(page)
        assert "23:30" in body_of(page)
    with time_machine.travel(builders.at(day, 0, 5), tick=False):
        doctor.force_login(neurologist)
        assert visits_on(doctor.get("/")) == [first, last]


@pytest.mark.parametrize("day", [dt.date(2026, 3, 29), dt.date(2026, 10, 25)])
def test_days_with_a_clock_change_show_all_visits(doctor, neurologist, day):
    early = builders.a_visit(clinician=neurologist, day=day, hour=0, minute=10, minutes=5)
    late = builders.a_visit(clinician=neurologist, day=day, hour=23, minute=50, minutes=5)
    assert visits_on(doctor.get(f"/?day={day}")) == [early, late]


def test_two_hundred_visits_are_on_one_page(doctor):
    for _ in range(2):
        with making() as made:
            builders.a_visit(hour=1)
        made.again(99)
    page = body_of(doctor.get("/?whose=all"))
    assert page.count('class="num time"') == 200


# Rows


def a_visit_in(state, *, by):
    visit = builders.a_visit(clinician=by)
    steps = {
        VisitState.BOOKED: [],
        VisitState.ARRIVED: [VisitState.ARRIVED],
        VisitState.FINISHED: [VisitState.ARRIVED, VisitState.FINISHED],
        VisitState.CANCELLED: [VisitState.CANCELLED],
        VisitState.NO_SHOW: [VisitState.NO_SHOW],
        VisitState.ENTERED_IN_ERROR: [VisitState.ENTERED_IN_ERROR],
    }[state]
    for step in steps:
        visit = change_visit_state(
            visit=visit, state=step, by=by, version=visit.version, reason="why", again=builders.AGAIN
        )
    return visit


@pytest.mark.parametrize("state", VisitState)
def test_visit_state_is_shown_with_its_label(doctor, neurologist, state):
    a_visit_in(state, by=neurologist)
    assert re.search(rf">{state.label}( \d\d:\d\d)?</a>", body_of(doctor.get("/")))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (builders.a_planned_session, "Planned"),
        (builders.a_given_session, "Given, not signed"),
        (builders.a_signed_session, "Signed"),
    ],
)
def test_session_state_is_shown_with_its_label(doctor, neurologist, make, words):
    make(by=neurologist)
    assert f">{words}</span>" in body_of(doctor.get("/"))


def test_two_sessions_of_a_visit_show_two_states(doctor, neurologist):
    session = builders.a_given_session(by=neurologist)
    builders.a_planned_session(by=neurologist, visit=session.visit, product="Dysport")
    page = body_of(doctor.get("/"))
    assert page.index(">Given, not signed</span>") < page.index(">Planned</span>")


SESSIONS = {
    "none": lambda visit, by: None,
    "planned": lambda visit, by: builders.a_planned_session(by=by, visit=visit),
    "given": lambda visit, by: builders.a_given_session(by=by, visit=visit),
    "signed": lambda visit, by: builders.a_signed_session(by=by, visit=visit),
}
# Visit, session: the next step of a neurologist, a trainee and clinic staff.
STEPS = [
    ("booked", "none", "Mark arrived", "Mark arrived", "Mark arrived"),
    ("booked", "planned", "Mark arrived", "Mark arrived", "Mark arrived"),
    ("booked", "given", "Sign", "Continue recording", "Mark arrived"),
    ("arrived", "none", "Plan a session", "Plan a session", "Mark finished"),
    ("arrived", "planned", "Record session", "Record session", "Mark finished"),
    ("arrived", "given", "Sign", "Continue recording", "Mark finished"),
    ("arrived", "signed", "Open record", "Open record", "Mark finished"),
    ("finished", "none", "Open visit", "Open visit", "Open visit"),
    ("finished", "given", "Sign", "Continue recording", "Open visit"),
    ("finished", "signed", "Open record", "Open record", "Open visit"),
    ("cancelled", "none", "Open visit", "Open visit", "Open visit"),
    ("no_show", "none", "Open visit", "Open visit", "Open visit"),
    ("entered_in_error", "none", "Open visit", "Open visit", "Open visit"),
]


@pytest.mark.parametrize(("state", "session", "neurologists", "trainees", "desks"), STEPS)
@pytest.mark.sample(2)
def test_next_step_depends_on_the_role(
    state, session, neurologists, trainees, desks, neurologist, trainee, staff, client
):
    visit = a_visit_in(VisitState(state), by=neurologist)
    SESSIONS[session](visit, neurologist)
    for person, label in ((neurologist, neurologists), (trainee, trainees), (staff, desks)):
        client.force_login(person)
        page = client.get("/?whose=all")
        assert page.context["rows"][0]["step"].label == label
        # And the step is what its own address takes
        step = page.context["rows"][0]["step"]
        if not step.posts:
            assert client.get(step.url).status_code == 200
        assert re.search(rf">\s*{label}<span", page.content.decode())


def test_review_offers_no_session_to_plan(doctor, neurologist):
    visit = builders.an_arrived_visit(clinician=neurologist, kind=VisitKind.REVIEW)
    assert next_step(visit, [], neurologist).label == "Open visit"


def test_buttons_of_today_change_the_state(doctor, neurologist):
    visit = builders.a_visit(clinician=neurologist)
    sent = {"state": "arrived", "version": visit.version, "next": "/?whose=mine"}
    response = doctor.post(f"/visits/{visit.pk}/state/", sent)
    assert response["Location"] == "/?whose=mine"
    row = doctor.get("/").context["rows"][0]
    key = row["plan_form"]["submission_key"].value()
    response = doctor.post(row["step"].url, {"submission_key": key})
    assert response["Location"] == InjectionSession.objects.get().get_absolute_url()


def test_similar_names_are_marked_across_clinicians(doctor, neurologist):
    for family_name, hour, clinician in (
        ("Andersson", 8, neurologist), ("Anderson", 9, builders.a_clinician()), ("Żółw", 10, neurologist),
    ):  # fmt: skip
        builders.a_visit(
            patient=builders.a_patient(family_name=family_name, given_name="Anna"), clinician=clinician, hour=hour
        )
    page = doctor.get("/")
    assert [(str(row["visit"].patient), row["similar_name"]) for row in page.context["rows"]] == [
        ("ANDERSSON, Anna", True),
        ("ŻÓŁW, Anna", False),
    ]
    assert body_of(page).count("similar name today") == 1


def test_two_visits_of_one_patient_are_not_marked_as_similar(doctor, neurologist):
    patient = builders.a_patient()
    for hour in (8, 9):
        builders.a_visit(patient=patient, clinician=neurologist, hour=hour)
    assert "similar name today" not in body_of(doctor.get("/"))


def test_open_follow_ups_are_listed_overdue_first(doctor, neurologist):
    later = builders.a_follow_up(due_on=builders.today() + dt.timedelta(days=9))
    overdue = builders.a_follow_up(due_on=builders.today() - dt.timedelta(days=4))
    today = builders.a_follow_up(due_on=builders.today())
    closed = builders.a_follow_up()
    from patients.followups.actions import close_follow_up

    close_follow_up(follow_up=closed, reason="came", by=neurologist, version=closed.version)
    page = doctor.get("/")
    assert [follow_up for follow_up, _ in page.context["follow_ups"]] == [overdue, today, later]
    body = body_of(page)
    assert "4 days overdue" in body
    assert "due today" in body


def test_today_shows_no_dose_and_no_muscle(doctor, neurologist):
    builders.a_signed_session(by=neurologist, doses=("4321.5",))
    page = body_of(doctor.get("/"))
    assert "4321.5" not in page
    assert "Sternocleidomastoid" not in page


# To sign


def waiting(page):
    return list(page.context["sessions"])


def test_own_given_sessions_await_signing_oldest_first(doctor, neurologist, trainee, other_neurologist):
    days = [builders.today() - dt.timedelta(days=days) for days in (1, 200, 30)]
    sessions = {
        day: builders.a_given_session(by=neurologist, visit=builders.a_visit(clinician=neurologist, day=day))
        for day in days
    }
    builders.a_planned_session(by=neurologist)  # nothing given
    builders.a_given_session(by=other_neurologist)  # another user's to sign
    page = doctor.get("/to-sign/")
    assert waiting(page) == [sessions[day] for day in sorted(days)]
    assert 'To sign <span class="count">3</span>' in body_of(page)


def test_trainees_session_awaits_every_signer(doctor, client, trainee, other_neurologist):
    session = builders.a_given_session(by=trainee)
    assert waiting(doctor.get("/to-sign/")) == [session]
    client.force_login(other_neurologist)
    assert waiting(client.get("/to-sign/")) == [session]


def test_trainees_session_at_own_visit_awaits_the_signer(doctor, neurologist, trainee):
    session = builders.a_given_session(by=trainee, visit=builders.an_arrived_visit(clinician=neurologist))
    assert waiting(doctor.get("/to-sign/")) == [session]


def test_session_with_only_a_vial_awaits_signing(doctor, neurologist):
    session = builders.record(builders.a_planned_session(by=neurologist), by=neurologist)
    assert waiting(doctor.get("/to-sign/")) == []
    builders.a_vial(session=session, by=neurologist)
    assert waiting(doctor.get("/to-sign/")) == [session]


def test_signed_session_no_longer_awaits_signing(doctor, neurologist):
    session = builders.a_given_session(by=neurologist)
    assert "To sign" in body_of(doctor.get("/"))
    assert sign(doctor, session).status_code == 302
    page = doctor.get("/to-sign/")
    assert "No sessions to sign." in body_of(page)
    assert "/to-sign/" not in body_of(doctor.get("/"))


def test_users_who_cannot_sign_see_no_list_to_sign(client, trainee):
    builders.a_given_session(by=trainee)
    client.force_login(trainee)
    assert "/to-sign/" not in body_of(client.get("/"))


def test_today_is_the_start_page_with_diary_permission(doctor):
    with timezone.override("UTC"):
        assert doctor.get("/start/")["Location"] == "/"
        assert timezone.get_current_timezone_name() == "UTC"  # the clinic's zone is that of its requests


# The next patient


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (("booked", "booked"), 0),
        (("booked", "arrived"), 1),
        (("arrived", "arrived"), 0),
        (("signed", "booked"), 1),
        (("signed", "arrived"), 1),
        (("finished", "booked"), 1),
        (("signed", "finished"), None),
    ],
)
@pytest.mark.sample(2)
def test_next_patient_is_here_or_else_to_come(doctor, neurologist, made, expected):
    for number, what in enumerate(made):
        visit = builders.a_visit(clinician=neurologist, hour=8 + number)
        if what != "booked":
            visit = builders.arrive(visit)
        if what == "signed":
            builders.a_signed_session(by=neurologist, visit=visit)
        if what == "finished":
            builders.finish(visit, by=neurologist)
    page = doctor.get("/")
    marked = [number for number, row in enumerate(page.context["rows"]) if row["is_next"]]
    assert marked == ([] if expected is None else [expected])
    assert body_of(page).count('data-key="n"') == len(marked)


def test_every_text_of_a_row_is_escaped(doctor, neurologist):
    """The rows are written without templates."""
    neurologist.printed_name = "Dr <i>"
    neurologist.save()
    patient = builders.a_patient(family_name='<b>"')
    builders.a_visit(patient=patient, clinician=neurologist)
    page = body_of(doctor.get("/"))
    assert "<strong>&lt;B&gt;&quot;, Given</strong>" in page
    assert '<span class="visually-hidden">, &lt;B&gt;&quot;, Given</span>' in page
    assert "Dr &lt;i&gt;" in page
    assert not re.search(r"<B>|<i>", page)
