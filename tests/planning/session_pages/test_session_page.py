"""The page of a session: what it shows, and what it does with what is typed on it, with scripts and without."""

from types import SimpleNamespace

import pytest
from django.contrib.messages import get_messages

from patients.models import VisitState
from planning.models import Injection, InjectionSession, Muscle, Vial
from planning.pages.actions.visits import change_visit_state
from planning.sessions.actions.injections import add_injections, change_injection
from planning.sessions.actions.sessions import change_session, choose_product
from planning.sessions.doses import UNREADABLE
from tests import builders
from tests.planning.session_pages.sending import (
    FETCH,
    details_data,
    guidance_data,
    product_data,
    product_seen,
    row_data,
    row_path,
    send_details,
    send_product,
    send_row,
    vial_data,
)
from tests.seen import seen

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


@pytest.fixture(scope="module")
def made_world(module_transaction):
    """Sessions of one neurologist, each at an hour at which no test books."""
    neurologist = builders.a_person("neurologist", printed_name="Dr A. Morgan")

    def visit(hour):
        return builders.an_arrived_visit(clinician=neurologist, hour=hour)

    return SimpleNamespace(
        neurologist=neurologist,
        planned=builders.a_planned_session(by=neurologist, visit=visit(4)),
        given=builders.a_given_session(by=neurologist, visit=visit(5)),
        signed=a_signed_session_with_a_vial(by=neurologist, visit=visit(6)),
        not_done=a_session_not_done(by=neurologist, visit=visit(7)),
    )


def a_signed_session_with_a_vial(*, by, visit):
    session = builders.a_given_session(by=by, visit=visit)
    builders.a_vial(session=session, by=by)
    builders.sign(session, by=by)
    return builders.now(session)


def a_session_not_done(*, by, visit):
    session = builders.a_planned_session(by=by, visit=visit)
    visit = session.visit
    change_visit_state(visit=visit, state=VisitState.CANCELLED, by=by, version=visit.version, reason="ill")
    return builders.now(session)


@pytest.fixture
def neurologist(world):
    return world.neurologist


@pytest.fixture
def doctor(client, neurologist):
    client.force_login(neurologist)
    return client


@pytest.fixture
def planned(world):
    return world.planned


@pytest.fixture
def given(world):
    return world.given


def first(session):
    return session.injections.in_order().first()


def body_of(response):
    return response.content.decode()


def inputs(body, name):
    """The value of the input with that name; None where there is none."""
    tag = next((tag for tag in body.split("<input")[1:] if f'name="{name}"' in tag), None)
    if tag is None:
        return None
    tag = tag.split(">")[0]
    return tag.partition('value="')[2].partition('"')[0]


def everything():
    return [list(model.objects.order_by("pk").values()) for model in (InjectionSession, Injection, Vial)]


# What it shows


def test_only_the_plan_is_an_input_while_planning_and_only_what_was_given_while_recording(doctor, planned, neurologist):
    row = first(planned)
    prefix = f"s{planned.pk}-i{row.pk}"
    page = body_of(doctor.get(planned.get_absolute_url()))
    assert inputs(page, f"{prefix}-planned_dose") == ""
    assert inputs(page, f"{prefix}-given_dose") is None

    send_row(doctor, row, recording=False, planned_dose="1.11")
    assert doctor.post(f"/sessions/{planned.pk}/record/", seen(planned)).status_code == 302
    page = body_of(doctor.get(planned.get_absolute_url()))
    assert inputs(page, f"{prefix}-planned_dose") is None
    assert inputs(page, f"{prefix}-given_dose") == ""
    assert "1.11 units" in page
    assert "not planned" in page  # the other row

    assert doctor.post(f"/sessions/{planned.pk}/plan/", seen(planned)).status_code == 302
    assert inputs(body_of(doctor.get(planned.get_absolute_url())), f"{prefix}-planned_dose") == "1.11"


