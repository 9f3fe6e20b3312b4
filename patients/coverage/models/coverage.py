"""Who pays for the treatment, and what is authorised."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce, TruncDate
from django.urls import reverse
from django.utils import timezone
from simple_history.models import HistoricalRecords

from clinic.models import ACTIVE_FIRST, Correctable, CorrectableQuerySet
from clinic.records.date_fields import TypedDate
from clinic.records.dates import format_date, possible_day
from clinic.records.numbers import Count
from clinic.records.text import Line, Lines, counted
from patients.diary.models.visit import Visit
from patients.people.models.patient import Patient

MOST_SESSIONS = 99


class Decision(models.TextChoices):
    ASKED_FOR = "asked_for", "Requested"
    APPROVED = "approved", "Approved"
    REFUSED = "refused", "Denied"
    NOT_NEEDED = "not_needed", "Not needed"


class CoverageQuerySet(CorrectableQuerySet):
    def of_person(self, pk):
        # A list of ids, so that an index is used: two columns of two tables joined by OR would need a full scan.
        return self.filter(patient__in=Patient.objects.filter(Q(pk=pk) | Q(same_as=pk)).values("pk"))

    def authorising(self):
        """Coverages with a period of validity; a rejected application does not authorise anything."""
        has_a_time = Q(valid_from__isnull=False) | Q(valid_until__isnull=False)
        return self.active().filter(has_a_time).exclude(decision=Decision.REFUSED)

    def holding_on(self, day):
        """Valid on that date, which can be a date or an expression."""
        begun = Q(valid_from=None) | Q(valid_from__lte=day)
        return self.filter(begun, Q(valid_until=None) | Q(valid_until__gte=day))

    def latest_first(self):
        return self.order_by(ACTIVE_FIRST, F("valid_until").desc(nulls_first=True), "-pk")


class Coverage(Correctable):
    """One payer's coverage of the treatment. Amounts are text as typed: Collum does not calculate from them."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="coverages", editable=False)
    payer = Line(max_length=100)
    plan = Line(max_length=100, blank=True)
    member_number = Line(max_length=60, blank=True)
    decision = models.CharField(max_length=20, choices=Decision, blank=True)
    authorisation_number = Line(max_length=60, blank=True)
    valid_from = TypedDate(null=True, blank=True, validators=[possible_day])
    valid_until = TypedDate(null=True, blank=True, validators=[possible_day])
    sessions_authorised = Count(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(MOST_SESSIONS)]
    )
    amount_charged = Line(max_length=60, blank=True, help_text="As typed, with the currency.")
    patients_share = Line("patient’s share", max_length=60, blank=True, help_text="As typed, with the currency.")
    note = Lines(max_length=1000, blank=True, help_text="For everyone in the clinic: no findings, no doses.")

    objects = CoverageQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta(Correctable.Meta):
        indexes = [models.Index(fields=["patient", "valid_until"], name="patients_coverage_of_patient")]
        constraints = [
            *Correctable.Meta.constraints,
            models.CheckConstraint(name="patients_coverage_names_the_payer", condition=~Q(payer="")),
            models.CheckConstraint(
                name="patients_coverage_decision_is_known", condition=Q(decision__in=["", *Decision.values])
            ),
            models.CheckConstraint(
                name="patients_coverage_ends_after_it_begins",
                condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_until__gte=models.F("valid_from")),
            ),
            models.CheckConstraint(
                name="patients_coverage_sessions_are_a_small_number",
                condition=Q(sessions_authorised=None)
                | Q(sessions_authorised__gte=1, sessions_authorised__lte=MOST_SESSIONS),
            ),
        ]

    def __str__(self):
        return self.payer

    def get_absolute_url(self):
        return reverse("patients:coverage-change", args=[self.pk])

    def obstacles(self):
        if self.valid_from and self.has_ended_by(self.valid_from):
            return {"valid_until": "The end is before the start."}
        return {}

    def time_text(self):
        begin = self.valid_from and format_date(self.valid_from)
        end = self.valid_until and format_date(self.valid_until)
        if begin and end:
            return f"{begin} to {end}"
        return f"from {begin}" if begin else f"until {end}" if end else ""

    def sessions_text(self):
        return counted(self.sessions_authorised, "session") if self.sessions_authorised else ""

    def authorisation_text(self):
        facts = (self.get_decision_display(), self.time_text(), self.sessions_text())
        return ", ".join(filter(None, facts))

    def facts(self):
        facts = (
            ("Payer", self.payer),
            ("Plan", self.plan),
            ("Member number", self.member_number),
            ("Decision", self.get_decision_display()),
            ("Authorisation", self.authorisation_number),
            ("Valid", self.time_text()),
            ("Authorised", self.sessions_text()),
            ("Amount charged", self.amount_charged),
            ("Patient’s share", self.patients_share),
            ("Note", self.note),
        )
        return [(label, text) for label, text in facts if text]

    @property
    def is_authorising(self):
        """As authorising() selects."""
        has_a_time = self.valid_from is not None or self.valid_until is not None
        return not self.is_in_error and has_a_time and self.decision != Decision.REFUSED

    def holds_on(self, day):
        return not self.has_ended_by(day) and not self.begins_after(day)

    def has_ended_by(self, day):
        return self.valid_until is not None and self.valid_until < day

    def begins_after(self, day):
        return self.valid_from is not None and self.valid_from > day

    def gap_on(self, day):
        if self.has_ended_by(day):
            ends = "ends" if self.valid_until >= timezone.localdate() else "ended"
            end = f"{ends} on {format_date(self.valid_until)}"
            return f"The authorisation of {self.payer} {end}, before the visit on {format_date(day)}."
        if self.begins_after(day):
            begin = f"begins on {format_date(self.valid_from)}"
            return f"The authorisation of {self.payer} {begin}, after the visit on {format_date(day)}."
        return None


