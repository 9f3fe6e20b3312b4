"""A dose or a vial is stored only under the product that was on the page when it was typed."""

import pytest

from clinic.records.exceptions import Conflict
from planning.models import Injection, InjectionSession, Vial
from planning.sessions.actions.injections import (
    add_injection,
    add_injections,
    add_typed_injection,
    change_injection,
    remove_injection,
    repeat_muscles,
    restore_injection,
)
from planning.sessions.actions.muscle_sets import add_set
from planning.sessions.actions.sessions import choose_product
from planning.sessions.actions.vials import add_vial, change_vial, remove_vial
from tests import builders
from tests.parallel import at_once
from tests.planning.session_pages.sending import (
    FETCH,
    product_data,
    product_seen,
    row_data,
    row_path,
    send_product,
    vial_data,
)

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

SENTENCE = (
    "This was typed for Botox. The session’s product is now Dysport. Your entries were not saved. "
    "If it is meant for Dysport, type it again."
)


@pytest.fixture
def doctor(client, neurologist):
    client.force_login(neurologist)
    return client


@pytest.fixture
def planned(neurologist):
    return builders.a_planned_session(by=neurologist)


@pytest.fixture
def recording(neurologist):
    """Without typed values."""
    return builders.a_given_session(by=neurologist, doses=())


@pytest.fixture
def amended(neurologist):
    """Of its two rows, one without a dose."""
    session = builders.a_signed_session(by=neurologist, doses=("", "2.22"))
    builders.an_amendment(session, by=neurologist)
    return session


def first(session):
    return session.injections.in_order().first()


def change_product(session, *, by, to="Dysport"):
    session = InjectionSession.objects.get(pk=session.pk)
    choose_product(
        session=session, product=builders.a_product(to), by=by, version=session.version, empties_confirmed=True
    )


def stored():
    return [list(model.objects.order_by("pk").values()) for model in (Injection, Vial)]


def body_of(response):
    return " ".join(response.content.decode().split())


def vial_form(vial, **typed):
    sent = {"version": vial.version, "product": product_seen(vial.session), "lot_number": vial.lot_number, **typed}
    return {f"s{vial.session_id}-v{vial.pk}-{name}": value for name, value in sent.items()}


# Two tabs: each makes the request of a page that was opened under Botox


def a_planned_dose(neurologist):
    row = first(builders.a_planned_session(by=neurologist))
    return row.session, row_path(row), row_data(row, recording=False, planned_dose="1.11"), "planned: 1.11"


def a_given_dose(neurologist):
    row = first(builders.a_given_session(by=neurologist, doses=()))
    return row.session, row_path(row), row_data(row, given_dose="1.11"), "given: 1.11"


def a_dose_of_an_amendment(neurologist):
    session = builders.a_signed_session(by=neurologist, doses=("", "2.22"))
    builders.an_amendment(session, by=neurologist)
    row = first(session)
    return session, row_path(row), row_data(row, given_dose="1.11"), "given: 1.11"


def an_unreadable_dose(neurologist):
    row = first(builders.a_given_session(by=neurologist, doses=()))
    return row.session, row_path(row), row_data(row, given_dose="2,5"), "given: 2,5"


def a_note(neurologist):
    row = first(builders.a_given_session(by=neurologist, doses=()))
    return row.session, row_path(row), row_data(row, note="deep"), "note: deep"


def a_new_vial(neurologist):
    session = builders.a_given_session(by=neurologist, doses=())
    return session, f"/sessions/{session.pk}/vials/", vial_data(session, lot_number="LOT-7"), "lot number: LOT-7"


def a_changed_vial(neurologist):
    vial = builders.a_vial(session=builders.a_given_session(by=neurologist, doses=()), by=neurologist)
    path = f"/sessions/{vial.session_id}/vials/{vial.pk}/"
    return vial.session, path, vial_form(vial, lot_number="LOT-7"), "lot number: LOT-7"


TYPED = [
    a_planned_dose, a_given_dose, a_dose_of_an_amendment, an_unreadable_dose, a_note, a_new_vial, a_changed_vial,
]  # fmt: skip