def test_before_a_product_is_chosen_no_dose_field_opens(doctor, neurologist):
    session = builders.a_planned_session(by=neurologist, product=None)
    row = first(session)
    page = body_of(doctor.get(session.get_absolute_url()))
    assert "dose" not in {name.partition('"')[0].rpartition("-")[2] for name in page.split('name="')[1:]}
    assert f"i{row.pk}-planned_dose" not in page
    assert "choose the product first" in page

    # And one that is sent all the same is not kept
    response = send_row(doctor, row, recording=False, planned_dose="1.11")
    assert response.status_code == 409
    assert "Choose the product first." in body_of(response)
    row.refresh_from_db()
    assert row.planned_dose == ""


def test_the_fixed_words_and_the_product_stand_above_the_doses(doctor, planned):
    page = body_of(doctor.get(planned.get_absolute_url()))
    assert "Collum neither suggests nor checks doses." in page
    assert "doses in units of Botox (onabotulinumtoxinA)" in page


def test_a_retired_muscle_in_an_open_session_is_kept_and_called_retired(doctor, planned, neurologist):
    builders.retire(first(planned).muscle, by=neurologist)
    page = body_of(doctor.get(planned.get_absolute_url()))
    assert '<small class="hint">retired</small>' in page
    assert f'data-muscle="{first(planned).muscle_id}"' not in page


def test_the_sum_stands_there_while_recording_and_says_of_how_many(doctor, given):
    page = " ".join(body_of(doctor.get(given.get_absolute_url())).split())
    assert 'Sum of typed given doses, Botox (2 of 2 injections): <strong class="num">3.33 units</strong>' in page


# Without scripts: the whole page, or a redirect to it


def test_a_row_that_is_saved_leads_back_to_the_page(doctor, given):
    response = send_row(doctor, first(given), given_dose="3.33", note="deep")
    assert (response.status_code, response["Location"]) == (302, given.get_absolute_url())
    assert (first(given).given_dose, first(given).note) == ("3.33", "deep")


def test_what_cannot_be_read_comes_back_with_a_reason_and_is_kept(doctor, given):
    row = first(given)
    response = send_row(doctor, row, given_dose="2.22", sites="many", note="typed note")
    assert response.status_code == 422
    page = body_of(response)
    assert "Type the number of sites as a whole number." in page
    for name, typed in (("given_dose", "2.22"), ("sites", "many"), ("note", "typed note")):
        assert inputs(page, f"s{given.pk}-i{row.pk}-{name}") == typed
    assert first(given).given_dose == "1.11"


def test_a_stale_row_shows_both_values_and_goes_on_from_there(doctor, given, trainee):
    # Given a row that somebody else changes after it was opened
    row = first(given)
    sent = row_data(row, given_dose="3.33")
    change_injection(injection=row, product=row.session.product, by=trainee, version=row.version, given_dose="4.44")

    # When the stale one is sent
    response = doctor.post(row_path(row), sent)

    # Then both stand there, and nothing was stored
    assert response.status_code == 409
    page = body_of(response)
    assert "Stored now: 4.44. Saving again replaces it with what is shown here." in page
    assert inputs(page, f"s{given.pk}-i{row.pk}-given_dose") == "3.33"
    assert first(given).given_dose == "4.44"

    # And sending the page that was shown replaces it
    sent[f"s{given.pk}-i{row.pk}-version"] = inputs(page, f"s{given.pk}-i{row.pk}-version")
    assert doctor.post(row_path(row), sent).status_code == 302
    assert first(given).given_dose == "3.33"


def test_the_same_save_sent_again_after_a_lost_answer_is_a_success(doctor, given):
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


def test_details_are_kept(doctor, given, trainee):
    response = send_details(doctor, given, operator=trainee.pk, given_on=builders.today(), complications="none seen")
    assert response.status_code == 302
    given.refresh_from_db()
    assert (given.operator, given.given_on, given.complications) == (trainee, builders.today(), "none seen")


def test_an_operator_who_is_no_clinician_is_refused(doctor, given, staff):
    assert send_details(doctor, given, operator=staff.pk).status_code == 422
    given.refresh_from_db()
    assert given.operator != staff


# A row is read by the form in which it was typed


