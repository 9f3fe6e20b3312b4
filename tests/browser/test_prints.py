"""Prints on A4 as Chromium makes them: counted by page, and read."""

import datetime as dt
import io
import re

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from clinic.models import Clinic
from patients.diary.actions.slip import change_slip_text
from planning.models import Muscle
from planning.sessions.actions.injections import change_injection
from planning.sessions.actions.sessions import change_session
from tests import builders
from tests.browser import pages
from tests.browser.scans import faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

A4_POINTS = (595, 842)
LONG = "Oberstleutnant-Überlanger Familienname mit Zusatz und noch einem Zusatz"


def print_of(page, address, size=A4_POINTS):
    """The pages of the PDF, as text."""
    page.goto(address)
    pdf = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True, format="A4")))
    for sheet in pdf.pages:
        assert (round(sheet.mediabox.width), round(sheet.mediabox.height)) == size
    return [" ".join(sheet.extract_text().split()) for sheet in pdf.pages]


def each_page_says_whose_it_is(sheets, patient):
    for number, sheet in enumerate(sheets, start=1):
        assert patient.family_name.upper() in sheet
        assert f"born {patient.date_of_birth.as_text()}" in sheet
        assert patient.record_number in sheet
        assert f"Page {number} of {len(sheets)}" in sheet


