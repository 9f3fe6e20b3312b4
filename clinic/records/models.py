"""What all records share: versions, corrections, submissions, the audit trail and the clinic."""

import uuid
import zoneinfo

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from clinic.records import macs
from clinic.records.seals import KNOWN_DIGITS
from clinic.records.text import Line, Lines


class LockingQuerySet(models.QuerySet):
    def locked(self, pk):
        """The row, locked until the transaction ends."""
        # The key is not locked: it never changes, and writers that only refer to this row need not wait.
        return self.select_for_update(of=("self",), no_key=True).get(pk=pk)


class Versioned(models.Model):
    """Counts its saves, so that concurrent changes by another user are detected."""

    version = models.PositiveIntegerField(default=1, editable=False)

    objects = LockingQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        if not self._state.adding:
            self.version += 1
        super().save(*args, **kwargs)

    @classmethod
    def details(cls):
        """The names of the fields that a user enters, in the order of the API and of tables."""
        return [field.name for field in cls._meta.fields if field.editable and not field.primary_key]


def now():
    """As timezone.now(), looked up at each call, because the demo replaces the clock."""
    return timezone.now()


# Those entered in error are at the end of a list.
ACTIVE_FIRST = F("error_at").asc(nulls_first=True)


class CorrectableQuerySet(LockingQuerySet):
    def active(self):
        return self.filter(error_at=None)


class Correctable(Versioned):
    """Never deleted: an incorrect record is marked as entered in error, with a reason, and stays visible.

    Each subclass names its `patient`.
    """

    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+"
    )
    recorded_at = models.DateTimeField(default=now, editable=False)
    error_reason = Line("why", max_length=300, blank=True, editable=False)
    error_at = models.DateTimeField(null=True, editable=False)
    error_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects = CorrectableQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_error_has_reason_time_person",
                condition=Q(error_reason="", error_at=None, error_by=None)
                | (~Q(error_reason="") & Q(error_at__isnull=False, error_by__isnull=False)),
            )
        ]

    @property
    def is_in_error(self):
        return self.error_at is not None

    def change_obstacle(self):
        """Why it cannot be changed, as a message; None if it can."""
        return f"This is marked as entered in error: {self.error_reason}" if self.is_in_error else None

    def obstacles(self):
        """Why it cannot be stored, as {field: message}; {} if it can, which is the default."""
        return {}

    def return_obstacle(self):
        """Why the mark cannot be undone, as a message; None if it can, which is the default."""


def not_in_the_future(day):
    """Validator: a date on which something happened."""
    if day > timezone.localdate():
        raise ValidationError("This date is in the future.")


class AuditEntryQuerySet(models.QuerySet):
    def about(self, patient_ids):
        """Those that concern one of these patients, each once."""
        named = AuditedPatient.objects.filter(patient_id__in=patient_ids)
        return self.filter(pk__in=named.values("entry"))

    def latest_first(self):
        return self.order_by("-at", "-pk")

    def before(self, pk):
        """Those after this entry in a list with the latest first: the audit trail grows while it is read."""
        at = self.model.objects.filter(pk=pk).values_list("at", flat=True).first()
        # The first condition is redundant, but lets an index find where the page begins.
        return self.filter(at__lte=at).filter(Q(at__lt=at) | Q(pk__lt=pk)) if at else self.filter(pk__lt=pk)


