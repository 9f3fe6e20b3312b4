"""A code that is scanned into a vial's lot field: split, shown, and stored when a person has confirmed it."""

import re

import pytest

from planning.models import Vial
from tests import builders
from tests.planning.session_pages.sending import FETCH, product_seen, vial_data

pytestmark = pytest.mark.django_db

GTIN = "05000456012348"
CODE = f"01{GTIN}10C8889C3\x1d17270831\x1d21SERIAL7"
FILLED = {"lot_number": "C8889C3", "expiry": "2027-08-31"}


@pytest.fixture
def doctor(login, neurologist):
    return login(neurologist)


@pytest.fixture
def session(neurologist):
    return builders.a_given_session(by=neurologist)


def add(client, session, *, headers=None, **typed):
    return client.post(f"/sessions/{session.pk}/vials/", vial_data(session, **typed), headers=headers)


def change(client, vial, *, headers=None, **typed):
    vial.refresh_from_db()
    names = ("version", "lot_number", "expiry", "size", "diluent", "discarded", "shared")
    sent = {name: getattr(vial, name) for name in names} | typed
    path = f"/sessions/{vial.session_id}/vials/{vial.pk}/"
    sent["product"] = product_seen(vial.session)
    data = {f"s{vial.session_id}-v{vial.pk}-{name}": value for name, value in sent.items()}
    return client.post(path, data, headers=headers)


def in_form(response, prefix):
    """What the fields of a form on the page contain."""
    body = response.content.decode()
    fields = re.findall(rf'<input[^>]*name="{prefix}-(\w+)"[^>]*>', body)
    assert fields
    value = {
        name: re.search(rf'<input[^>]*name="{prefix}-{name}"[^>]*>', body)[0] for name in fields if name != "shared"
    }
    return {name: (re.search(r'value="([^"]*)"', tag) or ["", ""])[1] for name, tag in value.items()}


def stored():
    return list(Vial.objects.values("lot_number", "expiry", "size", "diluent", "discarded"))


@pytest.mark.parametrize(
    "code", [CODE, f"01{GTIN}1727083110C8889C3", f"(01){GTIN}(17)270831(10)C8889C3", f"]d201{GTIN}1727083110C8889C3"]
)
def test_scanned_code_is_split_and_not_stored(code, doctor, session):
    response = add(doctor, session, lot_number=code)
    assert response.status_code == 422
    assert stored() == []
    fields = in_form(response, f"s{session.pk}-vial")
    assert {name: fields[name] for name in FILLED} == FILLED
    body = response.content.decode()
    assert "Read from the scanned code: lot C8889C3, expiry 2027-08-31. Compare with the box" in body
    assert "\x1d" not in body


def test_shown_values_are_stored_when_confirmed(doctor, session):
    fields = in_form(add(doctor, session, lot_number=CODE), f"s{session.pk}-vial")
    assert add(doctor, session, **{**fields, "key": fields["submission_key"]}).status_code == 302
    assert stored() == [{**FILLED, "size": "", "diluent": "", "discarded": ""}]


def test_script_receives_the_fields(doctor, session):
    response = add(doctor, session, headers=FETCH, lot_number=CODE, size="100")
    assert response.status_code == 422
    prefix = f"s{session.pk}-vial"
    assert response.json()["scanned"] == {f"{prefix}-{name}": value for name, value in FILLED.items()}
    assert set(response.json()["errors"]) == {f"{prefix}-lot_number"}


def test_only_lot_and_expiry_of_the_code_are_used(doctor, session):
    """Not a count (30), a weight (3100), a price (3922), an internal figure (91), a variant (20)."""
    code = f"01{GTIN}1727083110C8889C3\x1d30100\x1d3100000050\x1d3922500\x1d91200\x1d2050"
    response = add(doctor, session, lot_number=code)
    fields = in_form(response, f"s{session.pk}-vial")
    assert {
        name: value for name, value in fields.items() if value and name not in {"submission_key", "product"}
    } == FILLED
    rows = list(session.injections.values("given_dose", "planned_dose", "sites"))
    add(doctor, session, **{**fields, "key": fields["submission_key"]})
    assert stored() == [{**FILLED, "size": "", "diluent": "", "discarded": ""}]
    assert list(session.injections.values("given_dose", "planned_dose", "sites")) == rows


