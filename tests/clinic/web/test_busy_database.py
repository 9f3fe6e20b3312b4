"""Another transaction holds a lock for too long: the response is 503, nothing is stored, and the next try succeeds."""

import contextlib
import sqlite3

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from patients.models import Patient
from tests import builders
from tests.posted_data import with_patient

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


@contextlib.contextmanager
def another_writer(row):
    """Holds what a change of this row needs, in a connection that waits for a moment only."""
    patience = {"sqlite": "PRAGMA busy_timeout=200", "postgresql": "SET lock_timeout = '200ms'"}
    with connection.cursor() as cursor:
        cursor.execute(patience[connection.vendor])
    own = connection.settings_dict
    if connection.vendor == "sqlite":
        other = sqlite3.connect(own["NAME"], isolation_level=None)
    else:
        other = connection.Database.connect(
            dbname=own["NAME"], user=own["USER"], password=own["PASSWORD"], host=own["HOST"], port=own["PORT"]
        )
    with contextlib.closing(other), contextlib.closing(other.cursor()) as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("BEGIN IMMEDIATE")
        else:
            table, key = row._meta.db_table, row._meta.pk.column
            cursor.execute(f"SELECT FROM {table} WHERE {key} = %s FOR UPDATE", [row.pk])
        yield
        other.rollback()
    connection.close()


def test_a_locked_row_is_a_503_and_the_next_try_succeeds(staff):
    # Given a form of a patient, whose row somebody else has locked
    patient = builders.a_patient()
    client = Client(raise_request_exception=False)
    client.force_login(staff)
    path = f"/patients/{patient.pk}/status/"
    sent = with_patient(path, {"status": "moved_away", "version": patient.version})

    # When it is sent, then it says when to try again, and nothing is stored
    with another_writer(patient):
        response = client.post(path, sent)
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert "Not available now" in response.content.decode()
    assert Patient.objects.get().version == patient.version

    # And it succeeds as soon as the other has finished
    assert client.post(path, sent).status_code in {302, 200}


def test_a_program_gets_503_and_no_other_error(staff):
    patient = builders.a_patient()
    client = Client(raise_request_exception=False)
    client.force_login(staff)
    with another_writer(patient):
        response = client.patch(
            f"/api/v1/patients/{patient.pk}/",
            {"version": patient.version, "phone": "0555 1"},
            content_type="application/json",
        )
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response["Content-Type"] == "application/problem+json"


def test_locked_login_session_is_a_503(catalogue_manager):
    """Django says that the session was deleted, which is a bad request, for any reason that prevents saving it."""
    client = Client(raise_request_exception=False)
    client.force_login(catalogue_manager)
    with another_writer(Session.objects.get()):
        response = client.get("/muscles/")
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert client.get("/muscles/").status_code == 200


def test_deleted_login_session_is_reported(catalogue_manager):
    client = Client()
    client.force_login(catalogue_manager)
    store = client.session
    Session.objects.all().delete()
    with pytest.raises(UpdateError):
        store.save()
