"""A signed session cannot be changed by any write."""

from types import SimpleNamespace

import pytest
from django.db import DatabaseError, connection, models, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from planning.models import Injection, InjectionSession, LotSpelling, SignedLot, SignedRecord, Vial
from planning.signing.models.signed_record import canonical
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture(scope="module")
def made_world(module_transaction):
    """A signed session with a vial; and two more, each with a vial, that are still open."""
    neurologist = builders.a_clinician()

    def given(hour, **details):
        visit = builders.an_arrived_visit(clinician=neurologist, hour=hour)
        session = builders.a_given_session(by=neurologist, visit=visit, **details)
        builders.a_vial(session=session)
        return session

    signed, unsigned, other = given(9), given(14, muscles=[("SCAL", "left")]), given(16)
    builders.sign(signed, by=neurologist)
    signed.refresh_from_db()
    return SimpleNamespace(neurologist=neurologist, signed=signed, unsigned=unsigned, other=other)


@pytest.fixture
def neurologist(world):
    return world.neurologist


@pytest.fixture
def signed(world):
    return world.signed


@pytest.fixture
def unsigned(world):
    return world.unsigned


def everything_of(session):
    """Everything stored about it, as shown and as stored."""
    return [
        canonical(InjectionSession.objects.get(pk=session.pk).content()),
        *(
            list(model.objects.filter(**{key: session.pk}).order_by("pk").values())
            for model, key in (
                (InjectionSession, "pk"),
                (Injection, "session"),
                (Vial, "session"),
                (SignedRecord, "session"),
                (SignedLot, "record__session"),
            )
        ),
    ]


def changed(instance, **values):
    for name, value in values.items():
        setattr(instance, name, value)
    return instance


def row(session):
    return session.injections.order_by("pk").first()


def vial(session):
    return session.vials.get()


def record(session):
    return session.records.get()


def lot(session):
    return SignedLot.objects.get(record__session=session)


def bulk_update(instance, **values):
    type(instance).objects.bulk_update([changed(instance, **values)], list(values))


