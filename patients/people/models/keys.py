"""The keys by which a patient is found."""

from functools import reduce
from operator import or_

from django.db import models, transaction
from django.db.models import Q

from patients.people import search


class PatientKeyQuerySet(models.QuerySet):
    def beginning_with(self, prefixes):
        ranges = (Q(key__gte=prefix, key__lt=prefix + search.AFTER_ALL) for prefix in prefixes)
        return self.filter(reduce(or_, ranges))

    @transaction.atomic
    def refresh(self, patient):
        """Update the patient's keys if they changed.

        A patient is found by the keys of all joined records; a joined record has no keys of its own.
        """
        people = [] if patient.same_as_id is not None else [patient, *patient.others.all()]
        wanted = set().union(*map(search.keys_of, people))
        identifiers = patient.identifiers.model.objects.filter(patient__in=people) if people else ()
        wanted |= {search.whole_key(identifier.value) for identifier in identifiers}
        stored = set(self.filter(patient=patient).values_list("key", flat=True))
        self.filter(patient=patient, key__in=stored - wanted).delete()
        self.bulk_create(PatientKey(patient=patient, key=key) for key in sorted(wanted - stored))


class KeyField(models.CharField):
    """Compared byte by byte, so that a range matches every prefix on both engines."""

    def db_parameters(self, connection):
        collation = "C" if connection.vendor == "postgresql" else "BINARY"
        return {**super().db_parameters(connection), "collation": collation}


class PatientKey(models.Model):
    """A word by whose beginning a patient is found."""

    patient = models.ForeignKey("patients.Patient", on_delete=models.CASCADE, related_name="keys", db_index=False)
    key = KeyField(max_length=100)

    objects = PatientKeyQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["patient", "key"], name="patients_patientkey_is_unique")]
        indexes = [models.Index(fields=["key", "patient"], name="patients_patientkey_by_key")]

    def __str__(self):
        return self.key
