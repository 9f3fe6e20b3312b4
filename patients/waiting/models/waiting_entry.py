"""An entry of the waiting list: a patient who would take a time that becomes free."""

import operator
from functools import reduce

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from clinic.models import LockingQuerySet, Versioned
from clinic.records.date_fields import TypedDate
from clinic.records.dates import format_date, possible_day
from clinic.records.text import Line
from patients.diary.models.opening_hours import WEEKDAYS
from patients.diary.models.visit import Visit, VisitKind, is_past
from patients.people.models.patient import Patient, PatientStatus
from patients.people.models.person import joined_with

STATES = ("open", "booked", "removed")
NOON = 12


class PartOfDay(models.TextChoices):
    ANY = "any", "Any time of day"
    MORNING = "morning", "Morning, before 12:00"
    AFTERNOON = "afternoon", "Afternoon, from 12:00"

    @classmethod
    def of(cls, local_time):
        return cls.MORNING if local_time.hour < NOON else cls.AFTERNOON


# The reasons for removing an entry that are offered with one button; any other is typed.
USUAL_REASONS = ("No longer needed", "Could not be reached", "Treated elsewhere", "Added by mistake")


class WaitingEntryQuerySet(LockingQuerySet):
    def open(self):
        return self.filter(ended_at=None)

    def open_of(self, patient):
        """Of this record alone, as its pages list them; `patient` is a record or its id."""
        return self.open().filter(patient=patient).select_related("clinician").longest_first()

    def in_state(self, state):
        return {
            "open": self.open(),
            "booked": self.exclude(booked_visit=None),
            "removed": self.exclude(removed_reason=""),
        }[state]

    def longest_first(self):
        return self.order_by("added_at", "pk")

    def for_page(self):
        return self.select_related("patient__same_as", "clinician", "added_by").prefetch_related(
            "clinician__groups", *joined_with("patient")
        )

    def who_could_take(self, opening, lengths):
        """Open ones whose wishes the opening meets. `lengths` are the minutes of each kind of visit that fits."""
        local, day = timezone.localtime(opening.starts_at), opening.day
        entries = self.open().filter(
            Q(until=None) | Q(until__gte=day),
            Q(clinician=None) | Q(clinician=opening.clinician),
            from_on__lte=day,
            part_of_day__in=(PartOfDay.ANY, PartOfDay.of(local)),
            patient__status=PatientStatus.ACTIVE,
            patient__same_as=None,
            **{WEEKDAYS[day.weekday()]: True},
        )
        fits = [Q(kind=kind) & ~Q(_busy_during(opening, minutes)) for kind, minutes in lengths.items()]
        return entries.filter(reduce(operator.or_, fits)) if fits else entries.none()

    def open_again_after(self, visit):
        """Those that this visit once ended, and that are open now."""
        return self.open().filter(pk__in=self.model.history.filter(booked_visit=visit).values("id"))


def _busy_during(opening, minutes):
    """Whether the patient has another visit then."""
    visits = Visit.objects.active().between(opening.starts_at, opening.end_of(minutes))
    return Exists(visits.order_by().filter(patient=OuterRef("patient")))


