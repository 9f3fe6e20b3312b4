"""A patient's course: cycles, assessments, responses and adverse events. It does not contain doses."""

from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Q

from clinic.records.text import counted
from clinic.records.together import put_related, read_together
from patients.models import Visit
from planning.course.course_reads import assessments_for_page, postures_of, reads_of_assessments, scores_of, symptoms_of
from planning.course.cycles import numbered
from planning.course.models.adverse_event import AdverseEvent
from planning.course.models.assessment import Assessment
from planning.course.models.findings import Symptom
from planning.course.models.response import Response
from planning.course.models.session_elsewhere import SessionElsewhere
from planning.course.reported_responses import ReportedResponses
from planning.sessions.models.session import InjectionSession, SessionState
from planning.sessions.models.session_set import reads_of_list, sessions_of_list

MOST_LOOKED_AT, DAYS_ASKED_FOR = 12, 3

# Asked before treatment, so that later complaints can be distinguished.
ASKED_BEFORE = (Symptom.SWALLOWING, Symptom.SPEAKING)


@dataclass
class Cycle:
    """The sessions on one date, and what followed."""

    on: object
    sessions: list
    responses: list = field(default_factory=list)
    events: list = field(default_factory=list)
    number: int | None = None
    days_since_last: int | None = None

    @cached_property
    def reported(self):
        return ReportedResponses(self.responses)

    @property
    def is_signed(self):
        return self.number is not None

    @property
    def name(self):
        return f"Cycle {self.number}" if self.number else "Not signed"

    @property
    def since_last(self):
        """Whole weeks, or days if there are fewer than seven."""
        days = self.days_since_last
        if days is None:
            return ""
        return counted(days // 7, "week") if days >= 7 else counted(days, "day")


def _sessions_of(ids):
    return InjectionSession.objects.filter(visit__patient__in=ids).order_by("pk")


def _responses_of(ids):
    return Response.objects.active().filter(session__visit__patient__in=ids).in_order_reported()


def _events_of(ids):
    return AdverseEvent.objects.active().filter(session__visit__patient__in=ids).order_by("pk")


def _assessments_of(ids):
    return Assessment.objects.active().of_records(ids).reverse().select_related("visit")


def _elsewhere_of(ids):
    return SessionElsewhere.objects.active().filter(patient__in=ids).in_order()


def _last_of(ids):
    return Assessment.objects.active().of_records(ids)[:1]


class Course:
    """The course of one person, from all of their records."""

    def __init__(self, patient):
        self.patient = patient
        self.record_ids = patient.record_ids()

    @cached_property
    def _read(self):
        """All rows of the course, in one statement: the pages that show it need them all."""
        ids = tuple(self.record_ids)
        *listed, responses, events, elsewhere, assessments, scores, postures, symptoms = read_together(
            *reads_of_list(_sessions_of, ids),
            (_responses_of, ids),
            (_events_of, ids),
            (_elsewhere_of, ids),
            (_assessments_of, ids),
            (scores_of, _assessments_of, ids),
            (postures_of, _last_of, ids),
            (symptoms_of, _last_of, ids),
        )
        put_related(assessments, "scores", scores)
        put_related(assessments[-1:], "postures", postures)
        put_related(assessments[-1:], "symptoms", symptoms)
        return sessions_of_list(*listed), responses, events, assessments, elsewhere

    @cached_property
    def all_sessions(self):
        """In the order of their creation, with plans, those not done and those entered in error."""
        sessions = self._read[0]
        for session in sessions:
            session.visit.patient = self._record(session.visit.patient_id)
        return sessions

    def _record(self, pk):
        return next(record for record in (self.patient, *self.patient.joined_records) if record.pk == pk)

    @cached_property
    def sessions(self):
        """Sessions with anything given, signed or not; without plans and those entered in error."""
        return sorted(_given(self.all_sessions), key=lambda session: (session.day_given, session.pk))

    @cached_property
    def cycles(self):
        by_day = {}
        for session in self.sessions:
            by_day.setdefault(session.day_given, Cycle(session.day_given, [])).sessions.append(session)
        cycles = list(by_day.values())
        self._number(cycles)
        _attach(cycles, self._responses, self.events)
        return cycles

    def _number(self, cycles):
        numbers, last = numbered(session.day_given for session in self.sessions if session.counts), None
        for cycle in cycles:
            cycle.number = numbers.get(cycle.on)
            cycle.days_since_last = (cycle.on - last).days if last else None
            last = cycle.on

    @property
    def _responses(self):
        return self._read[1]

    @cached_property
    def events(self):
        sessions = {session.pk: session for session in self.all_sessions}
        events = self._read[2]
        for event in events:
            event.session = sessions[event.session_id]
        return sorted(events, key=lambda event: (event.session.visit.starts_at, event.pk))

    @property
    def assessments(self):
        """With their scores; only the last one with its findings."""
        return self._read[3]

    @property
    def elsewhere(self):
        return self._read[4]

    @property
    def last_assessment(self):
        return self.assessments[-1] if self.assessments else None

    @cached_property
    def instruments(self):
        found = {score.instrument for scores in self._scores.values() for _, score in scores}
        return sorted(found, key=lambda instrument: (instrument.order, instrument.name))

    @cached_property
    def _scores(self):
        """(assessment, score) by the id of the instrument."""
        found = {}
        for each in self.assessments:
            for score in each.scores.all():
                found.setdefault(score.instrument_id, []).append((each, score))
        return found

    def scores(self, instrument):
        return self._scores.get(instrument.pk, [])


def _given(sessions):
    left_out = SessionState.PLANNED, SessionState.NOT_DONE, SessionState.ENTERED_IN_ERROR
    return [session for session in sessions if session.state not in left_out]


def _attach(cycles, responses, events):
    cycle_of = {session.pk: (cycle, session) for cycle in cycles for session in cycle.sessions}
    for records, name in ((responses, "responses"), (events, "events")):
        for record in records:
            if record.session_id in cycle_of:
                cycle, record.session = cycle_of[record.session_id]
                getattr(cycle, name).append(record)


def last_cycle_before(session, earlier, responses, events):
    """From the earlier sessions, and what was reported after them."""
    before = [each for each in earlier if each.day_given < session.day_given]
    if not before:
        return None
    on = max(each.day_given for each in before)
    cycle = Cycle(on, [each for each in before if each.day_given == on])
    _attach([cycle], responses, events)
    return cycle


@dataclass(frozen=True)
class Before:
    """Swallowing and speech as recorded in the last assessment up to a session's visit."""

    assessment: Assessment
    facts: list


def before_treatment(session):
    records = tuple(session.visit.patient.record_ids())
    found = assessments_for_page(*read_together(*reads_of_assessments(_up_to_visit, session.visit_id, records)))
    if not found:
        return None
    assessment = found[0]
    answers = {each.symptom: each.answer_text() for each in assessment.symptoms.all()}
    return Before(assessment, [(symptom.label, answers.get(symptom, "not asked")) for symptom in ASKED_BEFORE])


def _up_to_visit(visit, records):
    starts_at = Visit.objects.filter(pk=visit).values("starts_at")
    up_to_then = Q(visit__starts_at__lt=starts_at) | Q(visit=visit)
    return Assessment.objects.active().of_records(records).filter(up_to_then)[:1]


def last_before(visit, records):
    """For read_together(): the last sessions before this visit, of these records; without those not done."""
    starts_at = Visit.objects.filter(pk=visit).values("starts_at")
    before = InjectionSession.objects.active().filter(
        visit__patient__in=records, not_done_at=None, visit__starts_at__lt=starts_at
    )
    return before.order_by("-visit__starts_at", "pk")[:MOST_LOOKED_AT]


def sessions_to_respond_to(before):
    """Of the sessions that last_before() reads, those with anything given, on the last dates."""
    given = _given(before)
    days = sorted({session.day_given for session in given}, reverse=True)[:DAYS_ASKED_FOR]
    return [session for session in given if session.day_given in days]
