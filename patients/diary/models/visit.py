"""A visit: an appointment of one patient with one clinician."""

import datetime as dt

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from clinic.models import LockingQuerySet, Versioned
from clinic.records.dates import format_date, format_local_timestamp, possible_day, start_of
from clinic.records.numbers import Count
from clinic.records.text import Line
from patients.people.models.patient import Patient, PatientStatus

LONGEST_VISIT_MINUTES = 600
# A start that was just missed is not in the past: the patient is at the front desk.
STILL_NOW = dt.timedelta(minutes=15)


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
    def active(cls):
        return (cls.BOOKED, cls.ARRIVED, cls.FINISHED)


# The states from which each state can be reached in the course of the day.
STATE_COMES_FROM = {
    VisitState.ARRIVED: {VisitState.BOOKED},
    VisitState.FINISHED: {VisitState.ARRIVED},
    VisitState.CANCELLED: {VisitState.BOOKED, VisitState.ARRIVED},
    VisitState.NO_SHOW: {VisitState.BOOKED},
    VisitState.ENTERED_IN_ERROR: {VisitState.BOOKED, VisitState.ARRIVED, VisitState.FINISHED},
}
# Corrections of a wrong state.
STATE_IS_CORRECTED_FROM = {
    VisitState.BOOKED: {
        VisitState.ARRIVED,
        VisitState.CANCELLED,
        VisitState.NO_SHOW,
        VisitState.ENTERED_IN_ERROR,
    },
    VisitState.ARRIVED: {VisitState.FINISHED, VisitState.NO_SHOW},
}
# What happens on the day of the visit, and not before.
STATES_OF_THE_DAY = (VisitState.ARRIVED, VisitState.FINISHED, VisitState.NO_SHOW)
STATES_WITH_A_REASON = (VisitState.CANCELLED, VisitState.ENTERED_IN_ERROR)


def possible_local_time(timestamp):
    """Validator: this local time exists in the clinic's time zone, and only once on that date."""
    possible_day(timestamp.date())  # first, because times at the limits cannot be converted to another time zone
    zone = timezone.get_current_timezone()
    local = timestamp.astimezone(zone).replace(tzinfo=None)
    early, late = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if early.utcoffset() != late.utcoffset():
        raise ValidationError(f"The clocks change at {local:%H:%M} on that day. Choose another time.")


def whole_minute(timestamp):
    """Validator: pages and calendars show minutes, so visits that differ in seconds would seem to touch."""
    if timestamp.second or timestamp.microsecond:
        raise ValidationError("Enter a time in whole minutes, such as 10:30.")


def is_past(starts_at):
    """Whether booking at this time would be a booking in the past."""
    return starts_at + STILL_NOW <= timezone.now()


class VisitQuerySet(LockingQuerySet):
    def on_day(self, day):
        """Visits on that date in the clinic's time zone, by time; those that began the evening before are included."""
        return self.between(start_of(day), start_of(day + dt.timedelta(days=1))).order_by("starts_at", "pk")

    def between(self, starts_at, ends_at):
        return self.ending_after(starts_at).filter(starts_at__lt=ends_at)

    def ending_after(self, timestamp):
        # The first bound lets the index on the start be used: no visit is longer.
        return self.filter(starts_at__gt=timestamp - dt.timedelta(minutes=LONGEST_VISIT_MINUTES), ends_at__gt=timestamp)

    def active(self):
        return self.filter(state__in=VisitState.active())

    def ahead(self):
        return self.filter(state__in=(VisitState.BOOKED, VisitState.ARRIVED)).order_by("starts_at", "pk")

    def coming(self, today):
        return self.ahead().ending_after(start_of(today))

    def of_patients_who_agreed(self):
        """Visits of patients who agreed to reminders by email and still come here."""
        return self.filter(patient__agreed_to_reminders=True, patient__status=PatientStatus.ACTIVE).exclude(
            patient__email=""
        )

    def unsettled(self, today):
        return self.ahead().filter(starts_at__lt=start_of(today), ends_at__lte=start_of(today))


