"""The record numbers that Collum assigns."""

from django.db import models
from django.db.models import Q

from patients.people.models.patient import Patient


class RecordNumberQuerySet(models.QuerySet):
    def next_number(self):
        """An unused record number; the counter stays locked until the transaction ends."""
        counter = self.select_for_update().get(pk=1)
        while True:
            counter.last += 1
            number = f"CD-{counter.last:06d}"
            if not Patient.objects.with_record_number(number).exists():
                counter.save()
                return number


class RecordNumberCounter(models.Model):
    """The last record number that Collum assigned."""

    last = models.PositiveIntegerField(default=0)

    objects = RecordNumberQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(name="patients_there_is_one_record_counter", condition=Q(pk=1))]

    def __str__(self):
        return str(self.last)
