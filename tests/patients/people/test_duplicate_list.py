"""The list of possible duplicates, and what is decided about them."""

import datetime as dt

import pytest
from django.utils import timezone

from clinic.models import AuditEntry
from clinic.records.exceptions import Conflict, Refused
from patients.models import NotSamePerson, PossibleDuplicate
from patients.people.actions.duplicates import mark_not_same_person, undo_not_same_person
from patients.people.actions.patients import change_patient
from tests import builders
from tests.patients.people.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

PAGE = "/patients/possible-duplicates/"


def a_patient(by, **details):
    return builders.a_patient(by=by, **{"family_name": "Okafor", "given_name": "Grace", **details})


@pytest.fixture
def one(staff):
    return a_patient(staff, phone="0555 010 7701")


@pytest.fixture
def other(staff, one):
    return a_patient(staff, given_name="Grace Ngozi")


def again(patient):
    patient.refresh_from_db()
    return patient


def pairs(**filters):
    return set(PossibleDuplicate.objects.undecided().filter(**filters).values_list("one", "other"))


def mark(client, one, other, **sent):
    seen = {"version": one.version, "other_version": other.version, **sent}
    return client.post(f"/patients/{one.pk}/not-same-person/{other.pk}/", seen)


def unmark(client, one, other, decision):
    return client.post(f"/patients/{one.pk}/not-same-person/{other.pk}/undo/", {"decision": decision.pk})


# Which pairs there are


def test_pair_is_listed_once_registered(one, other):
    assert pairs() == {(one.pk, other.pk)}


def test_pair_is_added_and_removed_by_changes(staff, one, other):
    change_patient(patient=other, by=staff, version=other.version, given_name="Maria")
    assert pairs() == set()
    change_patient(
        patient=again(other), by=staff, version=other.version, although_alike=True, given_name="Grace",
        date_of_birth=dt.date(1968, 3, 14),
    )  # fmt: skip
    assert pairs() == {(one.pk, other.pk)}


def test_joined_records_are_no_pair_until_undone(one, other, neurologist):
    builders.the_same_person(one, other, by=neurologist)
    assert pairs() == set()
    builders.two_people(again(other), by=neurologist)
    assert pairs() == {(one.pk, other.pk)}


def test_joined_records_are_compared_as_one_person(staff, neurologist, one):
    former = a_patient(staff, family_name="Lindqvist")
    builders.the_same_person(one, former, by=neurologist)
    newcomer = a_patient(staff, family_name="Lindqvist")
    assert pairs() == {(one.pk, newcomer.pk)}
    builders.two_people(again(former), by=neurologist)
    assert pairs() == {(former.pk, newcomer.pk)}


def test_same_phone_alone_is_no_pair(staff, one):
    a_patient(staff, family_name="Lindqvist", phone="0555 010 7701")
    assert pairs() == set()


# The page


def test_page_names_both_records_and_why(login, staff, one, other):
    text = text_of(login(staff).get(PAGE))
    for record in (one, other):
        assert f"OKAFOR, {record.given_name} 14 Mar 1969 · {record.record_number}" in text
    assert "same birth date, similar name" in text
    assert "Only a neurologist can confirm" in text
    shown = AuditEntry.objects.latest("pk").patients.values_list("patient_id", flat=True)
    assert {one.pk, other.pk} == set(shown)


def test_joined_records_are_shown_and_audited(login, staff, neurologist, one, other):
    joined = a_patient(staff, given_name="Grace N")
    builders.the_same_person(one, joined, by=neurologist)
    assert f"also recorded as {joined.record_number}" in text_of(login(staff).get(PAGE))
    shown = AuditEntry.objects.latest("pk").patients.values_list("patient_id", flat=True)
    assert {one.pk, other.pk, joined.pk} == set(shown)


def test_only_a_neurologist_is_offered_to_confirm(login, staff, neurologist, trainee, one, other):
    address = f"/patients/{other.pk}/same-person/{one.pk}/"
    offered = {person: address in login(person).get(PAGE).content.decode() for person in (staff, trainee, neurologist)}
    assert offered == {staff: False, trainee: False, neurologist: True}


def test_record_with_linked_records_stays_the_main_one(login, staff, neurologist, one, other):
    builders.the_same_person(other, a_patient(staff, given_name="G"), by=neurologist)
    assert f"/patients/{one.pk}/same-person/{other.pk}/" in login(neurologist).get(PAGE).content.decode()


def test_patients_page_counts_and_links(login, staff, one, other):
    client = login(staff)
    assert "Possible duplicates (1)" in text_of(client.get("/patients/"))
    for page in ("/patients/", "/follow-ups/"):
        assert f'href="{PAGE}"' in client.get(page).content.decode(), page


def test_pages_of_fifty(login, staff, one):
    for number in range(11):
        a_patient(staff, given_name=f"Grace {chr(97 + number) * 2}", date_of_birth=dt.date(1970, 1, 1))
    for _ in range(11):
        a_patient(staff, given_name="Grace", date_of_birth=dt.date(1970, 1, 1))
    client = login(staff)
    assert len(client.get(PAGE).context["page"]) == 50
    assert "page 2 of" in text_of(client.get(f"{PAGE}?page=2"))


