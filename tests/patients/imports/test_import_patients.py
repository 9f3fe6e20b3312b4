"""An import of patients: what it creates, changes, asks about and skips, and that it can be undone."""

import datetime as dt
import resource
import time

import pytest
from django.core.management import call_command
from django.db import connection

from clinic.models import AuditEntry
from clinic.records.exceptions import Refused
from patients.imports import import_steps
from patients.imports.actions import imports as actions
from patients.imports.files import packed_rows
from patients.models import Patient, PatientIdentifier, PossibleDuplicate
from patients.people.actions.patients import change_patient
from tests import builders
from tests.patients.imports.import_files import (
    ANNA,
    BERT,
    HEAD,
    as_csv,
    checked,
    confirm,
    counts,
    imported,
    match,
    outcomes,
    undo,
    upload,
)

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

# What an import leaves after it was undone: the trail, the import itself, and used record numbers.
KEPT = ("clinic_audit", "patients_import", "patients_columnmatch", "patients_recordnumbercounter", "clinic_submission")


def tables():
    """The rows of each other table."""
    names = [name for name in connection.introspection.table_names() if not name.startswith(KEPT)]
    found = {}
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f'SELECT * FROM "{name}"')
            found[name] = sorted(map(repr, cursor.fetchall()))
    return found


def test_import_creates_patients_with_numbers_keys_and_history(staff):
    batch = imported(as_csv(ANNA, BERT), by=staff)
    anna = Patient.objects.get(family_name="Abel")

    assert counts(batch) == {"create": 2}
    assert (anna.given_name, str(anna.date_of_birth), anna.sex, anna.phone) == (
        "Anna", "1961-02-03", "female", "0555 010 1001",
    )  # fmt: skip
    assert anna.record_number.startswith("CD-")
    assert anna.history.get().history_user == staff
    assert list(Patient.objects.found_by("abel anna 3.2.1961")) == [anna]
    assert list(Patient.objects.found_by("a1")) == [anna]
    assert [str(one) for one in anna.identifiers.all()] == ["Old records: a1"]


def test_nothing_is_stored_before_the_import_is_confirmed(staff):
    before = tables()
    batch = checked(as_csv(ANNA, BERT), by=staff)
    assert counts(batch) == {"create": 2}
    assert tables() == before
    confirm(batch, by=staff)
    assert Patient.objects.count() == 2


def test_import_is_in_the_audit_trail_with_its_patients(staff):
    batch = imported(as_csv(ANNA, BERT), by=staff)
    entries = AuditEntry.objects.filter(object_type="patients.importbatch", object_id=batch.pk).order_by("pk")
    assert [entry.action for entry in entries] == [
        "uploaded import", "matched import", "confirmed import", "imported rows",
    ]  # fmt: skip
    named = {row.patient_id for row in entries.last().patients.all()}
    assert named == set(Patient.objects.values_list("pk", flat=True))


def test_second_run_of_a_file_changes_nothing(staff):
    imported(as_csv(ANNA, BERT), by=staff)
    before = tables()
    batch = imported(as_csv(ANNA, BERT), by=staff)
    assert counts(batch) == {"unchanged": 2}
    assert tables() == before


def test_second_run_of_a_file_without_ids_changes_nothing(staff):
    rows, head = (ANNA[1:], BERT[1:]), HEAD[1:]
    imported(as_csv(*rows, head=head), by=staff)
    assert counts(imported(as_csv(*rows, head=head), by=staff)) == {"unchanged": 2}


def test_second_run_keeps_what_a_user_changed(staff):
    imported(as_csv(ANNA), by=staff)
    anna = Patient.objects.get()
    change_patient(patient=anna, by=staff, version=anna.version, phone="0555 999")
    assert counts(imported(as_csv(ANNA), by=staff)) == {"unchanged": 1}
    assert Patient.objects.get().phone == "0555 999"


def test_corrected_file_changes_the_corrected_rows(staff):
    imported(as_csv(ANNA, BERT), by=staff)
    batch = imported(as_csv(ANNA, (*BERT[:5], "0555 77")), by=staff)
    bert = Patient.objects.get(family_name="Baker")
    assert counts(batch) == {"unchanged": 1, "update": 1}
    assert (bert.phone, bert.version, bert.history.count()) == ("0555 77", 2, 2)


