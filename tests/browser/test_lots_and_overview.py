"""Pages with downloads: who received a lot, the clinic in numbers, the audit trail."""

import datetime as dt
import re

import pytest
from playwright.sync_api import expect

from patients.models import VisitState
from planning.course.actions.course import record_event
from planning.models import InjectionSession
from planning.pages.actions.visits import change_visit_state
from planning.sessions.actions.vials import change_vial
from tests import builders
from tests.browser.scans import DESK, PHONE, assert_no_faults, faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONG_NAME = "Featherstonehaugh-Cholmondeley"


def with_lot(*, by, patient, weeks_ago, lot_number="C1234-C3", signed=True, muscles=None, **typed):
    day = builders.today() - dt.timedelta(weeks=weeks_ago)
    visit = builders.a_visit(clinician=by, patient=patient, day=day, by=by)
    muscles = muscles or (("SCM", "right"), ("LS", "left"))
    session = builders.a_given_session(by=by, visit=visit, muscles=muscles)
    builders.a_vial(session=session, by=by, lot_number=lot_number, **typed)
    if signed:
        builders.sign(session, by=by)
    return InjectionSession.objects.get(pk=session.pk)


@pytest.fixture
def a_recall(neurologist):
    """Every state and mark that a row can have, over a year and a half."""
    by = neurologist
    chief = builders.a_patient(family_name="Chief", given_name="Cleo", phone="+44 20 7946 0000")
    twin = builders.a_patient(family_name=LONG_NAME, given_name="Wilhelmina Alexandra", phone="0555 010 0199")
    sessions = [
        with_lot(by=by, patient=chief, weeks_ago=weeks, expiry="2027-08", signed=weeks > 0)
        for weeks in (0, 12, 24, 37, 50, 66)
    ]
    away = with_lot(by=by, patient=twin, weeks_ago=2, expiry="2027-08", muscles=(("SCAL-A", "left"), ("SCM", "right")))
    builders.an_amendment(away, by=by)
    vial = away.vials.get()
    change_vial(vial=vial, product=vial.session.product, by=by, version=vial.version, lot_number="D-77")
    builders.sign(away, by=by)
    for kind in ("dysphagia", "injection_site_pain"):
        record_event(session=away, by=by, kind=kind, severity="moderate", serious="yes")
    wrong = with_lot(by=by, patient=builders.a_patient(), weeks_ago=3)
    builders.an_error(wrong, by=by)
    builders.the_same_person(chief, twin, by=by)
    return sessions


@pytest.fixture
def a_busy_clinic(neurologist, a_recall):
    """Also visits of each end, so that every chart has bars."""
    ends = {
        VisitState.FINISHED: {"again": builders.AGAIN},
        VisitState.NO_SHOW: {},
        VisitState.CANCELLED: {"reason": "ill"},
    }
    for number, (state, more) in enumerate(list(ends.items()) * 4):
        day = builders.today() - dt.timedelta(days=1 + 29 * number)
        visit = builders.a_visit(clinician=neurologist, day=day, hour=15)
        if state == VisitState.FINISHED:
            visit = change_visit_state(visit=visit, state=VisitState.ARRIVED, by=neurologist, version=visit.version)
        change_visit_state(visit=visit, state=state, by=neurologist, version=visit.version, **more)


def test_lot_is_looked_up_and_its_list_downloaded(browse, neurologist, a_recall):
    page = browse(neurologist)
    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Lots").click()
    page.get_by_label("Lot number").fill("c1234c3")
    page.keyboard.press("Enter")
    expect(page.get_by_text("8 sessions of 2 patients named this lot.")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="FEATHERSTONEHAUGH")
    expect(row).to_contain_text("amended away: in record 1, no longer in record 2")
    expect(row).to_contain_text("Dysphagia, moderate, serious")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    assert re.fullmatch(r"collum-lot-\d{4}-\d\d-\d\d\.csv", download.value.suggested_filename)


