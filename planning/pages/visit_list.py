"""The visits of a patient with their sessions and cycles, and the step that today's visit leads to."""

from dataclasses import dataclass

from django.utils import timezone

from planning.course.patient_course import Cycle
from planning.pages.steps import Step, next_step


@dataclass(frozen=True)
class ListedVisit:
    """A visit with its sessions, each with its lots; and the cycle that they began. Only clinicians see the cycle."""

    visit: object
    sessions: list
    cycle_number: int | None = None
    cycle: Cycle | None = None


def listed_visits(visits, course):
    """`visits` with their sessions prefetched."""
    cycle_of = {session.pk: cycle for cycle in course.cycles for session in cycle.sessions}
    lots_of = {session.pk: session.lots_in_words() for session in course.sessions}
    listed = []
    for visit in visits:
        sessions = [(session, lots_of.get(session.pk, [])) for session in visit.sessions.all()]
        cycle = next((cycle_of[session.pk] for session, _ in sessions if session.pk in cycle_of), None)
        listed.append(ListedVisit(visit, sessions, cycle_number=cycle and cycle.number, cycle=cycle))
    return listed


def listed_without_course(visits, numbers):
    """For users who do not see the course: the number of the cycle only, by visit id."""
    return [
        ListedVisit(visit, [(session, []) for session in visit.sessions.all()], cycle_number=numbers.get(visit.pk))
        for visit in visits
    ]


def step_of_today(visits, user):
    """To the open session of today, otherwise to today's visit until it is finished; None without one."""
    today = timezone.localdate()
    todays = sorted((visit for visit in visits if visit.day == today), key=lambda visit: visit.starts_at)
    steps = [(visit, next_step(visit, list(visit.sessions.all()), user)) for visit in todays]
    for visit, step in steps:
        if step.main and not step.posts:
            return Step(_today(step.label, visit), step.url, main=True)
    for visit, _ in steps:
        if visit.is_coming(today):
            return Step(_today("Open visit", visit), visit.get_absolute_url(), main=True)
    return None


def _today(label, visit):
    return f"{label}, today {timezone.localtime(visit.starts_at):%H:%M}"
