"""The figures of the overview: what is counted, in which month, and the weeks between sessions."""

import datetime as dt

import pytest
from django.utils import timezone

from clinic.models import Clinic
from clinic.records.actions import mark_entered_in_error
from patients.models import Visit, VisitState
from planning.models import InjectionSession
from planning.pages.actions.visits import change_visit_state
from planning.reports.overview_figures import Span, median_text
from planning.sessions.actions.injections import add_injection, change_injection
from planning.sessions.actions.sessions import change_session, plan_session
from tests import builders
from tests.planning.reports.overview_history import TODAY, a_signed_session, an_event, of

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

NAMES = ["signed", "finished", "no_shows", "cancelled"]


@pytest.fixture(autouse=True)
def at_the_clinic():
    """By the clock of the clinic, as in a request."""
    with timezone.override(Clinic.ours().zone):
        yield


@pytest.fixture
def in_auckland():
    """Thirteen hours before UTC; the days of the clinic and of the database differ most of the time."""
    Clinic.objects.update(time_zone="Pacific/Auckland")
    with timezone.override("Pacific/Auckland"):
        yield


@pytest.fixture
def kolkata():
    Clinic.objects.update(time_zone="Asia/Kolkata")
    with timezone.override("Asia/Kolkata"):
        yield


def on(session, day):
    """Its *given on* is that day; stored as if it had been typed before it was signed."""
    made = builders.an_amendment(session, by=session.operator)
    session = InjectionSession.objects.get(pk=session.pk)
    change_session(session=session, by=session.operator, version=session.version, given_on=day)
    builders.sign(session, by=session.operator)
    return made


def ended(visit, state, *, by):
    if state is VisitState.FINISHED:
        visit = change_visit_state(visit=visit, state=VisitState.ARRIVED, by=by, version=visit.version)
    reason = {"reason": "x"} if state is VisitState.CANCELLED else {}
    again = {"again": builders.AGAIN} if state is VisitState.FINISHED else {}
    return change_visit_state(visit=visit, state=state, by=by, version=visit.version, **reason, **again)


def counts_of(shown, what):
    """By month, those that are not zero."""
    return {f"{month.begins:%Y-%m}": count for month in shown.months if (count := getattr(month, what))}


# The months


@pytest.mark.parametrize(
    ("months", "last", "first"),
    [
        (12, dt.date(2026, 11, 20), dt.date(2025, 12, 1)),
        (12, dt.date(2026, 12, 31), dt.date(2026, 1, 1)),
        (12, dt.date(2027, 1, 1), dt.date(2026, 2, 1)),
        (24, dt.date(2028, 2, 29), dt.date(2026, 3, 1)),
        (60, dt.date(2026, 11, 20), dt.date(2021, 12, 1)),
    ],
)
def test_span_is_whole_months_up_to_today(months, last, first):
    span = Span(months, last)
    assert span.first == first
    assert len(list(span)) == months
    assert list(span)[-1] == last.replace(day=1)


def test_months_without_entries_are_listed():
    assert [month.begins.day for month in of(24).months] == [1] * 24


# Signed sessions


def test_signed_sessions_are_counted_by_month_given(neurologist):
    for day in (dt.date(2026, 11, 1), dt.date(2026, 11, 20), dt.date(2026, 10, 31), dt.date(2025, 12, 1)):
        a_signed_session(by=neurologist, day=day)
    a_signed_session(by=neurologist, day=dt.date(2025, 11, 30))
    a_signed_session(by=neurologist, day=dt.date(2026, 11, 21))
    assert counts_of(of(), "signed") == {"2025-12": 1, "2026-10": 1, "2026-11": 2}
    assert of().total("signed") == 4


def test_plans_and_unsigned_sessions_are_not_counted(neurologist):
    day = dt.date(2026, 10, 5)
    builders.a_given_session(by=neurologist, visit=builders.a_visit(clinician=neurologist, day=day))
    builders.a_planned_session(by=neurologist, visit=builders.a_visit(clinician=neurologist, day=day, hour=12))
    assert counts_of(of(), "signed") == {}


def test_session_in_error_is_not_counted_until_undone(neurologist):
    session = a_signed_session(by=neurologist, day=dt.date(2026, 10, 5))
    builders.an_error(session, by=neurologist)
    assert counts_of(of(), "signed") == {}
    builders.undo_error(session, by=neurologist)
    assert counts_of(of(), "signed") == {"2026-10": 1}


