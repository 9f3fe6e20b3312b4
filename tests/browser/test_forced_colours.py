"""With the few colours of a high-contrast theme, what is selected looks different from what is not."""

import pytest
from playwright.sync_api import expect

from tests import builders
from tests.browser import pages

pytestmark = [pytest.mark.browser, pytest.mark.looks, pytest.mark.django_db(transaction=True)]

SCM = "Sternocleidomastoid, right"


def looks(element):
    return element.screenshot(animations="disabled")


def shows_that_it_is_selected(locator, unselect):
    element = locator.element_handle()  # which the locator may no longer find
    selected = looks(element)
    element.evaluate(unselect)
    return selected != looks(element)


@pytest.fixture
def page(browse, neurologist):
    return browse(neurologist, forced_colors="active")


def test_ticked_posture_and_answer_look_selected(page, neurologist):
    visit = builders.an_arrived_visit(clinician=neurologist)
    page.goto(f"/visits/{visit.pk}/assessment/")
    posture = page.get_by_role("checkbox", name="Torticollis left")
    posture.check()
    answer = page.get_by_role("group", name="Head pain").get_by_role("radio", name="Present")
    answer.check()
    pages.all_is_saved(page)
    page.get_by_role("heading", level=1).click()  # the focus is elsewhere
    option = page.locator(".headoption", has=posture)
    edges = "each => getComputedStyle(each).borderTopWidth"
    assert option.evaluate(edges) != page.locator(".headoption").first.evaluate(edges)
    assert shows_that_it_is_selected(posture, "each => { each.checked = false; }")
    assert shows_that_it_is_selected(answer, "each => { each.checked = false; }")


def test_chosen_muscle_step_and_page_look_selected(page, neurologist):
    muscles = (("SCM", "right"), ("SCAL-P", "left"))
    pages.open_session(page, builders.a_planned_session(by=neurologist, muscles=muscles))
    expect(pages.row(page, SCM)).to_be_visible()
    on_the_map = page.locator(".region.chosen").first
    assert shows_that_it_is_selected(on_the_map, "each => each.classList.remove('chosen')")
    listed = page.locator(".others [aria-pressed=true]")
    assert shows_that_it_is_selected(listed, "each => each.classList.replace('btn-primary', 'btn-outline-primary')")
    step = page.locator(".steps .now")
    assert shows_that_it_is_selected(step, "each => each.classList.remove('now')")
    link = page.get_by_role("link", name="Today").first
    assert shows_that_it_is_selected(link, "each => each.removeAttribute('aria-current')")
