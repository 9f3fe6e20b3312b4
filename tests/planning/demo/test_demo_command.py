"""The command that fills the demo: a seed repeats it, it works on any date, and it is refused where data exists."""

import datetime as dt
import hashlib

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.core.management.color import no_style
from django.db import connection, transaction
from django.utils import timezone

from clinic.models import User
from patients.models import Patient, Visit
from planning.demo import history
from planning.demo.people import LOGINS, PEOPLE
from tests import builders


def make(**options):
    call_command("demo", verbosity=0, **{"today": dt.date(2026, 3, 4), **options})


def digest_of_the_business_data():
    """Over every row of our own tables but the audit trail; a password's salt is random."""
    hashed = hashlib.sha256()
    for model in apps.get_models():
        if model._meta.app_label not in {"clinic", "patients", "planning"} or "audit" in model._meta.model_name:
            continue
        fields = [field.attname for field in model._meta.concrete_fields if field.name != "password"]
        for row in model.objects.order_by("pk").values_list(*fields):
            hashed.update(repr((model._meta.label, row)).encode())
    return hashed.hexdigest()


def digest_of_a_run(**options):
    """Make the clinic, take the digest, and leave the database as it was, its counters too."""
    counters = connection.ops.sequence_reset_sql(no_style(), apps.get_models())
    with connection.cursor() as cursor:
        for statement in counters:
            cursor.execute(statement)
    with transaction.atomic():
        make(**options)
        digest = digest_of_the_business_data()
        transaction.set_rollback(True)
    return digest


@pytest.mark.full
def test_same_seed_creates_the_same_data(db, monkeypatch):
    monkeypatch.setattr(history, "TWO_YEARS", 12)
    first = digest_of_a_run(seed=5)
    assert digest_of_a_run(seed=5) == first
    assert digest_of_a_run(seed=6) != first


@pytest.mark.full
@pytest.mark.parametrize("today", [dt.date(2026, 3, 30), dt.date(2026, 2, 28), dt.date(2026, 11, 1)], ids=str)
def test_data_can_be_created_on_any_date(today, db, monkeypatch):
    monkeypatch.setattr(history, "TWO_YEARS", 4)
    make(today=today)
    assert Visit.objects.on_day(today).count() == 35


# Where it cannot be created


def test_seeding_is_refused_in_production(db, settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="production"):
        make()
    assert not Patient.objects.exists()


@pytest.mark.parametrize("what_is_there", [builders.a_patient, lambda: builders.a_person(username="desk")])
def test_seeding_is_refused_if_the_database_is_not_empty(what_is_there, db):
    what_is_there()
    before = Patient.objects.count(), User.objects.count()
    with pytest.raises(CommandError, match="empty database"):
        make()
    assert (Patient.objects.count(), User.objects.count()) == before


def test_if_empty_option_reports_that_data_exists(db, capsys):
    builders.a_patient()
    make(if_empty=True)
    assert "Patients already exist. Demo data was not added." in capsys.readouterr().out
    assert Patient.objects.count() == 1


def test_failed_seeding_leaves_no_data_and_resets_the_clock(db, monkeypatch):
    monkeypatch.setattr(history, "TWO_YEARS", 4)
    monkeypatch.setattr(history, "endings", lambda *args: Patient.objects.get() and 1 / 0)
    monkeypatch.setattr(history, "_everybody", lambda rng: PEOPLE[:1])
    with pytest.raises(ZeroDivisionError):
        make()
    assert not Patient.objects.exists()
    assert not User.objects.filter(username__in=[login.username for login in LOGINS]).exists()
    assert abs(timezone.now() - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)