def test_text_typed_with_a_code_stays(doctor, session):
    response = add(doctor, session, lot_number=CODE, expiry="03/28", size="as printed", diluent="saline")
    fields = in_form(response, f"s{session.pk}-vial")
    assert (fields["size"], fields["diluent"]) == ("as printed", "saline")
    assert "“03/28” was here before the code was scanned." in response.content.decode()
    response = add(doctor, session, lot_number="(10)C8889C3", expiry="03/28")
    assert in_form(response, f"s{session.pk}-vial")["expiry"] == "03/28"


@pytest.mark.parametrize("headers", [None, FETCH])
def test_stored_vial_accepts_a_code_in_the_same_way(headers, doctor, session, neurologist):
    vial = builders.a_vial(session=session, by=neurologist, lot_number="OLD", size="100")
    response = change(doctor, vial, headers=headers, lot_number=CODE)
    assert response.status_code == 422
    assert [each["lot_number"] for each in stored()] == ["OLD"]
    if headers is None:
        assert FILLED.items() <= in_form(response, f"s{session.pk}-v{vial.pk}").items()
    change(doctor, vial, **FILLED)
    assert [(each["lot_number"], each["expiry"], each["size"]) for each in stored()] == [
        ("C8889C3", "2027-08-31", "100")
    ]


def test_code_stored_as_text_does_not_block_changes(doctor, session, neurologist):
    code = "(10)C8889C3(17)270831"
    vial = builders.a_vial(session=session, by=neurologist, lot_number=code)
    assert change(doctor, vial, size="100").status_code == 302
    assert [(each["lot_number"], each["size"]) for each in stored()] == [(code, "100")]


@pytest.mark.parametrize("typed", ["10C8889C3", "101234", "(C8889C3)", "LOT C8889C3", "C8890C3.", "Ｃ８８８９Ｃ３"])
def test_other_text_is_stored_as_typed(typed, doctor, session):
    assert add(doctor, session, lot_number=typed).status_code == 302
    assert [each["lot_number"] for each in stored()] == [typed]


def test_separator_alone_is_rejected_and_stays(doctor, session):
    response = add(doctor, session, lot_number="AB\x1dC")
    assert response.status_code == 422
    assert "After “AB” there is an invisible character (U+001D)." in response.content.decode()
    assert stored() == []


def test_unreadable_code_stays_as_typed(doctor, session):
    wrong = f"01{GTIN[:-1]}9" + "17270831" + "10C8889C3"
    assert add(doctor, session, lot_number=wrong).status_code == 302
    assert [each["lot_number"] for each in stored()] == [wrong]


def test_field_length_does_not_cut_a_code(doctor, session):
    page = doctor.get(session.get_absolute_url()).content.decode()
    assert "maxlength" not in re.search(r'<input[^>]*name="s\d+-vial-lot_number"[^>]*>', page)[0]
    response = add(doctor, session, lot_number="A" * 61)
    assert response.status_code == 422
    assert "A" * 61 in response.content.decode()


def test_code_of_another_session_is_offered_split(doctor, session, neurologist):
    earlier = builders.a_given_session(by=neurologist, visit=builders.an_arrived_visit(clinician=neurologist, hour=8))
    builders.a_vial(session=earlier, by=neurologist, lot_number="(10)C8889C3(17)270831")
    assert "Lot C8889C3, expiry 2027-08-31</button>" in doctor.get(session.get_absolute_url()).content.decode()


def test_api_stores_a_code_as_typed(doctor, session):
    code = "(10)C8889C3(17)270831"
    path = f"/api/v1/sessions/{session.pk}/vials/"
    under = {"product": session.product_id}
    response = doctor.post(path, {"lot_number": code, **under}, content_type="application/json")
    assert response.status_code == 201
    assert (response.json()["lot_number"], response.json()["expiry"]) == (code, "")
    assert doctor.post(path, {"lot_number": CODE, **under}, content_type="application/json").status_code == 400
