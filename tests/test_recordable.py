"""The checklist: every item that can be recorded, found on a page, in the database, in print and in the export."""

import html
import json
import re
from typing import NamedTuple

import pytest
from django.db.models import Model

from clinic.records.dates import format_date
from patients.models import Alert, ContactAttempt, Coverage, FollowUp, Patient, Therapy, TherapyKind, Visit
from planning.course.models.assessment import DAILY_LIFE
from planning.course.models.response import DOMAINS
from planning.models import (
    AdverseEvent,
    Amendment,
    Assessment,
    Consent,
    Effect,
    EventKind,
    InformationGiven,
    Injection,
    InjectionSession,
    Posture,
    PostureFinding,
    Response,
    Score,
    SignedRecord,
    Symptom,
    SymptomFinding,
    Vial,
)
from planning.reports.export import export_of
from tests.full_patient import BENEFITS, SCORES, FullPatient


class Item(NamedTuple):
    """What is recorded, the words that show it, on which page, and where it is stored."""

    name: str
    words: str
    page: str
    model: type[Model]
    stored: dict


def on(days):
    return format_date(days)


def items_of(world):
    """Every line of the records, word by word."""
    patient, ago = world.patient, world._day
    return [
        # Patient
        Item("record number", "RN-EVERY-77", "patient", Patient, {"record_number": "RN-EVERY-77"}),
        Item("family name", "EVERYTHING, Evelyn", "patient", Patient, {"family_name": "Everything"}),
        Item("given name", "EVERYTHING, Evelyn", "patient", Patient, {"given_name": "Evelyn"}),
        Item("birth date", "3 Feb 1961", "patient", Patient, {"date_of_birth": patient.date_of_birth}),
        Item("sex", "Other", "patient", Patient, {"sex": "other"}),
        Item("phone", "0555 010 7701", "patient", Patient, {"phone": "0555 010 7701"}),
        Item("email", "evelyn@example.org", "patient", Patient, {"email": "evelyn@example.org"}),
        Item("address", "77 Every Lane", "patient", Patient, {"address": "77 Every Lane"}),
        Item("language", "Everish", "patient", Patient, {"language": "Everish"}),
        Item("diagnosis", "Everyday dystonia", "patient", Patient, {"diagnosis": "Everyday dystonia"}),
        Item("diagnosis code", "G77.7", "patient", Patient, {"diagnosis_code": "G77.7"}),
        Item("onset", "spring 1977", "patient", Patient, {"onset": "spring 1977"}),
        Item("referred by", "Dr Referrer", "patient", Patient, {"referred_by": "Dr Referrer"}),
        Item("note", "Noted for everybody.", "patient", Patient, {"note": "Noted for everybody."}),
        *(
            Item(f"alert: {alert.label}", f"Told of {alert.label.lower()}", "patient", Patient,
                 {alert.value: f"Told of {alert.label.lower()}"})
            for alert in Alert
        ),
        Item("alerts reviewed", f"reviewed by Dr Everyman on {on(world.today)}", "alerts", Patient,
             {"alerts_reviewed_by": world.by}),
        Item("agreed to reminders", "agreed", "patient", Patient, {"agreed_to_reminders": True}),
        Item("status", "Moved away", "patient", Patient, {"status": "moved_away"}),
        Item("status since", f"since {on(ago(1))}", "patient", Patient, {"status_since": ago(1)}),
        Item("the same person as", "RN-OTHER-78", "patient", Patient, {"record_number": "RN-OTHER-78"}),
        # Coverage
        Item("payer", "Every Mutual", "coverage", Coverage, {"payer": "Every Mutual"}),
        Item("plan", "Plan Seven", "coverage", Coverage, {"plan": "Plan Seven"}),
        Item("member number", "M-7702", "coverage", Coverage, {"member_number": "M-7702"}),
        Item("decision", "Approved", "coverage", Coverage, {"decision": "approved"}),
        Item("authorisation number", "AUTH-7703", "coverage", Coverage, {"authorisation_number": "AUTH-7703"}),
        Item("valid from", "4 Mar 2001", "coverage", Coverage, {"valid_from": "2001-03-04"}),
        Item("valid until", "6 May 2099", "coverage", Coverage, {"valid_until": "2099-05-06"}),
        Item("sessions authorised", "7 sessions", "coverage", Coverage, {"sessions_authorised": 7}),
        Item("amount charged", "770.40 EUR", "coverage", Coverage, {"amount_charged": "770.40 EUR"}),
        Item("patient’s share", "77.05 EUR", "coverage", Coverage, {"patients_share": "77.05 EUR"}),
        Item("coverage: note", "Coverage noted.", "coverage", Coverage, {"note": "Coverage noted."}),
        # Therapies
        *(
            Item(f"therapy: {kind.label}", f"Described {kind.label.lower()}", "therapies", Therapy,
                 {"kind": kind.value, "description": f"Described {kind.label.lower()}"})
            for kind in TherapyKind
        ),
        Item("therapy: started", "began with nerve_block", "therapies", Therapy, {"started": "began with nerve_block"}),
        Item("therapy: stopped", "stopped with nerve_block", "therapies", Therapy,
             {"stopped": "stopped with nerve_block"}),
        Item("therapy: provider", "By nerve_block", "therapies", Therapy, {"provider": "By nerve_block"}),
        # Consent and information
        Item("consent: by whom", "Evelyn herself", "papers", Consent, {"given_by": "Evelyn herself"}),
        Item("consent: when", on(ago(13)), "papers", Consent, {"given_on": ago(13)}),
        Item("consent: which version", "F7.2", "papers", Consent, {"form_version": "F7.2"}),
        Item("information given: title", "Every Leaflet", "papers", InformationGiven, {"title": "Every Leaflet"}),
        Item("information given: version", "L7.1", "papers", InformationGiven, {"leaflet_version": "L7.1"}),
        Item("information given: by whom", "Nurse Seven", "papers", InformationGiven, {"given_by": "Nurse Seven"}),
        Item("information given: when", on(ago(20)), "papers", InformationGiven, {"given_on": ago(20)}),
        # Visits, follow-ups, contact attempts
        Item("visit: clinician", "Dr Everyman", "patient", Visit, {"clinician": world.by}),
        Item("visit: kind", "First assessment", "patient", Visit, {"kind": "first_assessment"}),
        Item("visit: start", f"{on(ago(12))}, 09:00", "visit", Visit,
             {"starts_at": Visit.objects.get(pk=world.visit.pk).starts_at}),
        Item("visit: minutes", "35 minutes", "visit", Visit, {"minutes": 35}),
        Item("visit: state", "Cancelled", "patient", Visit, {"state": "cancelled"}),
        Item("visit: reason", "Cancelled for seven reasons.", "patient", Visit,
             {"reason": "Cancelled for seven reasons."}),
        Item("visit: moved from", f"{on(ago(29))}, 10:00", "moved", Visit, {"moved_from": world.moved.moved_from}),
        Item("follow-up: due date", on(world.follow_up.due_on), "follow-up", FollowUp,
             {"due_on": world.follow_up.due_on}),
        Item("follow-up: kind", "Review", "follow-up", FollowUp, {"kind": "review"}),
        Item("follow-up: clinician", "Dr Everyman", "follow-up", FollowUp, {"clinician": world.by}),
        Item("follow-up: why", "Asked for seven reasons.", "follow-up", FollowUp, {"why": "Asked for seven reasons."}),
        Item("contact attempt: by whom", "Dr Everyman", "follow-up", ContactAttempt, {"by": world.by}),
        Item("contact attempt: how", "Letter", "follow-up", ContactAttempt, {"how": "letter"}),
        Item("contact attempt: outcome", "rong number or address", "follow-up", ContactAttempt,
             {"outcome": "wrong_contact"}),
        Item("contact attempt: note", "Letter came back.", "follow-up", ContactAttempt, {"note": "Letter came back."}),
        # The session, its vials and injections
        Item("product", "Xeomin", "record", InjectionSession, {"product__brand_name": "Xeomin"}),
        Item("operator", "Dr Operator", "record", InjectionSession, {"operator": world.trainee}),
        Item("recorder", "Dr Everyman", "record", InjectionSession, {"recorder": world.by}),
        Item("given on", on(ago(12)), "record", InjectionSession, {"given_on": ago(12)}),
        Item("consent of the session", "F7.2", "record", InjectionSession, {"consent__form_version": "F7.2"}),
        Item("complications", "Complicated once.", "record", InjectionSession, {"complications": "Complicated once."}),
        Item("session: notes", "Session noted.", "record", InjectionSession, {"notes": "Session noted."}),
        Item("lot number", "LOT-EVERY-7", "record", Vial, {"lot_number": "LOT-EVERY-7"}),
        Item("expiry", "2077-07", "record", Vial, {"expiry": "2077-07"}),
        Item("size as printed", "size seven", "record", Vial, {"size": "size seven"}),
        Item("diluent and volume", "saline, seven", "record", Vial, {"diluent": "saline, seven"}),
        Item("amount discarded", "a seventh", "record", Vial, {"discarded": "a seventh"}),
        Item("shared with another patient", "Yes", "record", Vial, {"shared": "yes"}),
        Item("muscle", "Sternocleidomastoid", "record", Injection, {"muscle__short_name": "SCM"}),
        Item("side", "left", "record", Injection, {"side": "left"}),
        Item("planned dose", "7.71", "record", Injection, {"planned_dose": "7.71"}),
        Item("given dose", "7.73", "record", Injection, {"given_dose": "7.73"}),
        Item("given dose, as first signed", "7.72", "record", SignedRecord, {"content_text__contains": '"7.72"'}),
        Item("not given, with a reason", "Left out for seven reasons.", "record", Injection,
             {"not_given": True, "not_given_reason": "Left out for seven reasons."}),
        Item("sites", "7", "record", Injection, {"sites": 7}),
        Item("guidance", "EMG and ultrasound", "record", Injection, {"guidance": "emg_and_ultrasound"}),
        Item("injection: note", "Row noted.", "record", Injection, {"note": "Row noted."}),
        Item("signer", "Dr Everyman, neurologist", "record", SignedRecord, {"signer_name": "Dr Everyman"}),
        Item("meaning", "I vouch that this record states what was given.", "record", SignedRecord,
             {"meaning": "I vouch that this record states what was given."}),
        Item("hash", world.session.record().hash, "record", SignedRecord, {"hash": world.session.record().hash}),
        Item("amendment, with a reason", "Amended for seven reasons.", "record", Amendment,
             {"reason": "Amended for seven reasons."}),
        # Assessment
        *(
            Item(f"posture: {posture.label}", f"{posture.label} left" if posture.has_a_side else posture.label,
                 "assessment", PostureFinding, {"posture": posture.value})
            for posture in Posture
        ),
        Item("no abnormal posture", "head held straight", "visit", Assessment, {"head_is_straight": True}),
        *(
            Item(f"symptom: {symptom.label}", f"{symptom.label} (moderate, sometimes)", "assessment", SymptomFinding,
                 {"symptom": symptom.value, "severity": "moderate", "frequency": "sometimes"})
            for symptom in Symptom
        ),
        Item("symptom: absent", "Absent", "visit", SymptomFinding, {"presence": "absent"}),
        Item("tremor", "present: Trembles seven times", "assessment", Assessment,
             {"tremor": "present", "tremor_note": "Trembles seven times"}),
        Item("jerk", "present: Jerks seven times", "assessment", Assessment,
             {"jerk": "present", "jerk_note": "Jerks seven times"}),
        Item("sensory trick", "present: Touches seven times", "assessment", Assessment,
             {"sensory_trick": "present", "sensory_trick_note": "Touches seven times"}),
        *(
            Item(f"daily life: {name}", f"Lives with {name}", "assessment", Assessment, {name: f"Lives with {name}"})
            for name in DAILY_LIFE
        ),
        Item("assessment: note", "Assessment noted.", "assessment", Assessment, {"note": "Assessment noted."}),
        Item("no change since", on(world.assessed.visit.day), "unchanged", Assessment,
             {"unchanged_since": world.assessed}),
        *(
            Item(f"score: {name}", f"{name} {value}", "assessment", Score, {"instrument__name": name, "value": value})
            for name, value in SCORES.items()
        ),
        # Response
        Item("onset on day n", "onset day 4", "response", Response, {"onset_day": 4}),
        Item("peak on day n", "peak day 14", "response", Response, {"peak_day": 14}),
        Item("wearing off", "wearing-off day 21", "response", Response, {"wearing_off_day": 21}),
        *(
            Item(f"benefit: {name}", f"{Response._meta.get_field(name).verbose_name}: {BENEFITS[name]}", "response",
                 Response, {name: BENEFITS[name]})
            for name in DOMAINS
        ),
        Item("global impression", "A little better", "response", Response, {"impression": "a_little_better"}),
        Item("patient’s words", "Seven words of my own.", "response", Response, {"words": "Seven words of my own."}),
        Item("consent to share", f"consented on {on(ago(9))}", "response", Response, {"share_on": ago(9)}),
        Item("its withdrawal", f"withdrew it on {on(ago(8))}", "response", Response, {"share_withdrawn_on": ago(8)}),
        Item("response: note", "Response noted.", "response", Response, {"note": "Response noted."}),
        Item("no response", "No response", "no response", Response, {"effect": Effect.NO_RESPONSE}),
        Item("not known", "Not known", "not known", Response, {"effect": Effect.NOT_KNOWN}),
        # Adverse events
        *(
            Item(f"adverse event: {kind.label}", f"Described {kind.value}", "events", AdverseEvent,
                 {"kind": kind.value, "description": f"Described {kind.value}"})
            for kind in EventKind
        ),
        Item("event: from when", "from day 5", "events", AdverseEvent, {"began_day": 5}),
        Item("event: severity", "Severe", "events", AdverseEvent, {"severity": "severe"}),
        Item("event: serious or not", "Serious", "events", AdverseEvent, {"serious": "yes"}),
        Item("event: what was done or advised", "Measures taken.", "events", AdverseEvent,
             {"measures": "Measures taken."}),
        Item("event: outcome", "Recovered with sequelae", "events", AdverseEvent, {"outcome": "with_sequelae"}),
        Item("event: until when", "until day 33", "events", AdverseEvent, {"ended_day": 33}),
        Item("event: reported to an authority", "Every Authority", "events", AdverseEvent,
             {"reported_to": "Every Authority"}),
        Item("event: reported on", on(ago(2)), "events", AdverseEvent, {"reported_on": ago(2)}),
        Item("event: its reference", "REF-7704", "events", AdverseEvent, {"report_reference": "REF-7704"}),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def made_world(module_transaction):
    return FullPatient()


@pytest.fixture(scope="module")
def items(made_world):
    return items_of(made_world)


@pytest.fixture
def doctor(world, client):
    client.force_login(world.by)
    return client


def text_of(response):
    """The text of a page, without its markup."""
    assert response.status_code == 200
    body = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split()).replace(" ,", ",")


