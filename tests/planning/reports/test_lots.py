"""Who received a lot: every session and patient, by the signed records and by the vials as they are now."""

import datetime as dt

import pytest

from clinic.models import AuditEntry, Clinic
from clinic.records.actions import mark_entered_in_error
from clinic.records.dates import format_date
from planning.course.actions.course import record_event
from planning.models import InjectionSession
from planning.reports.lot_search import look_up as find
from planning.sessions.actions.sessions import change_session
from planning.sessions.actions.vials import change_vial
from planning.sessions.models.lot import LONGEST_LOT
from tests import builders
from tests.planning.reports.recalls import LOT, WorldWithoutLots, rows_of_csv, text_of, with_lot

pytestmark = pytest.mark.django_db


def retype(session, *, by, **typed):
    """Its only vial typed again."""
    vial = session.vials.get()
    return change_vial(vial=vial, product=vial.session.product, by=by, version=vial.version, **typed)


def amend(session, *, by, sign=True, **typed):
    builders.an_amendment(session, by=by)
    retype(session, by=by, **typed)
    if sign:
        builders.sign(session, by=by)


def rows_of(lot=LOT):
    found = find(lot)
    return found.received(found.exact_sessions())


def named(row):
    return [(lot, expiry) for lot, expiry, _ in row.lots]


def the_row(lot=LOT):
    (row,) = rows_of(lot)
    return row


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
def look_up(login, neurologist):
    client = login(neurologist)
    return lambda lot: client.get("/lots/", {"lot": lot})


@pytest.fixture
def download(login, neurologist):
    client = login(neurologist)
    return lambda lot=LOT: rows_of_csv(client, lot)


# What is found


@pytest.mark.engine
@pytest.mark.parametrize(
    "typed", ["C1234-C3", "c1234c3", " c 1234 - c3 ", "C1234\u2011C3", "C1234\u2013c3", "C1234\u00a0C3"]
)
@pytest.mark.parametrize("signed", [True, False], ids=["signed", "not signed"])
@pytest.mark.sample(3)
def test_lot_is_found_ignoring_case_spaces_and_hyphens(typed, signed, look_up, given_from):
    session = given_from(LOT, signed=signed)
    assert str(session.patient) in text_of(look_up(typed))


@pytest.mark.engine
@pytest.mark.parametrize("typed", ["D1234-C3", "C1234-C4", "C1234-3C", "C1_4"])
def test_another_lot_is_not_found(typed, look_up, given_from):
    given_from(LOT)
    response = text_of(look_up(typed))
    assert f"No session names the lot “<bdi>{typed}</bdi>”" in response
    assert "<table" not in response


@pytest.mark.engine
def test_stored_lot_is_found_in_any_spelling(neurologist):
    session = with_lot(by=neurologist, lot_number="c 1234 – c3")
    row = the_row()
    assert row.session == session
    assert named(row) == [("c 1234 – c3", "not recorded")]


@pytest.mark.engine
def test_vial_without_a_lot_is_not_found(neurologist):
    session = builders.a_given_session(by=neurologist)
    builders.a_vial(session=session, by=neurologist, lot_number="", expiry="2027-08")
    assert not InjectionSession.objects.that_received([""]).exists()
    assert rows_of("") == rows_of(" - ") == []


@pytest.mark.engine
def test_session_is_listed_once_for_several_vials_and_records(neurologist):
    session = with_lot(by=neurologist, expiry="2027-08")
    builders.a_vial(session=session, by=neurologist, lot_number="c1234c3", expiry="2027-09")
    builders.sign(session, by=neurologist)
    builders.an_amendment(session, by=neurologist)
    builders.amend(session, by=neurologist)
    builders.sign(session, by=neurologist)
    assert named(the_row()) == [("C1234-C3", "2027-08"), ("c1234c3", "2027-09")]


@pytest.mark.engine
def test_only_vials_of_the_lot_are_named(neurologist):
    session = with_lot(by=neurologist, expiry="2027-08")
    builders.a_vial(session=session, by=neurologist, lot_number="OTHER", expiry="2029-01")
    assert named(the_row()) == [("C1234-C3", "2027-08")]
    builders.sign(session, by=neurologist)
    assert named(the_row()) == [("C1234-C3", "2027-08")]


# Rows


