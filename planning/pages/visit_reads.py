"""What the page of a visit shows, as well as the visit and its patient: rows of other subpackages, in one statement."""

from dataclasses import dataclass

from django.db.models import Q

from clinic.models import User
from clinic.records.together import read_together
from patients.diary.models.reminders import ChangeMessage
from patients.models import Coverage, FollowUp
from planning.course.course_reads import assessments_for_page, reads_of_assessments
from planning.course.models.adverse_event import AdverseEvent
from planning.course.models.assessment import Assessment
from planning.course.models.response import Response
from planning.course.patient_course import last_before
from planning.sessions.models.session import InjectionSession
from planning.sessions.models.session_set import reads_of_list, sessions_of_list


@dataclass(frozen=True)
class OfVisit:
    """`before` are the last sessions before it, `coverages` those of the person that authorise visits.

    `clinicians` are those who can see the patient again.
    """

    sessions: list
    before: list
    assessment: Assessment | None
    responses: list
    events: list
    follow_ups: list
    coverages: list
    messages: list
    clinicians: list


def rows_of_visit(visit):
    pk = visit.pk
    found = read_together(
        *reads_of_list(_sessions_at, pk),
        *reads_of_list(last_before, pk, tuple(visit.patient.record_ids())),
        *reads_of_assessments(_assessment_at, pk),
        (_responses_at, pk),
        (_events_at, pk),
        (_follow_ups_of, pk),
        (_coverages_of, visit.patient.person_id),
        (_messages_about, pk),
        (User.objects.clinicians_and, visit.clinician_id),
    )
    assessments = assessments_for_page(*found[8:12])
    return OfVisit(
        sessions_of_list(*found[:4]), sessions_of_list(*found[4:8]), next(iter(assessments), None), *found[12:]
    )


def _sessions_at(visit):
    return InjectionSession.objects.filter(visit=visit).order_by("pk")


def _assessment_at(visit):
    return Assessment.objects.active().filter(visit=visit)


def _responses_at(visit):
    return Response.objects.active().filter(visit=visit).order_by("pk")


def _events_at(visit):
    events = AdverseEvent.objects.active().filter(Q(visit=visit) | Q(session__visit=visit))
    return events.select_related("session__visit", "visit").order_by("pk")


def _follow_ups_of(visit):
    return FollowUp.objects.filter(booked_visit=visit).select_related("clinician").order_by("pk")


def _coverages_of(person):
    return Coverage.objects.authorising().of_person(person)


def _messages_about(visit):
    return ChangeMessage.objects.filter(visit=visit).order_by("pk")
