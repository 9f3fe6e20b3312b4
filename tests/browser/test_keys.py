"""Single keys outside fields: they open and go, and never send a form."""

import datetime as dt
import re

import pytest
from playwright.sync_api import expect

from tests import builders
from tests.browser.scans import axe
from tests.extent import some

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WEEK = dt.timedelta(days=7)

# Elements that the page may have for a key, put in by the test; each writes to the title what it did.
PUT = """html => {
  document.querySelector("main").insertAdjacentHTML("afterbegin", html);
  document.querySelector("main").addEventListener("click", (event) => {
    if (!event.target.dataset.key) return;
    event.preventDefault();
    document.title += ` ${event.target.dataset.key}`;
  }, { capture: true });
}"""


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


@pytest.fixture
def page(browse, neurologist):
    page = browse(neurologist)
    page.goto("/")
    return page


def put(page, html):
    page.evaluate(PUT, html)
    page.evaluate("document.title = 'Pressed:'")


def pressed(page):
    return page.title().removeprefix("Pressed:").split()


def test_letter_follows_the_visible_element_only(page):
    put(page, '<a href="/x/" data-key="x" hidden>Hidden</a><a href="/y/" data-key="y">Shown</a>')
    press(page, "x", "y", "Shift+Y", "Control+y", "Alt+y")
    assert pressed(page) == ["y"]


def test_key_never_sends_a_form(page):
    put(
        page,
        '<form method="post" action="/nowhere/"><button type="submit" data-key="x">Sign</button></form>'
        '<form method="post" action="/nowhere/"><button data-key="y">Delete</button></form>'
        '<button type="button" data-key="z">Open</button>',
    )
    press(page, "x", "y", "z")
    assert pressed(page) == ["z"]


def test_letter_in_a_field_is_a_letter_until_escape(page):
    put(page, '<a href="/y/" data-key="y">Why</a><label>Text <input id="text"></label><select><option>y</select>')
    page.locator("#text").focus()
    press(page, "y", "j", "?")
    expect(page.locator("#text")).to_have_value("yj?")
    page.locator("main select").first.focus()
    press(page, "y")
    assert pressed(page) == []
    page.locator("#text").focus()
    press(page, "Escape", "y")
    assert pressed(page) == ["y"]


@pytest.mark.full
def test_keys_that_are_switched_off_do_nothing(page):
    builders.a_visit(clinician=builders.a_clinician())
    page.evaluate("document.documentElement.dataset.keys = 'off'")
    put(page, '<a href="/y/" data-key="y">Why</a>')
    before = page.evaluate("document.activeElement.outerHTML")
    press(page, "y", "/", "?", "j", "k")
    assert pressed(page) == []
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.evaluate("document.activeElement.outerHTML") == before


@pytest.mark.full
def test_question_mark_lists_the_keys_of_the_page(page, neurologist, watch):
    put(page, '<a href="/y/" data-key="y">Next <b>patient</b></a><a href="/z/" data-key="z" hidden>Hidden</a>')
    link = page.get_by_role("link", name="Next patient")
    link.focus()
    press(page, "?")
    dialog = page.get_by_role("dialog", name="Keys of this page")
    expect(dialog.get_by_role("heading")).to_be_focused()
    shown = dialog.locator("dl > div").all_inner_texts()
    listed = [re.sub(r"\s+", " ", line).strip() for line in shown]
    assert {"y Next patient", "/ Find a patient", "Esc Leave the field", "? This list"} <= set(listed)
    assert not [line for line in listed if line.startswith("z ")]
    with watch.away():
        assert axe(page) == []

    # A key of the page does nothing while the list is open
    press(page, "y", "?", "/")
    assert pressed(page) == []
    expect(dialog).to_have_count(1)

    # By Escape or by its button it closes, and the focus is where it was
    press(page, "Escape")
    expect(dialog).to_have_count(0)
    expect(link).to_be_focused()
    press(page, "?", "Tab")
    expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    press(page, "Enter")
    expect(dialog).to_have_count(0)
    expect(link).to_be_focused()


@pytest.mark.full
def test_keys_go_through_the_rows_of_today(browse, neurologist):
    first = builders.a_visit(hour=8, clinician=neurologist)
    second = builders.a_visit(hour=9, clinician=neurologist)
    page = browse(neurologist)
    page.goto("/")
    rows = page.locator("main tr[data-row]")
    for key, row in (("j", 0), ("j", 1), ("j", 1), ("k", 0), ("k", 0), ("j", 1)):
        press(page, key)
        expect(rows.nth(row).locator(":focus")).to_have_count(1)
        expect(rows.nth(row)).to_have_css("outline-style", "solid")
        expect(rows.nth(1 - row)).to_have_css("outline-style", "none")
    press(page, "Enter")
    expect(page).to_have_url(re.compile(re.escape(second.get_absolute_url())))
    assert first.version == builders.now(first).version  # a row is opened, and not marked as arrived
    assert second.version == builders.now(second).version


