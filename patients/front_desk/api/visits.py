"""What programs send to book, move and finish a visit. The operations are in planning.api."""

from rest_framework.serializers import ChoiceField

from clinic.api.fields import Change, IdField, LineField, WholeNumberField
from patients.diary.api.visits import BookingTime, ClinicianField
from patients.diary.models.visit import LONGEST_VISIT_MINUTES, Visit, VisitState
from patients.followups.models.followup import FollowUp
from patients.front_desk.api.followups import SeeAgainSent
from patients.people.models.patient import Patient
from patients.waiting.models.waiting_entry import WaitingEntry


class VisitBooked(BookingTime):
    patient = IdField(queryset=Patient.objects.all())
    clinician = ClinicianField()
    minutes = WholeNumberField(
        required=False,
        min_value=1,
        max_value=LONGEST_VISIT_MINUTES,
        help_text="If omitted, the usual length for this kind of visit.",
    )
    follow_up = IdField(
        queryset=FollowUp.objects.select_related("booked_visit"),
        required=False,
        help_text="An open follow-up of the patient that this visit is for.",
    )

    waiting_entry = IdField(
        queryset=WaitingEntry.objects.all(),
        required=False,
        help_text="An open waiting-list entry of the patient that this visit is for.",
    )

    class Meta:
        model = Visit
        fields = ["kind", "outside_note"]


class VisitMoved(Change, BookingTime):
    clinician = ClinicianField(required=False, help_text="If omitted, the same clinician.")
    minutes = WholeNumberField(
        required=False, min_value=1, max_value=LONGEST_VISIT_MINUTES, help_text="If omitted, the same length."
    )

    class Meta:
        model = Visit
        fields = ["outside_note"]


class ReasonChange(Change):
    reason = LineField(max_length=300)


class VisitReverted(Change):
    state = ChoiceField([VisitState.BOOKED, VisitState.ARRIVED])

    def validate_state(self, state):
        return VisitState(state)


class FinishSent(Change):
    see_again = SeeAgainSent(required=False, source="again", help_text="Required if no follow-up is recorded yet.")
