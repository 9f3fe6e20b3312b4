"""Clinic staff work a whole day: by mouse, by touch on a phone, by keyboard alone, and by plain forms."""

import datetime as dt
import re

import pytest
from playwright.sync_api import expect

from patients.models import FollowUp, Visit, VisitState
from planning.pages.actions.visits import change_visit_state
from tests import builders
from tests.browser.pages import BY_MOUSE, BY_TOUCH, go_to
from tests.browser.scans import PHONE, assert_no_faults, faults
from tests.browser.test_keyboard import WHERE_FOCUS_IS, Keyboard
from tests.browser.watch import REFUSED

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("tuesday_morning"),
]

TODAY, TOMORROW, DUE = dt.date(2027, 3, 2), dt.date(2027, 3, 3), dt.date(2027, 4, 6)


@pytest.fixture
def petrov():
    return builders.a_patient(family_name="Petrov", given_name="Ivan", phone="0555 014 417")


@pytest.fixture
def follow_up_due(petrov, morgan):
    return builders.a_follow_up(patient=petrov, clinician=morgan, due_on=DUE, why="Prefers mornings")


@pytest.fixture
def waiting(morgan):
    """A visit of today, without a follow-up yet."""
    patient = builders.a_patient(family_name="Demir", given_name="Elif")
    return builders.a_visit(patient=patient, clinician=morgan, day=TODAY, hour=11, kind="review")


@pytest.mark.engine
@pytest.mark.full
def test_whole_day_works_by_mouse(browse, staff, morgan, follow_up_due, waiting):
    the_whole_day(browse(staff), press=BY_MOUSE)


@pytest.mark.full
def test_whole_day_works_by_touch_on_a_phone(phone, staff, morgan, follow_up_due, waiting):
    the_whole_day(phone(staff), press=BY_TOUCH)


