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

    def next_numbers(self, count):
        """As next_number(), for many: one statement looks whether they are used."""
        if not count:
            return []
        counter = self.select_for_update().get(pk=1)
        found = []
        while len(found) < count:
            missing = count - len(found)
            numbers = [f"CD-{counter.last + place:06d}" for place in range(1, missing + 1)]
            counter.last += missing
            used = {patient.record_number.upper() for patient in Patient.objects.with_record_numbers(numbers)}
            found += [number for number in numbers if number not in used]
        counter.save()
        return found


class RecordNumberCounter(models.Model):
    """The last record number that Collum assigned."""

    last = models.PositiveIntegerField(default=0)

    objects = RecordNumberQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(name="patients_there_is_one_record_counter", condition=Q(pk=1))]

    def __str__(self):
        return str(self.last)
