"""Two records that are one patient: who confirmed it, what moved, and who undid it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from clinic.records.text import Lines
from patients.people.models.patient import Patient


class SamePersonQuerySet(models.QuerySet):
    def active(self):
        return self.filter(undone_at=None)


class SamePerson(models.Model):
    """`other` was joined to `patient`: it is found as `patient`, and can no longer be changed."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="same_person_decisions")
    reason = Lines(max_length=1000)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField()
    visits_moved = models.ManyToManyField("patients.Visit", related_name="+")
    follow_ups_moved = models.ManyToManyField("patients.FollowUp", related_name="+")
    waiting_moved = models.ManyToManyField("patients.WaitingEntry", related_name="+")
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = SamePersonQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["other"], condition=Q(undone_at=None), name="patients_sameperson_is_active_once"
            ),
            models.CheckConstraint(name="patients_sameperson_are_two_records", condition=~Q(patient=F("other"))),
            models.CheckConstraint(name="patients_sameperson_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="patients_sameperson_undone_at_and_by_together",
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False, undone_by__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.other.record_number} is the same person as {self.patient.record_number}"