@pytest.mark.parametrize("typed", TYPED, ids=lambda typed: typed.__name__)
@pytest.mark.sample(2)
def test_typed_for_another_product_is_a_conflict(typed, doctor, neurologist):
    # Given a page with text typed for Botox, when another user chooses Dysport before it is sent
    session, path, sent, text = typed(neurologist)
    change_product(session, by=neurologist)
    before = stored()
    response = doctor.post(path, sent)

    # Then the text is not stored, both products are named, and the text is shown, in no field
    assert response.status_code == 409
    page = body_of(response)
    assert SENTENCE in page
    assert "Typed for Botox:" in page
    assert text.lower() in page.lower()
    typed_value = text.rpartition(": ")[2]
    assert f'value="{typed_value}"' not in page
    assert stored() == before

    # And a script gets the current session
    response = doctor.post(path, sent, headers=FETCH)
    assert (response.status_code, response.json()) == (
        409,
        {"errors": {}, "message": SENTENCE, "product_changed": True},
    )
    assert stored() == before


def test_changing_the_product_back_lets_the_dose_be_saved(doctor, planned, neurologist):
    """It is stored under the product for which it was typed."""
    row = first(planned)
    sent = row_data(row, recording=False, planned_dose="1.11")
    change_product(planned, by=neurologist)
    change_product(planned, by=neurologist, to="Botox")
    assert doctor.post(row_path(row), sent).status_code == 302
    assert first(planned).planned_dose == "1.11"


def test_repeat_of_an_emptied_dose_is_a_conflict(doctor, recording, neurologist):
    # Given a dose that was saved, the answer to which was lost
    row = first(recording)
    sent = row_data(row, given_dose="1.11")
    assert doctor.post(row_path(row), sent).status_code == 302

    # When the product changed before it is sent again, then it is not stored for the other
    change_product(recording, by=neurologist)
    assert doctor.post(row_path(row), sent).status_code == 409
    assert first(recording).given_dose == ""


def test_row_typed_before_any_product_is_a_conflict(doctor, neurologist):
    session = builders.a_planned_session(by=neurologist, product=None)
    row = first(session)
    sent = row_data(row, recording=False, note="deep")
    change_product(session, by=neurologist)
    response = doctor.post(row_path(row), sent, headers=FETCH)
    assert response.status_code == 409
    assert response.json()["message"].startswith(
        "This was typed without a product. The session’s product is now Dysport."
    )


def test_form_without_its_product_is_not_stored(doctor, recording):
    row = first(recording)
    sent = {name: value for name, value in row_data(row, given_dose="1.11").items() if not name.endswith("-product")}
    assert doctor.post(row_path(row), sent).status_code == 409
    assert first(recording).given_dose == ""


def test_product_that_does_not_exist_is_rejected(doctor, recording):
    row = first(recording)
    for product in ("x", 2**70, -1):
        assert doctor.post(row_path(row), row_data(row, given_dose="1.11", product=product)).status_code == 422
    assert first(recording).given_dose == ""


def test_page_shows_no_dose_typed_for_another_product(doctor, amended, neurologist):
    """Without script too: the field of the other product is empty, and its form carries that product."""
    row = first(amended)
    sent = row_data(row, given_dose="1.11")
    change_product(amended, by=neurologist)
    page = body_of(doctor.post(row_path(row), sent))
    dysport = builders.a_product("Dysport").pk
    prefix = f"s{amended.pk}-i{row.pk}"
    field = next(tag for tag in page.split("<input")[1:] if f'name="{prefix}-given_dose"' in tag).split(">")[0]
    assert "value=" not in field
    assert f'name="{prefix}-product" value="{dysport}"' in page


def test_discarded_amendment_returns_its_product(doctor, amended, neurologist):
    """What was typed for the product of the amendment is not stored under that of the record."""
    change_product(amended, by=neurologist)
    row = first(amended)
    sent = row_data(row, given_dose="1.11")
    builders.discard(amended, by=neurologist)
    builders.an_amendment(amended, by=neurologist)
    response = doctor.post(row_path(row), sent, headers=FETCH)
    assert response.status_code == 409
    assert "typed for Dysport. The session’s product is now Botox." in response.json()["message"]
    assert first(amended).given_dose == ""


# The question before the change


def test_change_asks_for_text_that_is_not_saved(doctor, planned):
    # Given a page with unsaved text, although no value is stored
    other = builders.a_product("Dysport")
    sent = product_data(planned, other, text_on_page="on")
    response = doctor.post(f"/sessions/{planned.pk}/product/", sent, headers=FETCH)

    # Then the change is rejected until it is confirmed
    assert response.status_code == 409
    assert response.json()["errors"] == {
        f"s{planned.pk}-product-product": [
            "Doses and vials belong to Botox. Changing the product removes what was typed for it: 0 doses, 0 vials, "
            "and any text on this page that is not saved. Changing back does not restore it."
        ]
    }
    planned.refresh_from_db()
    assert planned.product.brand_name == "Botox"
    assert send_product(doctor, planned, other, text_on_page="on", empties_confirmed="on").status_code == 302
    planned.refresh_from_db()
    assert planned.product == other


