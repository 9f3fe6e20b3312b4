"""Product codes that clinicians scan are offered to the catalogue manager, and choose no product."""

import re

import pytest
from django.urls import reverse

from clinic.models import AuditEntry
from clinic.records.exceptions import Conflict, Refused
from planning.catalogue.actions.scanned_gtins import attach_gtin, dismiss_gtin, note_gtin, reopen_gtin
from planning.models import Product, ScannedGtin
from tests import builders
from tests.parallel import at_once
from tests.planning.session_pages.sending import vial_data

pytestmark = pytest.mark.django_db

GTIN, OTHER = "05000456012348", "07640123456784"
CODE = f"01{GTIN}10C8889C3\x1d17270831"


@pytest.fixture
def session(neurologist):
    return builders.a_given_session(by=neurologist)


@pytest.fixture
def manager(client, catalogue_manager):
    client.force_login(catalogue_manager)
    return client


def a_code(gtin=GTIN, *, product="Botox", by):
    return note_gtin(gtin=gtin, chosen=builders.a_product(product), by=by)


def scan(client, session, code=CODE):
    return client.post(f"/sessions/{session.pk}/vials/", vial_data(session, lot_number=code))


def actions_since(last):
    return list(AuditEntry.objects.filter(pk__gt=last.pk).order_by("pk").values_list("action", flat=True))


# Scanning


def test_scanned_unknown_code_is_noted_with_the_chosen_product(login, neurologist, session):
    doctor = login(neurologist)
    before = AuditEntry.objects.latest("pk")
    assert scan(doctor, session).status_code == 422
    noted = ScannedGtin.objects.get()
    assert (noted.gtin, noted.chosen, noted.product, noted.is_settled) == (GTIN, session.product, None, False)
    assert actions_since(before) == ["noted", "read"]


def test_scan_changes_neither_session_nor_catalogue(login, neurologist, session):
    other = builders.a_product("Dysport")
    noted = a_code(by=neurologist)
    attach_gtin(noted=noted, product=other, by=neurologist, version=noted.version)
    products = Product.objects.count()
    response = scan(login(neurologist), session)
    session.refresh_from_db()
    assert session.product == builders.a_product("Botox")
    assert {row.given_dose for row in session.injections.all()} == {"1.11", "2.22"}
    assert (session.vials.count(), Product.objects.count()) == (0, products)
    assert "Read from the scanned code: lot C8889C3" in response.content.decode()


def test_text_without_a_product_code_notes_nothing(login, neurologist, session):
    client = login(neurologist)
    for typed in ("C8889C3", "(10)C8889C3(17)270831"):
        scan(client, session, typed)
    assert not ScannedGtin.objects.exists()


def test_known_or_dismissed_code_is_not_offered_again(neurologist, catalogue_manager):
    attached, dismissed = a_code(by=neurologist), a_code(OTHER, by=neurologist)
    attach_gtin(noted=attached, product=builders.a_product(), by=catalogue_manager, version=1)
    dismiss_gtin(noted=dismissed, by=catalogue_manager, version=1)
    a_code(product="Dysport", by=neurologist)
    a_code(OTHER, product="Dysport", by=neurologist)
    assert not ScannedGtin.objects.open().exists()
    assert {each.chosen for each in ScannedGtin.objects.all()} == {builders.a_product("Botox")}


def test_open_code_shows_the_product_of_the_last_scan(neurologist):
    a_code(by=neurologist)
    noted = a_code(product="Dysport", by=neurologist)
    assert (ScannedGtin.objects.get().chosen.brand_name, noted.version) == ("Dysport", 2)
    assert a_code(product="Dysport", by=neurologist).version == 2


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_code_scanned_by_two_users_at_once_is_noted_once():
    people = [builders.a_person("neurologist") for _ in range(2)]
    product = builders.a_product()
    at_once(*(lambda by=by: note_gtin(gtin=GTIN, chosen=product, by=by) for by in people))
    assert ScannedGtin.objects.count() == 1
    assert AuditEntry.objects.filter(action="noted").count() == 1


# Deciding


def test_stale_decision_is_rejected_and_a_repeat_succeeds(neurologist, catalogue_manager):
    noted, by = a_code(by=neurologist), catalogue_manager
    a_code(product="Dysport", by=neurologist)
    product = builders.a_product()
    with pytest.raises(Conflict):
        attach_gtin(noted=noted, product=product, by=by, version=1)
    with pytest.raises(Conflict):
        dismiss_gtin(noted=noted, by=by, version=1)
    for _ in range(2):
        assert attach_gtin(noted=noted, product=product, by=by, version=2).version == 3
    with pytest.raises(Conflict):
        reopen_gtin(noted=noted, by=by, version=2)
    for _ in range(2):
        assert not reopen_gtin(noted=noted, by=by, version=3).is_settled
    for _ in range(2):
        assert dismiss_gtin(noted=noted, by=by, version=4).version == 5
    entries = AuditEntry.objects.filter(object_id=noted.pk, actor=by).order_by("pk")
    assert [entry.action for entry in entries] == ["attached", "reopened", "dismissed"]


def test_code_is_not_attached_to_a_retired_product(neurologist, catalogue_manager):
    noted, product = a_code(by=neurologist), builders.a_product()
    product.retire()
    product.save()
    with pytest.raises(Refused, match="is retired"):
        attach_gtin(noted=noted, product=product, by=catalogue_manager, version=1)


def test_product_of_a_code_cannot_be_deleted(neurologist):
    noted = a_code(by=neurologist)
    assert "named with 1 scanned code" in noted.chosen.deletion_obstacle()


def test_manager_attaches_dismisses_and_undoes_on_the_page(manager, neurologist):
    noted, other = a_code(by=neurologist), a_code(OTHER, by=neurologist)
    product = builders.a_product("Dysport")
    body = manager.get("/scanned-codes/").content.decode()
    assert GTIN in body
    assert "Botox (onabotulinumtoxinA)" in body
    assert re.findall(r'<option value="(\d*)" selected>', body) == ["", ""]
    manager.post(
        reverse("planning:scanned-gtin-attach", args=[noted.pk]),
        {f"gtin-{noted.pk}-product": product.pk, f"gtin-{noted.pk}-version": 1},
    )
    manager.post(reverse("planning:scanned-gtin-dismiss", args=[other.pk]), {"version": 1})
    noted.refresh_from_db()
    other.refresh_from_db()
    assert (noted.product, other.product, other.is_settled) == (product, None, True)
    body = manager.get("/scanned-codes/").content.decode()
    assert "No codes to review" in body
    manager.post(reverse("planning:scanned-gtin-reopen", args=[other.pk]), {"version": 2})
    assert list(ScannedGtin.objects.open()) == [other]


def test_attaching_without_a_product_is_rejected(manager, neurologist):
    noted = a_code(by=neurologist)
    path = reverse("planning:scanned-gtin-attach", args=[noted.pk])
    response = manager.post(path, {f"gtin-{noted.pk}-product": "", f"gtin-{noted.pk}-version": 1})
    assert "Choose the product." in response.content.decode()
    assert ScannedGtin.objects.open().count() == 1


def test_catalogue_page_counts_codes_for_the_manager_only(manager, neurologist):
    a_code(by=neurologist)
    assert "(1 to decide)" in manager.get("/muscles/").content.decode()
    manager.force_login(neurologist)
    assert "scanned-codes" not in manager.get("/muscles/").content.decode()
