"""Choosing a product, and adding, removing and restoring rows, vials and consents on the session page."""

import pytest
from django.contrib.messages import get_messages

from planning.models import Vial
from planning.sessions.actions.injections import change_injection
from planning.sessions.actions.sessions import choose_product
from tests import builders
from tests.planning.session_pages.sending import (
    FETCH,
    guidance_data,
    product_data,
    product_seen,
    row_data,
    row_path,
    send_product,
    vial_data,
)
from tests.planning.session_pages.session_page.page_inputs import body_of, first, inputs
from tests.posted_data import shown_version

pytestmark = pytest.mark.django_db


# Product


def test_change_of_product_asks_before_it_empties_doses(doctor, given, neurologist):
    builders.a_vial(session=given, by=neurologist)
    dysport = builders.a_product("Dysport")

    # When another product is chosen, then Collum names what would be emptied, and empties no dose
    response = send_product(doctor, given, dysport)
    assert response.status_code == 409
    assert "Changing the product removes what was typed for it: 2 doses, 1 vial." in body_of(response)
    asked = send_product(doctor, given, dysport, headers=FETCH)
    assert asked.status_code == 409
    assert "Changing back does not restore it." in asked.json()["errors"][f"s{given.pk}-product-product"][0]
    given.refresh_from_db()
    assert given.product.brand_name == "Botox"
    assert first(given).given_dose == "1.11"

    # When that is confirmed, then it is done
    assert send_product(doctor, given, dysport, empties_confirmed="on").status_code == 302
    given.refresh_from_db()
    assert given.product == dysport
    assert [row.given_dose for row in given.injections.all()] == ["", ""]
    assert given.vials.count() == 0

    # And changing back does not restore it
    assert send_product(doctor, given, builders.a_product("Botox")).status_code == 302
    assert [row.given_dose for row in given.injections.all()] == ["", ""]


def test_stale_choice_of_product_shows_the_stored_one(doctor, planned, trainee):
    sent = product_data(planned, builders.a_product("Dysport"))
    choose_product(session=planned, product=builders.a_product("Xeomin"), by=trainee, version=planned.version)
    response = doctor.post(f"/sessions/{planned.pk}/product/", sent, headers=FETCH)
    assert response.status_code == 409
    assert "Its product is Xeomin (incobotulinumtoxinA)." in response.json()["message"]
    response = doctor.post(f"/sessions/{planned.pk}/product/", sent)
    assert response.status_code == 409
    sent[f"s{planned.pk}-product-version"] = inputs(body_of(response), f"s{planned.pk}-product-version")
    assert doctor.post(f"/sessions/{planned.pk}/product/", sent).status_code == 302
    planned.refresh_from_db()
    assert planned.product.brand_name == "Dysport"


def test_retired_product_is_offered_only_if_chosen(doctor, planned, neurologist):
    builders.retire(builders.a_product("Dysport"), by=neurologist)
    assert "Dysport" not in body_of(doctor.get(planned.get_absolute_url()))
    assert send_product(doctor, planned, builders.a_product("Dysport")).status_code == 422
    builders.retire(planned.product, by=neurologist)
    assert "Botox — onabotulinumtoxinA (retired)" in body_of(doctor.get(planned.get_absolute_url()))


# Rows, vials, consents, the same muscles


def test_removed_row_is_restored_unchanged(doctor, given):
    row = first(given)
    assert doctor.post(row_path(row, "remove/"), row_data(row)).status_code == 302
    page = " ".join(body_of(doctor.get(given.get_absolute_url())).split())
    assert "Restore Sternocleidomastoid, right" in page
    sent = {"product": product_seen(row.session), **shown_version(row)}
    assert doctor.post(row_path(row, "restore/"), sent).status_code == 302
    assert given.injections.active().filter(pk=row.pk, given_dose="1.11").exists()


def test_map_button_adds_the_row_once(doctor, planned):
    muscle = builders.a_muscle("SCAL")
    for _ in range(2):
        response = doctor.post(
            f"/sessions/{planned.pk}/injections/",
            {"muscle": muscle.pk, "side": "left", "product": product_seen(planned)},
        )
        assert response.status_code == 302
    assert planned.injections.filter(muscle=muscle, side="left").count() == 1
    assert 'aria-label="Scalene, left, chosen"' in body_of(doctor.get(planned.get_absolute_url()))


@pytest.mark.parametrize("sent", [{}, {"muscle": "1"}, {"side": "right"}, {"muscle": "x", "side": "right"},
                                  {"muscle": "9" * 30, "side": "right"}, {"muscle": "1", "side": "both"}])  # fmt: skip
def test_map_button_without_muscle_or_side_is_rejected(doctor, planned, sent):
    assert (
        doctor.post(
            f"/sessions/{planned.pk}/injections/", {**sent, "product": product_seen(planned)}, headers=FETCH
        ).status_code
        == 422
    )
    assert planned.injections.count() == 2