class AuditEntry(models.Model):
    """One action of a user, or one denied attempt. The database rejects changes and deletions."""

    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    roles = models.CharField(max_length=200)
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60)
    object_id = models.BigIntegerField(null=True)
    outcome = models.CharField(max_length=10, choices=[("done", "done"), ("refused", "refused"), ("failed", "failed")])
    route = models.CharField(max_length=100)
    request_id = models.CharField(max_length=32)
    # Identifies the entry in its MAC, which is computed before the database gives the id.
    nonce = models.UUIDField(default=uuid.uuid4)
    # The newest seal that the process knew, and the first digits of its MAC.
    seal_number = models.BigIntegerField(null=True)
    seal_digits = models.CharField(max_length=KNOWN_DIGITS)
    mac = models.CharField(max_length=macs.LONGEST)

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "audit entries"
        constraints = [
            models.CheckConstraint(
                name="clinic_auditentry_outcome_is_known", condition=Q(outcome__in=["done", "refused", "failed"])
            ),
            models.UniqueConstraint(fields=["nonce"], name="clinic_auditentry_is_not_a_copy"),
        ]
        # One for each filter of the auditor's page, in the order of the page.
        indexes = [
            models.Index(fields=["at"], name="clinic_auditentry_by_time"),
            models.Index(fields=["actor", "at"], name="clinic_auditentry_by_actor"),
            models.Index(fields=["action", "at"], name="clinic_auditentry_by_action"),
            models.Index(fields=["route", "at"], name="clinic_auditentry_by_route"),
            models.Index(fields=["outcome", "at"], name="clinic_auditentry_by_outcome"),
        ]

    def __str__(self):
        return f"{self.pk} {self.action} {self.object_type} {self.object_id or ''}".strip()

    def with_mac(self, patient_ids):
        """Give it its MAC, over everything except the ids of its rows, which a seal covers."""
        self.mac = macs.mac("entry", self._mac_values(patient_ids))
        return self

    def _mac_values(self, patient_ids):
        """As clinic.records.stored_entries reads them from the database."""
        return [
            str(self.nonce), macs.microseconds(self.at), self.actor_id, self.roles, self.action, self.object_type,
            self.object_id, self.outcome, self.route, self.request_id, self.seal_number, self.seal_digits,
            *sorted(patient_ids),
        ]  # fmt: skip


class AuditedPatient(models.Model):
    """A patient that an audit entry concerns.

    It stores the id only, because the audit trail is stored longer than the patient.
    """

    entry = models.ForeignKey(AuditEntry, on_delete=models.PROTECT, related_name="patients")
    patient_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "patient_id"], name="clinic_a_patient_is_unique_in_an_entry")
        ]
        indexes = [models.Index(fields=["patient_id", "entry"], name="clinic_auditedpatient_entries")]

    def __str__(self):
        return f"patient {self.patient_id} in entry {self.entry_id}"


class Submission(models.Model):
    """A form that creates a record, sent by a user. Sent twice, it creates one record."""

    key = models.UUIDField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    route = models.CharField(max_length=200)
    body_hash = models.CharField(max_length=64)
    object_type = models.CharField(max_length=60)
    object_id = models.BigIntegerField(null=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="clinic_a_form_is_sent_once")]

    def __str__(self):
        return f"{self.route} {self.key}"

    def store_result(self, record):
        self.object_type, self.object_id = record._meta.label_lower, record.pk
        self.save()

    def result(self):
        return apps.get_model(self.object_type)._base_manager.get(pk=self.object_id)


def _time_zones():
    return [(name, name.replace("_", " ")) for name in sorted(zoneinfo.available_timezones()) if "/" in name]


class Clinic(models.Model):
    """The one clinic of this installation, as printed on documents."""

    name = Line(max_length=200)
    address = Lines(blank=True)
    phone = Line(max_length=50, blank=True)
    time_zone = models.CharField(max_length=64, choices=_time_zones, default="Europe/London")
    passkey_signs = models.BooleanField(
        "signing with a passkey",
        default=False,
        help_text="A signer who has a passkey can sign with it instead of the password.",
    )
    # Distinguishes the visits of this installation in calendars that read several.
    installation = models.UUIDField(default=uuid.uuid4, editable=False)

    history = HistoricalRecords(excluded_fields=["installation"])

    class Meta:
        verbose_name_plural = "clinic"
        constraints = [models.CheckConstraint(name="clinic_there_is_one_clinic", condition=Q(pk=1))]

    def __str__(self):
        return self.name

    @classmethod
    def ours(cls):
        return cls.objects.get(pk=1)

    @property
    def address_in_a_line(self):
        return ", ".join(self.address.splitlines())

    @property
    def zone(self):
        return zoneinfo.ZoneInfo(self.time_zone)
