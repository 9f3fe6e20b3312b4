"""The control keys of a job: Tab, Enter, arrows and letters used as commands, and not what is typed into fields."""

import pytest
from playwright.sync_api import expect

from planning.models import InjectionSession
from planning.sessions.actions.injections import change_injection
from tests import builders
from tests.browser import pages
from tests.browser.test_keyboard import Keyboard

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MUSCLES = (("SCM", "right"), ("LS", "right"), ("SCAL", "left"))
NAMES = ("Sternocleidomastoid, right", "Levator scapulae, right", "Scalene, left")


def a_plan(by):
    visit = builders.an_arrived_visit(clinician=by, hour=9)
    session = builders.a_planned_session(by=by, visit=visit, muscles=MUSCLES)
    for row in session.injections.in_order():
        change_injection(injection=row, by=by, version=row.version, product=session.product, planned_dose="1.11")
    return session


@pytest.mark.engine
def test_planned_session_takes_fourteen_keys_from_today(browse, neurologist):
    session = a_plan(neurologist)
    following = builders.a_visit(clinician=neurologist, hour=10)
    page = browse(neurologist)
    page.goto("/")
    keyboard = Keyboard(page)

    # From Today to what was given
    keyboard.press("n")
    expect(page.get_by_role("button", name="Record what was given")).to_be_focused()
    keyboard.press("Enter")
    for name, dose in zip(NAMES, ("1.11", "2.22", "3.33"), strict=True):
        expect(pages.given(page, name)).to_be_focused()
        keyboard.types(dose)
        keyboard.press("Enter")

    # The vial and who injected
    expect(page.get_by_label("Lot number")).to_be_focused()
    keyboard.types("C7714")
    keyboard.press("Tab")
    keyboard.types("08/27")
    keyboard.press("Enter")
    expect(page.get_by_label("Who injected")).to_be_focused()
    keyboard.press("Tab")
    expect(page.get_by_role("button", name="I did")).to_be_focused()
    keyboard.press("Enter")
    expect(page.get_by_label("Who injected")).to_have_value(str(neurologist.pk))

    # Read back and sign
    keyboard.press("s")
    expect(page.get_by_role("heading", name="Read back and sign")).to_be_focused()
    keyboard.press("Tab")
    expect(page.get_by_label("in", exact=True)).to_be_focused()
    keyboard.types("12")
    keyboard.press("Enter")
    expect(page.get_by_label("Your password")).to_be_focused()
    keyboard.types(builders.PASSWORD)
    keyboard.press("Tab")
    expect(page.get_by_role("button", name="Sign and next patient")).to_be_focused()
    keyboard.press("Enter")
    expect(page.get_by_text("Signed. This record is now read-only.")).to_be_visible()
    expect(page).to_have_url(f"{page.url.split('/visits/')[0]}{following.get_absolute_url()}")

    assert keyboard.pressed == 14

    # Undone by one more key
    expect(page.get_by_text(f"The visit of {session.visit.patient} is finished.")).to_be_visible()
    keyboard.press("u")
    expect(page.get_by_text(f"Undone: the visit of {session.visit.patient} is arrived again.")).to_be_visible()
    content = InjectionSession.objects.get(pk=session.pk).record().content
    assert [row["given_dose"] for row in content["injections"]] == ["1.11", "2.22", "3.33"]
    assert [vial["lot_number"] for vial in content["vials"]] == ["C7714"]
