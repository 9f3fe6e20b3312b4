"""What the session page shows, and that a closed session is read-only."""

import re

import pytest
from django.conf import settings

from patients.models import VisitState
from planning.models import Muscle
from planning.pages.actions.visits import change_visit_state
from planning.sessions.actions.injections import add_injections, change_injection
from tests import builders
from tests.planning.session_pages.sending import (
    FETCH,
    details_data,
    guidance_data,
    product_data,
    product_seen,
    row_data,
    row_path,
    send_row,
    vial_data,
)
from tests.planning.session_pages.session_page.page_inputs import body_of, everything, first, inputs
from tests.posted_data import shown_version

pytestmark = pytest.mark.django_db


# What it shows


def test_inputs_are_those_of_the_current_phase(doctor, planned, neurologist):
    row = first(planned)
    prefix = f"s{planned.pk}-i{row.pk}"
    page = body_of(doctor.get(planned.get_absolute_url()))
    assert inputs(page, f"{prefix}-planned_dose") == ""
    assert inputs(page, f"{prefix}-given_dose") is None

    send_row(doctor, row, recording=False, planned_dose="1.11")
    assert doctor.post(f"/sessions/{planned.pk}/record/", shown_version(planned)).status_code == 302
    page = body_of(doctor.get(planned.get_absolute_url()))
    assert inputs(page, f"{prefix}-planned_dose") is None
    assert inputs(page, f"{prefix}-given_dose") == ""
    assert "1.11 units" in page
    assert "not planned" in page  # the other row

    assert doctor.post(f"/sessions/{planned.pk}/plan/", shown_version(planned)).status_code == 302
    assert inputs(body_of(doctor.get(planned.get_absolute_url())), f"{prefix}-planned_dose") == "1.11"


def test_rows_are_first_and_map_is_last_for_reading_and_tab(doctor, given):
    body = body_of(doctor.get(given.get_absolute_url()))
    parts = ("product-form", "injections", "quick-box", "row-tools", "part-vials", "details-form", "part-signbar",
             "part-earlier", "part-map")  # fmt: skip
    places = [body.index(f'id="{name}"') for name in parts]
    assert places == sorted(places)
    css = (settings.BASE_DIR / "planning/static/planning/session.css").read_text()
    assert not re.search(r"\border:", css)  # nothing is drawn in another order


def test_dose_fields_need_a_product(doctor, neurologist):
    session = builders.a_planned_session(by=neurologist, product=None)
    row = first(session)
    page = body_of(doctor.get(session.get_absolute_url()))
    assert "dose" not in {name.partition('"')[0].rpartition("-")[2] for name in page.split('name="')[1:]}
    assert f"i{row.pk}-planned_dose" not in page
    assert "choose the product first" in page

    # And one that is sent anyway is not stored
    response = send_row(doctor, row, recording=False, planned_dose="1.11")
    assert response.status_code == 409
    assert "Choose the product first." in body_of(response)
    row.refresh_from_db()
    assert row.planned_dose == ""


def test_fixed_text_and_product_are_shown_above_the_doses(doctor, planned):
    page = body_of(doctor.get(planned.get_absolute_url()))
    assert "Collum neither suggests nor checks doses." in page
    assert "Doses in units of Botox (onabotulinumtoxinA)" in page


def test_retired_muscle_of_an_open_session_is_marked(doctor, planned, neurologist):
    builders.retire(first(planned).muscle, by=neurologist)
    page = body_of(doctor.get(planned.get_absolute_url()))
    assert '<small class="hint">retired</small>' in page
    assert f'data-muscle="{first(planned).muscle_id}"' not in page


def test_sum_and_number_of_rows_are_shown_while_recording(doctor, given):
    page = " ".join(body_of(doctor.get(given.get_absolute_url())).split())
    assert 'Sum of typed given doses, Botox (2 of 2 injections): <strong class="num">3.33 units</strong>' in page


# Closed sessions


