"""Which passwords a user can choose, and how they are typed."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from clinic.models import Clinic
from tests import builders
from tests.clinic.accounts.test_login import change_password, is_in, log_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("guessed", ["collum-demo", "Dystonia2026!", "Welcome-Collum", "lindenhof-2026", "BOTOXbotox1"])
def test_password_of_words_known_here_is_rejected(guessed):
    Clinic.objects.update(name="Praxis Lindenhof")
    with pytest.raises(ValidationError, match="words that everyone here knows"):
        validate_password(guessed)


@pytest.mark.parametrize("chosen", ["collum and a green bicycle", "Lindenhof 27 oaks", "x" * 5 + "-quiet-river"])
def test_password_with_enough_other_text_is_accepted(chosen):
    Clinic.objects.update(name="Praxis Lindenhof")
    validate_password(chosen)


@pytest.mark.parametrize(
    "new", ["  spaces at both ends  ", "ЧетыреСлова и ещё", "l" * 59 + "ong-password-of-a-manager" * 3]
)
def test_password_is_stored_exactly_as_typed(client, neurologist, new):
    # Given a user who changed the password
    client.force_login(neurologist)
    change_password(client, new=new)

    # Then only exactly this text logs in
    other = Client()
    for typed in {new.strip(), new.swapcase(), new[:60], f"{new} "} - {new}:
        log_in(other, neurologist.username, typed)
        assert not is_in(other)
    log_in(other, neurologist.username, new)
    assert is_in(other)


@pytest.mark.parametrize("old", ["not-the-password", ""])
def test_change_needs_the_current_password(client, neurologist, old):
    client.force_login(neurologist)
    change_password(client, old=old)
    neurologist.refresh_from_db()
    assert neurologist.check_password(builders.PASSWORD)


@pytest.mark.parametrize("page", ["account_login", "account_change_password"])
def test_password_is_masked_and_managers_can_fill_it(client, neurologist, page):
    if page == "account_change_password":
        client.force_login(neurologist)
    body = client.get(reverse(page)).content.decode()
    for field in body.split("<input")[1:]:
        field = field.partition(">")[0]
        if "password" in field and 'type="hidden"' not in field:
            assert 'type="password"' in field
            assert "onpaste" not in field and 'autocomplete="off"' not in field  # noqa: PT018
