"""The course for programs: assessments with their scores, responses, adverse events."""

import pytest

from planning.models import AdverseEvent, Assessment, Response, Score
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(api, neurologist):
    return api(neurologist)


@pytest.fixture
def visit(neurologist):
    return builders.an_arrived_visit(clinician=neurologist)


@pytest.fixture
def signed(neurologist):
    return builders.a_signed_session(by=neurologist)


def assessed(doctor, visit, **sent):
    response = doctor.post("assessments/", {"visit": visit.pk, **sent})
    assert response.status_code == 201, response.json()
    return response.json()


FOUND = {
    "postures": [{"posture": "torticollis", "side": "left"}, {"posture": "antecollis", "side": ""}],
    "symptoms": [
        {"symptom": "spasms", "presence": "present", "severity": "mild", "frequency": "often"},
        {"symptom": "swallowing", "presence": "absent", "severity": "", "frequency": ""},
    ],
    "tremor": "present",
    "driving": "Only short ways",
}


# Assessments


def test_recorded_assessment_is_returned_as_sent(doctor, visit, neurologist):
    instrument = builders.an_instrument()
    made = assessed(doctor, visit, **FOUND, scores=[{"instrument": instrument.pk, "value": "20"}])
    assert {name: made[name] for name in FOUND} == FOUND
    assert (made["visit"], made["patient"], made["version"]) == (visit.pk, visit.patient_id, 1)
    (score,) = made["scores"]
    assert (score["instrument_name"], score["value"]) == (instrument.name, "20")
    assert doctor.get(f"assessments/{made['id']}/").json() == made
    assert Assessment.objects.get(pk=made["id"]).recorded_by == neurologist


def test_sent_list_replaces_and_omitted_list_keeps_findings(doctor, visit):
    made = assessed(doctor, visit, **FOUND, scores=[{"instrument": builders.an_instrument().pk, "value": "20"}])
    changed = doctor.patch(f"assessments/{made['id']}/", {"note": "Later", "version": 1}).json()
    assert changed == {**made, "note": "Later", "version": 2}
    changed = doctor.patch(f"assessments/{made['id']}/", {"postures": [], "version": 2}).json()
    assert changed == {**made, "note": "Later", "postures": [], "version": 3}


def test_carried_over_assessment_has_findings_but_no_score(doctor, neurologist):
    patient = builders.a_patient()
    earlier = builders.an_arrived_visit(patient=patient, clinician=neurologist, hour=8)
    later = builders.an_arrived_visit(patient=patient, clinician=neurologist, hour=12)
    first = assessed(doctor, earlier, **FOUND, scores=[{"instrument": builders.an_instrument().pk, "value": "20"}])
    second = assessed(doctor, later, unchanged_since=first["id"])
    assert (second["postures"], second["symptoms"]) == (first["postures"], first["symptoms"])
    assert (second["unchanged_since"], second["scores"]) == (first["id"], [])


@pytest.mark.parametrize(
    ("sent", "field", "status"),
    [
        ({"postures": [{"posture": "torticollis"}]}, "postures", 409),
        ({"postures": [{"posture": "antecollis"}], "head_is_straight": True}, "head_is_straight", 409),
        ({"postures": [{"posture": "antecollis"}] * 2}, "postures", 400),
        ({"postures": [{"posture": "nothing", "side": "left"}]}, "postures.0.posture", 400),
        ({"symptoms": [{"symptom": "spasms", "presence": "absent", "severity": "mild"}]}, "symptoms", 409),
        ({"symptoms": [{"symptom": "spasms"}]}, "symptoms.0.presence", 400),
        ({"scores": [{"instrument": 10**9, "value": "1"}]}, "scores.0.instrument", 400),
        ({"tremor": "perhaps"}, "tremor", 400),
        ({"error_reason": "x"}, "error_reason", 400),
    ],
)
def test_invalid_finding_is_rejected_by_field_and_not_stored(sent, field, status, doctor, visit):
    response = doctor.post("assessments/", {"visit": visit.pk, **sent})
    assert (response.status_code, list(response.json()["errors"])) == (status, [field])
    assert not Assessment.objects.exists()


def test_second_assessment_of_a_visit_is_rejected(doctor, visit):
    assessed(doctor, visit)
    assert doctor.post("assessments/", {"visit": visit.pk}).status_code == 409


def test_retired_instrument_accepts_no_new_score(doctor, visit, neurologist):
    instrument = builders.an_instrument()
    builders.retire(instrument, by=neurologist)
    response = doctor.post("assessments/", {"visit": visit.pk, "scores": [{"instrument": instrument.pk, "value": "1"}]})
    assert (response.status_code, list(response.json()["errors"])) == (409, ["scores"])
    assert not Assessment.objects.exists()


# Scores


@pytest.fixture
def scored(doctor, visit):
    made = assessed(doctor, visit, **FOUND)
    sent = {"assessment": made["id"], "instrument": builders.an_instrument().pk, "value": "20"}
    return doctor.post("scores/", sent).json()


