"""Adverse events of an injection session."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from clinic.models import Correctable, not_in_the_future
from clinic.records.date_fields import TypedDate
from clinic.records.dates import format_date
from clinic.records.text import Line, Lines
from clinic.web.page_urls import url_of_page
from patients.models import Visit
from planning.course.models.course_day import CourseQuerySet, WithDays, day_number, day_on, number_or_date
from planning.course.models.findings import Severity
from planning.course.models.response import YesNo
from planning.sessions.models.session import InjectionSession


class EventKind(models.TextChoices):
    DYSPHAGIA = "dysphagia", "Dysphagia"
    NECK_WEAKNESS = "neck_weakness", "Neck weakness"
    DRY_MOUTH = "dry_mouth", "Dry mouth"
    VOICE_CHANGE = "voice_change", "Voice change"
    INJECTION_SITE_PAIN = "injection_site_pain", "Injection-site pain"
    BRUISING = "bruising", "Bruising"
    INFECTION = "infection", "Infection"
    HEADACHE = "headache", "Headache"
    FLU_LIKE_SYMPTOMS = "flu_like_symptoms", "Flu-like symptoms"
    NECK_PAIN_FLARE = "neck_pain_flare", "Neck pain flare"
    SHOULDER_WEAKNESS = "shoulder_weakness", "Shoulder weakness"
    BREATHING_DIFFICULTY = "breathing_difficulty", "Breathing difficulty"
    DOUBLE_VISION = "double_vision", "Blurred or double vision"
    PTOSIS = "ptosis", "Ptosis"
    GENERALISED_WEAKNESS = "generalised_weakness", "Generalised weakness"
    HYPERSENSITIVITY = "hypersensitivity", "Hypersensitivity"
    FAINTING = "fainting", "Fainting"
    WRONG_SITE = "wrong_site", "Wrong side or muscle injected"
    OTHER = "other", "Other"


class Outcome(models.TextChoices):
    """As in reports of adverse reactions (ICH E2B)."""

    RECOVERED = "recovered", "Recovered"
    RECOVERING = "recovering", "Recovering"
    NOT_RECOVERED = "not_recovered", "Not recovered"
    WITH_SEQUELAE = "with_sequelae", "Recovered with sequelae"
    FATAL = "fatal", "Fatal"
    NOT_KNOWN = "not_known", "Not known"


class AdverseEvent(WithDays, Correctable):
    DAYS = ("began", "ended")

    session = models.ForeignKey(
        InjectionSession, on_delete=models.PROTECT, related_name="adverse_events", editable=False
    )
    kind = models.CharField("what", max_length=30, choices=EventKind)
    description = Lines("description", max_length=1000, blank=True)
    began_day, began_on = day_number("from"), day_on("from")
    severity = models.CharField(max_length=10, choices=Severity, blank=True, help_text="How strong it was.")
    serious = models.CharField(
        max_length=3,
        choices=YesNo,
        blank=True,
        help_text=(
            "In the regulatory sense: death, danger to life, hospital admission, lasting disability, or an equally "
            "important event."
        ),
    )
    measures = Lines("done or advised", max_length=1000, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True)
    ended_day, ended_on = day_number("until"), day_on("until")
    visit = models.ForeignKey(
        Visit, on_delete=models.PROTECT, null=True, blank=True, related_name="adverse_events",
        verbose_name="reported at", help_text="Leave empty if it was reported between visits.",
    )  # fmt: skip
    reported_to = Line("reported to", max_length=200, blank=True, help_text="The authority.")
    reported_on = TypedDate("reported on", null=True, blank=True, validators=[not_in_the_future])
    report_reference = Line("report reference", max_length=100, blank=True)

    objects = CourseQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta(Correctable.Meta):
        constraints = [
            *Correctable.Meta.constraints,
            *number_or_date("adverseevent", *("began", "ended")),
            models.CheckConstraint(name="planning_adverseevent_kind_is_known", condition=Q(kind__in=EventKind.values)),
            models.CheckConstraint(
                name="planning_adverseevent_other_kind_has_a_description",
                condition=~Q(kind=EventKind.OTHER) | ~Q(description=""),
            ),
            models.CheckConstraint(
                name="planning_adverseevent_severity_is_known", condition=Q(severity__in=["", *Severity.values])
            ),
            models.CheckConstraint(
                name="planning_adverseevent_serious_is_known", condition=Q(serious__in=["", *YesNo.values])
            ),
            models.CheckConstraint(
                name="planning_adverseevent_outcome_is_known", condition=Q(outcome__in=["", *Outcome.values])
            ),
            models.CheckConstraint(
                name="planning_adverseevent_report_has_an_authority",
                condition=~Q(reported_to="") | Q(reported_on=None, report_reference=""),
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}{f', {self.get_severity_display().lower()}' if self.severity else ''}"

    def get_absolute_url(self):
        return url_of_page("planning:event-change", self.pk)

    @property
    def patient(self):
        return self.session.visit.patient

    def obstacles(self):
        obstacles = self.days_obstacles()
        if self.kind == EventKind.OTHER and not self.description:
            obstacles["description"] = "Describe the event."
        if not self.reported_to and (self.reported_on or self.report_reference):
            obstacles["reported_to"] = "Name the authority that it was reported to."
        return obstacles

    def return_obstacle(self):
        return self.visit_obstacle()

    def time_text(self):
        began, ended = self.day_of("began"), self.day_of("ended")
        facts = [f"from {began}" if began else "", f"until {ended}" if ended else ""]
        return " ".join(filter(None, facts))

    def report_text(self):
        facts = (
            self.reported_to,
            self.reported_on and format_date(self.reported_on),
            self.report_reference and f"reference {self.report_reference}",
        )
        return ", ".join(filter(None, facts))

    def facts(self):
        facts = (
            ("What", self.get_kind_display()),
            ("Description", self.description),
            ("When", self.time_text()),
            ("Severity", self.get_severity_display()),
            ("Serious", self.get_serious_display()),
            ("Done or advised", self.measures),
            ("Outcome", self.get_outcome_display()),
            ("Reported to", self.report_text()),
            ("Reported at the visit of", self.visit and format_date(self.visit.day)),
        )
        return [(label, text) for label, text in facts if text]
