"""A code is scanned into the lot field: by a scanner, which types it, and by a person with nothing but the keyboard."""

import pytest
from playwright.sync_api import expect

from planning.models import InjectionSession, Vial
from tests import builders
from tests.browser import pages
from tests.browser.watch import REFUSED

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CODE = ["010500045601234810C8889C3", "17270831", "21SERIAL7"]
CONFIRM = "Confirm lot and expiry"


def scan(page, *, parts=CODE, ends="Enter"):
    """As a scanner types: the character between the parts as Ctrl and ], a line end at the end."""
    for number, part in enumerate(parts):
        if number:
            page.keyboard.press("Control+]")
        page.keyboard.type(part)
    if ends:
        page.keyboard.press(ends)


def fields(page, form):
    return [form.locator(f"[name$={name}]") for name in ("lot_number", "expiry", "size")]


def stored():
    return list(Vial.objects.values_list("lot_number", "expiry", "size"))


@pytest.fixture
def page(browse, watch, neurologist):
    watch.expects(REFUSED)
    page = browse(neurologist)
    pages.open_session(page, builders.a_given_session(by=neurologist))
    return page


def test_scanned_vial_is_compared_and_confirmed_by_keyboard(page):
    form = page.locator("#vial-new")
    lot, expiry, size = fields(page, form)
    lot.focus()
    scan(page)

    # Lot and expiry are shown, nothing is stored, and the focus is on the question
    expect(lot).to_have_value("C8889C3")
    expect(expiry).to_have_value("2027-08-31")
    expect(size).to_have_value("")
    expect(form).to_contain_text("Read from the scanned code: lot C8889C3, expiry 2027-08-31. Compare with the box")
    expect(page.get_by_role("button", name=CONFIRM)).to_be_focused()
    assert stored() == []

    # Confirmed
    page.keyboard.press("Enter")
    vial = page.get_by_role("group", name="Vial 1")
    expect(vial.get_by_label("Lot number")).to_have_value("C8889C3")
    expect(vial.get_by_label("Expiry")).to_have_value("2027-08-31")
    pages.all_is_saved(page)
    assert stored() == [("C8889C3", "2027-08-31", "")]
    expect(page.get_by_text("Read from the scanned code")).to_have_count(0)


@pytest.mark.full
def test_scanned_lot_waits_for_confirmation(page, neurologist):
    session = InjectionSession.objects.get()
    builders.a_vial(session=session, by=neurologist, lot_number="OLD", size="100")
    page.reload()
    vial = page.get_by_role("group", name="Vial 1")
    form = page.locator("form.vial").first
    lot, expiry, size = fields(page, form)
    lot.focus()
    page.keyboard.press("Control+a")
    scan(page)
    expect(lot).to_have_value("C8889C3")
    expect(page.get_by_role("button", name=CONFIRM)).to_be_focused()

    # What is corrected first does not save the rest by itself
    expiry.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("08/2027")
    size.focus()
    page.keyboard.type("!")
    page.wait_for_timeout(2500)
    assert stored() == [("OLD", "", "100")]
    page.get_by_role("button", name=CONFIRM).focus()
    page.keyboard.press("Space")
    pages.all_is_saved(page)
    assert stored()[0][:2] == ("C8889C3", "08/2027")
    expect(vial.get_by_label("Lot number")).to_have_value("C8889C3")
    expect(page.get_by_role("button", name=CONFIRM)).to_have_count(0)


@pytest.mark.full
def test_unconfirmed_scan_blocks_leaving_the_page(page):
    lot, expiry, _ = fields(page, page.locator("#vial-new"))
    lot.focus()
    scan(page)
    expect(expiry).to_have_value("2027-08-31")
    page.get_by_role("link", name="Review and sign").click()
    expect(pages.status(page)).to_contain_text("Not saved yet")
    assert stored() == []


@pytest.mark.full
def test_line_end_sent_twice_does_not_confirm(page):
    held = pages.Held(page, "**/vials/")
    lot, expiry, _ = fields(page, page.locator("#vial-new"))
    lot.focus()
    scan(page)
    page.keyboard.press("Enter")
    held.arrives()
    held.let_go()
    expect(expiry).to_have_value("2027-08-31")
    expect(page.get_by_role("button", name=CONFIRM)).to_be_visible()
    assert stored() == []


@pytest.mark.full
def test_scan_is_confirmed_without_a_script(browse, watch, neurologist):
    watch.expects(REFUSED)
    session = builders.a_given_session(by=neurologist)
    page = browse(neurologist, java_script_enabled=False)
    pages.open_session(page, session)
    lot, expiry, _ = fields(page, page.locator("#vial-new"))
    lot.focus()
    page.keyboard.type("(01)05000456012348(10)C8889C3(17)270831")
    page.keyboard.press("Enter")
    expect(expiry).to_have_value("2027-08-31")
    expect(lot).to_have_value("C8889C3")
    expect(page.locator("main")).to_contain_text("Compare with the box, then save. Not saved yet.")
    assert stored() == []
    lot.press("Enter")
    expect(page.get_by_role("group", name="Vial 1").get_by_label("Lot number")).to_have_value("C8889C3")
    assert stored() == [("C8889C3", "2027-08-31", "")]


@pytest.mark.full
def test_code_is_scanned_into_the_lot_look_up(browse, neurologist):
    session = builders.a_given_session(by=neurologist)
    builders.a_vial(session=session, by=neurologist, lot_number="C8889C3")
    page = browse(neurologist)
    page.goto("/lots/")
    page.get_by_label("Lot number").focus()
    scan(page)
    expect(page.get_by_text("Lot number read from the scanned code: C8889C3")).to_be_visible()
    expect(page.get_by_role("table", name="Exact matches").get_by_role("row")).to_have_count(2)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as XLSX").click()
    assert download.value.suggested_filename == f"collum-lot-{builders.today()}.xlsx"
