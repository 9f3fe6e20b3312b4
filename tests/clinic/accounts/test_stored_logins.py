"""What the database stores of a login opens no login."""

import importlib

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from clinic.accounts.hashed_sessions import stored_key
from clinic.models import LoginSession
from tests.clinic.accounts.test_login import is_in, log_in

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def logged_in(neurologist):
    log_in(client := Client(), neurologist.username)
    return client


def with_key(key):
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    return client


def key_of(client):
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def test_key_of_the_browser_is_not_in_the_database(logged_in):
    with connection.cursor() as cursor:
        rows = []
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows += cursor.fetchall()
    assert rows
    assert key_of(logged_in) not in str(rows)


def test_stored_key_opens_no_login(logged_in):
    stored = Session.objects.get().session_key
    assert LoginSession.objects.get().session_key == stored
    assert is_in(with_key(key_of(logged_in)))
    assert not is_in(with_key(stored))


def test_login_that_is_copied_to_another_key_opens_nothing(logged_in):
    row = Session.objects.get()
    row.session_key = stored_key("a-key-of-somebody-else")
    row.save(force_insert=True)
    assert not is_in(with_key("a-key-of-somebody-else"))
    assert is_in(logged_in)


def test_logins_whose_keys_were_stored_have_ended(logged_in):
    importlib.import_module("clinic.migrations.0010_end_logins").end_logins(apps, None)
    assert not is_in(logged_in)
    assert not LoginSession.objects.exists()
