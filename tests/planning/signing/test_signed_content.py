"""What a signed record contains, that it is what was shown, and the chain of hashes."""

import datetime as dt
import hashlib
import json
import uuid
import zoneinfo
from contextlib import contextmanager

import pytest
from django.db import connection, models
from django.utils import timezone

from clinic.models import AuditEntry, Clinic
from clinic.records import triggers
from clinic.records.exceptions import Conflict
from patients.models import Patient, Visit
from patients.people.actions.patients import review_alerts
from planning.models import Consent, Injection, InjectionSession, Muscle, Product, SignedRecord, Vial
from planning.sessions.actions.injections import add_injection, change_injection, remove_injection
from planning.sessions.actions.sessions import change_session, choose_product
from planning.sessions.actions.vials import change_vial, remove_vial
from planning.signing.models.signed_record import canonical, digest
from tests import builders
from tests.planning.signing.signatures import complete, fresh, nothing_was_signed, sign

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def given(neurologist):
    return builders.a_given_session(by=neurologist)


# The content

# What a record does not repeat: what the audit trail contains, and what is not part of the session.
NOT_IN_THE_CONTENT = {
    InjectionSession: {"planned_by", "recording_since", "signed_at", "not_done_at", "not_done_by", "not_done_reason",
                       "cancelled_with_visit"},
    Vial: {"added_at"},
    Injection: {"planned_typed_by", "given_typed_by", "typed_at"},
    Consent: {"patient", "recorded_by", "recorded_at", "error_reason", "error_at", "error_by", "version"},
    Visit: {
        "minutes", "ends_at", "state", "reason", "version", "booked_at", "outside_note", "outside_hours_since",
        "moved_from",
    },
    Product: {"order", "retired_at", "version"},
    Muscle: {
        "short_name", "synonyms", "sides", "description", "source", "uberon", "fma", "ta98", "snomed_ct",
        "order", "retired_at", "version",
    },
    Clinic: {"installation", "passkey_signs"},
    Patient: {
        "phone", "email", "address", "language", "onset", "referred_by", "note", "agreed_to_reminders", "status",
        "status_since", "alerts_reviewed_by", "no_follow_up_reason", "no_follow_up_on", "no_follow_up_by",
        "sort_name", "registered_at", "updated_at", "same_as", "version",
    },
}  # fmt: skip

# Where any other value of the field's kind would clash with another rule.
OTHER_VALUES = {"map_place": "", "alerts_reviewed_at": None, "date_of_birth": "1932-03"}


def another(field, value):
    """A value of that field that differs from `value`."""
    if field.name in OTHER_VALUES:
        return OTHER_VALUES[field.name]
    if isinstance(field, models.ForeignKey):
        return field.related_model._base_manager.exclude(pk=value).values_list("pk", flat=True).first()
    if isinstance(field, models.BooleanField):
        return not value
    if field.choices:
        return next(key for key, _ in field.flatchoices if key != value)
    if isinstance(field, models.UUIDField):
        return uuid.uuid4()
    if isinstance(field, models.IntegerField):
        return (value or 0) + 1
    if isinstance(field, models.DateField):
        # A datetime too; a visit's end stays after its start.
        moment = value or (timezone.now() if isinstance(field, models.DateTimeField) else builders.today())
        return moment + dt.timedelta(days=1 if field.name == "ends_at" else -1)
    return f"{value}7"


def test_content_covers_every_field_but_the_exceptions(rules_of_the_database_lifted, neurologist, given):
    # Given a session in which everything is filled, and another of everything to point to
    session, row = complete(given, by=neurologist)
    patient = session.patient
    review_alerts(patient=patient, by=neurologist, version=patient.version, none_known=True)
    other = builders.a_given_session(visit=builders.an_arrived_visit(hour=15))
    builders.a_consent(session=other, form_version="4")
    instances = {
        InjectionSession: session,
        Vial: row.vial,
        Injection: row,
        Consent: session.consent,
        Visit: session.visit,
        Product: session.product,
        Muscle: row.muscle,
        Clinic: Clinic.ours(),
        Patient: patient,
    }
    before = digest(fresh(session).content())

    # When any single field is changed in the database, then the content changes, except for these exceptions
    for model, exceptions in NOT_IN_THE_CONTENT.items():
        silent = set()
        for field in model._meta.concrete_fields:
            if not (field.primary_key or field.generated):
                with altered(instances[model], field):
                    silent |= {field.name} if digest(fresh(session).content()) == before else set()
        assert silent == exceptions, model


@contextmanager
def altered(instance, field):
    """Inside, one column of one row has another value."""
    rows = type(instance)._base_manager.filter(pk=instance.pk)
    value = rows.values_list(field.attname, flat=True).get()
    rows.update(**{field.attname: another(field, value)})
    yield
    rows.update(**{field.attname: value})


