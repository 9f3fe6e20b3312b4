"""Responses and adverse events: what is told of a session afterwards, by its days, checked in words, and corrected."""

import datetime as dt
from contextlib import contextmanager
from functools import partial
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError

from clinic.models import AuditEntry
from clinic.records.actions import mark_entered_in_error
from clinic.records.dates import day_in_words
from clinic.records.exceptions import Conflict, Refused
from patients.models import VisitState
from planning.course.actions.course import change_event, change_response, record_event, record_response
from planning.course.models.course_day import LATEST_DAY
from planning.course.models.response import DOMAINS
from planning.models import AdverseEvent, InjectionSession, Response
from planning.pages.actions.visits import change_visit_state
from planning.sessions.actions.sessions import change_session
from tests import builders
from tests.parallel import at_once

pytestmark = pytest.mark.django_db

YESTERDAY, TOMORROW = dt.timedelta(days=-1), dt.timedelta(days=1)


@pytest.fixture(scope="module")
def made_world(module_transaction):
    neurologist = builders.a_clinician()
    return SimpleNamespace(neurologist=neurologist, session=builders.a_session_of_weeks_ago(by=neurologist))


@pytest.fixture
def neurologist(world):
    return world.neurologist


@pytest.fixture
def session(world):
    """Given and signed twelve weeks ago."""
    return world.session


@pytest.fixture
def visit(session):
    return builders.arrive(builders.a_visit_after(session, weeks=6))


@pytest.fixture
def response(session, visit, neurologist):
    return builders.a_response(session=session, visit=visit, by=neurologist)


@pytest.fixture
def event(session, neurologist):
    return builders.an_event(session=session, by=neurologist)


def day(session, number):
    return session.day_given + dt.timedelta(days=number)


def change(record, *, by, version=None, **told):
    action = change_response if isinstance(record, Response) else change_event
    name = "response" if isinstance(record, Response) else "event"
    return action(**{name: record}, by=by, version=version or record.version, **told)


def stored():
    return [list(model.objects.order_by("pk").values()) for model in (Response, AdverseEvent)]


def last_entry():
    entry = AuditEntry.objects.order_by("-pk").first()
    return (
        entry.action,
        entry.object_type,
        entry.object_id,
        entry.actor,
        [row.patient_id for row in entry.patients.all()],
    )


@contextmanager
def refused(sentence, kind=Refused, field=None):
    """Inside, an action is refused with that sentence beside that field; nothing is stored or audited."""
    before = stored(), AuditEntry.objects.count()
    with pytest.raises(kind, match=sentence) as refusal:
        yield refusal
    assert refusal.value.field == field
    assert (stored(), AuditEntry.objects.count()) == before


# Recording and changing


def test_a_response_is_recorded_with_who_heard_it(session, visit, trainee):
    response = record_response(
        session=session, visit=visit, by=trainee, effect="response", onset_day=5, benefit_pain="marked", words="Better"
    )

    assert (response.session, response.visit, response.recorded_by) == (session, visit, trainee)
    assert (response.onset_day, response.benefit_pain, response.words) == (5, "marked", "Better")
    assert response.history.get().history_user == trainee
    assert last_entry() == ("recorded", "planning.response", response.pk, trainee, [visit.patient_id])


def test_an_event_is_recorded_at_a_visit_or_between_visits(session, visit, trainee):
    told_there = record_event(session=session, visit=visit, by=trainee, kind="ptosis", began_day=2)
    by_phone = record_event(session=session, by=trainee, kind="bruising")

    assert (told_there.visit, by_phone.visit) == (visit, None)
    assert (told_there.patient, by_phone.patient) == (visit.patient, visit.patient)
    assert by_phone.history.get().history_user == trainee
    assert last_entry() == ("recorded", "planning.adverseevent", by_phone.pk, trainee, [visit.patient_id])


@pytest.mark.usefixtures("session")  # before the test begins
@pytest.mark.parametrize("kind", ["response", "event"])
def test_a_change_is_stored_with_who_made_it(kind, request, trainee):
    record = request.getfixturevalue(kind)
    field = {"response": "note", "event": "measures"}[kind]

    changed = change(record, by=trainee, **{field: "Soft food"})

    assert (getattr(changed, field), changed.version) == ("Soft food", record.version + 1)
    assert changed.history.latest().history_user == trainee
    assert last_entry() == ("changed", record._meta.label_lower, record.pk, trainee, [record.patient.pk])


