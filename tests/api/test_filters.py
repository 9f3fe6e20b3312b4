"""Each filter of a list finds exactly the matching rows."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from clinic.api.router import RESOURCES
from clinic.models import AuditEntry, Clinic
from clinic.records import audit_log
from patients.followups.actions import SeeAgain, close_follow_up
from patients.models import FollowUp, Visit, VisitLength, VisitState
from patients.waiting.actions import remove_from_waiting_list
from planning.models import AdverseEvent, Assessment, InjectionSession, LetterTemplate, Response, Score, SessionState
from planning.pages.actions.visits import change_visit_state
from planning.sessions.actions.reviews import answer_review, ask_for_review
from planning.sessions.actions.sessions import change_session
from planning.signing.actions.endings import end_as_not_done
from tests import builders, letters

pytestmark = pytest.mark.django_db

COMMON = {"cursor", "page_size", "ordering"}
COURSE = {"patient", "visit", "session"}
# All that can be asked of each list; each is tried below.
FILTERS = {
    "patients": {"updated_since"},
    "visits": {"day", "from", "to", "clinician", "patient", "state"},
    "follow-ups": {"state", "overdue", "clinician", "patient"},
    "waiting-list": {"state", "kind", "clinician", "patient"},
    "working-hours": {"clinician"},
    "absences": {"clinician"},
    "delays": {"clinician", "day"},
    "free-times": {"clinician", "kind", "minutes", "from"},
    "sessions": {"patient", "visit", "state"},
    "reviews": {"session", "asked_by", "open"},
    "letters": {"patient", "session", "signed_off"},
    "letter-templates": {"retired"},
    "assessments": COURSE, "scores": COURSE, "responses": COURSE, "adverse-events": COURSE,
    "lots": {"lot", "match"},
    "audit": {"patient", "actor", "since", "until", "action", "outcome"},
}  # fmt: skip


def test_every_filter_is_tested():
    documented = {}
    for prefix, resource in RESOURCES.items():
        names = set(resource.query_of("list")().fields) - COMMON if "list" in resource.permissions else ()
        documented |= {prefix: names} if names else {}
    assert documented == FILTERS


# Visits


@pytest.fixture
def visits(neurologist, other_neurologist):
    """One of each state, on four days, of two clinicians."""
    first = builders.a_patient()
    made = [
        builders.a_visit(
            patient=first if place % 2 else None, clinician=(neurologist, other_neurologist)[place % 3 == 0],
            day=builders.today() - dt.timedelta(days=place % 4), hour=8 + place,
        )
        for place in range(6)
    ]  # fmt: skip
    finished = builders.finish(builders.arrive(made[2]))
    assert finished.state == VisitState.FINISHED
    builders.arrive(made[1])
    for visit, state in zip(made[3:], ("cancelled", "no_show", "entered_in_error"), strict=True):
        change_visit_state(
            visit=visit, state=VisitState(state), by=visit.clinician, version=visit.version, reason="ill"
        )
    return list(Visit.objects.order_by("pk"))


def test_visits_by_state_patient_and_clinician(visits, found):
    for state in VisitState:
        assert found("visits", state=state.value, ordering="id") == [one.pk for one in visits if one.state == state]
    patient, clinician = visits[1].patient_id, visits[0].clinician_id
    of_patient = [one.pk for one in visits if one.patient_id == patient]
    of_clinician = [one.pk for one in visits if one.clinician_id == clinician]
    assert found("visits", patient=patient, ordering="id") == of_patient
    assert found("visits", clinician=clinician, ordering="id") == of_clinician
    assert 0 < len(of_patient) < len(visits) > len(of_clinician) > 0
    both = [pk for pk in of_patient if pk in of_clinician]
    assert found("visits", patient=patient, clinician=clinician, ordering="id") == both
    assert found("visits", patient=999_999) == found("visits", clinician=visits[0].patient_id + 10_000) == []


@pytest.mark.engine
def test_visits_by_day(visits, found):
    days = sorted({visit.day for visit in visits})
    for day in days:
        assert set(found("visits", day=day)) == {one.pk for one in visits if one.day == day}
        assert set(found("visits", from_=day)) == {one.pk for one in visits if one.day >= day}
        assert set(found("visits", to=day)) == {one.pk for one in visits if one.day <= day}
    between = found("visits", from_=days[1], to=days[2])
    assert between == [one.pk for one in sorted(visits, key=lambda one: one.starts_at) if days[1] <= one.day <= days[2]]
    assert found("visits", from_=days[2], to=days[1]) == []


@pytest.mark.engine
@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Europe/London", dt.date(2026, 7, 1)),
        ("Europe/London", dt.date(2026, 3, 29)),  # of 23 hours
        ("Europe/London", dt.date(2026, 10, 25)),  # of 25 hours
        ("America/New_York", dt.date(2026, 7, 1)),
        ("Pacific/Auckland", dt.date(2026, 4, 5)),  # of 25 hours
        ("Asia/Kolkata", dt.date(2026, 7, 1)),
    ],
)
def test_dates_use_the_time_zone_of_the_clinic(zone, day, found):
    Clinic.objects.update(time_zone=zone)
    before, after = day - dt.timedelta(days=1), day + dt.timedelta(days=1)
    clinician = builders.a_clinician()
    made = {
        name: builders.a_visit(clinician=clinician, day=on, hour=hour, minute=minute, minutes=5).pk
        for name, on, hour, minute in (
            ("last before", before, 23, 55), ("first", day, 0, 0), ("last", day, 23, 55), ("first after", after, 0, 0),
        )
    }  # fmt: skip
    assert found("visits", day=day) == [made["first"], made["last"]]
    assert found("visits", day=before) == [made["last before"]]
    assert found("visits", from_=day) == [made["first"], made["last"], made["first after"]]
    assert found("visits", to=day) == [made["last before"], made["first"], made["last"]]
    assert found("visits", from_=day, to=day) == found("visits", day=day)


# The waiting list


def test_waiting_list_by_state_kind_patient_and_clinician(found, neurologist, staff):
    waiting, kind = builders.a_waiting_entry(clinician=neurologist), builders.a_waiting_entry(kind="injection")
    removed, booked = builders.a_waiting_entry(), builders.a_waiting_entry()
    remove_from_waiting_list(entry=removed, reason="No longer needed", by=staff, version=1)
    builders.a_visit(patient=booked.patient, kind="review", day=builders.today() + dt.timedelta(days=3))
    for state, entries in {"open": [waiting, kind], "removed": [removed], "booked": [booked]}.items():
        assert set(found("waiting-list", state=state)) == {entry.pk for entry in entries}
    assert found("waiting-list", kind="injection") == [kind.pk]
    assert found("waiting-list", clinician=neurologist.pk) == [waiting.pk]
    assert found("waiting-list", patient=removed.patient_id) == [removed.pk]


# Follow-ups


@pytest.mark.engine
def test_follow_ups_by_state_overdue_patient_and_clinician(found, neurologist, other_neurologist, staff):
    # Given follow-ups in all that can become of one
    today = builders.today()
    late, to_come = today - dt.timedelta(days=9), today + dt.timedelta(days=9)

    def a_follow_up(due_on, clinician=neurologist):
        return builders.a_follow_up(due_on=due_on, clinician=clinician)

    def booked(due_on):
        follow_up = a_follow_up(due_on)
        return follow_up, builders.a_visit(
            patient=follow_up.patient, clinician=builders.a_clinician(), follow_up=follow_up
        )

    overdue, open_one = a_follow_up(late), a_follow_up(to_come, other_neurologist)
    due_today = a_follow_up(today)
    aside, left = a_follow_up(late), a_follow_up(late, builders.a_clinician())
    builders.a_contact(aside, how="phone", outcome="reached", by=staff, call_again_on=today + dt.timedelta(days=3))
    left.clinician.groups.clear()
    active, _ = booked(late)
    missed, visit = booked(late)
    change_visit_state(visit=visit, state=VisitState.NO_SHOW, by=staff, version=visit.version)
    closed = a_follow_up(late)
    close_follow_up(follow_up=closed, reason="Moved away", by=staff, version=closed.version)
    finished, visit = booked(late)
    builders.finish(builders.arrive(visit), again=SeeAgain(no_follow_up_reason="cured"))

    # Then each is in one state
    states = {
        "open": {overdue, open_one, due_today, aside, left, missed}, "booked": {active}, "closed": {closed, finished},
    }  # fmt: skip
    for state, expected in states.items():
        assert set(found("follow-ups", state=state)) == {one.pk for one in expected}
    everything = set(FollowUp.objects.values_list("pk", flat=True))
    assert set(found("follow-ups")) == everything == {one.pk for each in states.values() for one in each}

    # And is overdue as in the list of the front desk
    assert set(found("follow-ups", overdue="true")) == {overdue.pk, missed.pk}
    assert set(found("follow-ups", overdue="false")) == everything - {overdue.pk, missed.pk}
    assert found("follow-ups", overdue="true", state="closed") == []
    assert set(FollowUp.objects.overdue(today).values_list("pk", flat=True)) == {overdue.pk, missed.pk}

    # And belongs to a clinician
    assert found("follow-ups", patient=closed.patient_id) == [closed.pk]
    assert found("follow-ups", clinician=other_neurologist.pk) == [open_one.pk]


@pytest.mark.engine
def test_follow_up_state_matches_the_filter(api, neurologist):
    builders.a_follow_up(due_on=builders.today() - dt.timedelta(days=1), clinician=neurologist)
    for query in ("state=open", "overdue=true", "state=open&overdue=true"):
        [row] = api(neurologist).get(f"follow-ups/?{query}").json()["results"]
        assert (row["state"], row["overdue"]) == ("open", True)


# Sessions and the course


@pytest.fixture
def sessions(neurologist):
    """One in each state."""
    places = iter(range(1, 20))

    def visit():
        return builders.a_visit(clinician=neurologist, day=builders.today() - dt.timedelta(days=next(places)))

    made = {
        SessionState.PLANNED: builders.a_planned_session(by=neurologist, visit=visit()),
        SessionState.GIVEN: builders.a_given_session(by=neurologist, visit=visit()),
        SessionState.SIGNED: builders.a_signed_session(by=neurologist, visit=visit()),
        SessionState.AMENDED: builders.an_amended_session(by=neurologist, visit=visit()),
        SessionState.BEING_AMENDED: builders.a_signed_session(by=neurologist, visit=visit()),
        SessionState.NOT_DONE: builders.a_planned_session(by=neurologist, visit=visit()),
        SessionState.ENTERED_IN_ERROR: builders.a_signed_session(by=neurologist, visit=visit()),
    }
    builders.an_amendment(made[SessionState.BEING_AMENDED], by=neurologist)
    not_done = made[SessionState.NOT_DONE]
    end_as_not_done(session=not_done, reason="ill", by=neurologist, version=not_done.version, again=SeeAgain(weeks=3))
    builders.an_error(made[SessionState.ENTERED_IN_ERROR], by=neurologist)
    return made


@pytest.mark.engine
def test_sessions_by_state_patient_and_visit(sessions, found, api, neurologist):
    assert set(sessions) == set(SessionState)
    for state, session in sessions.items():
        assert found("sessions", state=state.value) == [session.pk]
        assert found("sessions", patient=session.patient.pk) == [session.pk]
        assert found("sessions", visit=session.visit_id) == [session.pk]
        assert found("sessions", visit=session.visit_id, state="planned") == [session.pk] * (state == "planned")
    assert {row["id"]: row["state"] for row in api(neurologist).get("sessions/").json()["results"]} == {
        session.pk: state.value for state, session in sessions.items()
    }
    assert set(found("sessions")) == {session.pk for session in sessions.values()}


@pytest.mark.engine
def test_vial_or_date_alone_counts_as_given(found, neurologist):
    by_vial, by_day = (
        builders.record(builders.a_planned_session(by=neurologist, visit=builders.a_visit()), by=neurologist)
        for _ in range(2)
    )
    builders.a_vial(session=by_vial, by=neurologist)
    change_session(session=by_day, by=neurologist, version=by_day.version, given_on=builders.today())
    assert found("sessions", state="given") == [by_vial.pk, by_day.pk]
    assert found("sessions", state="planned") == []


def test_reviews_by_session_author_and_open(found, neurologist, trainee):
    asked, answered = (
        ask_for_review(session=builders.a_planned_session(by=by, visit=builders.a_visit()), question="", by=by)
        for by in (neurologist, trainee)
    )
    answer_review(review=answered, answer="Yes", sent_back=False, by=neurologist, version=1)
    assert found("reviews", session=asked.session_id) == [asked.pk]
    assert found("reviews", asked_by=trainee.pk) == [answered.pk]
    assert found("reviews", open="true") == [asked.pk]
    assert found("reviews", open="false") == [answered.pk]


def test_letters_by_patient_session_and_sign_off(found, neurologist):
    draft, signed_off = (letters.a_letter(by=builders.a_clinician()) for _ in range(2))
    letters.sign_off(signed_off, by=neurologist)
    assert found("letters", session=draft.session_id) == [draft.pk]
    assert found("letters", patient=signed_off.patient.pk) == [signed_off.pk]
    assert found("letters", signed_off="true") == [signed_off.pk]
    assert found("letters", signed_off="false") == [draft.pk]


def test_letter_templates_by_retirement(found):
    retired = letters.a_template("Dear colleague", retired_at=timezone.now())
    assert found("letter-templates", retired="true") == [retired.pk]
    assert retired.pk not in found("letter-templates", retired="false")
    assert len(found("letter-templates")) == LetterTemplate.objects.count()


def test_course_records_by_patient_visit_and_session(found, neurologist):
    # Given two patients, each with an earlier session and its course
    for _ in range(2):
        session = builders.a_session_of_weeks_ago(by=builders.a_clinician())
        builders.an_assessment(visit=session.visit, by=neurologist, scores=[(builders.an_instrument("Tsui"), 9)])
        response = builders.a_response(session=session, by=neurologist)
        builders.an_event(session=session, by=neurologist, visit=response.visit)
    reported_at = response.visit_id
    for what, model, visit in (
        ("assessments", Assessment, session.visit_id), ("scores", Score, session.visit_id),
        ("responses", Response, reported_at), ("adverse-events", AdverseEvent, reported_at),
    ):  # fmt: skip
        last = model.objects.latest("pk").pk
        assert len(found(what)) == 2
        for asked in ({"patient": session.patient.pk}, {"visit": visit}, {"session": session.pk}):
            assert found(what, **asked) == [last], (what, asked)
        assert found(what, patient=session.patient.pk, visit=999_999) == []


@pytest.mark.engine
def test_lots_ignoring_case_spaces_and_hyphens(found, neurologist):
    session = builders.a_given_session(by=neurologist)
    builders.a_vial(session=session, lot_number="C-1234 x")
    for lot in ("C-1234 x", "c1234X", " C 12-34x"):
        assert found("lots", lot=lot) == found("lots", lot=lot, match="exact") == [session.pk]
    assert found("lots", lot="D-1234") == found("lots", lot="C-1234 x", match="possible") == []


@pytest.mark.engine
def test_possible_lots_are_marked(api, found, neurologist):
    exact = builders.a_given_session(by=neurologist)
    builders.a_vial(session=exact, lot_number="C-1234")
    visit = builders.an_arrived_visit(clinician=neurologist, hour=16)
    possible = builders.a_given_session(by=neurologist, visit=visit)
    builders.a_vial(session=possible, lot_number="LOT C1234.")
    rows = api(neurologist).get("lots/?lot=c1234").json()["results"]
    assert {row["session"]: row["match"] for row in rows} == {exact.pk: "exact", possible.pk: "contains"}
    assert {lot["match"] for row in rows for lot in row["lots"]} == {"exact", "contains"}
    assert found("lots", lot="C1234", match="exact") == [exact.pk]
    assert found("lots", lot="C1234", match="possible") == [possible.pk]
    assert found("lots", lot="(10)C1234(17)270831", match="exact") == [exact.pk]


def test_too_many_possible_lots_are_rejected(api, found, neurologist, monkeypatch):
    monkeypatch.setattr("planning.sessions.models.lot.MOST_POSSIBLE", 0)
    monkeypatch.setattr("planning.reports.lot_search.MOST_POSSIBLE", 0)
    session = builders.a_given_session(by=neurologist)
    builders.a_vial(session=session, lot_number="C1234")
    builders.a_vial(session=session, lot_number="LOT C1234")
    response = api(neurologist).get("lots/?lot=c1234")
    assert (response.status_code, list(response.json()["errors"])) == (400, ["lot"])
    assert found("lots", lot="C1234", match="exact") == [session.pk]


# The audit trail


NINE = dt.datetime(2026, 5, 4, 9, tzinfo=dt.UTC)


@pytest.mark.engine
def test_audit_entries_by_record_number_actor_and_time(found, api, auditor, staff, trainee):
    with time_machine.travel(NINE, tick=False):
        patient = builders.a_patient(by=staff, record_number="RN-7")
        other = builders.a_patient(by=trainee, record_number="RN-77")
        audit_log.record("read", by=staff, patients=[patient.pk, other.pk])

    def entries(**asked):
        return set(AuditEntry.objects.filter(**asked).values_list("pk", flat=True))

    last = AuditEntry.objects.latest("pk").pk
    of_patient = entries(patients__patient_id=patient.pk)
    assert len(of_patient) == 2
    asking = (("audit", patient.pk), ("audit/search", "RN-7"), ("audit/search", "rn-7"))
    for what, one in asking:
        asked = {"record_number" if what == "audit/search" else "patient": one}
        assert {pk for pk in found(what, **asked) if pk <= last} == of_patient
    assert set(found("audit", actor=staff.pk)) == entries(actor=staff)
    assert set(found("audit", actor=staff.pk, patient=other.pk)) == entries(actor=staff, patients__patient_id=other.pk)
    assert found("audit/search", record_number="RN-777") == found("audit", patient=999_999) == []
    assert set(found("audit", actor=auditor.pk, since="2026-05-04T09:00:00Z")) == entries(actor=auditor)
    assert found("audit", actor=staff.pk, since="2026-05-04T09:00:01Z") == []
    assert len(found("audit", actor=staff.pk, since="2026-05-04T09:00:00Z")) == 2
    assert found("audit", actor=staff.pk, until="2026-05-04T09:00:00Z") == []
    assert set(found("audit", actor=staff.pk, action="read", outcome="done")) == entries(actor=staff, action="read")
    assert found("audit", actor=staff.pk, outcome="refused") == []


# Free times, and what cannot be asked


@pytest.mark.engine
def test_free_times_by_clinician_kind_minutes_and_day(api, staff, neurologist, other_neurologist):
    for clinician in (neurologist, other_neurologist):
        builders.hours(clinician)
    monday = builders.today() + dt.timedelta(days=14 - builders.today().weekday())
    builders.a_visit(clinician=neurologist, day=monday, hour=9, minutes=60)

    def times(**asked):
        words = "&".join(f"{name.removesuffix('_')}={value}" for name, value in asked.items())
        rows = api(staff).get(f"free-times/?{words}").json()["results"]
        return [(row["clinician"], parse_datetime(row["starts_at"]), row["minutes"]) for row in rows]

    mine = times(clinician=neurologist.pk, minutes=45, from_=monday)
    assert mine[0] == (neurologist.pk, builders.at(monday, 10), 45)
    assert {clinician for clinician, _, _ in times(kind="review", from_=monday)} >= {other_neurologist.pk}
    lengths = {kind: {minutes for _, _, minutes in times(kind=kind, from_=monday)} for kind in ("review", "injection")}
    stored = dict(VisitLength.objects.values_list("kind", "minutes"))
    assert lengths == {kind: {stored[kind]} for kind in lengths}
    assert all(start.date() >= monday for _, start, _ in times(minutes=30, from_=monday))


def test_patient_filter_includes_the_same_person(found, neurologist):
    patient, other, stranger = (builders.a_patient() for _ in range(3))
    of_person = {}
    for weeks, one in enumerate((patient, other, stranger), start=12):
        session = builders.a_signed_session_of(one, by=neurologist, weeks_ago=weeks)
        visit = builders.an_arrived_visit(patient=one, clinician=builders.a_clinician(), hour=weeks)
        scored = [(builders.an_instrument("Tsui"), 3)]
        assessment = builders.an_assessment(visit=visit, by=neurologist, scores=scored)
        made = {
            "sessions": session, "visits": visit, "assessments": assessment, "scores": assessment.scores.get(),
            "letters": letters.a_letter(session=session, by=neurologist),
            "follow-ups": builders.a_follow_up(patient=one, clinician=neurologist),
            "waiting-list": builders.a_waiting_entry(patient=one, by=neurologist),
            "responses": builders.a_response(session=session, visit=visit, by=neurologist),
            "adverse-events": builders.an_event(session=session, by=neurologist),
        }  # fmt: skip
        if one != stranger:
            of_person = {kind: {*of_person.get(kind, ()), record.pk} for kind, record in made.items()}
    builders.the_same_person(patient, other, by=neurologist)
    for kind, ids in of_person.items():
        for one in (patient, other):
            assert ids <= set(found(kind, patient=one.pk)), kind
            assert not set(found(kind, patient=one.pk)) & set(found(kind, patient=stranger.pk)), kind


def test_hours_and_absences_by_clinician(found, neurologist, other_neurologist):
    made = {
        "working-hours": [builders.hours(one).working_hours for one in (neurologist, other_neurologist)],
        "absences": [builders.an_absence(clinician=one) for one in (neurologist, other_neurologist)],
        "delays": [builders.a_delay(clinician=one) for one in (neurologist, other_neurologist)],
    }
    for kind, records in made.items():
        assert found(kind, ordering="id") == [one.pk for one in records]
        for one in records:
            assert found(kind, clinician=one.clinician_id) == [one.pk]


def test_delays_by_day(found, neurologist):
    delay = builders.a_delay(clinician=neurologist)
    assert found("delays", day=str(delay.day)) == [delay.pk]
    assert found("delays", day=str(delay.day - dt.timedelta(days=1))) == []


OF_PATIENT = {
    "coverage": builders.a_coverage, "therapies": builders.a_therapy, "consents": builders.a_consent,
    "information": builders.some_information,
}  # fmt: skip


@pytest.mark.parametrize("kind", OF_PATIENT)
def test_records_under_a_patient_are_of_the_person(kind, api, found, neurologist):
    people = [builders.a_patient() for _ in range(3)]
    ids = [OF_PATIENT[kind](patient=one, by=neurologist).pk for one in people]
    builders.the_same_person(people[0], people[1], by=neurologist)
    for one in people[:2]:
        assert found(f"patients/{one.pk}/{kind}", ordering="id") == ids[:2]
        for pk, owner in zip(ids[:2], people, strict=False):
            assert api(neurologist).get(f"patients/{one.pk}/{kind}/{pk}/").json()["patient"] == owner.pk
        assert api(neurologist).get(f"patients/{one.pk}/{kind}/{ids[2]}/").status_code == 404
    assert found(f"patients/{people[2].pk}/{kind}", ordering="id") == ids[2:]


REFUSED = [
    "visits/?day=x", "visits/?day=2026-02-30", "visits/?day=1999-12-31", "visits/?from=01.02.2026",
    "visits/?to=2100-01-01", "visits/?clinician=x", "visits/?clinician=0", "visits/?clinician=-1",
    f"visits/?patient={2**63}", "visits/?patient=1.5", "visits/?state=open", "visits/?state=",
    "visits/?day=2026-01-01&day=2026-01-02", "follow-ups/?state=overdue", "follow-ups/?overdue=x",
    "sessions/?state=x", "sessions/?visit=", "assessments/?session=x", "patients/?updated_since=x",
    "patients/?updated_since=0001-01-01T00:00:00%2B14:00", "lots/", "lots/?lot=", "lots/?lot=%25",
    f"lots/?lot={'a' * 61}", "lots/?match=x&lot=c1234", "free-times/", "free-times/?kind=x",
    "free-times/?minutes=0", "free-times/?minutes=601",
]  # fmt: skip


def test_unreadable_filter_value_is_rejected_by_name(api, neurologist):
    for path in REFUSED:
        response = api(neurologist).get(path)
        assert response.status_code == 400, path
        name = {"lots/": "lot", "free-times/": "kind"}.get(path) or path.partition("?")[2].partition("=")[0]
        assert list(response.json()["errors"]) == [name], path
    assert InjectionSession.objects.count() == 0