class Visit(Versioned):
    """An appointment. While it is active, its clinician and its patient cannot have another at that time."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="visits")
    clinician = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="visits")
    kind = models.CharField(max_length=20, choices=VisitKind)
    starts_at = models.DateTimeField("start", validators=[possible_local_time, whole_minute])
    minutes = Count(validators=[MinValueValidator(1), MaxValueValidator(LONGEST_VISIT_MINUTES)])
    ends_at = models.DateTimeField(editable=False)
    state = models.CharField(max_length=20, choices=VisitState, default=VisitState.BOOKED, editable=False)
    reason = Line(max_length=300, blank=True, editable=False)
    booked_at = models.DateTimeField(default=timezone.now, editable=False)
    outside_note = Line(
        "reason for booking outside hours",
        max_length=300,
        blank=True,
        help_text="Needed outside working hours, during an absence, or when the clinic is closed.",
    )
    # When a change of the working hours made this time one outside them; a visit booked there with a note has none.
    outside_hours_since = models.DateTimeField(null=True, editable=False)
    moved_from = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="moved_to"
    )

    objects = VisitQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["outside_hours_since"])

    class Meta:
        indexes = [
            models.Index(fields=["starts_at", "clinician"], name="patients_visit_by_start"),
            models.Index(fields=["patient", "starts_at"], name="patients_visit_of_patient"),
            models.Index(
                fields=["starts_at"],
                condition=Q(state__in=(VisitState.BOOKED, VisitState.ARRIVED)),
                name="patients_visit_to_be_done",
            ),
            # SQLite's statistics of the whole column make it read the table if all of its values are null.
            models.Index(
                fields=["moved_from"], condition=Q(moved_from__isnull=False), name="patients_visit_by_moved_from"
            ),
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
                name="patients_visit_has_a_reason_if_cancelled_or_in_error",
                condition=~Q(state__in=STATES_WITH_A_REASON) | ~Q(reason=""),
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}, {format_local_timestamp(self.starts_at)}"

    # The pages that change a visit are below its own URL, which a higher package has.

    def get_moving_url(self):
        return f"{self.get_absolute_url()}move/"

    @classmethod
    def arrival_times(cls, visits):
        """By id, when each of these visits that is *arrived* became so, for the last time."""
        here = [visit.pk for visit in visits if visit.state == VisitState.ARRIVED]
        known = {}
        changes = cls.history.filter(id__in=here).order_by("history_date", "history_id") if here else cls.history.none()
        for pk, state, at in changes.values_list("id", "state", "history_date"):
            if state == VisitState.ARRIVED:
                known.setdefault(pk, at)
            else:
                known.pop(pk, None)
        return known

    def get_state_url(self):
        return f"{self.get_absolute_url()}state/"

    def get_undo_url(self, what):
        """`what` was done to the visit: *booking*, *move* or *end*."""
        return f"{self.get_absolute_url()}undo-{what}/"

    def save(self, *args, **kwargs):
        self.set_end()
        super().save(*args, **kwargs)

    def set_end(self):
        # In UTC, because in local time an hour is missing on one day of the year and occurs twice on another.
        self.ends_at = self.starts_at.astimezone(dt.UTC) + dt.timedelta(minutes=self.minutes)

    @property
    def day(self):
        return timezone.localdate(self.starts_at)

    @property
    def is_active(self):
        return self.state in VisitState.active()

    @property
    def has_not_ended(self):
        """Booked or arrived: its end is still to be recorded."""
        return self.state in (VisitState.BOOKED, VisitState.ARRIVED)

    @property
    def last_day(self):
        """The next date if the visit goes on after midnight, otherwise its own."""
        return timezone.localdate(self.ends_at - dt.timedelta(microseconds=1))

    def is_coming(self, today):
        return self.state in (VisitState.BOOKED, VisitState.ARRIVED) and self.last_day >= today

    def state_obstacle(self, state):
        if self.is_moved and state is not VisitState.ENTERED_IN_ERROR:
            return "This visit was moved. Continue with the new visit."
        if self._is_too_early_for(state):
            next_step = "If the patient is here now, move the visit to today."
            if state is VisitState.NO_SHOW:
                next_step = "If the patient will not come, cancel the visit."
            return (
                f"The visit is on {format_date(self.day)}. It can become {state.label.lower()} from that day on. "
                f"{next_step}"
            )
        if self.state in STATE_COMES_FROM.get(state, set()) | STATE_IS_CORRECTED_FROM.get(state, set()):
            return None
        return f"This visit is {self.get_state_display().lower()}; it cannot become {state.label.lower()}."

    def _is_too_early_for(self, state):
        # By day, because patients arrive early. A wrong *finished* can always be corrected.
        return (
            state in STATES_OF_THE_DAY
            and self.day > timezone.localdate()
            and not (state is VisitState.ARRIVED and self.state == VisitState.FINISHED)
        )

    def attending_obstacle(self):
        if not self.is_active:
            return f"The visit is {self.get_state_display().lower()}."
        if self.day > timezone.localdate():
            return f"The visit is on {format_date(self.day)}. Findings can be recorded from that day on."
        return None

    def next_of_the_day(self):
        later = Visit.objects.on_day(self.day).filter(clinician=self.clinician_id, starts_at__gt=self.starts_at)
        return later.filter(state__in=(VisitState.BOOKED, VisitState.ARRIVED)).first()

    def can_become(self):
        return [state for state in STATE_COMES_FROM if self._follows(state, STATE_COMES_FROM)]

    def can_be_corrected_to(self):
        return [state for state in STATE_IS_CORRECTED_FROM if self._follows(state, STATE_IS_CORRECTED_FROM)]

    def _follows(self, state, table):
        return self.state in table[state] and self.state_obstacle(state) is None

    @property
    def is_moved(self):
        if self.state != VisitState.CANCELLED:
            return False
        if "moved_to" in self._state.fields_cache:  # None without one, if it was loaded with the visit
            return self._state.fields_cache["moved_to"] is not None
        return Visit.objects.filter(moved_from=self.pk).exists()

    def moving_obstacle(self):
        if self.state == VisitState.BOOKED:
            return None
        return (
            f"This visit is {self.get_state_display().lower()}. Only a booked visit can be moved. "
            "Book another visit instead."
        )
