"""What is sent twice with one Idempotency-Key makes one record."""

import datetime as dt
import hashlib
import json
from http import HTTPStatus

import pytest
from django.apps import apps
from django.test import Client

from clinic.api.router import RESOURCES
from clinic.models import Submission
from patients.models import Patient, Therapy, Visit
from planning.models import Injection, LetterTemplate, Muscle, SignedRecord
from tests import builders, letters
from tests.api.conftest import Program
from tests.api.test_versions import one_of_each_resource
from tests.extent import IS_WHOLE
from tests.parallel import at_once

pytestmark = pytest.mark.django_db

SENT_BEFORE = "This Idempotency-Key was already sent with a different body. Generate another key."
PERSON = {
    "family_name": "Twice", "given_name": "Sent", "date_of_birth": "1969-03-14", "sex": "female",
    "although_alike": True,
}  # fmt: skip


def tomorrow(hour):
    return builders.at(builders.today() + dt.timedelta(days=1), hour)


def beneath_patient(what, sent, other):
    return lambda by: (f"patients/{builders.a_patient().pk}/{what}/", sent, other)


def of_catalogue(kind, sent):
    return lambda by: (f"{kind}s/", sent, {**sent, "order": 77})


def booking(by):
    return {
        "patient": builders.a_patient().pk, "clinician": by.pk, "kind": "review", "outside_note": "So",
        "starts_at": tomorrow(11).isoformat(),
    }  # fmt: skip


def a_visit(by):
    sent = booking(by)
    return "visits/", sent, {**sent, "kind": "injection"}


def a_move(by):
    visit = builders.a_visit(clinician=by)
    sent = {"starts_at": tomorrow(15).isoformat(), "outside_note": "So", "version": visit.version}
    return f"visits/{visit.pk}/move/", sent, {**sent, "minutes": 20}


def a_follow_up(by):
    due = f"{builders.today().year + 1}-12-01"
    sent = {"patient": builders.a_patient().pk, "clinician": by.pk, "kind": "review", "due_on": due}
    return "follow-ups/", sent, {**sent, "why": "So"}


def a_booking_of_a_follow_up(by):
    sent = {"starts_at": booking(by)["starts_at"], "outside_note": "So"}
    return f"follow-ups/{builders.a_follow_up(clinician=by).pk}/book/", sent, {**sent, "minutes": 20}


def a_contact(by):
    sent = {"how": "phone", "outcome": "no_answer", "version": 1}
    return f"follow-ups/{builders.a_follow_up().pk}/contact-attempts/", sent, {**sent, "note": "So"}


def a_session(by):
    sent = {"visit": builders.a_visit(clinician=by).pk}
    return "sessions/", sent, {**sent, "product": builders.a_product().pk}


def an_injection(by):
    sent = {"product": builders.a_product().pk, "muscle": builders.a_muscle("SCAL").pk, "side": "left"}
    return f"sessions/{builders.a_planned_session(by=by).pk}/injections/", sent, {**sent, "side": "right"}


def a_vial(by):
    sent = {"product": builders.a_product().pk, "lot_number": "LOT-7"}
    return f"sessions/{builders.a_given_session(by=by).pk}/vials/", sent, {**sent, "expiry": "03/28"}


def a_signature(by):
    session = builders.a_given_session(by=by)
    shown = Program(logged_in(by)).get(f"sessions/{session.pk}/").json()
    sent = {"password": builders.PASSWORD, "content_hash": shown["content_hash"], "see_again": {"weeks": 12}}
    return f"sessions/{session.pk}/sign/", sent, {**sent, "see_again": {"weeks": 13}}


def an_amendment(by):
    session = builders.a_signed_session(by=by)
    sent = {"kind": "recorded_wrongly", "reason": "From the wrong sheet", "version": session.version}
    return f"sessions/{session.pk}/amend/", sent, {**sent, "reason": "From another sheet"}


def course():
    def an_assessment(by):
        sent = {"visit": builders.an_arrived_visit(clinician=by).pk, "note": "So"}
        return "assessments/", sent, {**sent, "note": "Otherwise"}

    def a_score(by):
        instrument = builders.an_instrument("Tsui").pk
        sent = {"assessment": builders.an_assessment(by=by).pk, "instrument": instrument, "value": "9"}
        return "scores/", sent, {**sent, "value": "8"}

    def a_response(by):
        session = builders.a_session_of_weeks_ago(by=by)
        visit = builders.arrive(builders.a_visit_after(session))
        sent = {"session": session.pk, "visit": visit.pk, "effect": "response"}
        return "responses/", sent, {**sent, "words": "Better"}

    def an_event(by):
        sent = {"session": builders.a_session_of_weeks_ago(by=by).pk, "kind": "bruising"}
        return "adverse-events/", sent, {**sent, "severity": "mild"}

    return {
        "assessment: create": an_assessment,
        "score: create": a_score,
        "response: create": a_response,
        "adverse-event: create": an_event,
    }


