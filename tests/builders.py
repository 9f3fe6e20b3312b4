"""Builders that read aloud; each makes what it needs by the actions that the app itself uses."""

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
from patients.diary.actions.opening_hours import add_absence, add_closure, change_working_hours
from patients.followups.actions import SeeAgain, arrange_follow_up, log_contact
from patients.front_desk.actions.same_person import join_records
from patients.front_desk.actions.visits import book_visit
from patients.models import VisitKind, VisitState
from patients.people.actions.duplicates import mark_not_same_person
from patients.people.actions.patients import register_patient
from planning.catalogue.actions import entries
from planning.catalogue.actions.muscle_sets import add_to_set, make_set
from planning.course.actions.assessments import record_assessment
from planning.course.actions.course import record_event, record_response
from planning.models import InjectionSession, Instrument, MapPlace, Muscle, Product, Side
from planning.pages.actions.patients import confirm_same_person, undo_same_person
from planning.pages.actions.visits import change_visit_state
from planning.sessions.actions import injections
from planning.sessions.actions.consents import record_consent, record_information
from planning.sessions.actions.injections import add_injection, change_injection, restore_injection
from planning.sessions.actions.sessions import back_to_plan, change_session, plan_session, start_recording
from planning.sessions.actions.vials import add_vial
from planning.signing.actions.amendments import discard_amendment, open_amendment
from planning.signing.actions.endings import mark_as_error, undo_error_mark
from planning.signing.actions.signing import sign_session
from planning.signing.models.signed_record import digest

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
            "family_name": f"Family{number}",
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


def an_arrived_visit(**details):
    return arrive(a_visit(**details))


def a_muscle(short_name="SCM"):
    return Muscle.objects.get(short_name=short_name)


def a_muscle_at_every_place():
    """On the neck map, next to those that are shipped; each has the name of its place."""
    for place in set(MapPlace) - set(Muscle.objects.values_list("map_place", flat=True)):
        Muscle.objects.create(name=place.label.partition(" (")[0], short_name=place.value[:20], map_place=place)


def a_product(brand_name="Botox"):
    return Product.objects.get(brand_name=brand_name)


def a_planned_session(*, by=None, visit=None, product="Botox", muscles=(("SCM", Side.RIGHT), ("LS", Side.RIGHT))):
    """Muscles and sides, and no dose."""
    visit = visit or an_arrived_visit(clinician=by)
    session = plan_session(visit=visit, by=by or visit.clinician, product=a_product(product) if product else None)
    for short_name, side in muscles:
        add_injection(
            session=session, product=session.product, muscle=a_muscle(short_name), side=side, by=by or visit.clinician
        )
    return session


def now(record):
    """The record as it is stored now."""
    return type(record)._default_manager.get(pk=record.pk)


def record(session, *, by):
    """From the plan to what is given."""
    return start_recording(session=session, by=by, version=now(session).version)


def plan_again(session, *, by):
    """And back."""
    return back_to_plan(session=session, by=by, version=now(session).version)


def a_given_session(*, by=None, doses=("1.11", "2.22"), **details):
    """Recorded and not signed."""
    session = a_planned_session(by=by, **details)
    by = by or session.visit.clinician
    session = record(session, by=by)
    for row, dose in zip(session.injections.in_order(), doses, strict=False):
        change_injection(injection=row, product=row.session.product, by=by, version=row.version, given_dose=dose)
    session.refresh_from_db()
    return change_session(session=session, by=by, version=session.version, operator=by)


def sign(session, *, by, see_again=None):
    """Sign the stored content."""
    session = InjectionSession.objects.get(pk=session.pk)
    return sign_session(
        session=session,
        by=by,
        content_hash=digest(session.content()),
        see_again=see_again or (None if session.is_being_amended else AGAIN),
    )


def a_signed_session(*, by=None, **details):
    session = a_given_session(by=by, **details)
    sign(session, by=by or session.visit.clinician)
    session.refresh_from_db()
    return session


def an_amendment(session, *, by, kind="recorded_wrongly", reason="Typed from the wrong sheet"):
    """A signed session, open again."""
    version = now(session).version
    return open_amendment(session=session, kind=kind, reason=reason, by=by, version=version)


def discard(session, *, by):
    """The open amendment, as stored now."""
    content_hash = digest(now(session).content())
    return discard_amendment(session=session, by=by, content_hash=content_hash)