def test_first_product_is_chosen_without_a_question(doctor, neurologist):
    session = builders.a_planned_session(by=neurologist, product=None)
    assert send_product(doctor, session, builders.a_product(), text_on_page="on").status_code == 302


def test_stale_change_of_product_is_a_conflict(doctor, planned, neurologist):
    sent = product_data(planned, builders.a_product("Xeomin"))
    change_product(planned, by=neurologist)
    response = doctor.post(f"/sessions/{planned.pk}/product/", sent, headers=FETCH)
    assert response.status_code == 409
    assert "Its product is Dysport" in response.json()["message"]


# What the row shows


def test_each_dose_is_shown_with_unit_and_product(doctor, recording, neurologist):
    row = first(recording)
    builders.plan_again(recording, by=neurologist)
    change_injection(injection=row, product=recording.product, by=neurologist, version=row.version, planned_dose="1.11")
    planning = body_of(doctor.get(recording.get_absolute_url()))
    assert planning.count("<small>units Botox</small>") == 2
    assert 'aria-label="planned, Sternocleidomastoid, right, units of Botox"' in planning
    builders.record(recording, by=neurologist)
    page = body_of(doctor.get(recording.get_absolute_url()))
    assert "<span>1.11 units</span> Botox" in page
    assert page.count("<small>units Botox</small>") == 2
    assert 'aria-label="given, Sternocleidomastoid, right, units of Botox"' in page


# The rule itself


def test_every_action_compares_the_product_first(recording, neurologist):
    """Even if a view does not check it, and even for a repeat of the stored values."""
    row, muscle, botox = first(recording), builders.a_muscle("SCAL"), recording.product
    removed = recording.injections.in_order().last()
    remove_injection(injection=removed, product=botox, by=neurologist, version=removed.version)
    vial = builders.a_vial(session=recording, by=neurologist)
    mine = builders.a_muscle_set(by=neurologist)
    earlier = builders.a_session_of_weeks_ago(by=neurologist)
    change_product(recording, by=neurologist)
    seen_by_us = {"product": botox, "by": neurologist}
    side = {"session": recording, "muscle": muscle}
    before = stored()
    for write in (
        lambda: add_injection(**side, side="left", **seen_by_us),
        lambda: add_injections(**side, sides=["left"], **seen_by_us),
        lambda: add_typed_injection(**side, side="left", given_dose="1.11", **seen_by_us),
        lambda: change_injection(injection=row, version=row.version, given_dose="", **seen_by_us),
        lambda: remove_injection(injection=row, version=row.version, **seen_by_us),
        lambda: restore_injection(injection=removed, version=removed.version, **seen_by_us),
        lambda: repeat_muscles(session=recording, earlier=earlier, **seen_by_us),
        lambda: add_set(session=recording, muscle_set=mine, **seen_by_us),
        lambda: add_vial(session=recording, lot_number="LOT-7", **seen_by_us),
        lambda: change_vial(vial=vial, version=vial.version, lot_number="LOT-7", **seen_by_us),
        lambda: remove_vial(vial=vial, version=vial.version, **seen_by_us),
    ):
        with pytest.raises(Conflict, match=r"typed for Botox\. The session’s product is now Dysport"):
            write()
    assert stored() == before


@pytest.mark.django_db(transaction=True)
def test_concurrent_dose_and_product_change_never_mix():
    """Either comes first: Botox with its dose, then emptied; or Dysport, and the dose is a conflict."""
    by = builders.a_person("neurologist")
    botox, dysport = builders.a_product(), builders.a_product("Dysport")
    for hour in range(12, 17):
        row = first(
            builders.a_planned_session(
                by=by, visit=builders.a_visit(clinician=by, hour=hour), muscles=(("SCM", "right"),)
            )
        )
        session = InjectionSession.objects.get(pk=row.session_id)
        at_once(
            lambda row=row: change_injection(
                injection=row, product=botox, by=by, version=row.version, planned_dose="1.11"
            ),
            lambda session=session: choose_product(
                session=session, product=dysport, by=by, version=session.version, empties_confirmed=True
            ),
        )
        session.refresh_from_db()
        row.refresh_from_db()
        assert (session.product, row.planned_dose) == (dysport, "")
