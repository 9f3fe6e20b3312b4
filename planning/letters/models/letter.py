"""Letters to other doctors about a session, and how they were sent."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from simple_history.models import HistoricalRecords

from clinic.models import Correctable, CorrectableQuerySet, not_in_the_future
from clinic.records.date_fields import TypedDate
from clinic.records.dates import format_date, format_local_timestamp
from clinic.records.text import Line, Lines
from planning.letters.models.template import INJECTIONS, injections_obstacle
from planning.sessions.models.session import InjectionSession
from planning.signing.models.signed_record import SignedRecord


class LetterState(models.TextChoices):
    """Derived, never stored. The values are classes of the page."""

    DRAFT = "planned", "Draft"
    SIGNED_OFF = "signed", "Signed off"
    IN_ERROR = "cancelled", "Entered in error"


class LetterQuerySet(CorrectableQuerySet):
    def of_session(self, session):
        """Newest first, with what a list of them shows."""
        people = self.select_related("recorded_by", "signed_off_by", "error_by", "record").filter(session=session)
        sendings = LetterSending.objects.select_related("by")
        return people.prefetch_related(models.Prefetch("sendings", sendings)).order_by("-pk")

    def last_recipient(self, patient):
        """Of the last letter about this patient; empty if there is none."""
        of_patient = self.active().filter(session__visit__patient__in=patient.record_ids())
        return of_patient.order_by("-pk").values_list("recipient", flat=True).first() or ""


class Letter(Correctable):
    """A draft until it is signed off; then its text never changes, and a correction is a new letter.

    Its text contains no dose that Collum wrote: {injections} is the place of what the signed record says, until the
    letter is signed off. `full_text` is the whole letter at that time.
    """

    session = models.ForeignKey(InjectionSession, on_delete=models.PROTECT, related_name="letters", editable=False)
    record = models.ForeignKey(
        SignedRecord,
        on_delete=models.PROTECT,
        null=True,
        related_name="letters",
        editable=False,
        help_text="The signed record that it is about; empty for a session that was not done.",
    )
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="replaced_by", editable=False
    )
    template_name = Line(max_length=100, editable=False)
    recipient = Lines("to", max_length=500, help_text="Name and address, as on the envelope.")
    text = Lines("letter", max_length=8000)
    signed_off_at = models.DateTimeField(null=True, editable=False)
    signed_off_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    signed_off_as = Line("name of the signer", max_length=100, blank=True, editable=False)
    full_text = models.TextField(blank=True, editable=False)

    objects = LetterQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta(Correctable.Meta):
        ordering = ["pk"]
        constraints = [
            *Correctable.Meta.constraints,
            models.CheckConstraint(name="planning_letter_has_a_text", condition=~Q(text="")),
            models.CheckConstraint(name="planning_letter_has_a_recipient", condition=~Q(recipient="")),
            models.CheckConstraint(
                name="planning_letter_is_signed_off_by_a_person_with_its_text",
                condition=Q(signed_off_at=None, signed_off_by=None, signed_off_as="", full_text="")
                | (
                    Q(signed_off_at__isnull=False, signed_off_by__isnull=False)
                    & ~Q(signed_off_as="")
                    & ~Q(full_text="")
                ),
            ),
        ]

    def __str__(self):
        return f"Letter to {self.addressee}"

    def get_absolute_url(self):
        return reverse("planning:letter-detail", args=[self.pk])

    @property
    def patient(self):
        return self.session.visit.patient

    @property
    def patient_as_named(self):
        """As the text names the patient, whose name can have changed since it was signed off."""
        if not self.is_signed_off:
            return self.patient
        try:
            return self.patient.history.as_of(self.signed_off_at)
        except self.patient.DoesNotExist:  # stored without a history, in bulk
            return self.patient

    @property
    def addressee(self):
        return self.recipient.split("\n")[0]

    @property
    def is_signed_off(self):
        return self.signed_off_at is not None

    @property
    def state(self):
        if self.is_in_error:
            return LetterState.IN_ERROR
        return LetterState.SIGNED_OFF if self.is_signed_off else LetterState.DRAFT

    def obstacles(self):
        if INJECTIONS in self.text and self.record_id is None:
            return {"text": f"Nothing was injected. Remove {INJECTIONS}."}
        obstacle = injections_obstacle(self.text)
        return {"text": obstacle} if obstacle else {}

    def sign_off_obstacle(self):
        """Why it cannot be signed off; None if it can."""
        if self.is_in_error:
            return "This letter is marked as entered in error. Undo that first."
        if self.session.is_in_error:
            return "The session is marked as entered in error. Write no letter about it."
        if self.record_id is None and self.session.not_done_at is None:
            return "The session is planned again. Mark this letter as entered in error."
        if self.is_about_an_earlier_record:
            return (
                "The record was amended after this letter was begun. Mark it as entered in error, and write a new one."
            )
        return None

    @property
    def is_about_an_earlier_record(self):
        return self.record_id is not None and self.session.record().pk != self.record_id

    def facts(self):
        return [("To", self.addressee), ("Letter", self.status_text())]

    def status_text(self):
        if self.is_signed_off:
            return f"signed off by {self.signed_off_as} on {format_local_timestamp(self.signed_off_at)}"
        return f"draft by {self.recorded_by}, begun on {format_local_timestamp(self.recorded_at)}"


class SendingWay(models.TextChoices):
    POST = "post", "Post"
    FAX = "fax", "Fax"
    EMAIL = "email", "Encrypted email"
    PORTAL = "portal", "Hospital system"
    HANDED = "handed", "Given to the patient"


class LetterSending(models.Model):
    """That a letter was sent. Sendings are only added."""

    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="sendings", editable=False)
    how = models.CharField(max_length=20, choices=SendingWay)
    sent_on = TypedDate("on", validators=[not_in_the_future])
    note = Line(max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="planning_lettersending_way_is_known", condition=Q(how__in=SendingWay.values)),
        ]

    def __str__(self):
        return f"{self.get_how_display()}, {format_date(self.sent_on)}"

    def as_text(self):
        note = f": {self.note}" if self.note else ""
        return f"{self}, recorded by {self.by} on {format_local_timestamp(self.at)}{note}"
