"""Every read, change and refused action is in an append-only audit trail."""

import re

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from clinic.models import AuditedPatient, AuditEntry
from clinic.records import audit_log
from clinic.records.actions import action
from clinic.records.exceptions import Refused
from tests.clinic.records.urls import PATIENT_TEXT

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.clinic.records.urls"), pytest.mark.engine]

APPEND_ONLY = "is_append_only"


@action
def act_three_times(*, by):
    for patient in (7, 8, 9):
        audit_log.record("changed", by=by, patients=[patient])


@pytest.fixture
def entry(neurologist):
    audit_log.record("read", by=neurologist, patients=[7])
    return AuditEntry.objects.get()


def run(sql, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def _changed(row):
    row.action = row.patient_id = 8
    return row


WRITES = {
    "save": lambda entry: _changed(entry).save(),
    "save of the patient": lambda entry: _changed(entry.patients.get()).save(),
    "update": lambda entry: AuditEntry.objects.update(action="nothing"),
    "update of the patients": lambda entry: AuditedPatient.objects.update(patient_id=8),
    "bulk update": lambda entry: AuditEntry.objects.bulk_update([_changed(entry)], ["action"]),
    "bulk update of the patients": lambda entry: AuditedPatient.objects.bulk_update(
        [_changed(entry.patients.get())], ["patient_id"]
    ),
    "delete of the patient": lambda entry: entry.patients.get().delete(),
    "delete of all patients": lambda entry: AuditedPatient.objects.all().delete(),
    "raw deletion of all": lambda entry: AuditEntry.objects.all()._raw_delete("default"),
    "insert over it": lambda entry: AuditedPatient.objects.bulk_create(
        [AuditedPatient(pk=entry.patients.get().pk, entry=entry, patient_id=8)],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["patient_id"],
    ),
    "raw update": lambda entry: run("UPDATE clinic_auditentry SET action = 'nothing'"),
    "raw update of the patients": lambda entry: run("UPDATE clinic_auditedpatient SET patient_id = 8"),
    "raw delete": lambda entry: run("DELETE FROM clinic_auditentry"),
    "raw delete of the patients": lambda entry: run("DELETE FROM clinic_auditedpatient"),
}
if connection.vendor == "postgresql":
    # Deferred foreign keys of the same transaction are checked first, or PostgreSQL fails because of them.
    WRITES["truncate"] = lambda entry: run("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE clinic_auditentry CASCADE")
    WRITES["truncate of the patients"] = lambda entry: run(
        "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE clinic_auditedpatient"
    )
else:
    OTHERS = "object_type, outcome, route, request_id, roles, seal_digits, mac"
    WRITES["replace"] = lambda entry: run(
        f"REPLACE INTO clinic_auditentry (id, nonce, action, at, {OTHERS}) SELECT id, 'x', 'nothing', at, {OTHERS}"
        " FROM clinic_auditentry"
    )
    WRITES["replace by the nonce"] = lambda entry: run(
        f"REPLACE INTO clinic_auditentry (id, nonce, action, at, {OTHERS}) SELECT id + 9, nonce, 'x', at, {OTHERS}"
        " FROM clinic_auditentry"
    )
    WRITES["replace of the patients"] = lambda entry: run(
        "INSERT OR REPLACE INTO clinic_auditedpatient (id, entry_id, patient_id) SELECT id, entry_id, 8"
        " FROM clinic_auditedpatient"
    )
    WRITES["replace by the pair"] = lambda entry: run(
        "INSERT OR REPLACE INTO clinic_auditedpatient (id, entry_id, patient_id) SELECT id + 1000, entry_id, patient_id"
        " FROM clinic_auditedpatient"
    )


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_audit_trail_is_append_only(write, entry):
    # Given an entry
    before = list(AuditEntry.objects.values()), list(AuditedPatient.objects.values())

    # When a statement changes it, then the database rejects it
    with pytest.raises(DatabaseError, match=APPEND_ONLY), transaction.atomic():
        write(entry)

    # And the audit trail is unchanged
    assert (list(AuditEntry.objects.values()), list(AuditedPatient.objects.values())) == before


def entries():
    """The audit entries, with their patients."""
    return [
        (entry.action, entry.outcome, sorted(row.patient_id for row in entry.patients.all()))
        for entry in AuditEntry.objects.exclude(action="logged in").prefetch_related("patients")
    ]


def test_page_leaves_one_entry_with_each_patient_shown(login, neurologist):
    response = login(neurologist).get("/test/shows-many/")
    assert entries() == [("read", "done", [1, 2, 3])]
    entry = AuditEntry.objects.last()
    assert entry.actor == neurologist
    assert entry.roles == "neurologist"
    assert entry.request_id == response["X-Request-ID"]


def test_entry_contains_the_url_name(login, neurologist):
    login(neurologist).post("/accounts/logout/")
    assert AuditEntry.objects.last().route == "account_logout"


def test_page_without_patients_leaves_no_entry(login, neurologist):
    login(neurologist).get(reverse("account_change_password"))
    assert entries() == []


def test_write_that_names_the_patient_leaves_no_read(login, neurologist):
    login(neurologist).get("/test/records-and-shows/7/")
    assert entries() == [("changed", "done", [7])]


@pytest.mark.parametrize(("address", "status"), [("/test/forbids/", 403), ("/test/refuses/", 409)])
def test_refused_action_leaves_an_entry_without_a_patient(login, neurologist, address, status):
    response = login(neurologist).get(address)
    assert response.status_code == status
    assert entries() == [("refused", "refused", [])]
    assert PATIENT_TEXT not in str(response.serialize_headers()) + response.content.decode()


def test_refused_action_shows_a_message_on_page_and_to_scripts(login, neurologist):
    message = "This visit is over. Open another one."
    assert message in login(neurologist).get("/test/refuses/").content.decode()
    response = login(neurologist).get("/test/refuses/", headers={"X-Requested-With": "fetch"})
    assert (response.status_code, response.json()) == (409, {"message": message})


def test_form_from_another_site_is_denied_and_audited(neurologist):
    client = Client(enforce_csrf_checks=True)
    client.force_login(neurologist)
    response = client.post("/test/shows/7/")
    assert response.status_code == 403
    assert "This form is out of date" in response.content.decode()
    assert PATIENT_TEXT not in response.content.decode()
    assert entries() == [("refused", "refused", [])]


def test_crash_leaves_no_read_and_shows_no_patient(neurologist):
    client = Client(raise_request_exception=False)
    client.force_login(neurologist)
    response = client.get("/test/crashes/7/")
    assert response.status_code == 500
    assert "Something went wrong" in response.content.decode()
    assert PATIENT_TEXT not in response.content.decode()
    assert entries() == []


def failing(table):
    """An audit trail whose table cannot be written to."""

    def run(execute, sql, *details):
        if re.search(rf'INSERT INTO "?{table}', sql):
            raise DatabaseError("the disk is full")
        return execute(sql, *details)

    return connection.execute_wrapper(run)


TABLES = ["clinic_auditentry", "clinic_auditedpatient"]


@pytest.mark.parametrize("table", TABLES)
def test_page_that_cannot_be_audited_is_not_shown(neurologist, table):
    client = Client(raise_request_exception=False)
    client.force_login(neurologist)
    with failing(table):
        response = client.get("/test/shows/7/")
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert PATIENT_TEXT not in response.content.decode()
    assert entries() == []


@pytest.mark.parametrize("table", TABLES)
def test_entry_and_its_patients_are_stored_together(neurologist, table):
    with failing(table), pytest.raises(DatabaseError):
        audit_log.record("read", by=neurologist, patients=[7])
    assert entries() == []


def test_entry_without_a_user_is_stored(client):
    audit_log.record("password failed", by=None, outcome="failed")
    assert AuditEntry.objects.get().actor is None


def test_nested_actions_write_their_entries_at_the_end(neurologist):
    counts = []

    @action
    def inner(*, by):
        audit_log.record("inner", by=by)
        counts.append(AuditEntry.objects.count())

    @action
    def outer(*, by):
        inner(by=by)
        audit_log.record("outer", by=by)
        counts.append(AuditEntry.objects.count())

    outer(by=neurologist)
    assert counts == [0, 0]
    assert [name for name, *_ in entries()] == ["inner", "outer"]


def test_refused_action_leaves_no_changes(neurologist):
    @action
    def refuses(*, by):
        audit_log.record("changed", by=by)
        raise Refused("Not now.")

    with pytest.raises(Refused):
        refuses(by=neurologist)
    audit_log.record("afterwards", by=neurologist)
    assert [name for name, *_ in entries()] == ["afterwards"]


def test_entries_of_one_action_take_two_statements(neurologist, django_assert_num_queries):
    neurologist.role_names  # noqa: B018 asked once for each request
    with django_assert_num_queries(4):  # with the savepoint of the action
        act_three_times(by=neurologist)
    written = AuditEntry.objects.order_by("pk").values_list("patients__patient_id", flat=True)
    assert list(written) == [7, 8, 9]