@pytest.mark.engine
def test_row_shows_patient_product_muscles_and_date(look_up, neurologist):
    patient = builders.a_patient(family_name="Recalled", given_name="Rita", record_number="RN-1", phone="0555 010 0101")
    with_lot(by=neurologist, patient=patient, signed=True, expiry="2027-08")
    response = text_of(look_up("c1234c3"))
    for text in (
        "RECALLED, Rita", "RN-1", "14 Mar 1969", "0555 010 0101", "Botox", "C1234-C3", "2027-08",
        "Sternocleidomastoid right · Levator scapulae right", "Signed", "none recorded",
        "1 session of 1 patient named this lot.",
    ):  # fmt: skip
        assert text in response, text


@pytest.mark.engine
def test_rows_contain_no_dose(look_up, download, neurologist):
    session = with_lot(by=neurologist)
    for signed in (False, True):
        if signed:
            builders.sign(session, by=neurologist)
        for text in (text_of(look_up(LOT)), str(download())):
            assert "1.11" not in text
            assert "2.22" not in text


@pytest.mark.engine
def test_rows_are_sorted_by_given_on_newest_first(neurologist):
    zoe, adam = (builders.a_patient(family_name=name) for name in ("Zoe", "Adam"))
    with_lot(by=neurologist, patient=zoe, weeks_ago=3)
    with_lot(by=neurologist, patient=zoe, weeks_ago=2, hour=9)
    with_lot(by=neurologist, patient=adam, weeks_ago=2, hour=11)
    corrected = with_lot(by=neurologist, weeks_ago=1)
    long_ago = builders.today() - dt.timedelta(weeks=9)
    change_session(session=corrected, by=neurologist, version=corrected.version, given_on=long_ago)
    assert [(row.patient.family_name, (builders.today() - row.given_on).days // 7) for row in rows_of()] == [
        ("Adam", 2), ("Zoe", 2), ("Zoe", 3), (corrected.patient.family_name, 9),
    ]  # fmt: skip


@pytest.mark.engine
@pytest.mark.parametrize(("hour", "minute"), [(0, 10), (23, 30)])
def test_date_uses_the_clinics_time_zone(hour, minute, neurologist, look_up):
    Clinic.objects.update(time_zone="Pacific/Auckland")
    day = builders.today() - dt.timedelta(days=2)
    visit = builders.a_visit(clinician=neurologist, day=day, hour=hour, minute=minute)
    with_lot(by=neurologist, visit=visit)
    assert f">{format_date(day)}</a>" in text_of(look_up(LOT))


@pytest.mark.engine
def test_signed_session_is_shown_as_signed(look_up, neurologist):
    """Renaming a muscle or a product changes no recall."""
    with_lot(by=neurologist, signed=True)
    product, muscle = builders.a_product(), builders.a_muscle("LS")
    product.brand_name, muscle.name = "Renamed", "Renamed too"
    product.save()
    muscle.save()
    assert "Renamed" not in text_of(look_up(LOT))


@pytest.mark.engine
def test_signed_expiry_is_shown_during_an_amendment(neurologist):
    session = with_lot(by=neurologist, signed=True, expiry="2027-08")
    amend(session, by=neurologist, expiry="2028-01", sign=False)
    assert named(the_row()) == [("C1234-C3", "2027-08")]
    builders.sign(session, by=neurologist)
    assert named(the_row()) == [("C1234-C3", "2028-01")]


# Marks


@pytest.mark.engine
def test_session_signed_with_the_lot_has_no_mark(neurologist):
    with_lot(by=neurologist, signed=True)
    row = the_row()
    assert (row.state.label, row.marks) == ("Signed", [])


@pytest.mark.engine
def test_unsigned_session_is_marked(neurologist, look_up):
    with_lot(by=neurologist)
    row = the_row()
    assert (row.state.label, row.marks) == ("Given, not signed", ["not signed"])
    assert "Given, not signed" in text_of(look_up(LOT))


@pytest.mark.engine
def test_lot_amended_away_is_still_found(neurologist, look_up):
    session = with_lot(by=neurologist, signed=True, expiry="2027-08")
    amend(session, by=neurologist, lot_number="D9")
    row = the_row()
    assert row.marks == ["amended away: in record 1, no longer in record 2"]
    assert named(row) == [("C1234-C3", "2027-08")]
    assert "amended away: in record 1, no longer in record 2" in text_of(look_up(LOT))
    assert the_row("D9").marks == []


@pytest.mark.engine
def test_lot_removed_twice_names_each_record(neurologist):
    session = with_lot(by=neurologist, signed=True)
    amend(session, by=neurologist, lot_number="D9")
    amend(session, by=neurologist, lot_number="c1234c3")
    assert the_row().marks == []
    assert the_row("D9").marks == ["amended away: in record 2, no longer in record 3"]
    amend(session, by=neurologist, lot_number="E7")
    amend(session, by=neurologist, lot_number="E8")
    assert the_row().marks == ["amended away: in records 1 and 3, no longer in record 4"]


@pytest.mark.engine
def test_lot_only_in_an_open_amendment_is_marked(neurologist):
    session = with_lot(by=neurologist, signed=True, lot_number="D9")
    amend(session, by=neurologist, lot_number=LOT, sign=False)
    row = the_row()
    assert (row.state.label, row.marks) == ("Being amended", ["only in an amendment that is not signed yet"])
    assert the_row("D9").marks == ["no longer in an amendment that is not signed yet"]
    builders.sign(session, by=neurologist)
    assert the_row().marks == []


@pytest.mark.engine
def test_discarded_amendment_leaves_no_mark(neurologist):
    session = with_lot(by=neurologist, signed=True, lot_number="D9")
    amend(session, by=neurologist, lot_number=LOT, sign=False)
    builders.discard(session, by=neurologist)
    assert rows_of() == []
    assert the_row("D9").marks == []


@pytest.mark.engine
def test_lot_restored_by_an_open_amendment_names_both(neurologist):
    session = with_lot(by=neurologist, signed=True)
    amend(session, by=neurologist, lot_number="D9")
    amend(session, by=neurologist, lot_number=LOT, sign=False)
    assert the_row().marks == [
        "amended away: in record 1, no longer in record 2",
        "again in an amendment that is not signed yet",
    ]


@pytest.mark.engine
def test_later_amendment_is_not_named_as_removing_the_lot(neurologist):
    session = with_lot(by=neurologist, signed=True)
    amend(session, by=neurologist, lot_number="D9")
    builders.an_amendment(session, by=neurologist)
    assert the_row().marks == ["amended away: in record 1, no longer in record 2"]


@pytest.mark.engine
def test_amendment_that_keeps_the_lot_adds_no_mark(neurologist):
    session = with_lot(by=neurologist, signed=True)
    builders.an_amendment(session, by=neurologist)
    assert the_row().marks == []


@pytest.mark.engine
@pytest.mark.parametrize(
    ("signed", "marks"), [(True, ["entered in error"]), (False, ["not signed", "entered in error"])]
)
def test_session_in_error_is_found_and_marked(signed, marks, neurologist, look_up):
    session = with_lot(by=neurologist, signed=signed)
    mark = builders.an_error(session, by=neurologist)
    assert the_row().marks == marks
    assert "Entered in error" in text_of(look_up(LOT))
    builders.undo_error(session, by=neurologist)
    assert mark is not None
    assert "entered in error" not in the_row().marks


@pytest.mark.engine
def test_session_not_done_is_marked(neurologist):
    session = with_lot(by=neurologist)
    InjectionSession.objects.filter(pk=session.pk).update(
        not_done_at=session.visit.starts_at, not_done_by=neurologist, not_done_reason="x"
    )
    assert the_row().marks == ["not done"]


def test_page_does_not_repeat_the_state(neurologist):
    with_lot(by=neurologist)
    assert the_row().further_marks == []


# Adverse events


@pytest.mark.engine
def test_adverse_events_are_listed_with_the_session(look_up, download, neurologist):
    session = with_lot(by=neurologist, signed=True)
    common = {"session": session, "by": neurologist}
    record_event(kind="dysphagia", severity="moderate", serious="yes", **common)
    record_event(kind="bruising", serious="no", **common)
    record_event(kind="other", description="tingling", **common)
    wrong = record_event(kind="ptosis", **common)
    mark_entered_in_error(record=wrong, reason="x", by=neurologist, version=wrong.version)
    expected = ["Dysphagia, moderate, serious", "Bruising, not serious", "tingling"]
    assert the_row().events == expected
    response = text_of(look_up(LOT))
    assert all(event in response for event in expected)
    assert "Ptosis" not in response
    assert download()[0]["Adverse events"] == "; ".join(expected)


# The same person, and who is no longer treated here


@pytest.mark.engine
def test_linked_record_names_the_person_and_phone(look_up, download, neurologist):
    chief = builders.a_patient(family_name="Chief", record_number="RN-CHIEF", phone="0555 2")
    other = builders.a_patient(family_name="Other", record_number="RN-OTHER", phone="0555 1")
    with_lot(by=neurologist, patient=other, signed=True)
    with_lot(by=neurologist, patient=chief, signed=True, weeks_ago=1)
    builders.the_same_person(chief, other, by=neurologist)
    response = text_of(look_up(LOT))
    assert "the same person as" in response
    assert "RN-CHIEF" in response
    assert "2 sessions of 1 patient named this lot." in response
    first, second = download()
    assert (first["Record number"], first["Same person as"], first["Phone"]) == (
        "RN-OTHER",
        "RN-CHIEF",
        "0555 1 · 0555 2",
    )
    assert (second["Record number"], second["Same person as"], second["Phone"]) == (
        "RN-CHIEF",
        "",
        "0555 2 · 0555 1",
    )


def test_deceased_patient_is_marked(look_up, neurologist, staff):
    session = with_lot(by=neurologist, signed=True)
    patient = session.patient
    patient.refresh_from_db()
    patient.status, patient.status_since = "died", builders.today()
    patient.save()
    assert "Died" in text_of(look_up(LOT))


# What is typed


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Type a lot number."),
        ("   ", "Type a lot number."),
        (" - \u2013 ", "with at least one letter or digit"),
        ("\u2212", "with at least one letter or digit"),
        ("A" * (LONGEST_LOT + 1), "A lot number has up to 60 characters. This has 61."),
        ("AB\u200bC", "After “AB” there is an invisible character (U+200B)"),
        ("AB\x00C", "After “AB” there is an invisible character (U+0000)"),
        ("AB\u202eC", "After “AB” there is an invisible character (U+202E)"),
    ],
)
@pytest.mark.parametrize("path", ["/lots/", "/lots/csv/", "/lots/xlsx/"])
@pytest.mark.sample(3)
def test_invalid_lot_number_is_reported_by_field(path, typed, message, login, neurologist):
    response = login(neurologist).get(path, {"lot": typed})
    assert response.status_code == 200
    assert message in text_of(response)
    assert "errorlist" in text_of(response)
    assert "No session names" not in text_of(response)


