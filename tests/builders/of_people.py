"""People, visits, and what the front desk records."""

import contextlib
import datetime as dt
import itertools
import uuid

import time_machine
from django.contrib.auth.models import Group
from django.utils import timezone

from clinic.accounts.actions import create_token
from clinic.accounts.permissions import Permission
from clinic.models import Clinic, User
from clinic.records.actions import mark_entered_in_error, undo_entered_in_error
from patients.coverage.actions import add_coverage, add_therapy
from patients.diary.actions.delays import note_delay
from patients.diary.actions.opening_hours import add_absence, add_closure, change_working_hours
from patients.followups.actions import SeeAgain, arrange_follow_up, log_contact
from patients.front_desk.actions.same_person import join_records
from patients.front_desk.actions.visits import book_visit
from patients.models import VisitKind, VisitState
from patients.people.actions.duplicates import mark_not_same_person
from patients.people.actions.patients import register_patient
from patients.waiting.actions import add_to_waiting_list
from planning.pages.actions.patients import confirm_same_person, undo_same_person
from planning.pages.actions.visits import change_visit_state, move_visit

PASSWORD = "a-password-for-tests"


AGAIN = SeeAgain(weeks=12)  # what finishing a visit asks for


_numbers = itertools.count(1)


def a_person(*roles, printed_name=None, must_change_password=False, **details):
    number = next(_numbers)
    person = User.objects.create_user(
        username=details.pop("username", f"person{number}"),
        password=PASSWORD,
        printed_name=printed_name or f"Dr Person {number}",
        must_change_password=must_change_password,
        **details,
    )
    person.groups.set(Group.objects.filter(name__in=roles))
    return person


def a_clinician():
    return a_person("neurologist")


def a_patient(by=None, **details):
    number = next(_numbers)
    return register_patient(
        by=by or a_person("clinic staff"),
        **{
            "family_name": f"Family{number}of{number}",
            "given_name": "Given",
            "date_of_birth": dt.date(1969, 3, 14),
            "sex": "female",
            "although_alike": True,
            **details,
        },
    )


def the_same_person(patient, other, *, by, reason="Same papers", staying=None):
    """`other` is found as `patient` from now on; visits in `staying` stay with it, as with a signed session."""
    values = {"reason": reason, "by": by, "versions": (now(patient).version, now(other).version)}
    if staying is not None:
        return join_records(patient, other, staying=staying, **values)
    return confirm_same_person(patient=patient, other=other, **values)


def not_the_same_person(patient, other, *, by):
    """Two likely duplicates, marked as two people."""
    for record in (patient, other):
        record.refresh_from_db()
    return mark_not_same_person(
        patient=patient, other=other, by=by, version=patient.version, other_version=other.version
    )


def at(day, hour=10, minute=0):
    """That time of that day at the clinic."""
    return dt.datetime.combine(day, dt.time(hour, minute), Clinic.ours().zone)


def today():
    return timezone.localdate(timezone=Clinic.ours().zone)


def a_visit(
    *,
    patient=None,
    clinician=None,
    day=None,
    hour=10,
    minute=0,
    minutes=30,
    kind=VisitKind.INJECTION,
    by=None,
    follow_up=None,
):
    return book_visit(
        patient=patient or a_patient(),
        clinician=clinician or a_clinician(),
        kind=kind,
        starts_at=at(day or today(), hour, minute),
        minutes=minutes,
        by=by or a_person("clinic staff"),
        follow_up=follow_up,
        although_past=True,
    )


def a_moved_visit(**details):
    """Tomorrow at eleven, from ten."""
    visit = a_visit(day=today() + dt.timedelta(days=1), **details)
    return move_visit(
        visit=visit, clinician=visit.clinician, starts_at=at(visit.day, 11), minutes=visit.minutes,
        by=visit.clinician, version=visit.version, outside_note="Agreed",
    )  # fmt: skip


def an_arrived_visit(**details):
    return arrive(a_visit(**details))


