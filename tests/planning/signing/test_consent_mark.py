"""A consent that is marked as entered in error after it was chosen: shown, without a change of the signed content."""

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.records.dates import format_timestamp
from planning.sessions.actions.sessions import change_session
from tests import builders

pytestmark = pytest.mark.django_db

MARK = "The consent chosen here was marked as entered in error on"


@pytest.fixture
def doctor(client, neurologist):
    client.force_login(neurologist)
    return client


@pytest.fixture
def given(neurologist):
    session = builders.a_given_session(by=neurologist)
    builders.a_consent(session=session, by=neurologist)
    session.refresh_from_db()
    return session


def marked(consent, by):
    builders.in_error(consent, by=by)
    consent.refresh_from_db()
    return consent


def body_of(response):
    assert response.status_code == 200
    return response.content.decode()


def pages_of(session):
    record = session.record()
    return [
        session.get_absolute_url(),
        record.get_absolute_url(),
        *(reverse(f"planning:record-{page}", args=[record.pk]) for page in ("print", "text")),
    ]


def test_record_with_wrong_consent_is_marked(doctor, given, neurologist):
    record = builders.sign(given, by=neurologist)
    before = (record.content_text, record.hash)
    for path in pages_of(given):
        assert MARK not in body_of(doctor.get(path)), path
    consent = marked(given.consent, neurologist)
    on = format_timestamp(timezone.localtime(consent.error_at))
    for path in pages_of(given):
        page = body_of(doctor.get(path))
        assert f"{MARK} {on}, by {neurologist}: {consent.error_reason}" in page, path
        assert f"form {consent.form_version}" in page
    shown = doctor.get(f"/api/v1/records/{record.pk}/").json()
    assert shown["consent_error"].startswith(MARK)
    record = given.record()
    assert (record.content_text, record.hash) == before
    assert record.is_intact()


def test_mark_is_gone_after_it_is_undone(doctor, given, neurologist):
    builders.sign(given, by=neurologist)
    builders.undo_in_error(marked(given.consent, neurologist), by=neurologist)
    for path in pages_of(given):
        assert MARK not in body_of(doctor.get(path)), path


def test_each_record_is_marked_for_its_own_consent(doctor, given, neurologist):
    wrong = given.consent
    first = builders.sign(given, by=neurologist)
    given.refresh_from_db()
    builders.an_amendment(given, by=neurologist)
    given.refresh_from_db()
    right = builders.a_consent(patient=given.patient, by=neurologist, form_version="3.2")
    change_session(session=given, by=neurologist, version=given.version, consent=right)
    given.refresh_from_db()
    second = builders.sign(given, by=neurologist)
    marked(wrong, neurologist)
    assert MARK in body_of(doctor.get(first.get_absolute_url()))
    assert MARK not in body_of(doctor.get(second.get_absolute_url()))


def test_open_session_is_marked_for_a_trainee(client, trainee, given, neurologist):
    client.force_login(trainee)
    marked(given.consent, neurologist)
    assert MARK in body_of(client.get(given.get_absolute_url()))


def test_closed_session_is_marked(doctor, given, neurologist):
    marked(given.consent, neurologist)
    builders.an_error(given, by=neurologist)
    assert MARK in body_of(doctor.get(given.get_absolute_url()))
