"""Coverages and therapies of a patient, for programs."""

from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property

from clinic.accounts.permissions import Permission
from clinic.api.fields import record_serializers
from clinic.api.resources import Collection
from clinic.records import audit_log
from patients.coverage.actions import add_coverage, add_therapy, change_coverage, change_therapy
from patients.coverage.models.coverage import Coverage
from patients.coverage.models.therapy import Therapy
from patients.people.api.corrections import CORRECTIONS, ERROR_BODIES, ERROR_FIELDS, CorrectableShown, Correcting
from patients.people.models.patient import Patient


def serializers_of_record(model):
    """The serializers of a record’s response, and of the request bodies by operation."""
    shown, sent, change = record_serializers(
        model, model.details(), shown=CorrectableShown, before=("id", "patient"), after=ERROR_FIELDS
    )
    return shown, {"create": sent, "partial_update": change, **ERROR_BODIES}


class PatientRecordResource(Correcting, Collection):
    """Records of the patient in the URL, and of the other records of the same person.

    A new record is added to the patient in the URL.
    """

    add = None

    @cached_property
    def person(self):
        return Patient.objects.same_person_ids(self.kwargs["patient"])

    def get_queryset(self):
        return super().get_queryset().filter(patient__in=self.person)

    def patients_of(self, record):
        return [record.patient_id]

    def _patient(self):
        patient = get_object_or_404(Patient, pk=self.kwargs["patient"])
        self.concerns(patient)
        return patient

    def show_parent(self):
        audit_log.shown(self._patient())

    def list(self, request, **kwargs):
        self.show_parent()
        return super().list(request, **kwargs)

    def create(self, request, **kwargs):
        """Add a record to the patient."""
        return self.created_by(self.add, patient=self._patient())


class AdministrativeRecordResource(PatientRecordResource):
    """Records that the front desk can change."""

    permissions = {
        **dict.fromkeys(("list", "retrieve"), Permission.SEE_PATIENTS),
        **dict.fromkeys(("create", "partial_update", *CORRECTIONS), Permission.CHANGE_PATIENTS),
    }
    change = None

    def partial_update(self, request, **kwargs):
        """Change a record of the patient."""
        return self.changed_by(self.change, **{self.kind: self.the_record()})


class CoverageResource(AdministrativeRecordResource):
    """Who pays for a patient’s treatment, also in the other records of the same person.

    Amounts are text as typed. Collum does not calculate from them.
    """

    kind = "coverage"
    queryset = Coverage.objects.all()
    serializer_class, bodies = serializers_of_record(Coverage)
    add, change = staticmethod(add_coverage), staticmethod(change_coverage)


class TherapyResource(AdministrativeRecordResource):
    """Other current and earlier treatments of a patient, also in the other records of the same person."""

    kind = "therapy"
    queryset = Therapy.objects.all()
    serializer_class, bodies = serializers_of_record(Therapy)
    add, change = staticmethod(add_therapy), staticmethod(change_therapy)
