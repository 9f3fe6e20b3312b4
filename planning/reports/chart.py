"""Everything recorded for a patient, for the complete print and the export."""

from dataclasses import dataclass

from django.db.models import Prefetch

from patients.models import ContactAttempt, Coverage, FollowUp, Patient, Therapy, Visit
from planning.course.models.adverse_event import AdverseEvent
from planning.course.models.assessment import Assessment
from planning.course.models.response import Response
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
    coverages: list[Coverage]
    therapies: list[Therapy]
    consents: list[Consent]
    information_given: list[InformationGiven]
    visits: list[Visit]
    follow_ups: list[FollowUp]


def chart_of(patient):
    records = [patient, *patient.others.order_by("pk")]

    def theirs(model, *related):
        return list(model.objects.filter(patient__in=records).select_related(*PEOPLE, *related).order_by("pk"))

    return PatientChart(
        patient=patient,
        records=records,
        coverages=theirs(Coverage),
        therapies=theirs(Therapy),
        consents=theirs(Consent),
        information_given=theirs(InformationGiven),
        visits=list(
            Visit.objects.filter(patient__in=records)
            .select_related("patient", "clinician", "moved_from")
            .prefetch_related(Prefetch("sessions", _sessions()), Prefetch("assessments", _assessments()))
            .prefetch_related("reminder", "change_messages")
            .order_by("starts_at", "pk")
        ),
        follow_ups=list(
            FollowUp.objects.filter(patient__in=records)
            .select_related("clinician", "booked_visit")
            .prefetch_related(Prefetch("contact_attempts", ContactAttempt.objects.select_related("by")))
            .order_by("due_on", "pk")
        ),
    )


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
            Prefetch("error_marks", ErrorMark.objects.select_related("marked_by", "undone_by")),
            Prefetch("responses", Response.objects.select_related("visit", *PEOPLE).order_by("pk")),
            Prefetch("adverse_events", AdverseEvent.objects.select_related("visit", *PEOPLE).order_by("pk")),
        )
        .order_by("pk")
    )


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
