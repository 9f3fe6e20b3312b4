"""Adding and changing catalogue entries: checked in full, versioned, with history and one audit entry each."""

import unicodedata
from contextlib import contextmanager
from decimal import Decimal
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import timezone

from clinic.models import AuditEntry
from clinic.records.exceptions import Conflict, Refused
from planning.catalogue.actions.entries import add_entry, change_entry
from planning.models import Instrument, MapPlace, Muscle, MuscleKey, Product, Side, Sides
from tests import builders
from tests.parallel import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

LS = partial(builders.a_muscle, "LS")
BOTOX = partial(builders.a_product, "Botox")
TSUI = partial(builders.an_instrument, "Tsui")


def a_new_muscle(**details):
    return Muscle(**{"name": "Splenius capitis", "short_name": "SPC", **details})


def a_new_product(**details):
    return Product(**{"brand_name": "Neck", "nonproprietary_name": "collotoxin", **details})


def a_new_instrument(**details):
    return Instrument(**{"name": "Burke", "lowest": 0, "highest": 3, **details})


NEW = {"muscle": a_new_muscle, "product": a_new_product, "instrument": a_new_instrument}
each_kind = pytest.mark.parametrize("new", NEW.values(), ids=NEW.keys())
EACH_STORED = {
    "muscle": (LS, "synonyms"),
    "product": (partial(builders.a_product, "Xeomin"), "nonproprietary_name"),
    "instrument": (TSUI, "source"),
}
each_stored = pytest.mark.parametrize(("find", "name"), EACH_STORED.values(), ids=EACH_STORED.keys())


def change(entry, *, by, version=None, **details):
    return change_entry(entry=entry, by=by, version=version or entry.version, **details)


def stored():
    models = (Muscle, MuscleKey, Product, Instrument, Muscle.history, Product.history, Instrument.history)
    return [list(getattr(model, "objects", model).order_by("pk").values()) for model in models]


@contextmanager
def refused(kind=ValidationError):
    """Inside, an action fails, and no change is stored or audited."""
    before = stored(), AuditEntry.objects.count()
    with pytest.raises(kind) as refusal:
        yield refusal
    assert (stored(), AuditEntry.objects.count()) == before


@contextmanager
def one_audit_entry(action, by):
    """Inside, one audit entry is left, of that action by that person; `yield` takes the entry that it names."""
    before, about = AuditEntry.objects.count(), []
    yield about
    audited = AuditEntry.objects.last()
    assert AuditEntry.objects.count() == before + 1
    assert (audited.action, audited.actor) == (action, by)
    assert [(audited.object_type, audited.object_id)] == [(entry._meta.label_lower, entry.pk) for entry in about]


def checks_pass_once(monkeypatch, model):
    """The checks of `model` find no conflict, as if another user stored one after the check."""
    check, blind = model.full_clean, iter([True, True])
    monkeypatch.setattr(model, "full_clean", lambda *args, **how: None if next(blind, False) else check(*args, **how))


# Adding


@each_kind
def test_entry_is_added_with_history_and_one_audit_entry(new, catalogue_manager):
    with one_audit_entry("added", catalogue_manager) as about:
        about.append(add_entry(entry=new(), by=catalogue_manager))

    made = type(about[0]).objects.offered().get(pk=about[0].pk)
    assert (made.version, made.history.get().history_user) == (1, catalogue_manager)
    assert str(made) == str(new())


def test_added_muscle_is_found_by_all_of_its_names(catalogue_manager):
    made = add_entry(entry=a_new_muscle(synonyms=" Bandage  muscle;"), by=catalogue_manager)
    assert {key.key for key in made.name_keys.all()} == {"splenius capitis", "spc", "bandage muscle"}


CANNOT_BE = {
    "a taken name, and no short one": (
        lambda: a_new_muscle(name="LEVATOR scapulae", short_name=""),
        {
            "name": "“LEVATOR scapulae” is already a name of Levator scapulae.",
            "short_name": "This field cannot be blank.",
        },
    ),
    "a taken place": (
        lambda: a_new_muscle(map_place=MapPlace.SCALENE),
        {"map_place": "Scalene has this position on the neck map."},
    ),
    "a part as a group": (
        lambda: a_new_muscle(group=builders.a_muscle("SCAL-A")),
        {"group": "A part belongs to a group that is not itself a part."},
    ),
    "unknown sides": (lambda: a_new_muscle(sides="all"), {"sides": "Value 'all' is not a valid choice."}),
    "a taken brand": (
        lambda: a_new_product(brand_name="BÓTOX"),
        {"brand_name": "Botox (onabotulinumtoxinA) has this brand name."},
    ),
    "a range that is none": (
        lambda: a_new_instrument(highest=0),
        {"highest": "The highest score must be above the lowest."},
    ),
    "levels for some scores": (
        lambda: a_new_instrument(levels="none\nsome"),
        {"levels": "A line for each whole score is needed, from the lowest to the highest."},
    ),
}


