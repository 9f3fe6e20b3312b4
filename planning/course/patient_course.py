"""A patient's course: cycles, assessments, responses and adverse events. It does not contain doses."""

from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Q

from clinic.records.text import counted
from planning.course.cycles import numbered
from planning.course.models.adverse_event import AdverseEvent
from planning.course.models.assessment import Assessment
from planning.course.models.findings import Symptom
from planning.course.models.response import DOMAINS, Effect, Response
from planning.sessions.models.session import InjectionSession, SessionState

MOST_LOOKED_AT, DAYS_ASKED_FOR = 12, 3

# Asked before treatment, so that later complaints can be distinguished.
ASKED_BEFORE = (Symptom.SWALLOWING, Symptom.SPEAKING)


@dataclass
class ReportedResponses:
    """All responses to a session combined: the latest report on each point."""

    responses: list[Response]

    def _last_with(self, name):
        return next((each for each in reversed(self.responses) if getattr(each, name)), None)

    @property
    def effect(self):
        known = [each for each in self.responses if each.effect != Effect.NOT_KNOWN]
        return (known or self.responses or [None])[-1]

    @property
    def effect_in_words(self):
        return self.effect.get_effect_display() if self.effect else ""

    @property
    def is_without_response(self):
        return self.effect is not None and self.effect.effect == Effect.NO_RESPONSE

    def day(self, name):
        if self.is_without_response:
            return None
        return next((day for each in reversed(self.responses) if (day := each.day_of(name))), None)

    @property
    def onset(self):
        return self.day("onset")

    @property
    def peak(self):
        return self.day("peak")

    @property
    def wearing_off(self):
        return self.day("wearing_off")

    @property
    def benefits(self):
        found = []
        for name in DOMAINS:
            if each := self._last_with(name):
                label = each._meta.get_field(name).verbose_name
                found.append((label, getattr(each, f"get_{name}_display")(), getattr(each, name)))
        return found

    @property
    def benefits_in_words(self):
        return " · ".join(f"{domain}: {benefit.lower()}" for domain, benefit, _ in self.benefits)

    @property
    def impression(self):
        each = self._last_with("impression")
        return each.get_impression_display() if each else ""

    @property
    def words(self):
        each = self._last_with("words")
        return each.words if each else ""


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


class Course:
    """The course of one person, from all of their records."""

    def __init__(self, patient):
        self.patient = patient
        self.record_ids = patient.record_ids()

    @cached_property
    def sessions(self):
        """Sessions with anything given, signed or not; without plans and those entered in error."""
        given = _given(_carried_out(self.record_ids).prefetch_related("vials"))
        return sorted(given, key=lambda session: (session.day_given, session.pk))

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

    @cached_property
    def _responses(self):
        return list(Response.objects.active().of_records(self.record_ids).in_order_reported())

    @cached_property
    def events(self):
        return list(AdverseEvent.objects.active().of_records(self.record_ids).select_related("session__visit"))

    @cached_property
    def assessments(self):
        return list(Assessment.objects.active().of_records(self.record_ids).reverse().for_page())

    @property
    def last_assessment(self):
        return self.assessments[-1] if self.assessments else None

    @cached_property
    def instruments(self):
        found = {score.instrument for each in self.assessments for score in each.scores.all()}
        return sorted(found, key=lambda instrument: (instrument.order, instrument.name))

    def scores(self, instrument):
        return [
            (each, score)
            for each in self.assessments
            for score in each.scores.all()
            if score.instrument_id == instrument.pk
        ]


def _carried_out(record_ids):
    return (
        InjectionSession.objects.active()
        .for_history()
        .filter(visit__patient__in=record_ids, not_done_at=None)
        .select_related("visit__patient")
    )


def _given(sessions):
    return [session for session in sessions if session.state is not SessionState.PLANNED]


def _attach(cycles, responses, events):
    cycle_of = {session.pk: (cycle, session) for cycle in cycles for session in cycle.sessions}
    for records, name in ((responses, "responses"), (events, "events")):
        for record in records:
            if record.session_id in cycle_of:
                cycle, record.session = cycle_of[record.session_id]
                getattr(cycle, name).append(record)


def last_cycle_before(session, earlier):
    before = [each for each in earlier if each.day_given < session.day_given]
    if not before:
        return None
    on = max(each.day_given for each in before)
    cycle = Cycle(on, [each for each in before if each.day_given == on])
    theirs = {"session__in": cycle.sessions}
    _attach(
        [cycle],
        Response.objects.active().filter(**theirs).in_order_reported(),
        AdverseEvent.objects.active().filter(**theirs).order_by("pk"),
    )
    return cycle


@dataclass(frozen=True)
class Before:
    """Swallowing and speech as recorded in the last assessment up to a session's visit."""

    assessment: Assessment
    facts: list


def before_treatment(session):
    up_to_then = Q(visit__starts_at__lt=session.visit.starts_at) | Q(visit=session.visit_id)
    theirs = Assessment.objects.active().of_records(session.visit.patient.record_ids())
    assessment = theirs.filter(up_to_then).for_page().first()
    if assessment is None:
        return None
    answers = {each.symptom: each.answer_in_words() for each in assessment.symptoms.all()}
    return Before(assessment, [(symptom.label, answers.get(symptom, "not asked")) for symptom in ASKED_BEFORE])


def sessions_to_respond_to(visit):
    before = (
        _carried_out(visit.patient.record_ids())
        .filter(visit__starts_at__lt=visit.starts_at)
        .order_by("-visit__starts_at", "pk")
    )
    given = _given(before[:MOST_LOOKED_AT])
    days = sorted({session.day_given for session in given}, reverse=True)[:DAYS_ASKED_FOR]
    return [session for session in given if session.day_given in days]