def muscles(number):
    """So many rows: a pair of sides for each muscle."""
    names = [muscle.short_name for muscle in Muscle.objects.filter(group=None)]
    for extra in range(max(0, (number + 1) // 2 - len(names))):
        Muscle.objects.create(name=f"Musculus longissimus exemplaris {extra}", short_name=f"MX{extra}")
        names.append(f"MX{extra}")
    return [(name, side) for name in names for side in ("right", "left")][:number]


@pytest.fixture
def patient():
    return builders.a_patient(family_name="Okafor", given_name="Grace")


def a_session_of(patient, by, rows):
    visit = builders.an_arrived_visit(patient=patient, clinician=by)
    return builders.a_given_session(
        by=by, visit=visit, muscles=muscles(rows), doses=[f"{number}.11" for number in range(rows)]
    )


def signed(session, by):
    builders.a_vial(session=session, by=by, lot_number="LOT-77")
    builders.sign(session, by=by)
    return session.record()


@pytest.mark.full
def test_record_of_eight_muscles_prints_on_one_page(browse, patient, neurologist, watch):
    record = signed(a_session_of(patient, neurologist, 8), neurologist)
    page = browse(neurologist)
    sheets = print_of(page, f"/records/{record.pk}/print/")

    assert len(sheets) == 1
    each_page_says_whose_it_is(sheets, patient)
    for words in ("Signed record 1", "LOT-77", "patient’s right", "Dr A. Morgan, neurologist", record.hash, "I vouch"):
        assert words in sheets[0]
    for number in range(8):
        assert sheets[0].count(f" {number}.11 units") == 1
    assert not re.search(r"\b(Print|Amend|Close)\b", sheets[0])
    assert faults(page, watch) == []


def test_long_record_names_the_patient_on_every_page(browse, neurologist):
    patient = builders.a_patient(family_name=LONG, given_name="Maximiliana Theodora " * 3)
    session = a_session_of(patient, neurologist, 30)
    change_session(
        session=session, by=neurologist, version=session.version, notes="A long sentence about the session.\n" * 40
    )
    record = signed(session, neurologist)
    sheets = print_of(browse(neurologist), f"/records/{record.pk}/print/")
    assert 1 < len(sheets) < 6
    each_page_says_whose_it_is(sheets, patient)
    whole = " ".join(sheets)
    for number in range(30):
        assert whole.count(f" {number}.11 units") == 1
    assert whole.count("A long sentence about the session.") == 40


@pytest.mark.full
def test_prints_fit_the_paper_width(browse, neurologist):
    patient = builders.a_patient(family_name="W" * 90, given_name="M" * 90)
    session = a_session_of(patient, neurologist, 4)
    row = session.injections.in_order().first()
    change_injection(
        injection=row,
        product=row.session.product,
        by=neurologist,
        version=row.version,
        note="X" * 290,
        given_dose="1" * 32,
    )
    record = signed(session, neurologist)
    page = browse(neurologist, viewport={"width": 688, "height": 1000})  # the width of the paper between its margins
    page.emulate_media(media="print")
    page.goto(f"/records/{record.pk}/print/")
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


@pytest.mark.full
def test_amended_records_are_marked_in_print(browse, patient, neurologist):
    session = a_session_of(patient, neurologist, 4)
    first = signed(session, neurologist)
    builders.an_amendment(session, by=neurologist)
    builders.amend(session, by=neurologist, given_dose="7.77")
    page = browse(neurologist)
    [sheet] = print_of(page, f"/records/{first.pk}/print/")
    assert "Amendment open since" in sheet
    assert "7.77" not in sheet

    second = builders.sign(session, by=neurologist)
    assert "Record 2 amends record 1" in print_of(page, f"/records/{second.pk}/print/")[0]
    whole = " ".join(print_of(page, f"/records/{first.pk}/print/"))
    assert "This is record 1. It was amended" in whole
    assert "given 7.77 units" in whole


@pytest.mark.full
def test_printed_plan_states_that_it_is_not_a_record(browse, patient, neurologist, watch):
    visit = builders.an_arrived_visit(patient=patient, clinician=neurologist)
    session = builders.a_planned_session(by=neurologist, visit=visit)
    row = session.injections.in_order().first()
    change_injection(
        injection=row, product=row.session.product, by=neurologist, version=row.version, planned_dose="1.11"
    )
    page = browse(neurologist)
    [sheet] = print_of(page, f"/sessions/{session.pk}/plan/print/")
    each_page_says_whose_it_is([sheet], patient)
    assert "Plan. Not a record of what was given" in sheet
    assert "Sternocleidomastoid Right 1.11 units" in sheet
    assert "Levator scapulae Right not planned" in sheet
    assert faults(page, watch) == []

    pages.open_session(page, session)
    page.get_by_role("link", name="Print the plan").click()
    expect(page.get_by_role("heading", name="Plan. Not a record of what was given")).to_be_visible()


@pytest.mark.full
def test_day_list_prints_without_muscle_or_dose(browse, neurologist, staff, watch):
    visits = [
        builders.a_visit(clinician=neurologist, hour=8 + number // 4, minute=number % 4 * 15, minutes=15)
        for number in range(40)
    ]
    builders.a_given_session(by=neurologist, visit=visits[0])
    page = browse(staff)
    sheets = print_of(page, "/day/print/?whose=all")
    whole = " ".join(sheets)
    assert len(sheets) == 2
    for number, sheet in enumerate(sheets, start=1):
        assert f"Page {number} of 2" in sheet
        assert "Visits of" in sheet
    for visit in visits:
        assert whole.count(visit.patient.record_number) == 1
    assert "signed" not in whole
    assert "Sternocleidomastoid" not in whole
    assert "1.11" not in whole
    assert faults(page, watch) == []


@pytest.mark.full
def test_longest_slip_prints_on_one_small_page(browse, staff, watch):
    Clinic.objects.update(address="\n".join(["A street with a long name"] * 6), phone="0555 010 010")
    change_slip_text(
        what_to_bring="\n".join(["What to bring to the clinic, in its words"] * 8)[:400], by=staff, version=0
    )
    patient = builders.a_patient(family_name=LONG, given_name="Maximiliana Theodora")
    visit = builders.a_visit(patient=patient, day=builders.today() + dt.timedelta(days=7))
    page = browse(staff)
    [sheet] = print_of(page, f"/visits/{visit.pk}/slip/", size=(298, 420))
    assert LONG.upper() in sheet
    assert not re.search(r"Page 1|Collum|Back", sheet)
    assert faults(page, watch) == []


@pytest.mark.full
def test_record_is_copied_as_text(browse, patient, neurologist):
    record = signed(a_session_of(patient, neurologist, 4), neurologist)
    page = browse(neurologist)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(record.get_absolute_url())
    page.get_by_role("link", name="Copy as text").click()
    expect(page.get_by_text("Copied.")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("SIGNED RECORD 1")
    assert "given 3.11 units" in copied


@pytest.mark.full
def test_diary_prints_on_one_page_what_is_on_the_screen(browse, staff, patient, neurologist):
    # Given a week that is shown from six o’clock to midnight
    for hour in (6, 10, 23):
        builders.a_visit(patient=patient, clinician=neurologist, hour=hour)
    page = browse(staff)
    (week,) = print_of(page, "/visits/?view=week", size=A4_POINTS[::-1])
    (day,) = print_of(page, "/visits/")
    for sheet in (week, day):
        assert sheet.count("OKAFOR") == 3
        assert "min free" not in sheet
    assert "Printed" in day
