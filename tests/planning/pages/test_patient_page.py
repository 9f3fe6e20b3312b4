"""A patient's page: who it is, and what was done, as it was signed."""

import datetime as dt
import re

import pytest

from patients.followups.actions import record_no_follow_up
from patients.people.actions.patients import review_alerts
from planning.models import Muscle
from planning.sessions.actions.injections import change_injection, remove_injection
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(client, neurologist):
    client.force_login(neurologist)
    return client


@pytest.fixture
def patient():
    return builders.a_patient(
        family_name="O’Neill-Söderström", given_name="Ingrid", date_of_birth=dt.date(1969, 3, 14), record_number="RN-77"
    )


def body_of(response):
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def session_on(patient, *, by, days_ago=0, make=builders.a_signed_session, **details):
    visit = builders.a_visit(patient=patient, clinician=by, day=builders.today() - dt.timedelta(days=days_ago))
    return make(by=by, visit=visit, **details)


def test_banner_shows_identity_and_alerts(doctor, patient, neurologist):
    page = body_of(doctor.get(patient.get_absolute_url()))
    for words in (
        "O’NEILL-SÖDERSTRÖM, Ingrid",
        f"14 Mar 1969 ({patient.age_text})",
        "Female",
        "RN-77",
        "not asked",
    ):
        assert words in page
    review_alerts(
        patient=patient, by=neurologist, version=patient.version, alert_anticoagulant="apixaban", alert_allergy=""
    )
    page = body_of(doctor.get(patient.get_absolute_url()))
    assert "Anticoagulant: apixaban , reviewed" in page.replace("apixaban,", "apixaban ,")


def test_banner_is_on_every_page_of_the_patient(doctor, patient, neurologist):
    given = session_on(patient, by=neurologist, days_ago=1, make=builders.a_given_session)
    signed = session_on(patient, by=neurologist, days_ago=2)
    for path in (
        patient.get_absolute_url(), f"/patients/{patient.pk}/edit/", f"/patients/{patient.pk}/alerts/",
        f"/patients/{patient.pk}/visits/new/", given.visit.get_absolute_url(), given.get_absolute_url(),
        f"/sessions/{given.pk}/sign/", signed.get_absolute_url(), signed.record().get_absolute_url(),
    ):  # fmt: skip
        page = body_of(doctor.get(path))
        banner = page[page.index('class="banner"') : page.index("</section>", page.index('class="banner"'))]
        for words in ("O’NEILL-SÖDERSTRÖM, Ingrid", "14 Mar 1969", "RN-77", "Alerts"):
            assert words in banner, path


def test_visits_are_listed_newest_first_with_muscles(doctor, patient, neurologist):
    old = session_on(patient, by=neurologist, days_ago=100)
    new = session_on(patient, by=neurologist, days_ago=1, muscles=(("SCAL", "left"),), doses=("1.11",))
    page = doctor.get(patient.get_absolute_url())
    assert list(page.context["visits"]) == [new.visit, old.visit]
    body = body_of(page)
    assert "Botox: Sternocleidomastoid right · Levator scapulae right" in body
    listed = body[body.index('id="visits-title"') :]
    assert listed.index("Botox: Scalene left") < listed.index("Botox: Sternocleidomastoid right")


def test_renamed_muscles_are_shown_as_signed(doctor, patient, neurologist):
    session_on(patient, by=neurologist, days_ago=1)
    session_on(patient, by=neurologist, make=builders.a_planned_session)
    muscle = Muscle.objects.get(short_name="SCM")
    muscle.name = "Renamed"
    muscle.save()
    body = body_of(doctor.get(patient.get_absolute_url()))
    listed = body[body.index('id="visits-title"') :]
    assert listed.count("Sternocleidomastoid right") == 1  # the signed one
    assert listed.count("Renamed right") == 1  # the planned one
    course = body[: body.index('id="visits-title"')]
    assert "Sternocleidomastoid right" in course
    assert "Renamed" not in course


