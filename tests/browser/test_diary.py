"""The diary in Chromium: by arrow keys, by dragging, and by *Move…* from every page with a visit."""

import datetime as dt
import re

import pytest
from playwright.sync_api import expect

from patients.models import Visit, VisitState
from planning.pages.actions.visits import change_visit_state
from tests import builders
from tests.browser.scans import DESK, PHONE, TABLET, assert_no_faults, faults
from tests.browser.watch import REFUSED

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("tuesday_morning"),
]

TODAY, TOMORROW = dt.date(2027, 3, 2), dt.date(2027, 3, 3)
MORGAN, ADEYEMI = "Dr A. Morgan", "Dr B. Adeyemi"
STOPS_OF_TAB = "() => document.querySelectorAll('#diary a[data-time][tabindex=\"0\"]').length"


@pytest.fixture
def visit(morgan, adeyemi):
    patient = builders.a_patient(family_name="Okafor", given_name="Grace")
    return builders.a_visit(patient=patient, clinician=morgan, day=TOMORROW, hour=10)


@pytest.mark.full
def test_diary_has_one_tab_stop_and_arrow_keys(browse, staff, visit):
    page = browse(staff)
    page.goto(f"/visits/?day={TOMORROW}")
    assert page.evaluate(STOPS_OF_TAB) == 1
    page.get_by_role("link", name=MORGAN, exact=True).last.focus()
    page.keyboard.press("Tab")
    expect(time_of(page, "09:00", MORGAN)).to_be_focused()

    for key, time, clinician in (
        ("ArrowDown", "09:15", MORGAN),
        ("ArrowRight", "09:15", ADEYEMI),
        ("ArrowRight", "09:15", ADEYEMI),
        ("ArrowUp", "09:00", ADEYEMI),
        ("ArrowLeft", "09:00", MORGAN),
        # Closed hours are stops too, since a note books in them
        ("Home", "08:00", MORGAN),
        ("End", "17:45", MORGAN),
        ("ArrowDown", "17:45", MORGAN),
        ("ArrowRight", "17:45", ADEYEMI),
    ):
        page.keyboard.press(key)
        expect(time_of(page, time, clinician)).to_be_focused()
    assert page.evaluate(STOPS_OF_TAB) == 1

    # Down and up go over what is booked
    time_of(page, "09:45", MORGAN).focus()
    page.keyboard.press("ArrowDown")
    expect(time_of(page, "10:30", MORGAN)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Wed 3 Mar 2027, 10:30, {MORGAN}")


@pytest.mark.engine
def test_visit_is_dragged_to_another_time_and_clinician(browse, watch, staff, visit, adeyemi):
    watch.expects(REFUSED)
    page = browse(staff)
    page.goto(f"/visits/?day={TOMORROW}")
    drag(page, "OKAFOR", to=time_of(page, "11:30", ADEYEMI))
    expect(page.locator("#messages")).to_contain_text(f"Moved: Injection, 3 Mar 2027, 11:30, with {ADEYEMI}.")
    expect(page).to_have_url(re.compile(f"day={TOMORROW}"))
    expect(entry(page, "OKAFOR")).to_contain_text("11:30")
    moved = Visit.objects.get(state=VisitState.BOOKED)
    assert (moved.clinician, moved.starts_at) == (adeyemi, builders.at(TOMORROW, 11, 30))
    assert (moved.minutes, moved.moved_from) == (30, visit)

    # Outside working hours, the drop asks for a note, and then moves
    drag(page, "OKAFOR", to=time_of(page, "08:15", ADEYEMI))
    expect(page.locator("#time-form")).to_contain_text(
        "Choose another time, or enter a reason for booking outside hours."
    )
    expect(page.get_by_label("Time", exact=True)).to_have_value("08:15")
    page.get_by_label("Reason for booking outside hours").fill("Before the ward round")
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.locator("#messages")).to_contain_text("Moved: Injection, 3 Mar 2027, 08:15")

    # A drop after another user cancelled the visit does not move it
    page.goto(f"/visits/?day={TOMORROW}")
    active = Visit.objects.get(state=VisitState.BOOKED)
    change_visit_state(visit=active, state=VisitState.CANCELLED, by=staff, version=active.version, reason="ill")
    drag(page, "OKAFOR", to=time_of(page, "14:00", MORGAN))
    expect(page.locator("main")).to_contain_text("This visit is cancelled. Only a booked visit can be moved")
    assert not Visit.objects.filter(state=VisitState.BOOKED).exists()


@pytest.mark.full
def test_visit_is_moved_to_another_date_by_touch(phone, staff, visit, morgan):
    # From the diary's own entry, and a time of the day after
    page = phone(staff)
    page.goto(f"/visits/?day={TOMORROW}&clinician={morgan.pk}")
    entry(page, "OKAFOR").get_by_role("link", name="Move…").tap()
    page.get_by_role("link", name="Choose in the diary").tap()
    expect(page.get_by_role("status")).to_contain_text("Moving OKAFOR, Grace")
    page.get_by_role("link", name="Next ›").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thursday 4 March 2027")
    time_of(page, "14:00", MORGAN).tap()
    expect(page.get_by_label("Day", exact=True)).to_have_value("2027-03-04")
    expect(page.get_by_label("Time", exact=True)).to_have_value("14:00")
    page.get_by_role("button", name="Move", exact=True).tap()
    expect(page.locator("#messages")).to_contain_text("Moved: Injection, 4 Mar 2027, 14:00")
    expect(page.get_by_text("Moved from 3 Mar 2027, 10:00")).to_be_visible()

    # From the patient's page and from a search row, to a free time that is clicked
    for number, opened in enumerate((from_the_patients_page, from_a_search_row)):
        opened(page, visit.patient)
        expect(page.get_by_role("heading", name="Move the visit of")).to_be_visible()
        page.get_by_role("button", name=f"Thu 4 Mar 2027, {('09:00', '10:30')[number]}").tap()
        expect(page.locator("#messages")).to_contain_text("Moved: Injection, 4 Mar 2027")
    assert Visit.objects.get(state=VisitState.BOOKED).starts_at == builders.at(dt.date(2027, 3, 4), 10, 30)