@pytest.mark.parametrize(("new", "messages"), CANNOT_BE.values(), ids=CANNOT_BE.keys())
def test_invalid_entry_is_rejected_by_field(new, messages, catalogue_manager):
    with refused() as refusal:
        add_entry(entry=new(), by=catalogue_manager)
    assert refusal.value.message_dict == {field: [message] for field, message in messages.items()}


def test_name_with_a_hidden_character_is_rejected_by_field(catalogue_manager):
    with refused() as refusal:
        add_entry(entry=a_new_muscle(name="Sple\u202enius"), by=catalogue_manager)
    assert "invisible character" in refusal.value.message_dict["name"][0]


def test_deleted_group_is_rejected_by_field(catalogue_manager):
    group = add_entry(entry=a_new_muscle(), by=catalogue_manager)
    part = a_new_muscle(name="Its part", short_name="SPC-P", group=group)
    Muscle.objects.filter(pk=group.pk).delete()

    for write in (
        partial(add_entry, entry=part, by=catalogue_manager),
        partial(change, LS(), by=catalogue_manager, group=group),
    ):
        with refused() as refusal:
            write()
        assert "was deleted" in refusal.value.message_dict["group"][0]


TAKEN_MEANWHILE = {
    "a muscle's name": (lambda: a_new_muscle(short_name="ls"), "short_name", "is already a name of Levator scapulae."),
    "its place": (lambda: a_new_muscle(map_place=MapPlace.SCALENE), "map_place", "Scalene has this position"),
    "a brand": (lambda: a_new_product(brand_name="botox"), "brand_name", "has this brand name."),
    "an instrument's name": (lambda: a_new_instrument(name="TSUI"), "name", "Tsui has this name."),
}
taken_meanwhile = pytest.mark.parametrize(
    ("new", "field", "message"), TAKEN_MEANWHILE.values(), ids=TAKEN_MEANWHILE.keys()
)


@taken_meanwhile
def test_concurrently_used_value_gets_the_same_message(new, field, message, catalogue_manager, monkeypatch):
    entry = new()
    checks_pass_once(monkeypatch, type(entry))
    with refused() as refusal:
        add_entry(entry=entry, by=catalogue_manager)
    assert message in refusal.value.message_dict[field][0]


@pytest.mark.django_db(transaction=True)
@each_kind
def test_one_of_two_concurrent_equal_entries_is_added(new):
    people = [builders.a_person("catalogue manager") for _ in range(2)]
    for _ in range(5):
        made = at_once(*(partial(add_entry, entry=new(), by=person) for person in people))

        refusal = next(one for one in made if isinstance(one, ValidationError))
        kept = next(one for one in made if one is not refusal)
        assert type(kept) is type(new()), made
        assert "name" in " ".join(refusal.messages)
        assert type(kept).objects.filter(pk=kept.pk).count() == 1
        kept.delete()


# Changing


@each_stored
def test_entry_is_changed_with_history_and_one_audit_entry(find, name, catalogue_manager):
    before = find()
    with one_audit_entry("changed", catalogue_manager) as about:
        about.append(change(before, by=catalogue_manager, **{name: "said anew"}))

    now = type(before).objects.get(pk=before.pk)
    assert (getattr(now, name), now.version) == ("said anew", before.version + 1)
    last = now.history.latest()
    assert (getattr(last, name), last.history_user) == ("said anew", catalogue_manager)
    assert not last.history_change_reason


@each_stored
def test_stale_change_is_a_conflict_with_the_stored_entry(find, name, catalogue_manager):
    read = find()
    change(read, by=catalogue_manager, **{name: "theirs"})

    with refused(Conflict) as refusal:
        change(read, by=catalogue_manager, **{name: "mine"})
    assert getattr(refusal.value.current, name) == "theirs"


@each_stored
def test_repeated_change_succeeds_without_an_audit_entry(find, name, catalogue_manager):
    read = find()
    change(read, by=catalogue_manager, **{name: "mine", "order": 7})
    before = stored(), AuditEntry.objects.count()

    again = change(read, by=catalogue_manager, **{name: "mine", "order": 7})

    assert again.version == read.version + 1
    assert (stored(), AuditEntry.objects.count()) == before


@pytest.mark.parametrize(
    ("find", "typed"),
    [
        (LS, {"synonyms": f" {unicodedata.normalize('NFD', 'lévator')} "}),
        (LS, {"order": "4"}),
        (LS, {"description": "first\r\nsecond"}),
        (TSUI, {"highest": "30.0"}),
    ],
    ids=lambda one: str(one) if isinstance(one, dict) else "",
)
def test_repeated_change_is_recognised_in_any_spelling(find, typed, catalogue_manager):
    read = find()
    changed = change(read, by=catalogue_manager, **typed)
    assert change(read, by=catalogue_manager, **typed).version == changed.version == read.version + 1


@pytest.mark.parametrize("name", ["retired_at", "id", "pk", "group_id", "history", "colour"])
def test_fields_set_by_the_server_cannot_be_changed(name, catalogue_manager):
    with refused(TypeError) as refusal:
        change(LS(), by=catalogue_manager, synonyms="x", **{name: timezone.now()})
    assert str(refusal.value) == f"This is no detail of a muscle: {name}"


