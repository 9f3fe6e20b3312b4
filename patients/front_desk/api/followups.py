"""Follow-ups and contact attempts for programs."""

from typing import Literal

from django.db.models import Prefetch
from django.utils import timezone
from rest_framework import serializers
from rest_framework.decorators import action as operation

from clinic.accounts.permissions import Permission
from clinic.api.fields import (
    Change,
    DayField,
    IdField,
    LineField,
    QueryBoolean,
    QueryId,
    Sent,
    SentFields,
    Shown,
    WholeNumberField,
)
from clinic.api.resources import Collection
from clinic.records.dates import possible_day
from patients.diary.api.visits import BookingTime, ClinicianField, VisitReading, VisitShown
from patients.diary.models.visit import LONGEST_VISIT_MINUTES, Visit, VisitKind
from patients.followups.actions import LATEST_WEEKS, SeeAgain, close_follow_up, log_contact, see_again
from patients.followups.models.contact import ContactAttempt
from patients.followups.models.followup import STATES, FollowUp, FollowUpKind
from patients.front_desk.actions.visits import book_visit
from patients.people.api.patients import OfPatientQuery
from patients.people.models.patient import Patient


class ContactShown(Shown):
    by_name = serializers.CharField(source="by.printed_name")

    class Meta:
        model = ContactAttempt
        fields = ["id", "at", "by", "by_name", "how", "outcome", "note", "call_again_on", "undone_at"]


class SeeAgainSent(Sent):
    """When the patient should be seen again: exactly one of `on`, `weeks` and `none`."""

    on = DayField(required=False, validators=[possible_day])
    weeks = WholeNumberField(required=False, min_value=1, max_value=LATEST_WEEKS)
    none = LineField(required=False, max_length=300, help_text="Why no follow-up is needed.")
    kind = serializers.ChoiceField(FollowUpKind, required=False, help_text="If omitted, next injection.")
    clinician = ClinicianField(required=False, help_text="If omitted, the clinician of the visit.")
    why = LineField(
        required=False, allow_blank=True, max_length=300, help_text="For the front desk: no findings, no doses."
    )

    def validate(self, sent):
        values = {"no_follow_up_reason" if name == "none" else name: value for name, value in sent.items()}
        answer = SeeAgain(**values)
        if obstacle := answer.obstacle():
            raise serializers.ValidationError(obstacle)
        return answer


def field_of_see_again(name):
    """The fields that a page shows next to the others are nested in the API."""
    return f"see_again.{name}" if name in {"on", "weeks"} else name


class FollowUpShown(Shown):
    record_number = serializers.CharField(source="patient.record_number")
    clinician_name = serializers.CharField(source="clinician.printed_name")
    state = serializers.SerializerMethodField()
    overdue = serializers.SerializerMethodField()
    aside_until = DayField(source="postponed_until", allow_null=True)
    contact_attempts = ContactShown(many=True)

    class Meta:
        model = FollowUp
        fields = [
            "id", "patient", "record_number", "kind", "due_on", "clinician", "clinician_name", "why", "state",
            "overdue", "booked_visit", "aside_until", "closed_at", "closed_reason", "contact_attempts", "version",
        ]  # fmt: skip

    def get_state(self, follow_up) -> Literal[STATES]:
        return follow_up.state

    def get_overdue(self, follow_up) -> bool:
        return follow_up.is_overdue(timezone.localdate())


class FollowUpAsked(SentFields):
    patient = IdField(queryset=Patient.objects.all())
    clinician = ClinicianField()
    due_on = DayField(validators=[possible_day], help_text="A date after today.")

    class Meta:
        model = FollowUp
        fields = ["kind", "why"]


class ContactSent(Change, SentFields):
    class Meta:
        model = ContactAttempt
        fields = ["how", "outcome", "note", "call_again_on"]


class BookingSent(BookingTime):
    """The visit for the follow-up."""

    clinician = ClinicianField(required=False, help_text="If omitted, the clinician who requested the follow-up.")
    kind = serializers.ChoiceField(
        VisitKind, required=False, help_text="If omitted, the kind that the follow-up is for."
    )
    minutes = WholeNumberField(required=False, min_value=1, max_value=LONGEST_VISIT_MINUTES)

    class Meta:
        model = Visit
        fields = ["outside_note"]


class CloseSent(Change):
    reason = LineField(max_length=300)


class FollowUpsQuery(OfPatientQuery):
    state = serializers.ChoiceField(STATES, required=False)
    overdue = QueryBoolean(
        required=False, help_text="True: open, to be called and due before today. False: all others."
    )
    clinician = QueryId()


class FollowUpResource(Collection):
    """Obligations to see a patient again. Each is on one list until it is closed."""

    kind = "follow-up"
    permissions = {
        "list": Permission.SEE_DIARY,
        "retrieve": Permission.SEE_DIARY,
        "create": Permission.CHANGE_DIARY,
        "contact_attempts": Permission.CHANGE_DIARY,
        "book": Permission.CHANGE_DIARY,
        "close": Permission.CHANGE_DIARY,
    }
    queryset = FollowUp.objects.select_related("patient", "clinician", "booked_visit").prefetch_related(
        Prefetch("contact_attempts", ContactAttempt.objects.select_related("by")),
        "clinician__groups",
    )
    serializer_class = FollowUpShown
    queries = {"list": FollowUpsQuery}
    orderings = ("due_on", "-due_on", "id", "-id")
    paths = {"patient": "patient__in"}
    creating = ("create", "contact_attempts", "book")
    bodies = {"create": FollowUpAsked, "contact_attempts": ContactSent, "book": BookingSent, "close": CloseSent}

    def field_of(self, name):
        return "due_on" if name == "on" else name

    def patients_of(self, follow_up):
        return [follow_up.patient_id]

    def found(self, follow_ups, *, state=None, overdue=None, **filters):
        if state is not None:
            follow_ups = follow_ups.in_state(state)
        if overdue is not None:
            late = FollowUp.objects.overdue(timezone.localdate())
            follow_ups = follow_ups.filter(pk__in=late) if overdue else follow_ups.exclude(pk__in=late)
        return super().found(follow_ups, **filters)

    def create(self, request):
        """Arrange a follow-up for a date after today."""
        sent = self.sent()
        patient = sent.pop("patient")
        self.concerns(patient)
        answer = SeeAgain(on=sent.pop("due_on"), **sent)
        return self.respond_created(
            self.once(
                see_again,
                answer=answer,
                patient=patient,
                clinician=answer.clinician,
                counted_from=timezone.localdate(),
            )
        )

    @operation(detail=True, methods=["post"], url_path="contact-attempts")
    def contact_attempts(self, request, pk):
        """Log an attempt to reach the patient. A date to call again postpones the follow-up."""
        follow_up, sent = self.the_record(), self.sent_with_version()
        self.once(log_contact, follow_up=follow_up, **sent)
        return self.respond(follow_up.pk, status=201)

    @operation(detail=True, methods=["post"], serializer_class=VisitShown)
    def book(self, request, pk):
        """Book a visit for the follow-up. Returns the visit."""
        follow_up = self.the_record()
        sent = {"clinician": follow_up.clinician, "kind": follow_up.visit_kind, **self.sent()}
        visit = self.once(book_visit, patient=follow_up.patient, follow_up=follow_up, **sent)
        return self.respond_with(visit, VisitReading)

    @operation(detail=True, methods=["post"])
    def close(self, request, pk):
        """Close a follow-up without a visit, with a reason."""
        return self.changed_by(close_follow_up, follow_up=self.the_record())
