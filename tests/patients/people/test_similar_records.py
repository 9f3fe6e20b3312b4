"""Likely duplicates: registering and changing ask about them, also concurrently."""

import datetime as dt
import itertools
import random

import pytest
from django.db import connection

from clinic.models import AuditEntry
from clinic.records.date_fields import TypedPartialDate
from clinic.records.partial_dates import PartialDate
from patients.models import Patient, PossibleDuplicate
from patients.people import alike
from patients.people.actions.patients import Alike, change_patient, register_patient
from tests import builders
from tests.parallel import at_once
from tests.patients.people.pages import filled, text_of

pytestmark = pytest.mark.django_db

BORN = dt.date(1969, 3, 11)
SAME_DATE_AND = [
    # Hyphenated names
    (("Hollis", "Anna"), ("Hollis-Trent", "Anna")),
    (("Trent", "Anna"), ("Hollis Trent", "Anna")),
    (("Hollis-Trent", "Anna"), ("Hollis", "Anna Maria")),
    # Second first names, and none at all
    (("Okafor", "Grace"), ("Okafor", "Grace Ngozi")),
    (("Okafor", "Ngozi"), ("Okafor", "Grace Ngozi")),
    (("Okafor", ""), ("Okafor", "Grace")),
    # Initials
    (("Okafor", "G."), ("Okafor", "Grace")),
    (("Okafor", "Grace N."), ("Okafor", "Grace Ngozi")),
    (("Okafor", "G. N."), ("Okafor", "Grace Ngozi")),
    (("Okafor", "G"), ("Okafor-Bell", "Gräce Ngozi")),
    # In the other field
    (("Grace", "Okafor Ngozi"), ("Okafor", "Grace")),
]
SAME_DATE_BUT = [
    (("Okafor", "Grace"), ("Okafor", "Maria")),
    (("Okafor", "Grace N."), ("Okafor", "Grace Maria")),
    (("Hollis", "Anna"), ("Trent", "Anna")),
    (("Hollis", "A."), ("Trent", "Anna")),
    (("Hollis", "A."), ("H.", "Anna")),
    (("Hollis-Trent", "Anna"), ("Hollis-Bell", "Anna")),
]
SAME_NAME_AND = [
    dt.date(1969, 11, 3),  # day and month exchanged
    dt.date(1968, 3, 11),
    dt.date(1989, 3, 11),
    dt.date(1909, 3, 11),
]
SAME_NAME_BUT = [
    dt.date(1969, 3, 12),
    dt.date(1969, 4, 11),
    dt.date(1996, 3, 11),  # two digits
    dt.date(1978, 3, 11),
    dt.date(1968, 11, 3),  # a digit, and exchanged
]


def person(family_name="Okafor", given_name="Grace", date_of_birth=BORN, **details):
    return {"family_name": family_name, "given_name": given_name, "date_of_birth": date_of_birth, **details}


def register(by, *name, **details):
    return register_patient(by=by, **{**person(*name), "sex": "female", **details})


def alike_to(*name, **details):
    typed = {**person(*name), "phone": "", **details}
    return list(Patient.objects.like(**typed | {"date_of_birth": PartialDate(str(typed["date_of_birth"]))}))


def change(patient, by, **details):
    patient.refresh_from_db()
    return change_patient(patient=patient, by=by, version=patient.version, **details)


@pytest.mark.engine
@pytest.mark.parametrize(("stored", "typed"), [*SAME_DATE_AND, *(pair[::-1] for pair in SAME_DATE_AND)])
@pytest.mark.sample(3)
def test_same_birth_date_and_shortened_name_are_alike(staff, stored, typed):
    known = register(staff, *stored)
    assert alike_to(*typed) == [known]
    with pytest.raises(Alike) as refused:
        register(staff, *typed)
    assert refused.value.patients == [known]


@pytest.mark.parametrize(("stored", "typed"), [*SAME_DATE_BUT, *(pair[::-1] for pair in SAME_DATE_BUT)])
@pytest.mark.sample(2)
def test_same_birth_date_and_another_name_are_not_alike(staff, stored, typed):
    register(staff, *stored)
    assert alike_to(*typed) == []


@pytest.mark.engine
@pytest.mark.parametrize("typed", SAME_NAME_AND, ids=str)
def test_same_name_and_a_mistyped_date_are_alike(staff, typed):
    known = register(staff)
    assert alike_to(date_of_birth=typed) == [known]
    assert alike_to("OKAFOR", "gräce", date_of_birth=typed) == [known]
    assert alike_to("Okafor", "Grace Ngozi", date_of_birth=typed) == []


@pytest.mark.parametrize("typed", SAME_NAME_BUT, ids=str)
def test_same_name_and_another_date_are_not_alike(staff, typed):
    register(staff)
    assert alike_to(date_of_birth=typed) == []


@pytest.mark.parametrize("day", [dt.date(1964, 2, 29), dt.date(2001, 12, 31), dt.date(1999, 1, 1)], ids=str)
def test_dates_like_a_date_are_found_from_each_of_them(day):
    born = TypedPartialDate().as_partial(day)
    others = map(TypedPartialDate().as_partial, alike.dates_like(born))
    like = [other for other in others if isinstance(other, PartialDate) and not other.is_unknown]
    for other in like:
        assert born in alike.dates_like(other) or born.startswith(other)
    locks = [set(alike.lock_keys([Patient(**person(date_of_birth=one))])) for one in (born, *like)]
    assert set.intersection(*locks)


def test_joined_record_is_found_as_the_other(staff, neurologist):
    patient = register(staff, phone="0555 010 7701")
    former = register(staff, "Lindqvist", "Maja", phone="0555 010 7702")
    builders.the_same_person(patient, former, by=neurologist)
    assert alike_to("Lindqvist", "Maja") == [patient]
    assert alike_to("Somebody", "Else", phone="0555 010 7702") == [patient]