@pytest.mark.full
def test_n_opens_the_next_patient_from_today(browse, neurologist):
    builders.a_visit(hour=8, clinician=neurologist)
    session = builders.a_planned_session(by=neurologist, visit=builders.an_arrived_visit(hour=9, clinician=neurologist))
    page = browse(neurologist)
    page.goto("/")
    press(page, "n")
    expect(page).to_have_url(re.compile(f"{session.get_absolute_url()}$"))


@pytest.mark.full
def test_n_opens_the_next_patient_after_signing(browse, neurologist):
    visit = builders.an_arrived_visit(hour=9, clinician=neurologist)
    following = builders.an_arrived_visit(hour=10, clinician=neurologist)
    session = builders.a_signed_session(by=neurologist, visit=visit)
    page = browse(neurologist)
    page.goto(session.get_absolute_url())
    press(page, "n")
    expect(page).to_have_url(re.compile(f"{following.get_absolute_url()}$"))


@pytest.mark.full
def test_s_saves_and_then_shows_the_read_back(browse, neurologist):
    session = builders.a_given_session(by=neurologist)
    page = browse(neurologist)
    page.goto(session.get_absolute_url())
    note = page.locator('#injections [data-field="note"]').first
    note.focus()
    page.keyboard.type("used")
    expect(note).to_have_value("used")
    press(page, "Escape", "s")
    expect(page.get_by_role("heading", name="Read back and sign")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="used")).to_have_count(1)
    assert not builders.now(session).is_signed


def a_visit(by):
    return builders.a_visit(clinician=by).patient


def a_session_to_sign(by):
    return builders.a_given_session(by=by).visit.patient


def a_follow_up(by):
    return builders.a_follow_up(clinician=by, by=by).patient


LISTS = {
    "Today": ("/", a_visit, "/visits/"),
    "To sign": ("/to-sign/", a_session_to_sign, "/sessions/"),
}


@pytest.mark.full
@pytest.mark.parametrize("name", some(LISTS, one_of=2))
def test_enter_opens_the_row_of_each_list(browse, neurologist, name):
    path, make, leads_to = LISTS[name]
    make(neurologist)
    page = browse(neurologist)
    page.goto(path)
    press(page, "j", "Enter")
    expect(page).to_have_url(re.compile(re.escape(leads_to)))


@pytest.mark.full
def test_enter_opens_the_free_times_of_a_follow_up(browse, neurologist):
    a_follow_up(neurologist)
    page = browse(neurologist)
    page.goto("/follow-ups/")
    press(page, "j", "Enter")
    expect(page.get_by_role("heading", name="Next free times")).to_be_visible()


@pytest.mark.full
def test_enter_opens_a_patient_that_was_found(browse, neurologist):
    patient = builders.a_patient(family_name="Okafor")
    page = browse(neurologist)
    page.goto("/patients/")
    page.get_by_label("Name, record number, birth date or phone").fill("okaf")
    expect(page.locator("main [data-row]")).to_have_count(1)
    press(page, "Escape", "j", "Enter")
    expect(page).to_have_url(re.compile(patient.get_absolute_url()))


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/visits/{visit}/sessions/{session}/response/", "Response"),
        ("/sessions/{session}/adverse-events/", "What"),
        ("/patients/{patient}/alerts/", "Allergy"),
        ("/patients/{patient}/waiting-list/", "Waiting list"),
        ("/patients/{patient}/visits/new/", "Choose in the diary"),
        ("/visits/{later}/move/", "Choose in the diary"),
        ("/patients/new/", "Family name"),
    ],
    ids=lambda value: value.strip("/").rpartition("/")[2],
)
def test_page_with_a_form_opens_at_its_heading(page, neurologist, path, field):
    session = builders.a_signed_session(by=neurologist)
    later = builders.a_visit(clinician=neurologist, patient=session.visit.patient, day=builders.today() + WEEK)
    arrived = builders.an_arrived_visit(clinician=neurologist, patient=session.visit.patient, hour=15)
    ids = {"visit": arrived.pk, "later": later.pk, "session": session.pk, "patient": session.visit.patient_id}
    page.goto(path.format(**ids))
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    press(page, "Tab")
    expect(page.locator(":focus")).to_have_accessible_name(re.compile(f"^{field}"))
