"""Which tables and columns are in an export of everything, and why others are not."""

from dataclasses import dataclass
from functools import cache

from django.apps import apps
from django.db.models import Model

from planning.exports.latest_records import read

_SECRET = "It allows a login, or is a secret of a user."  # noqa: S105  (a sentence)
_AUDIT = "The audit trail is read, verified and downloaded by auditors."
_DERIVED = "It is derived from other columns, for searches."
_TECHNICAL = "It is of use in this database only."
# By table, or by the beginning of its name with a star. A backup contains most of them.
TABLES_LEFT_OUT = {
    "account_*": _SECRET,
    "mfa_*": _SECRET,
    "clinic_apitoken": _SECRET,
    "clinic_loginsession": _SECRET,
    "clinic_loginfailures": _SECRET,
    "patients_calendarfeed": _SECRET,
    "clinic_auditentry": _AUDIT,
    "clinic_auditedpatient": _AUDIT,
    "clinic_auditseal": _AUDIT,
    "patients_patientkey": _DERIVED,
    "patients_possibleduplicate": _DERIVED,
    "planning_musclekey": _DERIVED,
    "planning_lotspelling": _DERIVED,
    "auth_permission": _TECHNICAL,
    "auth_group_permissions": _TECHNICAL,
    "clinic_user_user_permissions": _TECHNICAL,
    "clinic_submission": _TECHNICAL,
    "clinic_setupcheck": _TECHNICAL,
    "clinic_backuprun": _TECHNICAL,
    "patients_recordnumbercounter": _TECHNICAL,
    "patients_reminderrun": _TECHNICAL,
    "django_*": _TECHNICAL,
}
COLUMNS_LEFT_OUT = {
    "clinic_user": {
        **dict.fromkeys(("password", "last_login", "must_change_password"), _SECRET),
        **dict.fromkeys(("appearance", "single_keys"), _TECHNICAL),
    },
    "patients_patient": {"sort_name": _DERIVED},
    "patients_historicalpatient": {"sort_name": _DERIVED},
}


@dataclass(frozen=True)
class ExportedTable:
    model: type[Model]
    fields: tuple

    @property
    def name(self):
        return self.model._meta.db_table


@cache
def exported_tables():
    models = sorted(apps.get_models(include_auto_created=True), key=lambda model: model._meta.db_table)
    return tuple(_table(model) for model in models if why_left_out(model._meta.db_table) is None)


def why_left_out(table):
    """None if the table is exported."""
    for name, reason in TABLES_LEFT_OUT.items():
        if table == name or (name.endswith("*") and table.startswith(name[:-1])):
            return reason
    return None


def _table(model):
    left_out = COLUMNS_LEFT_OUT.get(model._meta.db_table, {})
    return ExportedTable(model, tuple(each for each in model._meta.concrete_fields if each.column not in left_out))


def rows_of(table, connection):
    """The values of each row, in the order of the columns and of their ids, read in portions."""
    names = [field.attname for field in table.fields]
    return read(table.model._base_manager.order_by("pk").values_list(*names), connection)
