"""Every module whose behaviour depends on the database engine has a test that PostgreSQL also runs."""

import ast
import re

import pytest
from django.conf import settings

from tests.test_layers import parsed

# By module, the file in tests/ that tests it on both engines.
SHOWN_IN = {
    "clinic/backup/backing_up.py": "clinic/backup/test_snapshot.py",
    "clinic/backup/backed_up_tables.py": "clinic/backup/test_restoring.py",
    "clinic/backup/later_checks.py": "clinic/backup/test_restoring.py",
    "clinic/backup/restoring.py": "clinic/backup/test_restoring.py",
    "clinic/backup/scratch.py": "clinic/backup/test_drill.py",
    "clinic/backup/snapshots.py": "clinic/backup/test_snapshot.py",
    "clinic/backup/table_rows.py": "clinic/backup/test_rows_of_tables.py",
    "clinic/records/actions.py": "clinic/records/test_submissions.py",
    "clinic/records/compiled.py": "clinic/records/test_together.py",
    "clinic/records/counts.py": "clinic/records/test_counts.py",
    "clinic/records/together.py": "clinic/records/test_together.py",
    "clinic/records/audit_log.py": "clinic/audit/test_audit.py",
    "clinic/records/audit_rows.py": "clinic/audit/test_audit.py",
    "clinic/records/privileges.py": "clinic/records/test_database_roles.py",
    "clinic/records/sealing.py": "clinic/records/test_sealing.py",
    "clinic/records/stored_entries.py": "clinic/records/test_verification.py",
    "clinic/records/verification.py": "clinic/records/test_verification.py",
    "planning/signing/models/signed_record.py": "clinic/records/test_verification.py",
    "planning/signing/record_macs.py": "clinic/records/test_verification.py",
    "clinic/accounts/login_backend.py": "clinic/accounts/test_each_request.py",
    "clinic/accounts/hashed_sessions.py": "clinic/accounts/test_stored_logins.py",
    "clinic/web/startup.py": "clinic/web/test_startup.py",
    "clinic/accounts/admin.py": "planning/catalogue/test_admin.py",
    "clinic/records/postgresql/base.py": "clinic/records/test_commits.py",
    "clinic/records/postgresql/prepared.py": "clinic/records/test_prepared.py",
    "clinic/records/durability.py": "clinic/records/test_durability.py",
    "clinic/records/locks.py": "patients/people/test_similar_records.py",
    "clinic/accounts/login_failures.py": "clinic/accounts/test_lockout.py",
    "clinic/accounts/login_sessions.py": "clinic/accounts/test_security_page.py",
    "clinic/accounts/notices.py": "clinic/accounts/test_person_access.py",
    "clinic/accounts/second_factor/actions.py": "clinic/accounts/test_security_page.py",
    "clinic/accounts/models.py": "planning/catalogue/test_admin.py",
    "clinic/accounts/tokens.py": "clinic/accounts/test_tokens.py",
    "clinic/records/models.py": "clinic/records/test_versions.py",
    "clinic/accounts/actions.py": "clinic/accounts/test_tokens.py",
    "clinic/records/triggers.py": "clinic/records/test_triggers.py",
    "clinic/records/renamed_constraints.py": "test_upgrades.py",
    "clinic/records/renamed_triggers.py": "test_upgrades.py",
    "clinic/web/middleware.py": "clinic/web/test_probes.py",
    "clinic/web/page_numbers.py": "planning/pages/test_patient_page.py",
    "clinic/web/views.py": "clinic/web/test_busy_database.py",
    "patients/imports/actions/imports.py": "patients/imports/test_import_patients.py",
    "patients/imports/columns.py": "patients/imports/test_import_patients.py",
    "patients/imports/import_steps.py": "patients/imports/test_import_patients.py",
    "patients/imports/storing.py": "patients/imports/test_import_patients.py",
    "patients/imports/kinds/patient_rows.py": "patients/imports/test_import_patients.py",
    "patients/imports/models/import_batch.py": "patients/imports/test_import_patients.py",
    "patients/front_desk/visit_import.py": "patients/imports/test_import_records.py",
    "patients/people/actions/many_patients.py": "patients/imports/test_import_patients.py",
    "patients/people/alike.py": "patients/people/test_birth_dates.py",
    "patients/people/actions/duplicates.py": "patients/people/test_duplicates.py",
    "patients/diary/actions/time_zone.py": "patients/diary/test_time_zone.py",
    "patients/followups/actions.py": "patients/followups/test_followups.py",
    "patients/diary/actions/opening_hours.py": "patients/diary/test_opening_hours.py",
    "patients/diary/actions/delays.py": "patients/front_desk/test_delays.py",
    "patients/diary/actions/slip.py": "patients/front_desk/test_slips.py",
    "patients/diary/actions/reminders.py": "patients/diary/test_reminders.py",
    "patients/people/actions/patients.py": "patients/people/test_patients.py",
    "patients/front_desk/actions/same_person.py": "planning/pages/test_same_person.py",
    "patients/front_desk/actions/undo.py": "planning/pages/test_undo.py",
    "patients/front_desk/actions/visits.py": "patients/front_desk/test_booking_races.py",
    "patients/diary/guards.py": "patients/people/test_constraints.py",
    "patients/coverage/models/coverage.py": "patients/coverage/test_coverage.py",
    "patients/diary/models/opening_hours.py": "patients/diary/test_opening_hours.py",
    "patients/people/models/keys.py": "patients/people/test_search.py",
    "patients/people/models/patient.py": "patients/people/test_constraints.py",
    "patients/people/models/record_number.py": "patients/people/test_patients.py",
    "patients/waiting/actions.py": "patients/waiting/test_waiting_list.py",
    "planning/signing/actions/amendments.py": "planning/signing/test_amendments.py",
    "planning/course/actions/assessments.py": "planning/course/assessment_actions/test_assessment_actions.py",
    "planning/catalogue/actions/entries.py": "planning/catalogue/test_catalogue_actions.py",
    "planning/catalogue/admin.py": "planning/catalogue/test_catalogue_actions.py",
    "planning/course/actions/course.py": "planning/course/course_actions/test_course_actions.py",
    "planning/signing/actions/endings.py": "planning/signing/test_endings.py",
    "planning/sessions/actions/injections.py": "planning/sessions/session_actions/test_injections.py",
    "planning/pages/actions/patients.py": "planning/pages/test_status.py",
    "planning/sessions/actions/sessions.py": "planning/sessions/session_actions/test_injections.py",
    "planning/catalogue/actions/scanned_gtins.py": "planning/catalogue/test_scanned_gtins.py",
    "planning/catalogue/actions/imports.py": "planning/catalogue/test_import.py",
    "planning/catalogue/actions/muscle_sets.py": "planning/catalogue/test_sets.py",
    "planning/signing/actions/signing.py": "planning/signing/test_signing.py",
    "planning/fhir/searches.py": "planning/fhir/test_search.py",
    "planning/sessions/actions/vials.py": "planning/sessions/session_actions/test_injections.py",
    "planning/pages/actions/undo.py": "planning/pages/test_undo.py",
    "planning/pages/actions/visits.py": "planning/pages/test_moving.py",
    "planning/signing/guards.py": "planning/signing/test_immutable.py",
    "planning/management/commands/seed.py": "planning/demo/test_seed.py",
    "planning/catalogue/models/entry.py": "planning/catalogue/test_import.py",
    "planning/catalogue/models/instrument.py": "planning/sessions/test_constraints.py",
    "planning/sessions/models/lot.py": "planning/reports/test_lot_matches.py",
    "planning/catalogue/models/product.py": "planning/sessions/test_constraints.py",
    "planning/sessions/models/session_set.py": "planning/reports/test_overview.py",
    "planning/catalogue/models/reason.py": "planning/session_pages/test_not_today.py",
    "planning/letters/actions/letters.py": "planning/letters/test_letters.py",
    "planning/letters/models/template.py": "planning/letters/test_letters.py",
    "planning/letters/guards.py": "planning/letters/test_letters.py",
    "planning/sessions/actions/reviews.py": "planning/session_pages/test_reviews.py",
    "planning/catalogue/models/muscle_set.py": "planning/sessions/test_constraints.py",
    "planning/reports/overview_figures.py": "planning/reports/test_overview.py",
}