def pages_of(world):
    patient = world.patient
    response, no_response, not_known = world.session.responses.order_by("pk")
    return {
        "patient": patient.get_absolute_url(),
        "alerts": f"/patients/{patient.pk}/alerts/",
        "coverage": f"/patients/{patient.pk}/coverage/",
        "therapies": f"/patients/{patient.pk}/therapies/",
        "papers": f"/patients/{patient.pk}/papers/",
        "visit": world.visit.get_absolute_url(),
        "moved": world.moved.get_absolute_url(),
        "follow-up": f"/follow-ups/{world.follow_up.pk}/",
        "record": world.session.record().get_absolute_url(),
        "assessment": world.assessed.visit.get_absolute_url(),
        "unchanged": f"/visits/{Assessment.objects.get(unchanged_since=world.assessed).visit_id}/",
        "response": response.visit.get_absolute_url(),
        "no response": no_response.visit.get_absolute_url(),
        "not known": not_known.visit.get_absolute_url(),
        "events": world.visit.get_absolute_url(),
    }


def test_every_item_is_on_a_page(world, items, doctor):
    texts = {name: text_of(doctor.get(path)) for name, path in pages_of(world).items()}
    assert [item.name for item in items if item.words not in texts[item.page]] == []


def test_every_item_is_in_the_database(items):
    assert [item.name for item in items if not item.model.objects.filter(**item.stored).exists()] == []


