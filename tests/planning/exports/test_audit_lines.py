"""One line for each session and muscle, with doses as typed, as CSV and as XLSX."""

import csv
import io

import pytest
from django.db import connection

from clinic.models import AuditEntry
from planning.exports import views
from planning.exports.audit_lines import COLUMNS, audit_lines
from planning.models import DataExport, InjectionSession
from tests import builders
from tests.planning.exports.conftest import TYPED
from tests.spreadsheets import cells_of_xlsx
from tests.world import SECRETS

pytestmark = pytest.mark.django_db

REASON = "National audit"


@pytest.fixture
def through_tests_connection(monkeypatch):
    """A snapshot would not contain what the test has not committed."""
    from contextlib import nullcontext

    monkeypatch.setattr(views, "snapshot", lambda connection: nullcontext(connection))


def sent(**changed):
    today = builders.today().isoformat()
    values = {"reason": REASON, "since": today, "until": today} | changed
    return {f"sessions-{name}": value for name, value in values.items()}


def rows_of(response):
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def test_each_injection_of_a_signed_session_is_a_line(world):
    today = builders.today()
    lines = list(audit_lines(connection, since=today, until=today))
    contents = [session.record().content for session in InjectionSession.objects.counted().order_by("pk")]
    assert lines[0] == COLUMNS
    assert len(lines) - 1 == sum(len(content["injections"]) for content in contents)
    lines = [dict(zip(COLUMNS, line, strict=True)) for line in lines[1:]]
    assert {line["Given dose, as typed"] for line in lines} >= {*TYPED, "7.77", SECRETS["given_dose"]}
    assert {line["Record number"] for line in lines} == {world.patient.record_number}
    assert SECRETS["family_name"] not in str(lines)


def test_only_sessions_of_the_period_are_listed(world):
    yesterday = builders.today() - builders.dt.timedelta(days=1)
    assert list(audit_lines(connection, since=yesterday, until=yesterday)) == [COLUMNS]


def test_not_given_and_not_recorded_are_distinguished(neurologist):
    session = builders.a_given_session(by=neurologist, doses=("1.11",))
    builders.sign(session, by=neurologist)
    today = builders.today()
    found = {line[10] for line in list(audit_lines(connection, since=today, until=today))[1:]}
    assert found == {"given", "given, dose not recorded"}


def test_csv_and_xlsx_have_the_same_text(login, world, through_tests_connection):
    client = login(world.clinician)
    by_csv = rows_of(client.post("/exports/sessions/csv/", sent()))
    workbook = client.post("/exports/sessions/xlsx/", sent())
    cells = cells_of_xlsx(workbook)
    assert [[value for value, _ in row] for row in cells] == by_csv
    assert {kind for row in cells for value, kind in row if value} == {"s"}  # a number could lose its zeros
    assert "2.50" in {cell for row in by_csv for cell in row}
    exports = DataExport.objects.order_by("pk")
    assert [(each.kind, each.reason, each.by) for each in exports] == [("sessions", REASON, world.clinician)] * 2
    for entry in AuditEntry.objects.filter(action="exported"):
        assert {row.patient_id for row in entry.patients.all()} == {world.patient.pk}


def test_patients_outside_of_the_period_are_not_named(login, world, through_tests_connection):
    builders.a_session_of_weeks_ago(by=builders.a_clinician())
    rows_of(login(world.clinician).post("/exports/sessions/csv/", sent()))
    entry = AuditEntry.objects.filter(action="exported").latest("pk")
    assert [row.patient_id for row in entry.patients.all()] == [world.patient.pk]


def test_too_many_lines_for_a_workbook_are_rejected(login, world, through_tests_connection, monkeypatch):
    monkeypatch.setattr(views, "MOST_IN_XLSX", 3)
    body = login(world.clinician).post("/exports/sessions/xlsx/", sent()).content.decode()
    assert "Choose fewer days, or download the CSV." in body
    assert not DataExport.objects.exists()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"reason": ""}, "This field is required"),
        ({"since": ""}, "This field is required"),
        ({"since": "soon"}, "sessions-since"),
        ({"until": "2020-01-01"}, "This day is before the first one"),
    ],
)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_incomplete_period_is_rejected(kind, changed, message, login, neurologist):
    response = login(neurologist).post(f"/exports/sessions/{kind}/", sent(**changed))
    assert message in response.content.decode()
    assert not DataExport.objects.exists()
