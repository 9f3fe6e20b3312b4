"""Patients and visits for programs, as far as their changes depend on sessions."""

from rest_framework.decorators import action as operation

from clinic.accounts.permissions import Permission
from clinic.api.fields import Change, SentFields
from clinic.api.refusals import Problem
from patients.coverage.api import PatientRecordResource, serializers_of_record
from patients.diary.api.visits import FreeTimeShown, VisitReading
from patients.diary.free_times import nearest_free_times
from patients.front_desk.actions.visits import TimeTaken, book_visit
from patients.front_desk.api.followups import field_of_see_again
from patients.front_desk.api.visits import FinishSent, ReasonChange, VisitBooked, VisitMoved, VisitReverted
from patients.models import Patient, VisitState
from patients.people.api.corrections import CORRECTIONS
from patients.people.api.patients import PatientResource
from planning.pages.actions.patients import change_patient_status
from planning.pages.actions.undo import undo_booking, undo_end, undo_move
from planning.pages.actions.visits import change_visit_state, move_visit
from planning.sessions.actions.consents import record_consent, record_information
from planning.sessions.models.consent import Consent, InformationGiven


def serializers_without_changes(model):
    """As serializers_of_record(), for records that are not changed, only marked as entered in error."""
    shown, bodies = serializers_of_record(model)
    return shown, {name: body for name, body in bodies.items() if name != "partial_update"}


class StatusSent(Change, SentFields):
    class Meta:
        model = Patient
        fields = ["status", "status_since"]
        extra_kwargs = {"status": {"required": True}, "status_since": {"help_text": "If omitted, today."}}


class PatientStatusResource(PatientResource):
    """Find, register and change patients. Patients are never deleted."""

    permissions = {**PatientResource.permissions, "status": Permission.CHANGE_PATIENTS}
    bodies = {**PatientResource.bodies, "status": StatusSent}

    @operation(detail=True, methods=["post"])
    def status(self, request, pk):
        """Change whether a patient is treated here. If not, open visits, follow-ups and waiting-list entries
        end."""
        return self.changed_by(change_patient_status, patient=self.the_record())


class PaperResource(PatientRecordResource):
    permissions = {
        **dict.fromkeys(("list", "retrieve"), Permission.SEE_COURSE),
        **dict.fromkeys(("create", *CORRECTIONS), Permission.CHANGE_COURSE),
    }


class ConsentResource(PaperResource):
    """A patient’s consents to the treatment, also in the other records of the same person.

    A session names one of them.
    """

    kind = "consent"
    queryset = Consent.objects.all()
    serializer_class, bodies = serializers_without_changes(Consent)
    add = staticmethod(record_consent)


class InformationResource(PaperResource):
    """Leaflets that were given to a patient, also in the other records of the same person."""

    kind = "information"
    queryset = InformationGiven.objects.all()
    serializer_class, bodies = serializers_without_changes(InformationGiven)
    add = staticmethod(record_information)


class VisitProblem(Problem):
    """A problem document about a visit."""

    nearest = FreeTimeShown(
        many=True, required=False, help_text="With a 409 if the time was just taken: the nearest free times."
    )


UNDOING = ("undo_booking", "undo_move", "undo_end")


class VisitResource(VisitReading):
    """Appointments of one patient with one clinician."""

    permissions = {
        **VisitReading.permissions,
        **dict.fromkeys(
            ("create", "move", "arrive", "finish", "cancel", "no_show", "entered_in_error", "revert", *UNDOING),
            Permission.CHANGE_DIARY,
        ),
    }
    refusal = VisitProblem
    creating = ("create", "move")
    bodies = {
        "create": VisitBooked,
        "move": VisitMoved,
        "arrive": Change,
        "finish": FinishSent,
        "cancel": ReasonChange,
        "no_show": Change,
        "entered_in_error": ReasonChange,
        "revert": VisitReverted,
        **dict.fromkeys(UNDOING, Change),
    }

    def create(self, request):
        """Book a visit at a free time. A time outside working hours needs an `outside_note`."""
        return self.created_by(book_visit)

    def concerned_by(self, sent):
        return [sent["patient"]]

    @operation(detail=True, methods=["post"])
    def move(self, request, pk):
        """Move a booked visit. Its plan and follow-ups move to a new visit. Returns the new visit."""
        visit = self.the_record()
        sent = {"clinician": visit.clinician, "minutes": visit.minutes, **self.sent_with_version()}
        return self.respond_created(self.once(move_visit, visit=visit, **sent))

    @operation(detail=True, methods=["post"])
    def arrive(self, request, pk):
        """Mark a visit as arrived."""
        return self._becomes(VisitState.ARRIVED)

    @operation(detail=True, methods=["post"])
    def finish(self, request, pk):
        """Mark a visit as finished. If no follow-up is recorded yet, send when the patient should be seen again."""
        return self._becomes(VisitState.FINISHED)

    @operation(detail=True, methods=["post"])
    def cancel(self, request, pk):
        """Cancel a visit. Its plan becomes *not done*, and the follow-up returns to the front desk’s list."""
        return self._becomes(VisitState.CANCELLED)

    @operation(detail=True, methods=["post"], url_path="no-show")
    def no_show(self, request, pk):
        """Mark a visit as a no-show.

        The plan becomes *not done*, and the follow-up returns to the front desk’s list.
        """
        return self._becomes(VisitState.NO_SHOW)

    @operation(detail=True, methods=["post"], url_path="entered-in-error")
    def entered_in_error(self, request, pk):
        """Mark a visit as entered in error. It stays visible with this mark."""
        return self._becomes(VisitState.ENTERED_IN_ERROR)

    @operation(detail=True, methods=["post"])
    def revert(self, request, pk):
        """Correct a state that was selected by mistake: the visit is booked or arrived again."""
        return self.changed_by(change_visit_state, visit=self.the_record())

    @operation(detail=True, methods=["post"], url_path="undo-booking")
    def undo_booking(self, request, pk):
        """Undo a booking that was a mistake: the visit is entered in error, and its follow-up is open as before.

        409 if the visit changed, or something was planned or recorded at it.
        """
        return self.changed_by(undo_booking, visit=self.the_record())

    @operation(detail=True, methods=["post"], url_path="undo-move")
    def undo_move(self, request, pk):
        """Undo the move to this visit. Returns the visit at the earlier time, with its plan and follow-ups.

        409 if the earlier time is no longer free, or something was recorded at this visit.
        """
        former = undo_move(visit=self.the_record(), by=request.user, **self.sent_with_version())
        return self.respond(former.pk)

    @operation(detail=True, methods=["post"], url_path="undo-end")
    def undo_end(self, request, pk):
        """Undo a cancellation or no-show: the visit has its earlier state, with its plan and follow-ups.

        409 if the time is no longer free, or a follow-up was booked again or closed. `revert` undoes an arrival.
        """
        return self.changed_by(undo_end, visit=self.the_record())

    def _becomes(self, state):
        return self.changed_by(change_visit_state, visit=self.the_record(), state=state)

    def field_of(self, name):
        return field_of_see_again(name)

    def members_of(self, refused):
        """If another user was faster, the nearest free times."""
        if not isinstance(refused, TimeTaken):
            return {}
        visit = refused.visit
        nearest = nearest_free_times(
            clinician=visit.clinician, minutes=visit.minutes, to=visit.starts_at, moving=visit.moved_from_id
        )
        return {"nearest": FreeTimeShown(nearest, many=True).data}
