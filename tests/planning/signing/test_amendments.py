"""Amending: a signed session is reopened with a reason; its record is valid until the next one is signed."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from clinic.models import AuditEntry
from clinic.records.exceptions import Conflict, Refused
from patients.models import FollowUp
from planning.models import Amendment, Injection, InjectionSession, SessionState, Vial
from planning.sessions.actions.injections import add_injection, change_injection, remove_injection
from planning.sessions.actions.sessions import change_session, choose_product
from planning.sessions.content_facts import facts_of
from planning.signing.actions.signing import sign_session
from planning.signing.models.signed_record import digest
from tests import builders
from tests.planning.session_pages import sending
from tests.posted_data import shown_version

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def signed(neurologist):
    """Two rows and a vial."""
    session = builders.a_given_session(by=neurologist)
    builders.a_vial(session=session)
    builders.sign(session, by=neurologist)
    return again(session)


@pytest.fixture
def amended(signed, neurologist):
    """Being amended, without changes yet."""
    builders.an_amendment(signed, by=neurologist)
    return again(signed)


def again(session):
    return InjectionSession.objects.get(pk=session.pk)


def first_row(session):
    return session.injections.in_order().first()


def facts(session):
    return facts_of(session.content())


def test_amendment_needs_a_reason_and_keeps_the_record(signed, neurologist):
    amendment = builders.an_amendment(signed, by=neurologist, kind="given_otherwise", reason="Needle slipped")

    session = again(signed)
    assert session.state is SessionState.BEING_AMENDED
    assert session.record().number == 1
    assert (amendment.record, amendment.opened_by, amendment.reason) == (signed.record(), neurologist, "Needle slipped")
    assert AuditEntry.objects.filter(action="opened amendment", actor=neurologist).exists()


def test_opening_an_amendment_changes_no_row(signed, neurologist):
    before = facts(signed)
    builders.an_amendment(signed, by=neurologist)
    assert facts(again(signed)) == before


@pytest.mark.parametrize("who", ["trainee", "staff"])
def test_only_a_neurologist_can_open_and_discard_an_amendment(signed, amended, request, who):
    person = request.getfixturevalue(who)
    with pytest.raises(Refused, match="Only a neurologist"):
        builders.discard(amended, by=person)
    with pytest.raises(Refused, match="Only a neurologist"):
        builders.an_amendment(signed, by=person)


def test_one_amendment_can_be_open_at_a_time(amended, neurologist):
    with pytest.raises(Refused, match="already open"):
        builders.an_amendment(amended, by=neurologist)
    with pytest.raises(DatabaseError), transaction.atomic():
        Amendment.objects.create(
            session=amended, record=amended.record(), kind="recorded_wrongly", reason="again", opened_by=neurologist,
            opened_at=timezone.now(), rows_as_signed="{}",
        )  # fmt: skip


def test_unsigned_session_cannot_be_amended(neurologist):
    with pytest.raises(Refused, match="not signed yet"):
        builders.an_amendment(builders.a_given_session(by=neurologist), by=neurologist)


def test_amendment_can_change_doses_vials_details_and_rows(amended, neurologist):
    row = builders.amend(amended, by=neurologist, given_dose="7.77")
    builders.a_vial(session=amended, lot_number="LOT-2")
    other = amended.injections.in_order().last()
    remove_injection(injection=other, product=other.session.product, by=neurologist, version=other.version)
    add_injection(
        session=amended, product=amended.product, muscle=builders.a_muscle("SCAL"), side="left", by=neurologist
    )
    change_session(session=amended, by=neurologist, version=again(amended).version, notes="corrected")

    record = builders.sign(amended, by=neurologist)

    assert record.number == 2
    assert record.content["amendment"] == {
        "of_record": 1, "kind": "Recorded incorrectly", "reason": "Typed from the wrong sheet",
    }  # fmt: skip
    rows = {injection["muscle"]["name"]: injection["given_dose"] for injection in record.content["injections"]}
    assert rows == {row.muscle.name: "7.77", "Scalene": ""}
    assert again(amended).state is SessionState.AMENDED
    assert again(amended).open_amendment() is None


def test_unchanged_rows_stay_as_signed(amended, neurologist):
    builders.amend(amended, by=neurologist)
    untouched = builders.sign(amended, by=neurologist).content["injections"][1]
    assert untouched == again(amended).records.get(number=1).content["injections"][1]


def test_muscle_and_side_cannot_change_in_an_amendment(amended):
    with pytest.raises(DatabaseError), transaction.atomic():
        Injection.objects.filter(pk=first_row(amended).pk).update(side="left")


def test_unchanged_amendment_cannot_be_signed(amended, neurologist):
    with pytest.raises(Refused, match="does not differ from record 1 yet"):
        builders.sign(amended, by=neurologist)
    # Typed there and back again is no difference either.
    row = first_row(amended)
    signed_dose = row.given_dose
    row = change_injection(
        injection=row, product=row.session.product, by=neurologist, version=row.version, given_dose="9.99"
    )
    change_injection(
        injection=row, product=row.session.product, by=neurologist, version=row.version, given_dose=signed_dose
    )
    with pytest.raises(Refused, match="does not differ"):
        builders.sign(amended, by=neurologist)


def test_amendment_arranges_no_second_follow_up(amended, neurologist):
    builders.amend(amended, by=neurologist)
    builders.sign(amended, by=neurologist)
    assert FollowUp.objects.filter(patient=amended.visit.patient).count() == 1


def test_repeated_signature_of_an_amendment_returns_its_record(amended, neurologist):
    builders.amend(amended, by=neurologist)
    record = builders.sign(amended, by=neurologist)
    again_signed = sign_session(session=amended, by=neurologist, content_hash=record.content_hash)
    assert again_signed == record


def test_signed_session_cannot_return_to_its_plan(amended, neurologist):
    with pytest.raises(Refused, match="does not return to its plan"):
        builders.plan_again(amended, by=neurologist)


def test_row_removed_before_signing_is_not_restored(neurologist):
    session = builders.a_given_session(by=neurologist)
    row = first_row(session)
    remove_injection(injection=row, product=row.session.product, by=neurologist, version=row.version)
    builders.sign(session, by=neurologist)
    builders.an_amendment(session, by=neurologist)
    with pytest.raises(Refused, match="removed before the record was signed"):
        builders.restore_row(row, by=neurologist)


# ---- Discarding


def test_discarding_returns_each_value_to_its_own_field(signed, neurologist):
    before = facts(signed)
    builders.an_amendment(signed, by=neurologist)
    builders.amend(signed, by=neurologist)
    other = signed.injections.in_order().last()
    remove_injection(injection=other, product=other.session.product, by=neurologist, version=other.version)
    add_injection(session=signed, product=signed.product, muscle=builders.a_muscle("SCAL"), side="left", by=neurologist)
    builders.a_vial(session=signed, lot_number="LOT-2")
    change_session(session=signed, by=neurologist, version=again(signed).version, notes="to be forgotten")

    builders.discard(signed, by=neurologist)

    assert facts(again(signed)) == before
    assert again(signed).state is SessionState.SIGNED
    assert again(signed).record().number == 1
    assert AuditEntry.objects.filter(action="discarded amendment", actor=neurologist).exists()


def test_discarding_restores_doses_emptied_by_a_product_change(signed, neurologist):
    row, vial = first_row(signed), signed.vials.get()
    before, dose = facts(signed), row.given_dose
    builders.an_amendment(signed, by=neurologist)
    builders.a_vial(session=again(signed))
    change_injection(injection=row, product=row.session.product, by=neurologist, version=row.version, vial=vial)
    choose_product(
        session=signed, product=builders.a_product("Dysport"), by=neurologist, version=again(signed).version,
        empties_confirmed=True,
    )  # fmt: skip
    assert not Vial.objects.filter(session=signed).exists()
    assert first_row(signed).given_dose == ""

    builders.discard(signed, by=neurologist)

    assert facts(again(signed)) == before
    assert (first_row(signed).given_dose, signed.vials.get().pk) == (dose, vial.pk)


def test_next_amendment_has_no_values_of_a_discarded_one(amended, neurologist):
    added = add_injection(
        session=amended, product=amended.product, muscle=builders.a_muscle("SCAL"), side="left", by=neurologist
    )
    change_injection(
        injection=added, product=added.session.product, by=neurologist, version=added.version, given_dose="4.44"
    )
    builders.discard(amended, by=neurologist)
    builders.an_amendment(amended, by=neurologist)
    with pytest.raises(Refused, match="removed before"):
        builders.restore_row(added, by=neurologist)


def test_page_opened_before_discarding_is_a_conflict(amended, neurologist):
    row = first_row(amended)
    changed = change_injection(
        injection=row, product=row.session.product, by=neurologist, version=row.version, given_dose="7.77"
    )
    builders.discard(amended, by=neurologist)
    builders.an_amendment(amended, by=neurologist)
    with pytest.raises(Conflict):
        change_injection(
            injection=row, product=row.session.product, by=neurologist, version=changed.version, given_dose="5.55"
        )


def test_discarding_twice_has_no_further_effect(amended, neurologist):
    builders.discard(amended, by=neurologist)
    builders.discard(amended, by=neurologist)
    assert Amendment.objects.filter(session=amended).count() == 1


# Database


def refused(statement, *parameters):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def test_database_rejects_a_second_record_without_an_amendment(signed):
    columns = (
        "session_id, content_text, content_hash, previous_hash, signer_id, signer_name, signer_roles, signed_at, "
        "meaning, hash"
    )
    refused(
        f"INSERT INTO planning_signedrecord (number, {columns}) "
        f"SELECT 2, {columns} FROM planning_signedrecord WHERE session_id = %s",
        signed.pk,
    )


# Neither runs the triggers of each deleted row. PostgreSQL does not truncate while a foreign key waits to be checked.
REPLACED_OR_TRUNCATED = {
    "sqlite": "INSERT OR REPLACE INTO planning_amendment SELECT * FROM planning_amendment",
    "postgresql": "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE planning_amendment CASCADE",
}


def test_database_rejects_changes_of_an_amendments_reason(amended):
    for change in ("reason = 'another'", "kind = 'given_otherwise'", "rows_as_signed = '{}'", "record_id = NULL"):
        refused(f"UPDATE planning_amendment SET {change} WHERE session_id = %s", amended.pk)
    refused("DELETE FROM planning_amendment WHERE session_id = %s", amended.pk)
    refused(REPLACED_OR_TRUNCATED[connection.vendor])


def test_database_rejects_reopening_a_discarded_amendment(amended, neurologist):
    builders.discard(amended, by=neurologist)
    refused(
        "UPDATE planning_amendment SET discarded_at = NULL, discarded_by_id = NULL WHERE session_id = %s", amended.pk
    )


def test_rows_are_protected_again_after_an_amendment(amended, neurologist):
    builders.amend(amended, by=neurologist)
    builders.sign(amended, by=neurologist)
    refused("UPDATE planning_injection SET given_dose = '8.88' WHERE session_id = %s", amended.pk)
    builders.an_amendment(amended, by=neurologist)
    builders.discard(amended, by=neurologist)
    refused("UPDATE planning_injection SET given_dose = '8.88' WHERE session_id = %s", amended.pk)
    refused("DELETE FROM planning_vial WHERE session_id = %s", amended.pk)


def test_row_of_an_amended_session_cannot_change_session(amended, neurologist):
    other = builders.a_signed_session(
        by=neurologist, visit=builders.an_arrived_visit(clinician=neurologist, hour=15), muscles=[("SCAL", "left")]
    )
    refused("UPDATE planning_vial SET session_id = %s WHERE session_id = %s", other.pk, amended.pk)


# ---- The pages


def test_record_page_shows_record_1_until_amendment_is_signed(login, amended, neurologist):
    builders.amend(amended, by=neurologist, given_dose="7.77")
    page = login(neurologist).get(f"/sessions/{amended.pk}/").content.decode()
    assert "Amendment open since" in page
    assert "Typed from the wrong sheet" in page
    assert "7.77" not in page
    assert "1.11" in page


def test_both_records_are_compared_after_an_amendment(login, amended, neurologist):
    builders.amend(amended, by=neurologist, given_dose="7.77")
    second = builders.sign(amended, by=neurologist)
    for address in (f"/sessions/{amended.pk}/", f"/records/{second.pk}/", f"/records/{second.pk - 1}/"):
        page = login(neurologist).get(address)
        changed = [fact.label for fact in page.context["facts"] if fact.changed]
        assert changed == ["Levator scapulae, right"] or changed == ["Sternocleidomastoid, right"]
        text = page.content.decode()
        assert "given 1.11 units" in text
        assert "given 7.77 units" in text
        assert (
            "amends record 1. Recorded incorrectly: Typed from the wrong sheet" in " ".join(text.split())
            or "It was amended" in text
        )


def test_older_record_is_marked_as_amended(login, amended, neurologist):
    builders.amend(amended, by=neurologist)
    second = builders.sign(amended, by=neurologist)
    first = amended.records.get(number=1)
    page = " ".join(login(neurologist).get(f"/records/{first.pk}/").content.decode().split())
    assert "This is record 1. It was amended" in page
    assert f"/records/{second.pk}/" in page


def test_amendment_is_opened_typed_and_signed_on_its_pages(login, signed, neurologist):
    client = login(neurologist)
    page = client.get(f"/sessions/{signed.pk}/amend/")
    key = page.context["form"]["submission_key"].value()
    sent = {"submission_key": key, "kind": "recorded_wrongly", "reason": "Misread", **shown_version(signed)}
    response = client.post(f"/sessions/{signed.pk}/amend/", sent)
    assert response.url == f"/sessions/{signed.pk}/amendment/"

    row = first_row(signed)
    response = sending.send_row(client, row, given_dose="7.77")
    assert response.url == f"/sessions/{signed.pk}/amendment/"
    read_back = client.get(f"/sessions/{signed.pk}/sign/")
    assert [fact.label for fact in read_back.context["changes"]] == [str(row).replace(", right", ", right")]
    assert "When should the patient be seen again" not in read_back.content.decode()
    response = client.post(
        f"/sessions/{signed.pk}/sign/",
        {"content_hash": read_back.context["content_hash"], "password": builders.PASSWORD, "then": "stay"},
    )
    assert response.url == f"/sessions/{signed.pk}/"
    assert again(signed).record().number == 2


def test_missing_kind_or_reason_is_reported_by_field(login, signed, neurologist):
    client = login(neurologist)
    sent = {"submission_key": builders.a_submission_key(), "reason": "   "}
    page = client.post(f"/sessions/{signed.pk}/amend/", sent).content.decode()
    assert "Select what was wrong." in page
    assert "Explain what is amended." in page
    assert not signed.amendments.exists()


def test_form_sent_twice_opens_one_amendment(login, signed, neurologist):
    client = login(neurologist)
    sent = {
        "submission_key": builders.a_submission_key(),
        "kind": "recorded_wrongly",
        "reason": "Misread",
        **shown_version(signed),
    }
    responses = [client.post(f"/sessions/{signed.pk}/amend/", sent) for _ in range(2)]
    assert [response.status_code for response in responses] == [302, 302]
    assert signed.amendments.count() == 1


def test_amendment_page_redirects_to_the_record_when_closed(login, signed, neurologist):
    assert login(neurologist).get(f"/sessions/{signed.pk}/amendment/").url == f"/sessions/{signed.pk}/"


def test_open_amendment_is_in_its_authors_list_to_sign(amended, neurologist, other_neurologist):
    assert amended in InjectionSession.objects.to_sign_by(neurologist)
    assert amended not in InjectionSession.objects.to_sign_by(other_neurologist)
    builders.discard(amended, by=neurologist)
    assert amended not in InjectionSession.objects.to_sign_by(neurologist)


def test_discard_button_redirects_to_the_record(login, amended, neurologist):
    builders.amend(amended, by=neurologist)
    sent = {"content_hash": digest(again(amended).content())}
    response = login(neurologist).post(f"/sessions/{amended.pk}/amendment/discard/", sent, follow=True)
    assert "Amendment discarded." in response.content.decode()
    assert again(amended).state is SessionState.SIGNED
