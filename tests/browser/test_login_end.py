"""The end of the login, as a page counts down to it: by shortened times, on the clock of the machine."""

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from clinic.accounts.hashed_sessions import HashedSessionStore
from tests import builders
from tests.browser import pages
from tests.browser.logins import dialog, end_login, log_in_again
from tests.browser.scans import assert_no_faults, faults
from tests.browser.watch import REFUSED

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SOON = "Your login ends soon"


@pytest.fixture
def lasts(settings):
    """`lasts(seconds)`: how long a login lasts idle, and how long before its end a page counts down."""

    def set_times(idle, *, warning, absolute=3600):
        settings.SESSION_NOTED_SECONDS = 0
        settings.SESSION_COOKIE_AGE = idle
        settings.SESSION_WARNING_SECONDS = warning
        settings.SESSION_ABSOLUTE_SECONDS = absolute
        settings.SESSION_TYPING_SECONDS = 60

    return set_times


def opened(page, patient):
    page.goto(f"/patients/{patient.pk}/alerts/")
    return page


@pytest.fixture
def patient(neurologist):
    return builders.a_patient()


def busy_at():
    return HashedSessionStore.data_of(Session.objects.get())["busy_at"]


def test_dialog_counts_down_and_extends_the_login(browse, lasts, patient, neurologist):
    lasts(120, warning=115)
    page = opened(browse(neurologist), patient)
    page.get_by_label("Allergy", exact=True).focus()

    # Given the dialog, which has the focus, and no button of it
    expect(dialog(page, SOON)).to_contain_text(re.compile(r"Time left: 1:\d\d"))
    expect(dialog(page, SOON).get_by_role("heading")).to_be_focused()
    first = dialog(page, SOON).locator(".timeleft").inner_text()
    expect(dialog(page, SOON).locator(".timeleft")).not_to_have_text(first)

    # When the person stays, then the login is extended, and the focus is where it was
    before = busy_at()
    dialog(page, SOON).get_by_role("button", name="Stay logged in").click()
    expect(dialog(page, SOON)).to_have_count(0)
    expect(page.get_by_label("Allergy", exact=True)).to_be_focused()
    assert busy_at() > before


@pytest.mark.full
def test_countdown_does_not_extend_the_login(browse, lasts, patient, neurologist):
    page = browse(neurologist)
    lasts(12, warning=10)
    opened(page, patient)
    page.get_by_label("Allergy", exact=True).fill("typed")
    before = busy_at()
    expect(dialog(page, SOON)).to_be_visible()
    assert busy_at() == before

    # When the login is not extended, then the same dialog becomes the login, and the text stays
    expect(dialog(page)).to_be_visible()
    expect(dialog(page, SOON)).to_have_count(0)
    lasts(900, warning=120)
    log_in_again(page, neurologist)
    expect(dialog(page)).to_have_count(0)
    expect(page.get_by_label("Allergy", exact=True)).to_have_value("typed")
    assert patient.alerts_reviewed_at is None


@pytest.mark.full
def test_login_extended_in_another_tab_closes_the_dialog(browse, lasts, patient, neurologist):
    lasts(120, warning=115)
    page = opened(browse(neurologist), patient)
    expect(dialog(page, SOON)).to_be_visible()
    page.context.new_page().goto("/patients/")
    expect(dialog(page, SOON)).to_have_count(0)


def test_absolute_end_of_login_cannot_be_extended(browse, lasts, patient, neurologist):
    lasts(900, warning=60, absolute=62)
    page = opened(browse(neurologist), patient)
    expect(dialog(page, SOON)).to_contain_text("A login ends after twelve hours and cannot be extended.")
    expect(dialog(page, SOON).get_by_role("button", name="Stay logged in")).to_have_count(0)
    dialog(page, SOON).get_by_role("button", name="Close").click()
    expect(dialog(page, SOON)).to_have_count(0)


@pytest.mark.full
def test_typing_is_reported_at_most_once_a_minute(browse, lasts, patient, neurologist):
    lasts(900, warning=120)
    page = browse(neurologist)
    page.clock.install()
    opened(page, patient)
    pages.stop_the_clock(page)
    reported, before = [], busy_at()
    page.on("request", lambda request: reported.append(request) if is_report(request) else None)
    allergy = page.get_by_label("Allergy", exact=True)

    # Without typing, no activity is reported
    page.clock.run_for(61_000)
    expect(allergy).to_have_value("")
    assert reported == []

    # While a user types for some time, a few reports are sent, one minute apart
    for seconds, reports in ((0, 1), (1, 1), (58, 1), (2, 2), (59, 2), (2, 3)):
        page.clock.run_for(seconds * 1000)
        allergy.press_sequentially("typed")
        pages.happens(page, lambda: len(reported) >= reports)  # noqa: B023
        assert len(reported) == reports
    pages.happens(page, lambda: busy_at() > before)


def is_report(request):
    return request.method == "POST" and request.url.endswith("/account/session/")


@pytest.mark.full
def test_dialogs_are_accessible(browse, watch, lasts, patient, neurologist):
    watch.expects(REFUSED)
    lasts(900, warning=890)
    page = opened(browse(neurologist), patient)
    expect(dialog(page, SOON)).to_be_visible()
    found = {"countdown": faults(page, watch)}
    page.keyboard.press("Escape")
    end_login(neurologist)
    page.get_by_role("button", name="Reviewed today").click()
    log_in_again(page, neurologist, password="wrong")
    expect(dialog(page).get_by_role("alert")).not_to_be_empty()
    found["login"] = faults(page, watch)
    dialog(page).get_by_role("button", name="Not now").click()
    expect(page.locator("[data-not-saved]")).to_be_visible()
    found["not saved"] = faults(page, watch)
    assert_no_faults(found)


@pytest.mark.full
def test_session_page_counts_down(browse, lasts, neurologist):
    lasts(120, warning=115)
    page = browse(neurologist)
    pages.open_session(page, builders.a_planned_session(by=neurologist))
    expect(dialog(page, SOON)).to_be_visible()
