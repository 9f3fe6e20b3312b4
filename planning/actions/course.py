"""The course around a session: assessments with their scores, responses, adverse events."""

from django.db import IntegrityError, transaction

from clinic import audit
from clinic.actions import action, assign, store, store_new
from clinic.actions import change as change_record
from clinic.exceptions import Conflict, Refused
from patients.models import Visit
from planning.models import (
    AdverseEvent,
    Assessment,
    InjectionSession,
    Instrument,
    PostureFinding,
    Response,
    Score,
    SymptomFinding,
)
from planning.models.assessment import SIGNS, Posture, Presence

# What a later assessment takes from an earlier one, besides the rows of posture and symptoms.
CARRIED_OVER = ("head_is_straight", *SIGNS, *(f"{sign}_note" for sign in SIGNS))


def _attended(visit):
    """The visit, locked; Refused where nothing found there can be recorded."""
    visit = Visit.objects.locked(visit.pk)
    if obstacle := visit.attending_obstacle() or visit.patient.change_obstacle():
        raise Refused(obstacle)
    return visit


@action
def record_assessment(*, visit, by, postures=(), symptoms=(), scores=(), unchanged_since=None, **details):
    """The first of this visit. `postures` are (posture, side), `symptoms` are (symptom, presence, severity, frequency),
    `scores` are (instrument, value). With `unchanged_since` posture, signs and symptoms are those of that assessment.
    """
    visit = _attended(visit)
    assessment = Assessment(visit=visit, recorded_by=by, **details)
    found = _Findings(postures, symptoms, scores)
    if unchanged_since is not None:
        found = _carried_over(assessment, _earlier_one(unchanged_since, visit), found)
    _require_consistent(assessment, found)
    _insert(assessment, "Another assessment of this visit was recorded in the meantime. Open the visit again.", by=by)
    found.write(assessment, by=by)
    audit.record("assessed", assessment, by=by, patients=[visit.patient_id])
    return assessment


@action
def change_assessment(*, assessment, by, version, postures=(), symptoms=(), scores=(), **details):
    """All of it anew, as one; Conflict where it is no longer at `version`. A repeat of what is stored is a success."""
    assessment = Assessment.objects.locked(assessment.pk)
    if obstacle := assessment.change_obstacle():
        raise Refused(obstacle)
    found = _Findings(postures, symptoms, scores)
    others = {name: value for name, value in details.items() if name not in CARRIED_OVER}
    carried = {name: value for name, value in details.items() if name in CARRIED_OVER}
    findings_differ = assign(assessment, carried) | found.findings_differ_from(assessment)
    if not (assign(assessment, others) | findings_differ | found.scores_differ_from(assessment)):
        return assessment
    if assessment.version != version:
        raise Conflict(current=Assessment.objects.get(pk=assessment.pk))
    _require_consistent(assessment, found)
    if findings_differ:
        assessment.unchanged_since = None
    store(assessment, by=by)
    found.write(assessment, by=by)
    audit.record("changed", assessment, by=by, patients=[assessment.patient.pk])
    return assessment


class _Findings:
    """What hangs on an assessment, by what each row is about."""

    def __init__(self, postures, symptoms, scores):
        self.postures = {posture: {"side": side} for posture, side in postures}
        self.symptoms = {
            symptom: {"presence": presence, "severity": severity, "frequency": frequency}
            for symptom, presence, severity, frequency in symptoms
        }
        self.scores = {instrument.pk: {"value": value} for instrument, value in scores}
        self.instruments = list(scores)

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
        """What is no longer found goes, and stays in the history."""
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
    """It, as it is stored; Refused where nothing can be carried over from it."""
    earlier = Assessment.objects.before(visit).filter(pk=assessment.pk).first()
    if earlier is None:
        raise Refused("That assessment is not an earlier one of this patient.")
    return earlier


