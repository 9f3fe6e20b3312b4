"""A second factor in a browser: a passkey from its creation to a signature, and the code in the login dialog."""

import pytest
from playwright.sync_api import expect

from clinic.models import Clinic
from planning.models import SignedRecord
from tests import builders
from tests.browser import pages
from tests.browser.logins import dialog, end_login, log_in_again
from tests.browser.scans import assert_no_faults, faults
from tests.browser.watch import REFUSED
from tests.clinic.accounts.factor_steps import a_whole_step, an_app, code_now, wrong_code

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def with_a_key(page):
    """Chromium's own security key, which needs no hand."""
    line = page.context.new_cdp_session(page)
    line.send("WebAuthn.enable")
    line.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2", "transport": "usb", "hasResidentKey": True, "hasUserVerification": True,
                "isUserVerified": True, "automaticPresenceSimulation": True,
            }
        },
    )  # fmt: skip
    return page


def test_passkey_is_created_logs_in_and_signs(browse, watch, neurologist, settings):
    settings.SECOND_FACTOR_IS_REQUIRED = True
    Clinic.objects.update(passkey_signs=True)
    given = builders.a_given_session(by=neurologist)
    page, found = with_a_key(browse()), {}
    pages.log_in(page, neurologist)

    # Given a login that leads to the set-up, where a passkey is created and the recovery codes are shown
    expect(page.get_by_text("This clinic requires a second factor.")).to_be_visible()
    page.get_by_role("link", name="Add a passkey").click()
    page.wait_for_load_state()  # the script that asks for the passkey
    page.get_by_label("Name of the passkey").fill("Work laptop")
    page.get_by_label("Your password").fill(builders.PASSWORD)
    page.get_by_role("button", name="Create the passkey").click()
    expect(page.locator(".codes li")).to_have_count(10)
    found["codes"] = faults(page, watch)
    page.get_by_role("link", name="I have stored the codes").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("today")

    # When the user logs out, then the passkey is the second step of the next login
    page.goto("/accounts/logout/")
    page.locator("main").get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    pages.log_in(page, neurologist)
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    found["second step"] = faults(page, watch)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("today")

    # And it signs
    page.goto(f"/sessions/{given.pk}/sign/")
    page.locator("[name=weeks]").fill("12")
    found["sign"] = faults(page, watch)
    page.get_by_role("button", name="Sign with a passkey").click()
    expect(page.get_by_text("Signed. This record is now read-only.")).to_be_visible()
    assert SignedRecord.objects.get().session_id == given.pk
    assert_no_faults(found)


@pytest.mark.full
def test_login_dialog_asks_for_the_code(browse, watch, neurologist, trainee):
    watch.expects(REFUSED)
    an_app(neurologist)
    patient = builders.a_patient()
    page = browse(neurologist)
    page.goto(f"/patients/{patient.pk}/alerts/")
    allergy = page.get_by_label("Allergy", exact=True)
    allergy.fill("latex")
    end_login(neurologist)
    page.get_by_role("button", name="Reviewed today").click()

    # Given the second step in the dialog, and a wrong code
    log_in_again(page, neurologist)
    code = dialog(page).get_by_label("Code")
    expect(code).to_be_focused()
    code.fill(wrong_code())
    code.press("Enter")
    expect(dialog(page).get_by_role("alert")).to_contain_text("This code is wrong or was used before.")
    assert_no_faults({"second step in the dialog": faults(page, watch)})

    # When the right one is typed, then the form is saved as it was
    with a_whole_step():
        code.fill(code_now())
        code.press("Enter")
        expect(dialog(page)).to_have_count(0)
    expect(page.get_by_text("latex")).to_be_visible()
    patient.refresh_from_db()
    assert "latex" in str(vars(patient))

    # And what is typed for one user is not sent for another
    page.goto(f"/patients/{patient.pk}/alerts/")
    allergy.fill("nickel")
    end_login(neurologist)
    page.get_by_role("button", name="Reviewed today").click()
    log_in_again(page, trainee)
    expect(page.get_by_text("Another user is logged in now.")).to_be_visible()
    patient.refresh_from_db()
    assert "nickel" not in str(vars(patient))
