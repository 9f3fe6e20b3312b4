"""Actions get the version that their user saw: a page opened before another user's change has no effect."""

import datetime as dt

import pytest

from clinic.records.actions import mark_entered_in_error
from clinic.records.exceptions import Conflict, Refused
from clinic.web.seen import ANOTHER_PATIENT, INCOMPLETE, PATIENT
from patients.followups.actions import SeeAgain
from patients.models import FollowUp, Visit, VisitState
from planning.pages.actions.visits import change_visit_state
from planning.sessions.actions.injections import change_injection
from planning.signing.actions.amendments import discard_amendment
from planning.signing.actions.endings import end_as_not_done, undo_error_mark
from planning.signing.models.signed_record import digest
from tests import builders
from tests.builders import now
from tests.pageforms import sendings
from tests.patients.people.pages import filled, text_of
from tests.planning.session_pages import sending

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def doctor(login, neurologist):
    return login(neurologist)


def form_at(client, page, to):
    """The fields of the form that the page sends to this URL."""
    body = client.get(page).content.decode()
    return next(fields for path, fields in sendings(body, page) if path == to)


# Amendments


@pytest.fixture
def amended(neurologist):
    session = builders.a_signed_session(by=neurologist)
    builders.an_amendment(session, by=neurologist)
    return now(session)


def test_discard_from_old_page_keeps_newer_doses(doctor, amended, other_neurologist):
    path = f"/sessions/{amended.pk}/amendment/discard/"
    old = form_at(doctor, path, path)
    builders.amend(amended, by=other_neurologist, given_dose="8.88")
    response = doctor.post(path, old)
    assert response.status_code == 409
    assert "8.88" in text_of(response)  # what would be discarded is shown
    assert amended.injections.filter(given_dose="8.88").exists()
    assert now(amended).is_being_amended

    # When it was read, it can be discarded
    assert doctor.post(path, form_at(doctor, path, path)).status_code == 302
    assert not now(amended).is_being_amended


def test_discard_after_signing_is_not_reported_as_done(doctor, amended, neurologist):
    path = f"/sessions/{amended.pk}/amendment/discard/"
    builders.amend(amended, by=neurologist)
    old = form_at(doctor, path, path)
    builders.sign(amended, by=neurologist)
    response = doctor.post(path, old)
    assert response.status_code == 409
    assert "This amendment was signed as record 2" in text_of(response)


def test_second_discard_is_reported(amended, neurologist, other_neurologist):
    seen = digest(now(amended).content())
    builders.discard(amended, by=other_neurologist)
    with pytest.raises(Refused, match="has already discarded"):
        discard_amendment(session=amended, by=neurologist, content_hash=seen)
    # One's own, sent twice, is a success
    discard_amendment(session=amended, by=other_neurologist, content_hash=seen)


def test_amending_from_page_of_an_earlier_record_conflicts(doctor, amended, neurologist):
    builders.discard(amended, by=neurologist)
    path = f"/sessions/{amended.pk}/amend/"
    old = {**form_at(doctor, path, path), "kind": "recorded_wrongly", "reason": "Misread"}
    builders.an_amendment(amended, by=neurologist)
    builders.amend(amended, by=neurologist)
    builders.sign(amended, by=neurologist)
    response = doctor.post(path, old)
    assert response.status_code == 409
    assert "Misread" in response.content.decode()
    assert not now(amended).is_being_amended


# Entered in error


def test_error_from_page_before_signing_conflicts(doctor, neurologist):
    session = builders.a_given_session(by=neurologist)
    path = f"/sessions/{session.pk}/entered-in-error/"
    old = {**form_at(doctor, f"/sessions/{session.pk}/end/", path), "error-reason": "Wrong patient"}
    builders.sign(session, by=neurologist)
    response = doctor.post(path, old)
    assert response.status_code == 409
    assert "Wrong patient" in response.content.decode()
    assert not now(session).is_in_error


