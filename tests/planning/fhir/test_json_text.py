"""A number is written byte for byte as its text, or not at all."""

import json

import pytest

from planning.fhir.elements import DATA_ABSENT_REASON
from planning.fhir.json_text import NumberAsTyped, is_json_number, json_text
from planning.fhir.medications import _quantity
from planning.sessions.doses import GRAMMAR
from tests import rule

NUMBERS = ["2.50", "0.10", "1", "0", "0.0", "10.00", "1" * 32, "0." + "0" * 29 + "1", "1e1", "-1"]
NO_NUMBERS = [
    "", " ", "1,5", "٢", "٢.٥", "１２", "1.", ".5", "007", "00.5", "-", "--1", "+1", "1 ", " 1", "1\n", "0x1", "1_0",
    "½", "NaN", "Infinity", "-Infinity", "null", "true", '"1"', "[1]", "[]1", "1]", "1,2", "1}2", "1e", "1 000",
    "2.5.0", "1/2",
]  # fmt: skip


@pytest.mark.parametrize("text", NUMBERS)
def test_number_is_written_byte_for_byte(text):
    written = json_text({"value": NumberAsTyped(text), "unit": "units"})
    assert written == f'{{"value":{text},"unit":"units"}}'
    assert json.loads(written, parse_float=str, parse_int=str)["value"] == text


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_other_text_is_never_written_as_a_number(text):
    assert not is_json_number(text)
    with pytest.raises(ValueError, match="no JSON number"):
        NumberAsTyped(text)


@pytest.mark.parametrize("dose", ["2.50", "0.10", "1.11", "3"])
def test_dose_that_is_a_json_number_is_the_value(dose):
    assert json_text(_quantity(dose, "units Exemplarin")) == f'{{"value":{dose},"unit":"units Exemplarin"}}'


@pytest.mark.parametrize("dose", ["007", "00", "01.11"])
def test_dose_with_leading_zeros_has_no_value(dose):
    """It can be typed, and no JSON number is written like this."""
    assert GRAMMAR.fullmatch(dose)
    quantity = _quantity(dose, "units Exemplarin")
    assert quantity == {
        "extension": [{"url": DATA_ABSENT_REASON, "valueCode": "as-text"}], "unit": "units Exemplarin"
    }  # fmt: skip


def test_missing_dose_has_a_reason_and_no_unit():
    assert _quantity("", "units Exemplarin") == {"extension": [{"url": DATA_ABSENT_REASON, "valueCode": "unknown"}]}


def test_text_with_the_form_of_a_number_stays_a_text():
    tricky = ['"', "\\", "\u2028", "2.50", '{"value":2.5}', "Żółć", "\x7f"]
    assert json.loads(json_text({"texts": tricky, "many": [1, True, False], "none": []})) == {
        "texts": tricky, "many": [1, True, False], "none": []
    }  # fmt: skip


@pytest.mark.parametrize("value", [2.5, None, b"x", {1, 2}, object()])
def test_calculated_and_missing_values_are_rejected(value):
    with pytest.raises(TypeError, match="cannot be written"):
        json_text({"value": value})


def test_number_has_no_value_for_python():
    number = NumberAsTyped("2.50")
    for convert in (float, int, str.__add__):
        with pytest.raises(TypeError):
            convert(number)


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ('{"dosage": {"dose": {"value": 2.5}}}', 1),
        ('{"dosage": {"dose": {"value": 2.500}}}', 1),
        ('{"dosage": {"dose": {"value": 2.50}, "maxDosePerPeriod": {"numerator": {"value": 9}}}}', 1),
        ('{"entry": [{"resource": {"contained": [{"amount": {"numerator": {"value": 100}}}]}}]}', 1),
        ('{"dosage": {"dose": {"value": 2.50}}, "valueQuantity": {"value": 41.5}}', 0),
    ],
)
def test_guard_finds_in_fhir(text, faults):
    assert len(rule.faults_in_fhir(text, typed={"2.50"})) == faults
