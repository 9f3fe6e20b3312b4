"""Twenty hostile files: each is rejected with a message, or its report is right row by row."""

import io
import json
import zipfile

import pytest

from clinic.records.exceptions import Refused
from patients.imports.dates_in_files import DateOrder
from patients.models import Patient
from tests.patients.imports.import_files import ANNA, BERT, HEAD, as_csv, as_workbook, checked, outcomes

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

LINE = ",".join(HEAD)
CREATE = ("create", "")


def zipped(**parts):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return file.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
CORNERS = '<sheetData><c r="A1"><v>1</v></c><c r="XFD1048576"><v>1</v></c></sheetData>'


def born(*dates):
    return as_csv(*((f"n{place}", f"Name{place}", "N", date, "f", "") for place, date in enumerate(dates)))


# name: (file, order of dates, the expected report or a part of the message)
HOSTILE = {
    "empty": (b"", "", "This file has no rows."),
    "only a first row": (LINE.encode(), "", "no rows below its first row"),
    "an image": (b"\x89PNG\r\n\x1a\n" + bytes(500), "", "This file is an image"),
    "a web page": (b"<!DOCTYPE html><table><tr><td>x", "", "XML or HTML"),
    "an old workbook": (b"\xd0\xcf\x11\xe0" + bytes(600), "", r"old workbook \(.xls\)"),
    "a truncated workbook": (as_workbook(ANNA)[:-400], "", "damaged or has a password"),
    "a workbook that unpacks to 400 MB": (
        lambda: zipped(**{SHEET: bytes(400_000_000)}), "", "too large when it is unpacked"
    ),
    "a workbook with two corners": (zipped(**{SHEET: CORNERS}), "", "a cell far from the others"),
    "random bytes": (bytes(range(256)) * 4, "", "no text that Collum can read"),
    "an open quote": (f'{LINE}\na1,"Abel\nb2,Baker'.encode(), "", "Row 2: this is not CSV"),
    "too many columns": (",".join(map(str, range(300))).encode() + b"\n1", "", "more than 200 columns"),
    "UTF-16 without a mark, with semicolons": (
        as_csv(ANNA, ("č2", "Čapek", "Žofie", "1972-11-30", "f", ""), delimiter=";", encoding="utf-16-le"), "",
        {2: CREATE, 3: CREATE},
    ),
    "Windows-1252 with bars": (
        as_csv(ANNA, ("x", "Müller–Lüdenscheidt", "Zoë", "1950-01-01", "w", ""), delimiter="|", encoding="cp1252"), "",
        {2: CREATE, 3: CREATE},
    ),
    "rows with too few and too many cells": (
        f"{LINE}\na1,Abel\n{','.join(BERT)},more\n{','.join(ANNA)}".encode(), "",
        {2: ("skip", "This row has 2 cells, but the first row names 6 columns."),
         3: ("skip", "This row has more cells than the first row names columns."), 4: CREATE},
    ),
    "the same ID twice": (as_csv(ANNA, ("a1", *BERT[1:])), "", {2: CREATE, 3: ("skip", "Row 2 has the same ID.")}),
    "dates that do not exist in the chosen order": (
        born("31/12/1960", "12/31/1960", "29/02/1961", "5 Mar 1966", "1966", "unknown", "3/4/66"),
        DateOrder.DAY_FIRST,
        {2: CREATE, 3: ("skip", "“12/31/1960” is no date in the order day, month, year."),
         4: ("skip", "“29/02/1961” is no date in the order day, month, year."), 5: CREATE, 6: CREATE, 7: CREATE,
         8: ("skip", "“3/4/66”: write the year with four digits.")},
    ),
    "impossible and future birth dates": (
        born("", "2999-01-01", "1700-01-01", "1961-02-30", "never"), "",
        {2: ("skip", "Birth date: this cell is empty"), 3: ("skip", "This date is in the future."),
         4: ("skip", "This date is before 1880."), 5: ("skip", "“1961-02-30” is no date in the order year"),
         6: ("skip", "Cannot read this date")},
    ),
    "text that hides or reorders": (
        as_csv(("a", "Abel\u202etxt", "A", "1961-02-03", "f", ""), ("b", "\u200b", "A", "1961-02-03", "f", ""),
               ("c", "Abel" + "\u0301" * 50, "A", "1961-02-03", "f", "")), "",
        {2: ("skip", "invisible character (U+202E)"), 3: ("skip", "invisible character (U+200B)"),
         4: ("skip", "more than 30 marks")},
    ),
    "formulas, markup and very long text": (
        as_csv(("a", "=1+1", "<script>alert(1)</script>", "1961-02-03", "f", ""),
               ("b", "Abel" * 100, "A", "1961-02-03", "f", ""), ("c" * 200, "Cole", "C", "1961-02-03", "f", "")), "",
        {2: CREATE, 3: ("skip", "at most 100 characters"), 4: ("skip", "is too long")},
    ),
    "unknown words and doses in cells": (
        as_csv(("a", "Abel", "A", "1961-02-03", "??", "", ""), ("b", "Baker", "B", "1961-02-04", "f", "", "got 2.22 U"),
               ("c", "Cole", "C", "1961-02-05", "f", "", "two children"), head=(*HEAD, "Note")), "",
        {2: ("skip", "Sex: “??” is not known"), 3: ("skip", "“2.22 U” looks like a dose"), 4: CREATE},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.sample(3)
def test_hostile_file_gets_the_right_report(name, staff):
    content, order, expected = HOSTILE[name]
    content = content() if callable(content) else content
    if isinstance(expected, str):
        with pytest.raises(Refused, match=expected) as refused:
            checked(content, by=staff)
        assert refused.value.field == "file"
        return
    found = outcomes(checked(content, by=staff, date_order=order))
    assert found.keys() == expected.keys()
    for number, (outcome, message) in expected.items():
        assert found[number][0] == outcome, (number, found[number])
        assert message in found[number][1]
    assert not Patient.objects.exists()


def test_there_are_twenty_hostile_files():
    assert len(HOSTILE) >= 20


def test_order_of_dates_must_be_chosen(staff):
    with pytest.raises(Refused, match="Choose the order of day and month") as refused:
        checked(born("03/04/1966"), by=staff)
    assert refused.value.field == "date_order"


def test_file_that_is_no_json_is_read_as_a_table_or_rejected(staff):
    with pytest.raises(Refused):
        checked(json.dumps({"resourceType": "Bundle"}).encode()[:-2], by=staff)
