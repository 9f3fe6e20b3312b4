"""Builders that read aloud; each makes what it needs by the actions that the app itself uses."""

import datetime as dt
import itertools
import uuid

from django.contrib.auth.models import Group
from django.utils import timezone

from clinic.models import Clinic, User
from patients import actions as patients
from patients.actions import SeeAgain
from patients.models import VisitKind, VisitState
from planning import actions
from planning.models import InjectionSession, Muscle, Product, Side
from planning.models.signing import digest

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
    return patients.register_patient(
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


def the_same_person(patient, other, *, by, reason="Same papers"):
    """`other` is found as `patient` from now on."""
    return actions.confirm_same_person(patient=patient, other=other, reason=reason, by=by)


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
    return patients.book_visit(
        patient=patient or a_patient(),
        clinician=clinician or a_clinician(),
        kind=kind,
        starts_at=at(day or today(), hour, minute),
        minutes=minutes,
        by=by or a_person("clinic staff"),
        follow_up=follow_up,
    )


def an_arrived_visit(**details):
    visit = a_visit(**details)
    return actions.change_visit_state(visit=visit, state=VisitState.ARRIVED, by=visit.clinician, version=visit.version)


def a_muscle(short_name="SCM"):
    return Muscle.objects.get(short_name=short_name)


def a_product(brand_name="Botox"):
    return Product.objects.get(brand_name=brand_name)


def a_planned_session(*, by=None, visit=None, product="Botox", muscles=(("SCM", Side.RIGHT), ("LS", Side.RIGHT))):
    """Muscles and sides, and no dose."""
    visit = visit or an_arrived_visit(clinician=by)
    session = actions.plan_session(
        visit=visit, by=by or visit.clinician, product=a_product(product) if product else None
    )
    for short_name, side in muscles:
        actions.add_injection(session=session, muscle=a_muscle(short_name), side=side, by=by or visit.clinician)
    return session


def a_given_session(*, by=None, doses=("1.11", "2.22"), **details):
    """What was given is recorded, and nothing signed."""
    session = a_planned_session(by=by, **details)
    by = by or session.visit.clinician
    session = actions.start_recording(session=session, by=by)
    for row, dose in zip(session.injections.in_order(), doses, strict=False):
        actions.change_injection(injection=row, by=by, version=row.version, given_dose=dose)
    session.refresh_from_db()
    return actions.change_session(session=session, by=by, version=session.version, operator=by)


def sign(session, *, by, see_again=None):
    """Sign what stands there now."""
    session = InjectionSession.objects.get(pk=session.pk)
    return actions.sign_session(
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
    return actions.open_amendment(session=session, kind=kind, reason=reason, by=by)


def amend(session, *, by, given_dose="7.77"):
    """The first row's given dose typed again; not signed yet."""
    row = session.injections.standing().in_order().first()
    return actions.change_injection(injection=row, by=by, version=row.version, given_dose=given_dose)


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


def a_muscle_set(*, by, name="Usual", muscles=(("SCM", ("right",)), ("LS", ("left",)))):
    made = actions.make_set(name=name, by=by)
    for short_name, sides in muscles:
        actions.add_to_set(muscle_set=made, muscle=a_muscle(short_name), sides=sides, by=by)
    return made


def an_error(session, *, by, reason="Typed into the wrong patient"):
    return actions.mark_as_error(session=session, reason=reason, by=by)


def a_vial(*, session, by=None, **typed):
    """Of a session that is being recorded."""
    return actions.add_vial(session=session, by=by or session.visit.clinician, **{"lot_number": "LOT-1", **typed})


def a_consent(*, session, by=None, **typed):
    return actions.record_consent(
        session=session,
        by=by or session.visit.clinician,
        **{"given_by": "The patient", "given_on": today(), "form_version": "3.1", **typed},
    )


def a_follow_up(*, patient=None, due_on=None, clinician=None, by=None, **details):
    clinician = clinician or a_clinician()
    return patients.ask_to_return(
        patient=patient or a_patient(),
        due_on=due_on or today() + dt.timedelta(weeks=12),
        clinician=clinician,
        by=by or clinician,
        **{"kind": "next_injection", **details},
    )


def hours(clinician, *, by=None, **days):
    """Monday to Friday, unless said otherwise; returns the clinician."""
    week = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "09:00–12:00, 13:00–17:00")
    patients.change_working_hours(clinician=clinician, by=by or clinician, version=0, **{**week, **days})
    return clinician


def an_absence(*, clinician, first=None, last=None, by=None, reason="congress"):
    """Whole days; some that no other builder books in, unless said otherwise."""
    first = first or today() + dt.timedelta(days=300)
    until = (last or first) + dt.timedelta(days=1)
    return patients.add_absence(
        clinician=clinician, starts_at=at(first, 0), ends_at=at(until, 0), reason=reason, by=by or clinician
    )


def a_closure(*, first=None, last=None, by=None, name="Works on the building"):
    first = first or today() + dt.timedelta(days=310)
    return patients.add_closure(name=name, first_day=first, last_day=last or first, by=by or a_person("clinic staff"))


def finish(visit, *, by=None, again=None):
    """An arrived visit ends; the patient is asked back, unless said otherwise."""
    return actions.change_visit_state(
        visit=visit, state=VisitState.FINISHED, by=by or visit.clinician, version=visit.version, again=again or AGAIN
    )


def a_submission_key():
    return str(uuid.uuid4())