def test_correction_of_what_a_user_changed_is_skipped(staff):
    imported(as_csv(ANNA), by=staff)
    anna = Patient.objects.get()
    change_patient(patient=anna, by=staff, version=anna.version, phone="0555 999")
    batch = checked(as_csv((*ANNA[:5], "0555 111")), by=staff)
    assert outcomes(batch)[2][0] == "skip"
    assert "Changed in Collum since the last import: Phone" in outcomes(batch)[2][1]


def test_change_between_report_and_import_is_skipped(staff):
    imported(as_csv(ANNA), by=staff)
    batch = checked(as_csv((*ANNA[:5], "0555 111")), by=staff)
    anna = Patient.objects.get()
    change_patient(patient=anna, by=staff, version=anna.version, phone="0555 999")
    assert counts(confirm(batch, by=staff)) == {"skip": 1}
    assert Patient.objects.get().phone == "0555 999"


def test_ids_of_two_systems_are_different(staff):
    imported(as_csv(ANNA), by=staff)
    batch = imported(as_csv(("a1", *BERT[1:])), by=staff, source="Other records")
    assert counts(batch) == {"create": 1}


def ask_row(batch):
    return batch.rows.get(outcome="ask")


def test_similar_patient_must_be_decided(staff):
    registered = builders.a_patient(family_name="Abell", given_name="Anna", date_of_birth="1961-02-03")
    batch = checked(as_csv(ANNA, BERT), by=staff)
    assert counts(batch) == {"ask": 1, "create": 1}
    assert ask_row(batch).alike == [{"patient": registered.pk}]
    with pytest.raises(Refused, match="Rows left: 1"):
        confirm(batch, by=staff)


def test_same_person_fills_only_what_is_empty(staff):
    registered = builders.a_patient(
        family_name="Abell", given_name="Anna", date_of_birth="1961-02-03", sex="other", phone=""
    )
    batch = checked(as_csv(ANNA), by=staff)
    actions.decide_row(
        batch=batch, row=ask_row(batch), decision=f"patient {registered.pk}", by=staff, version=batch.version
    )
    assert counts(confirm(batch, by=staff)) == {"update": 1}
    registered.refresh_from_db()
    assert (registered.family_name, registered.sex, registered.phone) == ("Abell", "other", "0555 010 1001")
    assert list(Patient.objects.found_by("a1")) == [registered]
    assert counts(imported(as_csv(ANNA), by=staff)) == {"unchanged": 1}


def test_new_patient_is_listed_as_possible_duplicate(staff):
    registered = builders.a_patient(family_name="Abell", given_name="Anna", date_of_birth="1961-02-03")
    batch = checked(as_csv(ANNA), by=staff)
    assert actions.decide_all(batch=batch, decision="new", by=staff, version=batch.version) == 1
    confirm(batch, by=staff)
    assert [pair.one for pair in PossibleDuplicate.objects.all()] == [registered]


def test_similar_rows_of_a_file_can_be_one_person(staff):
    batch = checked(as_csv(ANNA, ("a9", "Abel", "Ana", "1961-02-03", "F", "0555 22")), by=staff)
    row = ask_row(batch)
    assert row.alike == [{"row": 2}]
    actions.decide_row(batch=batch, row=row, decision="row 2", by=staff, version=batch.version)
    confirm(batch, by=staff)
    assert [str(each) for each in Patient.objects.get().identifiers.all()] == ["Old records: a1", "Old records: a9"]


def test_two_rows_of_one_person_are_undone(staff, monkeypatch):
    monkeypatch.setattr(import_steps, "STORED_AT_ONCE", 1)
    before = tables()
    batch = checked(as_csv((*ANNA[:5], ""), ("a9", "Abel", "Ana", "1961-02-03", "F", "0555 22")), by=staff)
    actions.decide_row(batch=batch, row=ask_row(batch), decision="row 2", by=staff, version=batch.version)
    batch = confirm(batch, by=staff)
    assert Patient.objects.get().phone == "0555 22"
    undo(batch, by=staff)
    assert tables() == before


