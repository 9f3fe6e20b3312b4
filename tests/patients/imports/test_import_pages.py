"""The pages of an import, from the upload to the undo."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from clinic.models import AuditEntry
from patients.models import ImportBatch, Patient
from tests import builders
from tests.patients.imports.import_files import ANNA, BERT, HEAD, as_csv, checked, imported, upload

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def desk(login, staff):
    return login(staff)


def key_on(page):
    return re.search(r'name="submission_key" value="([^"]+)"', page.content.decode())[1]


def send_file(client, content, **typed):
    key = key_on(client.get("/imports/"))
    file = SimpleUploadedFile("patients.csv", content)
    form = {"kind": "patients", "source": "Old records", "submission_key": key, "file": file}
    return client.post("/imports/", form | typed)


def fields_of(batch):
    return {f"column_{place}": column["field"] for place, column in enumerate(batch.columns)}


def test_file_is_imported_step_by_step(desk):
    assert send_file(desk, as_csv(ANNA, BERT)).status_code == 302
    batch = ImportBatch.objects.get()
    page = desk.get(batch.get_absolute_url()).content.decode()
    assert "0555 010 1001" in page
    assert desk.post(f"/imports/{batch.pk}/columns/", {"version": batch.version, **fields_of(batch)}).status_code == 302
    assert "0 of 2 rows" in desk.get(batch.get_absolute_url()).content.decode()
    assert desk.post(f"/imports/{batch.pk}/step/", headers=HTMX)["HX-Redirect"] == batch.get_absolute_url()
    page = " ".join(re.sub(r"<[^>]+>", " ", desk.get(batch.get_absolute_url()).content.decode()).split())
    assert "Create 2 · Update 0 · Unchanged 0 · Skipped 0 · To decide 0" in page
    batch.refresh_from_db()
    desk.post(f"/imports/{batch.pk}/confirm/", {"version": batch.version})
    assert Patient.objects.count() == 0
    assert desk.post(f"/imports/{batch.pk}/step/").status_code == 302
    assert Patient.objects.count() == 2
    batch.refresh_from_db()
    desk.post(f"/imports/{batch.pk}/undo/", {"version": batch.version})
    desk.post(f"/imports/{batch.pk}/step/")
    assert Patient.objects.count() == 0


def test_rejected_file_is_named_next_to_its_field(desk):
    page = send_file(desk, b"%PDF-1.7 and more")
    assert page.status_code == 409
    assert "This file is a PDF" in page.content.decode()
    assert 'value="Old records"' in page.content.decode()
    assert not ImportBatch.objects.exists()


def test_file_without_a_source_is_rejected(desk):
    page = send_file(desk, as_csv(ANNA), source="")
    assert page.status_code == 200
    assert not ImportBatch.objects.exists()


def test_rows_show_their_number_and_message(desk, staff):
    batch = checked(as_csv(ANNA, ("b2", "", "Bert", "1972-11-30", "m", "")), by=staff)
    page = desk.get(f"/imports/{batch.pk}/rows/?only=skip").content.decode()
    assert '<td class="num">3</td>' in page
    assert "Family name: this cell is empty." in page
    assert "ABEL, Anna" not in page
    assert "ABEL, Anna" in desk.get(f"/imports/{batch.pk}/rows/?only=create").content.decode()


def test_similar_patient_is_decided_row_by_row(desk, staff):
    one = builders.a_patient(family_name="Abell", given_name="Anna", date_of_birth="1961-02-03")
    batch = checked(as_csv(ANNA), by=staff)
    row = batch.rows.get()
    page = desk.get(f"/imports/{batch.pk}/rows/?only=ask").content.decode()
    assert f'value="patient {one.pk}"' in page
    desk.post(
        f"/imports/{batch.pk}/rows/decide/", {"version": batch.version, "row": row.pk, "decision": f"patient {one.pk}"}
    )
    assert (batch.rows.get().outcome, batch.rows.get().record) == ("update", one.pk)
    desk.post(f"/imports/{batch.pk}/rows/decide/", {"version": batch.version, "row": row.pk, "decision": "new"})
    assert batch.rows.get().outcome == "create"


def test_decision_for_a_patient_who_is_not_similar_is_rejected(desk, staff):
    other = builders.a_patient()
    builders.a_patient(family_name="Abell", given_name="Anna", date_of_birth="1961-02-03")
    batch = checked(as_csv(ANNA), by=staff)
    sent = {"version": batch.version, "row": batch.rows.get().pk, "decision": f"patient {other.pk}"}
    assert desk.post(f"/imports/{batch.pk}/rows/decide/", sent).status_code == 409
    assert batch.rows.get().outcome == "ask"


def test_order_of_dates_is_asked_for_once(desk, staff):
    batch = upload(as_csv((*ANNA[:3], "03/04/1961", *ANNA[4:])), by=staff)
    assert "Order of dates" in desk.get(batch.get_absolute_url()).content.decode()
    page = desk.post(f"/imports/{batch.pk}/columns/", {"version": batch.version, **fields_of(batch)})
    assert "Choose the order of day and month" in page.content.decode()
    dated = {"version": batch.version, "date_order": "mdy", **fields_of(batch)}
    desk.post(f"/imports/{batch.pk}/columns/", dated)
    desk.post(f"/imports/{batch.pk}/step/")
    assert batch.rows.get().values["date_of_birth"] == "1961-03-04"
    other = upload(as_csv(ANNA), by=staff)
    assert "Order of dates" not in desk.get(other.get_absolute_url()).content.decode()


def test_two_columns_for_one_field_are_rejected(desk, staff):
    batch = upload(as_csv(ANNA), by=staff)
    sent = {"version": batch.version, **fields_of(batch), "column_5": "family_name"}
    page = desk.post(f"/imports/{batch.pk}/columns/", sent)
    assert page.status_code == 409
    assert "Family name is matched to several columns" in page.content.decode()


def test_column_of_doses_has_no_choice(desk, staff):
    batch = upload(as_csv((*ANNA, "2.22"), head=(*HEAD, "Dose")), by=staff)
    page = desk.get(batch.get_absolute_url()).content.decode()
    assert "Left out: it looks like doses" in page
    assert "2.22" not in page
    assert 'name="column_6"' not in page


def test_polling_is_not_activity(desk, staff):
    batch = imported(as_csv(ANNA), by=staff)
    desk.get(batch.get_absolute_url())
    session = desk.session
    session["busy_at"] = busy_at = session["busy_at"] - 300
    session.save()
    desk.post(f"/imports/{batch.pk}/step/", headers=HTMX)
    assert desk.session["busy_at"] == busy_at
    desk.get(batch.get_absolute_url())
    assert desk.session["busy_at"] > busy_at


def test_confirmation_of_another_version_is_a_conflict(desk, staff):
    batch = checked(as_csv(ANNA), by=staff)
    assert desk.post(f"/imports/{batch.pk}/confirm/", {"version": batch.version - 1}).status_code == 409
    assert desk.post(f"/imports/{batch.pk}/confirm/", {}).status_code == 422


def test_discarded_import_has_no_file(desk, staff):
    batch = checked(as_csv(ANNA), by=staff)
    desk.post(f"/imports/{batch.pk}/discard/", {"version": batch.version})
    batch = ImportBatch.objects.get()
    assert (batch.state, batch.has_file, batch.rows.count()) == ("discarded", False, 0)
    assert "Discarded" in desk.get("/imports/").content.decode()


def test_page_of_rows_names_the_shown_patients_in_the_trail(desk, staff):
    batch = imported(as_csv(ANNA, BERT), by=staff)
    desk.get(f"/imports/{batch.pk}/rows/")
    last = AuditEntry.objects.order_by("-pk").first()
    assert (last.action, last.patients.count()) == ("read", 2)


def test_trainee_cannot_import(login, trainee):
    assert login(trainee).get("/imports/").status_code == 403
