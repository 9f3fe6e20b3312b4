"""Where the clinic allows it, a passkey signs in place of the password: this session, this content, once."""

import pytest

from clinic.accounts.second_factor.ceremonies import PURPOSE
from clinic.models import Clinic, LoginFailures
from planning.models import SignedRecord
from planning.sessions.actions.sessions import change_session
from planning.signing.models.signed_record import digest
from tests import builders
from tests.passkeys import a_passkey
from tests.planning.session_pages.sending import signature

pytestmark = pytest.mark.django_db

REJECTED = "The passkey was not accepted. Try again."


@pytest.fixture
def given(neurologist):
    return builders.a_given_session(by=neurologist)


@pytest.fixture
def allowed():
    Clinic.objects.update(passkey_signs=True)


@pytest.fixture
def device(neurologist):
    return a_passkey(neurologist)


@pytest.fixture
def doctor(client, neurologist):
    client.force_login(neurologist)
    return client


def path_of(session):
    return f"/sessions/{session.pk}/sign/"


def signed_by(device, page, **more):
    """What the page sends after the passkey confirmed it."""
    answer = device.used(page.context["passkey_options"], **more)
    return signature(page, password="", credential=answer, weeks="12")


def test_passkey_signs_in_place_of_the_password(doctor, given, device, allowed):
    page = doctor.get(path_of(given))
    assert "Sign with a passkey" in page.content.decode()
    assert doctor.post(path_of(given), signed_by(device, page)).status_code == 302
    assert SignedRecord.objects.get().session_id == given.pk
    assert PURPOSE not in doctor.session  # the challenge is used


def test_passkey_does_not_sign_unless_the_clinic_allows_it(doctor, given, device, allowed):
    sent = signed_by(device, doctor.get(path_of(given)))
    Clinic.objects.update(passkey_signs=False)
    assert doctor.get(path_of(given)).context["passkey_options"] == ""
    assert "Type your password to sign." in doctor.post(path_of(given), sent).content.decode()
    assert not SignedRecord.objects.exists()


def test_page_without_a_passkey_asks_for_the_password(doctor, given, allowed):
    page = doctor.get(path_of(given))
    assert page.context["passkey_options"] == ""
    assert "Sign with a passkey" not in page.content.decode()


@pytest.mark.parametrize("more", [{"is_verified": False}, {"challenge": b"another challenge"}])
def test_answer_that_does_not_confirm_is_rejected(doctor, given, device, allowed, more):
    response = doctor.post(path_of(given), signed_by(device, doctor.get(path_of(given)), **more))
    assert REJECTED in response.content.decode()
    assert not SignedRecord.objects.exists()
    assert LoginFailures.objects.get().failures == 1


def test_passkey_of_another_user_is_rejected(doctor, given, device, allowed, other_neurologist):
    another = a_passkey(other_neurologist)
    assert REJECTED in doctor.post(path_of(given), signed_by(another, doctor.get(path_of(given)))).content.decode()
    assert not SignedRecord.objects.exists()


def test_answer_for_another_session_is_rejected(doctor, neurologist, given, device, allowed):
    visit = builders.an_arrived_visit(clinician=neurologist, hour=20)
    other = builders.a_given_session(by=neurologist, visit=visit)
    page = doctor.get(path_of(other))
    sent = signed_by(device, doctor.get(path_of(given)))
    response = doctor.post(path_of(other), {**signature(page), "password": "", "credential": sent["credential"]})
    assert REJECTED in response.content.decode()
    assert not SignedRecord.objects.exists()


def test_answer_is_bound_to_the_session_and_its_content(doctor, neurologist, given, device, allowed):
    # Given an answer for the content that was shown, and a change of it
    sent = signed_by(device, doctor.get(path_of(given)))
    session = builders.now(given)
    change_session(session=session, by=neurologist, version=session.version, notes="Changed")

    # Then it signs neither the new content nor the old one
    fresh = builders.now(given)
    response = doctor.post(path_of(given), {**sent, "content_hash": digest(fresh.content())})
    assert REJECTED in response.content.decode()
    sent = signed_by(device, doctor.get(path_of(given)))
    session = builders.now(given)
    change_session(session=session, by=neurologist, version=session.version, notes="Changed again")
    assert "This session changed after the page was opened." in doctor.post(path_of(given), sent).content.decode()
    assert not SignedRecord.objects.exists()


def test_answer_is_used_once(doctor, given, device, allowed):
    # Given an answer that confirmed a form with an error
    sent = signed_by(device, doctor.get(path_of(given)))
    doctor.post(path_of(given), {**sent, "weeks": "never"})
    response = doctor.post(path_of(given), sent)
    assert REJECTED in response.content.decode()
    assert not SignedRecord.objects.exists()


@pytest.mark.parametrize("credential", ["7", "[" * 5000, "{}", '{"id": 1}', "\x00"])
def test_malformed_answer_is_rejected(doctor, given, device, allowed, credential):
    sent = {**signature(doctor.get(path_of(given))), "password": "", "credential": credential}
    response = doctor.post(path_of(given), sent)
    assert REJECTED in response.content.decode()
    assert not SignedRecord.objects.exists()


def test_passkey_that_fails_with_a_right_password_is_rejected(doctor, given, device, allowed):
    page = doctor.get(path_of(given))
    sent = signature(page, credential=device.used(page.context["passkey_options"], challenge=b"another"), weeks="12")
    assert REJECTED in doctor.post(path_of(given), sent).content.decode()
    assert not SignedRecord.objects.exists()


def test_password_still_signs(doctor, given, device, allowed):
    page = doctor.get(path_of(given))
    assert doctor.post(path_of(given), signature(page, weeks="12")).status_code == 302