def test_a_plan_typed_while_somebody_started_recording_is_not_called_saved(doctor, planned, trainee):
    row = first(planned)
    sent = row_data(row, recording=False, planned_dose="1.11")
    builders.record(planned, by=trainee)
    response = doctor.post(row_path(row), sent, headers=FETCH)
    assert response.status_code == 409
    assert response.json()["sentence"] == "What was given is being recorded. Go back to the plan to change it."
    assert first(planned).planned_dose == ""


def test_a_row_of_the_recording_page_does_not_empty_the_plan_to_which_somebody_went_back(doctor, planned, trainee):
    # Given a planned dose, and a page that records
    row = first(planned)
    send_row(doctor, row, recording=False, planned_dose="1.11")
    planned.refresh_from_db()
    builders.record(planned, by=trainee)
    sent = row_data(row, note="deep")

    # When somebody goes back to the plan before that page saves
    builders.plan_again(planned, by=trainee)
    assert doctor.post(row_path(row), sent).status_code == 302

    # Then the planned dose stands
    row.refresh_from_db()
    assert (row.planned_dose, row.note) == ("1.11", "deep")

    # And a given dose from that page is refused, not lost
    response = doctor.post(row_path(row), row_data(row, given_dose="2.22"), headers=FETCH)
    assert response.status_code == 409
    assert "This session is back in planning." in response.json()["sentence"]


def test_an_operator_chosen_before_somebody_went_back_to_the_plan_is_not_called_saved(doctor, planned, trainee):
    builders.record(planned, by=trainee)
    sent = details_data(planned, operator=trainee.pk)
    builders.plan_again(planned, by=trainee)
    assert doctor.post(f"/sessions/{planned.pk}/details/", sent, headers=FETCH).status_code == 409


# With scripts


def test_a_script_gets_the_workbench_and_nothing_around_it(doctor, given):
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


def test_a_script_gets_errors_by_the_names_of_the_inputs(doctor, given):
    row = first(given)
    response = send_row(doctor, row, headers=FETCH, given_dose="2,5", sites="many")
    assert response.status_code == 422
    errors = response.json()["errors"]
    assert errors.keys() == {f"s{given.pk}-i{row.pk}-given_dose", f"s{given.pk}-i{row.pk}-sites"}
    assert errors[f"s{given.pk}-i{row.pk}-given_dose"] == [UNREADABLE]


def test_a_script_gets_both_values_of_a_conflict_and_the_version_to_go_on_from(doctor, given, trainee):
    row = first(given)
    sent = row_data(row, given_dose="3.33")
    change_injection(injection=row, product=row.session.product, by=trainee, version=row.version, given_dose="4.44")
    response = doctor.post(row_path(row), sent, headers=FETCH)
    assert response.status_code == 409
    answer = response.json()
    name = f"s{given.pk}-i{row.pk}-given_dose"
    assert answer["stored"] == {name: {"label": "given", "value": "4.44"}}
    assert answer["version"] == str(first(given).version)
    assert answer["sentence"] == "Another user has changed this. Read it again before you save."


def test_a_script_whose_login_has_ended_is_told_where_to_log_in(client, given):
    response = send_row(client, first(given), headers=FETCH, given_dose="3.33")
    assert response.status_code == 401
    assert response.json() == {"sentence": "Your login has ended.", "login": "/accounts/login/"}
    assert first(given).given_dose == "1.11"


def test_what_was_typed_under_another_login_is_refused(doctor, given, trainee, neurologist):
    row = first(given)
    sent = row_data(row, given_dose="3.33")
    response = doctor.post(row_path(row), sent, headers={**FETCH, "X-Person": str(trainee.pk)})
    assert response.status_code == 409
    assert "Another user is logged in now." in response.json()["sentence"]
    assert first(given).given_dose == "1.11"

    response = doctor.post(row_path(row), sent, headers={**FETCH, "X-Person": str(neurologist.pk)})
    assert response.status_code == 200
    assert first(given).given_dose == "3.33"


# Doses