def amend(session, *, by, given_dose="7.77"):
    """The first row's given dose typed again; not signed yet."""
    row = session.injections.active().in_order().first()
    return change_injection(
        injection=row, product=row.session.product, by=by, version=row.version, given_dose=given_dose
    )


def an_amended_session(*, by, **details):
    """With records 1 and 2."""
    session = a_signed_session(by=by, **details)
    an_amendment(session, by=by)
    amend(session, by=by)
    sign(session, by=by)
    return InjectionSession.objects.get(pk=session.pk)


def a_signed_session_of(patient, *, by, weeks_ago, **details):
    """Given and signed so many weeks before today."""
    visit = a_visit(patient=patient, clinician=by, day=today() - dt.timedelta(weeks=weeks_ago), by=by)
    return a_signed_session(by=by, visit=visit, **details)


def a_session_of_weeks_ago(*, by=None, weeks=12, **details):
    """Given and signed so many weeks before today, to a patient of its own."""
    return a_signed_session_of(a_patient(), by=by or a_clinician(), weeks_ago=weeks, **details)


def a_muscle_set(*, by, name="Usual", muscles=(("SCM", ("right",)), ("LS", ("left",)))):
    made = make_set(name=name, by=by)
    for short_name, sides in muscles:
        add_to_set(muscle_set=made, muscle=a_muscle(short_name), sides=sides, by=by)
    return now(made)


def an_error(session, *, by, reason="Typed into the wrong patient"):
    return mark_as_error(session=session, reason=reason, by=by, version=now(session).version)


def undo_error(session, *, by):
    mark = session.error_marks.last()
    return undo_error_mark(session=session, by=by, seen=mark.pk if mark else 0)


def undo_in_error(record, *, by):
    return undo_entered_in_error(record=record, by=by, version=now(record).version)


def two_people(other, *, by):
    """Undo that `other` is the same person as another."""
    return undo_same_person(other=now(other), by=by, version=now(other).version)


def retire(entry, *, by):
    return entries.retire(entry=entry, by=by, version=now(entry).version)


def restore(entry, *, by):
    return entries.restore(entry=entry, by=by, version=now(entry).version)


def set_guidance(session, guidance, *, by):
    """Of all rows, as stored now."""
    seen = dict(session.injections.values_list("pk", "version"))
    return injections.set_guidance(session=session, guidance=guidance, seen=seen, by=by)


def a_contact(follow_up, **details):
    return log_contact(follow_up=follow_up, version=now(follow_up).version, **details)


def restore_row(row, *, by):
    row = now(row)
    return restore_injection(injection=row, product=row.session.product, by=by, version=row.version)


def a_vial(*, session, by=None, **typed):
    """Of a session that is being recorded."""
    return add_vial(
        session=session, product=session.product, by=by or session.visit.clinician, **{"lot_number": "LOT-1", **typed}
    )


def a_consent(*, session=None, patient=None, by=None, **typed):
    """Of a session, which names it then, or of a patient."""
    return record_consent(
        session=session,
        patient=patient,
        by=by or (session.visit.clinician if session else a_clinician()),
        **{"given_by": "The patient", "given_on": today(), "form_version": "3.1", **typed},
    )


def some_information(*, patient, by=None, **typed):
    """A leaflet that was handed out."""
    return record_information(
        patient=patient,
        by=by or a_clinician(),
        **{"title": "Your treatment", "given_by": "Sam Desk", "given_on": today(), **typed},
    )


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


def a_long_course(patient, *, by, cycles=60, weeks=12):
    """So many signed sessions, the last one two weeks ago, each with an assessment, a response and an event.

    The actions create the first; the others are copies of its rows, since sixty signatures are slow.
    """
    first = a_signed_session_of(
        patient, by=by, weeks_ago=2 + weeks * (cycles - 1), muscles=(("SCM", "right"),), doses=("1.11",)
    )
    an_assessment(visit=first.visit, by=by, postures=[("torticollis", "left")], scores=[(an_instrument("Tsui"), 9)])
    later = a_visit_after(first, weeks=5)
    a_response(session=first, visit=later, by=by, onset_day=3, wearing_off_day=30)
    an_event(session=first, by=by, began_day=3, ended_day=20)
    for number in range(1, cycles):
        _copy_of_cycle(first, later=dt.timedelta(weeks=weeks * number))
    return first


