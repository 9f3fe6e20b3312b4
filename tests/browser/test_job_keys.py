"""The keys and clicks of a job, from Today to the next patient.

Every press of a key counts that is a command (Tab, Enter, arrows, single letters), and every click of the mouse; a
choice from a list is two clicks. What is typed into fields does not count: figures, short names, lot, expiry, password.
In a job by mouse, Enter and Tab after a figure are part of typing it.
"""

import datetime as dt

import pytest
from playwright.sync_api import expect

from patients.models import Visit, VisitState
from planning.models import Assessment, InjectionSession
from planning.sessions.actions.injections import change_injection
from tests import builders
from tests.browser import pages
from tests.browser.test_keyboard import Keyboard

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MUSCLES = (("SCM", "right"), ("LS", "right"), ("SCAL", "left"))
NAMES = ("Sternocleidomastoid, right", "Levator scapulae, right", "Scalene, left")


def a_plan(by):
    visit = builders.an_arrived_visit(clinician=by, hour=9)
    session = builders.a_planned_session(by=by, visit=visit, muscles=MUSCLES)
    for row in session.injections.in_order():
        change_injection(injection=row, by=by, version=row.version, product=session.product, planned_dose="1.11")
    return session


class Mouse:
    """Counts the clicks."""

    def __init__(self, page):
        self.page = page
        self.clicks = 0

    def click(self, element):
        element.click()
        self.clicks += 1

    def choose(self, field, label):
        field.select_option(label=label)
        self.clicks += 2

    def click_on_the_map(self, name):
        pages.click_on_the_map(self.page, name)
        self.clicks += 1


def types_what_was_given(keyboard, page, names=NAMES):
    """Each dose and Enter; then the vial, and Enter, which goes to who injected."""
    for name, dose in zip(names, ("1.11", "2.22", "3.33"), strict=True):
        expect(pages.given(page, name)).to_be_focused()
        keyboard.types(dose)
        keyboard.press("Enter")
    expect(page.get_by_label("Lot number")).to_be_focused()
    keyboard.types("C7714")
    keyboard.press("Tab")
    keyboard.types("08/27")
    keyboard.press("Enter")
    expect(page.get_by_label("Who injected")).to_be_focused()


def selects_himself_and_signs(keyboard, page):
    keyboard.press("Tab")
    expect(page.get_by_role("button", name="I did")).to_be_focused()
    keyboard.press("Enter")
    expect(page.get_by_label("Who injected")).not_to_have_value("")
    keyboard.press("s")
    expect(page.get_by_role("heading", name="Read back and sign")).to_be_focused()
    keyboard.press("Tab")
    expect(page.get_by_label("in", exact=True)).to_be_focused()
    keyboard.types("12")
    keyboard.press("Enter")
    expect(page.get_by_label("Your password")).to_be_focused()
    keyboard.types(builders.PASSWORD)
    keyboard.press("Tab")
    expect(page.get_by_role("button", name="Sign and next patient")).to_be_focused()
    keyboard.press("Enter")


def clicks_himself_and_signs(mouse, keyboard, page):
    mouse.click(page.get_by_role("button", name="I did"))
    expect(page.get_by_label("Who injected")).not_to_have_value("")
    mouse.click(page.get_by_role("link", name="Review and sign"))
    mouse.click(page.get_by_label("in", exact=True))
    keyboard.types("12")
    keyboard.press("Enter")
    expect(page.get_by_label("Your password")).to_be_focused()
    keyboard.types(builders.PASSWORD)
    mouse.click(page.get_by_role("button", name="Sign and next patient"))


def is_signed_and_next(page, visit, following):
    expect(page.get_by_text("Signed. This record is now read-only.")).to_be_visible()
    expect(page).to_have_url(f"{page.url.split('/visits/')[0]}{following.get_absolute_url()}")
    content = InjectionSession.objects.get(visit=visit).record().content
    assert [row["given_dose"] for row in content["injections"]] == ["1.11", "2.22", "3.33"]
    assert [vial["lot_number"] for vial in content["vials"]] == ["C7714"]


@pytest.mark.engine
def test_planned_session_takes_14_keys_from_today(browse, neurologist):
    session = a_plan(neurologist)
    following = builders.a_visit(clinician=neurologist, hour=10)
    page = browse(neurologist)
    page.goto("/")
    keyboard = Keyboard(page)

    keyboard.press("n")
    expect(page.get_by_role("button", name="Record what was given")).to_be_focused()
    keyboard.press("Enter")
    types_what_was_given(keyboard, page)
    selects_himself_and_signs(keyboard, page)
    is_signed_and_next(page, session.visit, following)
    assert keyboard.pressed == 14  # the limit is 30

    # Undone by one more key
    expect(page.get_by_text(f"The visit of {session.visit.patient} is finished.")).to_be_visible()
    keyboard.press("u")
    expect(page.get_by_text(f"Undone: the visit of {session.visit.patient} is arrived again.")).to_be_visible()


