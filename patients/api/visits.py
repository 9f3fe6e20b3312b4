"""What programs send to book, move and finish a visit. planning.api has the operations."""

from clinic.rest.fields import (
    Change,
    IdField,
    LineField,
    SentFields,
    WholeNumberField,
)
from patients.api.diary import ClinicianField, StartField
from patients.api.followups import SeeAgainSent
from patients.models import FollowUp, Patient, Visit
from patients.models.visit import LONGEST_VISIT_MINUTES


class VisitBooked(SentFields):
    patient = IdField(queryset=Patient.objects.all())
    clinician = ClinicianField()
    starts_at = StartField()
    minutes = WholeNumberField(
        required=False,
        min_value=1,
        max_value=LONGEST_VISIT_MINUTES,
        help_text="Left out: as long as visits of this kind take.",
    )
    follow_up = IdField(
        queryset=FollowUp.objects.select_related("booked_visit"),
        required=False,
        help_text="An open follow-up of the patient that this visit answers.",
    )

    class Meta:
        model = Visit
        fields = ["kind", "outside_note"]


class VisitMoved(Change, SentFields):
    clinician = ClinicianField(required=False, help_text="Left out: with the same.")
    starts_at = StartField()
    minutes = WholeNumberField(
        required=False, min_value=1, max_value=LONGEST_VISIT_MINUTES, help_text="Left out: as long as before."
    )

    class Meta:
        model = Visit
        fields = ["outside_note"]


class ReasonChange(Change):
    reason = LineField(max_length=300)


class FinishSent(Change):
    see_again = SeeAgainSent(
        required=False, source="again", help_text="Needed where nothing says yet when the patient should be seen again."
    )
