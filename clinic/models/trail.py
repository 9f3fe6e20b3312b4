"""The audit trail, and what was sent once and may be sent again."""

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class AuditEntry(models.Model):
    """One thing somebody did, or was refused. The database refuses to change or remove it."""

    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    roles = models.CharField(max_length=200)
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60)
    object_id = models.BigIntegerField(null=True)
    outcome = models.CharField(max_length=10, choices=[("done", "done"), ("refused", "refused"), ("failed", "failed")])
    route = models.CharField(max_length=100)
    request_id = models.CharField(max_length=32)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "audit entries"
        constraints = [
            models.CheckConstraint(
                name="clinic_auditentry_outcome_is_known", condition=Q(outcome__in=["done", "refused", "failed"])
            )
        ]
        indexes = [models.Index(fields=["actor", "at"], name="clinic_auditentry_by_actor")]

    def __str__(self):
        return f"{self.pk} {self.action} {self.object_type} {self.object_id or ''}".strip()


class AuditedPatient(models.Model):
    """A patient whom an audit entry concerns. A plain number: the trail outlives what it speaks of."""

    entry = models.ForeignKey(AuditEntry, on_delete=models.PROTECT, related_name="patients")
    patient_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "patient_id"], name="clinic_a_patient_stands_once_in_an_entry")
        ]
        indexes = [models.Index(fields=["patient_id", "entry"], name="clinic_auditedpatient_entries")]

    def __str__(self):
        return f"patient {self.patient_id} in entry {self.entry_id}"


class Submission(models.Model):
    """A form that creates something, sent by somebody; sent twice, it makes one record."""

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

    def keep(self, made):
        self.object_type, self.object_id = made._meta.label_lower, made.pk
        self.save()

    def made(self):
        return apps.get_model(self.object_type)._base_manager.get(pk=self.object_id)