# Deciding


def test_marked_pair_leaves_the_list_and_returns(login, staff, one, other):
    client = login(staff)
    response = mark(client, one, other)
    assert (response.status_code, response.url) == (302, PAGE)
    assert "No possible duplicates." in text_of(client.get(PAGE))
    decision = NotSamePerson.objects.get()
    assert (decision.one, decision.other, decision.marked_by) == (one, other, staff)
    assert timezone.now() - decision.marked_at < dt.timedelta(minutes=1)
    entry = AuditEntry.objects.filter(action="marked as not the same person").get()
    assert set(entry.patients.values_list("patient_id", flat=True)) == {one.pk, other.pk}

    text = text_of(client.get(f"{PAGE}?only=decided"))
    assert f"not the same person: {staff}, " in text
    assert unmark(client, one, other, decision).status_code == 302
    decision.refresh_from_db()
    assert decision.undone_by == staff
    assert pairs() == {(one.pk, other.pk)}


def test_marking_stays_when_names_change(staff, one, other):
    builders.not_the_same_person(one, other, by=staff)
    change_patient(patient=again(other), by=staff, version=other.version, given_name="Maria")
    change_patient(patient=again(other), by=staff, version=other.version, given_name="Grace", although_alike=True)
    assert PossibleDuplicate.objects.count() == 1
    assert pairs() == set()


def test_marking_a_record_applies_to_the_one_it_is_joined_to(staff, neurologist, one, other):
    builders.not_the_same_person(one, other, by=staff)
    third = a_patient(staff, given_name="G")
    builders.the_same_person(third, other, by=neurologist)
    assert set(PossibleDuplicate.objects.decided().values_list("one", "other")) == {(one.pk, third.pk)}
    builders.two_people(again(other), by=neurologist)
    assert pairs() == {(one.pk, third.pk), (other.pk, third.pk)}


def test_rebuilding_stores_the_same_pairs(staff, neurologist, one, other):
    builders.not_the_same_person(one, other, by=staff)
    third = a_patient(staff, given_name="G")
    builders.the_same_person(third, other, by=neurologist)
    fields = ("one", "other", "decision")
    stored = set(PossibleDuplicate.objects.values_list(*fields))
    PossibleDuplicate.objects.rebuild()
    assert stored == set(PossibleDuplicate.objects.values_list(*fields)) != set()


@pytest.mark.parametrize("turned", [False, True])
def test_marking_again_is_a_success(staff, one, other, turned):
    both = (other, one) if turned else (one, other)
    assert builders.not_the_same_person(one, other, by=staff) == builders.not_the_same_person(*both, by=staff)
    assert NotSamePerson.objects.count() == 1


@pytest.mark.parametrize("changed", ["one", "other"])
def test_marking_from_an_old_page_is_a_conflict(login, staff, one, other, changed):
    record = {"one": one, "other": other}[changed]
    change_patient(patient=type(record).objects.get(pk=record.pk), by=staff, version=1, note="New")
    response = mark(login(staff), one, other)
    assert response.status_code == 409
    assert "One of the two records has changed." in text_of(response)
    assert not NotSamePerson.objects.exists()


@pytest.mark.parametrize("sent", [{"version": ""}, {"other_version": ""}, {"version": "x"}], ids=str)
def test_marking_without_versions_is_rejected(login, staff, one, other, sent):
    assert mark(login(staff), one, other, **sent).status_code == 422
    assert not NotSamePerson.objects.exists()


def test_undoing_another_decision_is_a_conflict(login, staff, one, other):
    former = builders.not_the_same_person(one, other, by=staff)
    client = login(staff)
    unmark(client, one, other, former)
    assert unmark(client, one, other, former).status_code == 302  # a repeat
    newer = builders.not_the_same_person(one, other, by=staff)
    assert unmark(client, one, other, former).status_code == 409
    assert client.post(f"/patients/{one.pk}/not-same-person/{other.pk}/undo/").status_code == 422
    newer.refresh_from_db()
    assert newer.undone_at is None


def test_joined_records_and_one_record_cannot_be_marked(staff, neurologist, one, other):
    builders.the_same_person(one, other, by=neurologist)
    with pytest.raises(Refused, match="joined as one patient"):
        builders.not_the_same_person(one, other, by=staff)
    with pytest.raises(Refused, match="Choose two different records"):
        builders.not_the_same_person(one, one, by=staff)


def test_actions_require_the_permission(auditor, one, other):
    with pytest.raises(Refused, match="cannot decide"):
        builders.not_the_same_person(one, other, by=auditor)
    with pytest.raises(Refused, match="cannot decide"):
        undo_not_same_person(patient=one, other=other, by=auditor, decision=1)


def test_conflict_names_what_is_stored(staff, one, other):
    with pytest.raises(Conflict) as conflict:
        mark_not_same_person(patient=one, other=other, by=staff, version=9, other_version=other.version)
    assert conflict.value.current == one
