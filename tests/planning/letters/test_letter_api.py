"""Letters by programs: the same actions as on the pages, no dose, and no sign-off without a person."""

import pytest
from django.test import Client

from planning.models import Letter, LetterTemplate
from tests import builders, letters
from tests.api.conftest import Program, a_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def login_api(client, neurologist):
    client.force_login(neurologist)
    return Program(client)


@pytest.fixture
def letter(neurologist):
    return letters.a_letter(session=builders.a_signed_session(by=neurologist, doses=("2.50", "007")), by=neurologist)


def test_letter_is_written_signed_off_and_sent(login_api, neurologist):
    session = builders.a_signed_session(by=neurologist, doses=("2.50", "007"))
    template = LetterTemplate.objects.get(name="After a session")
    made = login_api.post("letters/", {"session": session.pk, "template": template.pk, "recipient": "Dr Example"})
    letter = made.json()
    assert (made.status_code, letter["state"], letter["full_text"]) == (201, "Draft", "")
    # A dose is in no text that can be edited
    assert "{injections}" in letter["text"]
    assert "2.50" not in letter["text"]

    path = f"letters/{letter['id']}/"
    changed = login_api.patch(path, {"text": "Dear colleague\n\n{injections}", "version": letter["version"]}).json()
    signed = login_api.post(f"{path}sign-off/", {"version": changed["version"]}).json()
    assert signed["state"] == "Signed off"
    assert "2.50 units Botox" in signed["full_text"]
    assert "007 units Botox" in signed["full_text"]
    assert signed["text"] == "Dear colleague\n\n{injections}"
    sent = login_api.post(f"{path}sendings/", {"how": "post", "sent_on": str(builders.today())})
    assert [each["how"] for each in sent.json()["sendings"]] == ["post"]
    replacement = login_api.post(f"{path}replace/", {"version": signed["version"]})
    assert (replacement.status_code, replacement.json()["replaces"]) == (200, letter["id"])


def test_stale_change_returns_the_stored_letter(login_api, letter):
    path = f"letters/{letter.pk}/"
    assert login_api.patch(path, {"text": "First", "version": 1}).status_code == 200
    stale = login_api.patch(path, {"text": "Second", "version": 1})
    assert (stale.status_code, stale.json()["current"]["text"]) == (409, "First")
    assert login_api.patch(path, {"text": "First", "version": 1}).status_code == 200  # a repeat
    assert login_api.patch(path, {"text": "Second"}).status_code == 428


def test_signed_off_letter_does_not_change(login_api, letter, neurologist):
    letter = letters.sign_off(letter, by=neurologist)
    response = login_api.patch(f"letters/{letter.pk}/", {"text": "Changed", "version": letter.version})
    assert (response.status_code, response.json()["detail"]) == (
        409,
        "This letter is signed off. Write a new one that replaces it.",
    )


def test_token_writes_a_draft_and_never_signs_off(letter, neurologist):
    program = Program(Client(), {"Authorization": f"Bearer {a_token(neurologist).secret}"})
    assert program.patch(f"letters/{letter.pk}/", {"text": "By a program", "version": 1}).status_code == 200
    response = program.post(f"letters/{letter.pk}/sign-off/", {"version": 2})
    assert (response.status_code, response.json()["detail"]) == (403, "A person signs a letter off.")
    assert not Letter.objects.get().is_signed_off


@pytest.mark.parametrize("field", ["dose", "given_dose", "injections", "full_text", "record", "signed_off_at"])
@pytest.mark.sample(2)
def test_letter_takes_no_dose_and_no_signature(field, login_api, letter):
    response = login_api.patch(f"letters/{letter.pk}/", {field: "1.11", "version": 1})
    assert (response.status_code, list(response.json()["errors"])) == (400, [field])


def test_letter_about_an_unsigned_session_is_refused(login_api, neurologist):
    session = builders.a_given_session(by=neurologist)
    template = LetterTemplate.objects.get(name="After a session")
    response = login_api.post("letters/", {"session": session.pk, "template": template.pk, "recipient": "Dr Example"})
    assert response.status_code == 409
    assert "A letter can be written about a signed session" in response.json()["detail"]


def test_letter_is_marked_as_entered_in_error(login_api, letter):
    path = f"letters/{letter.pk}/"
    marked = login_api.post(f"{path}entered-in-error/", {"reason": "Another patient’s", "version": 1}).json()
    assert (marked["state"], marked["error_reason"]) == ("Entered in error", "Another patient’s")
    undone = login_api.post(f"{path}undo-entered-in-error/", {"version": marked["version"]}).json()
    assert undone["state"] == "Draft"


def test_draft_cannot_be_recorded_as_sent(login_api, letter):
    response = login_api.post(f"letters/{letter.pk}/sendings/", {"how": "post", "sent_on": str(builders.today())})
    assert response.status_code == 409