@pytest.fixture
def rules_of_the_database_lifted(db):
    """Triggers and checks; the test's transaction brings them back, but for SQLite's pragma."""
    triggers.lift()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        else:
            for model in NOT_IN_THE_CONTENT:
                for constraint in model._meta.constraints:
                    if isinstance(constraint, models.CheckConstraint):
                        cursor.execute(f"ALTER TABLE {model._meta.db_table} DROP CONSTRAINT {constraint.name}")
        yield
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = OFF")


def test_content_does_not_depend_on_user_or_time_zone(neurologist, given):
    one = given.content()

    with timezone.override(zoneinfo.ZoneInfo("Pacific/Auckland")):
        other = fresh(given).content()

    assert canonical(one) == canonical(other)
    assert digest(one) == hashlib.sha256(canonical(one).encode()).hexdigest()


def test_day_given_uses_clinic_time_outside_a_request(neurologist):
    # Given a clinic far from UTC, and a visit in its morning
    Clinic.objects.update(time_zone="Pacific/Auckland")
    visit = builders.an_arrived_visit(clinician=neurologist, day=builders.today() - dt.timedelta(days=3), hour=8)

    session = builders.a_planned_session(by=neurologist, visit=visit)

    assert session.content()["given_on"] == (builders.today() - dt.timedelta(days=3)).isoformat()
    assert session.content()["visit"]["starts_at"].startswith(session.content()["given_on"] + "T08:00+1")


def test_content_has_no_number_that_could_be_a_dose(neurologist, given):
    session, _ = complete(given, by=neurologist)

    def floats(value):
        if isinstance(value, dict):
            return [found for part in value.values() for found in floats(part)]
        if isinstance(value, list):
            return [found for part in value for found in floats(part)]
        return [value] if isinstance(value, float) else []

    content = json.loads(canonical(session.content()))
    assert floats(content) == []
    assert {type(row["given_dose"]) for row in content["injections"]} == {str}


# What was shown is what is signed


def test_record_contains_the_shown_content_and_the_signer(neurologist, given):
    shown = given.content()

    record = sign(given, by=neurologist, content_hash=digest(shown))

    assert record.content == json.loads(canonical(shown))
    assert (record.number, record.session) == (1, given)
    assert (record.signer, record.signer_name, record.signer_roles) == (neurologist, "Dr A. Morgan", "neurologist")
    assert record.meaning == "I vouch that this record states what was given."
    assert record.is_intact()
    assert fresh(given).state == "signed"
    entry = AuditEntry.objects.order_by("-pk").first()
    assert (entry.action, entry.object_type, entry.object_id) == ("signed", "planning.signedrecord", record.pk)
    assert [row.patient_id for row in entry.patients.all()] == [given.patient.pk]


@pytest.mark.parametrize(
    ("zone", "offset"), [("Asia/Kolkata", "+05:30"), ("Pacific/Marquesas", "-09:30"), ("Pacific/Kiritimati", "+14:00")]
)
def test_signing_time_is_clinic_time_with_its_offset(zone, offset, neurologist, given):
    Clinic.objects.update(time_zone=zone)
    yesterday = builders.today() - dt.timedelta(days=2)
    Visit.objects.filter(pk=given.visit_id).update(starts_at=builders.at(yesterday), ends_at=builders.at(yesterday, 11))

    record = sign(given, by=neurologist)

    moment = dt.datetime.fromisoformat(record.signed_at)
    assert record.signed_at.endswith(offset)
    assert abs(moment - timezone.now()) < dt.timedelta(seconds=30)


