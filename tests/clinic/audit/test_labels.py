"""Everything in the audit trail has a label: no auditor reads a URL name."""

import ast

import pytest
from django.apps import apps
from django.conf import settings

from clinic.audit import labels
from clinic.models import AuditEntry
from patients.models import VisitState
from tests import access

# Calls whose action is computed; a new one belongs here, with what it can record.
COMPUTED = {
    "clinic/audit/middleware.py": labels.ATTEMPTS,
    "clinic/accounts/admin.py": ("added", "changed"),
    "clinic/accounts/lockout.py": ("password failed", "second factor failed", "denied while locked"),
    "clinic/accounts/login_sessions.py": ("ended all logins", "ended the other logins"),
    "clinic/accounts/set_up.py": (
        "confirmed the time zone", "recorded a restored backup", "sent a test email", "could not send a test email",
    ),
    "clinic/backup/actions.py": (
        "made a backup", "could not make a backup", "restored a backup", "restored a backup in a drill",
        "could not restore a backup in a drill",
    ),
    "patients/diary/actions/opening_hours.py": ("removed an absence", "removed a closure"),
    "patients/diary/actions/reminders.py": ("sent a reminder", "sent a message about a change"),
    "patients/diary/actions/time_zone.py": tuple(f"kept {w} in a new zone" for w in ("clock times", "points in time")),
    "patients/front_desk/actions/visits.py": tuple(state.label.lower() for state in VisitState),
    "planning/sessions/actions/sessions.py": (),  # `recorded()`, whose callers are read
    "clinic/records/audit_log.py": (),
}  # fmt: skip
RECORDING = {"record", "recorded", "_audit", "record_in_audit_log", "_send_once"}
OUTSIDE = ("migrations", "demo")


def recorded_actions():
    """(module, action) of each call that records one; the action is None if it is computed."""
    for package in ("clinic", "patients", "planning"):
        for path in sorted((settings.BASE_DIR / package).rglob("*.py")):
            if not set(OUTSIDE) & set(path.parts):
                yield from _of(path)


def _of(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        named = called in RECORDING and any(keyword.arg == "by" for keyword in node.keywords)
        if named or called == "_send_once":
            texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            yield path.relative_to(settings.BASE_DIR).as_posix(), texts[0] if texts else None


def test_each_action_of_the_audit_trail_has_a_label():
    found = list(recorded_actions())
    assert len(found) > 70
    assert {module for module, action in found if action is None} <= COMPUTED.keys()
    known = {action for _, action in found if action} | {a for actions in COMPUTED.values() for a in actions}
    assert known - {labels.READ, *labels.ATTEMPTS, *labels.actions()} == set()


def test_each_url_has_a_label():
    named = {url.name for url in access.urls() if not url.name.startswith("admin/")}
    assert {name for name in named if "unknown page" in labels.read_label(name)} == set()


def test_each_model_has_a_noun():
    models = {
        model._meta.label_lower
        for label in ("clinic", "patients", "planning")
        for model in apps.get_app_config(label).get_models()
        if not model.__name__.startswith("Historical")
    }
    noted = {label: labels.entry_label(AuditEntry(action="noted", object_type=label, route="")) for label in models}
    assert {label for label, shown in noted.items() if shown == "noted"} == set()


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (("read", "", "planning:patient-detail"), "opened the patient’s page"),
        (("read", "", "api:visit-detail"), "opened the visit through the API"),
        (("read", "", "planning:session-sign"), "opened the page to sign the session"),
        (("read", "", "planning:record-print"), "printed the signed record"),
        (("arrived", "patients.visit", "planning:visit-state"), "marked the visit arrived"),
        (("refused", "", "planning:session-sign"), "tried to sign the session"),
        (("refused", "", "admin:planning_muscle_change"), "tried to open or change a muscle of the catalogue"),
        (("not found", "", "planning:assessment"), "tried to open or change the assessment, which does not exist"),
        (("exported", "", "patients:followup-csv"), "downloaded the follow-ups"),
        (("refused", "", ""), "tried to open an unknown page"),
    ],
)
def test_entry_has_a_label(entry, expected):
    action, label, route = entry
    assert labels.entry_label(AuditEntry(action=action, object_type=label, route=route)) == expected
