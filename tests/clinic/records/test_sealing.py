"""Which entries a seal covers: all that exist and are final, and none can get an id within its range later."""

import datetime as dt
import hashlib
import json
import logging
import timeit

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from clinic.models import AuditEntry, AuditSeal
from clinic.records import audit_log, macs, sealing
from clinic.records.seals import known
from clinic.records.verification import Report, verify
from tests import builders
from tests.parallel import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engine]

AFTER_S = 500  # a hundred times as long as in use, so that no test takes as long
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")


@pytest.fixture(autouse=True)
def clock(settings):
    """As a process begins."""
    settings.SEAL_AFTER_SECONDS = AFTER_S
    sealing.clock.next = 0
    known.forget()
    yield sealing.clock
    sealing.clock.next = 0
    known.forget()


@pytest.fixture
def other():
    """A second connection."""
    second = connection.copy()
    second.connect()
    yield second
    second.close()


def write(*patients, action="read"):
    audit_log.record(action, by=None, patients=patients)
    return AuditEntry.objects.latest("pk")


def write_aged(seconds):
    """An entry that was written before."""
    entry = AuditEntry(action="read", outcome="done", at=timezone.now() - dt.timedelta(seconds=seconds))
    return AuditEntry.objects.bulk_create([entry.with_mac([])])[0]


def insert_on(other):
    """An uncommitted entry of another connection."""
    with other.cursor() as cursor:
        cursor.execute(
            "INSERT INTO clinic_auditentry (at, action, outcome, roles, object_type, route, request_id, nonce,"
            " seal_digits, mac) VALUES (now(), 'read', 'done', '', '', '', '', gen_random_uuid(), '', '') RETURNING id"
        )
        return cursor.fetchone()[0]


def seal():
    """Tried again if PostgreSQL analysed a table on its own, since that is another transaction too."""
    while True:
        analysed = analyses_a_table()
        added = sealing.add_seal(sealing.limit_now())
        if added is not None or not (analysed or analyses_a_table()):
            return added


def analyses_a_table():
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_type = 'autovacuum worker')"
        )
        return cursor.fetchone()[0]


def test_seal_covers_all_entries_since_the_last_one():
    write(7)
    second = write()
    one = seal()
    assert (one.number, one.first_entry, one.last_entry, one.entries) == (1, 1, second.pk, 2)
    third = write(8, 9)
    two = seal()
    assert (two.number, two.first_entry, two.last_entry, two.entries) == (2, second.pk + 1, third.pk, 1)
    assert two.previous_mac == one.mac
    assert seal() is None


def test_entry_names_the_newest_seal_of_its_process():
    assert write().seal_number is None
    digits = seal().mac.rpartition(":")[2][:16]
    entry = write()
    assert (entry.seal_number, entry.seal_digits) == (1, digits)


def test_seal_has_a_limited_number_of_entries(monkeypatch):
    monkeypatch.setattr(sealing, "MOST_ENTRIES", 2)
    for _ in range(5):
        write(7)
    assert [seal.entries for seal in sealing.seal_all()] == [2, 2, 1]
    assert verify(Report()).bad == {}


def test_request_does_not_seal_younger_entries(client, neurologist):
    write_aged(AFTER_S - 200)
    client.force_login(neurologist)
    client.get("/account/preferences/")
    assert not AuditSeal.objects.exists()
    # The process looks again when that entry is old enough
    assert sealing.clock.next - sealing.time.monotonic() < 200


def test_first_request_after_that_time_seals(client, neurologist):
    write_aged(AFTER_S)
    client.force_login(neurologist)
    client.get("/account/preferences/")
    assert AuditSeal.objects.get().last_entry == AuditEntry.objects.latest("pk").pk


def test_process_looks_every_few_seconds_only(client, neurologist, django_assert_max_num_queries):
    client.get("/account/preferences/")
    write_aged(AFTER_S)
    client.force_login(neurologist)
    client.get("/accounts/login/")
    with django_assert_max_num_queries(4):
        client.get("/account/preferences/")
    assert not AuditSeal.objects.exists()


def test_failing_seal_does_not_fail_the_request(client, neurologist, monkeypatch, caplog):
    write_aged(AFTER_S + 4)
    client.force_login(neurologist)

    def fail(limit):
        raise DatabaseError("full")

    monkeypatch.setattr(sealing, "add_seal", fail)
    assert client.get("/account/preferences/").status_code == 200
    assert "The audit trail could not be sealed." in caplog.text


def test_concurrent_processes_add_one_seal_of_a_range():
    for _ in range(20):
        write(7)
    limit = sealing.limit_now()
    results = at_once(*[lambda: sealing.add_seal(limit)] * 6)
    assert not [result for result in results if isinstance(result, Exception)]
    assert AuditSeal.objects.count() == 1
    assert verify(Report()).bad == {}


