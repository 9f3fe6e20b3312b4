"""Random changes that bypass Collum, by somebody who owns the tables: `Corruptor(seed).corrupt()` makes one."""

import random
import uuid

from django.db import connection, models

from clinic.models import AuditedPatient, AuditEntry, AuditSeal
from clinic.records import macs
from planning.models import LotSpelling, SignedLot, SignedRecord

WRONG_KEYS = [b"wrong", b""]


def rows(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


class Corruptor:
    """What only a seal covers, such as ids, is corrupted in sealed entries only."""

    WAYS = {
        "change_entry", "change_patient", "change_seal", "change_record", "move_patient", "change_id", "swap",
        "swap_content", "swap_macs", "swap_records", "delete_entry", "delete_patients", "delete_patient",
        "delete_seal", "delete_record", "cut_tail", "add_patient", "forge_entry", "forge_record", "forge_seal",
        "copy_entry", "change_lot", "move_lot", "delete_lot", "add_lot", "change_spelling", "delete_spelling",
    }  # fmt: skip

    def __init__(self, seed):
        self.rng = random.Random(seed)  # noqa: S311 (no secret)
        self.sealed = list(AuditEntry.objects.filter(pk__lte=AuditSeal.objects.newest().last_entry).order_by("pk"))
        self.entries = list(AuditEntry.objects.order_by("pk"))
        self.patients = list(AuditedPatient.objects.order_by("pk"))
        self.seals = list(AuditSeal.objects.order_by("pk"))
        self.records = list(SignedRecord.objects.order_by("pk"))
        self.lots = list(SignedLot.objects.order_by("pk"))
        last = self.sealed[-1].pk
        self.sealed_patients = [row for row in self.patients if row.entry_id <= last]

    def corrupt(self):
        """What was done, in words."""
        way = self.rng.choice(sorted(self.WAYS))
        return f"{way}: {getattr(self, way)()}"

    # One column

    def change_entry(self):
        return self._change(self.rng.choice(self.entries))

    def change_patient(self):
        return self._change(self.rng.choice(self.patients), leave_out={"entry"})

    def change_seal(self):
        return self._change(self.rng.choice(self.seals))

    def change_record(self):
        return self._change(self.rng.choice(self.records))

    def _change(self, row, leave_out=()):
        fields = [field for field in row._meta.concrete_fields if not field.primary_key and field.name not in leave_out]
        field = self.rng.choice(fields)
        value = field.get_db_prep_save(self._other(field, getattr(row, field.attname)), connection)
        self._set(row, field, value)
        return f"{row._meta.db_table} {row.pk} {field.column} = {value}"

    def _other(self, field, value):
        if isinstance(field, models.DateTimeField):
            return value + macs._MICROSECOND * self.rng.choice([1, -1, 10**6, 3600 * 10**6])
        if isinstance(field, models.UUIDField):
            return uuid.UUID(int=value.int ^ (1 << self.rng.randrange(128)))
        if isinstance(field, models.CharField | models.TextField):
            return self._other_text(value)
        if value is not None and field.null and self.rng.random() < 0.3:
            return None
        return self.rng.randrange(1, 1000) if value is None else value + self.rng.choice([1, -1, 256])

    def _other_text(self, text):
        if not text:
            return "x"
        place = self.rng.randrange(len(text))
        other = chr(ord(text[place]) ^ 1)
        return text[:place] + self.rng.choice([other, ""]) + text[place + 1 :]

    def _set(self, row, field, value):
        table, key = row._meta.db_table, row._meta.pk.column
        rows(f"UPDATE {table} SET {field.column} = %s WHERE {key} = %s", value, row.pk)

    # Ids and whole rows

    def move_patient(self):
        row = self.rng.choice(self.patients)
        to = self.rng.choice([entry for entry in self.entries if entry.pk != row.entry_id])
        rows("UPDATE clinic_auditedpatient SET entry_id = %s WHERE id = %s", to.pk, row.pk)
        return f"{row} to {to.pk}"

    def change_id(self):
        chosen = self.rng.choice([self.sealed, self.sealed_patients, self.seals, self.records])
        row, to = self.rng.choice(chosen), self.rng.choice([-5, 10**6 + self.rng.randrange(1000)])
        self._set(row, row._meta.pk, to)
        return f"{row} to {to}"

    def swap(self):
        """The ids of two rows, with or without what refers to them."""
        one, other = self.rng.sample(self.rng.choice([self.sealed, self.sealed_patients, self.seals]), 2)
        self._swap_ids(one, other)
        if isinstance(one, AuditEntry) and self.rng.random() < 0.5:
            moved = "UPDATE clinic_auditedpatient SET entry_id = %s WHERE entry_id = %s"
            for to, pk in ((-9, one.pk), (one.pk, other.pk), (other.pk, -9)):
                rows(moved, to, pk)
        return f"{one}, {other}"

    def _swap_ids(self, one, other):
        for row, to in ((one, -9), (other, one.pk)):
            self._set(row, row._meta.pk, to)
        rows(f"UPDATE {one._meta.db_table} SET {one._meta.pk.column} = %s WHERE {one._meta.pk.column} = -9", other.pk)

    def swap_records(self):
        one, other = self.rng.sample(self.records, 2)
        self._swap_ids(one, other)
        return f"{one}, {other}"

    def swap_content(self):
        """The same column of two rows that differ in it."""
        model = self.rng.choice([self.entries, self.seals, self.records])
        one, other = self.rng.sample(model, 2)
        fields = [
            field
            for field in one._meta.concrete_fields
            if not (field.primary_key or field.unique or field.name == "nonce")
            and getattr(one, field.attname) != getattr(other, field.attname)
        ]
        field = self.rng.choice(fields)
        for to, source in ((one, other), (other, one)):
            self._set(to, field, field.get_db_prep_save(getattr(source, field.attname), connection))
        return f"{one}, {other}: {field.name}"

    def swap_macs(self):
        one, other = self.rng.sample(self.entries, 2)
        for to, source in ((one, other), (other, one)):
            self._set(to, AuditEntry._meta.get_field("mac"), source.mac)
        return f"{one}, {other}"

    # Removed

    def delete_entry(self):
        entry = self.rng.choice(self.sealed)
        rows("DELETE FROM clinic_auditedpatient WHERE entry_id = %s", entry.pk)
        rows("DELETE FROM clinic_auditentry WHERE id = %s", entry.pk)
        return entry

    def delete_patients(self):
        row = self.rng.choice(self.patients)
        rows("DELETE FROM clinic_auditedpatient WHERE entry_id = %s", row.entry_id)
        return f"of {row.entry_id}"

    def delete_patient(self):
        row = self.rng.choice(self.patients)
        rows("DELETE FROM clinic_auditedpatient WHERE id = %s", row.pk)
        return row

    def delete_seal(self):
        seal = self.rng.choice(self.seals)
        later = self.rng.random() < 0.3
        rows(f"DELETE FROM clinic_auditseal WHERE number {'>=' if later else '='} %s", seal.pk)
        return f"{seal}{' and later ones' if later else ''}"

    def delete_record(self):
        record = self.rng.choice(self.records)
        rows("DELETE FROM planning_signedrecord WHERE id = %s", record.pk)
        return record

    def cut_tail(self):
        """With the entries that are not sealed yet, but not with the seal."""
        newest = self.seals[-1]
        first = self.rng.choice([entry.pk for entry in self.sealed if entry.pk >= newest.first_entry])
        rows("DELETE FROM clinic_auditedpatient WHERE entry_id >= %s", first)
        rows("DELETE FROM clinic_auditentry WHERE id >= %s", first)
        return f"from {first}"

    # Added

    def add_patient(self):
        entry = self.rng.choice(self.entries)
        rows("INSERT INTO clinic_auditedpatient (entry_id, patient_id) VALUES (%s, %s)", entry.pk, 10**9)
        return f"to {entry.pk}"

    def forge_entry(self):
        entry = self.rng.choice(self.entries)
        forged = AuditEntry(action=entry.action, outcome="done", actor_id=entry.actor_id, seal_digits="")
        if self.rng.random() < 0.3:
            forged.pk = 10**6
        self._with_a_wrong_key(lambda: forged.with_mac([]))
        AuditEntry.objects.bulk_create([forged])
        return forged

    def forge_record(self):
        source = self.rng.choice(self.records)
        forged = SignedRecord.objects.get(pk=source.pk)
        forged.pk, forged.number = 10**6, 77
        self._with_a_wrong_key(lambda: setattr(forged, "mac", macs.mac("signed record", forged.mac_values())))
        SignedRecord.objects.bulk_create([forged])
        return forged

    def forge_seal(self):
        """Of the entries that are not sealed yet."""
        covered = type("Covered", (), {"entries": 1, "hexdigest": lambda self: "0" * 64})()
        last = self.entries[-1].pk
        return self._with_a_wrong_key(
            lambda: AuditSeal.objects.append(after=self.seals[-1], last=last, covered=covered)
        )

    def _with_a_wrong_key(self, write):
        known = dict(macs.settings.AUDIT_KEYS)
        key_id = self.rng.choice([*known, "other"])
        macs.settings.AUDIT_KEYS = {key_id: self.rng.choice(WRONG_KEYS)}
        try:
            return write()
        finally:
            macs.settings.AUDIT_KEYS = known

    def copy_entry(self):
        """With its nonce, if the database lets it: on SQLite, a constraint cannot be removed for a test."""
        entry = self.rng.choice(self.entries)
        patients = list(entry.patients.values_list("patient_id", flat=True))
        copied = AuditEntry.objects.get(pk=entry.pk)
        copied.pk = None
        if connection.vendor == "sqlite":
            copied.nonce = uuid.uuid4()
        AuditEntry.objects.bulk_create([copied])
        AuditedPatient.objects.bulk_create(AuditedPatient(entry=copied, patient_id=pk) for pk in patients)
        return entry

    # What a recall reads

    def change_lot(self):
        return self._change(self.rng.choice(self.lots), leave_out={"record"})

    def move_lot(self):
        lot = self.rng.choice(self.lots)
        to = self.rng.choice([record.pk for record in self.records if record.pk != lot.record_id])
        rows("UPDATE planning_signedlot SET record_id = %s WHERE id = %s", to, lot.pk)
        return f"{lot.pk} to {to}"

    def delete_lot(self):
        lot = self.rng.choice(self.lots)
        rows("DELETE FROM planning_signedlot WHERE id = %s", lot.pk)
        return lot.pk

    def add_lot(self):
        lot = self.rng.choice(self.lots)
        record = self.rng.choice(self.records)
        SignedLot.objects.bulk_create([SignedLot(record=record, lot_number=f"{lot.lot_number}1")])
        return record

    def change_spelling(self):
        spelling = LotSpelling.objects.get(typed=self.rng.choice(self.lots).lot_number)
        return self._change(spelling, leave_out={"typed"})

    def delete_spelling(self):
        lot = self.rng.choice(self.lots)
        rows("DELETE FROM planning_lotspelling WHERE typed = %s", lot.lot_number)
        return lot.lot_number
