"""What is typed into a form stays until it is stored: when the login ends, the user changes, or the network is away."""

import pytest
from playwright.sync_api import expect

from clinic.models import AuditEntry
from tests import builders
from tests.browser import pages
from tests.browser.logins import ENDED, change_user, dialog, end_login, log_in_again
from tests.browser.watch import AWAY, REFUSED
from tests.extent import some

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TYPED = "Penicillin: ½ “rash” — Łódź"


@pytest.fixture
def patient(neurologist):
    return builders.a_patient()


@pytest.fixture
def page(browse, neurologist, patient):
    page = browse(neurologist)
    page.goto(f"/patients/{patient.pk}/alerts/")
    return page


def allergy(page):
    return page.get_by_label("Allergy", exact=True)


def save(page):
    page.get_by_role("button", name="Reviewed today").click()


def is_stored(page, patient):
    expect(page).to_have_url(patient.get_absolute_url())
    patient.refresh_from_db()
    return patient.alert_allergy == TYPED


def nothing_is_stored(patient):
    patient.refresh_from_db()
    return patient.alerts_reviewed_at is None


def test_leaving_a_page_with_unsaved_text_asks(page, patient):
    # Given unsaved text, when a link is selected, then the browser asks, and the text stays
    allergy(page).press_sequentially("typed")
    assert pages.asked_before_leaving(page, page.get_by_role("link", name="Cancel").click)
    expect(allergy(page)).to_have_value("typed")

    # When the person leaves anyway, then nothing is stored
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("link", name="Cancel").click()
    expect(page).to_have_url(patient.get_absolute_url())
    assert nothing_is_stored(patient)


@pytest.mark.full
def test_leaving_a_page_without_unsaved_text_does_not_ask(page, patient):
    page.on("dialog", lambda dialog: pytest.fail(f"asked: {dialog.message}"))
    allergy(page).press_sequentially("typed")
    allergy(page).fill("")
    page.get_by_role("link", name="Cancel").click()
    expect(page).to_have_url(patient.get_absolute_url())


@pytest.mark.full
def test_saving_does_not_ask(page, patient):
    page.on("dialog", lambda dialog: pytest.fail(f"asked: {dialog.message}"))
    allergy(page).press_sequentially(TYPED)
    save(page)
    assert is_stored(page, patient)


def test_text_of_another_form_is_not_lost_without_asking(browse, neurologist):
    page = browse(neurologist)
    page.goto(f"/diary/opening-hours/clinicians/{neurologist.pk}/")
    first, second = page.locator("main form[method=post]").all()[:2]
    first.get_by_role("textbox").first.press_sequentially("9:00–12:30")
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    second.locator("input[type=date]").first.fill("2027-05-04")
    second.locator("input[type=date]").last.fill("2027-05-05")
    second.get_by_role("button", name="Add").click()
    assert "Another form on this page" in asked[0]
    expect(first.get_by_role("textbox").first).to_have_value("9:00–12:30")


def test_form_sent_after_login_end_is_stored_after_login(page, watch, patient, neurologist):
    # Given a login that ended while a user typed
    watch.expects(REFUSED)
    allergy(page).fill(TYPED)
    end_login(neurologist)
    save(page)

    # When a wrong password is typed, then the dialog shows it, it counts, and the form is not sent
    log_in_again(page, neurologist, password="wrong")
    expect(dialog(page).get_by_role("alert")).to_contain_text("The user name or the password is wrong.")
    assert AuditEntry.objects.filter(action="password failed").count() == 1
    assert nothing_is_stored(patient)

    # When the right one is, then the form is sent by itself
    log_in_again(page, neurologist)
    assert is_stored(page, patient)


@pytest.mark.full
def test_locked_account_is_locked_in_the_dialog(page, watch, patient, neurologist):
    watch.expects(REFUSED)
    end_login(neurologist)
    save(page)
    for _ in range(10):
        log_in_again(page, neurologist, password="wrong")
        expect(dialog(page).get_by_label("Password")).to_have_value("")
    log_in_again(page, neurologist)
    expect(dialog(page).get_by_role("alert")).to_contain_text("Too many failed attempts.")
    assert nothing_is_stored(patient)


@pytest.mark.full
def test_postponed_login_keeps_the_text_and_asks_again(page, watch, patient, neurologist):
    watch.expects(REFUSED)
    allergy(page).fill(TYPED)
    end_login(neurologist)
    save(page)
    dialog(page).get_by_role("button", name="Not now").click()
    expect(dialog(page)).to_have_count(0)
    expect(page.locator("main").get_by_role("alert")).to_contain_text("Your text is still here.")
    expect(page.get_by_role("button", name="Reviewed today")).to_be_focused()
    expect(allergy(page)).to_have_value(TYPED)
    save(page)
    log_in_again(page, neurologist)
    assert is_stored(page, patient)