def test_pairs_among_many_are_those_found_one_by_one():
    rng = random.Random(13)  # noqa: S311
    names = [*(name for pair in SAME_DATE_AND + SAME_DATE_BUT for name in pair), ("Okafo", "Grace"), ("李", "娜")]
    dates = [BORN, *SAME_NAME_AND, *SAME_NAME_BUT]
    people = [
        alike.Identity(number, *rng.choice(names), PartialDate(str(rng.choice(dates)))) for number in range(1, 300)
    ]
    one_by_one = {
        (one.person, other.person) for one, other in itertools.combinations(people, 2) if alike.likeness(one, other)
    }
    assert len(one_by_one) > 300
    assert alike.pairs_among(people) == one_by_one


# Changes


@pytest.mark.engine
@pytest.mark.parametrize(
    "details",
    [{"given_name": "G."}, {"family_name": "Okafor-Bell", "given_name": "Grace"}, {"phone": "+44 20 7946 0018"}],
    ids=str,
)
def test_change_that_makes_records_alike_asks(staff, details):
    known = register(staff, phone="020 7946 0018")
    patient = register(staff, "Okafor", "Maria")
    with pytest.raises(Alike) as refused:
        change(patient, staff, **details)
    assert refused.value.patients == [known]
    changed = change(patient, staff, although_alike=True, **details)
    assert {name: getattr(changed, name) for name in details} == details


def test_change_of_records_already_alike_does_not_ask(staff):
    register(staff)
    patient = register(staff, "Okafor", "Grace N.", although_alike=True)
    assert change(patient, staff, given_name="Grace Ngozi", note="Deaf.").given_name == "Grace Ngozi"


def test_change_without_another_name_or_date_does_not_ask(staff):
    register(staff)
    patient = register(staff, although_alike=True)
    assert change(patient, staff, address="77 Every Lane").address == "77 Every Lane"


def test_edit_page_names_likely_duplicates_and_can_continue(login, staff):
    known, patient = register(staff), register(staff, "Okafor", "Maria")
    client, path = login(staff), f"/patients/{patient.pk}/edit/"
    response = client.post(path, filled(client.get(path), given_name="Grace", note="Typed before"))
    assert response.status_code == 409
    assert f"born 11 Mar 1969, {known.record_number}" in text_of(response)
    assert "It is a different person: save anyway" in text_of(response)
    assert "Typed before" in response.content.decode()
    assert Patient.objects.get(pk=patient.pk).given_name == "Maria"
    assert known.pk in AuditEntry.objects.latest("pk").patients.values_list("patient_id", flat=True)

    sent = filled(response, although_alike=True)
    assert [client.post(path, sent).status_code for _ in range(2)] == [302, 302]  # the second is a retry
    assert Patient.objects.get(pk=patient.pk).given_name == "Grace"


# At once


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("varied", ["same", "shortened", "exchanged", "by phone"])
def test_person_registered_20_times_concurrently_is_one(varied):
    staff = builders.a_person("clinic staff")
    kinds = {
        "same": [person()],
        "shortened": [person(), person(given_name="Grace Ngozi"), person("Okafor-Bell"), person(given_name="G.")],
        "exchanged": [person(), person(date_of_birth=dt.date(1969, 11, 3))],
        "by phone": [
            person(f"Name {n}", date_of_birth=BORN.replace(day=n + 1), phone="0555 010 7701") for n in range(20)
        ],
    }
    wanted = list(itertools.islice(itertools.cycle(kinds[varied]), 20))
    made = at_once(*(lambda one=one: register_patient(by=staff, sex="female", **one) for one in wanted))
    registered = [patient for patient in made if isinstance(patient, Patient)]
    assert [type(other) for other in made if other not in registered] == [Alike] * (20 - len(registered))
    assert len(registered) == Patient.objects.count() == 1


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_concurrent_registrations_and_changes_are_paired():
    staff, neurologist = builders.a_person("clinic staff"), builders.a_person("neurologist")
    others = [register(staff, f"Alone{'x' * number}", "Ada", although_alike=True) for number in range(0, 16, 2)]
    joined = [register(staff, f"Joined{'x' * number}", "Ada", although_alike=True) for number in range(0, 6, 2)]
    known = register(staff, although_alike=True)
    made = at_once(
        *(lambda: register(staff, although_alike=True) for _ in range(6)),
        *(
            lambda other=other, day=day: change(other, staff, although_alike=True, **person(date_of_birth=day))
            for other, day in zip(others[:6], itertools.cycle([BORN, dt.date(1969, 11, 3)]), strict=False)
        ),
        *(
            lambda patient=patient, other=other: builders.the_same_person(patient, other, by=neurologist)
            for patient, other in ((others[6], joined[0]), (others[7], joined[1]), (joined[2], known))
        ),
    )
    assert [error for error in made if isinstance(error, Exception)] == []
    stored = set(PossibleDuplicate.objects.values_list("one", "other"))
    PossibleDuplicate.objects.rebuild()
    assert stored == set(PossibleDuplicate.objects.values_list("one", "other"))
    assert len(stored) > 60


@pytest.mark.engine
def test_birth_dates_are_found_by_their_index(staff):
    with connection.cursor() as cursor:
        asked, values = Patient.objects.filter(
            date_of_birth__in=alike.dates_like(PartialDate(str(BORN)))
        ).query.sql_with_params()
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {asked}", values)
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {asked}", [str(value) for value in values])
        assert "patients_patient_by_birth" in str(cursor.fetchall())
