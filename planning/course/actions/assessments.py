"""Assessments: posture, symptoms and scores, recorded and changed together."""

from functools import partial

from clinic.records import audit_log
from clinic.records.actions import action, assign, is_stored, require_version, store, store_new
from clinic.records.exceptions import Conflict, Refused
from planning.catalogue.models.instrument import Instrument
from planning.course.actions.course import attended, insert_first
from planning.course.models.assessment import SIGNS, Assessment
from planning.course.models.findings import Posture, PostureFinding, Presence, SymptomFinding
from planning.course.models.score import Score

# Fields that a later assessment copies from an earlier one, with its posture and symptoms.
CARRIED_OVER = ("head_is_straight", *SIGNS, *(f"{sign}_note" for sign in SIGNS))


@action
def record_assessment(*, visit, by, postures=(), symptoms=(), scores=(), unchanged_since=None, **details):
    """The first of this visit.

    `postures` are (posture, side), `symptoms` are (symptom, presence, severity, frequency), `scores` are
    (instrument, value). With `unchanged_since`, posture, signs and symptoms are copied from that assessment.
    """
    visit = attended(visit)
    assessment = Assessment(visit=visit, recorded_by=by, **details)
    found = _Findings(postures, symptoms, scores)
    if unchanged_since is not None:
        found = _carried_over(assessment, _earlier_one(unchanged_since, visit), found)
    _require_consistent(assessment, found)
    insert_first(
        assessment, "An assessment of this visit was recorded after you opened it. Open the visit again.", by=by
    )
    found.write(assessment, by=by)
    audit_log.record("assessed", assessment, by=by, patients=[visit.patient_id])
    return assessment


@action
def change_assessment(*, assessment, by, version, postures=(), symptoms=(), scores=(), **details):
    """Replace all of it. Raises Conflict if it is no longer at `version`. Repeating it succeeds."""
    assessment = _to_change(assessment)
    found = _Findings(postures, symptoms, scores)
    check = partial(_require_consistent, assessment, found)
    return _rewrite(assessment, found, by=by, version=version, check=check, **details)


@action
def record_score(*, assessment, instrument, value, by):
    """Add a score to the assessment. Succeeds if it is already stored with this value."""
    assessment = _to_change(assessment)
    there = assessment.scores.filter(instrument=instrument).first()
    if there is not None:
        if there.value != value:
            raise Refused(f"A score of {instrument} is already recorded here. Change that score.", field="instrument")
        return there
    _require_offered(instrument)
    _set_score(assessment, instrument, value, by=by, version=assessment.version)
    return assessment.scores.get(instrument=instrument)


@action
def change_score(*, score, value, by, version):
    """Raises Conflict if its assessment is no longer at `version`. Repeating it succeeds."""
    assessment = _to_change(score.assessment)
    there = assessment.scores.select_related("instrument").filter(pk=score.pk).first()
    if there is None:
        raise Conflict("This score was removed. Read the assessment again.", current=assessment)
    _set_score(assessment, there.instrument, value, by=by, version=version)
    return assessment.scores.get(pk=score.pk)


def _to_change(assessment):
    """The assessment, locked. Raises Refused if it can no longer be changed."""
    assessment = Assessment.objects.locked(assessment.pk)
    if obstacle := assessment.change_obstacle():
        raise Refused(obstacle)
    return assessment


def _set_score(assessment, instrument, value, *, by, version):
    others = assessment.scores.exclude(instrument=instrument).select_related("instrument")
    scores = [(instrument, value), *((other.instrument, other.value) for other in others)]
    found = _Findings.of(assessment, scores=scores)
    check = partial(_require_in_range, [(instrument, value)], field="value")
    _rewrite(assessment, found, by=by, version=version, check=check)


def _rewrite(assessment, found, *, by, version, check, **details):
    """Store `details` and findings of a locked assessment, after `check()` has passed."""
    others = {name: value for name, value in details.items() if name not in CARRIED_OVER}
    carried = {name: value for name, value in details.items() if name in CARRIED_OVER}
    findings_differ = not is_stored(assessment, carried) or found.findings_differ_from(assessment)
    if not findings_differ and is_stored(assessment, others) and not found.scores_differ_from(assessment):
        return assessment
    require_version(assessment, version)
    assign(assessment, details)
    check()
    if findings_differ:
        assessment.unchanged_since = None
    store(assessment, by=by)
    found.write(assessment, by=by)
    audit_log.record("changed", assessment, by=by, patients=[assessment.patient.pk])
    return assessment


def findings_of(assessment):
    return {
        "postures": [(each.posture, each.side) for each in assessment.postures.all()],
        "symptoms": [
            (each.symptom, each.presence, each.severity, each.frequency) for each in assessment.symptoms.all()
        ],
        "scores": [(each.instrument, each.value) for each in assessment.scores.select_related("instrument")],
    }


