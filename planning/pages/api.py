"""Visits for programs: find, book, move, and change their state."""

from rest_framework.decorators import action as operation

from clinic.accounts.permissions import Permission
from clinic.api.fields import Change
from clinic.api.schema import Problem
from patients.diary.api import FreeTimeShown, VisitReading
from patients.diary.free_times import nearest_free_times
from patients.front_desk.actions.visits import TimeTaken, book_visit
from patients.front_desk.api.followups import field_of_see_again
from patients.front_desk.api.visits import FinishSent, ReasonChange, VisitBooked, VisitMoved
from patients.models import VisitState
from planning.pages.actions.visits import change_visit_state, move_visit


class VisitProblem(Problem):
    """A problem document about a visit."""

    nearest = FreeTimeShown(
        many=True, required=False, help_text="With a 409 if the time was just taken: the nearest free times."
    )


class VisitResource(VisitReading):
    """Appointments of one patient with one clinician."""

    permissions = {
        **VisitReading.permissions,
        **dict.fromkeys(("create", "move", "arrive", "finish", "cancel", "no_show"), Permission.CHANGE_DIARY),
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
    }

    def create(self, request):
        """Book a visit at a free time. A time outside working hours needs an `outside_note`."""
        return self.made_by(book_visit)

    def concerned_by(self, sent):
        return [sent["patient"]]

    @operation(detail=True, methods=["post"])
    def move(self, request, pk):
        """Move a booked visit. Its plan and follow-ups move to a new visit. Returns the new visit."""
        visit = self.the_record()
        sent = {"clinician": visit.clinician, "minutes": visit.minutes, **self.sent_with_version()}
        return self.answer_created(self.once(move_visit, visit=visit, **sent))

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