def test_error_marked_with_another_reason_conflicts(neurologist):
    session = builders.a_given_session(by=neurologist)
    builders.an_error(session, by=neurologist, reason="Typed twice")
    builders.an_error(session, by=neurologist, reason="Typed twice")  # a repeat
    with pytest.raises(Conflict, match="already marked as entered in error: Typed twice"):
        builders.an_error(session, by=neurologist, reason="Wrong patient")

    therapy = builders.a_therapy()
    marked = builders.in_error(therapy, by=neurologist, reason="Typed twice")
    mark_entered_in_error(record=therapy, by=neurologist, version=therapy.version, reason="Typed twice")
    for version, refusal in ((therapy.version, Conflict), (marked.version, Refused)):
        with pytest.raises(refusal):
            mark_entered_in_error(record=therapy, by=neurologist, version=version, reason="Wrong patient")


def test_undo_of_an_earlier_error_mark_conflicts(neurologist):
    session = builders.a_given_session(by=neurologist)
    first = builders.an_error(session, by=neurologist)
    undo_error_mark(session=session, by=neurologist, seen=first.pk)
    undo_error_mark(session=session, by=neurologist, seen=first.pk)  # a repeat
    builders.an_error(session, by=neurologist, reason="Typed twice")
    with pytest.raises(Conflict, match="marked this session again"):
        undo_error_mark(session=session, by=neurologist, seen=first.pk)


# Guidance


def test_guidance_for_all_rows_keeps_a_changed_row(doctor, neurologist, trainee):
    session = builders.a_given_session(by=neurologist)
    page, path = session.get_absolute_url(), f"/sessions/{session.pk}/guidance/"
    old = {**form_at(doctor, page, path), "guidance": "emg"}
    row = session.injections.in_order().first()
    change_injection(injection=row, product=session.product, by=trainee, version=row.version, guidance="ultrasound")
    for headers in (None, sending.FETCH):
        response = doctor.post(path, old, headers=headers)
        assert response.status_code == 409
        assert "changed these rows" in response.content.decode()
    assert [each.guidance for each in session.injections.in_order()] == ["ultrasound", ""]
    assert doctor.post(path, {**form_at(doctor, page, path), "guidance": "emg"}).status_code == 302
    assert {each.guidance for each in session.injections.all()} == {"emg"}


# When the patient is seen again


def test_signing_again_claims_no_other_date(doctor, neurologist):
    session = builders.a_given_session(by=neurologist)
    path = f"/sessions/{session.pk}/sign/"
    sent = sending.signature(doctor.get(path), weeks="12")
    due = {"follow": True}
    message = text_of(doctor.post(path, sent, **due))
    stored = FollowUp.objects.get()
    assert f"To be seen again by {stored.due_on.day} " in message
    assert f"To be seen again by {stored.due_on.day} " in text_of(doctor.post(path, sent, **due))

    response = doctor.post(path, {**sent, "weeks": "30"}, **due)
    assert response.status_code == 409
    assert "already saved with a different follow-up" in text_of(response)
    assert "To be seen again by" not in text_of(response)
    assert FollowUp.objects.get() == stored


@pytest.mark.parametrize("answer", [SeeAgain(weeks=3), SeeAgain(no_follow_up_reason="Moved away")])
def test_finishing_again_with_another_answer_conflicts(answer, neurologist):
    visit = builders.an_arrived_visit(clinician=neurologist)
    sent = {"visit": visit, "state": VisitState.FINISHED, "by": neurologist, "version": visit.version}
    change_visit_state(again=builders.AGAIN, **sent)
    finished = now(visit)
    assert change_visit_state(again=builders.AGAIN, **sent).version == finished.version
    with pytest.raises(Refused, match="a different follow-up"):
        change_visit_state(again=answer, **sent)
    assert FollowUp.objects.count() == 1


def test_not_done_again_with_another_answer_conflicts(neurologist):
    session = builders.a_planned_session(by=neurologist)
    sent = {"session": session, "reason": "Ill", "by": neurologist, "version": now(session).version}
    end_as_not_done(again=builders.AGAIN, **sent)
    end_as_not_done(again=builders.AGAIN, **sent)
    with pytest.raises(Refused, match="a different follow-up"):
        end_as_not_done(again=SeeAgain(weeks=3), **sent)


