"""The read-back and the signature: what is shown is what is signed, the signer, and the next visit."""

import datetime as dt
import re
from types import SimpleNamespace

import pytest
from django.urls import reverse

from patients.models import FollowUp, VisitState
from planning.models import InjectionSession, SignedRecord
from planning.pages.actions.visits import change_visit_state
from planning.sessions.actions.injections import add_injection, change_injection
from planning.sessions.actions.sessions import change_session
from planning.signing.models.signed_record import digest
from tests import builders
from tests.planning.session_pages.sending import sign, signature

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made_world(module_transaction):
    """What was given at an hour at which no test books."""
    neurologist = builders.a_person("neurologist", printed_name="Dr A. Morgan")
    visit = builders.an_arrived_visit(clinician=neurologist, hour=4)
    return SimpleNamespace(neurologist=neurologist, given=builders.a_given_session(by=neurologist, visit=visit))


@pytest.fixture
def neurologist(world):
    return world.neurologist


@pytest.fixture
def doctor(client, neurologist):
    client.force_login(neurologist)
    return client


@pytest.fixture
def given(world):
    return world.given


def path_of(session):
    return f"/sessions/{session.pk}/sign/"


def body_of(response):
    return " ".join(response.content.decode().split())


def test_consent_in_error_requires_a_choice(doctor, given, neurologist):
    # Given a read-back, and the selected consent marked as entered in error after it was opened
    consent = builders.a_consent(session=given)
    sent = signature(doctor.get(path_of(given)))
    builders.in_error(consent, by=neurologist)
    message = "Select another consent, or none. The selected one (The patient,"

    # Then the signature is rejected, on the page and in the API, and the session's page asks for a choice
    refused(doctor.post(path_of(given), sent), message)
    body = {"password": builders.PASSWORD, "content_hash": digest(builders.now(given).content())}
    body["see_again"] = {"weeks": 12}
    response = doctor.post(f"/api/v1/sessions/{given.pk}/sign/", body, content_type="application/json")
    assert (response.status_code, message in response.json()["detail"]) == (409, True)
    page = doctor.get(path_of(given), follow=True)
    assert message in body_of(page)
    assert "(entered in error)</option>" in body_of(page)

    # And after the choice it can be signed
    session = builders.now(given)
    change_session(session=session, by=neurologist, version=session.version, consent=None)
    assert sign(doctor, given).status_code == 302


def test_consent_of_a_separated_record_requires_a_choice(neurologist):
    # Given a session of a record that was joined, with the consent of the patient that it joined
    patient, other = builders.a_patient(), builders.a_patient()
    visit = builders.an_arrived_visit(patient=other, clinician=neurologist)
    session = builders.a_given_session(by=neurologist, visit=visit)
    builders.the_same_person(patient, other, by=neurologist)
    session = builders.now(session)
    consent = builders.a_consent(patient=patient)
    change_session(session=session, by=neurologist, version=session.version, consent=consent)
    assert builders.now(session).signing_obstacle() is None

    # When the records are separate again
    builders.two_people(other, by=neurologist)
    assert "belongs to another patient" in builders.now(session).signing_obstacle()


def refused(response, *messages, status=409):
    """Not signed: the read-back again, with those messages."""
    assert response.status_code == status
    page = body_of(response)
    assert "Read back and sign" in page
    for message in messages:
        assert message in page
    assert not SignedRecord.objects.exists()
    return page


# Coming here


@pytest.mark.parametrize(
    ("make", "message", "field"),
    [
        (lambda by: builders.a_planned_session(by=by), "Record what was given first.", "to-record"),
        (lambda by: builders.a_planned_session(by=by, product=None), "Choose the product first.", "id_.*-product"),
        (
            lambda by: builders.record(builders.a_planned_session(by=by, muscles=()), by=by),
            "There is no injection to sign. Add a muscle first.",
            "quick-box",
        ),
        (
            lambda by: builders.record(builders.a_planned_session(by=by), by=by),
            "Select who injected.",
            "id_.*-operator",
        ),
    ],
)
def test_what_is_missing_is_listed_with_its_field(doctor, neurologist, make, message, field):
    session = make(neurologist)
    response = doctor.get(path_of(session))
    assert (response.status_code, response["Location"]) == (302, f"{session.get_absolute_url()}?missing")
    page = body_of(doctor.get(response["Location"]))
    link = re.search(rf'<a href="#({field})">{re.escape(message)}</a>', page)
    assert f' id="{link[1]}"' in page
    assert 'id="missing"' not in body_of(doctor.get(session.get_absolute_url()))


def test_everything_that_is_missing_is_listed(doctor, neurologist):
    session = builders.record(builders.a_planned_session(by=neurologist, muscles=()), by=neurologist)
    page = body_of(doctor.get(path_of(session), follow=True))
    assert re.findall(r'<li> <a href="#[^"]+">([^<]+)</a>', page) == [
        "There is no injection to sign. Add a muscle first.",
        "Select who injected.",
    ]