def a_change(name):
    """A change by another user between the read-back and the signature."""

    def row(session):
        return session.injections.in_order().first()

    def renamed(instance, field):
        setattr(instance, field, "Renamed")
        instance.save()

    def another_product(session, by):
        return choose_product(
            session=session,
            product=builders.a_product("Dysport"),
            by=by,
            version=session.version,
            empties_confirmed=True,
        )

    def product_there_and_back(session, by):
        session = another_product(session, by)
        session = choose_product(session=session, product=builders.a_product("Botox"), by=by, version=session.version)
        first, second = session.injections.in_order()
        change_injection(
            injection=first, product=first.session.product, by=by, version=first.version, given_dose="1.11"
        )
        change_injection(
            injection=second, product=second.session.product, by=by, version=second.version, given_dose="2.22"
        )

    def notes_there_and_back(session, by):
        for notes in ("x", ""):
            session = change_session(session=session, by=by, version=session.version, notes=notes)

    return {
        "a dose": lambda s, by: change_injection(
            injection=row(s), product=row(s).session.product, by=by, version=row(s).version, given_dose="1.110"
        ),
        "a dose there and back": lambda s, by: [
            change_injection(
                injection=row(s), product=row(s).session.product, by=by, version=row(s).version, given_dose=dose
            )
            for dose in ("9.99", "1.11")
        ],
        "a note": lambda s, by: change_injection(
            injection=row(s), product=row(s).session.product, by=by, version=row(s).version, note="x"
        ),
        "a row added": lambda s, by: add_injection(
            session=s, product=s.product, muscle=builders.a_muscle("SCAL"), side="left", by=by
        ),
        "a row removed": lambda s, by: remove_injection(
            injection=row(s), product=row(s).session.product, by=by, version=row(s).version
        ),
        "guidance": lambda s, by: builders.set_guidance(s, "emg", by=by),
        "a vial added": lambda s, by: builders.a_vial(session=s, by=by),
        "a product": another_product,
        "a product there and back": product_there_and_back,
        "the operator": lambda s, by: change_session(
            session=s, by=by, version=s.version, operator=builders.a_clinician()
        ),
        "notes": lambda s, by: change_session(session=s, by=by, version=s.version, notes="x"),
        "notes there and back": notes_there_and_back,
        "a consent": lambda s, by: builders.a_consent(session=s, by=by),
        "the patient’s name": lambda s, by: renamed(Patient.objects.get(pk=s.patient.pk), "family_name"),
        "the muscle’s name": lambda s, by: renamed(builders.a_muscle(), "name"),
    }[name]


CHANGES = [
    "a dose", "a dose there and back", "a note", "a row added", "a row removed", "guidance", "a vial added",
    "a product", "a product there and back", "the operator", "notes", "notes there and back", "a consent",
    "the patient’s name", "the muscle’s name",
]  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.sample(3)
def test_change_after_the_page_was_opened_is_a_conflict(name, neurologist, given):
    shown = digest(given.content())

    a_change(name)(given, neurologist)

    with pytest.raises(Conflict, match="changed after the page was opened"):
        sign(given, by=neurologist, content_hash=shown)
    assert nothing_was_signed()


def test_vial_changed_or_removed_after_opening_is_a_conflict(neurologist, given):
    vial = builders.a_vial(session=given)
    for change in (
        lambda vial: change_vial(
            vial=vial, product=vial.session.product, by=neurologist, version=vial.version, lot_number="B"
        ),
        lambda vial: remove_vial(vial=vial, product=vial.session.product, by=neurologist, version=vial.version),
    ):
        shown = digest(fresh(given).content())
        change(Vial.objects.get(pk=vial.pk))
        with pytest.raises(Conflict):
            sign(given, by=neurologist, content_hash=shown)
    assert nothing_was_signed()


def test_renaming_later_changes_no_record(neurologist, given):
    record = sign(given, by=neurologist)
    before = record.content_text

    for instance, field in (
        (builders.a_muscle(), "name"),
        (builders.a_product(), "brand_name"),
        (Patient.objects.get(pk=given.patient.pk), "family_name"),
        (neurologist, "printed_name"),
        (Clinic.ours(), "name"),
    ):
        setattr(instance, field, "Renamed")
        instance.save()

    record = SignedRecord.objects.get()
    assert (record.content_text, record.signer_name) == (before, "Dr A. Morgan")
    assert record.is_intact()
    assert "Renamed" not in record.content_text


# The chain of hashes


@pytest.mark.parametrize(
    "field",
    ["content_text", "content_hash", "previous_hash", "signer_name", "signer_roles", "signed_at", "meaning", "hash"],
)
@pytest.mark.sample(2)
def test_altered_record_is_not_intact(field, neurologist, given):
    record = sign(given, by=neurologist)
    assert record.is_intact()

    value = getattr(record, field)
    setattr(record, field, value.replace("1.11", "9.99") if field == "content_text" else value[:-1] + "~")

    assert not record.is_intact()


@pytest.mark.parametrize("field", ["number", "signer_id"])
def test_record_with_another_number_or_signer_is_not_intact(field, neurologist, given):
    record = sign(given, by=neurologist)

    setattr(record, field, getattr(record, field) + 1)

    assert not record.is_intact()


def test_next_record_contains_the_hash_of_the_previous_one(neurologist, given):
    record = sign(given, by=neurologist)

    Clinic.objects.update(time_zone="Asia/Kolkata")
    builders.an_amendment(given, by=neurologist)
    given.refresh_from_db()
    second = SignedRecord.objects.append(given, content=given.content(), by=neurologist)

    assert (second.number, second.previous_hash) == (2, record.hash)
    assert second.signed_at.endswith("+05:30")
    assert second.is_intact()
    assert given.record() == second
