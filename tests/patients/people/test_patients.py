"""Registering and changing patients, and their alerts."""

import html
import re

import pytest
from django.urls import reverse

from clinic.models import AuditEntry
from clinic.records.exceptions import Conflict, Refused
from clinic.web.seen import INCOMPLETE
from patients.models import Alert, Patient
from patients.people.actions.patients import change_patient, review_alerts
from tests import builders
from tests.parallel import at_once
from tests.patients.people.pages import filled, text_of, title_of

REGISTER = reverse("patients:patient-register")
TYPED = {
    "family_name": "Łódź-Çelik",
    "given_name": "Zoë",
    "date_of_birth": "1969-03-14",
    "sex": "female",
    "record_number": "",
    "phone": "0555 014 417",
    "email": "zoe@example.org",
    "address": "1 High Street\nLeeds",
    "language": "Polish",
    "diagnosis": "Cervical dystonia",
    "diagnosis_code": "G24.3",
    "onset": "about 2015",
    "referred_by": "Dr C. Referrer",
    "note": "Prefers mornings.",
    "agreed_to_reminders": True,
}


def change_page(patient):
    return reverse("patients:patient-change", args=[patient.pk])


def alerts_page(patient):
    return reverse("patients:patient-alerts", args=[patient.pk])


# Registering


@pytest.mark.engine
def test_registered_patient_is_stored_as_typed(login, staff):
    # Given the page with everything typed
    client = login(staff)
    page = client.get(REGISTER)

    # When it is sent
    response = client.post(REGISTER, filled(page, **TYPED))

    # Then the patient's page follows, and shows the record number from Collum
    patient = Patient.objects.get()
    assert response["Location"] == f"/patients/{patient.pk}/"
    kept = {name: getattr(patient, name) for name in TYPED}
    assert kept == {**TYPED, "date_of_birth": "1969-03-14", "record_number": patient.record_number}
    assert patient.record_number.startswith("CD-")
    assert patient.history.get().history_user == staff
    entry = AuditEntry.objects.get(action="registered")
    assert (entry.actor, entry.object_id, entry.patients.get().patient_id) == (staff, patient.pk, patient.pk)


def test_register_form_is_empty(login, staff):
    form = login(staff).get(REGISTER).context["form"]
    assert {field.name: field.value() for field in form.visible_fields() if field.value()} == {}


@pytest.mark.engine
def test_form_sent_twice_registers_one_patient(login, staff):
    client = login(staff)
    sent = filled(client.get(REGISTER), **TYPED)
    first, second = client.post(REGISTER, sent), client.post(REGISTER, sent)
    assert first["Location"] == second["Location"]
    assert Patient.objects.count() == 1


@pytest.mark.engine
def test_form_sent_twice_with_other_content_is_rejected(login, staff):
    client = login(staff)
    sent = filled(client.get(REGISTER), **TYPED)
    client.post(REGISTER, sent)
    response = client.post(REGISTER, {**sent, "family_name": "Somebody else"})
    assert response.status_code == 409
    assert "This form was already sent with different content." in text_of(response)
    assert Patient.objects.count() == 1


def test_form_without_its_key_is_rejected(login, staff):
    response = login(staff).post(REGISTER, TYPED)
    assert response.status_code == 422
    assert response.context["form"].non_field_errors() == [INCOMPLETE]
    assert not Patient.objects.exists()


