"""Every page of Collum, for every role that can open it: no console error, no axe fault, fit for a phone."""

import re

import pytest
from playwright.sync_api import expect

from clinic.accounts.help import PAGES as HELP_PAGES
from clinic.models import User
from planning.models import MapPlace
from planning.sessions.actions.injections import change_injection
from tests import builders
from tests.access import PEOPLE, ROLE_OF, allowed_roles, urls
from tests.browser import pages
from tests.browser.forms import FORMS
from tests.browser.known_faults import KNOWN_OF_THE_ADMIN
from tests.browser.scans import (
    DESK,
    LEAST_PX,
    PHONE,
    SIDE_OF_THE_LARGEST_SQUARE,
    TABLET,
    assert_no_faults,
    faults,
    sideways,
)
from tests.browser.watch import REFUSED
from tests.extent import IS_WHOLE, some
from tests.world import SECRETS, World

pytestmark = [pytest.mark.browser, pytest.mark.looks, pytest.mark.django_db(transaction=True)]

# A word for machines, a part of a page, a text or a file for another system
NO_PAGES = {
    "clinic:login-session", "planning:muscle-match", "planning:record-text", "patients:free-times",
    "planning:letter-text", "planning:letter-pdf",
    "patients:calendar-feed", "planning:lot-csv", "planning:lot-xlsx",
    "planning:overview-csv", "planning:overview-xlsx", "patients:followup-csv", "patients:followup-xlsx",
    "patients:waiting-csv", "patients:waiting-xlsx",
}  # fmt: skip


def person_of(letter):
    role = [ROLE_OF[letter]] if letter in ROLE_OF else []
    return builders.a_person(*role, printed_name="Pat Person", is_superuser=letter == "U")


def paths_for(letter, world):
    """Each page that this person can open, with all states of a session."""
    asked = [
        url
        for url in urls()
        if letter in allowed_roles(url.name, "GET")
        and not (url.is_admin or url.is_api)
        and url.name not in NO_PAGES
        # A trainee sees of the other pages what a neurologist sees.
        and (letter != "T" or url.route.startswith("sessions/"))
    ]
    paths = {world.fill(url.route) for url in asked}
    if letter in "NT":
        every_state = (world.planned, world.signed, world.not_done, world.amended, world.in_error)
        paths |= {session.get_absolute_url() for session in every_state}
        paths |= {world.amended.get_working_url(), f"/sessions/{world.planned.pk}/end/"}
    if letter == "N":
        builders.the_same_person(world.patient, builders.a_patient(family_name="Twice"), by=world.clinician)
        paths |= {other.get_absolute_url() for other in world.patient.others.all()}
        paths |= {f"/sessions/{world.signed.pk}/amend/", f"/sessions/{world.signed.pk}/end/"}
        paths |= {f"/lots/?lot={SECRETS['lot_number']}", "/lots/?lot=nowhere", "/lots/?lot=-", "/overview/?months=60"}
    if letter in "NS":
        paths |= {
            f"/?day={builders.today()}&whose=all",
            "/?day=never",
        }
        paths.add(world.not_done.visit.get_absolute_url())
    if letter == "N":
        paths |= {f"/help/{name}/" for name in HELP_PAGES}  # the same for every role
    if letter == "A":
        paths.add("/api/v1/docs/")  # the same for every role
    return sorted(paths)


def paths_of_their_own(letter, world):
    """Each page that no neurologist opens, and those that show these roles something else."""
    others = {world.fill(url.route) for url in urls() if letter != "T" and "N" in allowed_roles(url.name, "GET")}
    different = {"S": {world.patient.get_absolute_url(), world.visit.get_absolute_url()}}.get(letter, set())
    return sorted({*paths_for(letter, world)} - others | {"/"} | different)


@pytest.mark.parametrize(
    "letter", ["N", *(pytest.param(letter, marks=pytest.mark.full) for letter in "STCAU-")], ids=PEOPLE.get
)
def test_every_page_is_accessible_and_logs_no_error(browse, watch, letter):
    forms = look_at_pages(browse, watch, letter, paths_for)
    assert forms > {"N": 80, "T": 2, "S": 30, "-": -1}.get(letter, 1)


