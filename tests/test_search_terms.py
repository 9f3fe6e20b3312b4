"""What somebody searches for never gets into a URL: a browser stores URLs, and servers log them."""

import re
from urllib.parse import unquote

import pytest
from django.test import Client

from tests import access
from tests.extent import IS_WHOLE
from tests.spreadsheets import text_of_response
from tests.world import World

pytestmark = pytest.mark.django_db

# A lot is a product's, not a patient's, and the page about it is downloaded by links. Weeks are a number.
CAN_BE_IN_A_URL = {"lot", "weeks"}
TYPED = {"text", "search", "tel", "email", ""}


@pytest.fixture(scope="module")
def made_world(module_transaction):
    return World().with_every_state()


LETTERS = [letter for letter in access.PEOPLE if letter not in "-T"]


def opens(letter, url):
    """The short run opens each page as the first who may."""
    may = [each for each in LETTERS if each in access.allowed_roles(url.name, "GET")]
    return letter in (may if IS_WHOLE else may[:1])


@pytest.fixture(scope="module", params=LETTERS)
def opened(request, made_world, people_by_letter):
    """(name, body) of each page that this person opens by GET."""
    letter = request.param
    client = Client()
    client.force_login(made_world.clinician if letter == "N" else people_by_letter[letter])
    return [
        (url.name, text_of_response(client.get(made_world.fill(url.route), follow=True)))
        for url in access.urls()
        if opens(letter, url) and "logout" not in url.route and not url.is_api
    ]


def attribute(name, tag):
    return (re.findall(rf'\s{name}="([^"]*)"', tag) or [""])[0]


def typed_into_urls(body):
    """The names of the fields with typed text that are sent by GET."""
    forms = re.findall(r"<form\b([^>]*)>(.*?)</form>", body, re.DOTALL)
    sent = "".join(inner for tag, inner in forms if attribute("method", tag).lower() != "post")
    fields = re.findall(r"<(?:input|textarea)\b[^>]*>", sent)
    fields += re.findall(r"<(?:input|textarea)\b[^>]*\shx-get=[^>]*>", body)
    return {attribute("name", field) for field in fields if attribute("type", field) in TYPED} - {""}


def test_no_form_sends_typed_text_in_a_url(opened):
    found = {(name, field) for name, body in opened for field in typed_into_urls(body) - CAN_BE_IN_A_URL}
    # The admin site contains the catalogue and the users, no patients.
    assert {(name, field) for name, field in found if not name.startswith("admin:")} == set()


def test_no_link_contains_name_or_record_number(opened, made_world):
    patient = made_world.patient
    secrets = [patient.family_name, patient.given_name, patient.record_number, patient.phone]
    for name, body in opened:
        for url in re.findall(r'(?:href|src|action|hx-\w+)="([^"]*)"', body):
            assert [secret for secret in secrets if secret and secret in unquote(url)] == [], (name, url)


@pytest.mark.parametrize("path", ["/patients/", "/visits/new/"])
def test_term_in_a_url_is_ignored(path, world, client):
    client.force_login(world.clinician)
    body = client.get(path, {"q": world.patient.family_name}).content.decode()
    assert world.patient.family_name not in body
    assert world.patient.record_number not in body


def test_record_number_in_a_url_is_ignored(world, client, auditor):
    client.force_login(auditor)
    response = client.get("/audit/", {"record_number": world.patient.record_number})
    assert response.context["number"] == ""


@pytest.mark.parametrize("path", ["/patients/", "/lots/", "/visits/", "/audit/", "/admin/clinic/user/"])
def test_login_returns_to_a_page_without_its_query(path, client, db):
    assert client.get(f"{path}?q=Hollis&lot=Hollis")["Location"] == f"/accounts/login/?next={path}"
