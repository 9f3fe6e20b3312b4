"""A session that its author marked as ready for review, and what a neurologist answered.

It is about the preparation of a record, so it is not part of the signed content.
"""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from clinic.models import LockingQuerySet, Versioned
from clinic.records.dates import format_local_timestamp
from clinic.records.text import Lines


class ReviewState(models.TextChoices):
    """Derived, never stored. The values are classes of the page."""

    READY = "ready", "Ready for review"
    SENT_BACK = "overdue", "Sent back"
    ANSWERED = "finished", "Answered"
    WITHDRAWN = "cancelled", "Withdrawn"
    SIGNED = "signed", "Signed"
    NOT_DONE = "not_done", "Session not done"


class ReviewQuerySet(LockingQuerySet):
    def open(self):
        """Not answered or withdrawn, and its session still open: a signature or *not done* ends it too."""
        return self._of_open_sessions().filter(answered_at=None, withdrawn_at=None)

    def sent_back_to(self, user):
        """Sent back to this user, who has not marked the session as ready again."""
        later = self.model.objects.filter(session=OuterRef("session"), pk__gt=OuterRef("pk"), withdrawn_at=None)
        return self._of_open_sessions().filter(asked_by=user, sent_back=True).exclude(Exists(later))

    def _of_open_sessions(self):
        return self.filter(session__signed_at=None, session__not_done_at=None)

    def with_people(self):
        return self.select_related("asked_by", "changed_by", "answered_by")


class ReviewRequest(Versioned):
    """Stays open if the session changes afterwards, and says who changed it last."""

    session = models.ForeignKey("planning.InjectionSession", on_delete=models.PROTECT, related_name="reviews")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False)
    asked_at = models.DateTimeField(editable=False)
    question = Lines("question to the neurologist", max_length=1000, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    changed_at = models.DateTimeField(null=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    answered_at = models.DateTimeField(null=True, editable=False)
    answer = Lines(max_length=1000, blank=True)
    sent_back = models.BooleanField(default=False, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False, help_text="By the user who asked.")

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["session"],
                condition=Q(answered_at=None, withdrawn_at=None),
                name="planning_reviewrequest_is_open_once",
            ),
            models.CheckConstraint(
                name="planning_reviewrequest_answered_is_not_withdrawn",
                condition=Q(answered_at=None) | Q(withdrawn_at=None),
            ),
            models.CheckConstraint(
                name="planning_reviewrequest_answer_has_text_time_and_person",
                condition=Q(answered_at=None, answered_by=None, answer="", sent_back=False)
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
            ),
            models.CheckConstraint(
                name="planning_reviewrequest_changed_at_and_by_together",
                condition=Q(changed_at=None, changed_by=None) | Q(changed_at__isnull=False, changed_by__isnull=False),
            ),
        ]

    def __str__(self):
        return f"review of session {self.session_id}"

    @property
    def is_answered(self):
        return self.answered_at is not None

    @property
    def is_withdrawn(self):
        return self.withdrawn_at is not None

    @property
    def is_waiting(self):
        return not (self.is_answered or self.is_withdrawn)

    @property
    def state(self):
        if self.is_withdrawn:
            return ReviewState.WITHDRAWN
        if self.session.is_signed:
            return ReviewState.SIGNED
        if self.session.not_done_at is not None:
            return ReviewState.NOT_DONE
        if not self.is_answered:
            return ReviewState.READY
        return ReviewState.SENT_BACK if self.sent_back else ReviewState.ANSWERED

    def summary(self):
        """Who asked and who answered, and when, in one line."""
        asked = f"Review asked by {self.asked_by} on {format_local_timestamp(self.asked_at)}"
        if self.is_answered:
            ended = "sent back" if self.sent_back else "answered"
            return f"{asked}, {ended} by {self.answered_by} on {format_local_timestamp(self.answered_at)}"
        return (
            f"{asked}, withdrawn on {format_local_timestamp(self.withdrawn_at)}"
            if self.is_withdrawn
            else f"{asked}, not answered"
        )

    def facts(self):
        """Label and text of each step, oldest first."""
        steps = [("Ready for review", self._step(self.asked_at, self.asked_by, self.question))]
        if self.changed_at:
            steps.append(("Changed afterwards", self._step(self.changed_at, self.changed_by)))
        if self.is_answered:
            label = "Sent back" if self.sent_back else "Answered"
            steps.append((label, self._step(self.answered_at, self.answered_by, self.answer)))
        if self.is_withdrawn:
            steps.append(("Withdrawn", self._step(self.withdrawn_at, self.asked_by)))
        return steps

    def _step(self, at, by, text=""):
        who = f"{format_local_timestamp(at)}, {by}"
        return f"{who}: {text}" if text else who