def _copy_of_cycle(session, *, later):
    visit = _copy(session.visit, starts_at=session.visit.starts_at + later, ends_at=session.visit.ends_at + later)
    copy = _copy(InjectionSession.objects.get(pk=session.pk), visit=visit)
    for row in (*session.vials.all(), *session.injections.all()):
        _copy(row, session=copy)
    record = _copy(session.record(), session=copy)
    for assessment in session.visit.assessments.all():
        found = _copy(assessment, visit=visit)
        for row in (*assessment.postures.all(), *assessment.symptoms.all(), *assessment.scores.all()):
            _copy(row, assessment=found)
    for response in session.responses.select_related("visit"):
        if response.visit.starts_at + later <= timezone.now():
            copied_visit = _copy(
                response.visit, starts_at=response.visit.starts_at + later, ends_at=response.visit.ends_at + later
            )
            _copy(response, session=copy, visit=copied_visit)
    for event in session.adverse_events.all():
        _copy(event, session=copy)
    return record


def _copy(row, **changed):
    """The same row again, with other values, and no history of its own."""
    fields = [field for field in row._meta.concrete_fields if not (field.primary_key or field.generated)]
    values = {field.attname: getattr(row, field.attname) for field in fields}
    return type(row)._base_manager.bulk_create([type(row)(**{**values, **_by_column(row, changed)})])[0]


def _by_column(row, values):
    return {row._meta.get_field(name).attname: getattr(value, "pk", value) for name, value in values.items()}


def an_assessment(*, visit=None, by=None, **found):
    """By default at a visit of today, and without findings."""
    visit = visit or an_arrived_visit(clinician=by)
    return record_assessment(visit=visit, by=by or visit.clinician, **found)


def an_instrument(name="TWSTRS total"):
    return Instrument.objects.get(name=name)


def a_visit_after(session, *, weeks=None, day=None):
    """A review some weeks after a session, or on that date; by default today. Each at a different time."""
    day = day or (session.day_given + dt.timedelta(weeks=weeks) if weeks is not None else today())
    before = session.visit
    number = before.patient.visits.filter(starts_at__gte=at(day, 18)).filter(starts_at__lt=at(day, 23)).count()
    return a_visit(
        patient=before.patient, clinician=a_clinician(), by=before.clinician, day=day,
        hour=18 + number // 6, minute=number % 6 * 10, minutes=10, kind=VisitKind.REVIEW,
    )  # fmt: skip


def on_its_day(visit):
    """A visit arrives on its date, which can be a later one."""
    return time_machine.travel(visit.starts_at) if visit.day > today() else contextlib.nullcontext()


def arrive(visit):
    with on_its_day(visit):
        return change_visit_state(visit=visit, state=VisitState.ARRIVED, by=visit.clinician, version=visit.version)


def a_response(*, session=None, visit=None, by=None, **details):
    """By default reported at a visit of today."""
    session = session or a_session_of_weeks_ago(by=by)
    return record_response(
        session=session,
        visit=visit or arrive(a_visit_after(session)),
        by=by or session.visit.clinician,
        **{"effect": "response", **details},
    )


def an_event(*, session=None, by=None, **details):
    session = session or a_session_of_weeks_ago(by=by)
    return record_event(session=session, by=by or session.visit.clinician, **{"kind": "dysphagia", **details})


def a_follow_up(*, patient=None, due_on=None, clinician=None, by=None, **details):
    clinician = clinician or a_clinician()
    return arrange_follow_up(
        patient=patient or a_patient(),
        due_on=due_on or today() + dt.timedelta(weeks=12),
        clinician=clinician,
        by=by or clinician,
        **{"kind": "next_injection", **details},
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


def a_closure(*, first=None, last=None, by=None, name="Works on the building"):
    first = first or today() + dt.timedelta(days=310)
    return add_closure(name=name, first_day=first, last_day=last or first, by=by or a_person("clinic staff"))


def finish(visit, *, by=None, again=None):
    """Finishes an arrived visit; by default with a follow-up."""
    said = {"by": by or visit.clinician, "version": visit.version, "again": again or AGAIN}
    with on_its_day(visit):
        return change_visit_state(visit=visit, state=VisitState.FINISHED, **said)


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