def sql(statement, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def copied(instance, **values):
    """A raw row like that of `instance`, as columns and values."""
    stored = type(instance).objects.filter(pk=instance.pk).values().get()
    stored.update(values)
    for field in instance._meta.concrete_fields:
        if field.generated:
            del stored[field.attname]
    columns = [type(instance)._meta.get_field(name.removesuffix("_id")).column for name in stored]
    return columns, list(stored.values())


def insert(instance, how="INSERT", **values):
    columns, parameters = copied(instance, **values)
    marks = ", ".join(["%s"] * len(columns))
    sql(f"{how} INTO {instance._meta.db_table} ({', '.join(columns)}) VALUES ({marks})", *parameters)


# Each write: what is signed, and an open session to move things from and to.
WRITES = {
    # rows
    "save a row": lambda s, o: changed(row(s), given_dose="9.99").save(),
    "save one field of a row": lambda s, o: changed(row(s), given_dose="9.99").save(update_fields=["given_dose"]),
    "remove a row": lambda s, o: changed(row(s), removed_at=timezone.now()).save(),
    "update rows": lambda s, o: s.injections.update(given_dose="9.99"),
    "update one row without a change": lambda s, o: Injection.objects.filter(pk=row(s).pk).update(note=""),
    "bulk update rows": lambda s, o: bulk_update(row(s), given_dose="9.99"),
    "delete a row": lambda s, o: row(s).delete(),
    "delete rows": lambda s, o: s.injections.all().delete(),
    "delete rows without asking": lambda s, o: s.injections.all()._raw_delete("default"),
    "create a row": lambda s, o: Injection.objects.create(session=s, muscle=builders.a_muscle("LS"), side="left"),
    "create rows": lambda s, o: Injection.objects.bulk_create(
        [Injection(session=s, muscle=builders.a_muscle("LS"), side="left")]
    ),
    "create rows over others": lambda s, o: Injection.objects.bulk_create(
        [changed(row(s), given_dose="9.99")],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["given_dose"],
    ),
    "move a row out": lambda s, o: changed(row(s), session=o).save(),
    "move a row in": lambda s, o: changed(row(o), session=s).save(),
    "move rows out": lambda s, o: s.injections.update(session=o),
    "move rows in": lambda s, o: o.injections.update(session=s),
    "raw update of rows": lambda s, o: sql("UPDATE planning_injection SET given_dose = '9.99'"),
    "raw update of a row's id": lambda s, o: sql("UPDATE planning_injection SET id = 999 WHERE id = %s", row(s).pk),
    "raw delete of rows": lambda s, o: sql("DELETE FROM planning_injection"),
    "raw insert of a row": lambda s, o: insert(row(s), id=999, side="left"),
    # vials
    "save a vial": lambda s, o: changed(vial(s), lot_number="B").save(),
    "update vials": lambda s, o: s.vials.update(lot_number="B"),
    "bulk update vials": lambda s, o: bulk_update(vial(s), lot_number="B"),
    "delete a vial": lambda s, o: vial(s).delete(),
    "delete vials": lambda s, o: s.vials.all().delete(),
    "create a vial": lambda s, o: Vial.objects.create(session=s, lot_number="B"),
    "create vials": lambda s, o: Vial.objects.bulk_create([Vial(session=s, lot_number="B")]),
    "move a vial out": lambda s, o: changed(vial(s), session=o).save(),
    "move a vial in": lambda s, o: changed(vial(o), session=s).save(),
    "raw update of vials": lambda s, o: sql("UPDATE planning_vial SET lot_number = 'B'"),
    "raw move of a vial under another id": lambda s, o: sql(
        "UPDATE planning_vial SET id = 999, session_id = %s WHERE id = %s", o.pk, vial(s).pk
    ),
    "raw delete of vials": lambda s, o: sql("DELETE FROM planning_vial"),
    "raw insert of a vial": lambda s, o: insert(vial(s), id=999),
    # the session
    "save the session": lambda s, o: changed(s, notes="x").save(),
    "save the session without a change": lambda s, o: s.save(),
    "change the product": lambda s, o: changed(s, product=builders.a_product("Dysport")).save(),
    "update the session": lambda s, o: InjectionSession.objects.filter(pk=s.pk).update(notes="x"),
    "bulk update the session": lambda s, o: bulk_update(s, notes="x"),
    "move it to another visit": lambda s, o: changed(s, visit=o.visit).save(),
    "raw update of the session": lambda s, o: sql("UPDATE planning_injectionsession SET operator_id = NULL"),
    "raw delete of the session": lambda s, o: sql("DELETE FROM planning_injectionsession WHERE id = %s", s.pk),
    "raw insert over the session": lambda s, o: insert(s),
    # the record
    "save the record": lambda s, o: changed(record(s), content_text="{}").save(),
    "save the record without a change": lambda s, o: record(s).save(),
    "update the record": lambda s, o: s.records.update(meaning="x"),
    "bulk update the record": lambda s, o: bulk_update(record(s), content_text="{}"),
    "delete the record": lambda s, o: record(s).delete(),
    "delete the records": lambda s, o: SignedRecord.objects.all().delete(),
    "move the record": lambda s, o: s.records.update(session=o),
    "raw update of the record": lambda s, o: sql("UPDATE planning_signedrecord SET signer_name = 'x'"),
    "raw delete of the record": lambda s, o: sql("DELETE FROM planning_signedrecord"),
    "raw insert over the record": lambda s, o: insert(record(s)),
    "a second record of the same number": lambda s, o: insert(record(s), id=999),
    # the lots that the record names
    "save a lot of the record": lambda s, o: changed(lot(s), lot_number="B").save(),
    "save a lot of the record without a change": lambda s, o: lot(s).save(),
    "update the lots of the record": lambda s, o: record(s).lots.update(lot_number="B"),
    "bulk update the lots of the record": lambda s, o: bulk_update(lot(s), lot_number="B"),
    "delete a lot of the record": lambda s, o: lot(s).delete(),
    "delete the lots of the record": lambda s, o: record(s).lots.all()._raw_delete("default"),
    "raw update of lots": lambda s, o: sql("UPDATE planning_signedlot SET lot_number = 'B'"),
    "raw delete of lots": lambda s, o: sql("DELETE FROM planning_signedlot"),
    "raw insert over a lot": lambda s, o: insert(lot(s)),
    "raw insert of the same lot": lambda s, o: insert(lot(s), id=999),
}

WRITES_OF_ONE_ENGINE = {
    "sqlite": {
        "replace a row": lambda s, o: insert(row(s), "INSERT OR REPLACE", given_dose="9.99"),
        "replace a row by one of another session": lambda s, o: insert(row(o), "REPLACE", id=row(s).pk),
        "give another row the id of a signed one": lambda s, o: sql(
            "UPDATE OR REPLACE planning_injection SET id = %s WHERE id = %s", row(s).pk, row(o).pk
        ),
        "replace a vial": lambda s, o: insert(vial(s), "INSERT OR REPLACE", lot_number="B"),
        "replace a vial by one of another session": lambda s, o: insert(vial(o), "REPLACE", id=vial(s).pk),
        "give another vial the id of a signed one": lambda s, o: sql(
            "UPDATE OR REPLACE planning_vial SET id = %s WHERE id = %s", vial(s).pk, vial(o).pk
        ),
        "replace the session": lambda s, o: insert(s, "INSERT OR REPLACE", notes="x"),
        "replace the record": lambda s, o: insert(record(s), "INSERT OR REPLACE", content_text="{}"),
        "replace the record by its number": lambda s, o: insert(record(s), "REPLACE", id=999, content_text="{}"),
        "replace a lot of the record": lambda s, o: insert(lot(s), "REPLACE", lot_number="B"),
        "replace a lot by its number": lambda s, o: insert(lot(s), "REPLACE", id=999),
        "upsert a row": lambda s, o: insert_or_update(row(s)),
    },
    "postgresql": {
        "upsert a row": lambda s, o: insert_or_update(row(s)),
    },
}


# By table, the rule that rejects it. Others refer to the table, so it is truncated with them.
TRUNCATED = {
    "planning_signedlot": "planning_signedlot_is_append_only",
    "planning_injection": "planning_injection_is_read_only_after_signing",
    "planning_vial": "planning_vial_is_read_only_after_signing",
    "planning_signedrecord": "planning_signedrecord_is_append_only",
    "planning_injectionsession": "planning_injectionsession_is_read_only_after_signing",
    "patients_patient": "is_read_only_after_signing|is_append_only|can_only_be_ended",
}


def insert_or_update(instance):
    columns, parameters = copied(instance)
    marks = ", ".join(["%s"] * len(columns))
    sql(
        f"INSERT INTO planning_injection ({', '.join(columns)}) VALUES ({marks}) "
        "ON CONFLICT (id) DO UPDATE SET given_dose = '9.99'",
        *parameters,
    )


def refused_and_unchanged(write, signed, unsigned):
    before = everything_of(signed)

    # By the database, or by Django where it sees what hangs on it
    with pytest.raises((DatabaseError, ProtectedError)), transaction.atomic():
        write(signed, unsigned)

    assert everything_of(signed) == before
    assert record(signed).is_intact()


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.sample(2)
def test_signed_session_rejects_the_write(write, signed, unsigned):
    refused_and_unchanged(WRITES[write], signed, unsigned)


@pytest.mark.parametrize("write", WRITES_OF_ONE_ENGINE[connection.vendor])
def test_signed_session_rejects_engine_specific_writes(write, signed, unsigned):
    refused_and_unchanged(WRITES_OF_ONE_ENGINE[connection.vendor][write], signed, unsigned)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no TRUNCATE")
@pytest.mark.parametrize("table", TRUNCATED)
def test_tables_with_a_signed_session_are_not_truncated(table, signed):
    before = everything_of(signed)
    # PostgreSQL truncates no table while a foreign key waits to be checked, and would reject it for that.
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(DatabaseError, match=TRUNCATED[table]), transaction.atomic():
        sql(f"TRUNCATE {table} CASCADE")
    assert everything_of(signed) == before


# What another session loses or gains is tried on the signed one only; a replaced row has to be a signed one.
NEEDS_A_SIGNATURE = {name for name in WRITES if not name.startswith(("raw", "a second"))} - {
    "delete the record",
    "delete the records",
    "update the record",
    "bulk update the record",
    "save the record",
    "save the record without a change",
    "move the record",
    "save a lot of the record",
    "save a lot of the record without a change",
    "update the lots of the record",
    "bulk update the lots of the record",
    "delete a lot of the record",
    "delete the lots of the record",
    # these are never possible
    "move a row out",
    "move a row in",
    "move rows out",
    "move rows in",
    "move it to another visit",
}


@pytest.mark.parametrize("write", sorted(NEEDS_A_SIGNATURE))
def test_unsigned_session_accepts_the_same_write(write, world):
    LotSpelling.objects.note(["B"])  # which a vial needs, and which no action stores here

    WRITES[write](world.unsigned, world.other)


def protected_by_a_signature():
    """Everything whose deletion would take a part of a signed session along."""
    return [
        (model, field)
        for model in (InjectionSession, Injection, Vial, SignedRecord, SignedLot)
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey)
    ]


