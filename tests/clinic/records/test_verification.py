"""`verify` finds every change that bypasses Collum, and nothing in a database that only Collum wrote."""

import os

import pytest
from django.db import IntegrityError, connection, transaction

from clinic.models import AuditEntry, AuditSeal
from clinic.records import audit_log, sealing, stored_entries, triggers
from clinic.records.seals import Covered, known
from clinic.records.verification import Report, verify_rows
from tests import builders
from tests.clinic.records.corruptions import Corruptor, rows
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

SEALS = 6


@pytest.fixture(autouse=True)
def forgets_seals():
    yield
    known.forget()


@pytest.fixture(scope="module")
def trail(module_transaction):
    """Signed records and a sealed audit trail with some entries after it; no trigger protects them."""
    known.forget()
    world = World()
    builders.a_signed_session(by=world.clinician)
    for patients in ([], [7], [7, 8, 9], range(1, 40)):
        audit_log.record("read", by=world.clinician, patients=patients)
    ids = list(AuditEntry.objects.order_by("pk").values_list("pk", flat=True))
    for number in range(1, SEALS + 1):
        known.note(sealing.seal_up_to(ids[len(ids) * number // SEALS - 1]))
    for patients in ([], [7, 8], [9]):
        audit_log.record("read", by=world.clinician, patients=patients)
    if connection.vendor == "postgresql":
        rows("SET CONSTRAINTS ALL IMMEDIATE")
        rows("ALTER TABLE clinic_auditentry DROP CONSTRAINT clinic_auditentry_is_not_a_copy")
        rows("SET LOCAL session_replication_role = replica")
    else:
        triggers.lift()
    known.forget()
    return world


def found():
    return verify_rows(Report()).bad


def corrupt(seed):
    """What was done and what verify found; None if the database rejected it."""
    with transaction.atomic():
        try:
            with transaction.atomic():
                done = Corruptor(seed).corrupt()
            return done, found()
        except IntegrityError:
            return None
        finally:
            transaction.set_rollback(True)


def missed(seeds):
    results = {seed: result for seed in seeds if (result := corrupt(seed))}
    assert len(results) > len(seeds) * 0.8
    # And every way to corrupt was tried
    assert {done.partition(":")[0] for done, _ in results.values()} == Corruptor.WAYS
    return {seed: done for seed, (done, bad) in results.items() if not bad}


def test_nothing_is_found_in_what_collum_wrote(trail):
    report = verify_rows(Report())
    assert report.bad == {}
    assert report.checked["audit entries"] == AuditEntry.objects.count() > 50
    assert report.checked["seals"] == AuditSeal.objects.count() == SEALS
    assert report.checked["signed records"] >= 2
    assert report.checked["signed lots"] == report.checked["lot spellings"] == 1
    assert report.unsealed == 3


def test_seal_of_another_history_is_found(trail):
    """It is valid alone, as one that was added after an older backup had been restored."""
    before, newest = AuditSeal.objects.order_by("number")[SEALS - 2 :]
    covered = Covered()
    stored_entries.seal_over(covered, newest.first_entry, newest.last_entry)
    rows("DELETE FROM clinic_auditseal WHERE number = %s", newest.number)
    before.mac = before.mac[::-1]
    AuditSeal.objects.append(after=before, last=newest.last_entry, covered=covered)
    assert found()["seals"] == f"Seal {newest.number} does not continue the seal before it."


def test_unsealed_entry_deleted_without_its_patients_is_found(trail):
    """No seal covers it, so only the rows of its patients reveal it."""
    entry = AuditEntry.objects.filter(patients__patient_id=9).latest("pk")
    with transaction.atomic():
        rows("DELETE FROM clinic_auditentry WHERE id = %s", entry.pk)
        bad = found()
        transaction.set_rollback(True)
    assert bad == {"audit entries": f"Audit entry {entry.pk} is missing, but its patients are stored."}


def test_random_corruptions_are_found(trail):
    assert missed(range(80)) == {}


@pytest.mark.full
def test_many_corruptions_are_found(trail):
    """`make full` makes 12,000 of them, of which some do not apply: a minute for each thousand."""
    assert missed(range(1000, 1000 + int(os.environ.get("CORRUPTIONS", "1000")))) == {}