@pytest.mark.full
def test_planned_session_takes_6_clicks_from_today(browse, neurologist):
    session = a_plan(neurologist)
    following = builders.a_visit(clinician=neurologist, hour=10)
    page = browse(neurologist)
    page.goto("/")
    mouse, keyboard = Mouse(page), Keyboard(page)

    mouse.click(page.get_by_role("link", name="Record session"))
    mouse.click(page.get_by_role("button", name="Record what was given"))
    types_what_was_given(keyboard, page)
    clicks_himself_and_signs(mouse, keyboard, page)
    is_signed_and_next(page, session.visit, following)
    assert mouse.clicks == 6  # the limit


@pytest.mark.full
def test_new_session_takes_24_keys_from_today(browse, neurologist):
    visit = builders.an_arrived_visit(clinician=neurologist, hour=9)
    following = builders.a_visit(clinician=neurologist, hour=10)
    page = browse(neurologist)
    page.goto("/")
    keyboard = Keyboard(page)

    # The visit, the session and its product
    keyboard.press("n")
    expect(page.get_by_role("link", name="Record the assessment")).to_be_focused()
    keyboard.press("Tab")
    expect(page.get_by_role("button", name="Plan a session")).to_be_focused()
    keyboard.press("Enter")
    expect(pages.product_choice(page)).to_be_focused()
    keyboard.types("Botox")
    expect(page.locator("#part-rows-title")).to_contain_text("of Botox")

    # Three muscles, and no planned doses
    keyboard.tab_to("^Add a muscle$")
    for typed, name in zip(("scm r", "ls r", "scal l"), NAMES, strict=True):
        keyboard.types(typed)
        keyboard.press("Enter")
        expect(pages.row(page, name)).to_be_visible()
        expect(pages.quick_box(page)).to_have_value("")
    for _ in range(4):
        keyboard.press("Enter")
    expect(page.get_by_role("button", name="Record what was given")).to_be_focused()
    keyboard.press("Enter")
    types_what_was_given(keyboard, page)
    selects_himself_and_signs(keyboard, page)
    is_signed_and_next(page, visit, following)
    assert keyboard.pressed == 24  # the limit is 30


@pytest.mark.full
def test_new_session_takes_11_clicks_from_today(browse, neurologist):
    visit = builders.an_arrived_visit(clinician=neurologist, hour=9)
    following = builders.a_visit(clinician=neurologist, hour=10)
    page = browse(neurologist)
    page.goto("/")
    mouse, keyboard = Mouse(page), Keyboard(page)

    mouse.click(page.get_by_role("button", name="Plan a session"))
    mouse.choose(pages.product_choice(page), "Botox — onabotulinumtoxinA")
    expect(page.locator("#part-rows-title")).to_contain_text("of Botox")
    for name in NAMES:
        mouse.click_on_the_map(name)
        expect(pages.row(page, name)).to_be_visible()
    mouse.click(page.get_by_role("button", name="Record what was given"))
    types_what_was_given(keyboard, page)
    clicks_himself_and_signs(mouse, keyboard, page)
    is_signed_and_next(page, visit, following)
    assert mouse.clicks == 11


@pytest.mark.full
def test_assessment_takes_12_keys_from_today(browse, neurologist):
    """A posture, two symptoms and a score."""
    visit = builders.an_arrived_visit(clinician=neurologist, hour=9)
    page = browse(neurologist)
    page.goto("/")
    keyboard = Keyboard(page)

    keyboard.press("n")
    expect(page.get_by_role("link", name="Record the assessment")).to_be_focused()
    keyboard.press("Enter")
    expect(page.get_by_role("checkbox", name="Torticollis right")).to_be_focused()
    keyboard.press("ArrowRight")
    expect(page.get_by_role("checkbox", name="Torticollis left")).to_be_focused()
    for key in ("Space", "Tab", "ArrowRight", "ArrowDown", "ArrowDown", "ArrowRight"):
        keyboard.press(key)
    keyboard.press("Escape")
    keyboard.press("c")
    expect(page.get_by_role("textbox", name="TWSTRS total")).to_be_focused()
    keyboard.types("41")
    keyboard.press("Enter")
    pages.all_is_saved(page)
    made = Assessment.objects.for_page().get(visit=visit)
    assert (made.postures_text(), made.symptoms_text("present"), made.scores_text()) == (
        "Torticollis left", "Neck muscle spasms · Limited neck mobility", "TWSTRS total 41",
    )  # fmt: skip
    assert keyboard.pressed == 12  # the limit, also from the visit's page


