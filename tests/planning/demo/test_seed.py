"""Where invented patients cannot be seeded; tests/test_plans.py tests what is seeded."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from patients.models import Patient
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def test_seeding_is_refused_in_production(settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="Do not add invented patients there"):
        call_command("seed", patients=16)
    assert not Patient.objects.exists()


def test_seeding_needs_an_empty_postgresql_database():
    builders.a_patient()
    why = "Patients already exist" if connection.vendor == "postgresql" else "Name one in DATABASE_URL"
    with pytest.raises(CommandError, match=why):
        call_command("seed", patients=16)
    assert Patient.objects.count() == 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="seeding is for PostgreSQL")
def test_number_of_patients_is_required():
    with pytest.raises(CommandError, match="at least one"):
        call_command("seed", patients=0)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="seeding is for PostgreSQL")
def test_more_patients_need_no_more_queries():
    def queries_for(patients):
        with CaptureQueriesContext(connection) as queries, transaction.atomic():
            call_command("seed", patients=patients, verbosity=0, stdout=io.StringIO())
            transaction.set_rollback(True)
        return len(queries)

    assert queries_for(32) == queries_for(16)