@pytest.mark.usefixtures("session")  # before the test begins
@pytest.mark.parametrize("kind", ["response", "event"])
def test_a_stale_change_is_a_conflict_and_a_repeat_of_what_is_stored_a_success(kind, request, neurologist, trainee):
    record = request.getfixturevalue(kind)
    days = {"response": {"onset_day": 4}, "event": {"began_day": 4}}[kind]
    change(record, by=trainee, **days)

    with refused("Another user has changed this", kind=Conflict) as refusal:
        change(record, by=neurologist, **dict.fromkeys(days, 5))
    assert refusal.value.current.version == record.version + 1

    before = stored(), AuditEntry.objects.count()
    assert change(record, by=neurologist, version=record.version, **days).version == record.version + 1
    assert (stored(), AuditEntry.objects.count()) == before


@pytest.mark.usefixtures("session")  # before the test begins
@pytest.mark.parametrize("kind", ["response", "event"])
def test_one_entered_in_error_is_not_changed(kind, request, neurologist):
    record = request.getfixturevalue(kind)
    mark_entered_in_error(record=record, reason="Other patient", by=neurologist, version=record.version)

    with refused("This is marked as entered in error: Other patient"):
        change(record, by=neurologist, version=record.version + 1, **{record.DAYS[0] + "_day": 3})


@pytest.mark.usefixtures("session")  # before the test begins
@pytest.mark.parametrize("kind", ["response", "event"])
def test_a_refused_change_leaves_the_record_in_hand_as_it_was(kind, request, neurologist):
    record = request.getfixturevalue(kind)
    name = record.DAYS[0] + "_on"

    with refused("when the injections were given", field=name):
        change(record, by=neurologist, **{name: record.session.day_given + YESTERDAY})
    assert getattr(record, name) is None


# Of which session, at which visit


def test_a_second_response_for_a_session_at_a_visit_is_refused_in_words(response, session, visit, trainee):
    with refused("A response was recorded after you opened this visit"):
        record_response(session=session, visit=visit, by=trainee, effect="no_response")

    later = builders.arrive(builders.a_visit_after(session))
    assert record_response(session=session, visit=later, by=trainee, effect="no_response").pk


def test_a_response_is_told_at_a_later_visit(session, neurologist):
    patient, given = session.visit.patient, session.visit
    before = builders.an_arrived_visit(patient=patient, clinician=neurologist, day=given.day + YESTERDAY)

    for visit in (given, before):
        with refused("Record a response at a visit after the session."):
            record_response(session=session, visit=visit, by=neurologist, effect="response")


def test_an_event_is_told_at_the_sessions_visit_or_a_later_one(session, neurologist):
    patient, given = session.visit.patient, session.visit
    before = builders.an_arrived_visit(patient=patient, clinician=neurologist, day=given.day + YESTERDAY)
    event = record_event(session=session, visit=given, by=neurologist, kind="fainting")

    assert event.visit == given
    with refused("That visit is before the session.", field="visit"):
        record_event(session=session, visit=before, by=neurologist, kind="fainting")
    with refused("That visit is before the session.", field="visit"):
        change(event, by=neurologist, visit=before)


def test_nothing_is_told_at_a_visit_that_fell_or_is_still_to_come(session, event, neurologist):
    patient = session.visit.patient
    fell = builders.a_visit(patient=patient, clinician=neurologist)
    fell = change_visit_state(
        visit=fell, state=VisitState.CANCELLED, by=neurologist, version=fell.version, reason="ill"
    )
    coming = builders.a_visit(patient=patient, clinician=neurologist, day=builders.today() + TOMORROW)

    for visit, sentence in ((fell, "The visit is cancelled"), (coming, "can be recorded from that day on")):
        with refused(sentence):
            record_response(session=session, visit=visit, by=neurologist, effect="response")
        with refused(sentence, field="visit"):
            record_event(session=session, visit=visit, by=neurologist, kind="ptosis")
        with refused(sentence, field="visit"):
            change(event, by=neurologist, visit=visit)


