"""The waiting list for programs."""

from typing import Literal

from rest_framework import serializers
from rest_framework.decorators import action as operation

from clinic.accounts.permissions import Permission
from clinic.api.fields import Change, IdField, LineField, QueryId, SentFields, Shown
from clinic.api.resources import Collection
from patients.diary.api.visits import ClinicianField
from patients.diary.models.visit import VisitKind
from patients.people.api.patients import OfPatientQuery
from patients.people.models.patient import Patient
from patients.waiting.actions import add_to_waiting_list, change_waiting_entry, remove_from_waiting_list
from patients.waiting.models.waiting_entry import STATES, WaitingEntry


class WaitingEntryShown(Shown):
    record_number = serializers.CharField(source="patient.record_number")
    clinician_name = serializers.CharField(source="clinician.printed_name", default=None, allow_null=True)
    state = serializers.SerializerMethodField()

    class Meta:
        model = WaitingEntry
        fields = [
            "id", "patient", "record_number", *WaitingEntry.WISHES, "clinician_name", "state", "added_at", "ended_at",
            "booked_visit", "removed_reason", "version",
        ]  # fmt: skip

    def get_state(self, entry) -> Literal[STATES]:
        return entry.state


class _Wishes(SentFields):
    clinician = ClinicianField(required=False, allow_null=True, help_text="If omitted or null, any clinician.")

    class Meta:
        model = WaitingEntry
        fields = [name for name in WaitingEntry.WISHES if name != "clinician"]


class WaitingEntrySent(_Wishes):
    patient = IdField(queryset=Patient.objects.all())


class WaitingEntryChange(Change, _Wishes):
    pass


class RemoveSent(Change):
    reason = LineField(max_length=300)


class WaitingListQuery(OfPatientQuery):
    state = serializers.ChoiceField(STATES, required=False)
    kind = serializers.ChoiceField(VisitKind, required=False)
    clinician = QueryId()


class WaitingListResource(Collection):
    """Patients who would take a time that becomes free. Each has at most one open entry for a kind of visit.

    Booking a visit of the kind, from the first date on, ends an entry as *booked*.
    """

    kind = "waiting-entry"
    permissions = {
        "list": Permission.SEE_DIARY,
        "retrieve": Permission.SEE_DIARY,
        "create": Permission.CHANGE_DIARY,
        "partial_update": Permission.CHANGE_DIARY,
        "remove": Permission.CHANGE_DIARY,
    }
    queryset = WaitingEntry.objects.select_related("patient", "clinician")
    serializer_class = WaitingEntryShown
    queries = {"list": WaitingListQuery}
    orderings = ("added_at", "-added_at", "id", "-id")
    paths = {"patient": "patient__in"}
    bodies = {"create": WaitingEntrySent, "partial_update": WaitingEntryChange, "remove": RemoveSent}

    def patients_of(self, entry):
        return [entry.patient_id]

    def found(self, entries, *, state=None, **filters):
        if state is not None:
            entries = entries.in_state(state)
        return super().found(entries, **filters)

    def create(self, request):
        """Add a patient to the waiting list. Weekdays that are omitted are true."""
        return self.created_by(add_to_waiting_list)

    def concerned_by(self, sent):
        return [sent["patient"]]

    def partial_update(self, request, pk):
        """Change what the patient waits for."""
        return self.changed_by(change_waiting_entry, entry=self.the_record())

    @operation(detail=True, methods=["post"])
    def remove(self, request, pk):
        """Remove an entry from the list without a visit, with a reason."""
        return self.changed_by(remove_from_waiting_list, entry=self.the_record())