@pytest.mark.parametrize(
    ("model", "field"),
    protected_by_a_signature(),
    ids=[f"{m.__name__}.{f.name}" for m, f in protected_by_a_signature()],
)
def test_deletions_do_not_cascade_into_sessions(model, field):
    assert field.remote_field.on_delete is models.PROTECT


def test_entries_of_a_signed_session_cannot_be_deleted(signed, neurologist):
    before = everything_of(signed)

    for named in (signed.visit, signed.patient, signed.product, row(signed).muscle, neurologist, signed):
        with pytest.raises(ProtectedError), transaction.atomic():
            type(named).objects.filter(pk=named.pk).delete()

    assert everything_of(signed) == before


def test_error_names_the_rule(signed):
    with pytest.raises(DatabaseError, match="planning_injection_is_read_only_after_signing"), transaction.atomic():
        row(signed).save()
    with pytest.raises(DatabaseError, match="planning_signedrecord_is_append_only"), transaction.atomic():
        record(signed).save()


def test_unsigned_rows_and_sessions_keep_their_identity(unsigned, world):
    other = world.other

    for values in ({"muscle": builders.a_muscle("LS")}, {"side": "right"}, {"session": other}):
        with pytest.raises(DatabaseError, match="muscle_and_side_do_not_change"), transaction.atomic():
            changed(row(unsigned), **values).save()
    with pytest.raises(DatabaseError, match="visit_changes_only_by_a_move"), transaction.atomic():
        changed(InjectionSession.objects.get(pk=unsigned.pk), visit=other.visit).save()


def test_record_needs_a_session_with_a_signing_time(signed, unsigned, neurologist):
    values = {"content_hash": "x", "previous_hash": "", "signer_name": "A", "signer_roles": "neurologist",
              "signed_at": "2026-11-23T08:00:00+00:00", "meaning": "m", "hash": "x", "content_text": "{}"}  # fmt: skip
    with pytest.raises(DatabaseError, match="signedrecord_needs_a_signed_session"), transaction.atomic():
        SignedRecord.objects.create(session=unsigned, number=1, signer=neurologist, **values)

    for moment in (None, timezone.now()):
        with pytest.raises(DatabaseError), transaction.atomic():
            InjectionSession.objects.filter(pk=signed.pk).update(signed_at=moment)


def test_signing_time_stays_during_an_amendment(neurologist):
    amended = builders.an_amended_session(by=neurologist)
    builders.an_amendment(session=amended, by=neurologist)

    with pytest.raises(DatabaseError, match="signed_at_does_not_change"), transaction.atomic():
        InjectionSession.objects.filter(pk=amended.pk).update(signed_at=None)
