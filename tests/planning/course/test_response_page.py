"""The page of a response to a session, as reported at a later visit."""

import datetime as dt

import pytest

from planning.course.models.response import DOMAINS
from planning.models import Response
from tests import builders
from tests.planning.course.course_pages import response_path, send, sent_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(client, neurologist):
    client.force_login(neurologist)
    return client


@pytest.fixture
def session(neurologist):
    """Given and signed ten weeks ago."""
    return builders.a_signed_session_of(builders.a_patient(), by=neurologist, weeks_ago=10)


@pytest.fixture
def visit(session):
    return builders.a_visit_after(session)


def stored():
    return Response.objects.active().for_page().get()


def test_all_fields_are_recorded(doctor, session, visit, neurologist):
    withdrawn = builders.today().isoformat()
    response = send(
        doctor, response_path(visit, session), effect="response", onset_day="4", peak_day="14",
        wearing_off_on=(session.day_given + dt.timedelta(days=63)).isoformat(), benefit_pain="marked",
        benefit_contractions="moderate", benefit_motion="slight", benefit_quality_of_life="none",
        benefit_control="worse", impression="much_better", words="I can read again.", share="yes", share_on=withdrawn,
        share_withdrawn_on=withdrawn, note="Told by phone before.",
    )  # fmt: skip
    assert response.status_code == 302
    reported = stored()
    assert reported.recorded_by == neurologist
    texts = dict(reported.facts())
    assert texts["Course"].startswith("Response: onset day 4 (")
    assert "wearing-off day 63 (" in texts["Course"]
    assert texts["Benefit"] == (
        "muscle contractions: moderate · pain: marked · range of motion: slight · quality of life: none · "
        "control of movement: worse"
    )
    assert texts["Global impression"] == "Much better"
    assert texts["Patient’s words"] == "I can read again."
    assert "consented on" in texts["Sharing these words"]
    assert "withdrew it on" in texts["Sharing these words"]


@pytest.mark.parametrize("effect", ["no_response", "not_known"])
def test_no_response_and_not_known_are_accepted(effect, doctor, session, visit):
    assert send(doctor, response_path(visit, session), effect=effect).status_code == 302
    assert stored().effect == effect


def test_presence_of_a_response_is_required(doctor, session, visit):
    response = send(doctor, response_path(visit, session), words="Hm.")
    assert "Select whether there was a response." in response.content.decode()
    assert "Hm." in response.content.decode()
    assert not Response.objects.exists()


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"onset_day": "9", "peak_day": "5"}, "peak_day", "This is before day 9"),
        ({"onset_day": "x"}, "onset_day", "Type a number of days."),
        ({"onset_day": "-3"}, "onset_day", "Type a number of days."),
        ({"onset_day": "5000"}, "onset_day", "less than or equal to 3650"),
        ({"onset_on": "2999-01-01"}, "onset_on", "is in the future."),
        ({"onset_on": "2001-01-01"}, "onset_on", "when the injections were given."),
        ({"onset_on": "2026-02-30"}, "onset_on", "Cannot read this date."),
    ],
)
@pytest.mark.sample(3)
def test_invalid_day_is_reported_by_field(typed, field, message, doctor, session, visit):
    response = send(doctor, response_path(visit, session), effect="response", words="Stays.", **typed)
    assert response.status_code in {200, 409}
    assert message in str(response.context["form"].errors[field])
    assert "Stays." in response.content.decode()
    assert not Response.objects.exists()


def test_day_number_and_date_are_both_shown(doctor, session, visit, neurologist):
    builders.a_response(session=session, visit=visit, by=neurologist, onset_day=4)
    on = session.day_given + dt.timedelta(days=4)
    assert f"day 4 ({on.day} {on:%b %Y})" in doctor.get(response_path(visit, session)).content.decode()


def test_responses_at_other_visits_are_shown(doctor, session, visit, neurologist):
    first = builders.a_visit_after(session, weeks=4)
    builders.a_response(session=session, visit=first, by=neurologist, onset_day=5, benefit_pain="slight")
    body = doctor.get(response_path(visit, session)).content.decode()
    assert "onset day 5" in body
    assert send(doctor, response_path(visit, session), effect="response", wearing_off_day="60").status_code == 302
    assert Response.objects.active().filter(session=session).count() == 2


def test_existing_response_is_changed(doctor, session, visit, neurologist):
    made = builders.a_response(session=session, visit=visit, by=neurologist, onset_day=4, benefit_pain="slight")
    page = doctor.get(response_path(visit, session))
    assert doctor.post(response_path(visit, session), sent_by(page, benefit_pain="marked")).status_code == 302
    made.refresh_from_db()
    assert (made.version, made.benefit_pain, made.onset_day) == (2, "marked", 4)
    # And a page that was opened before shows the stored values
    response = doctor.post(response_path(visit, session), sent_by(page, benefit_pain="none"))
    assert response.status_code == 409
    assert "Stored now: Marked." in str(response.context["form"].errors["benefit_pain"])


def test_form_sent_twice_creates_one(doctor, session, visit):
    sent = sent_by(doctor.get(response_path(visit, session)), effect="no_response")
    assert [doctor.post(response_path(visit, session), sent).status_code for _ in range(2)] == [302, 302]
    assert Response.objects.count() == 1


def test_response_needs_a_given_session(doctor, visit, neurologist, session):
    planned = builders.a_planned_session(
        by=neurologist,
        visit=builders.a_visit(
            patient=session.patient, clinician=neurologist, day=builders.today() - dt.timedelta(weeks=5)
        ),
    )
    response = send(doctor, response_path(visit, planned), effect="response")
    assert response.status_code == 409
    assert "That session has no record of anything given." in response.content.decode()


def test_response_at_the_sessions_own_visit_is_rejected(doctor, session):
    response = send(doctor, response_path(session.visit, session), effect="response")
    assert response.status_code == 409
    assert "Record a response at a visit after the session" in response.content.decode()


def test_session_of_another_patient_is_not_found(doctor, session, neurologist):
    other = builders.an_arrived_visit(clinician=neurologist, hour=16)
    assert doctor.get(response_path(other, session)).status_code == 404


def test_session_of_a_linked_record_is_found(doctor, session, neurologist):
    chief = builders.a_patient()
    builders.the_same_person(chief, session.patient, by=neurologist)
    visit = builders.a_visit(patient=chief, clinician=neurologist, hour=16)
    assert send(doctor, response_path(visit, session), effect="no_response").status_code == 302
    assert stored().patient == chief


def test_every_domain_is_offered_and_none_preselected(doctor, session, visit):
    page = doctor.get(response_path(visit, session))
    body = page.content.decode()
    for name in DOMAINS:
        assert body.count(f'name="{name}"') == 6
        assert page.context["form"][name].value() in (None, "")
    assert page.context["form"]["effect"].value() is None


def test_clinic_staff_have_no_access(client, staff, session, visit):
    client.force_login(staff)
    assert client.get(response_path(visit, session)).status_code == 403
