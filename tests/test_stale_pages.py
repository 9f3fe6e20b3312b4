"""Every form sends what its user saw: the record and its version. A form with another version is not stored."""

import re
from functools import cache

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import Client
from django.urls import resolve
from django.utils import timezone

from clinic.models import Clinic
from clinic.web.seen import PATIENT
from tests import access
from tests.pageforms import sendings
from tests.posted_data import patient_of
from tests.spreadsheets import text_of_response
from tests.staleforms import NO_PAGE, NOTHING_SEEN, READS, StaleWorld, forms
from tests.written_tables import written_tables

URLS = {url.name: url for url in access.urls()}
POSTED_TO = {
    name
    for name, methods in access.TABLE.items()
    if "POST" in methods and not (URLS[name].is_admin or URLS[name].is_api)
}
SEEN = re.compile(r"(.*[-_])?version|content_hash|mark|feed|row-\d+")
# What a request stores apart from typed text.
TRACKS = {"auditentry", "auditedpatient", "session", "user"}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic(), timezone.override(Clinic.ours().zone):
        yield StaleWorld()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def person(world):
    client = Client()
    client.force_login(world.clinician)
    return client


@pytest.fixture(scope="module")
def read(person):
    """`read(page)`: the answer. A page is made once: each request that is sent is taken back."""
    return cache(lambda page: person.get(page, follow=True))


@pytest.fixture(scope="module")
def opened(world, read):
    """By name, where each form is sent, and every field, with what is typed in its place."""
    return {name: form_of(name, world, read) for name in sorted(forms(world))}


@pytest.fixture(scope="module")
def before(opened):
    """What is stored before any of them is sent: each request is taken back."""
    return stored()


def stored():
    """All that is stored, by table."""
    models = [
        model for label in ("clinic", "patients", "planning") for model in apps.get_app_config(label).get_models()
    ]
    tables = [model._meta.db_table for model in models if model._meta.model_name not in TRACKS]
    return {table: rows_of(table) for table in tables}


def is_changed(before, written):
    """Whether one of the written tables differs from `before`."""
    return any(rows_of(table) != before[table] for table in written & before.keys())


