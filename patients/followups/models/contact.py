"""Attempts to reach a patient about a follow-up."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from clinic.records.date_fields import TypedDate
from clinic.records.dates import format_date, possible_day
from clinic.records.text import Line


class ContactWay(models.TextChoices):
    PHONE = "phone", "Telephone"
    TEXT_MESSAGE = "text_message", "Text message"
    EMAIL = "email", "Email"
    LETTER = "letter", "Letter"
    IN_PERSON = "in_person", "In person"


class ContactOutcome(models.TextChoices):
    REACHED = "reached", "Reached"
    NO_ANSWER = "no_answer", "No answer"
    MESSAGE_LEFT = "message_left", "Message left"
    SENT = "sent", "Sent"
    WILL_CALL_BACK = "will_call_back", "Will call back"
    WRONG_CONTACT = "wrong_contact", "Wrong number or address"


# The outcomes that the front desk logs with one button for each way of contact; a form offers all of them.
USUAL_OUTCOMES = {
    ContactWay.PHONE: (
        ContactOutcome.REACHED,
        ContactOutcome.NO_ANSWER,
        ContactOutcome.MESSAGE_LEFT,
        ContactOutcome.WILL_CALL_BACK,
        ContactOutcome.WRONG_CONTACT,
    ),
    ContactWay.TEXT_MESSAGE: (ContactOutcome.SENT, ContactOutcome.REACHED, ContactOutcome.WRONG_CONTACT),
    ContactWay.EMAIL: (ContactOutcome.SENT, ContactOutcome.REACHED, ContactOutcome.WRONG_CONTACT),
    ContactWay.LETTER: (ContactOutcome.SENT, ContactOutcome.WRONG_CONTACT),
    ContactWay.IN_PERSON: (ContactOutcome.REACHED, ContactOutcome.WILL_CALL_BACK),
}


class ContactAttemptQuerySet(models.QuerySet):
    def active(self):
        return self.filter(undone_at=None)


class ContactAttempt(models.Model):
    """The result of one call, message or letter. Attempts are only added; the next step is stored on the follow-up.

    One that was logged by mistake is marked as undone, and stays visible.
    """

    follow_up = models.ForeignKey("patients.FollowUp", on_delete=models.PROTECT, related_name="contact_attempts")
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    how = models.CharField(max_length=20, choices=ContactWay)
    outcome = models.CharField(max_length=20, choices=ContactOutcome)
    note = Line(max_length=300, blank=True, help_text="For the front desk: no findings, no doses.")
    call_again_on = TypedDate(
        null=True, blank=True, validators=[possible_day], help_text="Postpones the follow-up until this date."
    )
    undone_at = models.DateTimeField(null=True, editable=False)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects = ContactAttemptQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["follow_up", "-at"], name="patients_contact_of_follow_up")]
        constraints = [
            models.CheckConstraint(name="patients_contactattempt_way_is_known", condition=Q(how__in=ContactWay.values)),
            models.CheckConstraint(
                name="patients_contactattempt_outcome_is_known", condition=Q(outcome__in=ContactOutcome.values)
            ),
            models.CheckConstraint(
                name="patients_contactattempt_undone_at_and_by_together",
                condition=Q(undone_at=None, undone_by=None) | Q(undone_at__isnull=False, undone_by__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.get_how_display()}: {self.get_outcome_display().lower()}"

    def as_text(self):
        """*Telephone, no answer, call again on 9 Mar 2027*."""
        again = f", call again on {format_date(self.call_again_on)}" if self.call_again_on else ""
        return f"{self.get_how_display()}, {self.get_outcome_display().lower()}{again}"