def test_skipped_row_is_not_imported(staff):
    builders.a_patient(family_name="Abell", given_name="Anna", date_of_birth="1961-02-03")
    batch = checked(as_csv(ANNA), by=staff)
    actions.decide_all(batch=batch, decision="skip", by=staff, version=batch.version)
    assert counts(confirm(batch, by=staff)) == {"skip": 1}
    assert Patient.objects.count() == 1


def test_undo_restores_every_table(staff):
    builders.a_patient(family_name="Abell", given_name="Anna", date_of_birth="1961-02-03")
    before = tables()
    batch = checked(as_csv(ANNA, BERT), by=staff)
    actions.decide_all(batch=batch, decision="new", by=staff, version=batch.version)
    batch = undo(confirm(batch, by=staff), by=staff)
    assert batch.state == "undone"
    assert tables() == before
    assert counts(imported(as_csv(BERT), by=staff)) == {"create": 1}


def test_undo_changes_back_what_an_import_changed(staff):
    imported(as_csv(ANNA), by=staff)
    anna = Patient.objects.get()
    batch = imported(as_csv((*ANNA[:4], "M", "0555 4"), head=(*HEAD[:5], "Phone")), by=staff)
    undo(batch, by=staff)
    after = Patient.objects.get()
    assert (after.sex, after.phone, after.version) == (anna.sex, anna.phone, anna.version + 2)
    assert counts(imported(as_csv(ANNA), by=staff)) == {"unchanged": 1}


def changed(patient, by):
    change_patient(patient=patient, by=by, version=patient.version, phone="0555 9")


TOUCHES = {
    "changed": changed,
    "booked": lambda patient, by: builders.a_visit(patient=patient),
    "covered": lambda patient, by: builders.a_coverage(patient=patient, by=by),
    "joined": lambda patient, by: builders.the_same_person(builders.a_patient(), patient, by=builders.a_clinician()),
}


@pytest.mark.parametrize("touch", TOUCHES)
def test_import_with_a_record_that_a_user_touched_is_not_undone(touch, staff):
    batch = imported(as_csv(ANNA, BERT), by=staff)
    TOUCHES[touch](Patient.objects.get(family_name="Baker"), staff)
    with pytest.raises(Refused, match=r"cannot be undone. .* Rows: 3\."):
        undo(batch, by=staff)
    assert Patient.objects.filter(identifiers__system="Old records").count() == 2


def test_file_and_rows_are_deleted_after_a_month(staff):
    batch = imported(as_csv(ANNA), by=staff)
    assert not actions.batches_with_old_files()
    type(batch).objects.update(uploaded_at=batch.uploaded_at - actions.FILE_KEPT)
    for old in actions.batches_with_old_files():
        actions.delete_old_file(old)
    batch = type(batch).objects.get()
    assert (batch.has_file, batch.rows.count(), batch.counts()) == (False, 0, {"create": 1})
    assert "Abel" not in str(batch.columns)
    with pytest.raises(Refused, match="file of this import is deleted"):
        undo(batch, by=staff)


def test_columns_of_doses_and_unmatched_columns_are_left_out(staff):
    head = (*HEAD, "Last dose", "Dysport units", "Shoe size", "SSN")
    batch = upload(as_csv((*ANNA, "1.11", "2.22", "41", "999-1"), head=head), by=staff)
    fields = {column["name"]: column["field"] for column in batch.columns}
    assert (fields["Last dose"], fields["Dysport units"], fields["Shoe size"]) == ("", "", "")
    names = [column["field"] for column in batch.columns]
    with pytest.raises(Refused, match="looks like doses"):
        actions.match_columns(
            batch=batch, fields=[*names[:6], "note", *names[7:]], date_order="", by=staff, version=batch.version
        )
    imported(as_csv((*ANNA, "1.11", "2.22", "41", "999-1"), head=head), by=staff)
    anna = Patient.objects.get()
    assert [str(one) for one in anna.identifiers.all()] == ["Old records: a1", "SSN: 999-1"]
    assert "1.11" not in str(anna.__dict__) + str(list(PatientIdentifier.objects.values()))


