"""Rows save themselves: when they are left, or two seconds after the last key, and never under the typist's fingers."""

import pytest
from playwright.sync_api import expect

from planning.models import Injection
from planning.sessions.actions.injections import change_injection
from tests import builders
from tests.browser import pages
from tests.browser.logins import change_user, dialog, end_login, log_in_again
from tests.browser.saving_pages import SAVING, type_text
from tests.browser.watch import AWAY, REFUSED
from tests.extent import some

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCM, LEVATOR, SCALENE = "Sternocleidomastoid, right", "Levator scapulae, right", "Scalene, left"
UNREADABLE = "Cannot read this as a number."


@pytest.fixture
def session(neurologist):
    """Three rows, ready to record."""
    return builders.a_given_session(
        by=neurologist, doses=(), muscles=(("SCM", "right"), ("LS", "right"), ("SCAL", "left"))
    )


@pytest.fixture
def page(browse, neurologist, session):
    page = browse(neurologist)
    pages.open_session(page, session)
    return page


def row_of(session, short_name):
    return Injection.objects.get(session=session, muscle__short_name=short_name, removed_at=None)


def row_is_sent(page):
    return page.expect_request(lambda request: request.method == "POST" and "/injections/" in request.url)


@pytest.mark.engine
def test_row_is_saved_after_two_seconds_or_when_left(browse, neurologist, session):
    # Given a page whose clock stops while a dose is typed
    page = browse(neurologist)
    page.clock.install()
    pages.open_session(page, session)
    pages.stop_the_clock(page)
    pages.given(page, SCM).press_sequentially("1.11")

    # Then it is saved two seconds after the last key
    page.clock.run_for(1900)
    expect(pages.status(page)).to_have_text("Unsaved changes.")
    with row_is_sent(page):
        page.clock.run_for(200)
    page.clock.resume()
    pages.all_is_saved(page)
    expect(pages.given(page, SCM)).to_be_focused()
    assert row_of(session, "SCM").given_dose == "1.11"

    # And at once if the row is left
    pages.stop_the_clock(page)
    pages.field(page, SCM, "note").press_sequentially("deep")
    with row_is_sent(page):
        pages.given(page, LEVATOR).focus()
    page.clock.resume()
    pages.all_is_saved(page)
    expect(pages.given(page, LEVATOR)).to_be_focused()
    assert row_of(session, "SCM").note == "deep"


@pytest.mark.engine
def test_typing_during_a_slow_save_loses_no_text_or_focus(page, session):
    # Given a note that is being saved slowly, with the caret in its middle
    held = pages.Held(page, "**/injections/*/")
    note = pages.field(page, SCM, "note")
    note.press_sequentially("beginning end")
    for _ in range(3):
        note.press("ArrowLeft")
    for piece in ("first ", "second ", "third "):
        # When typing goes on while it is sent, and while the response arrives
        held.arrives()
        expect(pages.status(page)).to_have_text("Saving …")
        note.press_sequentially(piece[:3])
        held.pass_one()
        note.press_sequentially(piece[3:], delay=60)
    held.let_go()

    # Then every character is where it was typed, and is stored there
    pages.all_is_saved(page)
    expect(note).to_have_value("beginning first second third end")
    expect(note).to_be_focused()
    assert note.evaluate("field => field.selectionStart") == len("beginning first second third ")
    assert row_of(session, "SCM").note == "beginning first second third end"


@pytest.mark.full
def test_enter_moves_to_the_same_field_of_the_next_row(page):
    for what in ("given_dose", "sites", "note"):
        pages.field(page, SCM, what).press("Enter")
        expect(pages.field(page, LEVATOR, what)).to_be_focused()
        pages.field(page, LEVATOR, what).press("Enter")
        expect(pages.field(page, SCALENE, what)).to_be_focused()