class WaitingEntry(Versioned):
    """Open until a visit of this kind is booked for the patient, or it is removed with a reason."""

    WISHES = ("kind", "clinician", "from_on", "until", *WEEKDAYS, "part_of_day", "note")

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="waiting_entries")
    kind = models.CharField("kind of visit", max_length=20, choices=VisitKind)
    clinician = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="waiting_entries"
    )
    from_on = TypedDate("from", validators=[possible_day])
    until = TypedDate("until", null=True, blank=True, validators=[possible_day], help_text="Leave empty for no end.")
    monday = models.BooleanField(default=True)
    tuesday = models.BooleanField(default=True)
    wednesday = models.BooleanField(default=True)
    thursday = models.BooleanField(default=True)
    friday = models.BooleanField(default=True)
    saturday = models.BooleanField(default=True)
    sunday = models.BooleanField(default=True)
    part_of_day = models.CharField("time of day", max_length=20, choices=PartOfDay, default=PartOfDay.ANY)
    note = Line(max_length=300, blank=True, help_text="For the front desk: no findings, no doses.")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+")
    added_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    booked_visit = models.ForeignKey(
        Visit, on_delete=models.PROTECT, null=True, editable=False, related_name="waiting_entries"
    )
    removed_reason = Line(max_length=300, blank=True, editable=False)

    objects = WaitingEntryQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "waiting-list entry"
        verbose_name_plural = "waiting-list entries"
        indexes = [
            models.Index(fields=["added_at"], condition=Q(ended_at=None), name="patients_waiting_open"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "kind"], condition=Q(ended_at=None), name="patients_waitingentry_is_open_once"
            ),
            models.CheckConstraint(name="patients_waitingentry_kind_is_known", condition=Q(kind__in=VisitKind.values)),
            models.CheckConstraint(
                name="patients_waitingentry_part_of_day_is_known", condition=Q(part_of_day__in=PartOfDay.values)
            ),
            models.CheckConstraint(
                name="patients_waitingentry_ends_not_before_it_begins",
                condition=Q(until=None) | Q(until__gte=models.F("from_on")),
            ),
            models.CheckConstraint(
                name="patients_waitingentry_has_a_weekday",
                condition=reduce(operator.or_, (Q(**{weekday: True}) for weekday in WEEKDAYS)),
            ),
            models.CheckConstraint(
                name="patients_waitingentry_is_open_booked_or_removed",
                condition=Q(ended_at=None, ended_by=None, booked_visit=None, removed_reason="")
                | Q(ended_at__isnull=False, ended_by__isnull=False, booked_visit__isnull=False, removed_reason="")
                | (Q(ended_at__isnull=False, ended_by__isnull=False, booked_visit=None) & ~Q(removed_reason="")),
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}, from {format_date(self.from_on)}"

    @property
    def is_open(self):
        return self.ended_at is None

    @property
    def state(self):
        if self.is_open:
            return "open"
        return "booked" if self.booked_visit_id else "removed"

    def is_met_by(self, visit):
        """Whether booking this visit ends it."""
        return self.kind == visit.kind and visit.day >= self.from_on and not is_past(visit.starts_at)

    def is_over(self, today):
        return self.until is not None and self.until < today

    def obstacles(self):
        """Why it cannot be stored, as {field: message}; {} if it can."""
        obstacles = {}
        if self.clinician is not None and not self.clinician.is_clinician:
            obstacles["clinician"] = "Choose a neurologist or a trainee, or any clinician."
        if self.until and self.until < self.from_on:
            obstacles["until"] = "This date is before the first one. Choose a later one, or leave it empty."
        if not self.weekdays():
            obstacles["monday"] = "Select at least one weekday."
        return obstacles

    def weekdays(self):
        return [weekday for weekday in WEEKDAYS if getattr(self, weekday)]

    def days_text(self):
        """*any day*, *Mon, Wed*, *Mon–Fri, mornings*."""
        days = _weekdays_text(self.weekdays())
        part = {PartOfDay.MORNING: ", mornings", PartOfDay.AFTERNOON: ", afternoons"}.get(self.part_of_day, "")
        return f"{days}{part}"

    def dates_text(self):
        until = f" until {format_date(self.until)}" if self.until else ""
        return f"from {format_date(self.from_on)}{until}"

    def wish_text(self):
        """*Review with any clinician, from 1 Dec 2026, Mon, Wed, mornings*."""
        clinician = self.clinician or "any clinician"
        return f"{self.get_kind_display()} with {clinician}, {self.dates_text()}, {self.days_text()}"


def _weekdays_text(weekdays):
    if len(weekdays) == len(WEEKDAYS):
        return "any day"
    if weekdays == list(WEEKDAYS[:5]):
        return "Mon–Fri"
    return ", ".join(weekday[:3].capitalize() for weekday in weekdays)
