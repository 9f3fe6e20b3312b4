"""Every form of every page, sent after its login ended or by another user, is not stored, and a message shows it."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from clinic.accounts.form_pages import opens_by_get
from patients.models import Patient, Visit
from planning.models import Consent, Injection, InjectionSession, SignedRecord, Vial
from tests import access, builders
from tests.extent import IS_WHOLE, some

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"
NOT_SAVED = "Your text was not saved, because your login had ended."
BY_SCRIPT = {"X-Requested-With": "form"}
# Their own ways in and out; and what a script sends next to a form, whose text stays typed
WITHOUT_TYPED_TEXT = {
    "account_login", "mfa_authenticate", "account_logout", "account_reset_password", "account_reset_password_from_key",
    "clinic:login-session", "clinic:date-check", "admin:login", "admin:logout",
}  # fmt: skip

URLS = [
    url
    for url in access.urls()
    if access.allowed_roles(url.name, "POST") and not url.is_api and url.name not in WITHOUT_TYPED_TEXT
]
STORED = (Patient, Visit, InjectionSession, Injection, Vial, Consent, SignedRecord)


@pytest.fixture
def clients(world, people_by_letter):
    """A client of a user who can send to a URL, and who owns the personal records."""
    known = {}

    def client_for(url):
        letter = access.allowed_roles(url.name, "POST")[0]
        if letter not in known:
            known[letter] = Client()
            known[letter].force_login(people_by_letter[letter])
        world.belongs_to(people_by_letter[letter])
        return known[letter]

    return client_for


def stored():
    return [list(model.objects.order_by("pk").values()) for model in STORED]


def sent_without_login(path, referrer):
    headers = {"Referer": f"http://testserver{referrer}"} if referrer else {}
    response = Client().post(path, {"typed": "text"}, headers=headers)
    assert response.status_code == 302, path
    return urlsplit(response["Location"])


def test_login_redirects_every_form_to_a_page_with_get(world, clients):
    # The short run leaves pages with a GET of their own to test_permissions, and reads the page of the login, which is
    # the same for all, for a part of the forms.
    before, opened, sampled = stored(), set(), some(URLS, one_of=10)
    for url in URLS:
        path = world.fill(url.route)
        client = clients(url)
        # Without a referrer; from the page itself, shown after it was sent; and from a page with a name in its query
        for referrer in ("", path, "/patients/?q=Hollis"):
            login = sent_without_login(path, referrer)
            asked = parse_qs(login.query)
            assert (login.path, asked["unsaved"]) == (LOGIN, ["yes"]), path
            page = asked["next"][0]
            assert "?" not in page
            if page not in opened:
                if IS_WHOLE or not (page == path and "GET" in access.TABLE[url.name]):
                    assert client.get(page).status_code not in (404, 405), (path, page)
                if url in sampled:
                    assert NOT_SAVED in Client().get(login.geturl()).content.decode(), path
                opened.add(page)
        assert page == "/patients/"
    assert stored() == before


def test_script_learns_for_every_form_that_the_login_ended(world):
    for url in URLS:
        response = Client().post(world.fill(url.route), {"typed": "text"}, headers=BY_SCRIPT)
        assert (response.status_code, response.json()["login"]) == (401, LOGIN), url.name


def test_form_is_not_stored_for_another_user(world, clients):
    before = stored()
    for url in URLS:
        client = clients(url)
        headers = {**BY_SCRIPT, "X-Person": str(world.same.pk + 100_000)}
        response = client.post(world.fill(url.route), {"typed": "text"}, headers=headers)
        assert response.status_code == 409, url.name
        assert response.json()["message"].startswith("Another user is logged in now. Your entries were not saved"), (
            url.name
        )
    assert stored() == before


def test_form_of_an_earlier_login_is_not_stored_by_page(world, neurologist, trainee):
    """Its CSRF token ended when the next user logged in."""
    client = Client(enforce_csrf_checks=True)
    log_in(client, neurologist)
    path = f"/patients/{world.patient.pk}/alerts/"
    token = token_in(client.get(path))
    client.cookies.pop("sessionid")
    log_in(client, trainee)
    response = client.post(path, {"csrfmiddlewaretoken": token, "version": 1, "alert_other": "typed"})
    assert response.status_code == 403
    assert "Your entries were not saved." in response.content.decode()


def log_in(client, person):
    token = token_in(client.get(LOGIN))
    sent = {"csrfmiddlewaretoken": token, "login": person.username, "password": builders.PASSWORD}
    assert client.post(LOGIN, sent).status_code == 302


def token_in(response):
    return response.content.decode().partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]


def test_allowed_methods_match_the_access_table(world):
    wrong = []
    for url in access.urls():
        if url.is_api or url.is_admin or url.is_allauth or url.name in access.WITHOUT_LOGIN:
            continue
        if opens_by_get(world.fill(url.route)) != ("GET" in access.TABLE[url.name]):
            wrong.append(url.name)
    assert wrong == []


@pytest.mark.parametrize(
    "referrer",
    ["https://evil.example/patients/", "http://testserver:99/patients/", "//testserver/", "nonsense", "http://[/"],
)
def test_referrer_of_another_site_is_ignored(world, client, referrer):
    response = client.post(f"/patients/{world.patient.pk}/alerts/", headers={"Referer": referrer})
    assert response["Location"] == f"{LOGIN}?next=%2Fpatients%2F{world.patient.pk}%2Falerts%2F&unsaved=yes"


def test_login_page_repeats_it_after_a_wrong_password(world, client, neurologist):
    response = client.post(f"/sessions/{world.session.pk}/injections/{world.row.pk}/", {"typed": "text"}, follow=True)
    assert NOT_SAVED in response.content.decode()
    page = f"/sessions/{world.session.pk}/"
    sent = {"login": neurologist.username, "password": "wrong", "unsaved": "yes", "next": page}
    assert NOT_SAVED in client.post(LOGIN, sent).content.decode()
    assert client.post(LOGIN, {**sent, "password": builders.PASSWORD})["Location"] == page


def test_logout_after_the_end_mentions_no_text(client):
    assert client.post("/accounts/logout/")["Location"] == LOGIN


def test_form_sent_by_a_script_receives_the_redirect(world, login, neurologist):
    client = login(neurologist)
    headers = {**BY_SCRIPT, "X-Person": str(neurologist.pk)}
    sent = {"version": world.patient.version, "alert_allergy": "latex"}
    response = client.post(f"/patients/{world.patient.pk}/alerts/", sent, headers=headers)
    assert (response.status_code, response["X-Location"]) == (204, world.patient.get_absolute_url())
    world.patient.refresh_from_db()
    assert world.patient.alert_allergy == "latex"
