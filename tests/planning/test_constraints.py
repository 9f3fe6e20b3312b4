"""What the database itself refuses in the tables of planning: every constraint, by name."""

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from planning.models import (
    Amendment,
    Consent,
    ErrorMark,
    Injection,
    InjectionSession,
    Muscle,
    MuscleKey,
    MuscleSet,
    MuscleSetEntry,
    Product,
    SignedRecord,
    Vial,
)
from tests import builders

pytestmark = pytest.mark.django_db


class Ground:
    """A session with a vial, and who made it."""

    def __init__(self):
        self.by = builders.a_clinician()
        self.session = builders.a_given_session(by=self.by)
        self.vial = builders.a_vial(session=self.session, by=self.by)
        self.row = self.session.injections.order_by("pk").first()

    def session_with(self, **values):
        InjectionSession.objects.filter(pk=self.session.pk).update(**values)

    def row_with(self, **values):
        Injection.objects.filter(pk=self.row.pk).update(**values)

    def another_row(self, **values):
        Injection.objects.create(session=self.session, **{"muscle": self.row.muscle, "side": self.row.side, **values})

    def twin_with_a_vial(self):
        self.row_with(vial=self.vial)
        self.another_row(vial=self.vial)

    def consent_with(self, **values):
        consent = builders.a_consent(session=self.session, by=self.by)
        Consent.objects.filter(pk=consent.pk).update(**values)

    def record_numbered(self, number):
        other = builders.a_given_session(by=self.by, visit=builders.an_arrived_visit(clinician=self.by, hour=15))
        record = builders.sign(self.session, by=self.by)
        other.note_signed(timezone.now())
        record.pk, record.session, record.number = None, other, number
        SignedRecord.objects.bulk_create([record])

    def record_twice(self):
        record = builders.sign(self.session, by=self.by)
        builders.an_amendment(self.session, by=self.by)
        record.pk = None
        SignedRecord.objects.bulk_create([record])

    def amendment_with(self, **values):
        record = builders.sign(self.session, by=self.by)
        values = {"kind": "recorded_wrongly", "reason": "x", "opened_by": self.by, "opened_at": timezone.now()} | values
        if values.get("signed_as") == "its own":
            values["signed_as"] = record
        return Amendment.objects.create(session=self.session, record=record, rows_as_signed="{}", **values)

    def amended_twice_at_once(self):
        self.amendment_with()
        again = Amendment.objects.get()
        again.pk = None
        Amendment.objects.bulk_create([again])

    def error_with(self, **values):
        values = {"reason": "x", "marked_by": self.by, "marked_at": timezone.now()} | values
        return ErrorMark.objects.create(session=self.session, **values)

    def set_entry(self, side):
        muscle_set = builders.a_muscle_set(by=self.by, muscles=(("SCM", ("right",)),))
        MuscleSetEntry.objects.create(muscle_set=muscle_set, muscle=builders.a_muscle("SCM"), side=side)

    def marked_twice(self):
        self.error_with()
        self.error_with()


def muscle(**values):
    return Muscle.objects.filter(short_name="LS").update(**values)


def product(**values):
    return Product.objects.filter(brand_name="Botox").update(**values)