def every_post(session, row, vial):
    """Every URL that writes to a session, with what a browser would send."""
    one, product = f"/sessions/{session.pk}", {"product": product_seen(session)}
    return {
        "product": (f"{one}/product/", product_data(session, builders.a_product("Dysport"), empties_confirmed="on")),
        "details": (f"{one}/details/", details_data(session, notes="changed")),
        "record": (f"{one}/record/", shown_version(session)),
        "plan": (f"{one}/plan/", shown_version(session)),
        "same muscles": (f"{one}/same-muscles/", product),
        "guidance": (f"{one}/guidance/", guidance_data(session, "emg")),
        "row added": (f"{one}/injections/", {"muscle": builders.a_muscle("SCAL").pk, "side": "left", **product}),
        "row typed": (f"{one}/injections/", {"typed": "scal l", **product}),
        "nonsense typed": (f"{one}/injections/", {"typed": "xyzzy", **product}),
        "row changed": (row_path(row), row_data(row, given_dose="4.44")),
        "row unreadable": (row_path(row), row_data(row, given_dose="2,5")),
        "row removed": (row_path(row, "remove/"), {}),
        "row put back": (row_path(row, "restore/"), {**product, **shown_version(row)}),
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
def test_closed_session_is_read_only_and_rejects_every_post(closed, headers, doctor, world):
    session = getattr(world, closed)
    page = body_of(doctor.get(session.get_absolute_url()))
    assert f'action="/sessions/{session.pk}/' not in page
    assert 'class="dose' not in page
    before = everything()
    for name, (path, sent) in every_post(session, first(session), session.vials.first()).items():
        response = doctor.post(path, sent, headers=headers)
        assert response.status_code == 409, name
        message = response.json()["message"] if headers else body_of(response)
        assert SENTENCES[closed] in message, name
    assert everything() == before


def test_session_not_done_shows_reason_and_is_unsigned(doctor, world):
    page = body_of(doctor.get(world.not_done.get_absolute_url()))
    assert "This session was not done: Cancelled: ill The content below is not signed." in page


def test_session_of_a_visit_in_error_is_read_only(doctor, neurologist):
    session = builders.a_planned_session(by=neurologist)
    change_visit_state(
        visit=session.visit, state=VisitState.ENTERED_IN_ERROR, by=neurologist, version=session.visit.version,
        reason="wrong patient",
    )  # fmt: skip
    page = body_of(doctor.get(session.get_absolute_url()))
    assert "Entered in error: wrong patient" in page
    assert 'id="workbench"' not in page


def test_trainee_can_plan_and_record_but_not_sign(client, trainee, given):
    client.force_login(trainee)
    page = body_of(client.get(given.get_absolute_url()))
    assert "/sign/" not in page
    assert "A neurologist signs this session." in page
    assert send_row(client, first(given), given_dose="3.33").status_code == 302
    given.refresh_from_db()
    assert given.recorder == trainee


def test_unknown_session_is_not_found(doctor):
    for pk in (0, 999999, 10**30):
        assert doctor.get(f"/sessions/{pk}/").status_code == 404
        assert doctor.post(f"/sessions/{pk}/record/").status_code == 404


def test_rows_are_shown_in_the_order_added(doctor, neurologist):
    session = builders.a_planned_session(by=neurologist, muscles=())
    for number in range(20):
        muscle = Muscle.objects.create(name=f"Muscle {number:02}", short_name=f"M{number:02}")
        add_injections(session=session, product=session.product, muscle=muscle, sides=["right", "left"], by=neurologist)
    page = body_of(doctor.get(session.get_absolute_url()))
    places = [page.index(f'id="row-{row.pk}"') for row in session.injections.order_by("pk")]
    assert len(places) == 40
    assert places == sorted(places)


def test_row_changed_by_another_user_is_not_removed(doctor, given, trainee):
    # Given a page that was opened before another user typed into the row
    row = first(given)
    opened = row_data(row)
    change_injection(
        injection=row, product=row.session.product, by=trainee, version=row.version, note="typed meanwhile"
    )

    # When that page removes the row, then it is a conflict, and the row is not removed
    response = doctor.post(row_path(row, "remove/"), opened, headers=FETCH)
    assert response.status_code == 409
    assert "has changed this row" in response.json()["message"]
    assert given.injections.active().filter(pk=row.pk).exists()

    # And without a version the row is not removed either
    assert (
        doctor.post(row_path(row, "remove/"), {f"s{given.pk}-i{row.pk}-product": product_seen(given)}).status_code
        == 422
    )
    assert given.injections.active().filter(pk=row.pk).exists()


def test_recording_without_a_plan_shows_a_message(doctor, given):
    assert "No plan was recorded" in body_of(doctor.get(given.get_absolute_url()))