def _carried_over(assessment, earlier, typed):
    """Posture, signs and symptoms of the earlier one, and the scores that were typed now."""
    if typed.postures or typed.symptoms or any(getattr(assessment, name) for name in CARRIED_OVER):
        raise Refused(
            "Findings are ticked here. Save them as they are, or take them out to carry over the earlier ones."
        )
    assessment.unchanged_since = earlier
    for name in CARRIED_OVER:
        setattr(assessment, name, getattr(earlier, name))
    return _Findings(
        [(each.posture, each.side) for each in earlier.postures.all()],
        [(each.symptom, each.presence, each.severity, each.frequency) for each in earlier.symptoms.all()],
        typed.instruments,
    )


def _require_consistent(assessment, found):
    if assessment.head_is_straight and found.postures:
        raise Refused("A posture is ticked, so the head cannot be held straight.", field="head_is_straight")
    for posture in Posture:
        if posture in found.postures and found.postures[posture]["side"] not in posture.sides():
            told = "say to which side." if posture.has_a_side else "this has no side."
            raise Refused(f"{posture.label}: {told}", field=f"posture_{posture}")
    for symptom, told in found.symptoms.items():
        if told["presence"] == Presence.ABSENT and (told["severity"] or told["frequency"]):
            raise Refused("Only a symptom that is present has a degree.", field=f"symptom_{symptom}")
    _require_in_range(found.instruments)


def _require_in_range(scores):
    """Asked of the catalogue as it is now: a range may have changed since the page was opened."""
    now = Instrument.objects.in_bulk([instrument.pk for instrument, _ in scores])
    for instrument, value in scores:
        current = now.get(instrument.pk)
        sentence = current.obstacle_of(value) if current else f"{instrument} is no longer in the catalogue."
        if sentence:
            raise Refused(sentence, field=f"score_{instrument.pk}")


def _insert(record, sentence, *, by):
    """Store a first one; Refused where somebody else was faster."""
    try:
        with transaction.atomic():
            store(record, by=by)
    except IntegrityError as error:
        if "UNIQUE" not in str(error) and "unique" not in str(error):
            raise
        raise Refused(sentence) from error


# Responses


@action
def record_response(*, session, visit, by, **told):
    """What the patient tells of a session at a later visit, for the first time there."""
    visit = _attended(visit)
    session = _given(session, of=visit.patient)
    if visit.starts_at <= session.visit.starts_at:
        raise Refused("A response is told at a later visit than the session’s.")
    response = Response(session=session, visit=visit, recorded_by=by, **told)
    _require_possible(response)
    _insert(response, "Another response was recorded in the meantime. Open the visit again.", by=by)
    audit.record("recorded", response, by=by, patients=[visit.patient_id])
    return response


@action
def change_response(*, response, by, version, **told):
    return change_record(record=response, by=by, version=version, check=_require_possible, **told)


# Adverse events


@action
def record_event(*, session, by, visit=None, **told):
    """An untoward event after a session, told at a visit or between visits."""
    session = _given(session)
    _require_visit_after(session, visit)
    event = AdverseEvent(session=session, visit=visit, recorded_by=by, **told)
    _require_possible(event)
    store(event, by=by)
    audit.record("recorded", event, by=by, patients=[session.visit.patient_id])
    return event


@action
def change_event(*, event, by, version, **told):
    if (visit := told.get("visit")) != event.visit:
        _require_visit_after(event.session, visit)
    return change_record(record=event, by=by, version=version, check=_require_possible, **told)


def _given(session, of=None):
    """The session; Refused where nothing was given at it, or to another person."""
    session = InjectionSession.objects.select_related("visit__patient").get(pk=session.pk)
    if of is not None and of.person_id != session.visit.patient.person_id:
        raise Refused("That session is another patient’s.")
    if session.is_in_error:
        raise Refused("That session is marked as entered in error.")
    if not (session.is_signed or session.is_given):
        raise Refused("Nothing was given at that session.")
    return session


def _require_visit_after(session, visit):
    """Of the same person, attended, and not before the session's own."""
    if visit is None:
        return
    if visit.patient.person_id != session.visit.patient.person_id:
        raise Refused("That visit is another patient’s.", field="visit")
    if obstacle := visit.attending_obstacle():
        raise Refused(obstacle, field="visit")
    if visit.starts_at < session.visit.starts_at:
        raise Refused("That visit lies before the session’s.", field="visit")


def _require_possible(record):
    for field, sentence in record.obstacles().items():
        raise Refused(sentence, field=field)
