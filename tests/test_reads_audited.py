"""Every response that shows patients leaves one entry that names exactly these patients."""

import datetime as dt
import re

import pytest
from django.urls import reverse

from clinic.models import AuditEntry
from patients.followups.actions import arrange_follow_up
from patients.models import Patient
from planning.letters import pdf
from tests import access, builders
from tests.planning.session_pages.sending import FETCH, row_data, row_path, send_row
from tests.spreadsheets import text_of_response
from tests.world import SECRETS, World

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
LOOKS = {"page": {}, "htmx": HTMX, "fetch": FETCH}


@pytest.fixture(scope="module")
def made_world(module_transaction):
    """A patient with everything, and five more in lists."""
    world = World()
    world.others = [
        builders.a_patient(family_name="Zażółć", given_name=f"Nr {number}", record_number=f"RN-7700{number}")
        for number in range(5)
    ]
    for hour, patient in enumerate(world.others, start=12):
        builders.a_follow_up(patient=patient, clinician=world.clinician)
        visit = builders.an_arrived_visit(patient=patient, clinician=world.clinician, hour=hour)
        builders.a_given_session(by=world.clinician, visit=visit)
    # And two who are no patients of today: one to be booked first of all, one to be signed
    builders.a_follow_up(due_on=builders.today() - dt.timedelta(days=9))
    earlier = builders.a_visit(clinician=world.clinician, day=builders.today() - dt.timedelta(days=9))
    builders.a_given_session(by=world.clinician, visit=earlier)
    return world


@pytest.fixture
def doctor(client, world):
    client.force_login(world.clinician)
    return client


def shown_in(body):
    """All patients whose record number, name or URL is in the body."""
    everybody = list(Patient.objects.all())
    numbers = {patient.record_number: patient.pk for patient in everybody}
    names = {str(patient): patient.pk for patient in everybody}
    found = {pk for number, pk in numbers.items() if re.search(rf"{number}\b", body)}
    found |= {pk for name, pk in names.items() if name in body}
    return found | {int(pk) for pk in re.findall(r'href="/patients/(\d+)/', body)}


def entries_since(last):
    return [
        (entry.action, {row.patient_id for row in entry.patients.all()})
        for entry in AuditEntry.objects.filter(pk__gt=last).order_by("pk")
    ]


def last_entry():
    return AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first()


def pages():
    for url in access.urls():
        if "N" in access.allowed_roles(url.name, "GET") and not (url.is_allauth or url.is_api):
            yield url


QUERIES = {
    "planning:lot-list": [f"?lot={SECRETS['lot_number']}", ""],
    "planning:lot-csv": [f"?lot={SECRETS['lot_number']}", ""],
    "planning:lot-xlsx": [f"?lot={SECRETS['lot_number']}", ""],
    "planning:today": ["?whose=all", "?whose=mine", "?day=2020-01-01"],
}
# Searches are sent by POST.
SEARCHES = {
    "patients:patient-list": ["Zażółć", "RN-770", SECRETS["family_name"]],
    "patients:visit-new": ["Zażółć", "nobody"],
}
# Exported files are distinguished from reads.
EXPORTS = {
    f"{table}-{kind}" for table in ("planning:lot", "patients:followup", "patients:waiting") for kind in ("csv", "xlsx")
}


def read(doctor, world, url, query, look):
    """The patients that a page shows. One entry names exactly these."""
    before = last_entry()
    response = doctor.get(world.fill(url.route) + query, headers=LOOKS[look])
    assert response.status_code < 400
    shown = shown_in(text_of_response(response))
    entries = entries_since(before)
    if shown:
        assert entries == [("exported" if url.name in EXPORTS else "read", shown)], f"{url.name}{query}"
    else:
        # A fragment can show none, and a redirect shows none; still at most one entry
        assert len(entries) <= 1, f"{url.name}{query}"
    return shown


@pytest.mark.full
@pytest.mark.parametrize("look", ["htmx", "fetch"])
def test_part_of_a_page_leaves_one_entry_that_names_its_patients(look, world, doctor):
    for url in pages():
        for query in QUERIES.get(url.name, [""]):
            read(doctor, world, url, query, look)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", SEARCHES)
def test_search_records_shown_patients_in_one_entry(name, look, world, doctor):
    for typed in SEARCHES[name]:
        before = last_entry()
        shown = shown_in(doctor.post(reverse(name), {"q": typed}, headers=LOOKS[look]).content.decode())
        assert entries_since(before) == ([("read", shown)] if shown else []), typed