def test_match_is_remembered_for_the_next_file(staff):
    head = ("Kennung", *HEAD[1:])
    batch = checked(as_csv(ANNA, head=head), by=staff, fields={"Kennung": "source_id", "Phone": ""})
    assert {"Kennung": "source_id", "Phone": ""}.items() <= proposed(upload(as_csv(BERT, head=head), by=staff)).items()
    assert batch.rows.get().source_id == "a1"


def proposed(batch):
    return {column["name"]: column["field"] for column in batch.columns}


def test_columns_show_their_fill_and_three_samples(staff):
    rows = [(f"n{number}", f"Name{number}", "", "1961-02-03", "f", "") for number in range(5)]
    batch = upload(as_csv(*rows), by=staff)
    by_name = {column["name"]: column for column in batch.columns}
    assert (by_name["Family name"]["filled"], by_name["Family name"]["samples"]) == (5, ["Name0", "Name1", "Name2"])
    assert (by_name["Phone"]["filled"], by_name["Phone"]["samples"]) == (0, [])


def test_command_continues_imports_and_deletes_old_files(staff, capsys):
    left = actions.confirm_import(batch=(batch := checked(as_csv(ANNA), by=staff)), by=staff, version=batch.version)
    old = imported(as_csv(BERT), by=staff)
    type(old).objects.filter(pk=old.pk).update(uploaded_at=old.uploaded_at - actions.FILE_KEPT)
    call_command("imports")
    assert capsys.readouterr().out.splitlines() == [
        f"Import {left.pk}: imported.", f"Import {old.pk}: its file is deleted.",
    ]  # fmt: skip
    assert Patient.objects.count() == 2


def test_step_that_fails_is_repeated_without_loss(staff, monkeypatch):
    """As after a restart: what was stored before stays, and the next step begins there."""
    rows = [(f"n{number}", f"Name{number}", "", f"19{number:02}-02-03", "f", "") for number in range(10, 16)]
    batch = checked(as_csv(*rows), by=staff)
    monkeypatch.setattr(import_steps, "STORED_AT_ONCE", 4)
    batch = actions.confirm_import(batch=batch, by=staff, version=batch.version)
    import_steps.run_step(batch)
    with monkeypatch.context() as broken:
        broken.setattr(import_steps.audit_log, "record", _fail)
        with pytest.raises(RuntimeError):
            import_steps.run_step(batch)
    assert (Patient.objects.count(), batch.rows.stored().count()) == (4, 4)
    import_steps.run_to_the_end(batch)
    assert (Patient.objects.count(), counts(batch)) == (6, {"create": 6})


def test_steps_check_each_row_once_across_portions(staff, monkeypatch):
    monkeypatch.setattr(packed_rows, "ROWS_IN_PORTION", 2)
    monkeypatch.setattr(import_steps, "CHECKED_AT_ONCE", 3)
    names = [f"Name{number}" for number in range(10, 17)]
    rows = [(name, name, "", f"19{name[-2:]}-02-03", "f", "") for name in names]
    batch = checked(as_csv(*rows[:4], ("too", "few"), *rows[4:]), by=staff)
    found = [(row.number, row.source_id) for row in batch.rows.in_order()]
    assert found == list(enumerate([*names[:4], "", *names[4:]], start=2))
    assert outcomes(batch)[6] == ("skip", "This row has 2 cells, but the first row names 6 columns.")


def _fail(*args, **kwargs):
    raise RuntimeError


@pytest.mark.full
def test_fifty_thousand_patients_take_five_minutes_and_300_mb(staff):
    rows = ((f"p{n}", f"Family{n * 7919 % 20011}", f"Given{n % 3001}", born(n), "f", "") for n in range(50_000))
    batch = upload(as_csv(*rows), by=staff)
    began, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    batch = match(batch, by=staff)
    actions.decide_all(batch=batch, decision="new", by=staff, version=batch.version)
    batch.refresh_from_db()
    confirm(batch, by=staff)
    assert Patient.objects.count() == 50_000
    assert time.process_time() - began < 300
    # Collum itself takes less than 100 MB.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024


def born(number):
    return (dt.date(1920, 1, 1) + dt.timedelta(days=number * 31 % 36_000)).isoformat()
