"""Assessments: posture, symptoms and scores, recorded and changed together."""

from functools import partial

from clinic.records import audit_log
from clinic.records.actions import action, assign, is_stored, name_who_changed, require_version, store
from clinic.records.exceptions import STALE, Conflict, Refused
from patients.models import Visit
from planning.catalogue.models.instrument import Instrument
from planning.course.actions.course import attended, insert_first
from planning.course.actions.findings import Findings, findings_of, stored_in, version_of
from planning.course.models.assessment import SIGNS, Assessment
from planning.course.models.findings import Posture, Presence

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
    found = Findings(postures, symptoms, scores)
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
    found = Findings(postures, symptoms, scores)
    check = partial(_require_consistent, assessment, found)
    return _rewrite(assessment, found, by=by, version=version, check=check, **details)


@action
def save_group(*, visit, by, record, version, **values):
    """Store one group of fields and findings of a visit's assessment, which the first group creates.

    `record` is the id of the assessment that the user saw, or None. Raises Conflict if it was marked as entered in
    error, or if this group no longer contains what the user saw in it (`version`). Repeating it succeeds.
    """
    visit = Visit.objects.locked(visit.pk)
    assessment = _seen(visit, record)
    stored = version_of(stored_in(assessment, values))
    if stored == version_of(values):
        return assessment or Assessment(visit=visit)
    if stored != version:
        raise Conflict(STALE if assessment is None else name_who_changed(assessment), current=assessment)
    if assessment is None:
        return record_assessment(visit=visit, by=by, **values)
    all_of_it = {**findings_of(assessment), **values}
    return change_assessment(assessment=assessment, by=by, version=assessment.version, **all_of_it)


@action
def repeat_findings(*, visit, by, unchanged_since, version):
    """Copy posture, signs and symptoms of an earlier assessment into one that has none. Repeating it succeeds.

    Raises Conflict if the earlier one is no longer at the version that the user saw.
    """
    visit = Visit.objects.locked(visit.pk)
    assessment = _seen(visit, None)
    if assessment is not None and assessment.unchanged_since == unchanged_since:
        return assessment
    earlier = _earlier_one(unchanged_since, visit)
    require_version(earlier, version, "The earlier assessment changed after you opened this page. Open the page again.")
    if assessment is None:
        return record_assessment(visit=visit, by=by, unchanged_since=earlier)
    found = _carried_over(assessment, earlier, Findings.of(assessment))
    store(assessment, by=by)
    found.write(assessment, by=by)
    audit_log.record("changed", assessment, by=by, patients=[visit.patient_id])
    return assessment


def _seen(visit, record):
    """The visit's assessment, locked, or None. Raises Conflict if the user saw another one."""
    pk = Assessment.objects.active().filter(visit=visit).values_list("pk", flat=True).first()
    if record not in (None, pk):
        raise Conflict("The assessment that you saw was marked as entered in error. Open the page again.")
    return None if pk is None else Assessment.objects.locked(pk)


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
    found = Findings.of(assessment, scores=scores)
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
    return Findings.of(earlier, scores=typed.instruments)


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
    stored = dict(assessment.scores.values_list("instrument", "value")) if assessment.pk else {}
    for instrument, _ in found.instruments:
        if instrument.is_retired and instrument.pk not in stored:
            raise Refused(f"{instrument} is retired.", field=f"score_{instrument.pk}")
    # A stored score stays as it is, although the range of its instrument may have changed since.
    _require_in_range([(each, value) for each, value in found.instruments if stored.get(each.pk) != value])


def _require_in_range(scores, field="score_{}"):
    """Uses the current catalogue: a range may have changed since the page was opened."""
    now = Instrument.objects.in_bulk([instrument.pk for instrument, _ in scores])
    for instrument, value in scores:
        current = now.get(instrument.pk)
        message = current.obstacle_of(value) if current else f"{instrument} is no longer in the catalogue."
        if message:
            raise Refused(message, field=field.format(instrument.pk))


def _require_offered(instrument):
    now = Instrument.objects.filter(pk=instrument.pk).first()
    if now is None:
        raise Refused(f"{instrument} is no longer in the catalogue.", field="instrument")
    if now.is_retired:
        raise Refused(f"{instrument} is retired.", field="instrument")