@pytest.mark.parametrize("letter", [pytest.param("T", marks=pytest.mark.full), *"SCAU-"], ids=PEOPLE.get)
def test_pages_of_other_roles_only_have_no_fault(browse, watch, letter):
    look_at_pages(browse, watch, letter, paths_of_their_own)


@pytest.mark.full
def test_main_pages_are_accessible_in_dark(browse, watch):
    world = World().with_every_state()
    world.belongs_to(world.clinician)
    page = browse(User.objects.get(pk=world.clinician.pk), color_scheme="dark")
    sessions = (world.session, world.planned, world.signed, world.not_done)
    paths = [record.get_absolute_url() for record in (*sessions, world.patient, world.visit)]
    found = {}
    for path in ("/", "/visits/", "/follow-ups/", f"/sessions/{world.session.pk}/sign/", *paths):
        page.goto(path)
        found[path] = faults(page, watch)
    assert_no_faults(found)


@pytest.mark.full
@pytest.mark.parametrize("letter", PEOPLE, ids=PEOPLE.get)
def test_every_page_is_accessible_in_dark(browse, watch, letter):
    look_at_pages(browse, watch, letter, paths_for, color_scheme="dark")


SMALL_TABLET = 768
WIDTHS = (320, 390, 641, SMALL_TABLET, 840, 1024, 1440)


@pytest.mark.full
@pytest.mark.parametrize("letter", "NSCA", ids=PEOPLE.get)
def test_no_page_scrolls_sideways_at_any_width(browse, letter):
    world = World().with_every_state()
    person = person_of(letter)
    world.belongs_to(person)
    page = browse(person)
    found = {}
    for path in paths_for(letter, world):
        page.goto(path)
        for width in WIDTHS if "/admin/" not in page.url else ():
            page.set_viewport_size({"width": width, "height": 900})
            found[f"{path} at {width} px"] = sideways(page)
    assert_no_faults(found)


def look_at_pages(browse, watch, letter, paths, **window):
    """Fail with what is wrong with these pages; the number of their forms."""
    world = World().with_every_state()
    person = person_of(letter) if letter != "-" else None
    world.belongs_to(person or world.clinician)
    page = browse(person, **window)
    found, forms = {}, 0
    closely = some(paths(letter, world), one_of=6)
    for path in paths(letter, world):
        # A phone is where a page is too wide, and has the largest targets.
        widths = (PHONE, DESK) if path in closely else (PHONE,)
        page.set_viewport_size({"width": max(widths), "height": 900})
        response = page.goto(path)
        assert response.status == 200, path
        if "/admin/" in page.url:  # where the way in leads a superuser
            continue
        found[path] = [*faults(page, watch, widths=widths, closely=path in closely), *watch.complaints()]
        for width in (TABLET, SMALL_TABLET) if IS_WHOLE else ():
            page.set_viewport_size({"width": width, "height": 900})
            found[path] += sideways(page)
        if person:  # the login form has nothing to guard
            number, unguarded = page.evaluate(FORMS)
            found[path] += unguarded
            forms += number
    assert_no_faults(found)
    return forms


@pytest.mark.parametrize("letter", ["U", pytest.param("C", marks=pytest.mark.full)], ids=PEOPLE.get)
def test_admin_site_has_only_its_known_faults(browse, watch, letter):
    world = World().with_every_state()
    watch.expects(REFUSED)  # some redirects lead to pages that this person cannot open
    for known in KNOWN_OF_THE_ADMIN.values():
        watch.expects_at(known["path"], known["console"])
    page = browse(person_of(letter))
    no_page = re.compile("logout|js|export|template")
    for url in urls():
        if url.is_admin and letter in allowed_roles(url.name, "GET") and not no_page.search(url.name):
            page.goto(world.fill(url.route))
    expect(page).to_have_title(re.compile("Collum"))


@pytest.mark.full
def test_error_pages_are_accessible(browse, watch):
    watch.expects(REFUSED)
    world = World().with_every_state()
    page = browse(person_of("S"))
    found = {}
    for path, status in (
        (world.session.get_absolute_url(), 403),
        ("/patients/999999/", 404),
        (f"/visits/{world.visit.pk}/state/", 405),
    ):
        assert page.goto(path).status == status
        found[path] = faults(page, watch)
    assert_no_faults(found)


