"""Where a second factor is required, nothing but its set-up opens to a user without one."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from clinic.accounts.permissions import ROLES, WITHOUT_PATIENTS, Permission, can_reach_patients
from tests import access, builders
from tests.account_table import ALLAUTH
from tests.clinic.accounts.factor_steps import SECURITY, an_app, log_in_twofold, set_up
from tests.clinic.accounts.test_login import change_password, log_in
from tests.extent import some
from tests.world import SECRETS, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole_step")]

OPEN = {
    "clinic:security", "clinic:app-set-up", "clinic:passkey-add", "clinic:login-session", "account_logout",
    "account_change_password",
}  # fmt: skip


@pytest.fixture(autouse=True)
def required(settings):
    settings.SECOND_FACTOR_IS_REQUIRED = True


def is_led_to_security(response):
    return response.status_code == 302 and response["Location"] == SECURITY


@pytest.mark.parametrize("role", ROLES)
def test_everyone_who_reaches_patients_needs_a_factor(login, role):
    response = login(builders.a_person(role)).get("/account/preferences/")
    assert is_led_to_security(response) == (role != "catalogue manager")


def test_administrators_need_a_factor(login):
    # because they give the roles
    assert is_led_to_security(login(builders.a_person(is_superuser=True)).get("/set-up/"))


def test_no_other_permission_is_thought_harmless():
    assert {permission.name for permission in WITHOUT_PATIENTS} == {
        "SEE_CATALOGUE", "CHANGE_CATALOGUE", "SET_HOURS", "LOG_IN"
    }  # fmt: skip
    for role in ROLES.values():
        person = builders.a_person(role.name)
        assert can_reach_patients(person) == bool(role.may & (set(Permission) - WITHOUT_PATIENTS))


@pytest.mark.parametrize("letter", "NAU")
def test_nothing_but_the_set_up_opens(login, letter):
    world = World().with_every_state()
    role = [access.ROLE_OF[letter]] if letter in access.ROLE_OF else []
    client = login(builders.a_person(*role, is_superuser=letter == "U"))
    # Opened by their own secret or without a login
    public = {"patients:calendar-feed", *ALLAUTH}
    asked = [url for url in access.urls() if url.name not in OPEN | public]
    assert len(asked) > 250
    for url in some(asked, one_of=2 if letter == "N" else 10):
        path = world.fill(url.route)
        for method in ("get", "post"):
            response = getattr(client, method)(path)
            if url.is_api:
                assert response.status_code == 403, path
                assert "Set up your second factor first. Log in to Collum for this." in response.json().get(
                    "detail", response.content.decode()
                )
            else:
                assert is_led_to_security(response), path
    for secret in SECRETS.values():
        assert secret not in client.get(SECURITY).content.decode()


def test_script_gets_the_url_for_set_up(login, neurologist):
    response = login(neurologist).post("/patients/", headers={"X-Requested-With": "form"})
    assert response.status_code == 401
    assert response.json() == {"message": "Set up your second factor first.", "login": SECURITY}


def test_set_up_opens_the_pages_at_once(client, neurologist):
    log_in(client, neurologist.username)
    assert "This clinic requires a second factor." in client.get(SECURITY).content.decode()
    set_up(client)
    assert client.get("/patients/").status_code == 200
    assert client.get("/api/v1/me/").status_code == 200
    assert "This clinic requires" not in client.get(SECURITY).content.decode()


def test_login_with_the_factor_opens_the_pages(client, neurologist):
    an_app(neurologist)
    log_in_twofold(client, neurologist)
    assert client.get("/patients/").status_code == 200


def test_login_form_of_another_tab_forgets_nothing(client, neurologist):
    an_app(neurologist)
    log_in_twofold(client, neurologist)
    log_in(client, neurologist.username)
    assert client.get("/patients/").status_code == 200


def test_changed_password_keeps_the_factor_passed(client, neurologist):
    an_app(neurologist)
    log_in_twofold(client, neurologist)
    change_password(client)
    assert client.get("/patients/").status_code == 200


def test_factor_of_another_user_in_this_browser_does_not_count(client, neurologist, trainee):
    an_app(neurologist)
    log_in_twofold(client, neurologist)
    client.force_login(trainee)  # without a logout
    assert is_led_to_security(client.get("/patients/"))


def test_new_role_asks_for_a_factor_from_the_next_request(login):
    person = builders.a_person("catalogue manager")
    client = login(person)
    assert not is_led_to_security(client.get("/account/preferences/"))
    person.groups.add(Group.objects.get(name="auditor"))
    assert is_led_to_security(client.get("/account/preferences/"))


def test_first_password_is_changed_before(client, neurologist):
    neurologist.must_change_password = True
    neurologist.save()
    log_in(client, neurologist.username)
    assert client.get(SECURITY)["Location"] == "/accounts/password/change/"


def test_token_cannot_be_created_without_a_factor(login, neurologist):
    client = login(neurologist)
    sent = {"name": "A program", "scope": "read", "password": builders.PASSWORD, "days": 30}
    assert is_led_to_security(client.post("/account/tokens/", sent))
    assert not neurologist.api_tokens.exists()


def test_token_of_a_user_needs_no_factor(neurologist):
    token = builders.a_token(by=neurologist)
    assert Client().get("/api/v1/me/", headers={"Authorization": f"Bearer {token.secret}"}).status_code == 200
