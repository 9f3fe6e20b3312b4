"""Coverage, therapies, consents and leaflets, as used by clinic staff and clinicians."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from patients.models import Coverage, Therapy
from planning.models import Consent, InformationGiven
from tests import builders
from tests.browser.scans import assert_no_faults, faults
from tests.browser.test_diary import drag, time_of
from tests.browser.test_front_desk import Desk, messages, row_of
from tests.browser.watch import REFUSED

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("tuesday_morning"),
]

TODAY, DAY = dt.date(2027, 3, 2), dt.date(2027, 4, 6)
ENDS = "The authorisation of Example Health ends on 31 Mar 2027, before the visit on 6 Apr 2027."


@pytest.fixture
def petrov():
    return builders.a_patient(family_name="Petrov", given_name="Ivan", phone="0555 014 417")


@pytest.fixture
def visit(petrov, morgan):
    return builders.a_visit(patient=petrov, clinician=morgan, day=DAY)


@pytest.mark.full
def test_coverage_is_added_by_keyboard_and_its_gap_is_shown(browse, staff, petrov, visit):
    # Given a member of staff at a patient's page
    page = browse(staff)
    keyboard = Desk(page)
    page.goto(petrov.get_absolute_url())
    keyboard.goes_to("^Coverage$")
    keyboard.enters()

    # When a coverage is typed that ends before the visit
    keyboard.goes_to("^Payer")
    keyboard.types("Example Health")
    keyboard.tab_to("^Decision")
    keyboard.types("App")
    keyboard.tab_to("^Valid until")
    page.get_by_label("Valid until").fill("31.3.2027")
    keyboard.tab_to("^Sessions authorised")
    keyboard.types("4")
    keyboard.tab_to("^Amount charged")
    keyboard.types("€ 1.234,56")
    keyboard.tab_to("^Add$")
    keyboard.enters()

    # Then it is listed, and the gap is shown there, at the visit, and in the diary's list
    expect(messages(page)).to_contain_text("The coverage is added.")
    expect(row_of(page, "Example Health")).to_contain_text("€ 1.234,56")
    keyboard.goes_to("^See the visit$")
    keyboard.enters()
    expect(page.get_by_text(ENDS)).to_be_visible()
    page.goto("/visits/")
    keyboard.goes_to("^Not authorised 1$")
    keyboard.enters()
    expect(row_of(page, "PETROV")).to_contain_text(ENDS)

    # Until the authorisation is prolonged
    keyboard.goes_to("^Coverage of PETROV")
    keyboard.enters()
    keyboard.goes_to("^Change Example Health")
    keyboard.enters()
    page.get_by_label("Valid until").fill("2027-04-06")
    page.get_by_label("Valid until").press("Enter")
    expect(messages(page)).to_contain_text("The coverage is saved.")
    expect(page.get_by_text("The authorisation of")).to_have_count(0)
    coverage = Coverage.objects.get()
    assert (coverage.valid_until, coverage.sessions_authorised, coverage.decision) == (DAY, 4, "approved")


@pytest.mark.full
def test_therapy_is_added_and_corrected_by_keyboard(browse, staff, petrov):
    page = browse(staff)
    keyboard = Desk(page)
    page.goto(petrov.get_absolute_url())
    keyboard.goes_to("^Therapies$")
    keyboard.enters()
    keyboard.goes_to("^Kind")
    keyboard.types("Phy")
    keyboard.tab_to("^Description")
    keyboard.types("Neck exercises")
    keyboard.press("Tab")
    keyboard.types("Jan 2026")
    keyboard.enters()
    expect(messages(page)).to_contain_text("The therapy is added.")
    expect(row_of(page, "Physical therapy")).to_contain_text("since Jan 2026")

    keyboard.goes_to("^Change Physical therapy")
    keyboard.enters()
    keyboard.goes_to("^Entered in error…$")
    keyboard.enters()
    keyboard.goes_to("^Why")
    keyboard.types("Another patient’s")
    keyboard.enters()
    expect(row_of(page, "Physical therapy")).to_contain_text("Entered in error Another patient’s")
    assert Therapy.objects.get().is_in_error


@pytest.mark.full
def test_visit_dragged_to_an_unauthorised_date_shows_a_message(browse, staff, morgan, petrov):
    builders.a_coverage(patient=petrov, payer="Example Health", valid_from=None, valid_until=dt.date(2027, 3, 31))
    builders.a_visit(patient=petrov, clinician=morgan, day=DAY, hour=10)
    page = browse(staff)
    page.goto(f"/visits/?day={DAY}")
    drag(page, "PETROV", to=time_of(page, "11:30", "Dr A. Morgan"))
    expect(messages(page)).to_contain_text("Moved: Injection, 6 Apr 2027, 11:30")
    expect(messages(page)).to_contain_text(ENDS)


@pytest.mark.full
def test_consent_and_leaflet_are_recorded_and_consent_offered(browse, neurologist, petrov):
    session = builders.a_planned_session(
        by=neurologist, visit=builders.a_visit(patient=petrov, clinician=neurologist, day=TODAY)
    )
    page = browse(neurologist)
    page.goto(f"/patients/{petrov.pk}/papers/")
    consent = page.get_by_role("region", name="Record a consent")
    consent.get_by_label("Given by").fill("The patient")
    consent.locator("[name=given_on]").fill("2027-03-02")
    consent.get_by_label("Version of the form").fill("3.1")
    consent.get_by_role("button").click()
    expect(messages(page)).to_contain_text("The consent is recorded.")
    leaflet = page.get_by_role("region", name="Record a leaflet")
    leaflet.get_by_label("Title").fill("Your treatment")
    leaflet.get_by_label("Handed out by").fill("Sam Desk")
    leaflet.locator("[name=given_on]").fill("2027-03-02")
    leaflet.get_by_role("button").click()
    expect(row_of(page, "Your treatment")).to_contain_text("Sam Desk")
    assert (Consent.objects.count(), InformationGiven.objects.count()) == (1, 1)

    page.goto(session.get_absolute_url())
    page.get_by_label("Consent", exact=True).select_option(label="The patient, 2 Mar 2027, form 3.1")


@pytest.mark.full
@pytest.mark.looks
def test_pages_are_accessible_filled_and_with_errors(browse, watch, neurologist, petrov, visit):
    # Given a patient with two of each, one of them entered in error
    watch.expects(REFUSED)
    made = [
        builders.a_coverage(patient=petrov, plan="Plus", note="Call before nine.", valid_until=TODAY),
        builders.a_therapy(patient=petrov, description="Neck exercises", provider="Example Physiotherapy"),
        builders.a_consent(patient=petrov, given_by="The patient’s daughter, who holds the power of attorney"),
        builders.some_information(patient=petrov, title="After the injections: what to look out for"),
    ]
    wrong = [make(patient=petrov) for make in (builders.a_coverage, builders.a_therapy, builders.a_consent)]
    for record in wrong:
        builders.in_error(record, by=neurologist)
    page = browse(neurologist)
    paths = [f"/patients/{petrov.pk}/{name}/" for name in ("coverage", "therapies", "papers")]
    paths += [record.get_absolute_url() for record in (*made[:2], *wrong[:2])]
    paths += [visit.get_absolute_url(), petrov.get_absolute_url(), "/visits/not-authorised/", "/visits/"]
    paths += [f"/consents/{made[2].pk}/entered-in-error/", f"/information/{made[3].pk}/entered-in-error/"]
    found = {}
    for path in paths:
        page.goto(path)
        found[path] = faults(page, watch)

    # And rejected forms
    for path, button in (
        (paths[0], "Add"),
        (paths[1], "Add"),
        (paths[2], "Record the consent"),
        (paths[2], "Record the leaflet"),
    ):
        page.goto(path)
        page.evaluate("() => { for (const form of document.forms) form.noValidate = true }")
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.locator("main .errorlist").first).to_be_visible()
        found[f"{path} refused {button}"] = faults(page, watch)
    assert_no_faults(found)
