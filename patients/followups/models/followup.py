"""A follow-up: the obligation to see a patient again."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery, Value
from simple_history.models import HistoricalRecords

from clinic.models import LockingQuerySet, User, Versioned
from clinic.records.counts import figures_of
from clinic.records.date_fields import TypedDate
from clinic.records.dates import format_date
from clinic.records.text import Line, counted
from patients.diary.models.visit import Visit, VisitKind, VisitState
from patients.followups.models.contact import ContactAttempt
from patients.people.models.patient import Patient


class FollowUpKind(models.TextChoices):
    REVIEW = "review", "Review"
    NEXT_INJECTION = "next_injection", "Next injection"


STATES = ("open", "booked", "closed")


def _sunday(day):
    return day + dt.timedelta(days=6 - day.weekday())


def _postponed(on):
    return Q(postponed_until__gt=on)


def _overdue(on):
    return Q(due_on__lt=on)


def _due_this_week(on):
    return Q(due_on__gte=on, due_on__lte=_sunday(on))


def _contacted():
    return Exists(ContactAttempt.objects.active().order_by().filter(follow_up=OuterRef("pk")))


COUNTED = ("overdue", "due_this_week", "never_contacted", "postponed")


class FollowUpQuerySet(LockingQuerySet):
    def not_closed(self):
        return self.filter(closed_at=None)

    def open(self):
        return self._with_booked_state().exclude(booked_visit__isnull=False, booked_state__in=VisitState.active())

    def open_of(self, patient):
        """Of this record alone, as its pages list them; `patient` is a record or its id."""
        return self.open().filter(patient=patient).select_related("clinician").due_first()

    def booked(self):
        return self._with_booked_state().filter(booked_state__in=VisitState.active())

    def _with_booked_state(self):
        # A subquery for each row, not a join: PostgreSQL overestimates how many are open, and would read all visits.
        state = Visit.objects.filter(pk=OuterRef("booked_visit")).values("state")
        return self.not_closed().alias(booked_state=Subquery(state))

    def in_state(self, state):
        return {"open": self.open(), "booked": self.booked(), "closed": self.exclude(closed_at=None)}[state]

    def without_clinician(self):
        """Open, and the clinician who requested it no longer sees patients here."""
        return self.open().exclude(clinician__in=User.objects.clinicians())

    def with_clinician(self):
        return self.open().filter(clinician__in=User.objects.clinicians())

    def postponed(self, on):
        return self.with_clinician().filter(_postponed(on))

    def to_book(self, on):
        """Open, and to be called: neither postponed nor without a clinician."""
        return self.with_clinician().exclude(_postponed(on))

    def overdue(self, on):
        return self.to_book(on).filter(_overdue(on))

    def due_this_week(self, on):
        return self.to_book(on).filter(_due_this_week(on))

    def due_by_sunday(self, on):
        return self.to_book(on).filter(_overdue(on) | _due_this_week(on))

    def never_contacted(self):
        return self.exclude(_contacted())

    def counts(self, on):
        return dict(zip(COUNTED, figures_of(self.model.objects.aggregated, on), strict=True))

    def aggregated(self, on):
        to_book = ~_postponed(on)
        # Without grouping: a constant is not grouped by, so there is one row.
        counted = (
            self.with_clinician()
            .annotate(all=Value(1))
            .values("all")
            .annotate(
                overdue=Count("pk", filter=to_book & _overdue(on)),
                due_this_week=Count("pk", filter=to_book & _due_this_week(on)),
                never_contacted=Count("pk", filter=to_book & ~Q(_contacted())),
                postponed=Count("pk", filter=_postponed(on)),
            )
        )
        return counted.order_by().values(*COUNTED)

    def due_first(self):
        return self.order_by("due_on", "pk")


class FollowUp(Versioned):
    """Due on a date; open until a visit is booked for it, and closed when that visit is finished."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="follow_ups")
    kind = models.CharField(max_length=20, choices=FollowUpKind)
    due_on = TypedDate("due on")
    clinician = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="follow_ups")
    why = Line(max_length=300, blank=True, help_text="For the front desk to read: no findings, no doses.")
    booked_visit = models.ForeignKey(Visit, on_delete=models.PROTECT, null=True, blank=True, related_name="follow_ups")
    postponed_until = TypedDate(null=True, blank=True, editable=False, db_column="aside_until")
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    closed_reason = Line(max_length=300, blank=True, editable=False)

    objects = FollowUpQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        indexes = [
            models.Index(fields=["due_on"], condition=Q(closed_at=None), name="patients_followup_not_closed"),
        ]
        constraints = [
            models.CheckConstraint(
                name="patients_followup_closed_at_by_and_why_together",
                condition=Q(closed_at=None, closed_by=None, closed_reason="")
                | (Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(closed_reason="")),
            ),
            models.CheckConstraint(name="patients_followup_kind_is_known", condition=Q(kind__in=FollowUpKind.values)),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}, due {format_date(self.due_on)}"

    @property
    def is_open(self):
        return self.closed_at is None and (self.booked_visit is None or not self.booked_visit.is_active)

    @property
    def state(self):
        if self.closed_at is not None:
            return "closed"
        return "open" if self.is_open else "booked"

    @property
    def is_without_clinician(self):
        return self.is_open and not self.clinician.is_clinician

    def is_postponed(self, on):
        return (
            self.is_open
            and self.clinician.is_clinician
            and self.postponed_until is not None
            and self.postponed_until > on
        )

    def is_to_book(self, on):
        return self.is_open and not self.is_without_clinician and not self.is_postponed(on)

    def is_overdue(self, on):
        return self.is_to_book(on) and self.due_on < on

    def last_contact(self):
        return next((attempt for attempt in self.contact_attempts.all() if attempt.undone_at is None), None)

    @property
    def visit_kind(self):
        return VisitKind.REVIEW if self.kind == FollowUpKind.REVIEW else VisitKind.INJECTION

    def request_text(self):
        return f"Requested by {self.clinician} for {format_date(self.due_on)}"

    def days_late(self, on):
        return (on - self.due_on).days

    def due_text(self, on):
        """*12 days overdue*, *due today*, *due 1 Dec 2026*."""
        late = self.days_late(on)
        if late > 0:
            return f"{counted(late, 'day')} overdue"
        return "due today" if late == 0 else f"due {format_date(self.due_on)}"

    def due_shown(self, on):
        """What `patients/followups/_due.html` needs."""
        return {"due": self.due_text(on), "is_late": self.days_late(on) > 0}
