"""An assessment: posture, symptoms, daily life and scores of a patient at a visit."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from clinic.models import Correctable, CorrectableQuerySet
from clinic.records.dates import day_in_words
from clinic.records.text import Line, Lines
from patients.models import Visit
from planning.catalogue.models.instrument import Instrument
from planning.catalogue.scores import ScoreValueField, in_figures


class Posture(models.TextChoices):
    """The forms of the Col-Cap concept (Jost et al. 2020): *-collis* moves the neck, *-caput* the head upon it."""

    TORTICOLLIS = "torticollis", "Torticollis"
    TORTICAPUT = "torticaput", "Torticaput"
    LATEROCOLLIS = "laterocollis", "Laterocollis"
    LATEROCAPUT = "laterocaput", "Laterocaput"
    ANTECOLLIS = "antecollis", "Antecollis"
    ANTECAPUT = "antecaput", "Antecaput"
    RETROCOLLIS = "retrocollis", "Retrocollis"
    RETROCAPUT = "retrocaput", "Retrocaput"
    LATERAL_SHIFT = "lateral_shift", "Lateral shift"
    SAGITTAL_SHIFT = "sagittal_shift", "Sagittal shift"

    @classmethod
    def with_a_side(cls):
        return (cls.TORTICOLLIS, cls.TORTICAPUT, cls.LATEROCOLLIS, cls.LATEROCAPUT, cls.LATERAL_SHIFT)

    @property
    def has_a_side(self):
        return self in self.with_a_side()

    def sides(self):
        """The sides to choose from; only `""` for a form that has none."""
        return list(PostureSide) if self.has_a_side else [""]

    def meaning(self, side=""):
        """What is seen; the side is the one to which the chin turns, the ear comes down, or the head moves."""
        return POSTURE_MEANINGS[self].format(side=side)


POSTURE_MEANINGS = {
    Posture.TORTICOLLIS: "neck turned, the chin to the {side}",
    Posture.TORTICAPUT: "head turned on the neck, the chin to the {side}",
    Posture.LATEROCOLLIS: "neck tilted, the {side} ear towards the shoulder",
    Posture.LATEROCAPUT: "head tilted on the neck, the {side} ear towards the shoulder",
    Posture.ANTECOLLIS: "neck bent forwards",
    Posture.ANTECAPUT: "head bent forwards on the neck",
    Posture.RETROCOLLIS: "neck bent backwards",
    Posture.RETROCAPUT: "head bent backwards on the neck",
    Posture.LATERAL_SHIFT: "head moved to the {side}, upright",
    Posture.SAGITTAL_SHIFT: "head moved forwards or backwards, upright",
}


class PostureSide(models.TextChoices):
    """The patient's own."""

    RIGHT = "right", "right"
    LEFT = "left", "left"


class Presence(models.TextChoices):
    """Empty where it was not asked."""

    PRESENT = "present", "Present"
    ABSENT = "absent", "Absent"


class Symptom(models.TextChoices):
    """What every patient can be asked; speaking and swallowing before treatment, so that a dysphagia can be told."""

    SPASMS = "spasms", "Neck muscle spasms"
    DISCOMFORT = "discomfort", "Neck discomfort"
    LIMITED_MOBILITY = "limited_mobility", "Limited neck mobility"
    HEAD_TILTING = "head_tilting", "Head tilting"
    HEAD_TWISTING = "head_twisting", "Head twisting"
    HEAD_TURNING = "head_turning", "Head turning"
    HEAD_POSITION = "head_position", "Trouble keeping the head in a normal position"
    HEAD_PAIN = "head_pain", "Head pain"
    SHOULDER_PAIN = "shoulder_pain", "Shoulder pain"
    UPPER_BACK_PAIN = "upper_back_pain", "Upper-back pain"
    SPEAKING = "speaking", "Trouble speaking"
    SWALLOWING = "swallowing", "Trouble swallowing"


class Severity(models.TextChoices):
    """How strong, which is not how serious."""

    MILD = "mild", "Mild"
    MODERATE = "moderate", "Moderate"
    SEVERE = "severe", "Severe"