def test_an_event_that_was_told_at_a_visit_which_fell_since_is_still_changed(session, visit, neurologist):
    event = builders.an_event(session=session, visit=visit)
    change_visit_state(
        visit=visit, state=VisitState.ENTERED_IN_ERROR, by=neurologist, version=visit.version, reason="Other patient"
    )
    event = AdverseEvent.objects.get()

    assert change(event, by=neurologist, visit=event.visit, outcome="recovered").outcome == "recovered"
    assert change(event, by=neurologist, version=event.version + 1, visit=None).visit is None


def test_only_a_given_session_has_a_course(neurologist, session, visit):
    planned = builders.a_planned_session(by=neurologist, visit=session.visit)
    with refused("That session has no record of anything given."):
        record_response(session=planned, visit=visit, by=neurologist, effect="response")
    with refused("That session has no record of anything given."):
        record_event(session=planned, by=neurologist, kind="ptosis")

    given = builders.a_given_session(by=neurologist, visit=session.visit, product="Dysport")
    assert record_response(session=given, visit=visit, by=neurologist, effect="response").pk
    assert record_event(session=given, by=neurologist, kind="ptosis").pk

    builders.an_error(given, by=neurologist)
    with refused("That session is marked as entered in error."):
        record_event(session=given, by=neurologist, kind="ptosis")


def test_the_session_and_the_visit_are_one_persons(session, event, neurologist):
    strangers = builders.an_arrived_visit(clinician=neurologist, hour=15)

    with refused("That session belongs to another patient."):
        record_response(session=session, visit=strangers, by=neurologist, effect="response")
    with refused("That visit belongs to another patient.", field="visit"):
        record_event(session=session, visit=strangers, by=neurologist, kind="ptosis")
    with refused("That visit belongs to another patient.", field="visit"):
        change(event, by=neurologist, visit=strangers)

    # But once both records are one person, it is theirs
    builders.the_same_person(strangers.patient, session.visit.patient, by=neurologist)
    session = InjectionSession.objects.get(pk=session.pk)
    assert record_response(session=session, visit=strangers, by=neurologist, effect="response").pk
    assert record_event(session=session, visit=strangers, by=neurologist, kind="ptosis").pk


# Days


def test_of_a_day_typed_as_a_number_the_date_is_known_and_the_other_way_round(session, visit, neurologist):
    response = record_response(
        session=session, visit=visit, by=neurologist, effect="response",
        onset_day=3, peak_on=day(session, 14), wearing_off_day=70,
    )  # fmt: skip

    onset, peak = response.day_of("onset"), response.day_of("peak")
    assert (onset.number, onset.on, peak.number, peak.on) == (3, day(session, 3), 14, day(session, 14))
    assert str(peak) == f"day 14 ({day_in_words(day(session, 14))})"
    assert (response.onset_on, response.peak_day) == (None, None)
    assert builders.an_event(session=session).day_of("began") is None


def test_days_count_from_given_on_where_it_is_not_the_visits_day(visit, neurologist):
    session = builders.a_given_session(by=neurologist, visit=visit)
    session = change_session(session=session, by=neurologist, version=session.version, given_on=visit.day + TOMORROW)
    event = builders.an_event(session=session, began_day=2)

    assert event.day_of("began").on == visit.day + 3 * TOMORROW


def test_a_change_counts_from_given_on_as_it_is_now(visit, neurologist):
    # Given an event in hand, while the day of the injections is corrected
    session = builders.a_given_session(by=neurologist, visit=visit)
    event = builders.an_event(session=session)
    assert event.session.day_given == visit.day
    change_session(
        session=session,
        by=neurologist,
        version=InjectionSession.objects.get(pk=session.pk).version,
        given_on=visit.day + 5 * TOMORROW,
    )

    # Then a day that would have been possible before is refused
    with refused(f"before {day_in_words(visit.day + 5 * TOMORROW)}, when the injections were given", field="began_on"):
        change(event, by=neurologist, began_on=visit.day + 2 * TOMORROW)