def test_read_back_names_what_was_not_recorded(doctor, given, neurologist):
    assert "Not recorded: lot number, consent, alerts." in body_of(doctor.get(path_of(given)))
    builders.a_vial(session=given, by=neurologist)
    consent = builders.a_consent(session=given)
    session = builders.now(given)
    change_session(session=session, by=neurologist, version=session.version, consent=consent)
    assert "Not recorded: alerts." in body_of(doctor.get(path_of(given)))


def test_read_back_does_not_name_a_dose_as_missing(doctor, neurologist):
    session = builders.a_given_session(by=neurologist, doses=())
    page = body_of(doctor.get(path_of(session)))
    assert "Not recorded: lot number, consent, alerts. The record" in page


def test_typed_text_stays_after_an_error_but_no_password(doctor, given):
    typed = {"why": "Come with the diary", "weeks": "twelve", "password": "my own password"}
    page = refused(doctor.post(path_of(given), signature(doctor.get(path_of(given)), **typed)), "whole number")
    assert 'value="Come with the diary"' in page
    assert 'value="twelve"' in page
    assert "my own password" not in page


def test_follow_up_comes_before_the_password(doctor, given):
    page = body_of(doctor.get(path_of(given)))
    assert page.index('name="weeks"') < page.index('name="why"') < page.index('name="password"')


def test_signed_session_redirects_to_its_record(doctor, neurologist):
    session = builders.a_signed_session(by=neurologist)
    assert doctor.get(path_of(session))["Location"] == session.get_absolute_url()


def test_trainee_cannot_sign(client, trainee, given):
    client.force_login(trainee)
    assert client.get(path_of(given)).status_code == 403
    assert client.post(path_of(given), {"password": builders.PASSWORD}).status_code == 403
    assert not SignedRecord.objects.exists()


def test_read_back_shows_what_is_signed(doctor, given, neurologist):
    # Given rows of every kind
    add_injection(session=given, product=given.product, muscle=builders.a_muscle("SCAL"), side="left", by=neurologist)
    second = given.injections.in_order()[1]
    change_injection(
        injection=second, product=second.session.product, by=neurologist, version=second.version,
            given_dose="", not_given=True,
        not_given_reason="Too tender",
    )  # fmt: skip
    builders.a_vial(session=given, by=neurologist, lot_number="LOT-7", expiry="11/30")

    # Then each is shown as text, counted, and hashed as shown
    response = doctor.get(path_of(given))
    page = body_of(response)
    for words in (
        "Sternocleidomastoid", "1.11 units", "not given: Too tender", "not recorded", "LOT-7", "11/30",
        "Botox (onabotulinumtoxinA)", "1 given, 1 not given, 1 without a recorded dose",
        "Sum of typed given doses, Botox (1 of 3 injections): <strong class=\"num\">1.11 units</strong>",
        "<dt>Who injected</dt> <dd> Dr A. Morgan", "<dt>Alerts</dt> <dd> not asked",
        "I, Dr A. Morgan, neurologist, vouch",
    ):  # fmt: skip
        assert words in page, words
    assert f'name="content_hash" value="{digest(InjectionSession.objects.get(pk=given.pk).content())}"' in page


def test_no_answer_is_preselected(doctor, given):
    form = doctor.get(path_of(given)).context["form"]
    for name in ("on", "weeks", "no_follow_up", "no_follow_up_reason", "why", "password"):
        assert not form[name].value()


# See again


def test_number_of_weeks_counts_from_given_on(doctor, given, neurologist):
    given.refresh_from_db()
    day = builders.today() - dt.timedelta(days=3)
    change_session(session=given, by=neurologist, version=given.version, given_on=day)
    response = sign(doctor, given, weeks="12", why="Come with the diary")
    assert (response.status_code, response["Location"]) == (302, given.get_absolute_url())
    follow_up = FollowUp.objects.get()
    assert (follow_up.due_on, follow_up.why) == (day + dt.timedelta(weeks=12), "Come with the diary")
    due = f"{follow_up.due_on:%-d %b %Y}"
    message = f"Signed. This record is now read-only. To be seen again by {due}."
    assert message in body_of(doctor.get(given.get_absolute_url()))


def test_chosen_date_is_stored(doctor, given, other_neurologist):
    day = builders.today() + dt.timedelta(days=40)
    sign(doctor, given, weeks="", on=day.isoformat(), kind="review", clinician=other_neurologist.pk)
    follow_up = FollowUp.objects.get()
    assert (follow_up.due_on, follow_up.kind, follow_up.clinician) == (day, "review", other_neurologist)


