"""A token for a program is made, shown once and revoked in the browser, with scripts and without."""

import re

import pytest
from playwright.sync_api import expect

from clinic.accounts.permissions import Permission
from clinic.models import ApiToken
from tests import builders
from tests.browser import pages
from tests.browser.scans import DESK, PHONE, TABLET, assert_no_faults, faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGE = "/account/tokens/"


def make(page, name):
    page.get_by_label("Name of the program").fill(name)
    page.get_by_label("Your password").fill(builders.PASSWORD)
    page.get_by_role("button", name="Create the token").click()


def shown(page, name):
    return page.get_by_label(f"The token for {name}")


@pytest.mark.full
def test_token_is_created_shown_once_and_revoked(browse, watch, neurologist):
    # Given an active and an ended token
    builders.a_token(
        by=neurologist,
        name="Everything that there is",
        permissions=[Permission.SEE_SESSIONS, Permission.CHANGE_SESSIONS],
        days=7,
    )
    page = browse(neurologist)
    page.goto("/")
    page.get_by_text("Dr A. Morgan", exact=True).first.click()
    page.get_by_role("link", name="Tokens for programs").click()

    # When a token is made of what is ticked
    page.get_by_label("Only the permissions selected below").check()
    page.get_by_label("see visits and follow-ups").check()
    page.get_by_label("Ends after").select_option("90 days")
    make(page, "Waiting-room screen")

    # Then it is shown once, to be copied, and grants what was ticked
    expect(shown(page, "Waiting-room screen")).to_have_value(re.compile(r"^collum_.{40}"))
    secret = shown(page, "Waiting-room screen").input_value()
    assert ApiToken.objects.with_secret(secret).permissions == {Permission.SEE_DIARY}
    assert_no_faults({"made": faults(page, watch, widths=(PHONE, TABLET, DESK))})
    page.goto(PAGE)
    expect(shown(page, "Waiting-room screen")).to_have_count(0)

    # And it is revoked
    page.get_by_role("button", name="Revoke Waiting-room screen").click()
    expect(page.get_by_text("The token is revoked.")).to_be_visible()
    expect(page.get_by_role("region", name="Ended")).to_contain_text("Waiting-room screen")
    assert ApiToken.objects.with_secret(secret) is None


@pytest.mark.engine
def test_form_sent_twice_without_scripts_creates_one_token(browse, neurologist):
    page = browse(java_script_enabled=False)
    pages.log_in(page, neurologist)
    page.goto(PAGE)
    make(page, "Nightly copy")
    expect(shown(page, "Nightly copy")).to_have_value(re.compile("^collum_"))
    page.reload()
    expect(page.get_by_text("This token was already created and cannot be shown again.")).to_be_visible()
    assert ApiToken.objects.count() == 1
    page.get_by_role("button", name="Revoke Nightly copy").click()
    expect(page.get_by_text("The token is revoked.")).to_be_visible()
