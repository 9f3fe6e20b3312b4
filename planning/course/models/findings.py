"""Findings of an assessment: postures and symptoms."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords


class Presence(models.TextChoices):
    """Empty if not asked."""

    PRESENT = "present", "Present"
    ABSENT = "absent", "Absent"


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
        """The possible sides; only `""` for a posture without sides."""
        return list(PostureSide) if self.has_a_side else [""]

    def meaning(self, side=""):
        """A description of the finding. The side is that to which the chin turns, the ear tilts, or the head shifts."""
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
    """The patient's own left or right."""

    RIGHT = "right", "right"
    LEFT = "left", "left"


class Symptom(models.TextChoices):
    """Speech and swallowing are asked before treatment, so that a later dysphagia can be distinguished."""

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
    """How strong, which is not the same as how serious."""

    MILD = "mild", "Mild"
    MODERATE = "moderate", "Moderate"
    SEVERE = "severe", "Severe"


class Frequency(models.TextChoices):
    RARELY = "rarely", "Rarely"
    SOMETIMES = "sometimes", "Sometimes"
    OFTEN = "often", "Often"
    ALWAYS = "always", "All the time"


class PostureFinding(models.Model):
    """An abnormal posture found at an assessment."""

    assessment = models.ForeignKey("planning.Assessment", on_delete=models.PROTECT, related_name="postures")
    posture = models.CharField(max_length=20, choices=Posture)
    side = models.CharField(max_length=10, choices=PostureSide, blank=True)

    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "posture"], name="planning_posturefinding_is_unique"),
            models.CheckConstraint(
                name="planning_posturefinding_posture_is_known", condition=Q(posture__in=Posture.values)
            ),
            models.CheckConstraint(
                name="planning_posturefinding_side_matches_its_posture",
                condition=Q(posture__in=Posture.with_a_side(), side__in=PostureSide.values)
                | (~Q(posture__in=Posture.with_a_side()) & Q(side="")),
            ),
        ]

    def __str__(self):
        return " ".join(filter(None, (self.get_posture_display(), self.side)))


class SymptomFinding(models.Model):
    """The answer about one symptom; a symptom that was not asked has no row."""

    assessment = models.ForeignKey("planning.Assessment", on_delete=models.PROTECT, related_name="symptoms")
    symptom = models.CharField(max_length=20, choices=Symptom)
    presence = models.CharField(max_length=10, choices=Presence)
    severity = models.CharField(max_length=10, choices=Severity, blank=True)
    frequency = models.CharField("how often", max_length=10, choices=Frequency, blank=True)

    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "symptom"], name="planning_symptomfinding_is_unique"),
            models.CheckConstraint(
                name="planning_symptomfinding_symptom_is_known", condition=Q(symptom__in=Symptom.values)
            ),
            models.CheckConstraint(
                name="planning_symptomfinding_presence_is_known", condition=Q(presence__in=Presence.values)
            ),
            models.CheckConstraint(
                name="planning_symptomfinding_degree_only_if_present",
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

    def answer_text(self):
        return f"{self.get_presence_display().lower()}{f' ({degree})' if (degree := self._degree()) else ''}"
