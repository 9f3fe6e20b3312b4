"""Logins as the tests end them, begin them and look at them, apart from the page that is open."""

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from clinic.accounts.hashed_sessions import HashedSessionStore
from tests import builders
from tests.browser import pages

ENDED = "Your login has ended"


def end_login(person):
    for login in Session.objects.all():
        if HashedSessionStore.data_of(login).get(SESSION_KEY) == str(person.pk):
            login.delete()


def dialog(page, title=ENDED):
    return page.get_by_role("dialog", name=title)


def log_in_again(page, person, *, password=builders.PASSWORD):
    """In the dialog over the page."""
    over = dialog(page)
    over.get_by_label("User name").fill(person.username)
    over.get_by_label("Password").fill(password)
    over.get_by_role("button", name="Log in").click()


def change_user(page, *, to):
    """In another tab of the same browser."""
    tab = page.context.new_page()
    tab.goto("/accounts/logout/")
    if tab.get_by_role("heading", name="Log out?").is_visible():
        tab.locator("main").get_by_role("button", name="Log out").click()
        expect(tab.get_by_role("heading", name="Log in")).to_be_visible()
    pages.log_in(tab, to)
    expect(tab.get_by_text(str(to)).first).to_be_visible()
    tab.close()
