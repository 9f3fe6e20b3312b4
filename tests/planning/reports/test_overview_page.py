"""The page and the file of the overview."""

import csv
import datetime as dt
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinic.models import AuditEntry, Clinic
from tests import builders
from tests.planning.reports.overview_history import a_signed_session, an_event, of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_the_clinic():
    """By the clock of the clinic, as in a request."""
    with timezone.override(Clinic.ours().zone):
        yield


def text_of(response):
    return response.content.decode()


@pytest.fixture
def overview(login, neurologist):
    client = login(neurologist)
    return lambda query="": client.get(f"/overview/{query}")


@pytest.fixture
def some_history(neurologist):
    """Sessions in this year and the one before, and a dysphagia."""
    today = builders.today()
    patient = builders.a_patient(family_name="Unnamed", record_number="RN-UNNAMED")
    for weeks in (60, 26, 14, 2):
        session = a_signed_session(by=neurologist, patient=patient, day=today - dt.timedelta(weeks=weeks))
    an_event(session, by=neurologist, serious="yes")


@pytest.mark.engine
def test_charts_are_repeated_as_text_and_tables(overview, some_history):
    response = text_of(overview())
    for text in (
        "3 in 12 months, at most ",
        "3 intervals, by whole weeks, 0 to 30",
        "The median is 12 weeks.",
        "Dysphagia",
        "1, 1 serious",
        "The last month is not complete.",
    ):
        assert text in response, text
    assert response.count("<table") == 3
    assert response.count("<figure") == 5
    assert response.count("<svg") == 2 * 2  # sessions and weeks, each for a wide screen and a phone


def test_overview_of_an_empty_clinic_is_shown(overview):
    response = text_of(overview())
    assert "None in 12 months." in response
    assert "No interval ends in this period." in response
    assert "None recorded." in response


def test_page_and_file_contain_no_dose_or_name(overview, login, neurologist, some_history):
    for response in (text_of(overview()), text_of(login(neurologist).get("/overview/csv/"))):
        for secret in ("1.11", "2.22", "UNNAMED", "Unnamed"):
            assert secret not in response


@pytest.mark.parametrize("months", [12, 24, 60])
def test_months_are_chosen(months, overview):
    response = text_of(overview(f"?months={months}"))
    assert f'<option value="{months}" selected>' in response
    assert f"None in {months} months." in response
    assert "errorlist" not in response


@pytest.mark.parametrize("months", ["", "0", "13", "-12", "1e1", "abc", "12.0", "٢٤", "99999999999999999999", "%00"])
@pytest.mark.parametrize("path", ["/overview/", "/overview/csv/"])
@pytest.mark.sample(4)
def test_other_number_of_months_shows_a_message_and_twelve(path, months, login, neurologist):
    response = login(neurologist).get(f"{path}?months={months}")
    assert response.status_code == 200
    assert "Choose 12, 24 or 60 months. These are 12." in text_of(response)
    assert "None in 12 months." in text_of(response)


def test_opened_page_shows_no_error(overview):
    assert "Choose 12" not in text_of(overview())


@pytest.mark.engine
def test_file_is_one_tidy_table(login, neurologist, some_history):
    response = login(neurologist).get("/overview/csv/?months=12")
    assert response["Content-Disposition"] == f'attachment; filename="collum-overview-{builders.today()}.csv"'
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert rows[0] == ["Section", "What", "Month, kind or weeks", "Count"]
    shown = of(last=builders.today())
    month = f"{builders.today() - dt.timedelta(weeks=14):%Y-%m}"
    for row in (
        ["By month", "Signed sessions", month, "1"],
        ["By month", "Visits cancelled", month, "0"],
        ["Follow-ups", "Overdue now", "", str(shown.overdue)],
        ["Follow-ups", "More than 4 weeks late", "", str(shown.very_late)],
        ["Adverse events", "All", "Dysphagia", "1"],
        ["Adverse events", "Serious", "Dysphagia", "1"],
        ["Weeks between sessions", "Intervals", "12", "2"],
        ["Weeks between sessions", "Intervals", "34", "1"],
    ):
        assert row in rows
    assert len(rows) == 1 + 4 * 12 + 2 + 2 + 2
    assert {len(row) for row in rows} == {4}


@pytest.mark.parametrize(("path", "actions"), [("", []), ("csv/", ["exported"]), ("xlsx/", ["exported"])])
def test_only_an_export_of_the_overview_is_audited(path, actions, login, neurologist, some_history):
    client = login(neurologist)
    before = AuditEntry.objects.count()
    client.get(f"/overview/{path}")
    entries = AuditEntry.objects.all()[before:]
    assert [entry.action for entry in entries] == actions
    assert not any(entry.patients.exists() for entry in entries)


@pytest.mark.parametrize("who", ["trainee", "staff", "catalogue_manager", "auditor", "superuser"])
@pytest.mark.parametrize("path", ["/overview/", "/overview/csv/"])
def test_only_a_neurologist_can_see_the_overview(who, path, login, request):
    assert login(request.getfixturevalue(who)).get(path).status_code == 403


def test_navigation_link_needs_the_permission(login, neurologist, trainee):
    assert 'href="/overview/"' in text_of(login(neurologist).get("/"))
    assert 'href="/overview/"' not in text_of(login(trainee).get("/"))


@pytest.mark.engine
def test_overview_runs_five_queries(neurologist, some_history):
    today = builders.today()
    with CaptureQueriesContext(connection) as asked:
        of(60, last=today)
    assert len(asked) == 5
