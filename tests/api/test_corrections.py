"""What was added for programs: clinicians, alerts, status, consents, and corrections of states and marks."""

import pytest

from patients.models import VisitState
from planning.models import Response
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient():
    return builders.a_patient()


def test_clinicians_are_active_neurologists_and_trainees(api, staff, neurologist, trainee):
    builders.a_person("neurologist", is_active=False)
    found = api(staff).get("clinicians/").json()["results"]
    assert {each["id"] for each in found} >= {neurologist.pk, trainee.pk}
    assert staff.pk not in {each["id"] for each in found}
    assert found[0].keys() == {"id", "printed_name"}


def test_review_of_alerts_answers_every_question(program, neurologist, patient):
    path = f"patients/{patient.pk}/alerts/"
    empty = dict.fromkeys(api_alerts(program(neurologist), patient), "")
    partial = program(neurologist).post(path, {"version": patient.version, "alert_allergy": "Latex"})
    assert (partial.status_code, len(partial.json()["errors"])) == (400, 5)
    unconfirmed = program(neurologist).post(path, {"version": patient.version, **empty})
    assert (unconfirmed.status_code, list(unconfirmed.json()["errors"])) == (409, ["none_known"])
    response = program(neurologist).post(path, {"version": patient.version, **empty, "alert_allergy": "Latex"})
    assert (response.status_code, response.json()["alerts_in_words"]) == (200, "Allergy: Latex")
    assert builders.now(patient).alerts_reviewed_by == neurologist


def api_alerts(asker, patient):
    shown = asker.get(f"patients/{patient.pk}/").json()
    return [name for name in shown if name.startswith("alert_")]


def test_status_ends_visits_and_requires_a_known_one(program, staff, patient):
    visit = builders.a_visit(patient=patient, day=builders.today() + builders.dt.timedelta(days=3))
    path = f"patients/{patient.pk}/status/"
    assert program(staff).post(path, {"version": patient.version, "status": "gone"}).status_code == 400
    response = program(staff).post(path, {"version": patient.version, "status": "moved_away"})
    assert (response.status_code, response.json()["status"]) == (200, "moved_away")
    assert response.json()["status_since"] == str(builders.today())
    assert builders.now(visit).state == VisitState.CANCELLED


def test_consent_is_recorded_and_selected(api, neurologist, trainee):
    session = builders.a_given_session(by=neurologist)
    path = f"patients/{session.visit.patient_id}/consents/"
    typed = {"given_by": "The patient", "given_on": str(builders.today()), "form_version": "3.1"}
    made = api(trainee).post(path, typed)
    assert (made.status_code, made.json()["given_by"]) == (201, "The patient")
    change = {"version": session.version, "consent": made.json()["id"]}
    assert api(trainee).patch(f"sessions/{session.pk}/", change).status_code == 200
    assert [each["id"] for each in api(neurologist).get(path).json()["results"]] == [made.json()["id"]]
    assert api(trainee).post(path, {**typed, "given_on": "2999-01-01"}).status_code == 400


def test_mark_is_undone_unless_another_record_replaced_it(program, neurologist):
    reported = builders.a_response(by=neurologist)
    path = f"responses/{reported.pk}/"
    marked = program(neurologist).post(f"{path}entered-in-error/", {"version": reported.version, "reason": "Twice"})
    undo = {"version": marked.json()["version"]}
    other = builders.a_response(session=reported.session, visit=reported.visit, by=neurologist)
    assert program(neurologist).post(f"{path}undo-entered-in-error/", undo).status_code == 409
    builders.in_error(other, by=neurologist)
    response = program(neurologist).post(f"{path}undo-entered-in-error/", undo)
    assert (response.status_code, response.json()["entered_in_error"]) == (200, False)
    assert Response.objects.active().get() == reported


def test_mark_of_a_session_is_undone_by_a_neurologist(api, program, neurologist, trainee):
    session = builders.a_given_session(by=neurologist)
    builders.an_error(session, by=neurologist)
    path = f"sessions/{session.pk}/"
    mark = {"error_mark": api(neurologist).get(path).json()["error_mark"]}
    for asker in (api(trainee), program(neurologist)):
        assert asker.post(f"{path}undo-entered-in-error/", mark).status_code == 403
    old = {"error_mark": mark["error_mark"] + 1}
    assert api(neurologist).post(f"{path}undo-entered-in-error/", old).status_code == 409
    response = api(neurologist).post(f"{path}undo-entered-in-error/", mark)
    assert (response.status_code, response.json()["error_mark"], response.json()["state"]) == (200, None, "given")


def test_state_of_a_visit_is_reverted(program, staff):
    visit = builders.an_arrived_visit()
    path = f"visits/{visit.pk}/"
    error = program(staff).post(f"{path}entered-in-error/", {"version": visit.version, "reason": "Another patient"})
    assert (error.status_code, error.json()["state"]) == (200, "entered_in_error")
    version = error.json()["version"]
    assert program(staff).post(f"{path}revert/", {"version": version, "state": "arrived"}).status_code == 409
    assert program(staff).post(f"{path}revert/", {"version": version, "state": "finished"}).status_code == 400
    response = program(staff).post(f"{path}revert/", {"version": version, "state": "booked"})
    assert (response.status_code, response.json()["state"]) == (200, "booked")


def test_booking_move_and_cancellation_are_undone(program, staff):
    follow_up = builders.a_follow_up()
    moved = builders.a_moved_visit(patient=follow_up.patient, follow_up=follow_up)
    asker = program(staff)

    # The move: the response is the visit at the earlier time, with the follow-up
    undone = asker.post(f"visits/{moved.pk}/undo-move/", {"version": moved.version})
    former = moved.moved_from
    assert (undone.status_code, undone.json()["id"], undone.json()["state"]) == (200, former.pk, "booked")
    assert undone["ETag"] == f'"{undone.json()["version"]}"'
    assert builders.now(follow_up).booked_visit == former
    again = asker.post(f"visits/{moved.pk}/undo-move/", {"version": moved.version})
    assert (again.status_code, again.json()["id"]) == (200, former.pk)

    # A cancellation
    path, version = f"visits/{former.pk}/", undone.json()["version"]
    cancelled = asker.post(f"{path}cancel/", {"version": version, "reason": "Ill"})
    restored = asker.post(f"{path}undo-end/", {"version": cancelled.json()["version"]})
    assert (restored.status_code, restored.json()["state"]) == (200, "booked")
    assert builders.now(follow_up).booked_visit == former

    # A booking that changed since is not undone; one that did not change is entered in error
    late = asker.post(f"{path}undo-booking/", {"version": restored.json()["version"]})
    assert (late.status_code, "changed after it was booked" in late.json()["detail"]) == (409, True)
    booked = builders.a_visit(patient=follow_up.patient, day=builders.today() + builders.dt.timedelta(days=2))
    undone = asker.post(f"visits/{booked.pk}/undo-booking/", {"version": booked.version})
    assert (undone.status_code, undone.json()["state"]) == (200, "entered_in_error")
