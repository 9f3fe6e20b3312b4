"""No edit is lost: a record counts its saves, and a stale one is a conflict."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.apps import apps
from django.db import connection, transaction

from clinic.models import Versioned
from clinic.records.actions import require_version
from clinic.records.exceptions import Conflict
from patients.models import Patient
from planning.models import Muscle
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def test_version_starts_at_one_and_increases_with_each_save():
    muscle = Muscle(name="Trapezius", short_name="TRAP")
    muscle.save()
    assert muscle.version == 1
    muscle.save()
    assert Muscle.objects.get(pk=muscle.pk).version == 2


@transaction.atomic
def locked(model, pk, version):
    record = model.objects.locked(pk)
    require_version(record, version)
    return record


def test_current_version_can_be_written():
    muscle = builders.a_muscle()
    assert locked(Muscle, muscle.pk, muscle.version) == muscle


def test_stale_version_is_a_conflict_with_the_stored_record():
    stale = builders.a_muscle()
    fresh = builders.a_muscle()
    fresh.description = "changed in the meantime"
    fresh.save()
    with pytest.raises(Conflict) as conflict:
        locked(Muscle, stale.pk, stale.version)
    assert conflict.value.current.description == "changed in the meantime"
    assert conflict.value.message == "Another user has changed this. Read it again before you save."


VERSIONED = [model for model in apps.get_models() if issubclass(model, Versioned)]


def test_editable_models_have_a_version():
    names = {model.__name__ for model in VERSIONED}
    assert {"Patient", "Visit", "FollowUp", "Muscle", "Product", "InjectionSession", "Vial", "Injection"} <= names


@pytest.mark.django_db(transaction=True)
def test_concurrent_edits_are_not_lost():
    """Each edit adds its letter, or gets a conflict."""
    patient = builders.a_patient(note="")

    def edit(letter):
        try:
            read = Patient.objects.get(pk=patient.pk)
            time.sleep(0.02)
            with transaction.atomic():
                mine = Patient.objects.locked(read.pk)
                require_version(mine, read.version)
                mine.note += letter
                mine.save()
            return letter
        except Conflict:
            return ""
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as edits:
        acknowledged = "".join(edits.map(edit, "abcdefgh"))
    assert acknowledged
    assert sorted(Patient.objects.get(pk=patient.pk).note) == sorted(acknowledged)
