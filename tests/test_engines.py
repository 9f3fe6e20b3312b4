"""Where an engine can change what happens, a test that PostgreSQL runs too is named for it."""

import ast
import re

import pytest
from django.conf import settings

from tests.test_layers import PARSED

# By module, the file below tests/ that shows on both engines what it does.
SHOWN_IN = {
    "clinic/actions.py": "clinic/test_submissions.py",
    "clinic/admin.py": "planning/test_admin.py",
    "clinic/durability.py": "clinic/test_durability.py",
    "clinic/locks.py": "patients/test_alike.py",
    "clinic/models/people.py": "planning/test_admin.py",
    "clinic/models/tokens.py": "clinic/test_tokens.py",
    "clinic/models/versions.py": "clinic/test_versions.py",
    "clinic/tokens/actions.py": "clinic/test_tokens.py",
    "clinic/triggers.py": "clinic/test_triggers.py",
    "clinic/views.py": "clinic/test_frame.py",
    "patients/actions/duplicates.py": "patients/test_duplicates.py",
    "patients/actions/followups.py": "patients/test_followups.py",
    "patients/actions/frame.py": "patients/test_frame.py",
    "patients/actions/outbound.py": "patients/test_reminders.py",
    "patients/actions/patients.py": "patients/test_patients.py",
    "patients/actions/sameperson.py": "planning/test_same_person.py",
    "patients/actions/visits.py": "patients/test_booking_races.py",
    "patients/guards.py": "patients/test_constraints.py",
    "patients/models/coverage.py": "patients/test_coverage.py",
    "patients/models/frame.py": "patients/test_frame.py",
    "patients/models/keys.py": "patients/test_search.py",
    "patients/models/patient.py": "patients/test_constraints.py",
    "patients/models/recordnumber.py": "patients/test_patients.py",
    "planning/actions/amendments.py": "planning/test_amendments.py",
    "planning/actions/assessments.py": "planning/test_assessment_actions.py",
    "planning/actions/catalogue.py": "planning/test_catalogue_actions.py",
    "planning/actions/course.py": "planning/test_course_actions.py",
    "planning/actions/endings.py": "planning/test_endings.py",
    "planning/actions/injections.py": "planning/test_session_actions.py",
    "planning/actions/patients.py": "planning/test_status.py",
    "planning/actions/sessions.py": "planning/test_session_actions.py",
    "planning/actions/sets.py": "planning/test_sets.py",
    "planning/actions/signing.py": "planning/test_signing.py",
    "planning/actions/vials.py": "planning/test_session_actions.py",
    "planning/actions/visits.py": "planning/test_moving.py",
    "planning/guards.py": "planning/test_immutable.py",
    "planning/management/commands/export_patient.py": "planning/test_charts.py",
    "planning/management/commands/seed.py": "planning/test_seed.py",
    "planning/models/instrument.py": "planning/test_constraints.py",
    "planning/models/lot.py": "planning/test_lot_matches.py",
    "planning/models/product.py": "planning/test_constraints.py",
    "planning/models/sessionset.py": "planning/test_overview.py",
    "planning/models/sets.py": "planning/test_constraints.py",
    "planning/overview.py": "planning/test_overview.py",
    "planning/views/sameperson.py": "planning/test_same_person.py",
}

# Statements and locks of our own, and what the database says back.
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
    """What in a module an engine may answer in its own way."""
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
def test_what_engines_do_differently_has_an_engine_test(name):
    assert name in SHOWN_IN, f"{name} uses {sorted(DEPENDENT[name])}: name the engine test of it in SHOWN_IN."


@pytest.mark.parametrize("name", SHOWN_IN)
def test_the_table_names_only_dependent_modules_and_marked_tests(name):
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
def test_a_dependent_module_is_recognised(source):
    assert engine_dependent(ast.parse(source))


def test_other_modules_are_not_dependent():
    assert not engine_dependent(ast.parse("Visit.objects.filter(state='booked').order_by('pk')"))
