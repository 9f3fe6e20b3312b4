"""A recall finds every spelling of a lot: the same lot as an exact match, anything like it as a possible one."""

import unicodedata

import pytest
from django.db import IntegrityError, models, transaction
from hypothesis import given
from hypothesis import strategies as st

from clinic.models import AuditEntry
from planning.models import LotMatch, LotSpelling, SignedLot, Vial
from planning.reports.lot_search import look_up
from planning.sessions.actions.vials import change_vial
from planning.sessions.models.lot import LONGEST_KEY, LONGEST_LOT, lot_key
from tests import builders
from tests.planning.reports.recalls import LOT, WorldWithoutLots, rows_of_csv, text_of, with_lot
from tests.spreadsheets import rows_of_xlsx

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

GTIN = "05000456012348"
EXACT = ["C8889C3", "c8889c3", "C-8889 C3", "C8889C3.", "#C8889C3", "C.8889/C3", "Ｃ８８８９Ｃ３", "c٨٨٨٩C3", "C8889Ç3"]
SCANNED = [
    f"(01){GTIN}(17)270831(10)C8889C3",
    f"01{GTIN}1727083110C8889C3",
    f"]d201{GTIN}1727083110C8889C3",
    "(10)c8889c3(17)270831",
]
CONTAINS = ["LOT C8889C3", "Lot: C8889C3.", "LOT Ｃ８８８９Ｃ３", "C8889C3 / C8890C3", f"01{GTIN}10C8889C321SERIAL"]
PART = ["8889C3", "C8889"]
OTHER = ["C8890C3", "C8889D3", "C8898C3", "C3", "Botox"]
MATCHES = {
    **dict.fromkeys(EXACT, LotMatch.EXACT),
    **dict.fromkeys(SCANNED, LotMatch.SCANNED),
    **dict.fromkeys(CONTAINS, LotMatch.CONTAINS),
    **dict.fromkeys(PART, LotMatch.PART),
    **dict.fromkeys(OTHER),
}


def matched(lot="C8889C3"):
    """Each session that is found, as {pk: (match, list)}."""
    found = look_up(lot)
    lists = {"exact": found.exact_sessions(), "possible": found.possible_sessions()}
    return {row.session.pk: (row.match, name) for name, each in lists.items() for row in found.received(each)}


@pytest.fixture(scope="module")
def made_world(module_transaction):
    return WorldWithoutLots()


@pytest.fixture
def neurologist(world):
    return world.neurologist


@pytest.fixture
def given_from(world):
    return world.given_from


@pytest.fixture
def client(login, neurologist):
    return login(neurologist)


@pytest.mark.parametrize("signed", [True, False], ids=["signed", "not signed"])
@pytest.mark.parametrize(("typed", "match"), MATCHES.items())
@pytest.mark.sample(4)
def test_each_spelling_is_found_in_its_own_list(typed, match, signed, given_from):
    session = given_from(typed, signed=signed)
    expected = {} if match is None else {session.pk: (match, "exact" if match == LotMatch.EXACT else "possible")}
    assert matched() == expected


@pytest.mark.parametrize("asked", ["LOT C8889C3", "C8889C3 exp 2027", "C8889C3-7"])
def test_longer_text_is_a_possible_match(asked, given_from):
    session = given_from("C8889C3")
    assert matched(asked) == {session.pk: (LotMatch.PART, "possible")}


@pytest.mark.parametrize(
    "asked", [*SCANNED, f"]d201{GTIN}10C8889C3\x1d17270831", f"(01){GTIN}(17)270831(10)C8889C3(21){'S' * 20}"]
)
def test_scanned_code_is_looked_up_by_its_lot(asked, client, given_from):
    session = given_from("C8889C3")
    response = text_of(client.get("/lots/", {"lot": asked}))
    assert str(session.patient) in response
    assert "Lot number read from the scanned code: <strong><bdi>" in response
    assert "1 session of 1 patient named this lot." in response
    assert "?lot=c8889c3" in response.lower()


def test_capitals_beyond_ascii_are_the_same_on_both_engines(neurologist):
    session = with_lot(by=neurologist, lot_number="ÄΩ-жß7", signed=True)
    for asked in ("äω-Жß7", "ÄΩЖSS7", "äωжẞ７"):
        assert matched(asked) == {session.pk: (LotMatch.EXACT, "exact")}


