"""A muscle is unique in the catalogue by its names, its Latin name and its codes, for every way to add one."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from planning.catalogue.actions.entries import add_entry, change_entry
from planning.catalogue.models.muscle import code_key, key_of
from planning.models import Muscle
from tests import builders
from tests.parallel import at_once
from tests.planning.catalogue.admin_pages import errors_of, form_of
from tests.planning.catalogue.test_exchange import MUSCLES, messages_of, offer

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

NEW = {"name": "Neuer Muskel", "short_name": "NEU"}
ANTERIOR = "Scalene, anterior"
TAKEN = [
    # A Latin name, in any field that names a muscle
    *(
        (field, typed, ANTERIOR)
        for field in ("name", "latin_name", "synonyms")
        for typed in (
            "m. scalenus anterior", "M. Scalenus Anterior", "musculus scalenus anterior", "Musculus scalénus anterior",
            "scalenus anterior", "musc. scalenus anterior",
        )
    ),
    ("latin_name", "mm. scaleni", "Scalene"),
    ("latin_name", "musculus sternocleidomastoideus", "Sternocleidomastoid"),
    # Any other name, as a Latin name
    ("latin_name", "Scalene, anterior", ANTERIOR),
    ("latin_name", "m. levator scapulae", "Levator scapulae"),
    ("latin_name", "SCAL-A", ANTERIOR),
    # Codes
    *(("ta98", typed, ANTERIOR) for typed in ("A04.2.01.004", "a04.2.01.004", "TA98 A04.2.01.004", " A04.2.01.004 ")),
    *(("fma", typed, ANTERIOR) for typed in ("13385", "FMA13385", "FMA:13385", "fma 13385")),
    *(("uberon", typed, ANTERIOR) for typed in ("0008622", "UBERON:0008622", "UBERON_0008622")),
    ("snomed_ct", "SCTID: 47110006", "Levator scapulae"),
]  # fmt: skip
FREE = [
    ("latin_name", "m. splenius capitis"),
    ("latin_name", ""),
    ("ta98", "A04.2.01.0040"),
    ("ta98", ""),
    ("fma", "0008622"),  # of another system
    ("short_name", "M 1"),
]


@pytest.fixture(autouse=True)
def with_a_snomed_code():
    muscle = builders.a_muscle("LS")
    muscle.snomed_ct = "47110006"
    muscle.save()


def message(field, owner):
    return (
        f"is already the code of {owner}."
        if field in {"ta98", "fma", "uberon", "snomed_ct"}
        else (f"is already a name of {owner}.")
    )


@pytest.mark.parametrize(("field", "typed", "owner"), TAKEN)
@pytest.mark.sample(3)
def test_name_or_code_of_another_muscle_is_rejected(catalogue_manager, field, typed, owner):
    with pytest.raises(ValidationError) as rejected:
        add_entry(entry=Muscle(**{**NEW, field: typed}), by=catalogue_manager)
    assert [message(field, owner) in "".join(messages) for messages in rejected.value.message_dict.values()] == [True]
    assert list(rejected.value.message_dict) == [field]


@pytest.mark.parametrize(("field", "typed"), FREE)
def test_unused_name_or_code_is_accepted(catalogue_manager, field, typed):
    assert add_entry(entry=Muscle(**{**NEW, field: typed}), by=catalogue_manager).pk


@pytest.mark.parametrize("field", ["latin_name", "ta98"])
def test_admin_names_the_other_entry(login, catalogue_manager, field):
    client, address = login(catalogue_manager), f"{MUSCLES}add/"
    typed = {"latin_name": "Musculus scalenus anterior", "ta98": "a04.2.01.004"}[field]
    response = client.post(address, {**form_of(client, address), **NEW, field: typed})
    assert message(field, ANTERIOR) in errors_of(response)[field][0]
    assert not Muscle.objects.filter(name=NEW["name"]).exists()


@pytest.mark.parametrize("field", ["latin_name", "ta98"])
def test_import_names_the_other_entry(login, catalogue_manager, field):
    typed = {"latin_name": "Musculus scalenus anterior", "ta98": "a04.2.01.004"}[field]
    page = offer(login(catalogue_manager), f"name,short_name,{field}\nNeuer Muskel,NEU,{typed}\n")
    assert message(field, ANTERIOR) in messages_of(page)[0]
    # And so of two rows of one file
    page = offer(login(catalogue_manager), f"name,short_name,{field}\nEins,EINS,A99\nZwei,ZWEI,a99\n")
    assert message(field, "Eins") in messages_of(page)[0]


@pytest.mark.parametrize("field", ["latin_name", "ta98"])
def test_name_or_code_is_unique_in_the_database(field):
    Muscle.objects.create(name="Eins", short_name="EINS", **{field: "A99"})
    with pytest.raises(IntegrityError), transaction.atomic():
        Muscle.objects.create(name="Zwei", short_name="ZWEI", **{field: "a99"})


@pytest.mark.django_db(transaction=True)
def test_latin_name_added_concurrently_is_stored_once():
    by = builders.a_person("catalogue manager")
    made = at_once(
        *(
            lambda number=number: add_entry(
                entry=Muscle(name=f"Neu {number}", short_name=f"N{number}", latin_name="m. novus"), by=by
            )
            for number in range(6)
        )
    )
    assert sorted(type(one).__name__ for one in made) == ["Muscle", *["ValidationError"] * 5]
    assert Muscle.objects.filter(latin_name="m. novus").count() == 1


def test_former_latin_name_and_code_are_available_again(catalogue_manager):
    muscle = builders.a_muscle("SCAL-A")
    details = {"latin_name": muscle.latin_name, "ta98": muscle.ta98}
    change_entry(entry=muscle, by=catalogue_manager, version=muscle.version, latin_name="", ta98="")
    assert add_entry(entry=Muscle(**NEW, **details), by=catalogue_manager).pk


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("m. unus", "unus"),
        ("Musculus unus", "unus"),
        ("Mm. duo tres", "duo tres"),
        ("m unus", "m unus"),
        ("M1", "m1"),
        ("m.", "m"),
        ("Musculus", "musculus"),
        ("Musculature", "musculature"),
    ],
)
def test_musculus_is_not_part_of_a_key(name, key):
    assert key_of(name) == key


@pytest.mark.parametrize("system", ["uberon", "fma", "ta98", "snomed_ct"])
def test_code_without_letter_or_digit_is_rejected(catalogue_manager, system):
    assert code_key(system, " - ") == ""
    with pytest.raises(ValidationError, match="has no letter or digit"):
        add_entry(entry=Muscle(**NEW, **{system: "-"}), by=catalogue_manager)