def now(record):
    """The record as it is stored now."""
    return type(record)._default_manager.get(pk=record.pk)


def undo_in_error(record, *, by):
    return undo_entered_in_error(record=record, by=by, version=now(record).version)


def two_people(other, *, by):
    """Undo that `other` is the same person as another."""
    return undo_same_person(other=now(other), by=by, version=now(other).version)


def a_contact(follow_up, **details):
    return log_contact(follow_up=follow_up, version=now(follow_up).version, **details)


def a_coverage(*, patient=None, by=None, **details):
    """By default an authorisation for a year from today."""
    time = {"valid_from": today(), "valid_until": today() + dt.timedelta(days=365)}
    return add_coverage(
        patient=patient or a_patient(),
        by=by or a_person("clinic staff"),
        **{"payer": "Example Health", "decision": "approved", **time, **details},
    )


def a_therapy(*, patient=None, by=None, **details):
    return add_therapy(
        patient=patient or a_patient(),
        by=by or a_person("clinic staff"),
        **{"kind": "physical_therapy", "started": "Jan 2026", **details},
    )


def on_its_day(visit):
    """A visit arrives on its date, which can be a later one."""
    return time_machine.travel(visit.starts_at) if visit.day > today() else contextlib.nullcontext()


def arrive(visit):
    with on_its_day(visit):
        return change_visit_state(visit=visit, state=VisitState.ARRIVED, by=visit.clinician, version=visit.version)


def a_follow_up(*, patient=None, due_on=None, clinician=None, by=None, **details):
    clinician = clinician or a_clinician()
    return arrange_follow_up(
        patient=patient or a_patient(),
        due_on=due_on or today() + dt.timedelta(weeks=12),
        clinician=clinician,
        by=by or clinician,
        **{"kind": "next_injection", **details},
    )


def a_waiting_entry(*, patient=None, by=None, **wishes):
    """By default for a review, from today on, on any day and with any clinician."""
    by = by or a_clinician()
    return add_to_waiting_list(
        patient=patient or a_patient(), by=by, **{"kind": "review", "from_on": today(), **wishes}
    )


def hours(clinician, *, by=None, **days):
    """Monday to Friday, by default; returns the clinician."""
    week = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "09:00–12:00, 13:00–17:00")
    change_working_hours(clinician=clinician, by=by or clinician, version=0, **{**week, **days})
    return clinician


def an_absence(*, clinician, first=None, last=None, by=None, reason="congress"):
    """Whole days; by default some in which no other builder books."""
    first = first or today() + dt.timedelta(days=300)
    until = (last or first) + dt.timedelta(days=1)
    return add_absence(
        clinician=clinician, starts_at=at(first, 0), ends_at=at(until, 0), reason=reason, by=by or clinician
    )


def a_delay(*, clinician, minutes=20, by=None):
    """Of today."""
    return note_delay(clinician=clinician, minutes=minutes, version=0, by=by or clinician)


def a_closure(*, first=None, last=None, by=None, name="Works on the building"):
    first = first or today() + dt.timedelta(days=310)
    return add_closure(name=name, first_day=first, last_day=last or first, by=by or a_person("clinic staff"))


def finish(visit, *, by=None, again=None):
    """Finishes an arrived visit; by default with a follow-up."""
    sent = {"by": by or visit.clinician, "version": visit.version, "again": again or AGAIN}
    with on_its_day(visit):
        return change_visit_state(visit=visit, state=VisitState.FINISHED, **sent)


def a_token(*, by=None, permissions=(Permission.SEE_PATIENTS,), **details):
    """By default of a neurologist; `secret` is an attribute of it."""
    by = by or a_clinician()
    values = {"name": f"Program {next(_numbers)}", "days": 30, **details}
    return create_token(person=by, permissions=permissions, by=by, **values)


def a_submission_key():
    return str(uuid.uuid4())


def in_error(record, *, by, reason="Typed for somebody else"):
    """Marked as entered in error."""
    return mark_entered_in_error(record=record, by=by, version=record.version, reason=reason)
