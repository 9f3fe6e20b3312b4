"""Coverages and therapies of a patient, for programs."""

from clinic.accounts.permissions import Permission
from clinic.api.fields import Change, SentFields
from patients.coverage.actions import add_coverage, add_therapy, change_coverage, change_therapy
from patients.coverage.forms import COVERAGE_FIELDS, THERAPY_FIELDS
from patients.coverage.models.coverage import Coverage
from patients.coverage.models.therapy import Therapy
from patients.people.api.corrections import CorrectableShown, ErrorSent
from patients.people.api.patients import BeneathPatient

AROUND = {
    "list": Permission.SEE_PATIENTS,
    "retrieve": Permission.SEE_PATIENTS,
    "create": Permission.CHANGE_PATIENTS,
    "partial_update": Permission.CHANGE_PATIENTS,
    "entered_in_error": Permission.CHANGE_PATIENTS,
}


class CoverageShown(CorrectableShown):
    class Meta:
        model = Coverage
        fields = ["id", "patient", *COVERAGE_FIELDS, "entered_in_error", "error_reason", "recorded_at", "version"]


class CoverageSent(SentFields):
    class Meta:
        model = Coverage
        fields = COVERAGE_FIELDS


class CoverageChange(Change, CoverageSent):
    pass


class CoverageResource(BeneathPatient):
    """Who pays for a patient’s treatment. Amounts are text as typed. Collum does not calculate from them."""

    kind = "coverage"
    permissions = AROUND
    queryset = Coverage.objects.all()
    serializer_class = CoverageShown
    bodies = {"create": CoverageSent, "partial_update": CoverageChange, "entered_in_error": ErrorSent}
    adding = staticmethod(add_coverage)
    changing = staticmethod(change_coverage)


class TherapyShown(CorrectableShown):
    class Meta:
        model = Therapy
        fields = ["id", "patient", *THERAPY_FIELDS, "entered_in_error", "error_reason", "recorded_at", "version"]


class TherapySent(SentFields):
    class Meta:
        model = Therapy
        fields = THERAPY_FIELDS


class TherapyChange(Change, TherapySent):
    pass


class TherapyResource(BeneathPatient):
    """Other current and earlier treatments of a patient."""

    kind = "therapy"
    permissions = AROUND
    queryset = Therapy.objects.all()
    serializer_class = TherapyShown
    bodies = {"create": TherapySent, "partial_update": TherapyChange, "entered_in_error": ErrorSent}
    adding = staticmethod(add_therapy)
    changing = staticmethod(change_therapy)