@pytest.mark.engine
def test_unreadable_dose_stays_and_other_rows_are_saved(page, watch, session):
    # Given a dose that cannot be read
    watch.expects(REFUSED)
    pages.given(page, SCM).fill("2,5")
    pages.given(page, SCM).press("Enter")

    # Then the message is next to it, and the text stays
    expect(pages.row(page, SCM).get_by_text(UNREADABLE)).to_be_visible()
    expect(pages.given(page, SCM)).to_have_attribute("aria-invalid", "true")
    pages.is_not_saved(page, UNREADABLE)

    # When another row is typed and a muscle is added, then these are saved, and the message stays
    pages.given(page, LEVATOR).fill("2.22")
    pages.given(page, LEVATOR).press("Enter")
    expect(page.locator("#part-summary")).to_contain_text("1 given")
    pages.add_by_name(page, "ls l")
    expect(pages.rows(page)).to_have_count(4)
    assert row_of(session, "SCM").given_dose == ""
    expect(pages.given(page, SCM)).to_have_value("2,5")
    expect(pages.row(page, SCM).get_by_text(UNREADABLE)).to_be_visible()
    pages.is_not_saved(page)

    # And once it is corrected, it is saved
    pages.given(page, SCM).fill("2.50")
    pages.given(page, SCM).press("Enter")
    pages.all_is_saved(page)
    expect(pages.row(page, SCM).get_by_text(UNREADABLE)).to_have_count(0)
    assert row_of(session, "SCM").given_dose == "2.50"


@pytest.mark.engine
@pytest.mark.parametrize("saving", some(SAVING, one_of=2))
def test_text_typed_after_login_end_is_saved_after_login(saving, browse, watch, neurologist):
    watch.expects(REFUSED)
    where, page = saving(neurologist), browse(neurologist)
    page.goto(where.path)
    end_login(neurologist)
    type_text(where, page)
    pages.is_not_saved(page, "your login has ended")

    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Log in in a new tab").click()
    log_in_there(opened.value, neurologist)

    pages.all_is_saved(page)
    expect(where.field(page)).to_have_value(where.typed)
    assert where.stored() == where.typed


@pytest.mark.parametrize("saving", some(SAVING, one_of=2))
def test_text_typed_offline_is_saved_once_online(saving, browse, watch, neurologist):
    watch.expects(AWAY)
    where, page = saving(neurologist), browse(neurologist)
    page.goto(where.path)
    page.context.set_offline(True)
    type_text(where, page)
    pages.is_not_saved(page, "the server is not responding")
    expect(where.field(page)).to_have_value(where.typed)
    assert where.stored() == ""
    page.context.set_offline(False)
    pages.all_is_saved(page)
    assert where.stored() == where.typed


@pytest.mark.full
def test_login_dialog_saves_the_typed_text(page, watch, session, neurologist):
    watch.expects(REFUSED)
    end_login(neurologist)
    pages.given(page, SCM).fill("1.11")
    pages.given(page, SCM).press("Enter")
    page.get_by_role("button", name="Log in here").click()
    log_in_again(page, neurologist)
    pages.all_is_saved(page)
    assert row_of(session, "SCM").given_dose == "1.11"


@pytest.mark.full
def test_login_link_stays_while_the_page_waits(page, watch, session, neurologist):
    # Given a login that ended, and a link that has the focus
    watch.expects(REFUSED)
    end_login(neurologist)
    pages.given(page, SCM).fill("1.11")
    pages.given(page, SCM).press("Enter")
    link = page.get_by_role("link", name="Log in in a new tab")
    link.focus()
    link.evaluate("link => { window.first = link }")

    # When other text is typed and some seconds pass, then it is the same link still
    pages.given(page, LEVATOR).fill("2.22")
    pages.given(page, LEVATOR).press("Enter")
    link.focus()
    page.wait_for_timeout(4000)
    expect(link).to_be_focused()
    assert link.evaluate("link => link === window.first")

    # And both rows are saved once the same person is back
    with page.context.expect_page() as opened:
        link.click()
    log_in_there(opened.value, neurologist)
    pages.all_is_saved(page)
    assert (row_of(session, "SCM").given_dose, row_of(session, "LS").given_dose) == ("1.11", "2.22")


@pytest.mark.full
def test_button_selected_after_login_end_works_after_login(browse, watch, neurologist):
    watch.expects(REFUSED)
    session = builders.a_planned_session(by=neurologist)
    page = browse(neurologist)
    pages.open_session(page, session)
    pages.planned(page, SCM).fill("1.11")
    end_login(neurologist)
    page.get_by_role("button", name="Record what was given").click()
    expect(dialog(page)).to_be_visible()
    log_in_again(page, neurologist)
    expect(page.get_by_role("button", name="Back to plan")).to_be_visible()
    assert row_of(session, "SCM").planned_dose == "1.11"


