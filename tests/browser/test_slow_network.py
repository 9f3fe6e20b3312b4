"""A slow network: the quick box queues what is typed, and every key shows at once that it was received."""

import pytest
from playwright.sync_api import expect

from tests import builders
from tests.browser import pages
from tests.browser.watch import REFUSED
from tests.extent import some

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCM, LEVATOR, SCALENE = "Sternocleidomastoid, right", "Levator scapulae, right", "Scalene, left"


@pytest.mark.full
def test_quick_box_queues_entries_and_gives_back_rejected_ones(browse, watch, neurologist):
    watch.expects(REFUSED)
    page = browse(neurologist)
    pages.open_session(page, builders.a_planned_session(by=neurologist, muscles=()))
    box, waiting = pages.quick_box(page), page.locator("#quick-waiting p")
    held = pages.Held(page, "**/injections/")
    box.focus()
    page.keyboard.type("scm r")
    page.keyboard.press("Enter")

    # Shown at once, while the next texts are typed
    at_once = "[document.querySelector('#quick-waiting p').ariaBusy, document.getElementById('quick-box').value]"
    assert page.evaluate(at_once) == ["true", ""]
    assert page.evaluate("document.getElementById('save-status').textContent") == "Adding scm r …"
    for typed in ("trapezoid r", "ls r"):
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
    page.keyboard.type("scal l")
    held.arrives()
    held.let_go()
    for name in (SCM, LEVATOR):
        expect(pages.row(page, name)).to_be_visible()

    # The rejected one is there with its message, and the text typed since is unchanged
    expect(waiting).to_have_count(1)
    expect(waiting).to_contain_text("Not added: trapezoid r. The catalogue has no muscle called “trapezoid”.")
    expect(box).to_have_value("scal l")
    expect(box).to_be_focused()
    page.keyboard.press("Enter")
    expect(pages.row(page, SCALENE)).to_be_visible()
    expect(box).to_be_focused()
    page.get_by_role("button", name="Type it again").click()
    expect(box).to_have_value("trapezoid r")
    expect(box).to_be_focused()
    expect(waiting).to_have_count(0)
    box.fill("")


CLICKED_TWICE = "button => { button.click(); button.click(); return button.ariaBusy }"


@pytest.mark.parametrize("page_of", some(["visit", "patient"], one_of=2))
def test_click_shows_at_once_and_a_double_click_sends_once(page_of, browse, neurologist):
    visit = builders.a_visit(clinician=neurologist, day=builders.today(), hour=23)
    path, button = {
        "visit": (visit.get_absolute_url(), "Mark arrived"),
        "patient": (f"/patients/{visit.patient_id}/alerts/", "Reviewed today"),
    }[page_of]
    page = browse(neurologist)
    page.goto(path)
    if page_of == "patient":
        page.get_by_label("Allergy", exact=True).fill("Latex")
    pages.slow_down(page, milliseconds=800)
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    with page.expect_navigation():
        assert page.get_by_role("button", name=button).evaluate(CLICKED_TWICE) == "true"
    assert len(sent) == 1

    # A link shows it too
    page.wait_for_load_state()
    link = page.get_by_role("link", name="Follow-ups").first
    assert link.evaluate("link => { link.click(); return link.ariaBusy }") == "true"
    page.wait_for_url("**/follow-ups/")
    expect(page.locator("[aria-busy=true]")).to_have_count(0)


def test_typed_text_is_saved_by_itself_after_a_failover(browse, watch, neurologist):
    # Given a proxy that has no server for a while, and says so in its own words
    watch.expects(REFUSED)
    session = builders.a_given_session(by=neurologist, doses=(), muscles=(("SCM", "right"),))
    page = browse(neurologist)
    pages.open_session(page, session)
    response = {"status": 503, "headers": {"Retry-After": "5"}, "content_type": "text/plain", "body": "Try again."}
    page.route("**/injections/*/", lambda route: route.fulfill(**response))

    # When a dose is typed, then it stays in its field
    pages.given(page, SCM).fill("1.11")
    pages.given(page, SCM).press("Enter")
    pages.is_not_saved(page, "the server had an error. Your text stays here, and saving is tried again.")
    expect(pages.given(page, SCM)).to_have_value("1.11")

    # And it is stored once there is a server
    page.unroute("**/injections/*/")
    pages.all_is_saved(page)
    assert session.injections.get().given_dose == "1.11"
