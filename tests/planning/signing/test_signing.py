"""Who can sign, when, only once, and when the patient is seen again."""

import datetime as dt
import threading

import pytest
from django.db import connection

from clinic.models import AuditEntry
from clinic.records.exceptions import Conflict, Refused
from patients.followups.actions import LATEST_WEEKS, SeeAgain
from patients.models import FollowUp, FollowUpKind, Patient, Visit
from planning.models import InjectionSession, SignedRecord
from planning.sessions.actions.injections import change_injection, remove_injection
from planning.sessions.actions.sessions import change_session
from planning.signing.models.signed_record import digest
from tests import builders
from tests.planning.signing.signatures import fresh, nothing_was_signed, sign

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def given(neurologist):
    return builders.a_given_session(by=neurologist)


# Who can, and when


def test_signing_needs_the_permission(given, trainee, staff, superuser, catalogue_manager, auditor):
    for person in (trainee, staff, superuser, catalogue_manager, auditor):
        with pytest.raises(Refused, match="Only a neurologist can sign"):
            sign(given, by=person)
    assert nothing_was_signed()


def test_neurologist_can_sign_a_trainees_session(neurologist, trainee):
    session = builders.a_given_session(by=trainee)

    record = sign(session, by=neurologist)

    names = {record.content[who]["name"] for who in ("operator", "recorder")}
    assert (names, record.signer) == ({"Dr T. Young"}, neurologist)


def no_product(session, by):
    InjectionSession.objects.filter(pk=session.pk).update(product=None)


def in_planning(session, by):
    builders.plan_again(session, by=by)


def no_rows(session, by):
    for row in session.injections.all():
        remove_injection(injection=row, product=row.session.product, by=by, version=row.version)


def no_operator(session, by):
    change_session(session=session, by=by, version=session.version, operator=None)


def visit_to_come(session, by):
    starts_at = session.visit.starts_at + dt.timedelta(days=3)
    Visit.objects.filter(pk=session.visit_id).update(starts_at=starts_at, ends_at=starts_at + dt.timedelta(hours=1))


def given_on_to_come(session, by):
    InjectionSession.objects.filter(pk=session.pk).update(given_on=builders.today() + dt.timedelta(days=3))


def visit_cancelled(session, by):
    Visit.objects.filter(pk=session.visit_id).update(state="no_show")


def signed_by_another(session, by):
    sign(session, by=builders.a_clinician())


OBSTACLES = {
    "Choose the product first": no_product,
    "Record what was given first": in_planning,
    "Add a muscle first": no_rows,
    "Select who injected": no_operator,
    "can be recorded from that day on": visit_to_come,
    "is in the future": given_on_to_come,
    "The visit is no-show": visit_cancelled,
    "This session is signed": signed_by_another,
}


@pytest.mark.parametrize("message", OBSTACLES)
def test_obstacle_is_named(message, neurologist, given):
    assert given.signing_obstacle() is None

    OBSTACLES[message](given, neurologist)

    records = SignedRecord.objects.count()
    assert message in fresh(given).signing_obstacle()
    with pytest.raises(Refused, match=message):
        sign(given, by=neurologist)
    assert SignedRecord.objects.count() == records


def test_empty_dose_can_be_signed(neurologist):
    session = builders.a_given_session(by=neurologist, doses=["1.11"])

    record = sign(session, by=neurologist)

    assert [row["given_dose"] for row in record.content["injections"]] == ["1.11", ""]


# When should the patient be seen again?


def test_number_of_weeks_counts_from_given_on(neurologist, given):
    given_on = builders.today() - dt.timedelta(days=10)
    session = change_session(session=given, by=neurologist, version=given.version, given_on=given_on)

    sign(session, by=neurologist, see_again=SeeAgain(weeks=12, why="Next one"))

    follow_up = FollowUp.objects.get()
    assert follow_up.due_on == given_on + dt.timedelta(weeks=12)
    assert (follow_up.patient, follow_up.kind, follow_up.why) == (
        given.patient,
        FollowUpKind.NEXT_INJECTION,
        "Next one",
    )
    assert follow_up.clinician == given.visit.clinician


def test_date_is_stored_as_entered(neurologist, other_neurologist, given):
    day = builders.today() + dt.timedelta(days=33)

    sign(
        given,
        by=neurologist,
        see_again=SeeAgain(on=day, kind=FollowUpKind.REVIEW, clinician=other_neurologist),
    )

    follow_up = FollowUp.objects.get()
    assert (follow_up.due_on, follow_up.kind, follow_up.clinician) == (day, "review", other_neurologist)


