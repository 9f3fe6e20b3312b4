"""The script in docs/examples, run as its readers run it: against a server, with a token."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

from clinic.accounts.permissions import Permission
from clinic.models import ApiToken, AuditEntry
from patients.models import Patient, Visit
from planning.models import InjectionSession
from tests import builders, rule
from tests.api.conftest import a_token

SCRIPT = settings.BASE_DIR / "docs" / "examples" / "plan_a_session.py"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(live_server):
    """`run(token)` returns the output of the script and its exit status."""

    def with_token(token):
        environment = {**os.environ, "COLLUM_URL": live_server.url, "COLLUM_TOKEN": token, "PYTHONWARNINGS": "error"}
        return subprocess.run(
            [sys.executable, SCRIPT], env=environment, capture_output=True, text=True, check=False, timeout=120
        )

    return with_token


def test_script_registers_a_patient_and_plans_a_session(run, neurologist):
    # Given a neurologist with working hours, and their token
    builders.hours(neurologist)
    token = a_token(neurologist)

    # When the script runs
    ended = run(token.secret)

    # Then a patient is registered, a visit booked and a session planned, with a muscle on both sides
    assert (ended.returncode, ended.stderr) == (0, "")
    session = InjectionSession.objects.get()
    visit = Visit.objects.get()
    assert Patient.objects.get().family_name == "Example"
    assert (session.visit, visit.clinician, visit.kind) == (visit, neurologist, "injection")
    assert session.state == "planned"
    rows = [(row.muscle.short_name, row.side, row.guidance) for row in session.injections.in_order()]
    assert sorted(rows) == [("LS", "left", ""), ("LS", "right", ""), ("SCM", "right", "emg")]
    # And no dose is stored
    assert {(row.planned_dose, row.given_dose) for row in session.injections.all()} == {("", "")}
    # And the script shows what it created, and the audit trail names its user
    assert "Sternocleidomastoid, right, guidance: emg" in ended.stdout
    assert f"patient {Patient.objects.get().record_number}" in ended.stdout
    assert ApiToken.objects.get().last_used_at is not None
    assert AuditEntry.objects.filter(actor=neurologist, action="registered").exists()


def test_second_run_reports_the_registered_patient(run, neurologist):
    builders.hours(neurologist)
    token = a_token(neurologist)
    run(token.secret)
    ended = run(token.secret)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "A similar patient is already registered" in ended.stdout
    assert Patient.objects.count() == 1
    assert InjectionSession.objects.count() == 2


def test_script_prints_the_error_message_of_collum(run, neurologist):
    builders.hours(neurologist)
    ended = run(a_token(neurologist, {Permission.SEE_PATIENTS}).secret)
    assert ended.returncode == 1
    assert ended.stderr.startswith("403 Forbidden: ")
    assert "(request " in ended.stderr
    assert Patient.objects.count() == 0


def test_script_without_working_hours_reports_no_free_time(run, neurologist):
    ended = run(a_token(neurologist).secret)
    assert ended.stderr == "There is no free time. Check that the clinician has working hours.\n"


def test_script_and_its_page_contain_no_dose():
    for path in (SCRIPT, settings.BASE_DIR / "docs" / "api.md"):
        text = path.read_text(encoding="utf-8")
        assert rule.faults_in_text(text) == []
        assert "planned_dose" not in text
        assert "given_dose" not in text