VIOLATIONS = {
    "planning_muscle_place_is_drawn": [lambda g: muscle(map_place="elbow")],
    "planning_muscle_has_a_name_and_a_short_name": [lambda g: muscle(name=""), lambda g: muscle(short_name="")],
    "planning_product_has_both_names": [lambda g: product(brand_name=""), lambda g: product(nonproprietary_name="")],
    "planning_consent_says_who_and_to_what": [
        lambda g: g.consent_with(given_by=""),
        lambda g: g.consent_with(form_version=""),
    ],
    "planning_vial_shared_is_known": [lambda g: Vial.objects.filter(pk=g.vial.pk).update(shared="may")],
    "planning_injection_guidance_is_known": [lambda g: g.row_with(guidance="dowsing")],
    "planning_injection_sites_are_a_small_number": [lambda g: g.row_with(sites=0), lambda g: g.row_with(sites=100)],
    "planning_signedrecord_numbers_begin_at_one": [lambda g: g.record_numbered(0)],
    "planning_muscle_has_its_place_on_the_map_alone": [lambda g: muscle(map_place="scalene")],
    "planning_muscle_sides_are_known": [lambda g: muscle(sides="both"), lambda g: muscle(sides="")],
    "planning_muscle_is_not_its_own_group": [
        lambda g: muscle(group=Muscle.objects.get(short_name="LS")),
    ],
    "planning_muscle_names_are_unique_together": [
        lambda g: MuscleKey.objects.create(muscle=builders.a_muscle("LS"), key="scm"),
        lambda g: Muscle(name="Another", short_name="scm").save(),
    ],
    "planning_product_brand_names_are_unique_whatever_the_case": [
        lambda g: Product.objects.create(brand_name="BOTOX", nonproprietary_name="x"),
    ],
    "planning_product_unit_label_is_known": [lambda g: product(unit_label="mg"), lambda g: product(unit_label="")],
    "planning_session_not_done_at_by_and_why_together": [
        lambda g: g.session_with(not_done_at=timezone.now()),
        lambda g: g.session_with(not_done_reason="x"),
        lambda g: g.session_with(not_done_by=g.by),
        lambda g: g.session_with(not_done_at=timezone.now(), not_done_by=g.by),
        lambda g: g.session_with(not_done_at=timezone.now(), not_done_reason="x"),
    ],
    "planning_session_that_fell_with_its_visit_is_not_done": [lambda g: g.session_with(fell_with_visit=True)],
    "planning_session_recorder_from_the_first_recording": [lambda g: g.session_with(recorder=None)],
    "planning_injection_muscle_and_side_stand_once_without_a_vial": [lambda g: g.another_row()],
    "planning_injection_muscle_side_and_vial_stand_once": [lambda g: g.twin_with_a_vial()],
    "planning_injection_side_is_known": [
        lambda g: g.another_row(side="both"),
        lambda g: g.another_row(side=""),
    ],
    "planning_injection_not_given_has_no_given_dose": [lambda g: g.row_with(not_given=True)],
    "planning_injection_reason_only_where_not_given": [lambda g: g.row_with(not_given_reason="Pain")],
    "planning_signedrecord_number_is_unique": [lambda g: g.record_twice()],
    "planning_amendment_is_open_once": [lambda g: g.amended_twice_at_once()],
    "planning_amendment_kind_is_known": [lambda g: g.amendment_with(kind="whim")],
    "planning_amendment_says_why": [lambda g: g.amendment_with(reason="")],
    "planning_amendment_is_signed_or_discarded": [
        lambda g: g.amendment_with(signed_as="its own", discarded_at=timezone.now(), discarded_by=g.by),
    ],
    "planning_amendment_discarded_at_and_by_together": [
        lambda g: g.amendment_with(discarded_at=timezone.now()),
        lambda g: g.amendment_with(discarded_by=g.by),
    ],
    "planning_muscleset_names_are_unique_whatever_the_case": [
        lambda g: [builders.a_muscle_set(by=g.by, name="Usual"), MuscleSet.objects.create(owner=g.by, name="USUAL")],
    ],
    "planning_muscleset_has_a_name": [lambda g: MuscleSet.objects.create(owner=g.by, name="")],
    "planning_musclesetentry_stands_once": [lambda g: g.set_entry("right")],
    "planning_musclesetentry_side_is_known": [lambda g: g.set_entry("both")],
    "planning_errormark_stands_once": [lambda g: g.marked_twice()],
    "planning_errormark_says_why": [lambda g: g.error_with(reason="")],
    "planning_errormark_undone_at_and_by_together": [
        lambda g: g.error_with(undone_at=timezone.now()),
        lambda g: g.error_with(undone_by=g.by),
    ],
}

# SQLite names a unique constraint by its columns; and a trigger there answers before the constraint of records.
IN_THE_WORDS_OF_SQLITE = {
    "planning_muscle_has_its_place_on_the_map_alone": "planning_muscle.map_place",
    "planning_muscle_names_are_unique_together": "planning_musclekey.key",
    "planning_injection_muscle_and_side_stand_once_without_a_vial": "planning_injection.session_id",
    "planning_injection_muscle_side_and_vial_stand_once": "planning_injection.vial_id",
    "planning_signedrecord_number_is_unique": "planning_signedrecord_is_only_added_to",
    "planning_amendment_is_open_once": "planning_amendment.session_id",
    "planning_errormark_stands_once": "planning_errormark.session_id",
    "planning_muscleset_names_are_unique_whatever_the_case": "planning_muscleset_names_are_unique_whatever_the_case",
    "planning_musclesetentry_stands_once": "planning_musclesetentry.muscle_set_id",
}


def violations():
    return [(name, number) for name, writes in VIOLATIONS.items() for number in range(len(writes))]


@pytest.mark.parametrize(("name", "number"), violations())
def test_the_database_refuses(name, number):
    ground = Ground()
    words = IN_THE_WORDS_OF_SQLITE.get(name, name) if connection.vendor == "sqlite" else name

    with pytest.raises(IntegrityError, match=words), transaction.atomic():
        VIOLATIONS[name][number](ground)


def test_every_constraint_is_tried():
    declared = {
        constraint.name
        for model in apps.get_app_config("planning").get_models()
        for constraint in model._meta.constraints
    }

    assert declared == set(VIOLATIONS)


def test_every_constraint_stands_in_the_database():
    with connection.cursor() as cursor:
        standing = {
            name
            for model in apps.get_app_config("planning").get_models()
            for name in connection.introspection.get_constraints(cursor, model._meta.db_table)
        }

    assert set(VIOLATIONS) <= standing


def test_rows_that_were_removed_stand_in_nobodys_way():
    ground = Ground()

    for _ in range(2):
        ground.another_row(removed_at=timezone.now())


def test_a_muscle_and_side_stand_once_with_each_vial_and_once_without():
    ground = Ground()

    ground.another_row(vial=ground.vial)
    ground.another_row(vial=builders.a_vial(session=ground.session, by=ground.by))
