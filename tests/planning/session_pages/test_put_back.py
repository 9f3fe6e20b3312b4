"""A removed row can be put back, and a dose in it only by the person who typed it."""

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


def test_the_person_who_typed_the_dose_puts_it_back(session, neurologist):
    row = remove(typed(first(session), by=neurologist, given_dose="1.11"), by=neurologist)
    assert builders.put_back(row, by=neurologist).given_dose == "1.11"


def test_a_colleague_does_not_put_back_a_dose(session, neurologist, other_neurologist):
    row = remove(typed(first(session), by=neurologist, given_dose="1.11"), by=neurologist)
    with pytest.raises(Refused, match=r"Dr A\. Morgan typed a dose in this row\. Add the muscle again"):
        builders.put_back(row, by=other_neurologist)
    assert again(row).removed_at is not None


def test_both_doses_of_a_row_need_their_own_person(neurologist, other_neurologist):
    planned = builders.a_planned_session(by=neurologist)
    row = typed(first(planned), by=neurologist, planned_dose="1.11")
    session = builders.record(planned, by=other_neurologist)
    row = remove(typed(first(session), by=other_neurologist, given_dose="2.22"), by=other_neurologist)
    for person in (neurologist, other_neurologist):
        with pytest.raises(Refused, match="typed a dose in this row"):
            builders.put_back(row, by=person)


def test_who_typed_the_dose_last_is_the_one_who_counts(session, neurologist, other_neurologist):
    row = typed(first(session), by=neurologist, given_dose="1.11")
    row = remove(typed(row, by=other_neurologist, given_dose="2.22"), by=neurologist)
    with pytest.raises(Refused, match="typed a dose"):
        builders.put_back(row, by=neurologist)
    assert builders.put_back(row, by=other_neurologist).given_dose == "2.22"


def test_a_row_without_a_dose_is_put_back_by_anyone(session, neurologist, other_neurologist):
    row = typed(first(session), by=neurologist, given_dose="1.11")
    row = remove(typed(row, by=neurologist, given_dose="", note="Tense"), by=neurologist)
    assert builders.put_back(row, by=other_neurologist).note == "Tense"


def test_any_neurologist_puts_back_a_row_as_it_was_signed(neurologist, other_neurologist):
    session = builders.a_signed_session(by=neurologist)
    builders.an_amendment(session, by=other_neurologist)
    row = remove(first(session), by=other_neurologist)
    assert builders.put_back(row, by=other_neurologist).given_dose == "1.11"


def test_a_dose_typed_in_an_amendment_is_its_persons_own(neurologist, other_neurologist):
    session = builders.a_signed_session(by=neurologist)
    builders.an_amendment(session, by=neurologist)
    row = remove(builders.amend(session, by=neurologist), by=neurologist)
    with pytest.raises(Refused, match="typed a dose"):
        builders.put_back(row, by=other_neurologist)


def test_a_discarded_amendment_leaves_who_typed_as_signed(neurologist, other_neurologist):
    session = builders.a_signed_session(by=neurologist)
    builders.an_amendment(session, by=other_neurologist)
    builders.amend(session, by=other_neurologist)
    builders.discard(session, by=other_neurologist)
    assert {row.given_typed_by for row in session.injections.all()} == {neurologist}


def test_removed_twice_only_the_last_row_is_offered(doctor, session, neurologist):
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


def test_a_colleague_reads_who_typed_it_and_gets_no_button(login, session, neurologist, other_neurologist):
    remove(typed(first(session), by=neurologist, given_dose="1.11"), by=neurologist)
    page = login(other_neurologist).get(session.get_absolute_url())
    assert "Removed: Sternocleidomastoid, right. Dr A. Morgan typed a dose in this row." in text_of(page)
    assert "restore-" not in page.content.decode()
