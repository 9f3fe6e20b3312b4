"""What the pages of a session show, in two statements: the session with its patient, and rows of other subpackages."""

from dataclasses import dataclass

from django.utils import timezone

from clinic.models import User
from clinic.records.dates import on_day
from clinic.records.together import put_related, read_together
from patients.people.opened_patient import read_or_404
from planning.catalogue.models.muscle import Muscle
from planning.catalogue.models.muscle_set import MuscleSet, MuscleSetEntry
from planning.catalogue.models.product import Product
from planning.catalogue.models.reason import ReasonNotGiven
from planning.course.models.adverse_event import AdverseEvent
from planning.course.models.response import Response
from planning.letters.models.letter import Letter
from planning.session_pages.earlier import last_signed_before
from planning.sessions.forms.sessions import Offered
from planning.sessions.models.consent import Consent
from planning.sessions.models.corrections import Amendment
from planning.sessions.models.injection import Injection
from planning.sessions.models.review import ReviewRequest
from planning.sessions.models.session import InjectionSession
from planning.sessions.models.session_set import reads_of_list, sessions_of_list
from planning.sessions.models.vial import Vial
from planning.signing.models.signed_record import SignedRecord


def session_or_404(pk):
    session, amendments = read_or_404(_session, "visit__patient", pk, more=((_open_amendments, pk),))
    session.known_amendment = next(iter(amendments), None)
    for amendment in amendments:
        amendment.session = session
    return session


def record_rows(session):
    """Its signed records, for the page of a record. Returns its reviews and letters."""
    records, reviews, letters = read_together(
        (_records, session.pk), (_reviews, session.pk), (Letter.objects.of_session, session.pk)
    )
    put_related([session], "records", records)
    put_related([session], "reviews", reviews)
    return reviews, letters


def rows_to_sign(session):
    """Its rows and vials, the clinicians who can see the patient again, and the other open sessions of the visit."""
    rows, vials, clinicians, others = read_together(
        (_rows_to_sign, session.pk),
        (_vials, session.pk),
        (User.objects.clinicians_and, session.visit.clinician_id),
        (InjectionSession.objects.other_open, session.visit_id, session.pk),
    )
    session.note_rows(rows, vials)
    session.has_other_open = bool(others)
    return rows, vials, clinicians


def rows_to_change(session):
    """All rows of the session with this id, removed ones too, each with its session; and its vials."""
    return read_together((_rows_with_session, session), (_vials, session))


def _rows_with_session(session):
    return Injection.objects.filter(session=session).with_session()


def _rows_to_sign(session):
    return Injection.objects.active().filter(session=session).select_related("muscle__group").in_order()


def _records(session):
    return SignedRecord.objects.filter(session=session)


def _session(pk):
    return InjectionSession.objects.filter(pk=pk).for_page().select_related("visit__patient__same_as")


def _open_amendments(session):
    return Amendment.objects.open().filter(session=session).select_related("record", "opened_by").order_by("pk")


@dataclass(frozen=True)
class OfSession:
    """`responses` and `events` are those of the `earlier` sessions; `lots` are typed today for the same product."""

    earlier: list
    offered: Offered
    vials: list
    rows: list
    muscles: list
    responses: list
    events: list
    reviews: list
    reasons: list
    lots: list


def rows_of_session(session, *, user):
    today = timezone.localdate(), timezone.get_current_timezone_name()
    pk, visit, records = session.pk, session.visit_id, tuple(session.visit.patient.record_ids())
    before = last_signed_before, visit, records
    found = read_together(
        *reads_of_list(*before),
        (_products, session.product_id),
        (User.objects.clinicians_and, session.operator_id),
        (_consents, session.consent_id, records),
        (_muscle_sets, user.pk),
        (_set_entries, user.pk),
        (_vials, pk),
        (_active_rows, pk),
        (_removed_rows, pk),
        (_muscles, pk),
        (_responses, *before),
        (_events, *before),
        (_reviews, pk),
        (_reasons,),
        *([(_vials_typed_on, *today, session.product_id, pk)] if session.is_recording else []),
    )
    *offered, muscle_sets, entries, vials, active, removed = found[4:12]
    put_related(muscle_sets, "entries", entries)
    for each in (*vials, *found[15]):
        each.session = session
    return OfSession(
        sessions_of_list(*found[:4]),
        Offered(*offered, muscle_sets),
        vials,
        sorted([*active, *removed], key=lambda row: row.pk),
        *found[12:17],
        found[17] if session.is_recording else [],
    )


def _products(chosen):
    return Product.objects.offered() | Product.objects.filter(pk=chosen)


def _consents(chosen, records):
    theirs = Consent.objects.filter(patient__in=records)
    return theirs.active() | theirs.filter(pk=chosen)


def _muscle_sets(user):
    return MuscleSet.objects.of(user).prefetch_related(None)


def _set_entries(user):
    return MuscleSetEntry.objects.filter(muscle_set__owner=user).select_related("muscle__group").order_by("pk")


def _vials(session):
    return Vial.objects.filter(session=session)


def _active_rows(session):
    return Injection.objects.active().filter(session=session).in_order()


def _removed_rows(session):
    removed = Injection.objects.filter(session=session, removed_at__isnull=False)
    return removed.select_related("planned_typed_by", "given_typed_by").in_order()


def _muscles(session):
    return Muscle.objects.to_choose_from(also=Injection.objects.filter(session=session).values("muscle"))


def _responses(rows, *values):
    return Response.objects.active().filter(session__in=rows(*values).values("pk")).in_order_reported()


def _events(rows, *values):
    return AdverseEvent.objects.active().filter(session__in=rows(*values).values("pk")).order_by("pk")


def _reviews(session):
    return ReviewRequest.objects.filter(session=session).with_people()


def _reasons():
    return ReasonNotGiven.objects.offered()


def _vials_typed_on(day, _zone, product, session):
    typed = Vial.objects.filter(session__product=product, **on_day("added_at", day)).exclude(lot_number="")
    return typed.exclude(session=session).only("lot_number", "expiry").order_by("lot_number", "expiry")