# The front desk. From Today, until the message with Undo is shown. The limits: 4 keys or 3 clicks for a follow-up that
# is booked, 3 keys or 2 clicks for a walk-in, 5 keys or 3 clicks for a visit that is moved.


@pytest.fixture
def desk(browse, staff, neurologist, tuesday_morning):
    """At 10:07, where a follow-up is due, a patient is booked for tomorrow, and the clinician was chosen before."""
    builders.hours(neurologist)
    builders.a_follow_up(patient=builders.a_patient(family_name="Alder"), clinician=neurologist)
    booked = builders.a_patient(family_name="Birch")
    builders.a_visit(patient=booked, clinician=neurologist, day=builders.today() + dt.timedelta(days=1), by=staff)
    builders.a_patient(family_name="Cedar")
    page = browse(staff)
    page.goto("/")
    return page


def is_done(page, message):
    expect(page.locator("#messages")).to_contain_text(message)
    expect(page.locator("#messages").get_by_role("button", name="Undo")).to_be_visible()


@pytest.mark.full
def test_follow_up_is_booked_with_4_keys(desk):
    keyboard = Keyboard(desk)
    keyboard.press("f")
    expect(desk.get_by_role("heading", name="Follow-ups", level=1)).to_be_visible()
    keyboard.press("j")
    expect(desk.get_by_role("link", name="Book a visit for ALDER")).to_be_focused()
    keyboard.press("Enter")
    expect(desk.get_by_role("form", name="Free times for ALDER")).to_be_visible()
    keyboard.press("1")
    is_done(desk, "Booked: ALDER")
    assert keyboard.pressed == 4


def test_follow_up_is_booked_with_3_clicks(desk):
    mouse = Mouse(desk)
    mouse.click(desk.get_by_role("link", name="Follow-ups").first)
    mouse.click(desk.get_by_role("link", name="Book a visit for ALDER"))
    mouse.click(desk.get_by_role("form", name="Free times for ALDER").get_by_role("button").first)
    is_done(desk, "Booked: ALDER")
    assert mouse.clicks == 3


@pytest.mark.full
def test_walk_in_takes_3_keys(desk):
    keyboard = Keyboard(desk)
    keyboard.press("/")
    pages.search(desk, "cedar")
    expect(desk.locator("#found").get_by_role("button", name="Here now")).to_be_visible()
    keyboard.press("ArrowDown")
    keyboard.press("a")
    is_done(desk, "Booked, and marked as arrived")
    assert keyboard.pressed == 3
    pages.press(desk, "u")
    expect(desk.locator("#messages")).to_contain_text("Undone: CEDAR")
    assert Visit.objects.get(patient__family_name="Cedar").state == VisitState.ENTERED_IN_ERROR


@pytest.mark.full
def test_walk_in_takes_2_clicks(desk):
    mouse = Mouse(desk)
    mouse.click(desk.get_by_label("Find a patient"))
    desk.keyboard.type("cedar")
    mouse.click(desk.locator("#found").get_by_role("button", name="Here now"))
    is_done(desk, "Booked, and marked as arrived")
    assert mouse.clicks == 2


@pytest.mark.full
def test_visit_is_moved_with_5_keys(desk):
    keyboard = Keyboard(desk)
    keyboard.press("/")
    pages.search(desk, "birch")
    expect(desk.locator("#found").get_by_role("link", name="Move…")).to_be_visible()
    keyboard.press("ArrowDown")
    keyboard.press("ArrowDown")
    keyboard.press("Enter")
    expect(desk.get_by_role("heading", name="Move the visit")).to_be_visible()
    keyboard.press("1")
    is_done(desk, "Moved:")
    assert keyboard.pressed == 5


@pytest.mark.full
def test_visit_is_moved_with_3_clicks(desk):
    mouse = Mouse(desk)
    mouse.click(desk.get_by_label("Find a patient"))
    desk.keyboard.type("birch")
    mouse.click(desk.locator("#found").get_by_role("link", name="Move…"))
    mouse.click(desk.locator(".freetimes button").first)
    is_done(desk, "Moved:")
    assert mouse.clicks == 3