class Frequency(models.TextChoices):
    RARELY = "rarely", "Rarely"
    SOMETIMES = "sometimes", "Sometimes"
    OFTEN = "often", "Often"
    ALWAYS = "always", "All the time"


# What else is looked for, each with a note of its own.
SIGNS = ("tremor", "jerk", "sensory_trick")
DAILY_LIFE = ("driving", "reading", "talking", "fatigue", "emotional_strain", "social_withdrawal")


def _presence(label):
    return models.CharField(label, max_length=10, choices=Presence, blank=True)


def _in_daily_life():
    return Line(max_length=300, blank=True)


class AssessmentQuerySet(CorrectableQuerySet):
    def of_records(self, ids):
        """Those of these patients, which are one person, the latest first."""
        return self.filter(visit__patient__in=ids).order_by("-visit__starts_at", "-pk")

    def before(self, visit):
        """The patient's, of visits before this one."""
        return self.standing().of_records(visit.patient.record_ids()).filter(visit__starts_at__lt=visit.starts_at)

    def for_page(self):
        """With all that a page says of each."""
        return self.select_related("visit", "recorded_by", "unchanged_since__visit").prefetch_related(
            "postures", "symptoms", models.Prefetch("scores", Score.objects.in_order())
        )


class Assessment(Correctable):
    """How a patient was at a visit: one clinical thought, saved and changed as one."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="assessments", editable=False)
    head_is_straight = models.BooleanField("none of these: the head is held straight", default=False)
    tremor = _presence("tremor")
    tremor_note = Line("tremor, description", max_length=200, blank=True)
    jerk = _presence("jerk")
    jerk_note = Line("jerk, description", max_length=200, blank=True)
    sensory_trick = _presence("sensory trick")
    sensory_trick_note = Line("sensory trick, description", max_length=200, blank=True)
    driving = _in_daily_life()
    reading = _in_daily_life()
    talking = _in_daily_life()
    fatigue = _in_daily_life()
    emotional_strain = _in_daily_life()
    social_withdrawal = _in_daily_life()
    note = Lines(max_length=2000, blank=True)
    unchanged_since = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    objects = AssessmentQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta(Correctable.Meta):
        constraints = [
            *Correctable.Meta.constraints,
            models.UniqueConstraint(
                fields=["visit"], condition=Q(error_at=None), name="planning_assessment_stands_once_at_a_visit"
            ),
            *(
                models.CheckConstraint(
                    name=f"planning_assessment_{sign}_is_known",
                    condition=Q(**{f"{sign}__in": ["", *Presence.values]}),
                )
                for sign in SIGNS
            ),
        ]

    def __str__(self):
        return f"Assessment, {day_in_words(self.visit.day)}"

    def get_absolute_url(self):
        return reverse("planning:assessment", args=[self.visit_id])

    @property
    def patient(self):
        return self.visit.patient

    def return_obstacle(self):
        if Assessment.objects.standing().filter(visit=self.visit_id).exists():
            return "Another assessment of this visit already exists. Mark that one as entered in error first."
        return None

    def postures_in_words(self):
        if self.head_is_straight:
            return "head held straight"
        order = list(Posture)
        found = sorted(self.postures.all(), key=lambda finding: order.index(finding.posture))
        return " · ".join(map(str, found))

    def symptoms_in_words(self, presence):
        """Those that are present, or absent."""
        order = list(Symptom)
        found = [finding for finding in self.symptoms.all() if finding.presence == presence]
        return " · ".join(map(str, sorted(found, key=lambda finding: order.index(finding.symptom))))

    def present_symptoms(self):
        order = list(Symptom)
        found = [finding for finding in self.symptoms.all() if finding.presence == Presence.PRESENT]
        return sorted(found, key=lambda finding: order.index(finding.symptom))

    def scores_in_words(self):
        in_order = sorted(self.scores.all(), key=lambda score: (score.instrument.order, score.instrument.name))
        return " · ".join(map(str, in_order))

    def _sign_in_words(self, sign):
        answer, note = self._get_presence(sign), getattr(self, f"{sign}_note")
        return ": ".join(filter(None, (answer.lower(), note)))

    def _get_presence(self, sign):
        return getattr(self, f"get_{sign}_display")()

    def findings_in_words(self):
        """Posture and symptoms, which a later assessment can carry over, as (label, text)."""
        told = [
            ("Posture", self.postures_in_words()),
            *((self._label(sign), self._sign_in_words(sign)) for sign in SIGNS),
            ("Symptoms", self.symptoms_in_words(Presence.PRESENT)),
            ("Absent", self.symptoms_in_words(Presence.ABSENT)),
        ]
        return [(label, text) for label, text in told if text]

    def in_words(self):
        """All that was recorded, as (label, text)."""
        told = [
            ("No change since", self.unchanged_since and day_in_words(self.unchanged_since.visit.day)),
            *self.findings_in_words(),
            ("Scores", self.scores_in_words()),
            *((self._label(name), getattr(self, name)) for name in DAILY_LIFE),
            ("Note", self.note),
        ]
        return [(label, text) for label, text in told if text]

    def _label(self, name):
        return self._meta.get_field(name).verbose_name.capitalize()


class PostureFinding(models.Model):
    """One form of abnormal posture, seen at an assessment."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="postures")
    posture = models.CharField(max_length=20, choices=Posture)
    side = models.CharField(max_length=10, choices=PostureSide, blank=True)

    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "posture"], name="planning_posturefinding_stands_once"),
            models.CheckConstraint(
                name="planning_posturefinding_posture_is_known", condition=Q(posture__in=Posture.values)
            ),
            models.CheckConstraint(
                name="planning_posturefinding_has_a_side_where_its_form_has_one",
                condition=Q(posture__in=Posture.with_a_side(), side__in=PostureSide.values)
                | (~Q(posture__in=Posture.with_a_side()) & Q(side="")),
            ),
        ]

    def __str__(self):
        return " ".join(filter(None, (self.get_posture_display(), self.side)))


