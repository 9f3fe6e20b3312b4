"""The patient's response to a session."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from clinic.models import Correctable, not_in_the_future
from clinic.records.date_fields import TypedDate
from clinic.records.dates import format_date
from clinic.records.text import Lines
from patients.models import Visit
from planning.course.models.course_day import CourseQuerySet, WithDays, day_number, day_on, number_or_date
from planning.sessions.models.session import InjectionSession


class Effect(models.TextChoices):
    RESPONSE = "response", "Response"
    NO_RESPONSE = "no_response", "No response"
    NOT_KNOWN = "not_known", "Not known"


class Benefit(models.TextChoices):
    """Empty if not asked."""

    WORSE = "worse", "Worse"
    NONE = "none", "None"
    SLIGHT = "slight", "Slight"
    MODERATE = "moderate", "Moderate"
    MARKED = "marked", "Marked"


class Impression(models.TextChoices):
    """The patient's own rating, on the seven steps of the Global Impression of Change."""

    VERY_MUCH_BETTER = "very_much_better", "Very much better"
    MUCH_BETTER = "much_better", "Much better"
    A_LITTLE_BETTER = "a_little_better", "A little better"
    NO_CHANGE = "no_change", "No change"
    A_LITTLE_WORSE = "a_little_worse", "A little worse"
    MUCH_WORSE = "much_worse", "Much worse"
    VERY_MUCH_WORSE = "very_much_worse", "Very much worse"


class YesNo(models.TextChoices):
    YES = "yes", "Yes"
    NO = "no", "No"


DOMAINS = (
    "benefit_contractions",
    "benefit_pain",
    "benefit_motion",
    "benefit_quality_of_life",
    "benefit_control",
    "benefit_daily_tasks",
)


def _benefit(label):
    return models.CharField(label, max_length=10, choices=Benefit, blank=True)


class Response(WithDays, Correctable):
    """How the patient did after a session, as reported at a later visit."""

    DAYS = ("onset", "peak", "wearing_off")

    session = models.ForeignKey(InjectionSession, on_delete=models.PROTECT, related_name="responses", editable=False)
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="responses", editable=False)
    effect = models.CharField("effect", max_length=20, choices=Effect)
    onset_day, onset_on = day_number("onset"), day_on("onset")
    peak_day, peak_on = day_number("peak"), day_on("peak")
    wearing_off_day, wearing_off_on = day_number("wearing-off"), day_on("wearing-off")
    benefit_contractions = _benefit("muscle contractions")
    benefit_pain = _benefit("pain")
    benefit_motion = _benefit("range of motion")
    benefit_quality_of_life = _benefit("quality of life")
    benefit_control = _benefit("control of movement")
    benefit_daily_tasks = _benefit("daily tasks")
    impression = models.CharField("patient’s global impression", max_length=20, choices=Impression, blank=True)
    words = Lines("patient’s words", max_length=2000, blank=True)
    share = models.CharField("can be shared", max_length=3, choices=YesNo, blank=True)
    share_on = TypedDate("consent to share, on", null=True, blank=True, validators=[not_in_the_future])
    share_withdrawn_on = TypedDate(
        "consent to share withdrawn, on", null=True, blank=True, validators=[not_in_the_future]
    )
    note = Lines(max_length=2000, blank=True)

    objects = CourseQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta(Correctable.Meta):
        constraints = [
            *Correctable.Meta.constraints,
            *number_or_date("response", *("onset", "peak", "wearing_off")),
            models.UniqueConstraint(
                fields=["session", "visit"],
                condition=Q(error_at=None),
                name="planning_response_is_unique_for_a_session_at_a_visit",
            ),
            models.CheckConstraint(name="planning_response_effect_is_known", condition=Q(effect__in=Effect.values)),
            models.CheckConstraint(
                name="planning_response_only_an_effect_has_days",
                condition=Q(effect=Effect.RESPONSE)
                | Q(
                    onset_day=None,
                    onset_on=None,
                    peak_day=None,
                    peak_on=None,
                    wearing_off_day=None,
                    wearing_off_on=None,
                ),
            ),
            *(
                models.CheckConstraint(
                    name=f"planning_response_{name}_is_known",
                    condition=Q(**{f"{name}__in": ["", *Benefit.values]}),
                )
                for name in DOMAINS
            ),
            models.CheckConstraint(
                name="planning_response_impression_is_known", condition=Q(impression__in=["", *Impression.values])
            ),
            models.CheckConstraint(name="planning_response_share_is_known", condition=Q(share__in=["", *YesNo.values])),
            models.CheckConstraint(
                name="planning_response_share_dates_need_consent",
                condition=Q(share=YesNo.YES, share_on__isnull=False)
                & (Q(share_withdrawn_on=None) | Q(share_withdrawn_on__gte=models.F("share_on")))
                | (~Q(share=YesNo.YES) & Q(share_on=None, share_withdrawn_on=None)),
            ),
        ]

    def __str__(self):
        return f"Response to the session of {format_date(self.session.day_given)}"

    def get_absolute_url(self):
        return reverse("planning:response", args=[self.visit_id, self.session_id])

    @property
    def patient(self):
        return self.visit.patient

    def obstacles(self):
        return {**self._effect_obstacles(), **self.days_obstacles(), **self._sharing_obstacles()}

    def _effect_obstacles(self):
        typed = [self._field_of(name) for name in self.DAYS if self._has_day(name)]
        if self.effect == Effect.RESPONSE or not typed:
            return {}
        return {typed[0]: "Only a response has days. Clear them, or choose “Response” above."}

    def _sharing_obstacles(self):
        consented, withdrawn = self.share_on, self.share_withdrawn_on
        if self.share != YesNo.YES:
            without = "The patient does not consent or was not asked. Clear the date of consent."
            return {name: without for name in ("share_on", "share_withdrawn_on") if getattr(self, name)}
        if consented is None:
            return {"share_on": "Enter the date on which the patient consented."}
        if withdrawn is not None and withdrawn < consented:
            return {"share_withdrawn_on": f"This date is before {format_date(consented)}, when the patient consented."}
        return {}

    def return_obstacle(self):
        if obstacle := self.visit_obstacle():
            return obstacle
        if Response.objects.active().filter(session=self.session_id, visit=self.visit_id).exists():
            return "Another response already exists. Mark that one as entered in error first."
        return None

    def course_text(self):
        days = [f"{name.replace('_', '-')} {day}" for name in self.DAYS if (day := self.day_of(name))]
        return ": ".join(filter(None, (self.get_effect_display(), ", ".join(days))))

    def benefits(self):
        return [
            (self._meta.get_field(name).verbose_name, getattr(self, f"get_{name}_display")())
            for name in DOMAINS
            if getattr(self, name)
        ]

    def benefits_text(self):
        return " · ".join(f"{domain}: {benefit.lower()}" for domain, benefit in self.benefits())

    def sharing_text(self):
        if self.share != YesNo.YES:
            return "the patient does not consent" if self.share else ""
        given = f"the patient consented on {format_date(self.share_on)}"
        if self.share_withdrawn_on is None:
            return given
        return f"{given}, and withdrew it on {format_date(self.share_withdrawn_on)}"

    def facts(self):
        facts = (
            ("Course", self.course_text()),
            ("Benefit", self.benefits_text()),
            ("Global impression", self.get_impression_display()),
            ("Patient’s words", self.words),
            ("Sharing these words", self.sharing_text()),
            ("Note", self.note),
        )
        return [(label, text) for label, text in facts if text]
