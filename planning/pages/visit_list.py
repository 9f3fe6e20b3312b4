"""The visits of a patient with their sessions and cycles, and the step that today's visit leads to."""

from collections import defaultdict
from dataclasses import dataclass

from django.utils import timezone

from planning.course.models.assessment import Assessment
from planning.course.patient_course import Cycle
from planning.pages.steps import Step, next_step
from planning.sessions.models.session import InjectionSession


@dataclass(frozen=True)
class ListedVisit:
    """A visit with its sessions, each with its lots; and the cycle that they began. Only clinicians see the cycle."""

    visit: object
    sessions: list
    assessments: list
    cycle_number: int | None = None
    cycle: Cycle | None = None


def listed_visits(visits, course):
    cycle_of = {session.pk: cycle for cycle in course.cycles for session in cycle.sessions}
    lots_of = {session.pk: session.lot_numbers() for session in course.sessions}
    sessions_of, assessments_of = _by_visit(course.all_sessions), _by_visit(course.assessments)
    listed = []
    for visit in visits:
        sessions = [(session, lots_of.get(session.pk, [])) for session in sessions_of[visit.pk]]
        cycle = next((cycle_of[session.pk] for session, _ in sessions if session.pk in cycle_of), None)
        number = cycle and cycle.number
        listed.append(ListedVisit(visit, sessions, assessments_of[visit.pk], cycle_number=number, cycle=cycle))
    return listed


def listed_without_course(visits, numbers):
    """For users who do not see the course: the number of the cycle only, by visit id."""
    visits = list(visits)
    sessions_of = _by_visit(InjectionSession.objects.filter(visit__in=visits).order_by("pk").as_list())
    assessments_of = _by_visit(Assessment.objects.active().filter(visit__in=visits).only("visit"))
    return [
        ListedVisit(
            visit,
            [(session, []) for session in sessions_of[visit.pk]],
            assessments_of[visit.pk],
            cycle_number=numbers.get(visit.pk),
        )
        for visit in visits
    ]


def _by_visit(records):
    by_visit = defaultdict(list)
    for record in records:
        by_visit[record.visit_id].append(record)
    return by_visit


def step_of_today(listed, user):
    """To the open session of today, otherwise to today's visit until it is finished; None without one."""
    today = timezone.localdate()
    todays = sorted((each for each in listed if each.visit.day == today), key=lambda each: each.visit.starts_at)
    for each in todays:
        step = next_step(each.visit, [session for session, _ in each.sessions], user)
        if step.main and not step.posts:
            return Step(_today(step.label, each.visit), step.url, main=True)
    for each in todays:
        if each.visit.is_coming(today):
            return Step(_today("Open visit", each.visit), each.visit.get_absolute_url(), main=True)
    return None


def _today(label, visit):
    return f"{label}, today {timezone.localtime(visit.starts_at):%H:%M}"
