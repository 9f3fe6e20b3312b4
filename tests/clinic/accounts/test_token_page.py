"""The page on which people create and revoke tokens for programs."""

import datetime as dt
import logging

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from clinic.accounts.actions import revoke_token
from clinic.accounts.permissions import READ_WITH, READING, may
from clinic.models import ApiToken, Submission
from clinic.records.exceptions import Refused
from tests import builders
from tests.clinic.accounts.test_login import NEW, change_password
from tests.clinic.accounts.token_steps import CHANGE, FOR_PEOPLE_ALONE, PAGE, SEE, found, send, token_entries
from tests.parallel import at_once
from tests.patients.people.pages import text_of

pytestmark = pytest.mark.django_db

NINE = dt.datetime(2026, 5, 4, 9, tzinfo=dt.UTC)


@pytest.fixture
def clock():
    with time_machine.travel(NINE, tick=False) as clock:
        yield clock


def test_new_token_is_shown_only_once(login, neurologist, caplog):
    # When a user creates a token on their page
    caplog.set_level(logging.DEBUG)
    client = login(neurologist)
    made = send(client)

    # Then the response contains it, and cannot be cached
    secret = made.context["made"].secret
    assert made.status_code == 200
    assert made.content.decode().count(secret) == 1
    assert f'value="{secret}"' in made.content.decode()
    assert "no-store" in made["Cache-Control"]
    assert secret not in str(made.headers) + str(made.cookies)

    # And never again, in no login, no message and no log
    assert secret not in client.get(PAGE).content.decode()
    assert secret not in str(dict(client.session.items())) + caplog.text
    assert ApiToken.objects.with_secret(secret).permissions == {each for each in READING if may(neurologist, each)}


def test_page_lists_each_token_with_its_scope_and_end(login, neurologist, clock):
    token = builders.a_token(by=neurologist, name="Waiting room", permissions=[SEE], days=7)
    client = login(neurologist)
    assert "Waiting room see visits and follow-ups 4 May 2026 never 11 May 2026 Revoke" in text_of(client.get(PAGE))
    ApiToken.objects.count_use(token.pk, NINE)
    assert "4 May 2026 4 May 2026, 10:00 11 May 2026" in text_of(client.get(PAGE))
    assert "never types a dose and never signs" in text_of(client.get(PAGE))


def test_ended_tokens_are_listed_separately(login, neurologist, clock):
    # Given one that was revoked, one that expires, and one that ends with the password
    builders.a_token(by=neurologist, name="Brief", days=7)
    builders.a_token(by=neurologist, name="Expires", days=7)
    revoked = builders.a_token(by=neurologist, name="Revoked")
    builders.a_token(by=neurologist, name="Former")
    clock.shift(dt.timedelta(days=2))
    revoke_token(token=revoked, by=neurologist)
    neurologist.set_password(NEW)
    neurologist.save()
    clock.shift(dt.timedelta(days=7))

    # Then each is shown as ended, and when, also after an expired one was deleted
    builders.a_token(by=neurologist, name="New")
    page = text_of(login(neurologist).get(PAGE))
    active, ended = page.split(" Ended ")
    assert "New" in active
    assert not [name for name in ("Brief", "Expires", "Revoked", "Former") if name in active]
    assert "Revoked, created on 4 May 2026, ended on 6 May 2026" in ended
    assert "Expires, created on 4 May 2026, ended on 11 May 2026" in ended
    assert "Former, created on 4 May 2026, ended when your password changed" in ended


def test_form_offers_only_scopes_of_the_person(login, staff, neurologist):
    page = login(staff).get(PAGE)
    assert [label for _, label in page.context["form"].fields["permissions"].choices] == [
        "see patients", "see visits and follow-ups", "register and change patients", "change visits and follow-ups",
    ]  # fmt: skip
    labels = dict(login(neurologist).get(PAGE).context["form"].fields["permissions"].choices)
    assert labels["CHANGE_SESSIONS"] == "plan sessions: muscles and sides, never a dose"
    assert not labels.keys() & {each.name for each in FOR_PEOPLE_ALONE}


def test_form_defaults_to_reading_and_at_most_90_days(login, neurologist):
    form = login(neurologist).get(PAGE).context["form"]
    assert form["scope"].value() == "read"
    assert not form["permissions"].value()
    assert form["days"].value() <= 90


def test_token_has_the_ticked_scope(login, staff):
    send(login(staff), scope="ticked", permissions=["SEE_DIARY", "CHANGE_DIARY"])
    assert ApiToken.objects.get().permissions == {SEE, CHANGE}


