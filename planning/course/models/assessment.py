"""An assessment: posture, symptoms, daily life and scores of a patient at a visit."""

from django.db import models
from django.db.models import Prefetch, Q
from simple_history.models import HistoricalRecords

from clinic.models import Correctable, CorrectableQuerySet
from clinic.records.dates import format_date
from clinic.records.text import Line, Lines
from clinic.web.page_urls import url_of_page
from patients.models import Visit
from planning.course.models.findings import Posture, PostureFinding, Presence, Symptom, SymptomFinding
from planning.course.models.score import Score

# Other signs, each with its own note.
SIGNS = ("tremor", "jerk", "sensory_trick")
DAILY_LIFE = ("driving", "reading", "talking", "fatigue", "emotional_strain", "social_withdrawal")


def _presence(label):
    return models.CharField(label, max_length=10, choices=Presence, blank=True)


def _in_daily_life():
    return Line(max_length=300, blank=True)


class AssessmentQuerySet(CorrectableQuerySet):
    def of_records(self, ids):
        return self.filter(visit__patient__in=ids).order_by("-visit__starts_at", "-pk")

    def before(self, visit):
        return self.active().of_records(visit.patient.record_ids()).filter(visit__starts_at__lt=visit.starts_at)

    def with_scores(self):
        return self.select_related("visit").prefetch_related(Prefetch("scores", Score.objects.in_order()))

    def for_page(self):
        people_and_earlier = self.select_related("recorded_by", "unchanged_since__visit")
        postures = Prefetch("postures", PostureFinding.objects.order_by("pk"))
        symptoms = Prefetch("symptoms", SymptomFinding.objects.order_by("pk"))
        return people_and_earlier.prefetch_related(postures, symptoms).with_scores()


class Assessment(Correctable):
    """A patient's condition at a visit, saved and changed as a whole."""

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="assessments", editable=False)
    head_is_straight = models.BooleanField("none of these: the head is held straight", default=False)
    tremor = _presence("tremor")
    jerk = _presence("jerk")
    sensory_trick = _presence("sensory trick")
    tremor_note = Line("tremor, description", max_length=200, blank=True)
    jerk_note = Line("jerk, description", max_length=200, blank=True)
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
                fields=["visit"], condition=Q(error_at=None), name="planning_assessment_is_unique_at_a_visit"
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
        return f"Assessment, {format_date(self.visit.day)}"

    def get_absolute_url(self):
        return url_of_page("planning:assessment", self.visit_id)

    @property
    def patient(self):
        return self.visit.patient

    def return_obstacle(self):
        if Assessment.objects.active().filter(visit=self.visit_id).exists():
            return "Another assessment of this visit already exists. Mark that one as entered in error first."
        return None

    def postures_text(self):
        if self.head_is_straight:
            return "head held straight"
        order = list(Posture)
        found = sorted(self.postures.all(), key=lambda finding: order.index(finding.posture))
        return " · ".join(map(str, found))

    def symptoms_text(self, presence):
        order = list(Symptom)
        found = [finding for finding in self.symptoms.all() if finding.presence == presence]
        return " · ".join(map(str, sorted(found, key=lambda finding: order.index(finding.symptom))))

    def scores_text(self):
        in_order = sorted(self.scores.all(), key=lambda score: (score.instrument.order, score.instrument.name))
        return " · ".join(map(str, in_order))

    def _sign_text(self, sign):
        answer, note = self._get_presence(sign), getattr(self, f"{sign}_note")
        return ": ".join(filter(None, (answer.lower(), note)))

    def _get_presence(self, sign):
        return getattr(self, f"get_{sign}_display")()

    def finding_facts(self):
        """Posture and symptoms, which a later assessment can copy, as (label, text)."""
        facts = [
            ("Posture", self.postures_text()),
            *((self._label(sign), self._sign_text(sign)) for sign in SIGNS),
            ("Symptoms", self.symptoms_text(Presence.PRESENT)),
            ("Absent", self.symptoms_text(Presence.ABSENT)),
        ]
        return [(label, text) for label, text in facts if text]

    def facts(self):
        facts = [
            ("No change since", self._unchanged_text()),
            *self.finding_facts(),
            ("Scores", self.scores_text()),
            *((self._label(name), getattr(self, name)) for name in DAILY_LIFE),
            ("Note", self.note),
        ]
        return [(label, text) for label, text in facts if text]

    def _unchanged_text(self):
        earlier = self.unchanged_since
        if earlier is None:
            return ""
        mark = ", which was later marked as entered in error" if self.unchanged_since_is_in_error else ""
        return f"{format_date(earlier.visit.day)}{mark}"

    @property
    def unchanged_since_is_in_error(self):
        return self.unchanged_since is not None and self.unchanged_since.is_in_error

    def _label(self, name):
        return self._meta.get_field(name).verbose_name.capitalize()
