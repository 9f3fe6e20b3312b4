"""Which versions of Collum start on a database: not one where something that they need is missing."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from clinic.records import schema_state

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def applied(app, name):
    MigrationRecorder(connection).record_applied(app, name)


def test_earlier_version_serves_after_an_addition_only():
    schema_state.refuse_unusable_schema()
    applied("planning", "9001_more_columns")
    schema_state.refuse_unusable_schema()
    applied("planning", "9002_contract_old_columns")
    with pytest.raises(ImproperlyConfigured, match=r"needs \(the migration planning\.9002_contract_old_columns\)"):
        schema_state.refuse_unusable_schema()


def test_contract_of_another_app_is_not_ours():
    applied("auth", "9001_contract_of_django")
    schema_state.refuse_unusable_schema()


def test_missing_addition_is_named_and_a_missing_contract_is_not(monkeypatch):
    MigrationRecorder.Migration.objects.filter(app="planning", name="0010_letters").delete()
    MigrationRecorder.Migration.objects.filter(app="patients", name="0011_delays").delete()
    with pytest.raises(
        ImproperlyConfigured, match=r"missing the migration patients\.0011_delays and 1 more\. Run “manage\.py migrate”"
    ):
        schema_state.refuse_unusable_schema()
    monkeypatch.setattr(schema_state, "is_contract", lambda name: name in ("0010_letters", "0011_delays"))
    schema_state.refuse_unusable_schema()