@given(st.text(max_size=LONGEST_LOT))
def test_key_of_a_key_is_unchanged(typed):
    key = lot_key(typed)
    assert lot_key(key) == key
    assert len(key) <= LONGEST_KEY
    assert all(unicodedata.category(character)[0] in "LN" for character in key)


def test_key_fits_for_every_character():
    longest = max(len(lot_key(chr(code))) for code in range(0x110000) if not 0xD800 <= code < 0xE000)
    assert longest * LONGEST_LOT == LONGEST_KEY


def test_page_has_two_lists_under_their_headings(client, neurologist):
    exact = with_lot(by=neurologist, lot_number="C8889C3")
    possible = with_lot(by=neurologist, lot_number="LOT C8889C3", weeks_ago=1)
    scanned = with_lot(by=neurologist, lot_number=SCANNED[0], weeks_ago=2)
    response = text_of(client.get("/lots/", {"lot": "c8889c3"}))
    first, second = response.split("<h2")[1:3]
    assert "Exact matches" in first
    assert "Possible matches" in second
    assert str(exact.patient) in first
    assert str(exact.patient) not in second
    assert "contains this lot number" not in first
    for session in (possible, scanned):
        assert str(session.patient) in second
        assert str(session.patient) not in first
    assert "contains this lot number" in second
    assert "a scanned code with this lot number" in second
    assert "2 sessions of 2 patients named a lot that may be this one." in second


def test_page_with_only_possible_matches_lists_them(client, neurologist):
    session = with_lot(by=neurologist, lot_number="LOT C8889C3")
    response = text_of(client.get("/lots/", {"lot": "C8889C3"}))
    assert "No session names the lot" in response
    assert str(session.patient) in response


def test_session_with_both_is_an_exact_match_naming_both(client, neurologist):
    session = with_lot(by=neurologist, lot_number="C8889C3")
    builders.a_vial(session=session, by=neurologist, lot_number="LOT C8889C3", expiry="2027-08")
    found = look_up("C8889C3")
    (row,) = found.received(found.exact_sessions())
    assert row.lots == [
        ("C8889C3", "not recorded", LotMatch.EXACT),
        ("LOT C8889C3", "2027-08", LotMatch.CONTAINS),
    ]
    assert list(found.possible_sessions()) == []


def test_lot_amended_into_a_possible_one_is_marked(neurologist):
    session = with_lot(by=neurologist, lot_number="C8889C3", signed=True)
    builders.an_amendment(session, by=neurologist)
    vial = session.vials.get()
    change_vial(vial=vial, product=vial.session.product, by=neurologist, version=vial.version, lot_number="LOT C8889C3")
    builders.sign(session, by=neurologist)
    found = look_up("C8889C3")
    (row,) = found.received(found.exact_sessions())
    assert row.marks == ["amended away: in record 1, no longer in record 2"]
    assert {lot for lot, _, _ in row.lots} == {"C8889C3", "LOT C8889C3"}


def test_files_name_the_match_exact_ones_first(client, neurologist):
    with_lot(by=neurologist, lot_number="LOT C8889C3")
    with_lot(by=neurologist, lot_number="C8889C3", weeks_ago=9)
    with_lot(by=neurologist, lot_number=SCANNED[1], weeks_ago=1)
    expected = [
        ("Exact match", "C8889C3"),
        ("Possible match: contains this lot number", "LOT C8889C3"),
        ("Possible match: a scanned code with this lot number", SCANNED[1]),
    ]
    assert [(row["Match"], row["Lot as typed"]) for row in rows_of_csv(client, "C8889C3")] == expected
    heading, *rows = rows_of_xlsx(client.get("/lots/xlsx/", {"lot": "C8889C3"}))
    at = [heading.index(name) for name in ("Match", "Lot as typed")]
    assert [tuple(row[place] for place in at) for row in rows] == expected