def test_no_follow_up_needs_a_reason_and_creates_none(neurologist, given):
    sign(given, by=neurologist, see_again=SeeAgain(no_follow_up_reason="Moves away"))

    patient = Patient.objects.get(pk=given.patient.pk)
    assert not FollowUp.objects.exists()
    assert (patient.no_follow_up_reason, patient.no_follow_up_by) == ("Moves away", neurologist)


TOMORROW = dt.date(2999, 1, 1)


@pytest.mark.parametrize(
    ("see_again", "message"),
    [
        (SeeAgain(), "Enter when"),
        (SeeAgain(on=TOMORROW, weeks=12), "only one of these"),
        (SeeAgain(on=TOMORROW, no_follow_up_reason="x"), "only one of these"),
        (SeeAgain(weeks=12, no_follow_up_reason="x"), "only one of these"),
        (SeeAgain(on=TOMORROW, weeks=12, no_follow_up_reason="x"), "only one of these"),
        (SeeAgain(weeks=0), "from 1 to"),
        (SeeAgain(weeks=-1), "from 1 to"),
        (SeeAgain(weeks=LATEST_WEEKS + 1), "from 1 to"),
        (SeeAgain(weeks=10**9), "from 1 to"),
    ],
)
def test_exactly_one_valid_answer_is_required(see_again, message, neurologist, given):
    with pytest.raises(Refused, match=message):
        sign(given, by=neurologist, see_again=see_again)
    assert nothing_was_signed()


@pytest.mark.parametrize("days", [0, -1, -100])
def test_follow_up_must_be_after_given_on(days, neurologist, given):
    with pytest.raises(Refused, match="Choose a date after"):
        sign(given, by=neurologist, see_again=SeeAgain(on=given.day_given + dt.timedelta(days=days)))
    assert nothing_was_signed()


# Once


def test_repeated_signature_returns_its_record(neurologist, given):
    shown = digest(given.content())

    first = sign(given, by=neurologist, content_hash=shown)
    again = sign(given, by=neurologist, content_hash=shown)

    assert first == again
    assert (SignedRecord.objects.count(), FollowUp.objects.count()) == (1, 1)


def test_second_signer_gets_a_message_that_it_is_signed(neurologist, other_neurologist, given):
    shown = digest(given.content())
    sign(given, by=neurologist, content_hash=shown)

    with pytest.raises(Refused, match="is signed"):
        sign(given, by=other_neurologist, content_hash=shown)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("see_again", [SeeAgain(weeks=12), SeeAgain(no_follow_up_reason="Moves away")])
def test_twenty_concurrent_signatures_create_one_record(see_again, neurologist, given):
    shown, answers = digest(given.content()), []
    ready = threading.Barrier(20)

    def click():
        try:
            ready.wait()
            answers.append(sign(given, by=neurologist, content_hash=shown, see_again=see_again).pk)
        except Exception as error:
            answers.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    record = SignedRecord.objects.get()
    assert answers == [record.pk] * 20
    assert FollowUp.objects.count() == (1 if see_again.weeks else 0)
    assert AuditEntry.objects.filter(action="signed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_concurrent_change_and_signature_never_sign_unseen(neurologist, trainee):
    for attempt in range(5):
        visit = builders.an_arrived_visit(clinician=neurologist, hour=8 + attempt)
        session = builders.a_given_session(by=neurologist, visit=visit)
        shown, answers = digest(session.content()), {}
        row = session.injections.in_order().first()
        ready = threading.Barrier(2)

        def try_to(name, act, ready=ready, answers=answers):
            try:
                ready.wait()
                act()
                answers[name] = "done"
            except Refused as refused:
                answers[name] = type(refused)
            finally:
                connection.close()

        acts = {
            "sign": lambda session=session, shown=shown: sign(session, by=neurologist, content_hash=shown),
            "change": lambda row=row: change_injection(
                injection=row, product=row.session.product, by=trainee, version=row.version, given_dose="9.99"
            ),
        }
        threads = [threading.Thread(target=try_to, args=item) for item in acts.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert answers in (
            {"sign": "done", "change": Refused},
            {"sign": Conflict, "change": "done"},
        )
        if answers["sign"] == "done":
            assert digest(session.record().content) == shown
