"""Two people on one session: conflicts are shown by row, with both values, and everything else simply appears."""

import pytest
from playwright.sync_api import expect

from planning.models import Injection
from tests import builders
from tests.browser import pages
from tests.browser.watch import REFUSED

pytestmark = [pytest.mark.browser, pytest.mark.engine, pytest.mark.django_db(transaction=True)]

SCM, LEVATOR, SCALENE = "Sternocleidomastoid, right", "Levator scapulae, right", "Scalene, left"


@pytest.fixture
def session(neurologist):
    return builders.a_given_session(by=neurologist, doses=(), muscles=(("SCM", "right"), ("LS", "right")))


@pytest.fixture
def ours(browse, session, neurologist):
    page = browse(neurologist)
    pages.open_session(page, session)
    return page


@pytest.fixture
def theirs(browse, session, trainee):
    page = browse(trainee)
    pages.open_session(page, session)
    return page


def type_given(page, name, dose):
    pages.given(page, name).fill(dose)
    pages.given(page, name).press("Enter")


def doses(session):
    return [row.given_dose for row in Injection.objects.filter(session=session).active().in_order()]


def test_conflict_shows_both_values_to_choose_from(ours, theirs, watch, session):
    # Given a row that both typed
    watch.expects(REFUSED)
    type_given(ours, SCM, "1.11")
    pages.all_is_saved(ours)
    type_given(theirs, SCM, "2.22")

    # Then the later one sees both
    pages.is_not_saved(theirs)
    expect(pages.row(theirs, SCM)).to_contain_text("1.11")
    expect(pages.given(theirs, SCM)).to_have_value("2.22")
    assert doses(session) == ["1.11", ""]

    # When the typed value is chosen, then it is stored
    pages.row(theirs, SCM).get_by_role("button", name="Keep what I typed").click()
    pages.all_is_saved(theirs)
    assert doses(session) == ["2.22", ""]

    # When the stored value is chosen, then it is in the field and is not sent again
    type_given(ours, SCM, "3.33")
    pages.row(ours, SCM).get_by_role("button", name="Use what is stored").click()
    expect(pages.given(ours, SCM)).to_have_value("2.22")
    pages.all_is_saved(ours)
    expect(ours.get_by_role("button", name="Use what is stored")).to_have_count(0)
    expect(pages.given(ours, SCM)).to_be_focused()
    assert doses(session) == ["2.22", ""]


@pytest.mark.full
def test_changes_of_another_user_appear_with_the_next_save(ours, theirs, session):
    type_given(theirs, LEVATOR, "2.22")
    pages.all_is_saved(theirs)
    pages.click_on_the_map(theirs, SCALENE)
    expect(pages.rows(theirs)).to_have_count(3)

    type_given(ours, SCM, "1.11")
    expect(pages.given(ours, LEVATOR)).to_have_value("2.22")
    expect(pages.row(ours, SCALENE)).to_be_visible()
    expect(pages.region(ours, SCALENE)).to_have_attribute("aria-pressed", "true")
    pages.all_is_saved(ours)
    assert doses(session) == ["1.11", "2.22", ""]


def test_text_typed_during_return_to_plan_is_rejected_and_stays(ours, theirs, watch, session):
    watch.expects(REFUSED)
    theirs.get_by_role("button", name="Back to plan").click()
    expect(theirs.get_by_role("button", name="Record what was given")).to_be_visible()

    type_given(ours, SCM, "1.11")
    pages.is_not_saved(ours, "back in planning")
    expect(pages.given(ours, SCM)).to_have_value("1.11")
    assert doses(session) == ["", ""]

    # And once it is recorded again, the next key saves it
    pages.record_what_was_given(theirs)
    pages.given(ours, SCM).press("End")
    pages.given(ours, SCM).press_sequentially("0")
    pages.all_is_saved(ours)
    assert doses(session) == ["1.110", ""]