def rows_of(table):
    """As the database has them: making objects of them takes longer than what is sent."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} ORDER BY 1")
        return cursor.fetchall()


def form_of(name, world, read):
    """Where it is sent, and every field, with what is typed in its place."""
    page, typed, *to = forms(world)[name]
    response = read(page)
    assert (response.status_code, response.redirect_chain) == (200, []), f"{name}: {page} is not answered by itself"
    found = [each for each in sendings(response.content.decode(), page) if is_of(each, name, to)]
    found = [each for each in found if each.fields.get("state", "") == typed.get("state", "")] or found
    assert found, f"{page} has no form for {name}"
    return found[0].path, filled(found[0].fields, typed)


def is_of(sending, name, to):
    return sending.path == to[0] if to else resolve(sending.path.partition("?")[0]).view_name == name


def filled(fields, typed):
    """Fields have the prefix of their form."""
    prefixes = {name.rpartition("-")[0] for name in fields if re.search(r"-(version|submission_key)$", name)}
    prefix = f"{prefixes.pop()}-" if len(prefixes) == 1 else ""
    return {**fields, **{f"{prefix}{name}": value for name, value in typed.items()}}


def sent(person, path, fields, before):
    """(status, whether anything was stored), of a request that is taken back."""
    with transaction.atomic():
        with written_tables() as written:
            response = person.post(path, fields)
        changed = is_changed(before, written)
        transaction.set_rollback(True)
    return response.status_code, changed


def old(fields):
    """What was seen, in another version."""
    return {name: an_old(value) if SEEN.fullmatch(name) else value for name, value in fields.items()}


def an_old(value):
    return "0" * 64 if len(str(value)) == 64 else str(int(value) + 5)


@pytest.fixture
def send(person, opened, before):
    """`send(names, change)`: (name, status, whether anything was stored) of each form with its fields changed."""

    def each(names, change):
        for name in sorted(names):
            path, fields = opened[name]
            yield name, *sent(person, path, change(fields), before)

    return each


@pytest.fixture
def about_patients(opened):
    return {name for name, (path, _) in opened.items() if patient_of(path) is not None}


def test_forms_of_every_posted_url_are_known(world):
    assert forms(world).keys() | NO_PAGE.keys() == POSTED_TO
    assert NOTHING_SEEN.keys() <= forms(world).keys()
    assert all({**NO_PAGE, **NOTHING_SEEN}.values())


def test_unchanged_forms_are_saved(send, opened):
    def unchanged(fields):
        return fields

    read_only = {name for name, reason in NOTHING_SEEN.items() if reason == READS}
    wrong = [
        (name, status, changed)
        for name, status, changed in send(opened, unchanged)
        if status not in (200, 302) or changed == (name in read_only)
    ]
    assert wrong == []


def test_stale_forms_get_a_conflict_and_are_not_stored(send, opened):
    names = opened.keys() - NOTHING_SEEN.keys()
    responses = list(send(names, old))
    assert responses == [(name, 409, False) for name in sorted(names)]


def test_forms_of_another_patient_get_a_conflict(world, send, about_patients):
    def of_another(fields):
        return {**fields, PATIENT: world.other_patient.pk if fields[PATIENT] != str(world.other_patient.pk) else 1}

    responses = list(send(about_patients, of_another))
    assert responses == [(name, 409, False) for name in sorted(about_patients)]
    assert len(about_patients) > 40


@pytest.mark.parametrize("what", [PATIENT, SEEN.pattern], ids=["patient", "version"])
def test_forms_without_a_version_are_rejected(what, send, opened, about_patients):
    def without(fields):
        fields = {name: value for name, value in fields.items() if not re.fullmatch(what, name)}
        return {**fields, PATIENT: ""} if what == PATIENT else fields  # the tests' client would add it

    names = about_patients if what == PATIENT else opened.keys() - NOTHING_SEEN.keys()
    responses = {name: (status, changed) for name, status, changed in send(names, without)}
    # Guidance for no row at all is guidance for rows that have changed.
    guidance = responses.pop("planning:session-guidance", None)
    assert guidance in {(409, False), (422, False)}
    assert responses == dict.fromkeys(responses, (422, False))


def pages(world):
    """Every page that a neurologist can open, and those that show a record in another state."""
    names = [name for name in access.TABLE if "N" in access.allowed_roles(name, "GET")]
    ours = [URLS[name] for name in names if not (URLS[name].is_api or URLS[name].is_allauth)]
    sessions = (world.session, world.signed, world.planned, world.not_done, world.amended, world.in_error)
    return {
        *(world.fill(url.route) for url in ours if "token" not in url.route),
        *(page for page, *_ in forms(world).values()),
        *(session.get_absolute_url() for session in sessions),
        *(session.visit.get_absolute_url() for session in sessions),
        world.amended.get_working_url(),
        "/?whose=all",
    }


def says_what_was_seen(fields):
    """Or makes something new."""
    return any(SEEN.fullmatch(name) or name.endswith("submission_key") for name in fields)


def is_without_rows(name, body):
    return name == "planning:session-guidance" and "row-form-" not in body


def test_every_form_of_every_page_sends_its_version(world, read):
    wrong = []
    for page in pages(world):
        body = text_of_response(read(page))
        for path, fields in sendings(body, page):
            name = resolve(path.partition("?")[0]).view_name if path else ""
            if name in NO_PAGE or not path:
                continue
            patient = patient_of(path)
            if patient is not None and fields.get(PATIENT) != str(patient):
                wrong.append((page, path, "says nothing of the patient"))
            if not (name in NOTHING_SEEN or says_what_was_seen(fields) or is_without_rows(name, body)):
                wrong.append((page, path, "says nothing of a version"))
    assert wrong == []