def test_guidance_can_be_set_for_all_rows(doctor, given):
    assert doctor.post(f"/sessions/{given.pk}/guidance/", guidance_data(given, "emg")).status_code == 302
    assert {row.guidance for row in given.injections.all()} == {"emg"}
    assert doctor.post(f"/sessions/{given.pk}/guidance/", guidance_data(given, "dowsing")).status_code == 422


def test_vial_sent_twice_is_stored_once(doctor, given):
    sent = vial_data(given, lot_number="LOT-7")
    for _ in range(2):
        assert doctor.post(f"/sessions/{given.pk}/vials/", sent).status_code == 302
    assert given.vials.count() == 1
    other = doctor.post(f"/sessions/{given.pk}/vials/", {**sent, f"s{given.pk}-vial-lot_number": "LOT-8"})
    assert other.status_code == 409
    assert "This form was already sent with different content." in body_of(other)


def test_vial_used_today_is_offered_with_lot_and_expiry_only(doctor, given, neurologist):
    earlier = builders.a_given_session(by=neurologist, visit=builders.an_arrived_visit(clinician=neurologist, hour=8))
    builders.a_vial(session=earlier, by=neurologist, lot_number="LOT-EARLIER", expiry="11/30", size="size-as-printed")
    page = body_of(doctor.get(given.get_absolute_url()))
    assert "Lot LOT-EARLIER, expiry 11/30" in page
    assert "size-as-printed" not in page


def test_vial_used_by_a_row_is_not_removed(doctor, given, neurologist):
    vial, _ = builders.a_vial(session=given, by=neurologist), builders.a_vial(session=given, by=neurologist)
    row = first(given)
    change_injection(injection=row, product=row.session.product, by=neurologist, version=row.version, vial=vial)
    response = doctor.post(
        f"/sessions/{given.pk}/vials/{vial.pk}/remove/",
        {f"s{given.pk}-v{vial.pk}-version": 1, f"s{given.pk}-v{vial.pk}-product": product_seen(given)},
    )
    assert response.status_code in {409, 422}
    assert Vial.objects.filter(pk=vial.pk).exists()


def test_consent_is_recorded_once_and_linked(doctor, given):
    sent = {"submission_key": builders.a_submission_key(), "given_by": "The patient", "form_version": "3.1"}
    sent = {f"s{given.pk}-consent-{name}": value for name, value in sent.items()}
    sent[f"s{given.pk}-consent-given_on"] = builders.today()
    for _ in range(2):
        assert doctor.post(f"/sessions/{given.pk}/consents/", sent).status_code == 302
    given.refresh_from_db()
    assert given.consent.form_version == "3.1"
    assert given.visit.patient.consents.count() == 1


def test_same_muscles_are_added_without_doses(doctor, neurologist):
    patient = builders.a_patient()
    earlier = builders.a_signed_session(
        by=neurologist, visit=builders.an_arrived_visit(patient=patient, clinician=neurologist, hour=8)
    )
    session = builders.a_planned_session(
        by=neurologist, visit=builders.an_arrived_visit(patient=patient, clinician=neurologist), muscles=()
    )
    assert "Same muscles as" in body_of(doctor.get(session.get_absolute_url()))
    assert doctor.post(f"/sessions/{session.pk}/same-muscles/", {"product": product_seen(session)}).status_code == 302
    rows = list(session.injections.in_order())
    assert [(row.muscle, row.side) for row in rows] == [(row.muscle, row.side) for row in earlier.injections.in_order()]
    assert {(row.planned_dose, row.given_dose, row.guidance, row.sites, row.vial) for row in rows} == {
        ("", "", "", None, None)
    }


def test_muscles_that_cannot_be_copied_are_named(doctor, neurologist):
    patient = builders.a_patient()
    builders.a_signed_session(
        by=neurologist, visit=builders.an_arrived_visit(patient=patient, clinician=neurologist, hour=8)
    )
    session = builders.a_planned_session(
        by=neurologist, visit=builders.an_arrived_visit(patient=patient, clinician=neurologist), muscles=()
    )
    builders.retire(builders.a_muscle("LS"), by=neurologist)
    response = doctor.post(f"/sessions/{session.pk}/same-muscles/", {"product": product_seen(session)})
    assert [str(message) for message in get_messages(response.wsgi_request)] == ["Levator scapulae is retired."]
    assert 'data-announcement="Levator' in body_of(
        doctor.post(f"/sessions/{session.pk}/same-muscles/", {"product": product_seen(session)}, headers=FETCH)
    )


def test_same_muscles_needs_an_earlier_session(doctor, planned):
    assert "Same muscles as" not in body_of(doctor.get(planned.get_absolute_url()))
    response = doctor.post(f"/sessions/{planned.pk}/same-muscles/")
    assert response.status_code == 409
    assert "There is no earlier signed session of this patient." in body_of(response)


def test_recording_needs_a_product_and_the_visit_date(doctor, neurologist):
    session = builders.a_planned_session(by=neurologist, product=None)
    response = doctor.post(f"/sessions/{session.pk}/record/", shown_version(session))
    assert response.status_code == 409
    assert "Choose the product first." in body_of(response)