@on_postgresql
def test_uncommitted_entry_is_not_left_behind(other):
    # Given an entry that is not committed, and a later one that is
    other.set_autocommit(False)
    before = insert_on(other)
    assert write(7).pk == before + 1

    # Then no seal is added that would leave it out
    assert seal() is None
    other.commit()
    assert seal().last_entry == before + 1
    assert verify_seals() == {}


@on_postgresql
def test_transaction_with_a_low_id_that_takes_its_entry_late(other):
    """Comparing the transaction ids of visible entries would seal past the one that is missing."""
    old = connection.copy()
    old.connect()
    old.set_autocommit(False)
    with old.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()")
    other.set_autocommit(False)
    pending = insert_on(other)
    late = insert_on(old)
    old.commit()
    old.close()
    assert late == pending + 1
    assert seal() is None
    other.rollback()
    # And an id that was rolled back is a gap in the range
    assert (seal().last_entry, AuditSeal.objects.get().entries) == (late, 1)


@on_postgresql
def test_limit_outlasts_the_transactions_of_its_time(other):
    other.set_autocommit(False)
    pending = insert_on(other)
    limit = sealing.limit_now()
    assert limit.last == pending
    assert sealing.add_seal(limit) is None
    other.commit()
    later = write()
    assert sealing.add_seal(limit).last_entry == pending < later.pk


@on_postgresql
def test_transaction_has_its_id_before_its_entry():
    """Otherwise it could take an id, and begin to be visible as a transaction only later."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION pg_temp.next_and_whether() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN "
            "IF pg_current_xact_id_if_assigned() IS NULL THEN RAISE 'no transaction id yet'; END IF; "
            "RETURN nextval('clinic_auditentry_id_seq'); END $$"
        )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO clinic_auditentry (id, at, action, outcome, roles, object_type, route, request_id, nonce,"
            " seal_digits, mac) VALUES (pg_temp.next_and_whether(), now(), 'read', 'done', '', '', '', '',"
            " gen_random_uuid(), '', '')"
        )


def verify_seals():
    return {kind: message for kind, message in verify(Report()).bad.items() if kind == "seals"}


def test_seal_is_logged_without_patient_text(caplog):
    write(7)
    with caplog.at_level(logging.INFO, logger="clinic.seals"):
        added = seal()
    assert caplog.messages == [f"{added}. To keep: 1:{added.mac}"]


def test_command_seals_and_sends_to_auditors(mailoutbox, capsys):
    builders.a_person("auditor", email="auditor@clinic.example")
    builders.a_person("neurologist", email="doctor@clinic.example")
    write(7)
    call_command("seal", send=True)
    newest = AuditSeal.objects.get()
    assert newest.to_keep in capsys.readouterr().out
    (mail,) = mailoutbox
    assert mail.to == ["auditor@clinic.example"]
    assert f"manage.py verify --seal {newest.to_keep}" in mail.body
    assert AuditEntry.objects.latest("pk").action == "sent the newest seal"
    call_command("verify", seal=[newest.to_keep])


def test_command_without_an_auditors_address_fails():
    write(7)
    with pytest.raises(CommandError, match="No auditor has an email address"):
        call_command("seal", send=True)


def test_keys_can_be_rotated(settings):
    write(7)
    seal()
    settings.AUDIT_KEYS = {"next": b"secret", **settings.AUDIT_KEYS}
    assert write(8).mac.startswith("next:")
    seal()
    assert verify(Report()).bad == {}
    settings.AUDIT_KEYS = {"next": b"secret"}
    assert "which AUDIT_KEYS does not contain" in verify(Report()).bad["audit entries"]


def test_mac_costs_little_more_than_a_hash():
    entry = AuditEntry(action="read", outcome="done", roles="neurologist", route="planning:patient-detail")
    values = entry._mac_values([1, 2, 3])
    a_hash = microseconds(lambda: hashlib.sha256(json.dumps(values).encode()).hexdigest())
    assert microseconds(lambda: entry.with_mac([1, 2, 3])) < 10 * a_hash


def microseconds(call):
    """Of the quickest of many short rounds, which the machine did not interrupt."""
    return min(timeit.repeat(call, number=20, repeat=50)) / 20 * 10**6


def test_mac_separates_neighbouring_values():
    assert macs.mac("entry", ["ab", "c"]) != macs.mac("entry", ["a", "bc"])
    assert macs.mac("entry", [1]) != macs.mac("entry", ["1"])
    assert macs.mac("entry", [None]) != macs.mac("entry", [""])
    assert macs.mac("seal", []) != macs.mac("entry", [])


def test_write_through_a_client_is_valid(neurologist):
    client = Client()
    client.force_login(neurologist)
    client.get("/account/preferences/")
    assert verify(Report()).bad == {}