@pytest.mark.parametrize("typed", UNREADABLE_DOSES)
@pytest.mark.parametrize("recording", [True, False], ids=["given", "planned"])
def test_an_unreadable_dose_is_refused_with_one_sentence_and_kept(doctor, world, typed, recording):
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
def test_a_dose_comes_back_as_it_was_typed(doctor, planned, typed):
    session, row = planned, first(planned)
    assert send_row(doctor, row, recording=False, planned_dose=f" {typed} ").status_code == 302
    page = body_of(doctor.get(session.get_absolute_url()))
    assert inputs(page, f"s{session.pk}-i{row.pk}-planned_dose") == typed
    doctor.post(f"/sessions/{session.pk}/record/", seen(session))
    page = body_of(doctor.get(session.get_absolute_url()))
    assert f"{typed} units" in page
    assert send_row(doctor, row, given_dose=typed).status_code == 302
    page = body_of(doctor.get(session.get_absolute_url()))
    assert inputs(page, f"s{session.pk}-i{row.pk}-given_dose") == typed
    assert session.content()["injections"][0]["given_dose"] == typed


# Product


def test_a_change_of_product_asks_first_then_empties(doctor, given, neurologist):
    builders.a_vial(session=given, by=neurologist)
    dysport = builders.a_product("Dysport")

    # When another product is chosen, then Collum says what would go, and nothing goes
    response = send_product(doctor, given, dysport)
    assert response.status_code == 409
    assert "Changing the product removes what was typed for it: 2 doses, 1 vial." in body_of(response)
    asked = send_product(doctor, given, dysport, headers=FETCH)
    assert asked.status_code == 409
    assert "Changing back does not restore it." in asked.json()["errors"][f"s{given.pk}-product-product"][0]
    given.refresh_from_db()
    assert given.product.brand_name == "Botox"
    assert first(given).given_dose == "1.11"

    # When that is confirmed, then it is done
    assert send_product(doctor, given, dysport, empties_confirmed="on").status_code == 302
    given.refresh_from_db()
    assert given.product == dysport
    assert [row.given_dose for row in given.injections.all()] == ["", ""]
    assert given.vials.count() == 0

    # And changing back restores nothing
    assert send_product(doctor, given, builders.a_product("Botox")).status_code == 302
    assert [row.given_dose for row in given.injections.all()] == ["", ""]


def test_a_stale_choice_of_product_says_what_is_stored_and_can_be_made_again(doctor, planned, trainee):
    sent = product_data(planned, builders.a_product("Dysport"))
    choose_product(session=planned, product=builders.a_product("Xeomin"), by=trainee, version=planned.version)
    answer = doctor.post(f"/sessions/{planned.pk}/product/", sent, headers=FETCH)
    assert answer.status_code == 409
    assert "Its product is Xeomin (incobotulinumtoxinA)." in answer.json()["sentence"]
    response = doctor.post(f"/sessions/{planned.pk}/product/", sent)
    assert response.status_code == 409
    sent[f"s{planned.pk}-product-version"] = inputs(body_of(response), f"s{planned.pk}-product-version")
    assert doctor.post(f"/sessions/{planned.pk}/product/", sent).status_code == 302
    planned.refresh_from_db()
    assert planned.product.brand_name == "Dysport"


def test_a_retired_product_is_not_offered_but_stays_where_it_was_chosen(doctor, planned, neurologist):
    builders.retire(builders.a_product("Dysport"), by=neurologist)
    assert "Dysport" not in body_of(doctor.get(planned.get_absolute_url()))
    assert send_product(doctor, planned, builders.a_product("Dysport")).status_code == 422
    builders.retire(planned.product, by=neurologist)
    assert "Botox — onabotulinumtoxinA (retired)" in body_of(doctor.get(planned.get_absolute_url()))


# Rows, vials, consents, the same muscles


def test_a_removed_row_can_be_put_back_as_it_was(doctor, given):
    row = first(given)
    assert doctor.post(row_path(row, "remove/"), row_data(row)).status_code == 302
    page = " ".join(body_of(doctor.get(given.get_absolute_url())).split())
    assert "Restore Sternocleidomastoid, right" in page
    sent = {"product": product_seen(row.session), **seen(row)}
    assert doctor.post(row_path(row, "restore/"), sent).status_code == 302
    assert given.injections.active().filter(pk=row.pk, given_dose="1.11").exists()


