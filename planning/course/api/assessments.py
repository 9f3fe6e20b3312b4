"""The course for programs: assessments with their scores, responses, adverse events."""

from rest_framework import serializers

from clinic.accounts.permissions import Permission
from clinic.api.fields import Change, IdField, QueryId, Sent, SentFields, Shown
from clinic.api.resources import Collection
from patients.models import Visit
from patients.people.api.corrections import CORRECTIONS, ERROR_BODIES, ERROR_FIELDS, CorrectableShown, Correcting
from patients.people.api.patients import OfPatientQuery
from planning.catalogue.models.instrument import Instrument
from planning.catalogue.scores import ScoreValue
from planning.course.actions.assessments import (
    change_assessment,
    change_score,
    findings_of,
    record_assessment,
    record_score,
)
from planning.course.models.assessment import Assessment
from planning.course.models.findings import (
    Frequency,
    Posture,
    PostureFinding,
    PostureSide,
    Presence,
    Severity,
    Symptom,
    SymptomFinding,
)
from planning.course.models.score import Score
from planning.sessions.models.session import InjectionSession

MOST_FINDINGS = 100


class CourseQuery(OfPatientQuery):
    visit = QueryId()
    session = QueryId()


class CourseResource(Collection):
    """Lists are filtered by patient, visit or session."""

    permissions = {
        **dict.fromkeys(("list", "retrieve"), Permission.SEE_COURSE),
        **dict.fromkeys(("create", "partial_update"), Permission.CHANGE_COURSE),
    }
    queries = {"list": CourseQuery}
    orderings = ("id", "-id")


class CorrectableCourseResource(Correcting, CourseResource):
    permissions = {**CourseResource.permissions, **dict.fromkeys(CORRECTIONS, Permission.CHANGE_COURSE)}


def visit_field(**kwargs):
    return IdField(queryset=Visit.objects.select_related("patient"), **kwargs)


def session_field(**kwargs):
    return IdField(queryset=InjectionSession.objects.select_related("visit__patient"), **kwargs)


# Assessments


class PostureShown(Shown):
    class Meta:
        model = PostureFinding
        fields = ["posture", "side"]


class SymptomShown(Shown):
    class Meta:
        model = SymptomFinding
        fields = ["symptom", "presence", "severity", "frequency"]


class ScoreOfAssessment(Shown):
    instrument_name = serializers.CharField(source="instrument.name")
    value = ScoreValue()

    class Meta:
        model = Score
        fields = ["id", "instrument", "instrument_name", "value"]


class AssessmentShown(CorrectableShown):
    patient = serializers.IntegerField(source="visit.patient_id")
    postures = PostureShown(many=True)
    symptoms = SymptomShown(many=True)
    scores = ScoreOfAssessment(many=True)
    unchanged_since_is_in_error = serializers.BooleanField(
        help_text="Whether the assessment in `unchanged_since` was later marked as entered in error."
    )

    class Meta:
        model = Assessment
        fields = [
            "id", "visit", "patient", "postures", "symptoms", "scores", *Assessment.details(), "unchanged_since",
            *ERROR_FIELDS,
        ]  # fmt: skip


class PostureSent(Sent):
    posture = serializers.ChoiceField(Posture)
    side = serializers.ChoiceField(
        PostureSide, required=False, allow_blank=True, help_text="The side, if this posture has one."
    )

    def validate(self, sent):
        return sent["posture"], sent.get("side", "")


class SymptomSent(Sent):
    symptom = serializers.ChoiceField(Symptom)
    presence = serializers.ChoiceField(Presence)
    severity = serializers.ChoiceField(Severity, required=False, allow_blank=True)
    frequency = serializers.ChoiceField(Frequency, required=False, allow_blank=True)

    def validate(self, sent):
        return sent["symptom"], sent["presence"], sent.get("severity", ""), sent.get("frequency", "")


class ScoreGiven(Sent):
    instrument = IdField(queryset=Instrument.objects.all())
    value = ScoreValue()

    def validate(self, sent):
        return sent["instrument"], sent["value"]