def the_whole_day(page, *, press):
    # A free time in the diary is clicked for a new patient
    page.goto(f"/visits/?day={TOMORROW}")
    press(free_time(page, "10:30"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Wed 3 Mar 2027, 10:30, Dr A. Morgan")
    page.get_by_label("Patient: name").fill("Okafor")
    found = page.locator("#people-to-book")
    expect(found).to_contain_text("No patient found for Okafor.")
    press(found.get_by_role("link", name="Register a new patient"))
    register(page, press=press)
    # And the time is still there
    assert typed_time(page) == ("Dr A. Morgan", "2027-03-03", "10:30")
    page.get_by_label("Kind").select_option(label="First assessment")
    press(page.get_by_role("button", name="Book", exact=True))
    expect(messages(page)).to_contain_text("Booked: First assessment, 3 Mar 2027, 10:30, with Dr A. Morgan.")

    # A patient with a follow-up is booked from the list, in the diary on the due date
    go_to(page, "Follow-ups", press=press)
    press(row_of(page, "PETROV").get_by_role("link", name="Book"))
    press(page.get_by_role("link", name="Choose in the diary"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Tuesday 6 April 2027")
    expect(page.get_by_role("status")).to_contain_text("Booking for PETROV, Ivan")
    press(free_time(page, "09:15"))
    assert typed_time(page) == ("Dr A. Morgan", "2027-04-06", "09:15")
    expect(page.get_by_label("Kind")).to_have_value("injection")
    press(page.get_by_role("button", name="Book", exact=True))
    expect(messages(page)).to_contain_text("Booked: Injection, 6 Apr 2027, 09:15")
    expect(
        page.get_by_text("Requested by Dr A. Morgan for 6 Apr 2027, next injection: Prefers mornings")
    ).to_be_visible()
    go_to(page, "Follow-ups", press=press)
    expect(page.get_by_text("No open follow-ups.")).to_be_visible()

    # The visit is moved from a search row, to a free time of that date that is clicked
    page.get_by_label("Find a patient").fill("petrov")
    press(page.locator("#found").get_by_role("link", name="6 Apr 2027, 09:15 · Move…"))
    press(page.get_by_role("button", name="Tue 6 Apr 2027, 10:00 · Dr A. Morgan"))
    expect(messages(page)).to_contain_text("Moved: Injection, 6 Apr 2027, 10:00, with Dr A. Morgan.")
    expect(page.get_by_text("Requested by Dr A. Morgan for 6 Apr 2027")).to_be_visible()

    # Cancelled with a reason, the patient is back on the list, and is booked again
    press(page.get_by_role("button", name="Move, cancel, correct…"))
    press(page.get_by_text("Cancel the visit").first)
    page.get_by_role("textbox", name="Why").fill("Is travelling")
    press(page.get_by_role("button", name="Cancel the visit"))
    expect(messages(page)).to_contain_text("PETROV, Ivan: cancelled.")
    go_to(page, "Follow-ups", press=press)
    press(row_of(page, "PETROV").get_by_role("link", name="Book"))
    press(page.get_by_role("link", name="Choose in the diary"))
    press(free_time(page, "15:00"))
    press(page.get_by_role("button", name="Book", exact=True))
    expect(messages(page)).to_contain_text("Booked: Injection, 6 Apr 2027, 15:00")

    # Who waits today is marked as arrived, then as finished, which asks when to be seen again
    go_to(page, "Today", press=press)
    press(row_of(page, "DEMIR").get_by_role("button", name="Mark arrived"))
    press(row_of(page, "DEMIR").get_by_role("link", name="Arrived"))
    expect(page.get_by_role("group", name="When should the patient be seen again?")).to_be_visible()
    page.get_by_label("in", exact=True).fill("6")
    expect(page.locator(".again output")).to_have_text("= 13 Apr 2027")
    press(page.get_by_role("button", name="Mark finished"))
    expect(messages(page)).to_contain_text("DEMIR, Elif: finished.")

    # A call is logged on the list; the next one postpones the follow-up; then it is closed
    go_to(page, "Follow-ups", press=press)
    log_a_call(page, press=press, outcome="No answer", note="Rang twice")
    expect(page).to_have_url(re.compile(r"/follow-ups/$"))
    expect(row_of(page, "DEMIR")).to_contain_text("2 Mar 2027: telephone, no answer Rang twice")
    log_a_call(page, press=press, outcome="Will call back", call_again_on="2027-03-09")
    expect(row_of(page, "DEMIR")).to_have_count(0)
    page.get_by_label("Which").select_option(label="Postponed")
    press(page.get_by_role("button", name="Show"))
    expect(row_of(page, "DEMIR")).to_contain_text("call again on 9 Mar 2027")
    press(row_of(page, "DEMIR").get_by_role("link", name="Log or close"))
    page.get_by_label("Reason").fill("Treated elsewhere now")
    press(page.get_by_role("button", name="Close it"))
    expect(messages(page)).to_contain_text("DEMIR, Elif: the follow-up is closed.")
    expect(row_of(page, "DEMIR")).to_have_count(0)
    assert [each.closed_reason for each in FollowUp.objects.order_by("pk")] == ["", "Treated elsewhere now"]
    assert FollowUp.objects.first().booked_visit.starts_at == builders.at(DUE, 15)


@pytest.mark.full
def test_whole_day_works_by_keyboard_alone(browse, staff, morgan, follow_up_due, waiting):
    # Register on the way to a booking
    page = browse(staff)
    keyboard = Desk(page)
    page.goto(f"/visits/?day={TOMORROW}")
    keyboard.goes_to("^09:00 with Dr A. Morgan, 3 h free$")
    keyboard.press("ArrowDown")
    keyboard.press("ArrowDown")
    keyboard.enters()
    expect(page.get_by_label("Patient: name")).to_be_focused()
    keyboard.types("Okafor")
    expect(page.locator("#people-to-book")).to_contain_text("No patient found")
    keyboard.tab_to("^Register a new patient$")
    keyboard.enters()
    keyboard.goes_to("^Family name")
    keyboard.types("Okafor")
    keyboard.tab_to("^Given name")
    keyboard.types("Grace")
    keyboard.tab_to("^Birth date")
    page.get_by_label("Birth date").fill("1969-03-14")  # the keys of a date differ by the browser's language
    keyboard.tab_to("^Sex")
    keyboard.types("Fe")
    keyboard.tab_to("^Register$")
    keyboard.enters()
    expect(page.get_by_role("heading", name="Book a visit")).to_be_visible()
    keyboard.goes_to("^Kind")
    keyboard.types("Rev")
    keyboard.tab_to("^Book$")
    keyboard.enters()
    expect(messages(page)).to_contain_text("Booked: Review, 3 Mar 2027, 09:30, with Dr A. Morgan.")

    # Move, from the page of the visit, by a free time of the list
    keyboard.goes_to("^Move, cancel, correct…$")
    keyboard.press("Enter")
    keyboard.tab_to("^Move…$")
    keyboard.enters()
    keyboard.goes_to("^Wed 3 Mar 2027, 10:00 · Dr A. Morgan$")
    keyboard.enters()
    expect(messages(page)).to_contain_text("Moved: Review, 3 Mar 2027, 10:00, with Dr A. Morgan.")

    # Arrive
    page.goto("/")
    keyboard.goes_to("^Mark arrived, DEMIR, Elif$")
    keyboard.enters()
    expect(row_of(page, "DEMIR")).to_contain_text("Arrived")

    # Book from the list, cancel, and book again
    page.goto("/follow-ups/")
    keyboard.goes_to("^Book a visit for PETROV, Ivan$")
    keyboard.press("Enter")
    expect(page.get_by_role("link", name="Choose in the diary")).to_be_visible()
    keyboard.tab_to("^Choose in the diary$")
    keyboard.enters()
    keyboard.goes_to("^09:00 with Dr A. Morgan, 3 h free$")
    keyboard.enters()
    keyboard.goes_to("^Book$")
    keyboard.enters()
    expect(messages(page)).to_contain_text("Booked: Injection, 6 Apr 2027, 09:00")
    keyboard.goes_to("^Move, cancel, correct…$")
    keyboard.press("Enter")
    keyboard.tab_to("^Cancel the visit$")
    keyboard.press("Enter")
    keyboard.press("Tab")
    keyboard.types("Is travelling")
    keyboard.enters()
    expect(messages(page)).to_contain_text("PETROV, Ivan: cancelled.")

    # Log a call, and close
    page.goto("/follow-ups/")
    keyboard.goes_to("^Log or close the follow-up of PETROV, Ivan$")
    keyboard.press("Enter")
    expect(page.get_by_role("form", name="Log a contact with PETROV, Ivan")).to_be_visible()
    keyboard.press("Tab")
    keyboard.types("Tel")
    keyboard.press("Tab")
    keyboard.types("Mes")
    keyboard.tab_to("^Log it$")
    keyboard.enters()
    expect(row_of(page, "PETROV")).to_contain_text("2 Mar 2027: telephone, message left")
    keyboard.goes_to("^Log or close the follow-up of PETROV, Ivan$")
    keyboard.press("Enter")
    expect(page.get_by_role("form", name="Close the follow-up of PETROV, Ivan")).to_be_visible()
    keyboard.tab_to("^Reason")
    keyboard.types("Treated elsewhere now")
    keyboard.enters()
    expect(messages(page)).to_contain_text("PETROV, Ivan: the follow-up is closed.")


@pytest.mark.full
def test_free_times_follow_the_choices_and_one_click_books(browse, staff, morgan, adeyemi, petrov, follow_up_due):
    page = browse(staff)
    page.goto(f"/patients/{petrov.pk}/visits/new/")
    page.evaluate("() => { window.isStillHere = true }")
    times = page.locator("#free-found")
    expect(times).to_contain_text("Choose the kind of visit first")

    # Of any clinician, as long as a review takes
    page.get_by_label("Kind").select_option(label="Review")
    expect(times).to_contain_text("20 minutes, from 2 Mar 2027.")
    expect(times.get_by_role("button").first).to_have_text("Tue 2 Mar 2027, 10:10 · Dr A. Morgan")
    expect(times.get_by_role("button").nth(1)).to_have_text("Tue 2 Mar 2027, 10:10 · Dr B. Adeyemi")
    # Of the clinician who is chosen, or of any after all
    page.get_by_label("Clinician", exact=True).select_option(label="Dr B. Adeyemi")
    expect(times.get_by_role("button", name="Dr A. Morgan")).to_have_count(0)
    expect(times.get_by_role("button")).to_have_count(10)
    page.get_by_label("any clinician").check()
    expect(times.get_by_role("button", name="Dr A. Morgan")).to_have_count(5)
    page.get_by_label("any clinician").uncheck()
    # As long as is typed, and in so many weeks
    page.get_by_label("Minutes").fill("45")
    page.get_by_label("or in").fill("6")
    expect(times).to_contain_text("45 minutes, from 13 Apr 2027.")
    expect(times.get_by_role("button").first).to_have_text("Tue 13 Apr 2027, 09:00 · Dr B. Adeyemi")
    page.get_by_label("For follow-up").select_option(index=1)
    assert page.evaluate("() => window.isStillHere")

    times.get_by_role("button", name="Tue 13 Apr 2027, 09:45").click()
    expect(messages(page)).to_contain_text("Booked: Review, 13 Apr 2027, 09:45, with Dr B. Adeyemi.")
    visit = Visit.objects.get()
    assert (visit.kind, visit.minutes, visit.follow_ups.get()) == ("review", 45, follow_up_due)


@pytest.mark.engine
def test_late_booking_keeps_its_text_and_takes_the_nearest_time(browse, watch, staff, morgan, petrov, follow_up_due):
    watch.expects(REFUSED)
    # Given a user who books, and another user who is faster
    page = browse(staff)
    page.goto(f"/patients/{petrov.pk}/visits/new/?clinician={morgan.pk}&day={TOMORROW}&time=10:30")
    page.get_by_label("Kind").select_option(label="Other")
    page.get_by_label("Minutes").fill("30")
    page.get_by_label("For follow-up").select_option(index=1)
    expect(page.locator("#free-found")).to_contain_text("30 minutes")
    builders.a_visit(clinician=morgan, day=TOMORROW, hour=10, minute=30)
    page.get_by_role("button", name="Book", exact=True).click()

    # Then a message and the nearest free times are shown, and the typed text stays
    form = page.locator("#time-form")
    expect(form).to_contain_text("That time is taken: the clinician has another visit then.")
    expect(form.get_by_role("button", name=re.compile("10:00|11:00"))).to_have_count(2)
    expect(form.get_by_role("button", name="10:30")).to_have_count(0)
    assert typed_time(page) == ("Dr A. Morgan", "2027-03-03", "10:30")
    expect(page.get_by_label("Kind")).to_have_value("other")
    expect(page.get_by_label("Minutes")).to_have_value("30")
    assert faults(page, watch) == []

    # And clicking one of them books the visit
    form.get_by_role("button", name="Wed 3 Mar 2027, 11:00").click()
    expect(messages(page)).to_contain_text("Booked: Other, 3 Mar 2027, 11:00, with Dr A. Morgan.")
    visit = Visit.objects.get(patient=petrov)
    assert (visit.minutes, visit.follow_ups.get()) == (30, follow_up_due)


@pytest.mark.full
def test_booking_outside_hours_needs_a_note(browse, watch, staff, morgan, petrov):
    watch.expects(REFUSED)
    page = browse(staff)
    page.goto(f"/visits/?day={TOMORROW}&patient={petrov.pk}&kind=other")
    page.get_by_role("link", name="17:30 with Dr A. Morgan, closed").click()
    page.get_by_role("button", name="Book", exact=True).click()
    expect(page.locator("#time-form")).to_contain_text("works 09:00–12:00, 13:00–17:00 on Wednesdays")
    assert faults(page, watch) == []

    page.get_by_label("Reason for booking outside hours").fill("Comes after work")
    page.get_by_role("button", name="Book", exact=True).click()
    expect(messages(page)).to_contain_text("Booked: Other, 3 Mar 2027, 17:30")
    expect(page.get_by_role("complementary")).to_contain_text("Outside hours Comes after work")
    page.goto(f"/visits/?day={TOMORROW}")
    expect(page.locator(".entry")).to_contain_text("Other, 20 min, outside hours")


@pytest.mark.full
def test_here_now_books_an_arrived_visit(browse, staff, morgan, petrov):
    page = browse(staff)
    page.goto(petrov.get_absolute_url())
    page.get_by_role("link", name="Book a visit").click()
    page.get_by_label("Clinician", exact=True).select_option(label="Dr A. Morgan")
    page.get_by_label("Kind").select_option(label="Review")
    page.get_by_role("button", name="Here now").click()
    expect(messages(page)).to_contain_text("Booked, and marked as arrived: Review, 2 Mar 2027, 10:05")
    visit = Visit.objects.get()
    assert (visit.state, visit.starts_at) == (VisitState.ARRIVED, builders.at(TODAY, 10, 5))


@pytest.mark.full
def test_booking_moving_and_logging_work_by_plain_forms(browse, staff, morgan, petrov, follow_up_due):
    # Given a browser that runs no script: a time, then the patient, then the rest
    page = browse(staff, java_script_enabled=False)
    page.goto(f"/visits/?day={DUE}")
    free_time(page, "10:00").click()
    page.get_by_label("Patient: name").fill("petrov")
    page.locator("main").get_by_role("button", name="Find").click()
    page.get_by_role("link", name="PETROV, Ivan").click()
    assert typed_time(page) == ("Dr A. Morgan", "2027-04-06", "10:00")
    page.get_by_label("Kind").select_option(label="Injection")
    page.get_by_label("For follow-up").select_option(label="None")
    page.get_by_role("button", name="Book", exact=True).click()
    expect(messages(page)).to_contain_text("Booked: Injection, 6 Apr 2027, 10:00")

    # Moved to a free time that is looked for
    page.get_by_role("button", name="Move, cancel, correct…").click()
    page.get_by_role("link", name="Move…").click()
    page.get_by_label("from", exact=True).fill("2027-04-08")
    page.get_by_role("button", name="Find").last.click()
    page.get_by_role("button", name="Thu 8 Apr 2027, 13:00 · Dr A. Morgan").click()
    expect(messages(page)).to_contain_text("Moved: Injection, 8 Apr 2027, 13:00")

    # A call is logged on the follow-up's own page, and the list follows
    page.goto("/follow-ups/")
    row_of(page, "PETROV").get_by_role("link", name="Log or close").click()
    page.get_by_label("How").select_option(label="Telephone")
    page.get_by_label("Outcome").select_option(label="Reached")
    page.get_by_role("button", name="Log it").click()
    expect(row_of(page, "PETROV")).to_contain_text("2 Mar 2027: telephone, reached")


@pytest.mark.full
@pytest.mark.looks
def test_front_desk_pages_are_accessible_and_fit_a_phone(browse, watch, staff, morgan, petrov, follow_up_due, waiting):
    watch.expects(REFUSED)
    page = browse(staff)
    found = {}

    # The actions for a follow-up, opened in its row; a contact that was rejected there
    page.goto("/follow-ups/")
    row_of(page, "PETROV").get_by_role("link", name="Log or close").click()
    expect(page.get_by_role("button", name="Log it")).to_be_visible()
    page.mouse.move(0, 0)
    found["a follow-up opened"] = faults(page, watch)
    page.get_by_label("How").select_option(label="Letter")
    page.get_by_label("Outcome").select_option(label="Sent")
    page.get_by_label("Call again on").fill("2027-03-01")
    page.get_by_role("button", name="Log it").click()
    expect(page.get_by_text("Choose a date after today.")).to_be_visible()
    found["a contact refused"] = faults(page, watch, widths=(PHONE,))

    # The booking form without and with a patient
    page.goto(f"/visits/new/?day={TOMORROW}&time=10:00&clinician={morgan.pk}")
    page.get_by_label("Patient: name").fill("nobody")
    expect(page.locator("#people-to-book")).to_contain_text("No patient found")
    found["no patient found"] = faults(page, watch, widths=(PHONE,))
    page.get_by_label("Patient: name").fill("petrov")
    expect(page.locator("#people-to-book").get_by_role("link")).to_have_count(1)
    found["somebody found"] = faults(page, watch, widths=(PHONE,))

    # A visit that ends without the answer
    arrived = change_visit_state(visit=waiting, state=VisitState.ARRIVED, by=staff, version=waiting.version)
    page.goto(arrived.get_absolute_url())
    page.get_by_role("button", name="Mark finished").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter when the patient should be seen again")
    found["an end without an answer"] = faults(page, watch)

    # The lists of open tasks
    builders.an_absence(clinician=morgan, first=TOMORROW)
    builders.a_visit(clinician=morgan, day=TODAY - dt.timedelta(days=1))
    moved = builders.a_visit(clinician=builders.a_clinician(), day=TOMORROW)
    builders.an_absence(clinician=moved.clinician, first=TOMORROW)
    for path, words in (
        ("/visits/to-move/", "is away: congress"),
        ("/visits/unsettled/", "1 Mar 2027"),
        ("/follow-ups/unattended/", "Arrange follow-up"),
    ):
        page.goto(path)
        expect(page.get_by_role("table")).to_contain_text(words)
        found[path] = faults(page, watch, widths=(PHONE,))
    assert_no_faults(found)


class Desk(Keyboard):
    def goes_to(self, label):
        """By Tab, and over what the skip link skips where that comes first."""
        self.press("Tab")
        if self.page.evaluate(WHERE_FOCUS_IS) == "Skip to main content":
            self.press("Enter")
        self.tab_to(label)

    def enters(self):
        """Enter, which leads to another page."""
        with self.page.expect_navigation():
            self.press("Enter")


def free_time(page, time, clinician="Dr A. Morgan"):
    return page.get_by_role("link", name=re.compile(f"^{time} with {re.escape(clinician)}, .* free$"))


def messages(page):
    return page.locator("#messages")


def row_of(page, name):
    return page.get_by_role("row").filter(has_text=name)


def typed_time(page):
    """Clinician, day and time as shown in the form of a visit."""
    clinician = page.get_by_label("Clinician", exact=True).locator("option:checked").inner_text()
    return clinician, *(page.get_by_label(name, exact=True).input_value() for name in ("Day", "Time"))


def register(page, *, press):
    page.get_by_label("Family name").fill("Okafor")
    page.get_by_label("Given name").fill("Grace")
    page.get_by_label("Birth date").fill("1969-03-14")
    page.get_by_label("Sex").select_option(label="Female")
    press(page.get_by_role("button", name="Register"))


def log_a_call(page, *, press, outcome, note="", call_again_on=""):
    press(row_of(page, "DEMIR").get_by_role("link", name="Log or close"))
    form = page.get_by_role("form", name="Log a contact with DEMIR, Elif")
    form.get_by_label("How").select_option(label="Telephone")
    form.get_by_label("Outcome").select_option(label=outcome)
    form.get_by_label("Note").fill(note)
    form.get_by_label("Call again on").fill(call_again_on)
    press(form.get_by_role("button", name="Log it"))