def not_authorised(visits):
    authorising = Coverage.objects.authorising()
    # The person's record and the joined records in separate subqueries, so that each uses an index.
    ways = authorising.filter(patient=OuterRef("person")), authorising.filter(patient__same_as=OuterRef("person"))
    recorded, holding = Q(), Q()
    for theirs in ways:
        recorded |= Q(Exists(theirs))
        holding |= Q(Exists(theirs.holding_on(OuterRef("local_day"))))
    person = Coalesce("patient__same_as", "patient")
    return visits.alias(local_day=TruncDate("starts_at"), person=person).filter(recorded).exclude(holding)


def authorisation_gaps(visit):
    theirs = Coverage.objects.authorising().of_person(visit.patient.person_id)
    return _gaps_among(theirs.order_by("pk"), visit.day)


def gaps_of(visit, coverages):
    """As authorisation_gaps(), from all coverages of the person."""
    authorising = [coverage for coverage in coverages if coverage.is_authorising]
    return _gaps_among(sorted(authorising, key=lambda coverage: coverage.pk), visit.day)


def with_gaps(visits):
    people = {visit.patient.person_id for visit in visits}
    records = Patient.objects.filter(Q(pk__in=people) | Q(same_as__in=people)).in_bulk()
    theirs = {person: [] for person in people}
    for coverage in Coverage.objects.authorising().filter(patient__in=records).order_by("pk"):
        theirs[records[coverage.patient_id].person_id].append(coverage)
    return [(visit, _gaps_among(theirs[visit.patient.person_id], visit.day)) for visit in visits]


def _gaps_among(coverages, day):
    if any(coverage.holds_on(day) for coverage in coverages):
        return []
    ended = [coverage for coverage in coverages if coverage.has_ended_by(day)]
    to_begin = [coverage for coverage in coverages if not coverage.has_ended_by(day)]
    nearest = [
        *sorted(ended, key=lambda coverage: coverage.valid_until)[-1:],
        *sorted(to_begin, key=lambda coverage: coverage.valid_from)[:1],
    ]
    return [coverage.gap_on(day) for coverage in nearest]


def visits_not_authorised(today):
    return not_authorised(Visit.objects.coming(today))


def coming_gaps(visit, today):
    return authorisation_gaps(visit) if visit.is_coming(today) else []