def test_page_with_patients_leaves_one_entry_that_names_them(world, doctor):
    counts = {}
    for url in pages():
        first, *_ = [len(read(doctor, world, url, query, "page")) for query in QUERIES.get(url.name, [""])]
        counts[url.name] = first
    # And the pages show patients: nothing is proven by an empty page
    assert counts.pop("planning:today") == 8
    assert counts.pop("planning:day-print") == counts.pop("patients:diary") == 6
    assert counts.pop("patients:visit-unsettled") == 2
    assert counts.pop("patients:unattended") == 2
    assert counts.pop("planning:patient-same-confirm") == 2
    assert counts.pop("patients:duplicate-list") >= 2  # and some names of the builders are similar
    assert counts.pop("patients:followup-print") == 7
    assert counts.pop("patients:followup-csv") == counts.pop("patients:followup-xlsx") == 7
    assert counts.pop("planning:to-sign") == counts.pop("patients:followup-list") == 7
    assert len(shown_in(doctor.post("/patients/", {"q": "Zażółć"}).content.decode())) == 5
    nobody = {
        "clinic:start", "clinic:tokens", "clinic:preferences", "clinic:login-session",
        "clinic:help", "clinic:help-page", "clinic:security", "clinic:app-set-up", "clinic:passkey-add",
        "clinic:passkey-rename", "clinic:factor-remove", "clinic:recovery-codes",
        "planning:muscle-list", "patients:patient-list", "patients:patient-register",
        # Redirects, since this session is not signed
        "planning:session-amend", "planning:session-amendment", "planning:amendment-discard",
        "planning:muscle-set-list", "planning:muscle-set-detail",
        # The diary without visits, and forms before a patient is chosen
        "patients:opening-hours", "patients:hours-change", "patients:reminder-text", "patients:slip-text",
        "patients:running-late", "patients:import-list", "patients:import-detail",
        "patients:calendar-url",
        "patients:calendar-feed", "patients:free-times", "patients:visit-new",
        # Counts, and what was exported before
        "planning:export-list", "planning:overview", "planning:overview-csv", "planning:overview-xlsx",
    }  # fmt: skip
    if not pdf.is_available():
        nobody.add("planning:letter-pdf")  # redirects
    assert {name for name, count in counts.items() if count != 1} == nobody


@pytest.mark.parametrize("look", LOOKS)
def test_write_that_shows_its_patient_leaves_one_entry(look, world, doctor):
    before = last_entry()
    send_row(doctor, world.row, headers=LOOKS[look], note="new")
    assert entries_since(before) == [("changed", {world.patient.pk})]


@pytest.mark.parametrize("look", LOOKS)
def test_rejected_write_that_shows_the_patient_is_a_read(look, world, doctor):
    before = last_entry()
    response = send_row(doctor, world.row, headers=LOOKS[look], given_dose="2,5")
    assert response.status_code == 422
    assert ("read", {world.patient.pk}) in entries_since(before)


@pytest.mark.parametrize("look", LOOKS)
def test_refused_action_that_shows_the_patient_is_one_entry(look, world, doctor):
    before = last_entry()
    sent = row_data(world.row, note="stale") | {f"s{world.row.session_id}-i{world.row.pk}-version": 999}
    assert doctor.post(row_path(world.row), sent, headers=LOOKS[look]).status_code == 409
    assert entries_since(before) == [("refused", {world.patient.pk})]


def test_page_after_a_refused_action_names_its_patients(world, doctor):
    """Closing a follow-up with an empty form shows its page."""
    before = last_entry()
    response = doctor.post(f"/follow-ups/{world.follow_up.pk}/close/", {"version": world.follow_up.version})
    shown = shown_in(response.content.decode())
    assert shown == {world.patient.pk}
    assert entries_since(before) == [("read", shown)]


def test_search_entry_names_only_the_20_patients_shown(world, doctor):
    for number in range(25):
        builders.a_patient(family_name="Żurek", given_name=f"Nr {number:02}")
    before = last_entry()
    shown = shown_in(doctor.post("/patients/", {"q": "zurek"}).content.decode())
    assert len(shown) == 20
    assert entries_since(before) == [("read", shown)]


def test_denied_request_names_no_patient(world, client, staff):
    client.force_login(staff)
    before = last_entry()
    for path in (world.session.get_absolute_url(), world.record.get_absolute_url(), row_path(world.row)):
        client.post(path) if path == row_path(world.row) else client.get(path)
    assert entries_since(before) == [("refused", set())] * 3


def test_request_without_a_login_names_no_patient(world, client):
    before = last_entry()
    for url in pages():
        client.get(world.fill(url.route))
    assert entries_since(before) == []


def test_entry_contains_the_user_and_url_name(world, doctor):
    response = doctor.get(world.patient.get_absolute_url())
    entry = AuditEntry.objects.order_by("-pk").first()
    assert (entry.actor, entry.roles, entry.route) == (world.clinician, "neurologist", "planning:patient-detail")
    assert entry.request_id == response["X-Request-ID"]


def test_reading_the_audit_trail_names_the_patient_looked_up(world, client, auditor):
    client.force_login(auditor)
    before = last_entry()
    client.post("/audit/", {"record_number": world.patient.record_number})
    assert entries_since(before) == [("read the audit trail", {world.patient.pk})]


def test_follow_up_opened_by_an_action_leaves_its_own_entry(world):
    before = last_entry()
    arrange_follow_up(
        patient=world.patient, kind="review", due_on=builders.today(), clinician=world.clinician, by=world.clinician
    )
    builders.set_guidance(world.session, "emg", by=world.clinician)
    assert [patients for _, patients in entries_since(before)] == [{world.patient.pk}] * 2