@pytest.mark.parametrize(
    ("find", "details", "field", "message"),
    [
        (LS, {"short_name": "scm"}, "short_name", "“scm” is already a name of Sternocleidomastoid."),
        (LS, {"name": " "}, "name", "This field cannot be blank."),
        (LS, {"order": "first"}, "order", "Type a whole number, in the digits 0 to 9 only."),
        (LS, {"map_place": MapPlace.SCALENE}, "map_place", "Scalene has this position on the neck map."),
        (partial(builders.a_muscle, "SCM"), {"sides": Sides.MIDLINE}, "sides", "A side in use cannot be removed."),
        (BOTOX, {"unit_label": "U"}, "unit_label", "A unit in use cannot be changed."),
        (TSUI, {"highest": Decimal(11)}, "highest", "Some stored scores are outside this range."),
    ],
)
def test_invalid_change_is_rejected_by_field(find, details, field, message, catalogue_manager):
    session = builders.a_planned_session(product="Botox", muscles=[("SCM", Side.RIGHT)])
    builders.an_assessment(visit=session.visit, scores=[(TSUI(), 12)])

    with refused() as refusal:
        change(find(), by=catalogue_manager, **details)
    assert message in refusal.value.message_dict[field][0]
    assert refusal.value.message_dict.keys() == {field}


@taken_meanwhile
def test_value_used_during_a_change_gets_the_same_message(new, field, message, catalogue_manager, monkeypatch):
    entry = add_entry(entry=NEW[new()._meta.model_name](), by=catalogue_manager)
    checks_pass_once(monkeypatch, type(entry))
    with refused() as refusal:
        change(entry, by=catalogue_manager, **{field: getattr(new(), field)})
    assert message in refusal.value.message_dict[field][0]


def test_value_freed_during_a_change_gets_a_message(catalogue_manager, monkeypatch):
    monkeypatch.setattr(Product, "full_clean", lambda *args, **kwargs: None)
    with refused(Refused) as refusal:
        add_entry(entry=a_new_product(brand_name="botox"), by=catalogue_manager)
    assert refusal.value.message == "Another user changed the catalogue at the same time. Save again."


@pytest.mark.django_db(transaction=True)
def test_one_of_two_concurrent_changes_is_a_conflict():
    people = [builders.a_person("catalogue manager") for _ in range(2)]
    for number in range(5):
        read = LS()
        made = at_once(
            *(partial(change, read, by=person, synonyms=f"{person.pk} {number}") for person in people),
        )
        assert sorted(type(one).__name__ for one in made) == ["Conflict", "Muscle"], made
        assert LS().version == read.version + 1


# Another name


@pytest.fixture
def used(neurologist):
    builders.a_signed_session(by=neurologist, muscles=[("LS", Side.RIGHT)])
    return LS()


def test_renaming_a_used_entry_needs_meaning_and_reason(used, catalogue_manager):
    with refused() as refusal:
        change(used, by=catalogue_manager, name="Levator")
    assert "is named in 1 signed session" in refusal.value.message_dict["meaning"][0]
    with refused() as refusal:
        change(used, by=catalogue_manager, name="Levator", meaning="spelling")
    assert refusal.value.message_dict == {"reason": ["Enter why the name changes."]}
    with refused() as refusal:
        change(used, by=catalogue_manager, name="Levator", meaning="another", reason="typed anew")
    assert "cannot become something else" in refusal.value.message_dict["meaning"][0]


def test_reason_for_renaming_is_in_the_history(used, catalogue_manager):
    change(used, by=catalogue_manager, name="Levator", meaning="spelling", reason="As the atlas writes it")
    last = LS().history.latest()
    assert (last.name, last.history_change_reason) == ("Levator", "As the atlas writes it")


def test_unneeded_reason_is_not_stored(used, catalogue_manager):
    change(used, by=catalogue_manager, latin_name="levator", meaning="spelling", reason="x")
    assert LS().history.latest().history_change_reason is None


def test_unused_entry_is_renamed_without_asking(catalogue_manager):
    change(LS(), by=catalogue_manager, name="Levator")
    assert LS().name == "Levator"
    assert LS().keys() == {"levator", "ls", "levator scapulae"}  # the last by its Latin name
    assert {key.key for key in LS().name_keys.all()} == LS().keys() | LS().code_keys()


# A group that is deleted at the same time


@pytest.mark.django_db(transaction=True)
def test_group_is_not_deleted_while_a_part_is_added(catalogue_manager):
    for number in range(5):
        group = Muscle.objects.create(name=f"Group {number}", short_name=f"G{number}")
        part = Muscle(name=f"Part {number}", short_name=f"P{number}", group=group)
        added, deleted = at_once(
            partial(add_entry, entry=part, by=catalogue_manager), Muscle.objects.get(pk=group.pk).delete
        )
        assert isinstance(added, Muscle | ValidationError), added
        assert isinstance(deleted, IntegrityError) == isinstance(added, Muscle)
