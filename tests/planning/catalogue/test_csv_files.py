"""Catalogue files as spreadsheets write them: encodings, delimiters, decimal commas, empty cells."""

import pytest

from planning.models import Instrument, Muscle
from tests.planning.catalogue.test_exchange import INSTRUMENTS, MUSCLES, SimpleUploadedFile, confirm, messages_of, offer

pytestmark = pytest.mark.django_db

HEAD = ["name", "short_name", "description"]
ROW = ["Nackenmuskel", "NM", "für die Übung, größer"]


def a_file(*rows, delimiter=";", end="\r\n"):
    return "".join(delimiter.join(cells) + end for cells in rows)


def send(client, content, at=MUSCLES):
    return client.post(f"{at}import/", {"file": SimpleUploadedFile("file.csv", content)})


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("cp1252", "Windows-1252"), ("utf-16", "UTF-16")],
)
@pytest.mark.parametrize(("delimiter", "word"), [(";", "semicolons"), ("\t", "tabs")])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.sample(3)
def test_spreadsheet_file_is_read(encoding, name, delimiter, word, end, manager):
    page = send(manager, a_file(HEAD, ROW, delimiter=delimiter, end=end).encode(encoding))
    assert page.context["plan"].errors == []
    assert f"Collum read the file as {name}, with {word} between cells." in page.content.decode()
    assert "<ins>für die Übung, größer</ins>" in page.content.decode()
    assert ("If letters such as “ü” look wrong" in page.content.decode()) == (encoding == "cp1252")


def test_guessed_encoding_is_stored_as_shown(manager):
    page = send(manager, a_file(HEAD, ROW).encode("cp1252"))
    plan = page.context["plan"]
    manager.post(f"{MUSCLES}import/", {"text": plan.file.text, "digest": plan.digest, "confirmed": "yes"})
    assert Muscle.objects.get(name="Nackenmuskel").description == "für die Übung, größer"


def test_composed_and_decomposed_names_are_equal(manager):
    confirm(manager, a_file(HEAD, ["Größer", "GR", ""]))
    decomposed = a_file(HEAD, ["Gro\u0308ßer", "GR", ""])
    assert offer(manager, decomposed).context["plan"].totals_text() == "0 new, 0 changed, 1 unchanged."


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "sep=;;;"])
def test_line_naming_the_delimiter_is_no_row(first, manager):
    page = offer(manager, f"{first}\r\n{a_file(HEAD, ['Splenius', 'SCM', ''])}")
    assert page.context["plan"].errors[0][0] == 2


def test_empty_columns_and_rows_are_ignored(manager):
    empty = [""] * 3
    page = offer(manager, a_file([*HEAD, *empty], [*empty, *empty], [*ROW, *empty], [*empty, *empty]))
    assert page.context["plan"].errors == []
    assert page.context["plan"].totals_text() == "1 new, 0 changed, 0 unchanged."


def test_decimal_comma_is_read_unless_it_is_the_delimiter(manager):
    rows = a_file(["name", "lowest", "highest", "allows_fractions"], ["Skala", "-0,5", "9,25", "yes"])
    confirm(manager, rows, at=INSTRUMENTS)
    assert Instrument.objects.get(name="Skala").range_text() == "-0.5 to 9.25"


@pytest.mark.parametrize("text", ["1.000,5", "1,2,3", "1 000", "9,125"])
def test_other_commas_are_rejected(text, manager):
    page = offer(manager, a_file(["name", "lowest", "highest"], ["Skala", "0", text]), at=INSTRUMENTS)
    assert f"highest: “{text}” is not a number" in messages_of(page)[0]


@pytest.mark.parametrize("text", ["1_0", "１２", "٢٥", "+7", "5.", "7.0", "1e1", "2.9", "-1", "abc", "70000", "32768"])
def test_order_must_be_a_whole_number(text, manager):
    page = offer(manager, a_file(["name", "short_name", "order"], ["Splenius", "SPL", text]))
    assert messages_of(page) == [f"order: “{text}” is not a whole number from 0 to 32,767."]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04...", "This is a workbook, not CSV. Save it as “CSV UTF-8” in the spreadsheet."),
        (b"\xd0\xcf\x11\xe0...", "This is a workbook, not CSV."),
        (b"name,short_name\nX\x81,X\n", "This file is neither UTF-8 nor Windows-1252."),
        (b"Name;Kurz\nX;X\n", "Collum read the file as UTF-8, with semicolons between cells."),
        (b"name;kurz\xfc\nX;X\n", "Collum read the file as Windows-1252, with semicolons between cells."),
        (b"name|short_name\nX|X\n", "Collum read the file as UTF-8, with commas between cells."),
        (b"", "Row 1: Missing columns: “name”, “short_name”."),
        (b"name,short_name\nX,\"X\nY,Y\n", "Row 2: this is not CSV"),
    ],
)  # fmt: skip
def test_message_names_the_encoding_and_the_delimiter(content, message, manager):
    assert message in send(manager, content).context["message"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (["X"], "1 cells, but row 1 names 3 columns."),
        (["X", "Y", "", "Z"], "“Z” is in a column without a name."),
    ],
)
def test_row_of_another_length_is_named(row, message, manager):
    page = offer(manager, a_file(HEAD, ROW, row))
    assert page.context["plan"].errors == [(3, message)]
    assert f"Row 3: {message}" in page.content.decode()


def test_row_can_have_several_lines(manager):
    page = offer(manager, 'name,short_name,description\nA,AA,"one\ntwo\nthree"\nSplenius,SCM,\n')
    assert [number for number, _ in page.context["plan"].errors] == [3]


@pytest.mark.parametrize("row", [["X", "x"], ["X"]])
def test_file_of_too_many_rows_is_rejected(row, manager):
    text = a_file(["name", "short_name"], *([row] * 5_001))
    assert "Row 5002: this is more than 5,000 rows." in offer(manager, text).context["message"]


def test_many_errors_are_counted(manager):
    rows = (HEAD, *(["", f"x{number}", ""] for number in range(150)))
    page = offer(manager, a_file(*rows)).content.decode()
    assert "150 errors in all. The first 100 are shown." in page
    assert "Row 101:" in page
    assert "Row 102:" not in page