# Forms


def test_form_without_its_version_shows_a_message(doctor):
    patient = builders.a_patient()
    page = f"/patients/{patient.pk}/edit/"
    sent = filled(doctor.get(page), phone="0555 17")
    del sent["version"]
    response = doctor.post(page, sent)
    assert response.status_code == 422
    assert INCOMPLETE in text_of(response)
    assert 'value="0555 17"' in response.content.decode()
    assert now(patient).phone == ""


@pytest.mark.parametrize("what", ["alerts", "status", "visits/new", "edit", "return"])
def test_form_of_one_patient_is_not_stored_for_another(what, doctor, neurologist):
    one, other = builders.a_patient(), builders.a_patient()
    sent = filled(doctor.get(f"/patients/{one.pk}/{what}/"))
    typed = {
        "alerts": {"alert_allergy": "Latex, severe"},
        "status": {"status": "moved_away"},
        "visits/new": {"kind": "review", "day": str(builders.today() + dt.timedelta(days=9)), "time": "10:00",
                       "clinician": neurologist.pk, "outside_note": "Latex, severe"},
        "edit": {"phone": "0555"},
        "return": {"weeks": 3},
    }[what]  # fmt: skip
    before = now(other).version
    response = doctor.post(f"/patients/{other.pk}/{what}/", {**sent, **typed, PATIENT: one.pk})
    assert response.status_code == 409
    assert ANOTHER_PATIENT in text_of(response)
    assert all(str(text) in text_of(response) for text in typed.values())  # and the typed text stays
    assert now(other).version == before
    assert not Visit.objects.exists()
    assert not FollowUp.objects.exists()


# The API


def test_api_does_not_report_a_signed_amendment_as_discarded(doctor, amended, neurologist, other_neurologist):
    """As on the page: only one's own repeat of a discard is a success."""
    path, seen = f"/api/v1/sessions/{amended.pk}/discard-amendment/", digest(now(amended).content())
    builders.discard(amended, by=other_neurologist)
    late = doctor.post(path, {"content_hash": seen}, content_type="application/json")
    assert (late.status_code, "has already discarded" in late.json()["detail"]) == (409, True)
    builders.an_amendment(amended, by=neurologist)
    builders.amend(amended, by=neurologist)
    seen = digest(now(amended).content())
    builders.sign(amended, by=neurologist)
    late = doctor.post(path, {"content_hash": seen}, content_type="application/json")
    assert (late.status_code, "signed as record 2" in late.json()["detail"]) == (409, True)


def test_api_takes_a_repeated_change_of_a_patient(client, staff):
    client.force_login(staff)
    patient = builders.a_patient()
    sent = {"phone": "0555", "version": patient.version}
    path = f"/api/v1/patients/{patient.pk}/"
    responses = [client.patch(path, sent, content_type="application/json") for _ in range(2)]
    assert [response.status_code for response in responses] == [200, 200]
    assert responses[0].json() == responses[1].json()
    late = client.patch(path, {**sent, "phone": "0777"}, content_type="application/json")
    assert (late.status_code, late.json()["current"]["phone"]) == (409, "0555")


def test_api_takes_a_repeated_state_of_a_visit(client, staff):
    client.force_login(staff)
    visit = builders.a_visit()
    for what, more in (("arrive", {}), ("cancel", {"reason": "Ill"})):
        sent = {"version": now(visit).version, **more}
        path = f"/api/v1/visits/{visit.pk}/{what}/"
        responses = [client.post(path, sent, content_type="application/json") for _ in range(2)]
        assert [response.status_code for response in responses] == [200, 200]
        assert responses[0].json() == responses[1].json()
    late = client.post(path, {**sent, "reason": "Snow"}, content_type="application/json")
    assert (late.status_code, late.json()["current"]["reason"]) == (409, "Ill")
