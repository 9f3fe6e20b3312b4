"""The signed record: the immutable content of a session at the time of signing."""

import hashlib
import json

from django.conf import settings
from django.db import connection, models
from django.utils import timezone
from django.utils.functional import cached_property

from clinic.models import Clinic
from clinic.records import macs
from clinic.records.numbers import Count
from planning.sessions.models.consent import Consent
from planning.sessions.models.lot import SignedLot
from planning.sessions.models.session import InjectionSession

MEANING = "I vouch that this record states what was given."


def canonical(content):
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(content):
    """SHA-256 of the canonical text, in hexadecimal."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def lots_of(content):
    """Each lot number once, in the order of the vials."""
    return list(dict.fromkeys(vial["lot_number"] for vial in content["vials"] if vial["lot_number"]))


def _next_id():
    """Before the row is stored, because its MAC covers the id."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT nextval(pg_get_serial_sequence('planning_signedrecord', 'id'))")
        else:
            # In the transaction that signs, which is the only one that writes.
            cursor.execute("SELECT COALESCE(MAX(id), 0) + 1 FROM planning_signedrecord")
        return cursor.fetchone()[0]


class SignedRecordQuerySet(models.QuerySet):
    def append(self, session, *, content, by):
        before = self.filter(session=session).order_by("-number").first()
        now = timezone.localtime(timezone=Clinic.ours().zone)
        session.note_signed(now)
        record = SignedRecord(
            session=session,
            number=before.number + 1 if before else 1,
            content_text=canonical(content),
            content_hash=digest(content),
            previous_hash=before.hash if before else "",
            signer=by,
            signer_name=by.printed_name,
            signer_roles=", ".join(by.role_names),
            signed_at=now.isoformat(timespec="seconds"),
            meaning=MEANING,
        )
        record.hash = record.computed_hash()
        record.pk = _next_id()
        record.mac = macs.mac("signed record", record.mac_values())
        record.save(force_insert=True)
        SignedLot.objects.bulk_create(SignedLot(record=record, lot_number=lot) for lot in lots_of(content))
        return record


class SignedRecord(models.Model):
    """The database rejects changes and deletion, and every write to the rows that it was made from."""

    session = models.ForeignKey(InjectionSession, on_delete=models.PROTECT, related_name="records")
    number = Count()
    content_text = models.TextField()
    content_hash = models.CharField(max_length=64)
    previous_hash = models.CharField(max_length=64)
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="signed_records")
    signer_name = models.CharField(max_length=100)
    signer_roles = models.CharField(max_length=200)
    signed_at = models.CharField(max_length=32, help_text="Local date and time of the clinic, ISO 8601 with offset.")
    meaning = models.CharField(max_length=200)
    hash = models.CharField(max_length=64)
    mac = models.CharField(max_length=macs.LONGEST)

    objects = SignedRecordQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["session", "number"], name="planning_signedrecord_number_is_unique"),
            models.CheckConstraint(
                name="planning_signedrecord_numbers_begin_at_one", condition=models.Q(number__gte=1)
            ),
        ]

    def __str__(self):
        return f"Record {self.number} of session {self.session_id}"

    @cached_property
    def content(self):
        return json.loads(self.content_text)

    def chosen_consent(self):
        """The consent that was chosen at signing; an amendment can have changed that of the session since."""
        is_opened_again = self.session.is_being_amended or self.session.was_amended
        if is_opened_again and (amendment := next(iter(self.amendments.all()), None)):
            return Consent.objects.filter(pk=amendment.as_signed()["session"]["consent"]).first()
        return self.session.consent

    def computed_hash(self):
        """SHA-256 over the content, the signer, the time, the role, and the hash of the record before."""
        block = {
            name: getattr(self, name)
            for name in ("number", "content_hash", "previous_hash", "signer_id", "signer_name", "signer_roles",
                         "signed_at", "meaning")
        }  # fmt: skip
        return hashlib.sha256((self.content_text + canonical(block)).encode()).hexdigest()

    def mac_values(self):
        """The whole row, with its id: amendments and the audit trail refer to it."""
        return [getattr(self, field.attname) for field in self._meta.concrete_fields if field.name != "mac"]

    def is_intact(self):
        """Whether the stored hash matches the stored content and signature."""
        return self.hash == self.computed_hash() and self.content_hash == digest(self.content)
