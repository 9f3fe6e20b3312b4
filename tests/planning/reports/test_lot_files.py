"""The files of a lot look-up, which leave Collum."""

import pytest

from planning.sessions.actions.vials import change_vial
from tests import builders
from tests.planning.reports.recalls import LOT, rows_of_csv, text_of, with_lot
from tests.spreadsheets import cells_of_xlsx, rows_of_xlsx

pytestmark = pytest.mark.django_db


@pytest.fixture
def look_up(login, neurologist):
    client = login(neurologist)
    return lambda lot: client.get("/lots/", {"lot": lot})


@pytest.fixture
def download(login, neurologist):
    client = login(neurologist)
    return lambda lot=LOT: rows_of_csv(client, lot)


def amended_away(session, *, by):
    builders.an_amendment(session, by=by)
    vial = session.vials.get()
    change_vial(vial=vial, product=vial.session.product, by=by, version=vial.version, lot_number="D9")
    builders.sign(session, by=by)


def test_file_contains_what_the_page_shows(download, neurologist):
    patient = builders.a_patient(family_name="Recalled", given_name="Rita", record_number="RN-1", phone="0555 1")
    session = with_lot(by=neurologist, patient=patient, signed=True, expiry="2027-08")
    amended_away(session, by=neurologist)
    assert download() == [
        {
            "Match": "Exact match",
            "Given on": builders.today().isoformat(),
            "Family name": "Recalled",
            "Given names": "Rita",
            "Record number": "RN-1",
            "Same person as": "",
            "Birth date": "1969-03-14",
            "Phone": "0555 1",
            "Status": "Active",
            "Product": "Botox",
            "Lot as typed": "C1234-C3",
            "Expiry": "2027-08",
            "Muscles and sides": "Sternocleidomastoid right · Levator scapulae right",
            "State": "Signed, amended",
            "Marks": "amended away: in record 1, no longer in record 2",
            "Adverse events": "",
        }
    ]


def test_file_name_does_not_contain_the_lot(login, neurologist):
    with_lot(by=neurologist, patient=builders.a_patient(family_name="Żółć"))
    response = login(neurologist).get("/lots/csv/", {"lot": LOT})
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="collum-lot-{builders.today()}.csv"'
    assert response.content.startswith(b"\xef\xbb\xbf")
    assert "Żółć" in response.content.decode("utf-8-sig")


def test_cells_are_no_formulas_and_phone_numbers_readable(download, neurologist):
    patient = builders.a_patient(family_name="=1+1", phone="+44 20 7946 0000")
    with_lot(by=neurologist, patient=patient, lot_number="@C1", expiry="=2027")
    (row,) = download("@c1")
    assert (row["Family name"], row["Phone"]) == ("'=1+1", "'+44 20 7946 0000")
    assert (row["Lot as typed"], row["Expiry"]) == ("'@C1", "'=2027")


def test_unused_lot_is_a_file_of_headings(download, login, neurologist):
    assert download("NOWHERE") == []


def test_page_lists_the_newest_and_file_contains_all(look_up, download, neurologist, monkeypatch):
    monkeypatch.setattr("planning.reports.views.lots.MOST_SHOWN", 2)
    sessions = [with_lot(by=neurologist, weeks_ago=weeks) for weeks in range(3)]
    response = text_of(look_up(LOT))
    assert [str(session.patient) in response for session in sessions] == [True, True, False]
    assert "3 sessions of 3 patients named this lot." in response
    assert "The newest 2 are listed here; the files have all 3." in response
    assert len(download()) == 3


def test_page_that_lists_all_does_not_mention_more(look_up, neurologist):
    with_lot(by=neurologist)
    assert "are listed here" not in text_of(look_up(LOT))


def test_workbook_has_the_cells_of_the_page_as_typed(login, neurologist):
    patient = builders.a_patient(family_name="=1+1", phone="+44 20 7946 0000", record_number="00301505")
    with_lot(by=neurologist, patient=patient, lot_number="12E45", expiry="03/2027", signed=True)
    client = login(neurologist)
    response = client.get("/lots/xlsx/", {"lot": "12e45"})
    assert response["Content-Disposition"] == f'attachment; filename="collum-lot-{builders.today()}.xlsx"'
    heading, row = rows_of_xlsx(response)
    cells = dict(zip(heading, row, strict=True))
    expected = {
        "Family name": "=1+1", "Record number": "00301505", "Phone": "+44 20 7946 0000", "Lot as typed": "12E45",
        "Expiry": "03/2027", "Birth date": "1969-03-14", "Given on": builders.today().isoformat(),
    }  # fmt: skip
    assert expected.items() <= cells.items()
    assert {kind for cells in cells_of_xlsx(response) for _, kind in cells} == {"s"}
    assert list(rows_of_csv(client, "12e45")[0]) == heading