def test_added_score_increments_the_assessment_version(doctor, visit, scored):
    assert (scored["value"], scored["visit"], scored["patient"]) == ("20", visit.pk, visit.patient_id)
    assert scored["version"] == 2
    assert doctor.get(f"assessments/{scored['assessment']}/").json()["postures"] == FOUND["postures"]


def test_score_change_uses_the_assessment_version(doctor, scored):
    path = f"scores/{scored['id']}/"
    assert doctor.patch(path, {"value": "21"}).status_code == 428
    response = doctor.patch(path, {"value": "21", "version": 1})
    assert (response.status_code, response.json()["current"]["value"]) == (409, "20")
    response = doctor.patch(path, {"value": 21, "version": scored["version"]})
    assert (response.json()["value"], response.json()["version"]) == ("21", 3)
    assert Score.objects.get(pk=scored["id"]).history.count() == 2


@pytest.mark.parametrize(("value", "status"), [("999", 409), ("-1", 409), ("2,5", 400), (True, 400), (None, 400)])
def test_score_out_of_range_or_invalid_is_rejected(value, status, doctor, scored):
    response = doctor.patch(f"scores/{scored['id']}/", {"value": value, "version": scored["version"]})
    assert (response.status_code, list(response.json()["errors"])) == (status, ["value"])
    assert doctor.get(f"scores/{scored['id']}/").json() == scored


def test_second_score_of_an_instrument_is_rejected(doctor, scored):
    sent = {name: scored[name] for name in ("assessment", "instrument")}
    assert doctor.post("scores/", {**sent, "value": "20"}).json()["id"] == scored["id"]
    response = doctor.post("scores/", {**sent, "value": "30"})
    assert (response.status_code, list(response.json()["errors"])) == (409, ["instrument"])


# Responses and adverse events


def test_response_is_recorded_changed_and_marked_in_error(doctor, signed, neurologist):
    later = builders.a_visit_after(signed)
    sent = {"session": signed.pk, "visit": later.pk, "effect": "response", "onset_day": 0, "words": "Better"}
    response = doctor.post("responses/", sent)
    assert response.status_code == 201, response.json()
    made = response.json()
    assert {name: made[name] for name in sent} == sent
    path = f"responses/{made['id']}/"
    changed = doctor.patch(path, {"onset_day": None, "onset_on": str(signed.day_given), "version": 1}).json()
    assert (changed["onset_day"], changed["onset_on"], changed["version"]) == (None, str(signed.day_given), 2)
    response = doctor.post(f"{path}entered-in-error/", {"reason": "Another patient", "version": 2})
    assert (response.json()["entered_in_error"], response.json()["error_reason"]) == (True, "Another patient")
    assert doctor.patch(path, {"words": "x", "version": 3}).status_code == 409
    assert Response.objects.count() == 1


def test_days_without_an_effect_are_rejected(doctor, signed):
    sent = {"session": signed.pk, "visit": builders.a_visit_after(signed).pk, "effect": "no_response", "onset_day": 5}
    response = doctor.post("responses/", sent)
    assert (response.status_code, list(response.json()["errors"])) == (409, ["onset_day"])
    assert not Response.objects.exists()


def test_adverse_event_between_visits_is_linked_to_a_later_one(doctor, signed):
    response = doctor.post("adverse-events/", {"session": signed.pk, "kind": "dysphagia", "severity": "mild"})
    assert response.status_code == 201, response.json()
    made = response.json()
    assert (made["visit"], made["kind"], made["began_day"]) == (None, "dysphagia", None)
    later = builders.a_visit_after(signed)
    changed = doctor.patch(f"adverse-events/{made['id']}/", {"visit": later.pk, "version": 1}).json()
    assert changed["visit"] == later.pk
    assert AdverseEvent.objects.get(pk=made["id"]).visit == later


def test_event_of_another_kind_needs_a_description(doctor, signed):
    response = doctor.post("adverse-events/", {"session": signed.pk, "kind": "other"})
    assert (response.status_code, list(response.json()["errors"])) == (409, ["description"])


# Lists


@pytest.mark.parametrize("what", ["assessments", "scores", "responses", "adverse-events"])
def test_course_records_are_listed_by_patient_visit_and_session(what, doctor, neurologist):
    # Given one of each for a session of one patient, and the same for another
    for _ in range(2):
        session = builders.a_signed_session(by=neurologist, visit=builders.an_arrived_visit(clinician=neurologist))
        later = builders.a_visit_after(session)
        instrument = builders.an_instrument()
        builders.an_assessment(visit=session.visit, by=neurologist, scores=[(instrument, 20)])
        builders.a_response(session=session, visit=later, by=neurologist)
        builders.an_event(session=session, by=neurologist, visit=later)
        neurologist = builders.a_person("neurologist")
    visit = session.visit if what in {"assessments", "scores"} else later

    # Then each question finds its one
    for query in (f"patient={session.visit.patient_id}", f"visit={visit.pk}", f"session={session.pk}"):
        (found,) = doctor.get(f"{what}/?{query}").json()["results"]
        assert found["patient"] == session.visit.patient_id
    assert len(doctor.get(f"{what}/").json()["results"]) == 2
