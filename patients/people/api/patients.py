"""Patients for programs."""

from rest_framework.decorators import action as operation
from rest_framework.exceptions import ValidationError
from rest_framework.fields import CharField, IntegerField, ListField

from clinic.accounts.permissions import Permission
from clinic.api.fields import Change, LineField, Query, QueryId, QueryTimestamp, SentFields, Shown, TruthField
from clinic.api.pagination import SearchSent
from clinic.api.refusals import Problem
from clinic.api.resources import Searchable, Single
from clinic.records import audit_log
from patients.people import search
from patients.people.actions.patients import change_patient, register_patient, review_alerts
from patients.people.models.identifier import PatientIdentifier
from patients.people.models.patient import CONTACT, DIAGNOSIS, IDENTITY, Patient
from patients.people.models.person import Alert

MOST_LETTERS = 300


class IdentifierShown(Shown):
    """How another system knows the patient."""

    class Meta:
        model = PatientIdentifier
        fields = ["system", "value"]


class PatientShown(Shown):
    identifiers = IdentifierShown(many=True, read_only=True, help_text="The patient’s numbers in other systems.")
    alerts_in_words = CharField(
        source="alerts_text",
        read_only=True,
        help_text="*not asked*, *none known*, or each alert as typed, also in the records that are the same person.",
    )

    class Meta:
        model = Patient
        fields = [
            "id", *IDENTITY, *CONTACT, *DIAGNOSIS, "status", "status_since", *Alert.values, "alerts_in_words",
            "alerts_reviewed_at",
            "no_follow_up_reason", "same_as", "identifiers", "registered_at", "updated_at", "version",
        ]  # fmt: skip


class PatientRegistered(SentFields):
    although_alike = TruthField(
        required=False, help_text="Confirms that this is a different person from the similar registered patients."
    )

    class Meta:
        model = Patient
        fields = [*IDENTITY, *CONTACT, *DIAGNOSIS]


class PatientChange(Change, PatientRegistered):
    pass


class AlertsReviewed(Change, SentFields):
    """The answer to every safety question; an empty text means that there is nothing to record."""

    none_known = TruthField(required=False, help_text="Confirms that everything was asked, if all texts are empty.")

    class Meta:
        model = Patient
        fields = Alert.values
        extra_kwargs = {alert: {"required": True} for alert in Alert.values}


class OfPatientQuery(Query):
    """The query string of a list that is filtered by patient."""

    patient = QueryId(help_text="Includes the other records of the same person.")

    def validate_patient(self, pk):
        return Patient.objects.same_person_ids(pk)


class PatientsQuery(Query):
    updated_since = QueryTimestamp(
        required=False,
        help_text=(
            "Registered or changed at this time or later, oldest change first. "
            "Overlap by a few minutes: a change is visible when it is stored, not when it began."
        ),
    )


class PatientsSearched(SearchSent):
    search = LineField(
        max_length=MOST_LETTERS,
        help_text=(
            "The start of names, a record number, a birth date or the end of a phone number; or a whole number of "
            "another system."
        ),
    )

    def validate_search(self, words):
        if not search.is_long_enough(words):
            raise ValidationError("Type at least two letters or digits.")
        return words


class PatientProblem(Problem):
    """A problem document about a patient."""

    alike = ListField(
        child=IntegerField(),
        required=False,
        help_text="With a 409 for registering or changing a patient: the ids of similar patients.",
    )


class PatientResource(Searchable, Single):
    """Find, register and change patients. Patients are never deleted."""

    kind = "patient"
    permissions = {
        "list": Permission.SEE_PATIENTS,
        "search": Permission.SEE_PATIENTS,
        "retrieve": Permission.SEE_PATIENTS,
        "create": Permission.CHANGE_PATIENTS,
        "partial_update": Permission.CHANGE_PATIENTS,
        "alerts": Permission.CHANGE_PATIENTS,
    }
    queryset = Patient.objects.select_related("same_as").prefetch_related("others", "same_as__others", "identifiers")
    serializer_class = PatientShown
    queries = {"list": PatientsQuery}
    refusal = PatientProblem
    orderings = ("id", "-id", "updated_at", "-updated_at")
    bodies = {
        "search": PatientsSearched,
        "create": PatientRegistered,
        "partial_update": PatientChange,
        "alerts": AlertsReviewed,
    }

    def patients_of(self, patient):
        return [patient.pk]

    def requested_ordering(self):
        """With `updated_since`, in the order of changes, so that pagination does not miss any."""
        return self.query_values.get("ordering") or ("updated_at" if "updated_since" in self.query_values else "id")

    def found(self, patients, *, updated_since=None, **sent):
        if "search" in sent:
            patients = patients.found_by(sent["search"], however_many=True)
        if updated_since is not None:
            patients = patients.filter(updated_at__gte=updated_since)
        return patients

    def create(self, request):
        """Register a patient.

        A 409 names similar patients. Send `although_alike` to confirm that this is a different person.
        """
        return self.created_by(register_patient)

    def partial_update(self, request, pk):
        """Change a patient’s details.

        A 409 names patients who would be similar after the change. Send `although_alike` to confirm the change.
        """
        return self.changed_by(change_patient, patient=self.the_record())

    @operation(detail=True, methods=["post"])
    def alerts(self, request, pk):
        """Store the alerts of a patient as reviewed now."""
        return self.changed_by(review_alerts, patient=self.the_record())

    def members_of(self, refused):
        alike = getattr(refused, "patients", ())
        audit_log.shown(*alike)
        return {"alike": [patient.pk for patient in alike]} if alike else {}