class SymptomFinding(models.Model):
    """The answer to one symptom; one that was not asked has none."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="symptoms")
    symptom = models.CharField(max_length=20, choices=Symptom)
    presence = models.CharField(max_length=10, choices=Presence)
    severity = models.CharField(max_length=10, choices=Severity, blank=True)
    frequency = models.CharField("how often", max_length=10, choices=Frequency, blank=True)

    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "symptom"], name="planning_symptomfinding_stands_once"),
            models.CheckConstraint(
                name="planning_symptomfinding_symptom_is_known", condition=Q(symptom__in=Symptom.values)
            ),
            models.CheckConstraint(
                name="planning_symptomfinding_presence_is_known", condition=Q(presence__in=Presence.values)
            ),
            models.CheckConstraint(
                name="planning_symptomfinding_only_what_is_present_has_a_degree",
                condition=Q(
                    presence=Presence.PRESENT,
                    severity__in=["", *Severity.values],
                    frequency__in=["", *Frequency.values],
                )
                | Q(presence=Presence.ABSENT, severity="", frequency=""),
            ),
        ]

    def __str__(self):
        return f"{self.get_symptom_display()}{f' ({degree})' if (degree := self._degree()) else ''}"

    def _degree(self):
        return ", ".join(filter(None, (self.get_severity_display(), self.get_frequency_display()))).lower()

    def answer_in_words(self):
        """*present (mild, often)*, *absent*."""
        return f"{self.get_presence_display().lower()}{f' ({degree})' if (degree := self._degree()) else ''}"


class ScoreQuerySet(models.QuerySet):
    def in_order(self):
        return self.select_related("instrument").order_by("instrument__order", "instrument__name")


class Score(models.Model):
    """A total, or a subscale's total, as it was typed; within the range of its instrument."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="scores")
    instrument = models.ForeignKey(Instrument, on_delete=models.PROTECT, related_name="scores")
    value = ScoreValueField()

    objects = ScoreQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "instrument"], name="planning_score_stands_once"),
        ]

    def __str__(self):
        return f"{self.instrument} {in_figures(self.value)}"