def days_that_cannot_be(session):
    """What was typed, by what is wrong with it, each with sentence and field."""
    given, today = session.day_given, builders.today()
    return {
        Response: [
            (
                {"onset_on": given + YESTERDAY},
                f"before {day_in_words(given)}, when the injections were given",
                "onset_on",
            ),
            ({"wearing_off_on": given + YESTERDAY}, "when the injections were given", "wearing_off_on"),
            ({"onset_day": 7, "peak_day": 6}, "This is before day 7", "peak_day"),
            ({"onset_on": given + 7 * TOMORROW, "peak_day": 6}, "This is before day 7", "peak_day"),
            ({"peak_day": 20, "wearing_off_on": given + 19 * TOMORROW}, "is before day 20", "wearing_off_on"),
            ({"onset_day": 20, "wearing_off_day": 19}, "is before day 20", "wearing_off_day"),
            ({"onset_day": 3, "onset_on": given + 3 * TOMORROW}, "not both", "onset_on"),
            ({"peak_day": 0, "peak_on": given}, "not both", "peak_on"),
            ({"wearing_off_day": 9, "wearing_off_on": given + 3 * TOMORROW}, "not both", "wearing_off_on"),
            ({"onset_on": today + TOMORROW}, "is in the future", "onset_on"),
            ({"wearing_off_day": 3000}, "is in the future", "wearing_off_day"),
        ],
        AdverseEvent: [
            ({"began_on": given + YESTERDAY}, "when the injections were given", "began_on"),
            ({"began_day": 9, "ended_day": 8}, "This is before day 9", "ended_day"),
            ({"began_day": 1, "began_on": given + TOMORROW}, "not both", "began_on"),
            ({"ended_day": 1, "ended_on": given + TOMORROW}, "not both", "ended_on"),
            ({"ended_day": 3000}, "is in the future", "ended_day"),
        ],
    }


# Other facts that do not go together


def what_cannot_be(session):
    given = session.day_given
    consent = {"share": "yes", "share_on": given + 9 * TOMORROW}
    return {
        Response: [
            *(
                ({"effect": effect, **typed}, "Only a response has days", next(iter(typed)))
                for effect in ("no_response", "not_known")
                for typed in (
                    {"onset_day": 0}, {"onset_on": given}, {"peak_day": 1}, {"peak_on": given}, {"wearing_off_day": 1},
                    {"wearing_off_on": given},
                )
            ),
            ({"share": "yes"}, "Enter the date on which the patient consented", "share_on"),
            ({"share": "yes", "share_withdrawn_on": given}, (
"Enter the date on which the patient "
"consented"
), "share_on"),
            *(
                ({"share": share, name: given}, "does not consent or was not asked", name)
                for share in ("", "no")
                for name in ("share_on", "share_withdrawn_on")
            ),
            ({**consent, "share_withdrawn_on": given + 8 * TOMORROW}, (
"when the patient "
"consented"
), "share_withdrawn_on"),
        ],
        AdverseEvent: [
            ({"kind": "other"}, "Describe the event", "description"),
            ({"reported_on": given}, "Name the authority", "reported_to"),
            ({"report_reference": "R-1"}, "Name the authority", "reported_to"),
        ],
    }  # fmt: skip


@pytest.mark.parametrize("impossible", [days_that_cannot_be, what_cannot_be])
def test_what_cannot_be_is_refused_in_words_beside_its_field_whether_recorded_or_changed(
    impossible, session, response, event, neurologist
):
    cases = impossible(session)
    later = builders.arrive(builders.a_visit_after(session))
    record = {
        Response: partial(record_response, session=session, visit=later, by=neurologist),
        AdverseEvent: partial(record_event, session=session, by=neurologist),
    }
    first = {Response: {"effect": "response"}, AdverseEvent: {"kind": "ptosis"}}
    active = {Response: response, AdverseEvent: event}
    for model, typed, sentence, field in ((model, *case) for model, each in cases.items() for case in each):
        with refused(sentence, field=field):
            record[model](**{**first[model], **typed})
        with refused(sentence, field=field):
            change(active[model], by=neurologist, **typed)