def from_the_patients_page(page, patient):
    page.goto(patient.get_absolute_url())
    page.get_by_role("complementary").get_by_role("link", name="Move…").tap()


def from_a_search_row(page, patient):
    page.get_by_label("Find a patient").fill(patient.record_number)
    page.locator("#found").get_by_role("link", name="Move…").tap()


@pytest.mark.full
def test_phone_shows_one_clinician_and_others_as_tabs(phone, staff, visit):
    page = phone(staff)
    page.goto(f"/visits/?day={TOMORROW}")
    tabs = page.get_by_role("navigation", name="Clinician")
    expect(tabs.get_by_role("link")).to_have_text([MORGAN, ADEYEMI])
    assert time_of(page, "09:00", MORGAN).bounding_box()["width"] > 250
    expect(time_of(page, "09:00", ADEYEMI)).to_be_hidden()
    assert time_of(page, "09:00", MORGAN).bounding_box()["height"] >= 44

    tabs.get_by_role("link", name=ADEYEMI).tap()
    expect(tabs.locator("[aria-current]")).to_have_text(ADEYEMI)
    expect(time_of(page, "09:00", ADEYEMI)).to_be_visible()
    expect(time_of(page, "09:00", MORGAN)).to_have_count(0)
    assert page.evaluate("() => document.documentElement.scrollWidth") == 390


@pytest.mark.full
def test_line_of_now_goes_on(browse, staff, visit):
    page = browse(staff)
    page.clock.install()
    page.goto("/visits/")
    edge = page.locator("#diary .edge .now")
    expect(edge).to_have_text(re.compile("10:0[78]"))
    expect(edge).to_have_class(re.compile(r"\bat-25\b"))
    page.clock.fast_forward("01:30:00")
    expect(edge).to_have_text(re.compile("11:3[78]"))
    expect(page.locator("#diary .nowline").first).to_have_class(re.compile(r"\bat-43\b"))


@pytest.mark.full
def test_diary_goes_to_a_date_a_week_and_weeks_ahead(browse, staff, visit, morgan):
    page = browse(staff)
    page.goto("/visits/")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Tuesday 2 March 2027 today")
    # Now is marked, and Tab leads to the first time that is not past
    expect(page.locator("#diary .edge .now")).to_have_text(re.compile("10:0[78]"))
    expect(page.locator('#diary a[data-time][tabindex="0"]')).to_have_text(re.compile(f"10:00 with {MORGAN}"))

    page.get_by_label("Go to a day").fill("2027-05-14")
    page.get_by_role("button", name="Go", exact=True).click()
    expect(heading).to_have_text("Friday 14 May 2027")
    page.get_by_label("or in").fill("7")
    page.get_by_label("or in").press("Enter")
    expect(heading).to_have_text("Tuesday 20 April 2027")
    page.get_by_role("link", name=MORGAN, exact=True).click()
    expect(heading).to_have_text(f"Week of 19 April 2027 {MORGAN}")
    page.get_by_role("link", name="‹ Previous").click()
    expect(heading).to_have_text(f"Week of 12 April 2027 {MORGAN}")
    page.get_by_role("link", name="Thu 15 Apr").click()
    expect(heading).to_have_text("Thursday 15 April 2027")
    expect(page.locator("#diary .dh").get_by_role("link")).to_have_text([MORGAN])


@pytest.mark.full
@pytest.mark.looks
def test_diary_is_accessible_in_every_state(browse, watch, staff, visit, morgan, adeyemi):
    # Given visits in every state that shows, one outside of the hours, an absence and a closed day
    builders.an_absence(clinician=adeyemi, first=TOMORROW)
    builders.a_closure(first=TOMORROW + dt.timedelta(days=1))
    arrived = builders.an_arrived_visit(clinician=morgan, day=TODAY, hour=9)
    builders.finish(builders.an_arrived_visit(clinician=morgan, day=TODAY, hour=11))
    page = browse(staff)
    found = {}
    for path, width in (
        (f"/visits/?day={TODAY}", DESK),
        (f"/visits/?day={TOMORROW}&move={visit.pk}", PHONE),
        (f"/visits/?view=week&day={TODAY}&clinician={adeyemi.pk}&patient={arrived.patient_id}", TABLET),
    ):
        page.goto(path)
        found[path] = faults(page, watch, widths=(width,))
    assert_no_faults(found)


def time_of(page, time, clinician):
    """Free or closed."""
    return page.get_by_role("link", name=re.compile(f"^{time} with {re.escape(clinician)}"))


def entry(page, name):
    return page.locator(".entry").filter(has_text=name)


def drag(page, name, *, to):
    entry(page, name).drag_to(to)