def test_renamed_product_is_shown_as_signed(doctor, patient, neurologist):
    session = session_on(patient, by=neurologist, days_ago=1)
    product = builders.a_product("Botox")
    product.brand_name = "Renamedin"
    product.save()
    for path in (patient.get_absolute_url(), session.visit.get_absolute_url()):
        body = body_of(doctor.get(path))
        assert "Renamedin" not in body
        assert "Botox" in body


def test_row_not_given_is_marked_and_removed_row_is_hidden(doctor, patient, neurologist):
    session = session_on(patient, by=neurologist, make=builders.a_given_session)
    first, second = session.injections.in_order()
    change_injection(
        injection=first,
        product=first.session.product,
        by=neurologist,
        version=first.version,
        given_dose="",
        not_given=True,
        not_given_reason="Pain",
    )
    remove_injection(injection=second, product=second.session.product, by=neurologist, version=second.version)
    body = body_of(doctor.get(patient.get_absolute_url()))
    assert "Sternocleidomastoid right (not given)" in body
    assert "Levator" not in body


def main_buttons(page):
    return re.findall(r'class="btn btn-sm btn-primary"[^>]*href="([^"]+)"', body_of(page))


def test_page_leads_to_todays_open_session_or_visit(doctor, patient, neurologist):
    # Given a visit of yesterday and one of next week, booking is not the main button
    session_on(patient, by=neurologist, days_ago=1)
    session_on(patient, by=neurologist, days_ago=-7, make=builders.a_planned_session)
    page = doctor.get(patient.get_absolute_url())
    assert main_buttons(page) == []
    assert "Book a visit" in body_of(page)

    # Given today's visit, it is the visit until a session can be recorded, and then the session
    visit = builders.a_visit(patient=patient, clinician=neurologist, hour=9)
    assert main_buttons(doctor.get(patient.get_absolute_url())) == [visit.get_absolute_url()]
    builders.arrive(visit)
    session = builders.a_planned_session(by=neurologist, visit=builders.now(visit))
    page = doctor.get(patient.get_absolute_url())
    assert main_buttons(page) == [session.get_absolute_url()]
    assert "Record session, today 09:00" in body_of(page)


@pytest.mark.parametrize(("days", "page"), [(1, "?page=2"), (-1, "")])
def test_every_page_of_the_visits_leads_to_todays(doctor, patient, neurologist, monkeypatch, compiled_anew, days, page):
    # Given a list whose page does not contain today's visit
    monkeypatch.setattr("planning.pages.views.patients.VISITS_SHOWN", 1)
    visit = builders.a_visit(patient=patient, clinician=neurologist, hour=9)
    day = builders.today() - dt.timedelta(days=days)
    builders.a_visit(patient=patient, clinician=neurologist, day=day)
    shown = doctor.get(f"{patient.get_absolute_url()}{page}")
    assert [row.visit.day for row in shown.context["listed"]] == [day]
    assert main_buttons(shown) == [visit.get_absolute_url()]


def test_cycle_lot_and_response_are_in_the_visits_row(doctor, patient, neurologist):
    given = session_on(patient, by=neurologist, days_ago=70, make=builders.a_given_session)
    builders.a_vial(session=given, by=neurologist, lot_number="LOT-9")
    builders.sign(given, by=neurologist)
    builders.a_response(session=given, by=neurologist, effect="no_response")
    listed = doctor.get(patient.get_absolute_url()).context["listed"]
    assert [(entry.visit == given.visit, entry.cycle_number) for entry in listed] == [(False, None), (True, 1)]
    body = body_of(doctor.get(patient.get_absolute_url()))
    row = body[body.rindex("<tr data-row>") :]
    for words in ("lot LOT-9", "Botox: Sternocleidomastoid right", ">Signed</span>", "No response"):
        assert words in row


