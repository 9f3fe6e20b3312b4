"""Everything recorded for a patient, for the complete print and the export."""

from dataclasses import dataclass

from django.db.models import Prefetch

from clinic.records.together import read_together
from patients.models import (
    ContactAttempt,
    Coverage,
    FollowUp,
    Patient,
    PatientIdentifier,
    Therapy,
    Visit,
    WaitingEntry,
)
from planning.course.models.adverse_event import AdverseEvent
from planning.course.models.assessment import Assessment
from planning.course.models.response import Response
from planning.course.models.session_elsewhere import SessionElsewhere
from planning.letters.models.letter import Letter, LetterSending
from planning.sessions.content import content_from, timestamp_with_offset
from planning.sessions.content_facts import facts_of
from planning.sessions.models.consent import Consent, InformationGiven
from planning.sessions.models.corrections import Amendment, ErrorMark
from planning.sessions.models.injection import Injection
from planning.sessions.models.review import ReviewRequest
from planning.sessions.models.session import InjectionSession, SessionState
from planning.sessions.models.vial import Vial
from planning.signing.models.signed_record import SignedRecord

PEOPLE = ("recorded_by", "error_by")


@dataclass(frozen=True)
class PatientChart:
    """All rows of each kind, including those entered in error; each list is loaded once."""

    patient: Patient
    records: list[Patient]
    identifiers: list[PatientIdentifier]
    coverages: list[Coverage]
    therapies: list[Therapy]
    sessions_elsewhere: list[SessionElsewhere]
    consents: list[Consent]
    information_given: list[InformationGiven]
    visits: list[Visit]
    follow_ups: list[FollowUp]
    waiting_entries: list[WaitingEntry]


def chart_of(patient):
    """In one statement, next to that of the patient."""
    joined = [record for record in patient.joined_records if record.same_as_id == patient.pk]
    records = [patient, *sorted(joined, key=lambda record: record.pk)]
    ids = tuple(record.pk for record in records)
    found = read_together(
        (_identifiers, ids),
        *((_corrected, ids, model) for model in (Coverage, Therapy, SessionElsewhere, Consent, InformationGiven)),
        (_visits, ids),
        (_follow_ups, ids),
        (_waiting_entries, ids),
    )
    return PatientChart(patient, records, *found)


def _identifiers(ids):
    return PatientIdentifier.objects.filter(patient__in=ids)


def _corrected(ids, model):
    return model.objects.filter(patient__in=ids).select_related(*PEOPLE).order_by("pk")


def _visits(ids):
    return (
        Visit.objects.filter(patient__in=ids)
        .select_related("patient", "clinician", "moved_from")
        .prefetch_related(Prefetch("sessions", _sessions()), Prefetch("assessments", _assessments()))
        .prefetch_related("reminder", "change_messages")
        .order_by("starts_at", "pk")
    )


def _follow_ups(ids):
    attempts = ContactAttempt.objects.select_related("by")
    followed = FollowUp.objects.filter(patient__in=ids).select_related("clinician", "booked_visit")
    return followed.prefetch_related(Prefetch("contact_attempts", attempts)).order_by("due_on", "pk")


def _waiting_entries(ids):
    waiting = WaitingEntry.objects.filter(patient__in=ids)
    return waiting.select_related("clinician", "added_by", "ended_by", "booked_visit").longest_first()


def _assessments():
    return Assessment.objects.for_page().select_related("error_by", "visit__patient").order_by("pk")


def _sessions():
    return (
        InjectionSession.objects.with_facts()
        .select_related(
            "visit__patient", "visit__clinician", "product", "operator", "recorder", "consent", "planned_by"
        )
        .prefetch_related(
            Prefetch("injections", Injection.objects.select_related("muscle__group", "vial").in_order()),
            Prefetch("vials", Vial.objects.order_by("pk")),
            Prefetch("records", SignedRecord.objects.select_related("signer").order_by("number")),
            Prefetch("amendments", Amendment.objects.select_related("record", "opened_by", "discarded_by")),
            Prefetch("reviews", ReviewRequest.objects.with_people()),
            Prefetch("letters", _letters()),
            Prefetch("error_marks", ErrorMark.objects.select_related("marked_by", "undone_by")),
            Prefetch("responses", Response.objects.select_related("visit", *PEOPLE).order_by("pk")),
            Prefetch("adverse_events", AdverseEvent.objects.select_related("visit", *PEOPLE).order_by("pk")),
        )
        .order_by("pk")
    )


def _letters():
    sendings = LetterSending.objects.select_related("by")
    return Letter.objects.select_related(*PEOPLE).prefetch_related(Prefetch("sendings", sendings)).order_by("pk")


def statements_of(session, clinic):
    records = list(session.records.all())
    stated = [(f"Record {record.number}", [*_facts(record.content), *_signature(record)]) for record in records]
    if not records or session.state is SessionState.BEING_AMENDED:
        stated.append((_unsigned(session), _facts(_content_now(session, clinic))))
    return stated


def _facts(content):
    recorder = content["recorder"]["name"] if content["recorder"] else "not recorded"
    return [*facts_of(content).values(), ("Who recorded", recorder)]


def _signature(record):
    signed_at = timestamp_with_offset(record.signed_at)
    return [
        ("Signed", f"{record.signer_name}, {record.signer_roles}, {signed_at}: “{record.meaning}”"),
        ("Hash", record.hash),
    ]


def _unsigned(session):
    return {
        SessionState.PLANNED: "Plan. Not a record of what was given",
        SessionState.NOT_DONE: f"Not done: {session.not_done_reason}",
        SessionState.BEING_AMENDED: "Amendment, not signed",
    }.get(session.state, "Not signed")


def _content_now(session, clinic):
    amendment = next((each for each in session.amendments.all() if each.is_open), None)
    rows = [row for row in session.injections.all() if row.removed_at is None]
    return content_from(session, clinic=clinic, amendment=amendment, vials=list(session.vials.all()), rows=rows)
