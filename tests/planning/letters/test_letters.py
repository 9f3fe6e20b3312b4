"""Letters about a session: what they contain, when they are final, and how they are sent."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from clinic.models import AuditEntry
from clinic.records.dates import format_date
from clinic.records.exceptions import Conflict, Refused
from planning.letters.actions.letters import change_letter, record_sending, replace_letter, sign_off_letter
from planning.models import InjectionSession, Letter, LetterSending, LetterTemplate
from planning.signing.actions.endings import end_as_not_done
from tests import builders, letters

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def signed(neurologist):
    patient = builders.a_patient(family_name="Okafor", given_name="Ada", record_number="RN-7")
    session = builders.a_given_session(by=neurologist, visit=builders.an_arrived_visit(patient=patient))
    builders.sign(session, by=neurologist)
    return InjectionSession.objects.get(pk=session.pk)


@pytest.fixture
def not_done(neurologist):
    session = builders.a_planned_session(by=neurologist)
    again = builders.AGAIN
    return end_as_not_done(session=session, reason="Infection", by=neurologist, version=session.version, again=again)


def amended(session, by):
    builders.an_amendment(session, by=by)
    builders.amend(session, by=by)
    builders.sign(InjectionSession.objects.get(pk=session.pk), by=by)


def draft(signed, neurologist, text="{injections}"):
    return letters.a_letter(session=signed, by=neurologist, template=letters.a_template(text))


def changed(letter, by, text):
    return change_letter(letter=letter, by=by, version=letter.version, recipient="Dr R", text=text)


def given_doses(session):
    return [row["given_dose"] for row in session.record().content["injections"] if row["given_dose"]]


def test_draft_has_filled_placeholders_and_no_dose(signed, neurologist):
    letter = letters.a_letter(session=signed, by=neurologist)
    assert str(neurologist) in letter.text
    assert [line for line in letter.text.split("\n") if "{" in line] == ["{injections}"]
    assert given_doses(signed)
    assert not [dose for dose in given_doses(signed) if dose in letter.text]


def test_next_visit_is_that_of_the_person(signed, neurologist):
    """A joined record has no coming visit and no open follow-up: they are on the record that it joined."""
    builders.the_same_person(patient := builders.a_patient(), signed.patient, by=neurologist)
    session = InjectionSession.objects.get(pk=signed.pk)
    due = patient.follow_ups.get().due_on
    assert draft(session, neurologist, "{next_visit}").text == f"due by {format_date(due)}, not booked yet"
    day = builders.today() + dt.timedelta(days=9)
    builders.a_visit(patient=patient, day=day)
    assert draft(session, neurologist, "{next_visit}").text.endswith(f", {format_date(day)}")


def test_signed_off_letter_copies_doses_as_signed(signed, neurologist):
    letter = letters.sign_off(draft(signed, neurologist), by=neurologist)
    content = signed.record().content
    for row in content["injections"]:
        dose = f"{row['given_dose']} units {content['product']['brand_name']}"
        assert f"{row['muscle']['name']}, {row['side']}: {dose}" in letter.full_text
    assert letter.text == "{injections}"


def test_author_can_leave_out_the_injections(signed, neurologist):
    letter = draft(signed, neurologist)
    letter = changed(letter, neurologist, "All went well.")
    letter = letters.sign_off(letter, by=neurologist)
    assert not [dose for dose in given_doses(signed) if dose in letter.full_text]


def test_stale_change_of_a_draft_is_a_conflict(signed, neurologist):
    letter = draft(signed, neurologist)
    changed(letter, neurologist, "One")
    with pytest.raises(Conflict):
        changed(letter, neurologist, "Two")
    assert Letter.objects.get(pk=letter.pk).text == "One"


@pytest.mark.parametrize("text", ["Given: {injections}", "{injections}\n\n{injections}"])
def test_injections_have_a_line_of_their_own_once(text, signed, neurologist):
    letter = draft(signed, neurologist)
    with pytest.raises(Refused) as refused:
        changed(letter, neurologist, text)
    assert refused.value.field == "text"


def test_letter_about_a_session_not_done_has_its_reason(not_done, neurologist):
    template = LetterTemplate.objects.get(name="Not today")
    letter = letters.a_letter(session=not_done, by=neurologist, template=template)
    assert "was not given: Infection" in letter.text
    assert letter.record is None
    with pytest.raises(Refused):
        changed(letter, neurologist, "{injections}")


def test_template_is_for_its_own_kind_of_session(not_done, signed, neurologist):
    about_record = LetterTemplate.objects.get(name="After a session")
    for session, template in ((not_done, about_record), (signed, LetterTemplate.objects.get(name="Not today"))):
        with pytest.raises(Refused):
            letters.a_letter(session=session, by=neurologist, template=template)


def test_open_session_has_no_letter(neurologist):
    with pytest.raises(Refused):
        letters.a_letter(session=builders.a_given_session(by=neurologist), by=neurologist)


def test_trainee_writes_and_neurologist_signs_off(signed, neurologist, trainee):
    letter = letters.a_letter(session=signed, by=trainee)
    with pytest.raises(Refused):
        sign_off_letter(letter=letter, by=trainee, version=letter.version)
    assert letters.sign_off(letter, by=neurologist).signed_off_as == neurologist.printed_name


def test_unseen_change_is_never_signed_off(signed, neurologist):
    letter = draft(signed, neurologist)
    changed(letter, neurologist, "Changed")
    with pytest.raises(Conflict):
        sign_off_letter(letter=letter, by=neurologist, version=letter.version)


def test_letter_of_an_amended_record_is_not_signed_off(signed, neurologist):
    letter = draft(signed, neurologist)
    amended(signed, neurologist)
    with pytest.raises(Refused, match="was amended"):
        letters.sign_off(letter, by=neurologist)


def test_replacement_is_about_the_latest_record(signed, neurologist):
    letter = letters.sign_off(draft(signed, neurologist), by=neurologist)
    amended(signed, neurologist)
    first = replace_letter(letter=letter, by=neurologist, version=letter.version)
    again = replace_letter(letter=letter, by=neurologist, version=letter.version)
    assert first == again
    assert (first.record.number, first.text, first.is_signed_off) == (2, letter.text, False)


def test_only_a_signed_off_letter_is_sent(signed, neurologist):
    letter = draft(signed, neurologist)
    with pytest.raises(Refused):
        letters.send(letter, by=neurologist)
    letter = letters.sign_off(letter, by=neurologist)
    with pytest.raises(Refused) as refused:
        letters.send(letter, by=neurologist, sent_on=builders.today() - dt.timedelta(days=1))
    assert refused.value.field == "sent_on"
    sending = letters.send(letter, by=neurologist, how="fax", note="To the practice")
    assert str(sending).startswith("Fax, ")


def test_each_step_is_audited_with_its_patient(signed, neurologist):
    letter = letters.sign_off(draft(signed, neurologist), by=neurologist)
    record_sending(letter=letter, how="post", sent_on=builders.today(), note="", by=neurologist)
    entries = AuditEntry.objects.order_by("-pk")[:3]
    assert [entry.action for entry in entries] == ["sent letter", "signed off letter", "wrote letter"]
    patient = signed.visit.patient_id
    assert {shown.patient_id for entry in entries for shown in entry.patients.all()} == {patient}


@pytest.mark.parametrize("column", ["text", "full_text", "recipient", "signed_off_as"])
def test_database_keeps_a_signed_off_letter(column, signed, neurologist):
    letter = letters.sign_off(draft(signed, neurologist), by=neurologist)
    letters.send(letter, by=neurologist)
    for write in (
        lambda: Letter.objects.filter(pk=letter.pk).update(**{column: "Other"}),
        lambda: LetterSending.objects.update(note="Other"),
        lambda: _deleted("planning_lettersending", letter),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            write()


def _deleted(table, letter):
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE letter_id = %s", [letter.pk])


def test_draft_is_never_deleted_from_the_database(signed, neurologist):
    letter = draft(signed, neurologist)
    with pytest.raises(IntegrityError), transaction.atomic():
        Letter.objects.filter(pk=letter.pk).delete()


@pytest.mark.parametrize(
    ("about", "text", "named"),
    [
        ("record", "{dose}", "{dose}"),
        ("not_done", "{injections}", "{injections}"),
        ("not_done", "{lot}", "{lot}"),
    ],
)
def test_template_with_an_unknown_placeholder_is_rejected(about, text, named):
    template = LetterTemplate(name="New", about=about, text=text)
    with pytest.raises(ValidationError) as error:
        template.full_clean()
    assert named in str(error.value.message_dict["text"])
