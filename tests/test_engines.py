"""Every module whose behaviour depends on the database engine has a test that PostgreSQL also runs."""

import ast
import re

import pytest
from django.conf import settings

from tests.test_layers import PARSED

# By module, the file in tests/ that tests it on both engines.
SHOWN_IN = {
    "clinic/records/actions.py": "clinic/records/test_submissions.py",
    "clinic/records/counts.py": "clinic/records/test_counts.py",
    "clinic/accounts/admin.py": "planning/catalogue/test_admin.py",
    "clinic/records/durability.py": "clinic/records/test_durability.py",
    "clinic/records/locks.py": "patients/people/test_similar_records.py",
    "clinic/accounts/login_failures.py": "clinic/accounts/test_lockout.py",
    "clinic/accounts/models.py": "planning/catalogue/test_admin.py",
    "clinic/accounts/tokens.py": "clinic/accounts/test_tokens.py",
    "clinic/records/models.py": "clinic/records/test_versions.py",
    "clinic/accounts/actions.py": "clinic/accounts/test_tokens.py",
    "clinic/records/triggers.py": "clinic/records/test_triggers.py",
    "clinic/web/middleware.py": "clinic/web/test_probes.py",
    "clinic/web/views.py": "clinic/web/test_busy_database.py",
    "patients/people/alike.py": "patients/people/test_birth_dates.py",
    "patients/people/actions/duplicates.py": "patients/people/test_duplicates.py",
    "patients/diary/actions/time_zone.py": "patients/diary/test_time_zone.py",
    "patients/followups/actions.py": "patients/followups/test_followups.py",
    "patients/diary/actions/opening_hours.py": "patients/diary/test_opening_hours.py",
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
    "planning/signing/actions/amendments.py": "planning/signing/test_amendments.py",
    "planning/course/actions/assessments.py": "planning/course/assessment_actions/test_assessment_actions.py",
    "planning/catalogue/actions/entries.py": "planning/catalogue/test_catalogue_actions.py",
    "planning/catalogue/admin.py": "planning/catalogue/test_catalogue_actions.py",
    "planning/course/actions/course.py": "planning/course/course_actions/test_course_actions.py",
    "planning/signing/actions/endings.py": "planning/signing/test_endings.py",
    "planning/sessions/actions/injections.py": "planning/sessions/session_actions/test_injections.py",
    "planning/pages/actions/patients.py": "planning/pages/test_status.py",
    "planning/sessions/actions/sessions.py": "planning/sessions/session_actions/test_injections.py",
    "planning/catalogue/actions/imports.py": "planning/catalogue/test_import.py",
    "planning/catalogue/actions/muscle_sets.py": "planning/catalogue/test_sets.py",
    "planning/signing/actions/signing.py": "planning/signing/test_signing.py",
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


DEPENDENT = {name: found for name, tree in PARSED.items() if (found := engine_dependent(tree))}


def is_marked(tree):
    """Whether a file of tests, or one of its tests, has the mark `engine`."""
    return any(isinstance(node, ast.Attribute) and ast.unparse(node) == "pytest.mark.engine" for node in ast.walk(tree))


@pytest.mark.parametrize("name", DEPENDENT)
def test_engine_dependent_module_has_an_engine_test(name):
    assert name in SHOWN_IN, f"{name} uses {sorted(DEPENDENT[name])}: name the engine test of it in SHOWN_IN."


@pytest.mark.parametrize("name", SHOWN_IN)
def test_table_names_only_dependent_modules_and_marked_tests(name):
    assert name in DEPENDENT
    assert is_marked(ast.parse((settings.BASE_DIR / "tests" / SHOWN_IN[name]).read_text()))


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