def _once_each(rows, what):
    about = [row[0] for row in rows]
    if len(set(about)) < len(about):
        raise serializers.ValidationError(f"Send each {what} only once.")
    return rows


class AssessmentSent(SentFields):
    """Posture, symptoms and scores are saved as one. What was not asked is left out."""

    postures = PostureSent(many=True, required=False, max_length=MOST_FINDINGS)
    symptoms = SymptomSent(many=True, required=False, max_length=MOST_FINDINGS)
    scores = ScoreGiven(many=True, required=False, max_length=MOST_FINDINGS)

    class Meta:
        model = Assessment
        fields = Assessment.details()

    def validate_postures(self, rows):
        return _once_each(rows, "posture")

    def validate_symptoms(self, rows):
        return _once_each(rows, "symptom")

    def validate_scores(self, rows):
        return _once_each(rows, "instrument")


class AssessmentNew(AssessmentSent):
    visit = visit_field()
    unchanged_since = IdField(
        queryset=Assessment.objects.all(),
        required=False,
        help_text="An earlier assessment with the same posture, signs and symptoms. Its scores are not copied.",
    )


class AssessmentChange(Change, AssessmentSent):
    """Each list of postures, symptoms or scores that you send replaces the stored list."""


class AssessmentResource(CorrectableCourseResource):
    """The patient’s condition at a visit."""

    kind = "assessment"
    queryset = Assessment.objects.for_page()
    serializer_class = AssessmentShown
    bodies = {"create": AssessmentNew, "partial_update": AssessmentChange, **ERROR_BODIES}
    paths = {"patient": "visit__patient__in", "visit": "visit", "session": "visit__sessions"}

    def patients_of(self, assessment):
        return [assessment.visit.patient_id]

    def field_of(self, name):
        """On the page, each posture, symptom and score is a separate field."""
        kinds = {"posture": "postures", "symptom": "symptoms", "score": "scores"}
        return kinds.get(name.partition("_")[0], name)

    def create(self, request):
        """Record the patient’s condition at a visit. Each visit has one assessment."""
        return self.created_by(record_assessment)

    def concerned_by(self, sent):
        return [sent["visit"].patient_id]

    def partial_update(self, request, pk):
        """Change an assessment."""
        assessment = self.the_record()
        sent = {**findings_of(assessment), **self.sent_with_version()}
        change_assessment(assessment=assessment, by=request.user, **sent)
        return self.respond(assessment.pk)


# Scores


class ScoreShown(Shown):
    patient = serializers.IntegerField(source="assessment.visit.patient_id")
    visit = serializers.IntegerField(source="assessment.visit_id")
    instrument_name = serializers.CharField(source="instrument.name")
    value = ScoreValue()
    version = serializers.IntegerField(source="assessment.version", help_text="The version of its assessment.")

    class Meta:
        model = Score
        fields = ["id", "assessment", "visit", "patient", "instrument", "instrument_name", "value", "version"]


class ScoreNew(Sent):
    assessment = IdField(queryset=Assessment.objects.all())
    instrument = IdField(queryset=Instrument.objects.all())
    value = ScoreValue()


class ScoreChange(Change):
    value = ScoreValue()


class ScoreResource(CourseResource):
    """Totals and subscales of rating instruments, within their range.

    A score is not a dose, so its range is checked.
    """

    kind = "score"
    queryset = Score.objects.select_related("assessment__visit", "instrument")
    serializer_class = ScoreShown
    bodies = {"create": ScoreNew, "partial_update": ScoreChange}
    paths = {
        "patient": "assessment__visit__patient__in",
        "visit": "assessment__visit",
        "session": "assessment__visit__sessions",
    }

    def patients_of(self, score):
        return [score.assessment.visit.patient_id]

    def create(self, request):
        """Add a score to an assessment."""
        return self.created_by(record_score)

    def concerned_by(self, sent):
        return [sent["assessment"].patient]

    def partial_update(self, request, pk):
        """Change a score; its version is that of the assessment."""
        score = self.the_record()
        change_score(score=score, by=request.user, **{"value": score.value, **self.sent_with_version()})
        return self.respond(score.pk)