def test_typed_text_stays_in_its_field(look_up):
    typed = "A" * (LONGEST_LOT + 1)
    assert f'value="{typed}"' in text_of(look_up(typed))
    assert "maxlength" not in text_of(look_up(typed)).split('name="lot"')[1].split(">")[0]


@pytest.mark.engine
def test_longest_lot_number_is_found(look_up, neurologist):
    session = with_lot(by=neurologist, lot_number="A" * LONGEST_LOT, signed=True)
    assert str(session.patient) in text_of(look_up("a" * LONGEST_LOT))


@pytest.mark.parametrize("path", ["/lots/", "/lots/csv/", "/lots/xlsx/"])
def test_opened_page_shows_no_error(path, login, neurologist):
    response = login(neurologist).get(path)
    assert response.status_code == 200
    assert "errorlist" not in text_of(response)
    assert "Lot number" in text_of(response)


def test_lot_with_angle_brackets_is_escaped(look_up):
    assert "<b>x" not in text_of(look_up("<b>x"))


# The audit trail


def entries_after(ask):
    last = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    ask()
    return list(AuditEntry.objects.filter(pk__gt=last))


@pytest.mark.engine
@pytest.mark.parametrize(
    ("path", "action"), [("/lots/", "read"), ("/lots/csv/", "exported"), ("/lots/xlsx/", "exported")]
)
def test_audit_entry_names_the_patients_but_not_the_lot(path, action, login, neurologist):
    client = login(neurologist)
    # A lot that no time, id or hash contains by chance
    patients = {with_lot(by=neurologist, weeks_ago=weeks, lot_number="UNMISTAKABLE").patient.pk for weeks in range(3)}
    with_lot(by=neurologist, lot_number="OTHER", weeks_ago=5)
    (entry,) = entries_after(lambda: client.get(path, {"lot": "UNMISTAKABLE"}))
    assert (entry.action, entry.actor, entry.outcome) == (action, neurologist, "done")
    assert {row.patient_id for row in entry.patients.all()} == patients
    for field in entry._meta.concrete_fields:
        assert "UNMISTAKABLE" not in str(getattr(entry, field.attname)).upper()


def test_unused_lot_shows_no_patient(look_up):
    assert entries_after(lambda: look_up("NOWHERE")) == []


# Access, and the number of queries


@pytest.mark.parametrize("who", ["trainee", "staff", "catalogue_manager", "auditor", "superuser"])
@pytest.mark.parametrize("path", ["/lots/", "/lots/csv/", "/lots/xlsx/"])
@pytest.mark.sample(3)
def test_only_a_neurologist_can_look_up_a_lot(who, path, login, request):
    assert login(request.getfixturevalue(who)).get(path, {"lot": LOT}).status_code == 403


def test_navigation_link_needs_the_permission(login, neurologist, trainee):
    assert 'href="/lots/"' in text_of(login(neurologist).get("/"))
    assert 'href="/lots/"' not in text_of(login(trainee).get("/"))