@pytest.mark.full
def test_forms_with_errors_are_accessible(browse, watch):
    # Given rejected forms: the login, a patient without a name, a signature without an answer, a past visit
    watch.expects(REFUSED)
    world = World().with_every_state()
    page = browse()
    page.goto("/accounts/login/")
    page.get_by_label("User name").fill("nobody")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    found = {"login": faults(page, watch)}

    page = browse(User.objects.get(pk=world.clinician.pk))
    for path, button in (
        ("/patients/new/", "Register"),
        (f"/patients/{world.patient.pk}/visits/new/", "Book"),
        (f"/sessions/{world.session.pk}/sign/", "Sign"),
        ("/accounts/password/change/", "Change password"),
        ("/account/tokens/", "Create the token"),
    ):
        page.goto(path)
        # As if the browser's own checks had been passed by
        page.evaluate("() => { for (const form of document.forms) form.noValidate = true }")
        page.locator("main").get_by_role("button", name=button, exact=True).click()
        expect(page.locator("main .errorlist, main [role=alert]").first).to_be_visible()
        found[path] = faults(page, watch)
    assert_no_faults(found)


@pytest.mark.full
def test_session_with_errors_conflict_and_dialog_is_accessible(browse, watch):
    # Given a session with an unreadable dose, a conflict, an unknown term, open sections, matches and results
    watch.expects(REFUSED)
    world = World().with_every_state()
    person = User.objects.get(pk=world.clinician.pk)
    page = browse(person)
    pages.open_session(page, world.session)
    first, second = (f"{row.muscle}, {row.side}" for row in world.session.injections.in_order())
    row = world.session.injections.in_order().last()
    change_injection(injection=row, product=row.session.product, by=person, version=row.version, given_dose="1.11")
    pages.given(page, first).fill("2,5")
    pages.given(page, second).fill("3.33")
    pages.given(page, second).press("Enter")
    expect(page.get_by_role("button", name="Keep what I typed")).to_be_visible()
    pages.add_by_name(page, "sc r")
    expect(page.locator("#quick-error")).to_contain_text("fits several")
    pages.quick_box(page).press_sequentially("x")
    pages.quick_box(page).fill("sca")
    expect(page.locator("#quick-matches").get_by_role("listitem").first).to_be_visible()
    for fold in ("Record a consent", "Add another vial"):
        page.get_by_text(fold).click()
    found = {"errors": faults(page, watch)}

    page.get_by_label("Find a patient").fill("wr")
    expect(page.locator("#found").get_by_role("link", name="Move…")).to_be_visible()  # the coming visit
    found["results"] = faults(page, watch)
    page.get_by_role("button", name="Menu").click()
    found["menu"] = faults(page, watch)
    page.keyboard.press("Escape")

    pages.open_session(page, world.planned)
    pages.planned(page, first).fill("1.11")
    pages.product_choice(page).select_option(label="Dysport — abobotulinumtoxinA")
    expect(page.get_by_role("dialog")).to_be_visible()
    found["dialog"] = faults(page, watch)
    assert_no_faults(found)


@pytest.mark.full
def test_every_map_region_is_large_enough_to_click(browse, neurologist):
    builders.a_muscle_at_every_place()
    session = builders.a_planned_session(by=neurologist)
    page = browse(neurologist)
    pages.open_session(page, session)
    regions = page.locator("svg g[role=button]")
    assert regions.count() == 2 * len(MapPlace)
    for width in (PHONE, TABLET, DESK):
        page.set_viewport_size({"width": width, "height": 900})
        pages.open_the_map(page)
        sides = {
            region.get_attribute("aria-label"): region.evaluate(SIDE_OF_THE_LARGEST_SQUARE) for region in regions.all()
        }
        assert {name: side for name, side in sides.items() if side < LEAST_PX} == {}, width


@pytest.mark.parametrize(
    ("letter", "paths"),
    [
        pytest.param(
            "C",
            ["muscle/add/", "product/add/", "instrument/add/", "muscle/import/", "muscle/"],
            marks=pytest.mark.full,
        ),
        ("U", ["user/add/"]),
    ],
)
def test_every_form_of_the_admin_site_is_guarded(browse, letter, paths):
    page = browse(person_of(letter))
    found = {}
    for path in paths:
        page.goto(f"/admin/{'clinic' if letter == 'U' else 'planning'}/{path}")
        number, found[path] = page.evaluate(FORMS)
        assert number
    assert_no_faults(found)