def test_session_being_amended_is_counted_once(neurologist):
    session = a_signed_session(by=neurologist, day=dt.date(2026, 10, 5))
    builders.an_amendment(session, by=neurologist)
    assert counts_of(of(), "signed") == {"2026-10": 1}


@pytest.mark.parametrize(
    ("visit_on", "given_on", "counted_in"),
    [
        (dt.date(2026, 10, 1), dt.date(2026, 9, 30), {"2026-09": 1}),
        (dt.date(2025, 12, 1), dt.date(2025, 11, 30), {}),
        (dt.date(2025, 11, 30), dt.date(2025, 12, 1), {"2025-12": 1}),
        (dt.date(2024, 1, 1), dt.date(2026, 3, 3), {"2026-03": 1}),
    ],
)
def test_changed_given_on_decides_the_month(visit_on, given_on, counted_in, neurologist):
    on(a_signed_session(by=neurologist, day=visit_on), given_on)
    assert counts_of(of(), "signed") == counted_in


@pytest.mark.parametrize("zone", ["in_auckland", "kolkata"])
def test_session_late_on_the_last_day_belongs_to_that_month(zone, request, neurologist):
    request.getfixturevalue(zone)
    a_signed_session(by=neurologist, day=dt.date(2026, 9, 30), hour=23, minute=30)
    a_signed_session(by=neurologist, day=dt.date(2026, 10, 1), hour=0, minute=10)
    assert counts_of(of(), "signed") == {"2026-09": 1, "2026-10": 1}


@pytest.mark.parametrize("zone", ["in_auckland", "kolkata"])
def test_span_starts_and_ends_at_midnight_of_the_clinic(zone, request, neurologist):
    request.getfixturevalue(zone)
    for day in (dt.date(2025, 12, 1), TODAY):
        a_signed_session(by=neurologist, day=day, hour=0, minute=0)
        a_signed_session(by=neurologist, day=day, hour=23, minute=30)
    a_signed_session(by=neurologist, day=dt.date(2025, 11, 30), hour=23, minute=30)
    a_signed_session(by=neurologist, day=TODAY + dt.timedelta(days=1), hour=0, minute=0)
    assert counts_of(of(), "signed") == {"2025-12": 2, "2026-11": 2}


def test_days_given_of_a_queryset_match_each_session(neurologist):
    """SessionQuerySet.with_given_day() and given_between() agree with `day_given`."""
    changed = a_signed_session(by=neurologist, day=dt.date(2026, 10, 1))
    on(changed, dt.date(2026, 9, 30))
    late = a_signed_session(by=neurologist, day=dt.date(2026, 10, 31), hour=23, minute=30)
    builders.a_planned_session(
        by=neurologist, visit=builders.a_visit(clinician=neurologist, day=dt.date(2026, 10, 15), hour=0, minute=5)
    )
    sessions = InjectionSession.objects.with_given_day()
    assert {session.pk: session.given_day for session in sessions} == {
        session.pk: session.day_given for session in sessions
    }
    for first, last in ((dt.date(2026, 9, 30), dt.date(2026, 9, 30)), (dt.date(2026, 10, 1), dt.date(2026, 10, 31))):
        within = {session.pk for session in sessions if first <= session.day_given <= last}
        assert set(InjectionSession.objects.given_between(first, last).values_list("pk", flat=True)) == within
    assert late.pk in within


# Visits


@pytest.mark.parametrize("state", [VisitState.FINISHED, VisitState.NO_SHOW, VisitState.CANCELLED])
def test_visits_are_counted_by_how_they_ended(state, neurologist):
    what = {"finished": "finished", "no_show": "no_shows", "cancelled": "cancelled"}[state]
    ended(builders.a_visit(clinician=neurologist, day=dt.date(2026, 10, 5)), state, by=neurologist)
    assert counts_of(of(), what) == {"2026-10": 1}
    assert all(counts_of(of(), other) == {} for other in NAMES if other != what)


def test_visits_that_have_not_ended_are_not_counted(neurologist):
    builders.a_visit(clinician=neurologist, day=dt.date(2026, 10, 5))
    builders.an_arrived_visit(clinician=neurologist, day=dt.date(2026, 10, 6))
    wrong = builders.a_visit(clinician=neurologist, day=dt.date(2026, 10, 7))
    change_visit_state(
        visit=wrong, state=VisitState.ENTERED_IN_ERROR, by=neurologist, version=wrong.version, reason="x"
    )
    assert all(counts_of(of(), what) == {} for what in NAMES)