def test_form_is_hidden_without_any_permission_for_programs(login, superuser):
    client = login(superuser)
    assert "Your roles have no permission that you can give to a program" in text_of(client.get(PAGE))
    assert send(client).status_code == 409
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"name": " "}, "name", "Enter the name of the program."),
        ({"name": "x" * 61}, "name", "at most 60 characters"),
        ({"name": "a\u202eb"}, "name", "invisible character"),
        ({"name": "taken"}, "name", "You already have a token called taken. Choose another name."),
        ({"days": "366"}, "days", "Select a valid choice"),
        ({"scope": ""}, "scope", "Select what the token can do."),
        ({"scope": "ticked"}, "permissions", "Select at least one"),
        ({"scope": "ticked", "permissions": ["SIGN_SESSIONS"]}, "permissions", "do not have one of these permissions"),
        ({"scope": "ticked", "permissions": ["SEE_AUDIT"]}, "permissions", "do not have one of these permissions"),
        ({"permissions": ["SEE_DIARY"]}, "scope", "You selected some permissions."),
        ({"password": ""}, "password", "Type your password to create a token."),
        ({"password": "not-the-password"}, "password", "This is not your password."),
        ({"submission_key": ""}, "__all__", "This form was sent without the details of what you saw"),
    ],
    ids=str,
)
@pytest.mark.sample(2)
def test_invalid_input_is_reported_by_field_and_stays(typed, field, message, login, neurologist):
    builders.a_token(by=neurologist, name="Taken")
    response = send(login(neurologist), **{"days": "7", **typed})
    form = response.context["form"]
    assert message in " ".join(form.errors[field])
    assert list(form.errors) == [field]
    assert ApiToken.objects.count() == 1
    assert form["name"].value() == typed.get("name", "Nightly copy")
    assert form["days"].value() == typed.get("days", "7")
    assert not [each for each in (builders.PASSWORD, "not-the-password") if each in response.content.decode()]


def test_wrong_password_counts_as_a_failed_login(login, neurologist):
    client = login(neurologist)
    for _ in range(10):
        assert "This is not your password." in text_of(send(client, password="not-the-password"))
    assert "Too many failed attempts." in text_of(send(client))
    assert not ApiToken.objects.exists()


@pytest.mark.engine
def test_form_sent_twice_creates_one_token_shown_once(login, neurologist):
    # Given a form that was sent
    client, key = login(neurologist), builders.a_submission_key()
    secret = send(client, submission_key=key).context["made"].secret

    # When it is sent again, then there is still one token, and it is not shown
    again = send(client, submission_key=key)
    assert again.status_code == 200
    assert "This token was already created and cannot be shown again." in text_of(again)
    assert secret not in again.content.decode()
    assert 'aria-label="The token for' not in again.content.decode()
    assert ApiToken.objects.count() == 1
    assert len(token_entries()) == 1

    # And with other content it is rejected
    assert "already sent with different content" in text_of_rejected(send(client, submission_key=key, name="Other"))


def text_of_rejected(response):
    assert response.status_code == 409
    response.status_code = 200
    return text_of(response)


def test_stored_submission_does_not_contain_the_password(login, neurologist):
    """Its hash is a quick one, by which passwords could be tried."""
    client, key = login(neurologist), builders.a_submission_key()
    send(client, submission_key=key)
    before = Submission.objects.get().body_hash
    change_password(client)
    Submission.objects.all().delete()
    ApiToken.objects.all().delete()
    send(client, submission_key=key, password=NEW)
    assert Submission.objects.get().body_hash == before


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_form_sent_concurrently_creates_one_token():
    person, key = builders.a_clinician(), builders.a_submission_key()

    def sending():
        client = Client()
        client.force_login(person)
        return send(client, submission_key=key).content.decode()

    responses = at_once(*[sending] * 4)
    assert sum('value="collum_' in response for response in responses) == 1
    assert sum("was already created" in response for response in responses) == 3
    assert ApiToken.objects.count() == 1


@pytest.mark.engine
def test_token_is_revoked_on_the_page(login, neurologist):
    token = builders.a_token(by=neurologist)
    client = login(neurologist)
    for _ in range(2):
        response = client.post(reverse("clinic:token-revoke", args=[token.pk]))
        assert response["Location"] == PAGE
    assert "The token is revoked." in text_of(client.get(PAGE))
    assert found(token) is None
    assert token_entries() == [("created a token", token.pk), ("revoked a token", token.pk)]


def test_tokens_of_other_users_cannot_be_seen_or_revoked(login, neurologist, trainee, superuser):
    token = builders.a_token(by=neurologist, name="Unmistakable")
    for person in (trainee, superuser):
        assert "Unmistakable" not in login(person).get(PAGE).content.decode()
        assert login(person).post(reverse("clinic:token-revoke", args=[token.pk])).status_code == 404
    assert found(token) == token


def test_form_ignores_fields_set_by_the_server(login, neurologist, trainee):
    send(
        login(neurologist), person=trainee.pk, token_hash="0" * 64, session_auth_hash="0" * 64, expires_at="2099-01-01",
        secret="collum_chosen", id=77,
    )  # fmt: skip
    token = ApiToken.objects.get()
    assert token.person == neurologist
    assert token.session_auth_hash == neurologist.get_session_auth_hash()
    assert (token.expires_at - token.created_at).days == 30
    assert token.token_hash != "0" * 64


def test_user_menu_links_to_the_page(login, auditor):
    assert f'<a href="{PAGE}">Tokens for programs</a>' in login(auditor).get(PAGE).content.decode()


@pytest.mark.parametrize("writing", sorted(READ_WITH, key=lambda one: one.name))
def test_scope_to_write_includes_reading(writing):
    person = builders.a_person("neurologist", "catalogue manager")
    with pytest.raises(Refused, match="Select that too"):
        builders.a_token(by=person, permissions=[writing])
    assert builders.a_token(by=person, permissions=[writing, READ_WITH[writing]]).permissions
