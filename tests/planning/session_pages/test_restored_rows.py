"""A removed row can be restored; one with a dose only by the user who typed the dose."""

import pytest

from clinic.records.exceptions import Refused
from planning.models import Injection
from planning.sessions.actions.injections import add_injection, change_injection, remove_injection
from tests import builders
from tests.patients.people.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def again(record):
    return type(record).objects.get(pk=record.pk)


def remove(row, *, by):
    return remove_injection(injection=row, product=row.session.product, by=by, version=again(row).version)


def typed(row, *, by, **doses):
    return change_injection(injection=row, product=row.session.product, by=by, version=again(row).version, **doses)


def first(session):
    return session.injections.active().in_order().first()


@pytest.fixture
def session(neurologist):
    return builders.record(builders.a_planned_session(by=neurologist), by=neurologist)


@pytest.fixture
def doctor(login, neurologist):
    return login(neurologist)


def test_author_of_the_dose_can_restore_the_row(session, neurologist):
    row = remove(typed(first(session), by=neurologist, given_dose="1.11"), by=neurologist)
    assert builders.restore_row(row, by=neurologist).given_dose == "1.11"


def test_another_user_cannot_restore_a_dose(session, neurologist, other_neurologist):
    row = remove(typed(first(session), by=neurologist, given_dose="1.11"), by=neurologist)
    with pytest.raises(Refused, match=r"Dr A\. Morgan typed a dose in this row\. Add the muscle again"):
        builders.restore_row(row, by=other_neurologist)
    assert again(row).removed_at is not None


def test_row_with_doses_of_two_users_cannot_be_restored(neurologist, other_neurologist):
    planned = builders.a_planned_session(by=neurologist)
    row = typed(first(planned), by=neurologist, planned_dose="1.11")
    session = builders.record(planned, by=other_neurologist)
    row = remove(typed(first(session), by=other_neurologist, given_dose="2.22"), by=other_neurologist)
    for person in (neurologist, other_neurologist):
        with pytest.raises(Refused, match="typed a dose in this row"):
            builders.restore_row(row, by=person)


def test_last_author_of_the_dose_can_restore_it(session, neurologist, other_neurologist):
    row = typed(first(session), by=neurologist, given_dose="1.11")
    row = remove(typed(row, by=other_neurologist, given_dose="2.22"), by=neurologist)
    with pytest.raises(Refused, match="typed a dose"):
        builders.restore_row(row, by=neurologist)
    assert builders.restore_row(row, by=other_neurologist).given_dose == "2.22"


def test_row_without_a_dose_can_be_restored_by_any_clinician(session, neurologist, other_neurologist):
    row = typed(first(session), by=neurologist, given_dose="1.11")
    row = remove(typed(row, by=neurologist, given_dose="", note="Tense"), by=neurologist)
    assert builders.restore_row(row, by=other_neurologist).note == "Tense"


def test_any_neurologist_can_restore_a_row_as_signed(neurologist, other_neurologist):
    session = builders.a_signed_session(by=neurologist)
    builders.an_amendment(session, by=other_neurologist)
    row = remove(first(session), by=other_neurologist)
    assert builders.restore_row(row, by=other_neurologist).given_dose == "1.11"


def test_dose_of_an_amendment_is_restored_only_by_its_author(neurologist, other_neurologist):
    session = builders.a_signed_session(by=neurologist)
    builders.an_amendment(session, by=neurologist)
    row = remove(builders.amend(session, by=neurologist), by=neurologist)
    with pytest.raises(Refused, match="typed a dose"):
        builders.restore_row(row, by=other_neurologist)


def test_discarded_amendment_restores_the_signed_author(neurologist, other_neurologist):
    session = builders.a_signed_session(by=neurologist)
    builders.an_amendment(session, by=other_neurologist)
    builders.amend(session, by=other_neurologist)
    builders.discard(session, by=other_neurologist)
    assert {row.given_typed_by for row in session.injections.all()} == {neurologist}


def test_only_the_last_of_two_removed_rows_is_offered(doctor, session, neurologist):
    row = first(session)
    for dose in ("1.11", "2.22"):
        added = add_injection(
            session=session, product=session.product, muscle=row.muscle, side=row.side, by=neurologist
        )
        remove(typed(added, by=neurologist, given_dose=dose), by=neurologist)

    page = text_of(doctor.get(session.get_absolute_url()))

    assert page.count("Restore Sternocleidomastoid, right") == 1
    typed_at = Injection.objects.filter(given_dose="2.22").get().typed_at
    assert "given 2.22 units Botox, typed by Dr A. Morgan at" in page
    assert f"{typed_at:%M}" in page
    assert "1.11" not in page


def test_another_user_sees_the_author_but_no_button(login, session, neurologist, other_neurologist):
    remove(typed(first(session), by=neurologist, given_dose="1.11"), by=neurologist)
    page = login(other_neurologist).get(session.get_absolute_url())
    assert "Removed: Sternocleidomastoid, right. Dr A. Morgan typed a dose in this row." in text_of(page)
    assert "restore-" not in page.content.decode()