def test_a_press_on_the_map_adds_the_row_once(doctor, planned):
    muscle = builders.a_muscle("SCAL")
    for _ in range(2):
        response = doctor.post(
            f"/sessions/{planned.pk}/injections/",
            {"muscle": muscle.pk, "side": "left", "product": product_seen(planned)},
        )
        assert response.status_code == 302
    assert planned.injections.filter(muscle=muscle, side="left").count() == 1
    assert 'aria-label="Scalene, left, chosen"' in body_of(doctor.get(planned.get_absolute_url()))


@pytest.mark.parametrize("sent", [{}, {"muscle": "1"}, {"side": "right"}, {"muscle": "x", "side": "right"},
                                  {"muscle": "9" * 30, "side": "right"}, {"muscle": "1", "side": "both"}])  # fmt: skip
def test_a_press_that_says_no_muscle_and_side_is_refused(doctor, planned, sent):
    assert (
        doctor.post(
            f"/sessions/{planned.pk}/injections/", {**sent, "product": product_seen(planned)}, headers=FETCH
        ).status_code
        == 422
    )
    assert planned.injections.count() == 2


def test_guidance_can_be_set_for_all_rows(doctor, given):
    assert doctor.post(f"/sessions/{given.pk}/guidance/", guidance_data(given, "emg")).status_code == 302
    assert {row.guidance for row in given.injections.all()} == {"emg"}
    assert doctor.post(f"/sessions/{given.pk}/guidance/", guidance_data(given, "dowsing")).status_code == 422


def test_a_vial_sent_twice_is_one_vial(doctor, given):
    sent = vial_data(given, lot_number="LOT-7")
    for _ in range(2):
        assert doctor.post(f"/sessions/{given.pk}/vials/", sent).status_code == 302
    assert given.vials.count() == 1
    other = doctor.post(f"/sessions/{given.pk}/vials/", {**sent, f"s{given.pk}-vial-lot_number": "LOT-8"})
    assert other.status_code == 409
    assert "This form was already sent with different content." in body_of(other)


def test_a_vial_of_another_session_of_today_is_offered_with_lot_and_expiry_only(doctor, given, neurologist):
    earlier = builders.a_given_session(by=neurologist, visit=builders.an_arrived_visit(clinician=neurologist, hour=8))
    builders.a_vial(session=earlier, by=neurologist, lot_number="LOT-EARLIER", expiry="11/30", size="size-as-printed")
    page = body_of(doctor.get(given.get_absolute_url()))
    assert "Lot LOT-EARLIER, expiry 11/30" in page
    assert "size-as-printed" not in page


def test_a_vial_that_a_row_names_is_not_removed(doctor, given, neurologist):
    vial = builders.a_vial(session=given, by=neurologist)
    row = first(given)
    change_injection(injection=row, product=row.session.product, by=neurologist, version=row.version, vial=vial)
    response = doctor.post(
        f"/sessions/{given.pk}/vials/{vial.pk}/remove/",
        {f"s{given.pk}-v{vial.pk}-version": 1, f"s{given.pk}-v{vial.pk}-product": product_seen(given)},
    )
    assert response.status_code in {409, 422}
    assert Vial.objects.filter(pk=vial.pk).exists()


def test_a_consent_is_recorded_once_and_named_in_the_session(doctor, given):
    sent = {"submission_key": builders.a_submission_key(), "given_by": "The patient", "form_version": "3.1"}
    sent = {f"s{given.pk}-consent-{name}": value for name, value in sent.items()}
    sent[f"s{given.pk}-consent-given_on"] = builders.today()
    for _ in range(2):
        assert doctor.post(f"/sessions/{given.pk}/consents/", sent).status_code == 302
    given.refresh_from_db()
    assert given.consent.form_version == "3.1"
    assert given.visit.patient.consents.count() == 1