@pytest.mark.parametrize("zone", ["in_auckland", "kolkata"])
def test_visit_late_on_the_last_day_belongs_to_that_month(zone, request, neurologist):
    request.getfixturevalue(zone)
    for day, hour, minute in ((dt.date(2026, 9, 30), 23, 30), (dt.date(2026, 10, 1), 0, 10)):
        visit = builders.a_visit(clinician=neurologist, day=day, hour=hour, minute=minute)
        ended(visit, VisitState.NO_SHOW, by=neurologist)
    assert counts_of(of(), "no_shows") == {"2026-09": 1, "2026-10": 1}


def test_visit_after_today_is_not_counted(neurologist):
    tomorrow = builders.a_visit(clinician=neurologist, day=builders.today() + dt.timedelta(days=1))
    ended(tomorrow, VisitState.CANCELLED, by=neurologist)
    assert of(last=builders.today()).total("cancelled") == 0
    assert of(last=builders.today() + dt.timedelta(days=1)).total("cancelled") == 1


def test_moved_visit_is_not_counted_as_cancelled(neurologist):
    visit = builders.a_visit(clinician=neurologist, day=dt.date(2026, 10, 5))
    ended(visit, VisitState.CANCELLED, by=neurologist)
    follower = builders.a_visit(clinician=neurologist, day=dt.date(2026, 10, 9))
    assert of().total("cancelled") == 1
    Visit.objects.filter(pk=follower.pk).update(moved_from=visit)
    assert of().total("cancelled") == 0


# Follow-ups


def test_overdue_and_very_late_follow_ups_are_counted(neurologist):
    today = builders.today()
    for days in (-1, 0, 1, 28, 29, 90):
        builders.a_follow_up(clinician=neurologist, due_on=today - dt.timedelta(days=days))
    shown = of(last=today)
    assert (shown.overdue, shown.very_late) == (4, 2)


# Adverse events


def events_of(shown):
    return [(each.kind.label, each.count, each.serious) for each in shown.events]


def test_adverse_events_are_counted_by_kind_and_seriousness(neurologist):
    session = a_signed_session(by=neurologist, day=dt.date(2026, 10, 5))
    an_event(session, by=neurologist, kind="bruising", serious="no")
    an_event(session, by=neurologist, serious="yes")
    an_event(session, by=neurologist)
    assert events_of(of()) == [("Dysphagia", 2, 1), ("Bruising", 1, 0)]
    assert of().serious == 1


def test_adverse_events_are_counted_on_their_sessions_date(neurologist):
    an_event(a_signed_session(by=neurologist, day=dt.date(2025, 11, 30)), by=neurologist)
    assert events_of(of()) == []
    assert events_of(of(24)) == [("Dysphagia", 1, 0)]


def test_adverse_event_of_an_unsigned_session_is_counted(neurologist):
    visit = builders.a_visit(clinician=neurologist, day=dt.date(2026, 10, 5))
    an_event(builders.a_given_session(by=neurologist, visit=visit), by=neurologist)
    assert events_of(of()) == [("Dysphagia", 1, 0)]


def test_events_in_error_or_of_sessions_in_error_are_ignored(neurologist):
    session = a_signed_session(by=neurologist, day=dt.date(2026, 10, 5))
    wrong = an_event(session, by=neurologist)
    mark_entered_in_error(record=wrong, reason="x", by=neurologist, version=wrong.version)
    assert events_of(of()) == []
    an_event(session, by=neurologist)
    builders.an_error(session, by=neurologist)
    assert events_of(of()) == []


# Weeks between sessions

FIRST = dt.date(2026, 6, 1)


def given_after(*days, by, patient=None, first=FIRST):
    """A person with signed sessions on the first day, and so many days after it."""
    patient = patient or builders.a_patient()
    return [a_signed_session(by=by, patient=patient, day=first + dt.timedelta(days=day)) for day in (0, *days)]


@pytest.mark.parametrize(("days", "weeks"), [(1, 0), (6, 0), (7, 1), (83, 11), (84, 12), (90, 12), (91, 13)])
@pytest.mark.sample(3)
def test_whole_weeks_are_counted(days, weeks, neurologist):
    given_after(days, by=neurologist)
    assert of().weeks == {weeks: 1}


def test_intervals_are_between_consecutive_sessions(neurologist):
    given_after(84, 154, by=neurologist)
    assert of().weeks == {10: 1, 12: 1}


