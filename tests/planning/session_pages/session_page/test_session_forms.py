"""The forms of the session page, with and without scripts: saved, rejected, in conflict; unreadable doses."""

import pytest

from planning.sessions.actions.injections import change_injection
from planning.sessions.actions.sessions import change_session
from planning.sessions.doses import UNREADABLE
from tests import builders
from tests.planning.session_pages.sending import (
    FETCH,
    details_data,
    guidance_data,
    row_data,
    row_path,
    send_details,
    send_row,
)
from tests.planning.session_pages.session_page.page_inputs import body_of, everything, first, inputs
from tests.posted_data import shown_version

pytestmark = pytest.mark.django_db

UNREADABLE_DOSES = [
    "1e1",
    "1_0",
    "١٢",
    "１２",
    "2,5",
    ".5",
    "5.",
    "7 8",
    "1 000",
    "NaN",
    "-1",
    "+1",
    "½",
    "0x1F",
    "1" * 33,
]


# Without scripts: the whole page, or a redirect to it


def test_saved_row_redirects_to_the_page(doctor, given):
    response = send_row(doctor, first(given), given_dose="3.33", note="deep")
    assert (response.status_code, response["Location"]) == (302, given.get_absolute_url())
    assert (first(given).given_dose, first(given).note) == ("3.33", "deep")


def test_unreadable_input_is_reported_and_stays(doctor, given):
    row = first(given)
    response = send_row(doctor, row, given_dose="2.22", sites="many", note="typed note")
    assert response.status_code == 422
    page = body_of(response)
    assert "Type the number of sites as a whole number." in page
    for name, typed in (("given_dose", "2.22"), ("sites", "many"), ("note", "typed note")):
        assert inputs(page, f"s{given.pk}-i{row.pk}-{name}") == typed
    assert first(given).given_dose == "1.11"


def test_stale_row_shows_both_values_and_can_be_saved(doctor, given, trainee):
    # Given a row that another user changes after it was opened
    row = first(given)
    sent = row_data(row, given_dose="3.33")
    change_injection(injection=row, product=row.session.product, by=trainee, version=row.version, given_dose="4.44")

    # When the stale one is sent
    response = doctor.post(row_path(row), sent)

    # Then both values are shown, and the row is not stored
    assert response.status_code == 409
    page = body_of(response)
    assert "Stored now: 4.44. Saving again replaces it with what is shown here." in page
    assert inputs(page, f"s{given.pk}-i{row.pk}-given_dose") == "3.33"
    assert first(given).given_dose == "4.44"

    # And sending the page that was shown replaces it
    sent[f"s{given.pk}-i{row.pk}-version"] = inputs(page, f"s{given.pk}-i{row.pk}-version")
    assert doctor.post(row_path(row), sent).status_code == 302
    assert first(given).given_dose == "3.33"


def test_repeated_save_succeeds(doctor, given):
    row = first(given)
    sent = row_data(row, given_dose="3.33")
    assert doctor.post(row_path(row), sent).status_code == 302
    assert doctor.post(row_path(row), sent).status_code == 302
    assert (first(given).given_dose, first(given).version) == ("3.33", row.version + 1)


def test_stale_details_show_both_values(doctor, given, trainee):
    sent = details_data(given, notes="mine")
    change_session(session=given, by=trainee, version=given.version, notes="theirs")
    response = doctor.post(f"/sessions/{given.pk}/details/", sent)
    assert response.status_code == 409
    assert "Stored now: theirs." in body_of(response)
    assert ">\nmine</textarea>" in body_of(response)


def test_details_are_stored(doctor, given, trainee):
    response = send_details(doctor, given, operator=trainee.pk, given_on=builders.today(), complications="none seen")
    assert response.status_code == 302
    given.refresh_from_db()
    assert (given.operator, given.given_on, given.complications) == (trainee, builders.today(), "none seen")


def test_operator_must_be_a_clinician(doctor, given, staff):
    assert send_details(doctor, given, operator=staff.pk).status_code == 422
    given.refresh_from_db()
    assert given.operator != staff


# A row is read by the form in which it was typed


def test_plan_typed_after_recording_started_is_not_saved(doctor, planned, trainee):
    row = first(planned)
    sent = row_data(row, recording=False, planned_dose="1.11")
    builders.record(planned, by=trainee)
    response = doctor.post(row_path(row), sent, headers=FETCH)
    assert response.status_code == 409
    assert response.json()["message"] == "What was given is being recorded. Go back to the plan to change it."
    assert first(planned).planned_dose == ""


def test_recording_form_does_not_empty_the_reopened_plan(doctor, planned, trainee):
    # Given a planned dose, and a page that records
    row = first(planned)
    send_row(doctor, row, recording=False, planned_dose="1.11")
    planned.refresh_from_db()
    builders.record(planned, by=trainee)
    sent = row_data(row, note="deep")

    # When another user returns to the plan before that page saves
    builders.plan_again(planned, by=trainee)
    assert doctor.post(row_path(row), sent).status_code == 302

    # Then the planned dose is unchanged
    row.refresh_from_db()
    assert (row.planned_dose, row.note) == ("1.11", "deep")

    # And a given dose from that page is rejected, not lost
    response = doctor.post(row_path(row), row_data(row, given_dose="2.22"), headers=FETCH)
    assert response.status_code == 409
    assert "This session is back in planning." in response.json()["message"]


def test_operator_chosen_before_return_to_plan_is_not_saved(doctor, planned, trainee):
    builders.record(planned, by=trainee)
    sent = details_data(planned, operator=trainee.pk)
    builders.plan_again(planned, by=trainee)
    assert doctor.post(f"/sessions/{planned.pk}/details/", sent, headers=FETCH).status_code == 409