def test_what_can_just_be_is_stored(session, neurologist):
    given, today = session.day_given, builders.today()
    told = (
        {"onset_day": 0, "peak_day": 0, "wearing_off_on": given},
        {"onset_on": given, "peak_day": 0},
        {"wearing_off_on": today},
        {"share": "yes", "share_on": given, "share_withdrawn_on": given},
        {"share": "no"},
    )
    for one in told:
        assert builders.a_response(session=session, **one).pk
    assert builders.a_response(session=session, effect="no_response").pk
    assert builders.an_event(session=session, kind="other", description="Hiccups").pk
    assert builders.an_event(session=session, reported_to="The agency", began_day=0, ended_day=0).pk


@pytest.mark.parametrize(
    "typed",
    [
        {"onset_day": LATEST_DAY + 1},
        {"onset_day": -1},
        {"peak_day": 10**30},
        {"effect": "miracle"},
        {"effect": ""},
        {"benefit_pain": "huge"},
        {"impression": "fine"},
        {"share": "may"},
        {"share": "yes", "share_on": dt.date(2999, 1, 1)},
    ],
    ids=str,
)
def test_what_is_no_answer_is_a_validation_error_and_nothing_worse(typed, session, response, neurologist):
    before = stored()
    with pytest.raises(ValidationError):
        builders.a_response(session=session, by=neurologist, **typed)
    with pytest.raises(ValidationError):
        change(response, by=neurologist, **typed)
    assert stored() == before


@pytest.mark.parametrize(
    "typed",
    [
        {"kind": "boredom"},
        {"began_day": LATEST_DAY + 1},
        {"severity": "deadly"},
        {"serious": "very"},
        {"outcome": "unclear"},
        {"reported_to": "The agency", "reported_on": dt.date(2999, 1, 1)},
    ],
    ids=str,
)
def test_what_is_no_answer_about_an_event_is_a_validation_error_too(typed, event, session, neurologist):
    before = stored()
    with pytest.raises(ValidationError):
        builders.an_event(session=session, by=neurologist, **typed)
    with pytest.raises(ValidationError):
        change(event, by=neurologist, **typed)
    assert stored() == before


# Entered in error


@pytest.mark.usefixtures("session")  # before the test begins
@pytest.mark.parametrize("kind", ["response", "event"])
def test_the_mark_and_its_undoing_are_audited(kind, request, neurologist, trainee):
    record = request.getfixturevalue(kind)

    marked = mark_entered_in_error(record=record, reason="Other patient", by=trainee, version=record.version)
    assert last_entry() == ("entered in error", record._meta.label_lower, record.pk, trainee, [record.patient.pk])
    assert (marked.error_reason, marked.error_by) == ("Other patient", trainee)
    assert marked.history.latest().history_user == trainee

    undone = builders.undo_in_error(marked, by=neurologist)
    assert last_entry()[::3] == ("undid entered in error", neurologist)
    assert not undone.is_in_error


def test_one_entered_in_error_makes_room_for_another_and_then_cannot_return(response, session, visit, neurologist):
    mark_entered_in_error(record=response, reason="x", by=neurologist, version=response.version)
    record_response(session=session, visit=visit, by=neurologist, effect="no_response")

    with refused("Another response already exists. Mark that one as entered in error first."):
        builders.undo_in_error(response, by=neurologist)


def test_standing_and_is_in_error_are_the_same_question(session, response, event, neurologist):
    for record in (builders.a_response(session=session), builders.an_event(session=session)):
        mark_entered_in_error(record=record, reason="x", by=neurologist, version=record.version)

    for model, active in ((Response, response), (AdverseEvent, event)):
        every = model.objects.all()
        assert set(every.active()) == {one for one in every if not one.is_in_error} == {active}


def test_a_patients_course_holds_that_of_the_same_person_and_of_nobody_else(session, response, event, neurologist):
    builders.a_response()
    other = builders.a_session_of_weeks_ago(by=neurologist, weeks=30)
    earlier = builders.a_response(session=other)
    builders.the_same_person(response.patient, other.visit.patient, by=neurologist)
    patient = type(response.patient).objects.get(pk=response.patient.pk)

    assert list(Response.objects.of_records(patient.record_ids())) == [earlier, response]
    assert list(AdverseEvent.objects.of_records(patient.record_ids())) == [event]