# Statements and locks of our own, and errors of the database.
NAMES = {
    "Collate", "DataError", "Exclusion", "Func", "IntegrityError", "Lower", "OperationalError", "RawSQL", "Trigger",
    "TruncDate", "TruncMonth", "Upper", "Window",
}  # fmt: skip
ATTRIBUTES = NAMES | {
    "bulk_update", "cursor", "execute", "extra", "get_or_create", "locked", "on_commit", "raw", "select_for_update",
    "update_or_create", "vendor",
}  # fmt: skip
ARGUMENTS = {"ignore_conflicts", "nulls_first", "nulls_last", "update_conflicts"}
LOOKUPS = re.compile(r"__(i?(exact|contains|startswith|endswith|regex)|search)$")


def engine_dependent(tree):
    """The names in a module whose behaviour depends on the engine."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in NAMES:
            found.add(node.id)
        elif isinstance(node, ast.Attribute) and node.attr in ATTRIBUTES:
            found.add(node.attr)
        elif isinstance(node, ast.keyword) and node.arg and (node.arg in ARGUMENTS or LOOKUPS.search(node.arg)):
            found.add(node.arg)
    return found


def dependent():
    return {name: found for name, tree in parsed().items() if (found := engine_dependent(tree))}


def is_marked(tree):
    """Whether a file of tests, or one of its tests, has the mark `engine`."""
    return any(isinstance(node, ast.Attribute) and ast.unparse(node) == "pytest.mark.engine" for node in ast.walk(tree))


def test_engine_dependent_module_has_an_engine_test():
    missing = {name: sorted(found) for name, found in dependent().items() if name not in SHOWN_IN}
    assert missing == {}, "Name the engine test of each in SHOWN_IN."


def test_table_names_only_dependent_modules_and_marked_tests():
    assert SHOWN_IN.keys() <= dependent().keys()
    files = {name: ast.parse((settings.BASE_DIR / "tests" / name).read_text()) for name in set(SHOWN_IN.values())}
    assert [name for name, tree in files.items() if not is_marked(tree)] == []


@pytest.mark.parametrize(
    "source",
    [
        "Visit.objects.select_for_update()",
        "connection.cursor()",
        "Patient.objects.filter(record_number__iexact=number)",
        "Patient.objects.order_by(F('name').asc(nulls_first=True))",
        "try:\n    save()\nexcept IntegrityError:\n    pass",
    ],
)
def test_dependent_module_is_recognised(source):
    assert engine_dependent(ast.parse(source))


def test_other_modules_are_not_dependent():
    assert not engine_dependent(ast.parse("Visit.objects.filter(state='booked').order_by('pk')"))