def test_the_same_muscles_come_without_doses(doctor, neurologist):
    patient = builders.a_patient()
    earlier = builders.a_signed_session(
        by=neurologist, visit=builders.an_arrived_visit(patient=patient, clinician=neurologist, hour=8)
    )
    session = builders.a_planned_session(
        by=neurologist, visit=builders.an_arrived_visit(patient=patient, clinician=neurologist), muscles=()
    )
    assert "Same muscles as" in body_of(doctor.get(session.get_absolute_url()))
    assert doctor.post(f"/sessions/{session.pk}/same-muscles/", {"product": product_seen(session)}).status_code == 302
    rows = list(session.injections.in_order())
    assert [(row.muscle, row.side) for row in rows] == [(row.muscle, row.side) for row in earlier.injections.in_order()]
    assert {(row.planned_dose, row.given_dose, row.guidance, row.sites, row.vial) for row in rows} == {
        ("", "", "", None, None)
    }


def test_muscles_that_cannot_be_taken_over_are_named(doctor, neurologist):
    patient = builders.a_patient()
    builders.a_signed_session(
        by=neurologist, visit=builders.an_arrived_visit(patient=patient, clinician=neurologist, hour=8)
    )
    session = builders.a_planned_session(
        by=neurologist, visit=builders.an_arrived_visit(patient=patient, clinician=neurologist), muscles=()
    )
    builders.retire(builders.a_muscle("LS"), by=neurologist)
    response = doctor.post(f"/sessions/{session.pk}/same-muscles/", {"product": product_seen(session)})
    assert [str(message) for message in get_messages(response.wsgi_request)] == ["Levator scapulae is retired."]
    assert 'data-words="Levator' in body_of(
        doctor.post(f"/sessions/{session.pk}/same-muscles/", {"product": product_seen(session)}, headers=FETCH)
    )


def test_without_an_earlier_session_there_is_nothing_to_take_over(doctor, planned):
    assert "Same muscles as" not in body_of(doctor.get(planned.get_absolute_url()))
    response = doctor.post(f"/sessions/{planned.pk}/same-muscles/")
    assert response.status_code == 409
    assert "There is no earlier signed session of this patient." in body_of(response)


def test_recording_cannot_begin_without_a_product_or_before_the_day(doctor, neurologist):
    session = builders.a_planned_session(by=neurologist, product=None)
    response = doctor.post(f"/sessions/{session.pk}/record/", seen(session))
    assert response.status_code == 409
    assert "Choose the product first." in body_of(response)


# Closed sessions


def every_post(session, row, vial):
    """Every address that writes to a session, with what a browser would send."""
    one, product = f"/sessions/{session.pk}", {"product": product_seen(session)}
    return {
        "product": (f"{one}/product/", product_data(session, builders.a_product("Dysport"), empties_confirmed="on")),
        "details": (f"{one}/details/", details_data(session, notes="changed")),
        "record": (f"{one}/record/", seen(session)),
        "plan": (f"{one}/plan/", seen(session)),
        "same muscles": (f"{one}/same-muscles/", product),
        "guidance": (f"{one}/guidance/", guidance_data(session, "emg")),
        "row added": (f"{one}/injections/", {"muscle": builders.a_muscle("SCAL").pk, "side": "left", **product}),
        "row typed": (f"{one}/injections/", {"typed": "scal l", **product}),
        "nonsense typed": (f"{one}/injections/", {"typed": "xyzzy", **product}),
        "row changed": (row_path(row), row_data(row, given_dose="4.44")),
        "row unreadable": (row_path(row), row_data(row, given_dose="2,5")),
        "row removed": (row_path(row, "remove/"), {}),
        "row put back": (row_path(row, "restore/"), {**product, **seen(row)}),
        "vial added": (f"{one}/vials/", vial_data(session)),
        "consent": (f"{one}/consents/", {}),
        **({"vial changed": (f"{one}/vials/{vial.pk}/", {f"s{session.pk}-v{vial.pk}-version": vial.version,
                                                        f"s{session.pk}-v{vial.pk}-product": product_seen(session),
                                                        f"s{session.pk}-v{vial.pk}-lot_number": "LOT-9"}),
            "vial removed": (f"{one}/vials/{vial.pk}/remove/", {f"s{session.pk}-v{vial.pk}-version": vial.version,
                                                                f"s{session.pk}-v{vial.pk}-product": product["product"],
                                                                })} if vial else {}),
    }  # fmt: skip


