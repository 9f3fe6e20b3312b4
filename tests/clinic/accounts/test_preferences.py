"""How pages look and react for a user: their own choice, on every page, recorded in the audit trail."""

import pytest
from django.core.exceptions import PermissionDenied

from clinic.accounts.actions import change_preferences
from clinic.models import AuditEntry, User
from tests import builders

pytestmark = pytest.mark.django_db

PAGE = "/account/preferences/"


def html_tag(response):
    return response.content.decode().partition("<html")[2].partition(">")[0]


def test_chosen_appearance_and_keys_are_on_every_page(login, neurologist):
    client = login(neurologist)
    assert "data-" not in html_tag(client.get("/"))
    assert client.post(PAGE, {"appearance": "dark"}).status_code == 302
    for path in ("/", PAGE, "/patients/"):
        assert 'data-theme="dark"' in html_tag(client.get(path))
        assert 'data-keys="off"' in html_tag(client.get(path))


def test_appearance_of_the_device_sets_no_theme(login, neurologist):
    User.objects.filter(pk=neurologist.pk).update(appearance="light", single_keys=False)
    client = login(neurologist)
    assert client.post(PAGE, {"appearance": "system", "single_keys": "on"}).status_code == 302
    assert "data-" not in html_tag(client.get("/"))


def test_unknown_appearance_is_rejected_next_to_the_field(login, neurologist):
    response = login(neurologist).post(PAGE, {"appearance": "sepia", "single_keys": "on"})
    assert "appearance" in response.context["form"].errors
    neurologist.refresh_from_db()
    assert neurologist.appearance == "system"


def test_change_of_preferences_is_audited_once(login, neurologist):
    client = login(neurologist)
    for _ in range(2):
        client.post(PAGE, {"appearance": "dark", "single_keys": "on"})
    assert AuditEntry.objects.filter(action="changed preferences", actor=neurologist).count() == 1


def test_program_cannot_change_preferences(neurologist):
    neurologist.token = builders.a_token(by=neurologist)
    with pytest.raises(PermissionDenied, match="program"):
        change_preferences(person=neurologist, appearance="dark", single_keys=True, by=neurologist)