WRONG = {
    "family_name": ["", " ", "\u202eOkafor", "\u200d", "x" * 101, "Oka\x07for"],
    "date_of_birth": ["", "2999-01-01", "1700-01-01", "0001-01-01", "9999-12-31", "31.2.1969", "yesterday", "1.2.69"],
    "sex": ["", "unknown"],
    "email": ["zoe", "zoe@"],
    "record_number": ["É-1", "<b>", "x" * 31, "1\n2"],
    "phone": ["5" * 41, "\u200b5"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
@pytest.mark.sample(3)
def test_unreadable_input_is_reported_by_field_and_stays(name, value, login, staff):
    # Given a form with one field that cannot be read
    client = login(staff)
    sent = filled(client.get(REGISTER), **TYPED) | {name: value}

    # When it is sent, then the page shows a message next to that field, and the patient is not stored
    response = client.post(REGISTER, sent)
    form = response.context["form"]
    assert response.status_code == 200
    assert list(form.errors) == [name]
    assert form[name].value() == value
    assert form["note"].value() == TYPED["note"]
    assert not Patient.objects.exists()


@pytest.mark.engine
def test_used_record_number_is_rejected_ignoring_case(login, staff):
    builders.a_patient(record_number="ab-1", by=staff)
    client = login(staff)
    response = client.post(REGISTER, filled(client.get(REGISTER), **TYPED) | {"record_number": "AB-1"})
    assert response.status_code == 409
    assert response.context["form"].errors["record_number"] == ["Another patient has this record number."]
    assert response.context["form"]["family_name"].value() == TYPED["family_name"]
    assert Patient.objects.count() == 1

    # And the same form with another number is a new try, not a second sending
    again = client.post(REGISTER, filled(response, record_number="AB-2"))
    assert again.status_code == 302


@pytest.mark.engine
def test_new_record_numbers_skip_typed_ones(staff):
    builders.a_patient(record_number="cd-000001", by=staff)
    assert builders.a_patient(by=staff).record_number == "CD-000002"


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_concurrently_registered_patients_get_different_numbers():
    desk = builders.a_person("clinic staff")
    for _ in range(10):
        made = at_once(*[lambda: builders.a_patient(by=desk)] * 4)
        assert [one for one in made if not isinstance(one, Patient)] == []
    assert len(set(Patient.objects.values_list("record_number", flat=True))) == 40


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_concurrent_registrations_with_one_number_store_one():
    desk = builders.a_person("clinic staff")
    for number in range(10):
        made = at_once(*[lambda number=number: builders.a_patient(by=desk, record_number=f"N-{number}")] * 2)
        assert sorted(type(one).__name__ for one in made) == ["Patient", "Refused"]


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_form_sent_twice_concurrently_registers_one_patient(settings):
    from clinic.records.actions import submit_once

    desk, key = builders.a_person("clinic staff"), builders.a_submission_key()

    def send():
        return submit_once(key=key, by=desk, route="/patients/new/", body={}, create=builders.a_patient)

    assert len({patient.pk for patient in at_once(*[send] * 5)}) == 1
    assert Patient.objects.count() == 1


# Changing


@pytest.mark.engine
def test_changed_details_are_stored(login, staff):
    patient = builders.a_patient(by=staff, record_number="A-1")
    client = login(staff)
    response = client.post(change_page(patient), filled(client.get(change_page(patient)), phone="0555", note="Deaf."))
    assert response["Location"] == patient.get_absolute_url()
    patient.refresh_from_db()
    assert (patient.phone, patient.note, patient.record_number, patient.version) == ("0555", "Deaf.", "A-1", 2)
    assert patient.history.count() == 2


@pytest.mark.engine
def test_emptied_record_number_is_unchanged(login, staff):
    patient = builders.a_patient(by=staff, record_number="A-1")
    client = login(staff)
    client.post(change_page(patient), filled(client.get(change_page(patient)), record_number=""))
    patient.refresh_from_db()
    assert patient.record_number == "A-1"


@pytest.mark.engine
def test_stale_save_shows_both_values_and_keeps_the_typed_text(login, staff, neurologist):
    # Given a page that was opened before another user changed the phone and the agreement to reminders
    patient = builders.a_patient(by=staff, phone="0111")
    client = login(staff)
    sent = filled(client.get(change_page(patient)), phone="0222", note="Typed.")
    change_patient(
        patient=patient, by=neurologist, version=patient.version, phone="0333", agreed_to_reminders=True, sex="male"
    )

    # When it is saved
    response = client.post(change_page(patient), sent)

    # Then it is a conflict: the stored values are next to the typed ones
    assert response.status_code == 409
    form = response.context["form"]
    assert form["phone"].value() == "0222"
    assert form["note"].value() == "Typed."
    assert "Stored now: 0333." in form.errors["phone"][0]
    assert "Stored now: yes." in form.errors["agreed_to_reminders"][0]
    assert "Stored now: Male." in form.errors["sex"][0]
    patient.refresh_from_db()
    assert (patient.phone, patient.note) == ("0333", "")

    # And saving again replaces it, since the page now has the stored version
    assert client.post(change_page(patient), filled(response)).status_code == 302
    patient.refresh_from_db()
    assert (patient.phone, patient.note) == ("0222", "Typed.")


@pytest.mark.engine
def test_repeated_save_is_no_conflict(login, staff):
    patient = builders.a_patient(by=staff, record_number="A-1")
    client = login(staff)
    sent = filled(client.get(change_page(patient)), phone="0222")
    assert client.post(change_page(patient), sent).status_code == 302
    assert client.post(change_page(patient), sent).status_code == 302
    patient.refresh_from_db()
    assert patient.version == 2


def test_save_without_a_version_is_rejected(login, staff):
    patient = builders.a_patient(by=staff)
    client = login(staff)
    sent = filled(client.get(change_page(patient)), phone="0222")
    del sent["version"]
    client.post(change_page(patient), sent)
    patient.refresh_from_db()
    assert patient.phone == ""


@pytest.mark.engine
def test_second_of_two_changes_gets_a_conflict(staff, neurologist):
    patient = builders.a_patient(by=staff)
    change_patient(patient=patient, by=staff, version=1, phone="0111")
    with pytest.raises(Conflict) as conflict:
        change_patient(patient=patient, by=neurologist, version=1, note="Deaf.")
    assert conflict.value.current.phone == "0111"


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_concurrent_changes_do_not_overwrite_each_other():
    people = [builders.a_person("clinic staff") for _ in range(4)]
    patient = builders.a_patient(by=people[0])
    for version in range(1, 11):
        made = at_once(
            *(
                lambda person=person, version=version: change_patient(
                    patient=patient, by=person, version=version, note=f"{person.pk} wrote version {version}."
                )
                for person in people
            )
        )
        assert sorted(type(one).__name__ for one in made) == ["Conflict"] * 3 + ["Patient"]


# Alerts


@pytest.mark.engine
def test_alerts_are_stored_with_reviewer_and_time(login, staff, neurologist):
    # Given a patient whose alerts are not asked
    patient = builders.a_patient(by=staff)
    client = login(neurologist)
    page = client.get(alerts_page(patient))
    assert "Not asked yet." in text_of(page)

    # When an alert is typed
    response = client.post(alerts_page(patient), filled(page, alert_allergy="penicillin"))

    # Then it is stored with the patient, the user and the date
    assert response["Location"] == patient.get_absolute_url()
    patient.refresh_from_db()
    assert patient.alerts_text() == "Allergy: penicillin"
    assert patient.alerts_reviewed_by == neurologist
    assert "Last reviewed by Dr A. Morgan on" in text_of(client.get(alerts_page(patient)))


def test_none_known_must_be_selected(login, staff):
    patient = builders.a_patient(by=staff)
    client = login(staff)
    page = client.get(alerts_page(patient))
    silent = client.post(alerts_page(patient), filled(page))
    assert silent.status_code == 409
    assert silent.context["form"].errors["none_known"] == ["Type an alert, or select “none known”."]

    assert client.post(alerts_page(patient), filled(page, none_known=True)).status_code == 302
    patient.refresh_from_db()
    assert patient.alerts_text() == "none known"


def test_none_known_contradicts_an_alert(login, staff):
    patient = builders.a_patient(by=staff)
    client = login(staff)
    sent = filled(client.get(alerts_page(patient)), alert_other="needle phobia", none_known=True)
    response = client.post(alerts_page(patient), sent)
    assert response.status_code == 409
    assert "cannot be selected" in response.context["form"].errors["none_known"][0]
    assert response.context["form"]["alert_other"].value() == "needle phobia"


@pytest.mark.parametrize(
    ("path", "back"),
    [("/visits/{visit}/", "/visits/{visit}/"), ("/patients/{patient}/?page=1", "/patients/{patient}/?page=1")],
)
def test_alerts_from_the_banner_return_to_the_page(login, staff, path, back):
    visit = builders.a_visit()
    client, ids = login(staff), {"visit": visit.pk, "patient": visit.patient_id}
    banner = client.get(path.format(**ids)).content.decode()
    link = html.unescape(re.search(r'href="(/patients/\d+/alerts/[^"]*)"', banner)[1])
    page, back = client.get(link), back.format(**ids)
    assert page.context["alerts_next"] == back
    assert f'<a href="{back}">Cancel</a>' in page.content.decode()
    rejected = client.post(alerts_page(visit.patient), filled(page, next=back))
    assert f'name="next" value="{back}"' in rejected.content.decode()
    sent = filled(page, none_known=True, next=back)
    assert client.post(alerts_page(visit.patient), sent)["Location"] == back


def test_alerts_do_not_lead_to_another_site(login, staff):
    patient, client = builders.a_patient(), login(staff)
    page = client.get(f"{alerts_page(patient)}?next=//example.org/")
    assert page.context["alerts_next"] == patient.get_absolute_url()
    sent = filled(page, none_known=True, next="https://example.org/")
    assert client.post(alerts_page(patient), sent)["Location"] == patient.get_absolute_url()


@pytest.mark.engine
def test_stale_review_of_alerts_shows_both_values(login, staff, neurologist):
    patient = builders.a_patient(by=staff)
    client = login(staff)
    sent = filled(client.get(alerts_page(patient)), none_known=True)
    review_alerts(patient=patient, by=neurologist, version=1, alert_allergy="latex")
    response = client.post(alerts_page(patient), sent)
    assert response.status_code == 409
    assert "Stored now: latex." in response.context["form"].errors["alert_allergy"][0]
    patient.refresh_from_db()
    assert patient.alert_allergy == "latex"


def test_form_has_six_alerts(login, staff):
    form = login(staff).get(alerts_page(builders.a_patient(by=staff))).context["form"]
    assert [field.name for field in form.visible_fields()] == [*Alert.values, "none_known"]


def test_action_rejects_invalid_alerts(staff):
    patient = builders.a_patient(by=staff)
    with pytest.raises(Refused):
        review_alerts(patient=patient, by=staff, version=1)


# Every page about one patient


@pytest.mark.engine
@pytest.mark.parametrize("page", [change_page, alerts_page])
def test_patient_page_shows_the_banner_and_is_audited(page, login, staff):
    patient = builders.a_patient(by=staff, family_name="Okafor", given_name="Grace")
    response = login(staff).get(page(patient))
    assert 'aria-label="Patient"' in response.content.decode()
    assert "OKAFOR, Grace" in title_of(response)
    entry = AuditEntry.objects.last()
    assert (entry.action, entry.patients.get().patient_id) == ("read", patient.pk)


@pytest.mark.parametrize("page", [change_page, alerts_page])
def test_denied_page_names_no_patient(page, login, auditor):
    patient = builders.a_patient(family_name="Okafor")
    response = login(auditor).get(page(patient))
    assert response.status_code == 403
    assert "OKAFOR" not in response.content.decode().upper()


@pytest.mark.parametrize("number", ["999999", "9" * 30])
def test_unknown_patient_is_not_found(number, login, staff):
    assert login(staff).get(f"/patients/{number}/edit/").status_code == 404
