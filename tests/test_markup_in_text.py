"""Typed text is text: no page contains markup that somebody typed into a name, a note or a reason."""

import datetime as dt

import pytest
from django.contrib.auth import get_user_model
from django.db.models import Value
from django.db.models.functions import Concat
from django.test import Client
from django.urls import reverse
from django.utils.safestring import SafeString

from clinic.web.undo import offer_undo
from patients.models import Closure
from patients.templatetags.contact_links import email_links, phone_links
from planning.catalogue.import_plan import PlannedRow
from planning.models import Consent, Instrument, Muscle, MuscleSet
from tests import access, builders
from tests.world import SECRETS, World

pytestmark = pytest.mark.django_db

MARKUP = "<i>\"'&x"
TYPED = ("family_name", "given_name", "muscle", "lot_number", "reason", "brand_name", "nonproprietary_name")
NOTES = ("assessment", "words", "event")
QUERIES = {
    "planning:lot-list": "?lot={lot_number}",
    "planning:today": "?whose=all",
    "patients:visit-book": "?weeks=1",
}
# Files and pages of text, in which it is right.
NO_HTML = ("text/csv", "text/plain", "text/calendar", "application/")


@pytest.fixture(scope="module")
def made_world(module_transaction):
    with pytest.MonkeyPatch.context() as patch:
        for name in (*TYPED, *NOTES):
            patch.setitem(SECRETS, name, f"{SECRETS[name]} {MARKUP}")
        world = World()
        world.with_every_state()
        world.lot_number = SECRETS["lot_number"]
    get_user_model().objects.update(printed_name=f"Dr {MARKUP}")
    MuscleSet.objects.update(name=f"Set {MARKUP}")
    Consent.objects.update(form_version=MARKUP)
    Closure.objects.update(name=MARKUP)
    for model in (Muscle, Instrument):
        model.objects.update(name=Concat("name", Value(MARKUP)))
    return world


def pages(world):
    """Every page of a neurologist, and those of the other states of a session."""
    for url in access.urls():
        if "N" in access.allowed_roles(url.name, "GET") and not (url.is_allauth or url.is_api or url.is_admin):
            query = QUERIES.get(url.name, "").format(lot_number="LOTQ77")
            yield world.fill(url.route) + query
    for day in (world.closure.first_day, builders.today() + dt.timedelta(days=(7 - builders.today().weekday()))):
        yield f"{reverse('patients:diary')}?day={day}"
        yield f"{reverse('patients:diary')}?day={day}&view=week&clinician={world.hours.clinician_id}"
    for session in (world.session, world.planned, world.not_done, world.amended, world.in_error, world.signed):
        yield session.get_absolute_url()
        yield session.visit.get_absolute_url()


def test_no_page_contains_markup_that_was_typed(world):
    client = Client()
    client.force_login(world.clinician)
    wrong, escaped = [], 0
    for page in pages(world):
        response = client.get(page, follow=True)
        assert response.status_code != 404, page
        if response["Content-Type"].startswith(NO_HTML):
            continue
        body = response.content.decode()
        if MARKUP[:4] in body:
            wrong.append(page)
        escaped += "&lt;i&gt;&quot;" in body
    assert wrong == []
    # And the pages contain the text
    assert escaped > 40


def test_search_repeats_no_markup(world):
    client = Client()
    client.force_login(world.clinician)
    for path in ("/patients/", "/visits/new/"):
        for typed in (MARKUP, SECRETS["family_name"]):
            body = client.post(path, {"q": typed}).content.decode()
            assert MARKUP[:4] not in body


def test_links_of_phone_and_email_contain_no_markup():
    for linked in (phone_links(f"{MARKUP} 0555 010 0101 {MARKUP}"), email_links(f"{MARKUP}@example.org {MARKUP}")):
        assert MARKUP[:4] not in linked
        assert "<a href=" in linked


def test_preview_of_an_import_contains_no_markup():
    row = PlannedRow(1, None, [(MARKUP, f"{MARKUP} new"), ("", MARKUP)], None)
    for cell in row.cells_as_html():
        assert MARKUP[:4] not in cell
        assert "&lt;i&gt;" in cell


def test_message_after_booking_contains_no_markup(world):
    patient = builders.a_patient(family_name=MARKUP)
    builders.hours(world.clinician)
    client = Client()
    client.force_login(world.clinician)
    day = builders.today() + dt.timedelta(days=14 - builders.today().weekday())
    path = f"/patients/{patient.pk}/visits/new/"
    key = client.get(path).context["form"]["submission_key"].value()
    booked = {"kind": "review", "day": day, "time": "10:00", "minutes": "20", "clinician": world.clinician.pk}
    response = client.post(path, {"submission_key": key, **booked}, follow=True)
    body = response.content.decode()
    assert "Undo" in body
    assert MARKUP[:4] not in body


def test_message_with_undo_contains_no_markup(rf, monkeypatch):
    shown = []
    monkeypatch.setattr("clinic.web.undo.messages.success", lambda request, text: shown.append(text))
    monkeypatch.setattr("clinic.web.undo.render_to_string", lambda *arguments: SafeString("<form></form>"))
    offer_undo(rf.get("/"), f"The visit of {MARKUP} is finished.", url="/undo/", back="/", patient=None)
    assert shown[0].endswith(" <form></form>")
    assert MARKUP[:4] not in shown[0]