def test_two_patients_have_no_common_interval(neurologist):
    given_after(by=neurologist)
    given_after(by=neurologist, first=FIRST + dt.timedelta(days=84))
    assert of().weeks == {}
    assert median_text(of().weeks) == ""


def test_interval_belongs_to_the_span_in_which_it_ends(neurologist):
    # Before this time, from before into it, and within it
    given_after(70, 154, 245, by=neurologist, first=dt.date(2025, 8, 4))
    assert of().weeks == {12: 1, 13: 1}
    assert of(24).weeks == {10: 1, 12: 1, 13: 1}
    assert of(12, last=dt.date(2026, 4, 5)).weeks == {10: 1, 12: 1}


def test_sessions_on_one_date_count_as_one(neurologist):
    first, second = given_after(84, by=neurologist)
    for session in (first, second):
        again = plan_session(visit=session.visit, by=neurologist, product=builders.a_product("Dysport"))
        add_injection(session=again, product=again.product, muscle=builders.a_muscle(), side="left", by=neurologist)
        again = builders.record(again, by=neurologist)
        row = again.injections.get()
        change_injection(
            injection=row, product=row.session.product, by=neurologist, version=row.version, given_dose="1.11"
        )
        again.refresh_from_db()
        change_session(session=again, by=neurologist, version=again.version, operator=neurologist)
        builders.sign(again, by=neurologist)
    assert of().total("signed") == 4
    assert of().weeks == {12: 1}


def test_session_in_error_does_not_split_an_interval(neurologist):
    sessions = given_after(35, 84, by=neurologist)
    assert of().weeks == {5: 1, 7: 1}
    builders.an_error(sessions[1], by=neurologist)
    assert of().weeks == {12: 1}


def test_unsigned_session_does_not_split_an_interval(neurologist):
    sessions = given_after(84, by=neurologist)
    between = builders.a_visit(clinician=neurologist, patient=sessions[0].patient, day=FIRST + dt.timedelta(days=35))
    builders.a_given_session(by=neurologist, visit=between)
    assert of().weeks == {12: 1}


@pytest.mark.parametrize("chief_comes", ["first", "later"])
def test_linked_records_count_as_one_patient(chief_comes, neurologist):
    one, other = builders.a_patient(), builders.a_patient()
    given_after(by=neurologist, patient=one)
    given_after(by=neurologist, patient=other, first=FIRST + dt.timedelta(days=84))
    assert of().weeks == {}
    chief, same = (one, other) if chief_comes == "first" else (other, one)
    builders.the_same_person(chief, same, by=neurologist)
    assert of().weeks == {12: 1}


def test_third_linked_record_with_an_earlier_session_counts(neurologist):
    """The one that ends the interval and the one that begins it are both other records than the chief."""
    chief, one, other = (builders.a_patient() for _ in range(3))
    given_after(by=neurologist, patient=one, first=dt.date(2025, 10, 6))
    given_after(by=neurologist, patient=other, first=dt.date(2025, 12, 29))
    for record in (one, other):
        builders.the_same_person(chief, record, by=neurologist)
    assert of().weeks == {12: 1}


def test_interval_is_counted_from_given_on(neurologist):
    first, _ = given_after(84, by=neurologist)
    on(first, FIRST - dt.timedelta(days=7))
    assert of().weeks == {13: 1}


@pytest.mark.parametrize("zone", ["in_auckland", "kolkata"])
def test_interval_uses_dates_of_the_clinics_time_zone(zone, request, neurologist):
    """Late on one date and early on another: fewer than twelve times 168 hours, and still twelve weeks."""
    request.getfixturevalue(zone)
    patient = builders.a_patient()
    a_signed_session(by=neurologist, patient=patient, day=FIRST, hour=23, minute=30)
    a_signed_session(by=neurologist, patient=patient, day=FIRST + dt.timedelta(days=84), hour=0, minute=10)
    assert of().weeks == {12: 1}


@pytest.mark.parametrize(
    ("weeks", "words"),
    [
        ({}, ""),
        ({12: 1}, "The median is 12 weeks."),
        ({1: 3}, "The median is 1 week."),
        ({10: 1, 12: 1}, "The median is between 10 and 12 weeks."),
        ({10: 1, 12: 2}, "The median is 12 weeks."),
        ({10: 2, 12: 1, 20: 1}, "The median is between 10 and 12 weeks."),
        ({10: 5, 12: 1, 99: 2}, "The median is 10 weeks."),
    ],
)
def test_median_is_shown_as_text(weeks, words):
    assert median_text(weeks) == words