def hours(by):
    sent = {"clinician": by.pk, "monday": "9-12"}
    return "working-hours/", sent, {**sent, "tuesday": "9-12"}


def an_absence(by):
    sent = {"clinician": by.pk, "starts_at": tomorrow(8).isoformat(), "ends_at": tomorrow(9).isoformat()}
    return "absences/", sent, {**sent, "reason": "holiday"}


def a_delay(by):
    sent = {"clinician": by.pk, "minutes": 20}
    return "delays/", sent, {**sent, "minutes": 30}


def a_closure(by):
    day = f"{builders.today().year + 1}-12-24"
    sent = {"name": "Holiday", "first_day": day, "last_day": day}
    return "closures/", sent, {**sent, "name": "Works"}


def a_review(by):
    sent = {"session": builders.a_planned_session(by=by).pk, "question": "Which side?"}
    return "reviews/", sent, {**sent, "question": "Which product?"}


def a_new_letter(by):
    template = LetterTemplate.objects.get(name="After a session").pk
    sent = {"session": builders.a_signed_session(by=by).pk, "template": template, "recipient": "Dr Example"}
    return "letters/", sent, {**sent, "recipient": "Dr Other"}


def a_sending(by):
    letter = letters.sign_off(letters.a_letter(by=by), by=by)
    sent = {"how": "post", "sent_on": str(builders.today())}
    return f"letters/{letter.pk}/sendings/", sent, {**sent, "how": "fax"}


def a_muscle_set(by):
    return "muscle-sets/", {"name": "Usual"}, {"name": "Another"}


def a_waiting_entry(by):
    sent = {"patient": builders.a_patient().pk, "kind": "review", "from_on": str(builders.today())}
    return "waiting-list/", sent, {**sent, "kind": "other"}


CONSENT = {"given_by": "The patient", "given_on": "2026-01-05", "form_version": "3.1"}
LEAFLET = {"given_by": "Sam Desk", "given_on": "2026-01-05", "title": "Your treatment"}
# Each makes what it needs: path, body, and another body that could be taken as well.
CREATIONS = {
    "patient: create": lambda by: ("patients/", PERSON, {**PERSON, "phone": "0555"}),
    "coverage: create": beneath_patient("coverage", {"payer": "One"}, {"payer": "Another"}),
    "therapy: create": beneath_patient("therapies", {"kind": "other"}, {"kind": "nerve_block"}),
    "consent: create": beneath_patient("consents", CONSENT, {**CONSENT, "form_version": "3.2"}),
    "information: create": beneath_patient("information", LEAFLET, {**LEAFLET, "title": "Another"}),
    "visit: create": a_visit,
    "visit: move": a_move,
    "working-hours: create": hours,
    "absence: create": an_absence,
    "closure: create": a_closure,
    "review: create": a_review,
    "letter: create": a_new_letter,
    "letter: sendings": a_sending,
    "muscle-set: create": a_muscle_set,
    "delay: create": a_delay,
    "follow-up: create": a_follow_up,
    "follow-up: contact_attempts": a_contact,
    "follow-up: book": a_booking_of_a_follow_up,
    "waiting-entry: create": a_waiting_entry,
    "muscle: create": of_catalogue("muscle", {"name": "Example", "short_name": "EX1", "sides": "lateral"}),
    "product: create": of_catalogue(
        "product", {"brand_name": "Example", "nonproprietary_name": "exemplotoxin", "unit_label": "U"}
    ),
    "instrument: create": of_catalogue("instrument", {"name": "Example", "lowest": "0", "highest": "9"}),
    "session: create": a_session,
    "session: sign": a_signature,
    "session: amend": an_amendment,
    "injection: create": an_injection,
    "vial: create": a_vial,
    **course(),
}


def logged_in(person):
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def asks(api, neurologist, catalogue_manager):
    kinds = ("muscle", "product", "instrument")
    return lambda name: api(catalogue_manager if name.partition(":")[0] in kinds else neurologist)


@pytest.fixture
def key():
    return builders.a_submission_key()