def test_audit_trail_names_the_patients_of_both_lists(client, neurologist):
    patients = {
        with_lot(by=neurologist, lot_number=lot, weeks_ago=weeks).patient.pk
        for weeks, lot in enumerate(("C8889C3", "LOT C8889C3"))
    }
    for path in ("/lots/", "/lots/csv/", "/lots/xlsx/"):
        client.get(path, {"lot": "C8889C3"})
        entry = AuditEntry.objects.latest("pk")
        assert {row.patient_id for row in entry.patients.all()} == patients


# Too many possible lots, or too short a text


def test_too_many_possible_lots_are_named(client, neurologist, monkeypatch):
    monkeypatch.setattr("planning.sessions.models.lot.MOST_POSSIBLE", 2)
    monkeypatch.setattr("planning.reports.lot_search.MOST_POSSIBLE", 2)
    exact = with_lot(by=neurologist, lot_number="C88")
    for weeks in range(1, 4):
        with_lot(by=neurologist, lot_number=f"C88{weeks}", weeks_ago=weeks)
    page = text_of(client.get("/lots/", {"lot": "C88"}))
    assert str(exact.patient) in page
    assert "other lots contain this number. Type more of it to see them." in page
    for path in ("/lots/csv/", "/lots/xlsx/"):
        response = client.get(path, {"lot": "C88"})
        assert "attachment" not in response.get("Content-Disposition", "")
        assert "Type more of it to see them." in text_of(response)


def test_lots_are_compared_from_three_characters(client, neurologist):
    with_lot(by=neurologist, lot_number="LOT C8")
    assert matched("C8") == {}
    assert "at least 3 letters and digits" in text_of(client.get("/lots/", {"lot": "C8"}))
    assert "at least 3 letters and digits" not in text_of(client.get("/lots/", {"lot": "TC8"}))


@pytest.mark.parametrize("typed", ["%%%", "___", "'; --", "\\\\\\"])
def test_punctuation_alone_is_rejected(typed, client, given_from):
    given_from("C8889C3")
    assert "with at least one letter or digit" in text_of(client.get("/lots/", {"lot": typed}))


# No vial without a spelling that is found


def test_each_spelling_is_stored_once(neurologist):
    for weeks in range(2):
        with_lot(by=neurologist, lot_number="C8889C3", signed=True, weeks_ago=weeks)
    assert list(LotSpelling.objects.values_list("typed", "key")) == [("C8889C3", "C8889C3")]


WRITES = {
    "save": lambda vial: Vial.objects.create(session=vial.session, lot_number="NEW"),
    "bulk create": lambda vial: Vial.objects.bulk_create([Vial(session=vial.session, lot_number="NEW")]),
    "change": lambda vial: change_vial(
        vial=vial, product=vial.session.product, by=vial.session.recorder, version=vial.version, lot_number="NEW"
    ),
}


@pytest.mark.parametrize("write", WRITES)
def test_vial_is_found_in_every_stored_form(write, given_from):
    session = given_from(LOT)
    WRITES[write](session.vials.get())
    assert matched("new") == {session.pk: (LotMatch.EXACT, "exact")}


@pytest.mark.parametrize("table", ["planning_vial", "planning_signedlot"])
def test_database_rejects_a_lot_that_cannot_be_found(table, neurologist):
    with_lot(by=neurologist, signed=table == "planning_signedlot")
    unfound = {"planning_vial": Vial.objects, "planning_signedlot": SignedLot.objects}[table].get()
    unfound.pk, unfound.lot_number = None, "UNFOUND"
    with pytest.raises(IntegrityError, match=f"{table}_lot_number_has_a_spelling"), transaction.atomic():
        models.QuerySet(type(unfound)).bulk_create([unfound])


def test_database_rejects_a_change_to_an_unknown_lot(neurologist):
    with_lot(by=neurologist)
    with pytest.raises(IntegrityError, match="planning_vial_lot_number_has_a_spelling"), transaction.atomic():
        Vial.objects.update(lot_number="UNFOUND")


def test_stored_spelling_cannot_be_changed_or_removed(neurologist):
    with_lot(by=neurologist)
    for write in (
        lambda: LotSpelling.objects.update(key="X"),
        lambda: LotSpelling.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(IntegrityError, match="planning_lotspelling_is_append_only"), transaction.atomic():
            write()