class _Findings:
    """Posture, symptoms and scores of an assessment, by what each row is about."""

    def __init__(self, postures, symptoms, scores):
        self.postures = {posture: {"side": side} for posture, side in postures}
        self.symptoms = {
            symptom: {"presence": presence, "severity": severity, "frequency": frequency}
            for symptom, presence, severity, frequency in symptoms
        }
        self.scores = {instrument.pk: {"value": value} for instrument, value in scores}
        self.instruments = list(scores)

    @classmethod
    def of(cls, assessment, *, scores):
        return cls(**{**findings_of(assessment), "scores": scores})

    def _tables(self):
        return (
            (PostureFinding, "posture", self.postures),
            (SymptomFinding, "symptom", self.symptoms),
            (Score, "instrument_id", self.scores),
        )

    def findings_differ_from(self, assessment):
        return self._differ_from(assessment, self._tables()[:2])

    def scores_differ_from(self, assessment):
        return self._differ_from(assessment, self._tables()[2:])

    def _differ_from(self, assessment, tables):
        return any(self._stored(assessment, *table) != wanted for *table, wanted in tables)

    def _stored(self, assessment, model, about):
        names = [field.name for field in model._meta.fields if field.name not in {"id", "assessment", "instrument"}]
        return {
            getattr(row, about): {name: getattr(row, name) for name in names if name != about}
            for row in model.objects.filter(assessment=assessment)
        }

    def write(self, assessment, *, by):
        for model, about, wanted in self._tables():
            rows = {getattr(row, about): row for row in model.objects.filter(assessment=assessment)}
            for gone in rows.keys() - wanted.keys():
                rows[gone]._history_user = by
                rows[gone].delete()
            for key in rows.keys() & wanted.keys():
                if assign(rows[key], wanted[key]):
                    store(rows[key], by=by)
            new = [model(assessment=assessment, **{about: key}, **wanted[key]) for key in wanted if key not in rows]
            store_new(new, by=by)


def _earlier_one(assessment, visit):
    """The stored earlier assessment. Raises Refused if it cannot be copied from."""
    earlier = Assessment.objects.before(visit).filter(pk=assessment.pk).first()
    if earlier is None:
        raise Refused("That is not an earlier assessment of this patient.")
    return earlier


def _carried_over(assessment, earlier, typed):
    if typed.postures or typed.symptoms or any(getattr(assessment, name) for name in CARRIED_OVER):
        raise Refused("Findings are selected here. Save them, or clear them to copy the earlier findings.")
    assessment.unchanged_since = earlier
    for name in CARRIED_OVER:
        setattr(assessment, name, getattr(earlier, name))
    return _Findings.of(earlier, scores=typed.instruments)


def _require_consistent(assessment, found):
    if assessment.head_is_straight and found.postures:
        raise Refused(
            "A posture is selected, so “held straight” cannot be selected. Clear one of them.",
            field="head_is_straight",
        )
    for posture in Posture:
        if posture in found.postures and found.postures[posture]["side"] not in posture.sides():
            obstacle = "choose the side." if posture.has_a_side else "this has no side."
            raise Refused(f"{posture.label}: {obstacle}", field=f"posture_{posture}")
    for symptom, finding in found.symptoms.items():
        if finding["presence"] == Presence.ABSENT and (finding["severity"] or finding["frequency"]):
            raise Refused("Only a symptom that is present has a severity and a frequency.", field=f"symptom_{symptom}")
    _require_none_retired(assessment, found.instruments)
    _require_in_range(found.instruments)


def _require_none_retired(assessment, scores):
    scored = set(assessment.scores.values_list("instrument", flat=True)) if assessment.pk else set()
    for instrument, _ in scores:
        if instrument.is_retired and instrument.pk not in scored:
            raise Refused(f"{instrument} is retired.", field=f"score_{instrument.pk}")


def _require_in_range(scores, field="score_{}"):
    """Uses the current catalogue: a range may have changed since the page was opened."""
    now = Instrument.objects.in_bulk([instrument.pk for instrument, _ in scores])
    for instrument, value in scores:
        current = now.get(instrument.pk)
        sentence = current.obstacle_of(value) if current else f"{instrument} is no longer in the catalogue."
        if sentence:
            raise Refused(sentence, field=field.format(instrument.pk))


def _require_offered(instrument):
    now = Instrument.objects.filter(pk=instrument.pk).first()
    if now is None:
        raise Refused(f"{instrument} is no longer in the catalogue.", field="instrument")
    if now.is_retired:
        raise Refused(f"{instrument} is retired.", field="instrument")