def rows():
    """The number of rows of each table, except those that only record requests."""
    kinds = [*apps.get_app_config("patients").get_models(), *apps.get_app_config("planning").get_models(), Submission]
    return {kind: kind.objects.count() for kind in kinds}


def test_every_operation_that_creates_is_tested():
    making = {
        f"{resource.kind}: {name}"
        for resource in RESOURCES.values()
        for name in resource.creating
        if name in resource.permissions
    }
    assert set(CREATIONS) == making


# Whose actions lock rows, or store what a constraint or trigger guards.
OF_THE_ENGINE = {"patient: create", "visit: create", "injection: create", "session: sign"}


def each_creation():
    """In the short run one of each resource, and those on which an engine has an influence."""
    shown = {*one_of_each_resource(CREATIONS)} | OF_THE_ENGINE
    for name in CREATIONS:
        if name in shown:
            yield pytest.param(name, marks=[pytest.mark.engine] if IS_WHOLE or name in OF_THE_ENGINE else [])


@pytest.mark.parametrize("name", each_creation())
def test_repeated_key_creates_one_and_rejects_other_content(name, asks, neurologist, key):
    # Given something that was made
    program = asks(name)
    path, sent, other = CREATIONS[name](neurologist)
    before = rows()
    first = program.post(path, sent, Idempotency_Key=key)
    assert first.status_code == 201, first.json()
    after = rows()
    assert after != before

    # When the same is sent again, then the response is the same, and nothing more was created
    again = program.post(path, sent, Idempotency_Key=f'"{key.upper()}"')
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.get("Location") == first.get("Location")

    # When something else is sent with that key, then it is rejected
    refused = program.post(path, other, Idempotency_Key=key)
    assert (refused.status_code, refused.json()["detail"]) == (422, SENT_BEFORE)
    assert refused.json()["title"] == HTTPStatus(422).phrase
    assert rows() == after


@pytest.mark.engine
def test_another_key_or_no_key_creates_another(api, staff, key):
    made = [
        api(staff).post("patients/", PERSON, Idempotency_Key=key),
        api(staff).post("patients/", PERSON, Idempotency_Key=builders.a_submission_key()),
        api(staff).post("patients/", PERSON),
        api(staff).post("patients/", PERSON),
    ]
    assert len({response.json()["id"] for response in made}) == Patient.objects.count() == 4


@pytest.mark.engine
def test_key_of_another_user_is_independent(api, staff, neurologist, key):
    made = [api(person).post("patients/", PERSON, Idempotency_Key=key) for person in (staff, neurologist)]
    assert [response.status_code for response in made] == [201, 201]
    assert Patient.objects.count() == 2

    # And a repeat gives each their own
    again = [api(person).post("patients/", PERSON, Idempotency_Key=key) for person in (staff, neurologist)]
    assert [response.json() for response in again] == [response.json() for response in made]


def test_login_and_token_of_one_user_share_keys(api, program, staff, key):
    made = [asks.post("patients/", PERSON, Idempotency_Key=key).json() for asks in (api(staff), program(staff))]
    assert made[0] == made[1]


def test_key_used_for_another_operation_is_rejected(api, staff, key):
    asks, patient, other = api(staff), builders.a_patient(), builders.a_patient()
    sent = {"kind": "other"}
    assert asks.post(f"patients/{patient.pk}/therapies/", sent, Idempotency_Key=key).status_code == 201
    elsewhere = asks.post(f"patients/{other.pk}/therapies/", sent, Idempotency_Key=key)
    assert (elsewhere.status_code, elsewhere.json()["detail"]) == (422, SENT_BEFORE)
    assert Therapy.objects.count() == 1


def test_forms_and_api_share_keys(api, staff, key):
    # Given a form that was sent on a page
    asks, patient = api(staff), builders.a_patient()
    form = {"submission_key": key, "kind": "other"}
    page, path = f"/patients/{patient.pk}/therapies/", f"patients/{patient.pk}/therapies/"
    assert asks.client.post(page, form).status_code == 302

    # When a program sends its key, then nothing is created
    refused = asks.post(path, {"kind": "other"}, Idempotency_Key=key)
    assert (refused.status_code, refused.json()["detail"]) == (422, SENT_BEFORE)

    # And a page rejects the key of a program
    other = builders.a_submission_key()
    assert asks.post(path, {"kind": "other"}, Idempotency_Key=other).status_code == 201
    assert asks.client.post(page, {**form, "submission_key": other}).status_code == 409
    assert Therapy.objects.count() == 2