def test_alerts_not_asked_are_the_link_to_record_them(doctor, patient, neurologist):
    link = f'<a href="/patients/{patient.pk}/alerts/?next=%2Fpatients%2F{patient.pk}%2F">not asked'
    assert link in body_of(doctor.get(patient.get_absolute_url()))
    review_alerts(patient=patient, by=neurologist, version=patient.version, alert_allergy="latex")
    assert link.split(">")[0] not in body_of(doctor.get(patient.get_absolute_url())).split("</section>")[0]


def test_list_contains_no_dose(doctor, patient, neurologist):
    session_on(patient, by=neurologist, doses=("4321.5", "8765.4"))
    body = body_of(doctor.get(patient.get_absolute_url()))
    assert "4321.5" not in body
    assert "8765.4" not in body


def test_page_has_50_visits(doctor, patient, neurologist):
    desk = builders.a_person("clinic staff")
    for days in range(51):
        builders.a_visit(
            patient=patient, clinician=neurologist, day=builders.today() - dt.timedelta(days=days), by=desk
        )
    first = doctor.get(patient.get_absolute_url())
    assert len(first.context["visits"]) == 50
    assert "page 1 of 2" in body_of(first)
    second = doctor.get(patient.get_absolute_url(), {"page": "2"})
    assert len(second.context["visits"]) == 1
    for page in ("0", "-1", "99999999999999999999", "x", "1.5"):
        assert doctor.get(patient.get_absolute_url(), {"page": page}).status_code == 200


@pytest.mark.engine
def test_coming_visits_are_the_same_on_every_page(doctor, patient, neurologist):
    """The first page takes them from its visits, the others read them."""
    for days in range(-51, 3):
        builders.a_visit(patient=patient, clinician=neurologist, day=builders.today() + dt.timedelta(days=days))
    pages = [doctor.get(f"{patient.get_absolute_url()}{query}").context for query in ("", "?page=2", "?page=99")]
    assert [len(page["coming"]) for page in pages] == [3, 3, 3]
    assert pages[0]["coming"] == pages[1]["coming"] == pages[2]["coming"]
    assert [page["visits"].number for page in pages] == [1, 2, 2]
    assert [page["visits"].paginator.count for page in pages] == [54, 54, 54]


def test_page_of_coming_visits_alone_still_lists_all(doctor, patient, neurologist):
    for days in range(52):
        builders.a_visit(patient=patient, clinician=neurologist, day=builders.today() + dt.timedelta(days=days))
    page = doctor.get(patient.get_absolute_url()).context
    assert len(page["coming"]) == 52
    assert page["coming"][0].day == builders.today()


def test_open_follow_ups_are_listed_and_can_be_booked(doctor, patient, neurologist):
    follow_up = builders.a_follow_up(patient=patient, clinician=neurologist, why="Bring the diary")
    body = body_of(doctor.get(patient.get_absolute_url()))
    assert "Next injection, due" in body
    assert "Bring the diary" in body
    assert f"/patients/{patient.pk}/visits/new/?follow_up={follow_up.pk}" in body


def test_no_follow_up_needed_is_shown_with_user_and_date(doctor, patient, neurologist):
    assert "No open follow-ups." in body_of(doctor.get(patient.get_absolute_url()))
    record_no_follow_up(patient=patient, reason="Moves away", by=neurologist)
    body = body_of(doctor.get(patient.get_absolute_url()))
    assert "No follow-up needed: Moves away" in body
    assert "Dr A. Morgan" in body


def test_clinic_staff_see_states_but_no_muscle(client, staff, patient, neurologist):
    session_on(patient, by=neurologist, days_ago=1)
    client.force_login(staff)
    body = body_of(client.get(patient.get_absolute_url()))
    assert ">Signed</span>" in body
    assert "Muscles and sides" not in body
    assert "Sternocleidomastoid" not in body
    assert "Botox" not in body
    assert "/sessions/" not in body


def test_unknown_patient_is_not_found(doctor):
    for pk in (0, 999999, 10**30):
        assert doctor.get(f"/patients/{pk}/").status_code == 404
