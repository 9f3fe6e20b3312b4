"""The server is killed during typing: no saved text is lost, and no typed text once it is back."""

import pytest
from playwright.sync_api import expect

from planning.models import Injection
from tests import builders
from tests.browser import pages
from tests.browser.saving_pages import AssessmentPage, type_text
from tests.browser.served import Served
from tests.browser.watch import AWAY

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.django_db(transaction=True)]

SCM, LEVATOR, SCALENE = "Sternocleidomastoid, right", "Levator scapulae, right", "Scalene, left"
NOTE = "Łódź – 2 × “deep”, ½ needle; see َ"
LINES = "First line\n  second, indented\nthird"


@pytest.fixture
def served():
    served = Served()
    yield served
    served.kill()


def test_typed_text_survives_a_server_restart(browse, served, watch, neurologist):
    # Given a session of three rows that is being recorded, on a server of its own
    session = builders.a_given_session(
        by=neurologist, doses=(), muscles=(("SCM", "right"), ("LS", "right"), ("SCAL", "left"))
    )
    served.start()
    page = browse(neurologist, at=served.url)
    pages.open_session(page, session)
    pages.given(page, SCM).fill("1.11")
    pages.given(page, SCM).press("Enter")
    pages.all_is_saved(page)

    # When its processes are killed while a second dose is being typed
    watch.expects(AWAY)
    pages.given(page, LEVATOR).press_sequentially("2.")
    served.kill()
    pages.given(page, LEVATOR).press_sequentially("22")
    pages.given(page, SCALENE).fill("3.330")
    pages.field(page, SCM, "note").fill(NOTE)
    page.get_by_role("textbox", name="Notes").fill(LINES)

    # Then the page shows that it is not saved, the text stays, and leaving warns
    pages.is_not_saved(page, "the server is not responding")
    expect(pages.given(page, LEVATOR)).to_have_value("2.22")
    expect(pages.given(page, SCALENE)).to_have_value("3.330")
    assert leaving_warns(page)

    # And what was shown as saved is stored
    assert stored(session) == [("1.11", ""), ("", ""), ("", "")]

    # When the server is back, then all of it is stored by itself, byte for byte
    served.start()
    pages.all_is_saved(page)
    assert stored(session) == [("1.11", NOTE), ("2.22", ""), ("3.330", "")]
    session.refresh_from_db()
    assert session.notes == LINES


@pytest.mark.full
def test_assessment_survives_a_server_restart(browse, served, watch, neurologist):
    where = AssessmentPage(neurologist)
    served.start()
    page = browse(neurologist, at=served.url)
    page.goto(where.path)
    watch.expects(AWAY)
    served.kill()
    type_text(where, page)
    pages.is_not_saved(page, "the server is not responding")
    expect(where.field(page)).to_have_value(where.typed)
    assert leaving_warns(page)
    assert where.stored() == ""
    served.start()
    pages.all_is_saved(page)
    assert where.stored() == where.typed


def leaving_warns(page):
    here = page.url
    warns = pages.asked_before_leaving(page, lambda: page.evaluate("() => { window.location.assign('/') }"))
    expect(page).to_have_url(here)
    return warns


def stored(session):
    return [(row.given_dose, row.note) for row in Injection.objects.filter(session=session).in_order()]