@pytest.mark.engine
def test_rejected_request_can_be_repeated_with_its_key(api, staff, neurologist, key):
    # Given a booking that was rejected because the time was booked
    sent = booking(neurologist)
    taken = builders.a_visit(clinician=neurologist, day=tomorrow(11).date(), hour=11)
    assert api(staff).post("visits/", sent, Idempotency_Key=key).status_code == 409
    assert not Submission.objects.exists()

    # When the time is free again, then the same request makes a visit
    api(staff).post(f"visits/{taken.pk}/cancel/", {"reason": "ill", "version": taken.version})
    assert api(staff).post("visits/", sent, Idempotency_Key=key).status_code == 201


@pytest.mark.engine
@pytest.mark.parametrize("name", ["injection: create", "vial: create"])
def test_removed_record_is_not_created_again(name, api, neurologist, key):
    asks = api(neurologist)
    path, sent, _ = CREATIONS[name](neurologist)
    made = asks.post(path, sent, Idempotency_Key=key).json()
    assert asks.delete(f"{path}{made['id']}/?product={made['product']}", If_Match='"1"').status_code == 204
    again = asks.post(path, sent, Idempotency_Key=key)
    assert again.status_code == 409
    assert "was removed." in again.json()["detail"]


@pytest.mark.parametrize("text", ["retry-7 of visit 12", "a" * 200, "{0e37df36-f698-11e6-8dd4-cb9ced3df976}", "1"])
def test_printable_text_is_a_valid_key(text, api, staff):
    made = [api(staff).post("patients/", PERSON, Idempotency_Key=text).json()["id"] for _ in range(2)]
    assert len(set(made)) == 1


@pytest.mark.engine
@pytest.mark.parametrize("text", ["", '""', "a" * 201, "Schlüssel", "a\tb"], ids=repr)
def test_unstorable_key_is_rejected(text, api, staff):
    response = api(staff).post("patients/", PERSON, Idempotency_Key=text)
    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["Idempotency-Key"]
    assert not Patient.objects.exists()


# The password


def test_password_hash_is_not_stored(api, neurologist, key):
    path, sent, _ = a_signature(neurologist)
    assert api(neurologist).post(path, sent, Idempotency_Key=key).status_code == 201
    without_password = {name: value for name, value in sent.items() if name != "password"}
    body_hash = hashlib.sha256(json.dumps(without_password, sort_keys=True).encode()).hexdigest()
    assert Submission.objects.get().body_hash == body_hash

    # And so another password of the same person, in the same request, is the same request
    neurologist.set_password("another-password-of-mine")
    neurologist.save()
    again = api(neurologist).post(path, {**sent, "password": "another-password-of-mine"}, Idempotency_Key=key)
    assert again.status_code == 201
    assert SignedRecord.objects.count() == 1


def test_repeated_signature_needs_the_password(api, neurologist, key):
    path, sent, _ = a_signature(neurologist)
    api(neurologist).post(path, sent, Idempotency_Key=key)
    wrong = api(neurologist).post(path, {**sent, "password": "x"}, Idempotency_Key=key)
    assert (wrong.status_code, wrong.json()["errors"]) == (400, {"password": ["This is not your password."]})
    assert "content" not in wrong.json()


# At the same time


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["patient: create", "visit: create", "injection: create", "session: sign"])
def test_concurrent_requests_with_one_key_create_one(name):
    person, key = builders.a_person("neurologist"), builders.a_submission_key()
    path, sent, _ = CREATIONS[name](person)
    program, before = Program(logged_in(person)), rows()
    cookies = program.client.cookies

    def sending():
        client = Client()
        client.cookies = cookies
        return Program(client).post(path, sent, Idempotency_Key=key)

    responses = at_once(*[sending] * 4)
    assert [response.status_code for response in responses] == [201] * 4
    assert len({response.json()["id"] for response in responses}) == 1
    made = {"patient": Patient, "visit": Visit, "injection": Injection, "session": SignedRecord}[name.partition(":")[0]]
    assert rows()[made] == before[made] + 1
    assert Submission.objects.filter(key=key).count() == 1


@pytest.mark.engine
def test_repeated_key_creates_one_catalogue_entry(api, catalogue_manager, key):
    """A second one of that name would be rejected; the repeat is not."""
    path, sent, _ = CREATIONS["muscle: create"](catalogue_manager)
    api(catalogue_manager).post(path, sent, Idempotency_Key=key)
    assert api(catalogue_manager).post(path, sent).status_code == 400
    assert api(catalogue_manager).post(path, sent, Idempotency_Key=key).status_code == 201
    assert Muscle.objects.filter(name="Example").count() == 1
