"""Tables that leave Collum: the same rows as CSV and as XLSX."""

import csv
import io
import tempfile
import zipfile

import pytest

from clinic.web.downloads import BEGINS_A_FORMULA, as_csv, as_xlsx, csv_download, xlsx_download
from tests.spreadsheets import cells_of_xlsx, rows_of_xlsx

CHANGED_BY_A_SPREADSHEET = [
    "00301505", "12E45", "03/2027", "2027-03", "1-2", "0555 010 0101", "+44 20 7946 0000", "=1+1", "@C1", "-7", "TRUE",
    "https://example.org", "mailto:x@example.org", "1234567890123456789", "١٢", "_x0041_", " a ", "'x", "",
]  # fmt: skip


def xlsx(rows):
    return xlsx_download(rows, name="collum-x")


@pytest.mark.parametrize("typed", CHANGED_BY_A_SPREADSHEET)
def test_text_stays_text_in_an_xlsx(typed):
    heading, row = cells_of_xlsx(xlsx([("Lot", "More"), (typed, "x")]))
    assert heading == [("Lot", "s"), ("More", "s")]
    assert row[0] == (typed, "s")


def test_count_is_a_number_in_an_xlsx():
    assert cells_of_xlsx(xlsx([("Count",), (12,)]))[1] == [(12, "n")]


def test_both_files_have_the_same_cells():
    rows = [("Family name", "Count"), ("Żółć \u200d", 3), ('a "quoted", b', 0)]
    in_csv = list(csv.reader(io.StringIO(as_csv(rows).decode("utf-8-sig"))))
    assert in_csv == [[str(cell) for cell in row] for row in rows_of_xlsx(xlsx(rows))]


@pytest.mark.parametrize("begins", BEGINS_A_FORMULA)
def test_csv_cell_is_never_a_formula(begins):
    assert next(csv.reader(io.StringIO(as_csv([(f"{begins}1+1",)]).decode("utf-8-sig"))))[0].startswith("'")


def test_xlsx_has_no_link_and_uses_no_disk(monkeypatch):
    def touched(*args, **kwargs):
        raise AssertionError("a file")

    for name in ("mkstemp", "mkdtemp", "NamedTemporaryFile", "TemporaryFile", "SpooledTemporaryFile"):
        monkeypatch.setattr(tempfile, name, touched)
    with zipfile.ZipFile(io.BytesIO(as_xlsx([("x",), ("https://example.org",)]))) as file:
        assert not [name for name in file.namelist() if "rels" in name and "sheet" in name]


def test_text_too_long_for_a_workbook_cell_is_marked():
    longest, longer = "a" * 32_767, "a" * 32_768
    rows = rows_of_xlsx(xlsx([("x",), (longest,), (longer,)]))
    assert rows[1] == [longest]
    assert rows[2][0].endswith("a … (cut here: the CSV has all of it)")


def test_file_has_its_type_and_name():
    response = xlsx([("x",)])
    assert response["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert response["Content-Disposition"].endswith('.xlsx"')
    assert csv_download([("x",)], name="y")["Content-Disposition"].endswith('.csv"')