def test_every_item_is_in_the_print(world, items, doctor):
    printed = text_of(doctor.get(f"/patients/{world.patient.pk}/everything/"))
    assert [item.name for item in items if item.words not in printed] == []


def values_in(exported):
    """Every value in an export, as text."""
    if isinstance(exported, dict):
        for value in exported.values():
            yield from values_in(value)
    elif isinstance(exported, list):
        for value in exported:
            yield from values_in(value)
    else:
        yield str(exported)


def test_every_item_is_in_the_export(world, items):
    found = set(values_in(json.loads(json.dumps(export_of(world.patient)))))
    missing = []
    for item in items:
        for wanted in item.stored.values():
            text = getattr(wanted, "isoformat", lambda wanted=wanted: str(wanted))()
            if isinstance(wanted, Model):
                text = str(wanted) if hasattr(wanted, "printed_name") else str(wanted.pk)
            if item.name in {"muscle", "given dose, as first signed"}:
                text = {"SCM": "Sternocleidomastoid"}.get(text, text.strip('"'))
            missing += [item.name] if text not in found else []
    assert missing == []


@pytest.mark.parametrize(
    ("model", "left_out"),
    [
        (Patient, {"same_as", "sort_name", "registered_at", "updated_at", "no_follow_up_reason", "no_follow_up_on",
                   "no_follow_up_by", "alerts_reviewed_at"}),
        (Coverage, {"patient"}),
        (Therapy, {"patient"}),
        (Consent, {"patient"}),
        (InformationGiven, {"patient"}),
        (PostureFinding, {"assessment", "side"}),
        (SymptomFinding, {"assessment"}),
        (Assessment, {"visit"}),
        (Response, {"session", "visit", "onset_on", "peak_on", "wearing_off_on", "share"}),
        (AdverseEvent, {"session", "visit", "began_on", "ended_on"}),
        (ContactAttempt, {"follow_up", "at", "call_again_on", "undone_at", "undone_by"}),
        (Vial, {"session", "added_at"}),
        (Injection, {"session", "vial", "removed_at", "planned_typed_by", "given_typed_by", "typed_at"}),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)  # fmt: skip
def test_every_field_of_a_record_is_an_item(model, left_out, items):
    """Otherwise a field could be added without a test that it can be found."""
    asked = {name.partition("__")[0] for item in items if item.model is model for name in item.stored}
    bookkeeping = {"id", "version", "recorded_by", "recorded_at", "error_reason", "error_at", "error_by"}
    fields = {field.name for field in model._meta.concrete_fields} - bookkeeping
    assert fields - asked == left_out