@pytest.mark.engine
def test_text_of_one_user_is_not_saved_as_another(page, watch, session, neurologist, other_neurologist):
    watch.expects(REFUSED)
    end_login(neurologist)
    pages.given(page, SCM).fill("1.11")
    pages.given(page, SCM).press("Enter")
    pages.is_not_saved(page, "your login has ended")

    # When another user logs in in the same browser, then the text is rejected, and stays
    tab = page.context.new_page()
    pages.log_in(tab, other_neurologist)
    pages.is_not_saved(page, "another user is logged in now")
    expect(pages.given(page, SCM)).to_have_value("1.11")
    assert row_of(session, "SCM").given_dose == ""

    # And once the typist is back, it is saved by itself
    tab.close()
    change_user(page, to=neurologist)
    pages.all_is_saved(page)
    assert row_of(session, "SCM").given_dose == "1.11"


def log_in_there(tab, person):
    tab.get_by_label("User name").fill(person.username)
    tab.get_by_label("Password").fill(builders.PASSWORD)
    tab.get_by_role("button", name="Log in").click()
    expect(tab.get_by_role("heading", name="Log in")).to_have_count(0)


def test_typed_text_is_not_put_into_browser_storage(page, session):
    pages.given(page, SCM).fill("1.11")
    pages.field(page, SCM, "note").fill("typed words")
    page.get_by_role("textbox", name="Notes").fill("more typed words")
    page.get_by_role("textbox", name="Notes").blur()
    pages.add_by_name(page, "ls l")
    pages.all_is_saved(page)
    kept = page.evaluate(
        """async () => JSON.stringify([{...localStorage}, {...sessionStorage}, await indexedDB.databases(),
                                        await caches.keys(), history.state])"""
    )
    for typed in ("1.11", "typed words", "ls l"):
        assert typed not in kept


@pytest.mark.full
@pytest.mark.engine
def test_back_button_shows_stored_values(page, watch, session, neurologist):
    # Given a row that was typed and saved, and a page that was then left
    pages.given(page, SCM).fill("1.11")
    pages.field(page, SCM, "note").fill("first")
    pages.field(page, SCM, "sites").fill("3")
    pages.field(page, SCM, "guidance").select_option("emg")
    pages.field(page, LEVATOR, "not_given").check()
    page.get_by_role("textbox", name="Notes").fill("first")
    page.get_by_role("textbox", name="Notes").blur()
    pages.all_is_saved(page)
    page.get_by_role("link", name="FAMILY").first.click()
    expect(page).not_to_have_url(session.get_absolute_url())

    # When a user empties and changes it in the meantime, and the browser goes back
    row = row_of(session, "SCM")
    emptied = {"given_dose": "", "note": "", "sites": None, "guidance": ""}
    change_injection(injection=row, product=row.session.product, by=neurologist, version=row.version, **emptied)
    row = row_of(session, "LS")
    change_injection(injection=row, product=row.session.product, by=neurologist, version=row.version, not_given=False)
    page.go_back()

    # Then the fields contain the stored values
    expect(pages.given(page, SCM)).to_have_value("")
    for what in ("note", "sites", "guidance"):
        expect(pages.field(page, SCM, what)).to_have_value("")
    expect(pages.field(page, LEVATOR, "not_given")).not_to_be_checked()


@pytest.mark.engine
def test_text_entered_before_the_script_loads_is_saved(browse, neurologist):
    session = builders.a_planned_session(by=neurologist)
    other = builders.a_planned_session(
        by=neurologist, visit=builders.an_arrived_visit(clinician=neurologist, hour=15), product=None
    )
    page = browse(neurologist)
    held = pages.Held(page, "**/session*.js")

    # Given a page whose script has not come yet
    page.goto(session.get_absolute_url(), wait_until="commit")
    pages.planned(page, SCM).fill("1.11")
    held.pass_one()
    # When it comes, then what was typed is saved
    pages.all_is_saved(page)
    assert row_of(session, "SCM").planned_dose == "1.11"

    page.goto(other.get_absolute_url(), wait_until="commit")
    pages.product_choice(page).select_option(label="Botox — onabotulinumtoxinA")
    held.pass_one()
    expect(page.locator("#part-rows-title")).to_contain_text("of Botox")
