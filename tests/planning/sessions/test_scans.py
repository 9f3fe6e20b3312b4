"""Lot and expiry are read from a scanned code, and nothing from other text."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.sessions.scans import LONGEST_SCAN, Scan, read_scan

GTIN, GS = "05000456012348", "\x1d"
READ = Scan("C8889C3", "2027-08-31")


@pytest.mark.parametrize(
    "typed",
    [
        f"01{GTIN}1727083110C8889C3",
        f"01{GTIN}10C8889C3{GS}17270831",
        f"{GS}01{GTIN}10C8889C3{GS}17270831{GS}21SERIAL",
        f"10C8889C3{GS}17270831",
        f"]d201{GTIN}1727083110C8889C3{GS}21SERIAL",
        f"]C101{GTIN}1727083110C8889C3",
        f"]Q301{GTIN}1727083110C8889C3",
        "]d21727083110C8889C3",
        f"(01){GTIN}(17)270831(10)C8889C3",
        f"(01) {GTIN} (17) 270831 (10) C8889C3",
        f"(01){GTIN}(10)C8889C3{GS}(17)270831",
        f"]d2(01){GTIN}(17)270831(10)C8889C3(21)SERIAL",
        "(10)C8889C3(17)270831",
        f"  01{GTIN}1727083110C8889C3\n",
        "（１０）Ｃ８８８９Ｃ３（１７）２７０８３１",
        f"01{GTIN}1727083110C8889C3{GS}30100",
    ],
)
def test_lot_and_expiry_of_a_code_are_read(typed):
    assert read_scan(typed) == READ


def test_day_00_is_the_last_of_its_month():
    assert read_scan("(10)A1(17)280200") == Scan("A1", "2028-02-29")


def test_code_without_an_expiry_has_none():
    assert read_scan(f"01{GTIN}10C8889C3") == Scan("C8889C3", "")


def test_production_date_is_not_an_expiry():
    assert read_scan("(11)260831(10)C8889C3(15)270101") == Scan("C8889C3", "")


def test_scan_has_only_lot_expiry_and_product_code():
    assert [field.name for field in dataclasses.fields(Scan)] == ["lot", "expiry", "gtin"]


@pytest.mark.parametrize(
    ("typed", "gtin"),
    [
        (f"01{GTIN}1727083110C8889C3", GTIN),
        (f"(01){GTIN}(17)270831(10)C8889C3", GTIN),
        ("]d21727083110C8889C3", ""),
        (f"(10)C8889C3(02){GTIN}", ""),
    ],
)
def test_product_code_of_a_vial_is_read_with_14_digits(typed, gtin):
    assert read_scan(typed).gtin == gtin


@pytest.mark.parametrize(
    "typed",
    [
        "", " ", "C8889C3", "LOT C8889C3", "C8890C3.", "10C8889C3", "101234", "17270831", "1727083110C8889C3",
        "2112345", "12E45", "(C8889C3)", "C1234 (10)", "(10)", "(10)A(B)", "(10)A)B", "x(10)A", "(99999)A",
        "(10)A(10)B", "(10)A(17)271300", "(10)A(17)270230", "(10)A(17)270831(17)270930", "(17)270831",
        "]", "]d", "]d2", "]x", "]C0101234", "]E05000456012348", f"(01){GTIN[:-1]}9(10)A", f"01{GTIN[:-1]}910A",
        f"01{GTIN}17271300", f"01{GTIN}", GTIN, GS, f"A{GS}B", "1" * (LONGEST_SCAN + 1), None,
    ],
)  # fmt: skip
def test_other_text_is_no_code(typed):
    assert read_scan(typed) is None


@given(st.text(alphabet=st.sampled_from(list("()[]0123456789ABCdeQ" + GS + " １（）"))) | st.text())
def test_text_never_raises_an_error(typed):
    scan = read_scan(typed)
    assert scan is None or (scan.lot and GS not in scan.lot)
