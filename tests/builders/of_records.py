"""The catalogue, sessions, signed records and the course."""

import datetime as dt

from django.utils import timezone

from patients.models import VisitKind
from planning.catalogue.actions import entries
from planning.catalogue.actions.muscle_sets import add_to_set, make_set
from planning.course.actions.assessments import record_assessment
from planning.course.actions.course import record_event, record_response
from planning.models import InjectionSession, Instrument, MapPlace, Muscle, Product, Side
from planning.sessions.actions import injections
from planning.sessions.actions.consents import record_consent, record_information
from planning.sessions.actions.injections import add_injection, change_injection, restore_injection
from planning.sessions.actions.sessions import back_to_plan, change_session, plan_session, start_recording
from planning.sessions.actions.vials import add_vial
from planning.signing.actions.amendments import discard_amendment, open_amendment
from planning.signing.actions.endings import mark_as_error, undo_error_mark
from planning.signing.actions.signing import sign_session
from planning.signing.models.signed_record import digest
from tests.builders.of_people import AGAIN, a_clinician, a_patient, a_visit, an_arrived_visit, arrive, at, now, today


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


def retire(entry, *, by):
    return entries.retire(entry=entry, by=by, version=now(entry).version)


def restore(entry, *, by):
    return entries.restore(entry=entry, by=by, version=now(entry).version)


def set_guidance(session, guidance, *, by):
    """Of all rows, as stored now."""
    seen = dict(session.injections.values_list("pk", "version"))
    return injections.set_guidance(session=session, guidance=guidance, seen=seen, by=by)


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