SENTENCES = {"signed": "This session is signed.", "not_done": "This session was not done: Cancelled: ill"}


@pytest.mark.parametrize("closed", SENTENCES)
@pytest.mark.parametrize("headers", [{}, FETCH], ids=["page", "script"])
def test_a_closed_session_is_read_only_and_refuses_every_post(closed, headers, doctor, world):
    session = getattr(world, closed)
    page = body_of(doctor.get(session.get_absolute_url()))
    assert f'action="/sessions/{session.pk}/' not in page
    assert 'class="dose' not in page
    before = everything()
    for name, (path, sent) in every_post(session, first(session), session.vials.first()).items():
        response = doctor.post(path, sent, headers=headers)
        assert response.status_code == 409, name
        said = response.json()["sentence"] if headers else body_of(response)
        assert SENTENCES[closed] in said, name
    assert everything() == before


def test_a_session_that_was_not_done_says_why_and_that_nothing_was_signed(doctor, world):
    page = body_of(doctor.get(world.not_done.get_absolute_url()))
    assert "This session was not done: Cancelled: ill The content below is not signed." in page


def test_the_page_of_an_entered_in_error_visit_is_closed_too(doctor, neurologist):
    session = builders.a_planned_session(by=neurologist)
    change_visit_state(
        visit=session.visit, state=VisitState.ENTERED_IN_ERROR, by=neurologist, version=session.visit.version,
        reason="wrong patient",
    )  # fmt: skip
    page = body_of(doctor.get(session.get_absolute_url()))
    assert "Entered in error: wrong patient" in page
    assert 'id="workbench"' not in page


def test_a_trainee_plans_and_records_but_finds_no_way_to_sign(client, trainee, given):
    client.force_login(trainee)
    page = body_of(client.get(given.get_absolute_url()))
    assert "/sign/" not in page
    assert "A neurologist signs this session." in page
    assert send_row(client, first(given), given_dose="3.33").status_code == 302
    given.refresh_from_db()
    assert given.recorder == trainee


def test_an_unknown_session_is_not_found(doctor):
    for pk in (0, 999999, 10**30):
        assert doctor.get(f"/sessions/{pk}/").status_code == 404
        assert doctor.post(f"/sessions/{pk}/record/").status_code == 404


def test_forty_sides_are_shown_in_the_order_in_which_they_were_added(doctor, neurologist):
    session = builders.a_planned_session(by=neurologist, muscles=())
    for number in range(20):
        muscle = Muscle.objects.create(name=f"Muscle {number:02}", short_name=f"M{number:02}")
        add_injections(session=session, product=session.product, muscle=muscle, sides=["right", "left"], by=neurologist)
    page = body_of(doctor.get(session.get_absolute_url()))
    places = [page.index(f'id="row-{row.pk}"') for row in session.injections.order_by("pk")]
    assert len(places) == 40
    assert places == sorted(places)


def test_a_row_in_which_somebody_typed_since_is_not_removed(doctor, given, trainee):
    # Given a page that was opened before somebody else typed into the row
    row = first(given)
    opened = row_data(row)
    change_injection(
        injection=row, product=row.session.product, by=trainee, version=row.version, note="typed meanwhile"
    )

    # When that page removes the row, then it is a conflict, and the row stands
    response = doctor.post(row_path(row, "remove/"), opened, headers=FETCH)
    assert response.status_code == 409
    assert "has changed this row" in response.json()["sentence"]
    assert given.injections.active().filter(pk=row.pk).exists()

    # And without the version that was read nothing is removed either
    assert (
        doctor.post(row_path(row, "remove/"), {f"s{given.pk}-i{row.pk}-product": product_seen(given)}).status_code
        == 422
    )
    assert given.injections.active().filter(pk=row.pk).exists()


def test_a_session_without_a_typed_plan_says_so_while_recording(doctor, given):
    assert "No plan was recorded" in body_of(doctor.get(given.get_absolute_url()))
