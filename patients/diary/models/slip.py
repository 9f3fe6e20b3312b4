"""The appointment slip of a patient: who gets one, and the clinic's own text on it."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from clinic.models import LockingQuerySet, Versioned
from clinic.records.text import Lines
from patients.diary.models.visit import VisitKind, VisitState, is_past

MOST_CHARACTERS, MOST_LINES = 400, 8  # so that a slip has one page

# In a patient's words, and without the treatment: others can read what a patient carries.
KINDS_FOR_PATIENTS = {
    VisitKind.FIRST_ASSESSMENT: "First visit",
    VisitKind.INJECTION: "Treatment",
    VisitKind.REVIEW: "Check-up",
    VisitKind.OTHER: "Visit",
}


def slip_obstacle(visit):
    """Why the patient gets no slip of the visit, as a message; None if they do."""
    if visit.is_moved:
        return "This visit was moved. Print the slip of the new visit."
    if visit.state != VisitState.BOOKED:
        return (
            f"This visit is {visit.get_state_display().lower()}. Only a booked visit has a slip. "
            "Book another visit, and print its slip."
        )
    if is_past(visit.starts_at):
        return "This visit is past. Book another visit, and print its slip."
    return None


def few_lines(text):
    """Validator: the text fits on the slip."""
    if len(text.splitlines()) > MOST_LINES:
        raise ValidationError(f"This text has more than {MOST_LINES} lines. Shorten it so that the slip has one page.")


class SlipText(Versioned):
    """What patients bring to a visit, in the clinic's words. Version 0 until it is stored for the first time."""

    what_to_bring = Lines(max_length=MOST_CHARACTERS, blank=True, validators=[few_lines])

    objects = LockingQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        constraints = [models.CheckConstraint(name="patients_there_is_one_slip_text", condition=Q(pk=1))]

    def __str__(self):
        return self.what_to_bring

    @classmethod
    def ours(cls):
        return cls.objects.filter(pk=1).first() or cls(pk=1, version=0)