# In words


def test_every_field_of_a_response_appears_in_words(session, neurologist):
    given = session.day_given
    response = builders.a_response(
        session=session, onset_day=5, peak_on=given + 14 * TOMORROW, wearing_off_day=70, impression="much_better",
        words="I can drive", share="yes", share_on=given + 20 * TOMORROW, share_withdrawn_on=given + 21 * TOMORROW,
        note="Came alone", **dict.fromkeys(DOMAINS, "slight"),
    )  # fmt: skip

    assert response.in_words() == [
        (
            "Course",
            f"Response: onset day 5 ({day_in_words(given + 5 * TOMORROW)}), "
            f"peak day 14 ({day_in_words(given + 14 * TOMORROW)}), "
            f"wearing-off day 70 ({day_in_words(given + 70 * TOMORROW)})",
        ),
        (
            "Benefit",
            "muscle contractions: slight · pain: slight · range of motion: slight · quality of life: slight · "
            "control of movement: slight · daily tasks: slight",
        ),
        ("Global impression", "Much better"),
        ("Patient’s words", "I can drive"),
        (
            "Sharing these words",
            f"the patient consented on {day_in_words(given + 20 * TOMORROW)}, "
            f"and withdrew it on {day_in_words(given + 21 * TOMORROW)}",
        ),
        ("Note", "Came alone"),
    ]
    assert str(response) == f"Response to the session of {day_in_words(given)}"


def test_what_nobody_said_of_a_response_is_not_told(session):
    assert builders.a_response(session=session, effect="no_response").in_words() == [("Course", "No response")]


@pytest.mark.parametrize(
    ("share", "withdrawn", "words"),
    [
        ("", False, ""),
        ("no", False, "the patient does not consent"),
        ("yes", False, "the patient consented on"),
        ("yes", True, "and withdrew it on"),
    ],
)
def test_words_are_shared_as_long_as_the_patient_consents(share, withdrawn, words, session):
    today = builders.today()
    days = {"share_on": today} if share == "yes" else {}
    response = builders.a_response(
        session=session, share=share, **days, share_withdrawn_on=today if withdrawn else None
    )

    assert words in response.sharing_in_words()
    assert bool(response.sharing_in_words()) is bool(share)


def test_every_field_of_an_event_appears_in_words(session, visit):
    given = session.day_given
    event = builders.an_event(
        session=session, visit=visit, kind="other", description="Hiccups", began_day=2, ended_on=given + 9 * TOMORROW,
        severity="moderate", serious="no", measures="Soft food", outcome="recovered", reported_to="The agency",
        reported_on=given + 10 * TOMORROW, report_reference="R-17",
    )  # fmt: skip

    assert event.in_words() == [
        ("What", "Other"),
        ("Description", "Hiccups"),
        (
            "When",
            f"from day 2 ({day_in_words(given + 2 * TOMORROW)}) until day 9 ({day_in_words(given + 9 * TOMORROW)})",
        ),
        ("Severity", "Moderate"),
        ("Serious", "No"),
        ("Done or advised", "Soft food"),
        ("Outcome", "Recovered"),
        ("Reported to", f"The agency, {day_in_words(given + 10 * TOMORROW)}, reference R-17"),
        ("Reported at the visit of", day_in_words(visit.day)),
    ]
    assert str(event) == "Other, moderate"


def test_what_nobody_said_of_an_event_is_not_told(event):
    assert event.in_words() == [("What", "Dysphagia")]
    assert str(event) == "Dysphagia"


# Two at once


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_of_two_first_responses_at_once_one_is_made_and_the_other_refused_in_words():
    people = [builders.a_clinician() for _ in range(2)]
    session = builders.a_session_of_weeks_ago()
    for _ in range(5):
        visit = builders.arrive(builders.a_visit_after(session))
        made = at_once(
            *(partial(record_response, session=session, visit=visit, by=person, effect="response") for person in people)
        )
        assert sorted(type(one).__name__ for one in made) == ["Refused", "Response"], made
        refusal = next(one for one in made if isinstance(one, Refused))
        assert "A response was recorded after you opened this visit" in refusal.sentence
        assert visit.responses.count() == 1
