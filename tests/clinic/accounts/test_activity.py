"""What counts as activity of a login, and what does not."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from clinic.models import AuditEntry
from tests import builders

pytestmark = pytest.mark.django_db

SESSION = "/account/session/"
BEGAN = dt.datetime(2026, 5, 4, 9, tzinfo=dt.UTC)


@pytest.fixture
def clock():
    with time_machine.travel(BEGAN, tick=False) as clock:
        yield clock


@pytest.fixture
def doctor(client, clock, neurologist):
    client.post("/accounts/login/", {"login": neurologist.username, "password": builders.PASSWORD})
    return client


def test_static_files_are_served_without_a_login_session(settings):
    order = settings.MIDDLEWARE
    assert order.index("whitenoise.middleware.WhiteNoiseMiddleware") < order.index(
        "clinic.accounts.middleware.LoginLifetimeMiddleware"
    )


def is_in(client):
    return not client.get(reverse("clinic:start"))["Location"].startswith("/accounts/login/")


def after(clock, *, minutes=0, seconds=0):
    clock.shift(dt.timedelta(minutes=minutes, seconds=seconds))


def page_is_opened(client):
    assert client.get("/muscles/").status_code == 200


def typing_is_reported(client):
    assert client.post(SESSION, headers={"X-Person": client.session["_auth_user_id"]}).status_code == 200


def health_is_asked(client):
    assert client.get("/healthz").status_code == 200


def address_is_unknown(client):
    assert client.get("/nowhere/").status_code == 404


def record_is_unknown(client):
    assert client.get("/patients/999999/").status_code == 404


def method_is_wrong(client):
    assert client.post("/muscles/").status_code == 405


def login_is_asked_about(client):
    assert client.get(SESSION).status_code == 200


def another_users_page_reports(client):
    assert client.post(SESSION, headers={"X-Person": "0"}).status_code == 200


@pytest.mark.parametrize("ask", [page_is_opened, typing_is_reported])
def test_activity_restarts_the_idle_time(doctor, clock, ask):
    after(clock, minutes=14)
    ask(doctor)
    after(clock, minutes=14)
    assert is_in(doctor)


@pytest.mark.parametrize(
    "ask",
    [
        health_is_asked, address_is_unknown, record_is_unknown, method_is_wrong, login_is_asked_about,
        another_users_page_reports,
    ],
)  # fmt: skip
def test_other_requests_do_not_extend_the_login(doctor, clock, ask):
    for _ in range(2):
        after(clock, minutes=7)
        ask(doctor)
    after(clock, minutes=1, seconds=1)
    assert not is_in(doctor)


def test_message_on_a_404_page_does_not_extend_the_login(doctor, clock):
    """It is taken out of the login session, which is saved then."""
    session = doctor.session
    session["_messages"] = '[["__json_message",0,25,"Saved.",""]]'
    session.save()
    after(clock, minutes=10)
    address_is_unknown(doctor)
    after(clock, minutes=5, seconds=1)
    assert not is_in(doctor)


def test_login_state_is_returned_to_its_page(doctor, clock, neurologist, settings):
    settings.SESSION_ABSOLUTE_SECONDS = 30 * 60
    after(clock, minutes=1)
    assert doctor.get(SESSION).json() == {
        "person": str(neurologist.pk),
        "seconds_left": 14 * 60,
        "can_be_extended": True,
    }
    # Near the absolute end, activity does not extend the login
    for _ in range(2):
        after(clock, minutes=12)
        page_is_opened(doctor)
    after(clock, minutes=1)
    response = doctor.get(SESSION).json()
    assert (response["seconds_left"], response["can_be_extended"]) == (4 * 60, False)


def test_login_state_without_a_login_is_empty(client):
    for response in (client.get(SESSION), client.post(SESSION)):
        assert response.json() == {"person": None}


def test_report_does_not_restart_an_ended_login(doctor, clock, neurologist):
    after(clock, minutes=15, seconds=1)
    response = doctor.post(SESSION, headers={"X-Person": str(neurologist.pk)})
    assert response.json() == {"person": None}
    assert not is_in(doctor)


def test_report_leaves_no_audit_entry(doctor, neurologist):
    before = AuditEntry.objects.count()
    typing_is_reported(doctor)
    assert AuditEntry.objects.count() == before


def test_login_state_is_returned_before_password_change(client, clock):
    person = builders.a_person("neurologist", must_change_password=True)
    client.force_login(person)
    assert client.get(SESSION).json()["person"] == str(person.pk)


def test_page_knows_when_to_count_down_and_to_report_typing(doctor):
    page = doctor.get("/muscles/").content.decode()
    assert 'data-warning-seconds="120"' in page
    assert 'data-typing-seconds="60"' in page