def test_no_follow_up_needed_is_stored_with_its_reason(doctor, given):
    response = sign(doctor, given, weeks="", no_follow_up="on", no_follow_up_reason="Moves away")
    assert response.status_code == 302
    assert not FollowUp.objects.exists()
    patient = given.visit.patient
    patient.refresh_from_db()
    assert patient.no_follow_up_reason == "Moves away"
    assert "No follow-up needed: Moves away" in body_of(doctor.get(patient.get_absolute_url()))


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"weeks": ""}, "Enter when the patient should be seen again"),
        ({"weeks": "12", "on": "2090-01-01"}, "Enter only one of these"),
        ({"weeks": "12", "no_follow_up": "on", "no_follow_up_reason": "Moves"}, "Enter only one of these"),
        ({"weeks": "", "no_follow_up": "on"}, "Enter why no follow-up is needed."),
        ({"weeks": "0"}, "greater than or equal to 1"),
        ({"weeks": "521"}, "less than or equal to 520"),
        ({"weeks": "soon"}, "Type the number of weeks as a whole number."),
        ({"weeks": "", "on": "2020-01-01"}, "Choose a date after"),
        ({"weeks": "", "on": "in spring"}, "Cannot read this date."),
        ({"kind": "holiday"}, "holiday is not one of the available choices"),
    ],
)
@pytest.mark.sample(3)
def test_invalid_answer_is_rejected_and_stays(doctor, given, typed, message):
    page = refused(sign(doctor, given, why="typed why", **typed), message)
    assert 'value="typed why"' in page
    for name, value in typed.items():
        if name in {"weeks", "on", "no_follow_up_reason"} and value:
            assert f'value="{value}"' in page
    assert builders.PASSWORD not in page
    assert not FollowUp.objects.exists()


# The password


def test_wrong_password_does_not_sign_and_text_stays(doctor, given):
    page = refused(sign(doctor, given, password="wrong", why="typed why", weeks="11"), "This is not your password.")
    assert 'value="typed why"' in page
    assert 'value="11"' in page
    assert "wrong" not in page.replace("wrongly", "")


def test_empty_password_does_not_sign(doctor, given):
    refused(sign(doctor, given, password=""), "Type your password to sign.")


def test_wrong_passwords_count_towards_the_lockout(doctor, given):
    page = doctor.get(path_of(given))
    for _ in range(10):
        doctor.post(path_of(given), signature(page, password="wrong"))
    refused(doctor.post(path_of(given), signature(page)), "Too many failed attempts.")


def test_password_of_another_user_does_not_sign(doctor, given, other_neurologist):
    other_neurologist.set_password("the-others-own-password")
    other_neurologist.save()
    refused(sign(doctor, given, password="the-others-own-password"), "This is not your password.")


# What was shown is what is signed


def test_row_changed_after_the_read_back_is_a_conflict(doctor, given, trainee):
    page = doctor.get(path_of(given))
    row = given.injections.in_order().first()
    change_injection(injection=row, product=row.session.product, by=trainee, version=row.version, given_dose="4.44")

    # Then the session is not signed, and the new content is shown
    response = doctor.post(path_of(given), signature(page))
    body = refused(response, "This session changed after the page was opened.", "4.44 units")
    assert "1.11" not in body

    # And the new content can be signed
    assert doctor.post(path_of(given), signature(response)).status_code == 302
    assert SignedRecord.objects.get().content["injections"][0]["given_dose"] == "4.44"


@pytest.mark.parametrize(("sent", "status"), [("0" * 64, 409), ("", 422), ("x" * 70, 422)])
def test_other_hash_does_not_sign(doctor, given, sent, status):
    refused(sign(doctor, given, content_hash=sent), status=status)


def test_return_to_plan_is_an_obstacle_shown_on_the_page(doctor, given, trainee):
    page = doctor.get(path_of(given))
    builders.plan_again(given, by=trainee)
    refused(doctor.post(path_of(given), signature(page)), "Record what was given first.")


def test_double_submit_creates_one_record(doctor, given):
    page = doctor.get(path_of(given))
    for _ in range(3):
        response = doctor.post(path_of(given), signature(page))
        assert (response.status_code, response["Location"]) == (302, given.get_absolute_url())
    assert SignedRecord.objects.count() == FollowUp.objects.count() == 1


def test_second_signer_gets_a_message_that_it_is_signed(client, doctor, given, other_neurologist):
    page = doctor.get(path_of(given))
    builders.sign(given, by=other_neurologist)
    response = doctor.post(path_of(given), signature(page))
    assert response.status_code == 409
    assert "This session is signed. Its record is read-only." in body_of(response)
    assert SignedRecord.objects.get().signer == other_neurologist


# And next


def test_sign_and_next_patient_opens_the_next_visit_of_the_day(doctor, neurologist):
    given = builders.a_given_session(by=neurologist, visit=builders.an_arrived_visit(clinician=neurologist, hour=9))
    cancelled = builders.a_visit(clinician=neurologist, hour=10)
    change_visit_state(
        visit=cancelled, state=VisitState.CANCELLED, by=neurologist, version=cancelled.version, reason="ill"
    )
    builders.a_visit(hour=10, minute=30)  # another user's
    following = builders.a_visit(clinician=neurologist, hour=11)
    assert sign(doctor, given, then="next")["Location"] == following.get_absolute_url()


def test_sign_and_next_after_the_last_patient_opens_today(doctor, given):
    signed = sign(doctor, given, then="next")
    assert doctor.get(signed["Location"])["Location"] == reverse("planning:today")
