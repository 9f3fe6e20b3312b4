"""A visit: an appointment of one patient with one clinician."""

import datetime as dt

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from simple_history.models import HistoricalRecords

from clinic.days import moment_in_words, on_day
from clinic.models import LockingQuerySet, Versioned
from clinic.text import Line
from patients.models.patient import Patient

LONGEST_VISIT_MINUTES = 600
FIRST_DAY, LAST_DAY = dt.date(2000, 1, 1), dt.date(2100, 1, 1)


class VisitKind(models.TextChoices):
    FIRST_ASSESSMENT = "first_assessment", "First assessment"
    INJECTION = "injection", "Injection"
    REVIEW = "review", "Review"
    OTHER = "other", "Other"


class VisitState(models.TextChoices):
    BOOKED = "booked", "Booked"
    ARRIVED = "arrived", "Arrived"
    FINISHED = "finished", "Finished"
    CANCELLED = "cancelled", "Cancelled"
    NO_SHOW = "no_show", "No-show"
    ENTERED_IN_ERROR = "entered_in_error", "Entered in error"

    @classmethod
    def standing(cls):
        """States in which the visit takes up its time."""
        return (cls.BOOKED, cls.ARRIVED, cls.FINISHED)


# From which states each state is reached.
STATE_COMES_FROM = {
    VisitState.ARRIVED: {VisitState.BOOKED},
    VisitState.FINISHED: {VisitState.ARRIVED},
    VisitState.CANCELLED: {VisitState.BOOKED, VisitState.ARRIVED},
    VisitState.NO_SHOW: {VisitState.BOOKED},
    VisitState.ENTERED_IN_ERROR: {VisitState.BOOKED, VisitState.ARRIVED, VisitState.FINISHED},
}
STATES_WITH_A_REASON = (VisitState.CANCELLED, VisitState.ENTERED_IN_ERROR)


def possible_day(day):
    """Validator: a day on which a visit may lie."""
    if not FIRST_DAY <= day < LAST_DAY:
        raise ValidationError(f"Choose a day between {FIRST_DAY.year} and {LAST_DAY.year - 1}.")


def possible_local_time(moment):
    """Validator: the clock of the clinic shows this time on that day, and shows it once."""
    possible_day(moment.date())  # first, since times far away cannot be moved to another zone
    zone = timezone.get_current_timezone()
    local = moment.astimezone(zone).replace(tzinfo=None)
    early, late = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if early.utcoffset() != late.utcoffset():
        raise ValidationError(f"The clocks change at {local:%H:%M} on that day. Choose another time.")


class VisitQuerySet(LockingQuerySet):
    def on_day(self, day):
        """Those that start on that day of the clinic, by time."""
        return self.filter(**on_day("starts_at", day)).order_by("starts_at", "pk")

    def standing(self):
        return self.filter(state__in=VisitState.standing())

    def ahead(self):
        """Booked or arrived: still to be done."""
        return self.filter(state__in=(VisitState.BOOKED, VisitState.ARRIVED)).order_by("starts_at", "pk")


class Visit(Versioned):
    """An appointment; while it stands, neither its clinician nor its patient has another at that time."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="visits")
    clinician = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="visits")
    kind = models.CharField(max_length=20, choices=VisitKind)
    starts_at = models.DateTimeField("start", validators=[possible_local_time])
    minutes = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_VISIT_MINUTES)]
    )
    ends_at = models.DateTimeField(editable=False)
    state = models.CharField(max_length=20, choices=VisitState, default=VisitState.BOOKED, editable=False)
    reason = Line(max_length=300, blank=True, editable=False)

    objects = VisitQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        indexes = [
            models.Index(fields=["starts_at", "clinician"], name="patients_visit_by_start"),
            models.Index(fields=["patient", "starts_at"], name="patients_visit_of_patient"),
        ]
        constraints = [
            models.CheckConstraint(
                name="patients_visit_lasts_up_to_ten_hours",
                condition=Q(minutes__gte=1, minutes__lte=LONGEST_VISIT_MINUTES),
            ),
            models.CheckConstraint(
                name="patients_visit_ends_after_its_start", condition=Q(ends_at__gt=models.F("starts_at"))
            ),
            models.CheckConstraint(name="patients_visit_kind_is_known", condition=Q(kind__in=VisitKind.values)),
            models.CheckConstraint(name="patients_visit_state_is_known", condition=Q(state__in=VisitState.values)),
            models.CheckConstraint(
                name="patients_visit_says_why_it_does_not_stand",
                condition=~Q(state__in=STATES_WITH_A_REASON) | ~Q(reason=""),
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}, {moment_in_words(timezone.localtime(self.starts_at))}"

    def get_absolute_url(self):
        return reverse("planning:visit-detail", args=[self.pk])

    def save(self, *args, **kwargs):
        self.ends_at = self.starts_at + dt.timedelta(minutes=self.minutes)
        super().save(*args, **kwargs)

    @property
    def day(self):
        return timezone.localdate(self.starts_at)

    @property
    def is_standing(self):
        return self.state in VisitState.standing()

    def state_obstacle(self, state):
        """Why the visit cannot get that state, as a sentence; None where it can."""
        if self.state in STATE_COMES_FROM.get(state, ()):
            return None
        return f"This visit is {self.get_state_display().lower()}; it cannot become {state.label.lower()}."

    def next_of_the_day(self):
        """The clinician's next visit of that day that is still to be done; None after the last."""
        later = Visit.objects.on_day(self.day).filter(clinician=self.clinician_id, starts_at__gt=self.starts_at)
        return later.filter(state__in=(VisitState.BOOKED, VisitState.ARRIVED)).first()

    def can_become(self):
        """The states that can follow."""
        return [state for state in STATE_COMES_FROM if self.state_obstacle(state) is None]
