"""Chromium for the tests: one browser, people with windows of their own, and an ear for what the pages complain of."""

import datetime as dt
import shutil

import pytest
import time_machine
from axe_playwright_python.base import AXE_FILE_PATH
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect
from whitenoise.middleware import WhiteNoiseMiddleware

from tests import builders
from tests.browser.scans import AXE_URL
from tests.browser.watch import Watch

# The headless shell is Chromium without the windows around its pages. Chromium itself passes the same tests, and takes
# two to three times as long to open a window or a page.
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--in-process-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    # One process for all sites, and none that waits for the next page
    "--disable-site-isolation-trials",
    "--disable-features=IsolateOrigins,site-per-process,SpareRendererForSitePerProcess,BackForwardCache,Translate",
]
WINDOW = {
    "viewport": {"width": 1440, "height": 900},
    "locale": "en-GB",
    "timezone_id": "Europe/London",
    "reduced_motion": "reduce",
}
PATIENCE_MS = 30_000  # what passes does not wait; a loaded machine is slow

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": CHROMIUM_ARGS}


@pytest.fixture(scope="session", autouse=True)
def axe_is_served():
    """Among the static files, which Chromium keeps. So the content policy allows it."""
    candidates = WhiteNoiseMiddleware.candidate_paths_for_url

    def candidates_and_axe(self, url):
        return [str(AXE_FILE_PATH)] if url == AXE_URL else candidates(self, url)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "candidate_paths_for_url", candidates_and_axe)
        yield


@pytest.fixture
def watch():
    """Fails the test whose pages complained; `watch.expects(…)` names what a test provokes on purpose."""
    watch = Watch()
    yield watch
    assert watch.complaints() == []


@pytest.fixture
def browse(browser, live_server, watch):
    """`browse(person)` returns a page of a new browser in which that person is logged in, or no user without one.

    `at` is another server's address, and what else is given describes the window.
    """
    contexts = []

    def as_person(person=None, *, at=live_server.url, **window):
        context = browser.new_context(**{**WINDOW, "base_url": at, **window})
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        watch.follow(context)
        if person is not None:
            log_in_by_cookie(context, person, at=at)
        return context.new_page()

    yield as_person
    for context in contexts:
        context.close()


def log_in_by_cookie(context, person, *, at):
    """As after the login page, without it."""
    client = Client()
    client.force_login(person)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": at}])


PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def phone(browse):
    """`phone(person)` gives a page on a small screen that is touched."""
    return lambda person=None, **window: browse(person, **{**PHONE, **window})


@pytest.fixture
def tuesday_morning():
    """A working day at 10:07; the clock keeps running."""
    with time_machine.travel(dt.datetime(2027, 3, 2, 10, 7, tzinfo=dt.UTC), tick=True):
        yield


@pytest.fixture
def morgan(neurologist):
    return builders.hours(neurologist)


@pytest.fixture
def adeyemi(other_neurologist):
    return builders.hours(other_neurologist)