@pytest.mark.full
def test_login_in_another_tab_sends_the_form(page, watch, patient, neurologist):
    watch.expects(REFUSED)
    allergy(page).fill(TYPED)
    end_login(neurologist)
    save(page)
    expect(dialog(page)).to_be_visible()
    change_user(page, to=neurologist)
    assert is_stored(page, patient)


@pytest.mark.parametrize("where", some(["in the dialog", "in another tab"], one_of=2))
def test_form_is_not_sent_as_another_user(page, watch, patient, neurologist, other_neurologist, where):
    # Given unsaved text, and another user who logs in
    watch.expects(REFUSED)
    allergy(page).fill(TYPED)
    if where == "in the dialog":
        end_login(neurologist)
        save(page)
        log_in_again(page, other_neurologist)
    else:
        change_user(page, to=other_neurologist)
        save(page)

    # Then the page shows a message, and the text stays
    expect(page.locator("main").get_by_role("alert")).to_contain_text("Another user is logged in now.")
    expect(allergy(page)).to_have_value(TYPED)
    assert nothing_is_stored(patient)

    # And once the right user is back, it is sent by the same button
    change_user(page, to=neurologist)
    save(page)
    assert is_stored(page, patient)


def test_form_without_a_network_can_be_sent_again(page, watch, patient):
    watch.expects(AWAY)
    allergy(page).fill(TYPED)
    page.context.set_offline(True)
    save(page)
    expect(page.locator("main").get_by_role("alert")).to_contain_text("The server is not responding.")
    expect(allergy(page)).to_have_value(TYPED)
    expect(page.get_by_role("button", name="Reviewed today")).to_be_focused()
    page.context.set_offline(False)
    save(page)
    assert is_stored(page, patient)


@pytest.mark.parametrize("status", some([500, 502], one_of=2))
def test_server_error_keeps_the_typed_text(page, watch, patient, status):
    watch.expects(REFUSED)
    allergy(page).fill(TYPED)
    page.route("**/alerts/", lambda route: route.fulfill(status=status, body="<h1>Bad Gateway</h1>"), times=1)
    save(page)
    expect(page.locator("main").get_by_role("alert")).to_contain_text("Something went wrong on the server.")
    save(page)
    assert is_stored(page, patient)


@pytest.mark.full
def test_rejected_form_shows_its_text_as_unsaved(browse, neurologist):
    page = browse(neurologist)
    page.goto("/patients/new/")
    page.get_by_label("Family name").fill("Typed")
    page.evaluate("() => { for (const form of document.forms) form.noValidate = true }")
    page.get_by_role("button", name="Register").click()
    expect(page.locator("main [role=alert]")).to_be_focused()
    expect(page.get_by_label("Family name")).to_have_value("Typed")
    assert pages.asked_before_leaving(page, page.get_by_role("link", name="Diary").first.click)
    expect(page.get_by_label("Family name")).to_have_value("Typed")


@pytest.mark.full
def test_admin_form_is_guarded(browse, watch, catalogue_manager):
    watch.expects(REFUSED)
    page = browse(catalogue_manager)
    page.goto("/admin/planning/instrument/add/")
    name = page.get_by_label("Name:", exact=True)
    name.fill("Typed scale")
    end_login(catalogue_manager)
    page.get_by_role("button", name="Save", exact=True).click()
    log_in_again(page, catalogue_manager)
    expect(name).to_have_value("Typed scale")
    expect(page.locator(".errornote")).to_be_visible()  # its range is missing: Django's own page reports it


@pytest.mark.full
def test_file_is_downloaded_with_unsaved_text(browse, neurologist, patient):
    page = browse(neurologist)
    page.goto(patient.get_absolute_url())
    page.get_by_role("button", name="More", exact=True).click()
    with page.expect_download() as download:
        page.locator(f"form[action='/patients/{patient.pk}/export/'] button").click()
    assert download.value.suggested_filename.endswith(".json")
    expect(page).to_have_url(patient.get_absolute_url())


def test_typed_form_text_is_not_put_into_storage(page, watch, neurologist):
    watch.expects(REFUSED)
    allergy(page).fill(TYPED)
    end_login(neurologist)
    save(page)
    expect(dialog(page, ENDED)).to_be_visible()
    kept = page.evaluate(
        """async () => JSON.stringify([{...localStorage}, {...sessionStorage}, await indexedDB.databases(),
                                        await caches.keys(), history.state, document.cookie])"""
    )
    assert "Penicillin" not in kept
