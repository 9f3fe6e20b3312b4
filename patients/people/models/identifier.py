"""Numbers by which other systems know a patient."""

from django.db import models
from django.db.models import Q

from clinic.records.text import Line
from patients.people.models.keys import PatientKey
from patients.people.models.patient import Patient
from patients.people.search import whole_key


class PatientIdentifierQuerySet(models.QuerySet):
    def with_value(self, value):
        """The keys of the search lead to the patients: there is no index of values."""
        found = PatientKey.objects.filter(key=whole_key(value)).values(
            "patient"
        )  # keys of joined records are there too
        return self.filter(Q(patient__in=found) | Q(patient__same_as__in=found), value=value)


class PatientIdentifier(models.Model):
    """A patient can have several, also of one system; the same value can belong to two patients."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="identifiers", db_index=False)
    system = Line(max_length=60)
    value = Line(max_length=60)

    objects = PatientIdentifierQuerySet.as_manager()

    class Meta:
        ordering = ["system", "value", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "system", "value"], name="patients_patientidentifier_is_listed_once"
            ),
            models.CheckConstraint(
                name="patients_patientidentifier_has_system_and_value", condition=~Q(system="") & ~Q(value="")
            ),
        ]

    def __str__(self):
        return f"{self.system}: {self.value}"
