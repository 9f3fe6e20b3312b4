"""How rows, vials and products come into a session and leave it again."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from planning.models import Side
from tests import builders
from tests.browser import pages
from tests.browser.watch import REFUSED

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCM, LEVATOR = "Sternocleidomastoid, right", "Levator scapulae, right"


@pytest.fixture
def page(browse, neurologist):
    return browse(neurologist)


@pytest.mark.full
def test_quick_box_shows_matches_and_names_what_is_missing(page, watch, neurologist):
    watch.expects(REFUSED)
    pages.open_session(page, builders.a_planned_session(by=neurologist, muscles=()))
    matches, error = page.locator("#quick-matches"), page.locator("#quick-error")

    # What fits is shown as one types; an exact short name wins over longer names that begin so
    pages.quick_box(page).press_sequentially("sca")
    expect(matches.get_by_role("listitem")).to_have_count(5)
    pages.quick_box(page).press_sequentially("l")
    expect(matches.get_by_role("listitem")).to_have_count(1)
    pages.quick_box(page).press_sequentially(" both")
    expect(matches).to_contain_text("Scalene, right and left")
    pages.quick_box(page).press("Enter")
    expect(pages.row(page, "Scalene, right")).to_be_visible()
    expect(pages.row(page, "Scalene, left")).to_be_visible()
    expect(pages.announced(page)).to_contain_text("Added: Scalene, right and Scalene, left")
    expect(matches).to_be_empty()

    # Other spellings
    for typed, row in (("r levator", LEVATOR), ("lev sca left", "Levator scapulae, left"), ("SCM R", SCM)):
        pages.add_by_name(page, typed)
        expect(pages.row(page, row)).to_be_visible()
        expect(pages.quick_box(page)).to_have_value("")

    # Text that is unknown, ambiguous or without a side is reported, and stays in the box
    for typed, message in (
        ("trapezoid r", "The catalogue has no muscle called “trapezoid”."),
        ("sc r", "fits several"),
        ("scm", "Which side of Sternocleidomastoid?"),
    ):
        pages.add_by_name(page, typed)
        expect(error).to_contain_text(message)
        expect(pages.quick_box(page)).to_have_value(typed)
    pages.add_by_name(page, "scm r")
    expect(pages.status(page)).to_contain_text("already in the list")
    expect(error).to_be_empty()
    expect(pages.rows(page)).to_have_count(5)


@pytest.mark.full
def test_map_is_one_tab_stop_with_arrow_keys(page, neurologist):
    pages.open_session(page, builders.a_planned_session(by=neurologist, muscles=()))
    stops = page.locator('#part-map g[tabindex="0"]')
    expect(stops).to_have_count(1)
    pages.quick_box(page).press("Escape")
    page.keyboard.press("m")
    expect(stops).to_be_focused()

    # From left to right: the front has the patient's right on the left
    page.keyboard.press("Home")
    passed = []
    for _ in range(6):
        passed.append(page.evaluate("document.activeElement.getAttribute('aria-label')"))
        page.keyboard.press("ArrowRight")
    assert len(set(passed)) == 6
    assert (passed[0].endswith("right"), passed[3].endswith("left")) == (True, True)

    # Enter adds the muscle; afterwards the map is still one stop, where it was
    while not page.evaluate("document.activeElement.getAttribute('aria-label')").startswith(SCM):
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(pages.row(page, SCM)).to_be_visible()
    expect(stops).to_have_count(1)
    expect(stops).to_be_focused()
    expect(pages.region(page, SCM)).to_have_attribute("aria-pressed", "true")


def test_unknown_muscle_names_the_note_of_a_row_after_enter(page, watch, neurologist):
    watch.expects(REFUSED)
    pages.open_session(page, builders.a_planned_session(by=neurologist))
    pages.add_by_name(page, "trapezoid r")
    expect(page.locator("#quick-error")).to_contain_text("Ask a catalogue manager to add it.")
    page.get_by_role("link", name="note of the last row").click()
    expect(pages.row(page, LEVATOR).locator("[data-field=note]")).to_be_focused()


@pytest.mark.full
def test_slow_server_shows_matches_for_the_last_typed_text(page, neurologist):
    pages.open_session(page, builders.a_planned_session(by=neurologist, muscles=()))
    pages.slow_down(page, milliseconds=600)
    pages.quick_box(page).press_sequentially("scal", delay=200)
    expect(page.locator("#quick-matches").get_by_role("listitem")).to_have_count(1)
    expect(page.locator("#quick-matches")).to_contain_text("SCAL")


@pytest.mark.full
def test_added_row_is_undone_and_removed_row_restored(page, neurologist):
    session = builders.a_planned_session(by=neurologist, muscles=(("SCM", Side.RIGHT),))
    pages.open_session(page, session)

    # From the list below the map, and undone
    page.get_by_role("button", name="Scalene, anterior, Left").or_(
        page.get_by_role("listitem").filter(has_text="anterior").get_by_role("button", name="Left")
    ).first.click()
    expect(pages.rows(page)).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    expect(pages.rows(page)).to_have_count(1)

    # Typed, removed at once, and restored
    pages.planned(page, SCM).fill("1.110")
    pages.row(page, SCM).get_by_role("button", name="Remove").click()
    expect(pages.rows(page)).to_have_count(0)
    expect(pages.region(page, SCM)).to_have_attribute("aria-pressed", "false")
    page.get_by_role("button", name=f"Restore {SCM}").click()
    expect(pages.planned(page, SCM)).to_have_value("1.110")

    # Removed and added afresh, the row is empty
    pages.row(page, SCM).get_by_role("button", name="Remove").click()
    expect(pages.rows(page)).to_have_count(0)
    pages.click_on_the_map(page, SCM)
    expect(pages.planned(page, SCM)).to_have_value("")


@pytest.mark.full
def test_same_muscles_have_no_doses_and_take_one_guidance(page, neurologist):
    # Given an earlier signed session with doses
    patient = builders.a_patient()
    twelve_weeks_ago = builders.today() - dt.timedelta(weeks=12)
    earlier = builders.an_arrived_visit(patient=patient, clinician=neurologist, day=twelve_weeks_ago)
    builders.a_signed_session(by=neurologist, visit=earlier)
    visit = builders.an_arrived_visit(patient=patient, clinician=neurologist)
    pages.open_session(page, builders.a_planned_session(visit=visit, muscles=()))

    # When its muscles are taken over, then sides come, and no figure
    page.get_by_role("button", name=f"Same muscles as {twelve_weeks_ago:%-d %b %Y}").click()
    expect(pages.rows(page)).to_have_count(2)
    for name in (SCM, LEVATOR):
        expect(pages.planned(page, name)).to_have_value("")

    # And guidance is set for all of them, also where a row is being typed into
    pages.planned(page, SCM).fill("1.11")
    page.get_by_label("Set guidance for all rows").select_option("ultrasound")
    page.get_by_role("button", name="Set", exact=True).click()
    for name in (SCM, LEVATOR):
        expect(pages.field(page, name, "guidance")).to_have_value("ultrasound")
    pages.all_is_saved(page)
    expect(pages.planned(page, SCM)).to_have_value("1.11")


@pytest.mark.full
def test_vial_of_today_is_added_with_lot_and_expiry_only(page, neurologist):
    other = builders.a_given_session(by=neurologist)
    builders.a_vial(session=other, lot_number="C7714", expiry="2027-08", size="100", diluent="saline", shared="yes")
    visit = builders.an_arrived_visit(clinician=neurologist, hour=12)
    session = builders.a_given_session(by=neurologist, visit=visit, doses=())
    pages.open_session(page, session)

    page.get_by_text("Vials typed today").click()
    page.get_by_role("button", name="Lot C7714, expiry 2027-08").click()
    vial = page.get_by_role("group", name="Vial 1")
    expect(vial.get_by_label("Lot number")).to_have_value("C7714")
    expect(vial.get_by_label("Expiry")).to_have_value("2027-08")

    # Enter saves the typed text, and has no other effect
    page.reload()
    vial.get_by_label("Expiry").press("Enter")
    vial.get_by_label("Lot number").fill("C7715")
    vial.get_by_label("Lot number").press("Enter")
    pages.all_is_saved(page)
    page.reload()
    assert session.vials.get().lot_number == "C7715"
    expect(vial.get_by_label("Lot number")).to_have_value("C7715")
    for left_out in ("Size as printed", "Diluent and volume", "Discarded, with unit", "Shared with another patient"):
        expect(vial.get_by_label(left_out)).to_have_value("")


@pytest.mark.engine
def test_change_of_product_asks_before_it_empties_doses(page, watch, neurologist):
    watch.expects(REFUSED)
    session = builders.a_planned_session(by=neurologist)
    pages.open_session(page, session)
    botox = str(builders.a_product("Botox").pk)
    pages.planned(page, SCM).fill("1.11")
    dialog = page.get_by_role("dialog")

    # Unchanged: by the button, and by Escape
    for keep in (
        lambda: dialog.get_by_role("button", name="Keep the product").click(),
        lambda: page.keyboard.press("Escape"),
    ):
        pages.product_choice(page).select_option(label="Dysport — abobotulinumtoxinA")
        expect(dialog).to_contain_text("1 dose, 0 vials")
        keep()
        expect(dialog).to_be_hidden()
        expect(pages.product_choice(page)).to_have_value(botox)
        expect(pages.planned(page, SCM)).to_have_value("1.11")

    # Changed: the doses are gone, and changing back does not bring them back
    pages.product_choice(page).select_option(label="Dysport — abobotulinumtoxinA")
    dialog.get_by_role("button", name="Change and clear").click()
    expect(page.locator("#part-rows-title")).to_contain_text("Dysport")
    expect(pages.planned(page, SCM)).to_have_value("")
    pages.product_choice(page).select_option(label="Botox — onabotulinumtoxinA")
    expect(page.locator("#part-rows-title")).to_contain_text("Botox")
    expect(pages.planned(page, SCM)).to_have_value("")


BEYOND_ITS_CARD = """() => {
  const table = document.querySelector(".injections"), edge = table.closest(".card-ish").getBoundingClientRect().right;
  return [...table.querySelectorAll("th, td, button, input, select")].filter((each) => each.checkVisibility()
    && each.getBoundingClientRect().right > edge).map((each) => each.textContent.trim() || each.name);
}"""


@pytest.mark.looks
@pytest.mark.parametrize("width", [1440, 1401, 1280, 1279, 1024])
def test_rows_with_long_names_do_not_leave_their_card(page, neurologist, width):
    muscles = (("SCM", Side.RIGHT), ("SCAL-P", Side.LEFT))
    session = builders.a_given_session(by=neurologist, product="NeuroBloc", muscles=muscles)
    builders.a_vial(session=session, by=neurologist)
    builders.a_vial(session=session, by=neurologist)
    page.set_viewport_size({"width": width, "height": 900})
    pages.open_session(page, session)
    expect(pages.given(page, SCM)).to_be_visible()
    assert page.evaluate(BEYOND_ITS_CARD) == []