# With scripts


def test_script_gets_only_the_workbench(doctor, given):
    for response in (
        doctor.get(given.get_absolute_url(), headers=FETCH),
        send_row(doctor, first(given), headers=FETCH, given_dose="3.33"),
        doctor.post(f"/sessions/{given.pk}/guidance/", guidance_data(given, "emg"), headers=FETCH),
        send_details(doctor, given, headers=FETCH, notes="note"),
    ):
        assert response.status_code == 200
        page = body_of(response).strip()
        assert "<html" not in page
        assert 'id="workbench"' in page
        assert 'data-saved-at="' in page
    assert inputs(page, f"s{given.pk}-i{first(given).pk}-given_dose") == "3.33"


def test_script_gets_errors_by_input_name(doctor, given):
    row = first(given)
    response = send_row(doctor, row, headers=FETCH, given_dose="2,5", sites="many")
    assert response.status_code == 422
    errors = response.json()["errors"]
    assert errors.keys() == {f"s{given.pk}-i{row.pk}-given_dose", f"s{given.pk}-i{row.pk}-sites"}
    assert errors[f"s{given.pk}-i{row.pk}-given_dose"] == [UNREADABLE]


def test_script_gets_both_values_and_version_of_a_conflict(doctor, given, trainee):
    row = first(given)
    sent = row_data(row, given_dose="3.33")
    change_injection(injection=row, product=row.session.product, by=trainee, version=row.version, given_dose="4.44")
    response = doctor.post(row_path(row), sent, headers=FETCH)
    assert response.status_code == 409
    conflict = response.json()
    name = f"s{given.pk}-i{row.pk}-given_dose"
    assert conflict["stored"] == {name: {"label": "given", "value": "4.44"}}
    assert conflict["version"] == str(first(given).version)
    assert conflict["stored_by"] == "Another user"
    assert conflict["message"] == "Another user has changed this. Read it again before you save."


def test_conflict_with_your_own_other_tab_names_you(doctor, given):
    row = first(given)
    sent = row_data(row, given_dose="3.33")
    assert send_row(doctor, row, headers=FETCH, given_dose="4.44").status_code == 200
    response = doctor.post(row_path(row), sent, headers=FETCH)
    assert response.json()["stored_by"] == "You, in another tab,"


def test_script_without_a_login_gets_the_login_url(client, given):
    response = send_row(client, first(given), headers=FETCH, given_dose="3.33")
    assert response.status_code == 401
    assert response.json() == {"message": "Your login has ended.", "login": "/accounts/login/"}
    assert first(given).given_dose == "1.11"


def test_form_of_another_login_is_rejected(doctor, given, trainee, neurologist):
    row = first(given)
    sent = row_data(row, given_dose="3.33")
    response = doctor.post(row_path(row), sent, headers={**FETCH, "X-Person": str(trainee.pk)})
    assert response.status_code == 409
    assert "Another user is logged in now." in response.json()["message"]
    assert first(given).given_dose == "1.11"

    response = doctor.post(row_path(row), sent, headers={**FETCH, "X-Person": str(neurologist.pk)})
    assert response.status_code == 200
    assert first(given).given_dose == "3.33"


# Doses


# Both fields have one reader, so that the short run sends to each of them every other value.
IN_SHORT_RUN = {(typed, number % 2 == 0) for number, typed in enumerate(UNREADABLE_DOSES)}


@pytest.mark.parametrize(
    ("typed", "recording"),
    [
        pytest.param(typed, recording, marks=() if (typed, recording) in IN_SHORT_RUN else pytest.mark.full)
        for typed in UNREADABLE_DOSES
        for recording in (True, False)
    ],
)
@pytest.mark.sample(2)
def test_unreadable_dose_is_rejected_with_a_message_and_stays(doctor, world, typed, recording):
    session = world.given if recording else world.planned
    row = first(session)
    field = "given_dose" if recording else "planned_dose"
    name = f"s{session.pk}-i{row.pk}-{field}"
    before = everything()

    response = send_row(doctor, row, recording=recording, **{field: typed})
    assert response.status_code == 422
    assert response.context["refused_form"].errors == {field: [UNREADABLE]}
    assert inputs(body_of(response), name) == typed

    response = send_row(doctor, row, recording=recording, headers=FETCH, **{field: typed})
    assert (response.status_code, response.json()["errors"]) == (422, {name: [UNREADABLE]})
    assert everything() == before


@pytest.mark.parametrize("typed", ["2.50", "0", "00.10", "0.0", "12345678901234567890.5", "1" * 32])
@pytest.mark.sample(2)
def test_dose_is_shown_as_typed(doctor, planned, typed):
    session, row = planned, first(planned)
    assert send_row(doctor, row, recording=False, planned_dose=f" {typed} ").status_code == 302
    page = body_of(doctor.get(session.get_absolute_url()))
    assert inputs(page, f"s{session.pk}-i{row.pk}-planned_dose") == typed
    doctor.post(f"/sessions/{session.pk}/record/", shown_version(session))
    page = body_of(doctor.get(session.get_absolute_url()))
    assert f"{typed} units" in page
    assert send_row(doctor, row, given_dose=typed).status_code == 302
    page = body_of(doctor.get(session.get_absolute_url()))
    assert inputs(page, f"s{session.pk}-i{row.pk}-given_dose") == typed
    assert session.content()["injections"][0]["given_dose"] == typed