@pytest.mark.full
def test_invalid_lot_number_stays_in_the_field_with_a_message(browse, neurologist):
    page = browse(neurologist)
    page.goto("/lots/")
    field = page.get_by_label("Lot number")
    field.fill("A" * 61)
    page.get_by_role("button", name="Look up").click()
    expect(page.get_by_text("A lot number has up to 60 characters. This has 61.")).to_be_visible()
    expect(field).to_have_value("A" * 61)
    field.fill(" - ")
    page.get_by_role("button", name="Look up").click()
    expect(page.get_by_text("with at least one letter or digit")).to_be_visible()
    expect(field).to_have_attribute("aria-invalid", "true")


@pytest.mark.full
def test_overview_opens_and_its_months_can_be_chosen(browse, neurologist, a_recall):
    page = browse(neurologist)
    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Overview").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    months = page.get_by_role("table", name="By month")
    expect(months.get_by_role("row")).to_have_count(14)
    page.get_by_label("Months").select_option("24")
    page.get_by_role("button", name="Show").click()
    expect(months.get_by_role("row")).to_have_count(26)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    assert download.value.suggested_filename == f"collum-overview-{builders.today()}.csv"


@pytest.mark.full
@pytest.mark.parametrize(("width", "kind"), [(PHONE, "on-phone"), (DESK, "on-desk")])
def test_charts_are_legible_at_every_width(width, kind, browse, neurologist, a_busy_clinic):
    page = browse(neurologist, viewport={"width": width, "height": 900})
    for months in (12, 24, 60):
        page.goto(f"/overview/?months={months}")
        drawings = page.locator("figure svg").filter(visible=True)
        expect(drawings).to_have_count(5)
        assert {drawing.get_attribute("class") for drawing in drawings.all()} == {kind}
        heights = page.locator(f"svg.{kind} text").evaluate_all(
            "texts => texts.map(text => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a)"
        )
        assert min(heights) >= 10.5
        assert page.locator(f"svg.{kind}").evaluate_all(OVERLAPPING) == []


# Texts of one line that touch each other, and what reaches out of its drawing
OVERLAPPING = """drawings => drawings.flatMap(drawing => {
  const frame = drawing.getBoundingClientRect();
  const boxes = [...drawing.querySelectorAll("text")].map(text => [text.textContent, text.getBoundingClientRect()]);
  const outside = boxes.filter(([, box]) => box.left < frame.left - 1 || box.right > frame.right + 1
    || box.top < frame.top - 1 || box.bottom > frame.bottom + 1).map(([text]) => `${text} reaches out`);
  const touching = boxes.flatMap(([one, a], place) => boxes.slice(place + 1)
    .filter(([, b]) => Math.abs(a.top - b.top) < 2 && a.left < b.right && b.left < a.right)
    .map(([other]) => `${one} touches ${other}`));
  return [...outside, ...touching];
})"""


@pytest.mark.full
@pytest.mark.looks
def test_lot_page_and_overview_are_accessible_and_fit_a_phone(browse, watch, neurologist, a_busy_clinic):
    page = browse(neurologist)
    found = {}
    for path in ("/lots/", "/lots/?lot=c1234c3", "/lots/?lot=nowhere", "/lots/?lot=+", "/overview/",
                 "/overview/?months=60", "/overview/?months=7"):  # fmt: skip
        page.goto(path)
        found[path] = faults(page, watch)
    assert_no_faults(found)


@pytest.mark.full
def test_overview_prints(browse, neurologist, a_busy_clinic):
    page = browse(neurologist)
    page.goto("/overview/")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 700, "height": 1000})
    expect(page.get_by_role("button", name="Show")).to_be_hidden()
    expect(page.locator("figure svg").filter(visible=True)).to_have_count(5)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.full
def test_audit_trail_is_downloaded_in_two_formats(browse, auditor):
    page = browse(auditor)
    page.goto("/audit/")
    formats = []
    for button in ("Download as CSV", "Download as XLSX"):
        with page.expect_download() as download:
            page.get_by_role("button", name=button).click()
        formats.append(download.value.suggested_filename.rpartition(".")[2])
    assert formats == ["csv", "xlsx"]
