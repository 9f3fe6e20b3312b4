"""The appointment slip: what it says, who gets one, and the clinic's own text on it."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from clinic.models import AuditEntry, Clinic
from clinic.records.exceptions import Conflict
from patients.diary.actions.slip import change_slip_text
from patients.diary.models.slip import KINDS_FOR_PATIENTS, SlipText
from patients.models import VisitKind, VisitState
from planning.pages.actions.visits import change_visit_state, move_visit
from tests import builders
from tests.patients.people.pages import filled, text_of

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 25)  # a Wednesday
PAGE = reverse("patients:slip-text")


@pytest.fixture(autouse=True)
def at_nine():
    with time_machine.travel(dt.datetime(2026, 11, 25, 9, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def visit(neurologist):
    patient = builders.a_patient(family_name="Okafor", given_name="Grace", diagnosis="Cervical dystonia")
    return builders.a_visit(patient=patient, clinician=neurologist, day=TODAY + dt.timedelta(days=7), minutes=45)


def slip_of(visit):
    return reverse("patients:visit-slip", args=[visit.pk])


def end(visit, state, by):
    return change_visit_state(visit=visit, state=state, reason="ill", by=by, version=visit.version)


def test_slip_shows_time_place_and_clinician(login, staff, visit):
    Clinic.objects.update(name="Neck Clinic", address="1 Harbour Street\nSouthport", phone="0555 010 010")
    change_slip_text(what_to_bring="Your insurance card\nGlasses", by=staff, version=0)
    response = login(staff).get(slip_of(visit))
    text = text_of(response)
    for words in ("Neck Clinic", "Wednesday 2 December 2026 at 10:00", "OKAFOR, Grace", "Treatment, about 45 minutes",
                  "Dr A. Morgan", "1 Harbour Street Southport", "0555 010 010", "What to bring",
                  "Your insurance card Glasses"):  # fmt: skip
        assert words in text
    assert "no-store" in response["Cache-Control"]


def test_slip_names_no_record_number_or_diagnosis(login, staff, visit):
    text = text_of(login(staff).get(slip_of(visit)))
    for words in (visit.patient.record_number, "Cervical dystonia", "Injection", "Botox", "1969"):
        assert words not in text


def test_empty_texts_leave_no_heading(login, staff, visit):
    Clinic.objects.update(address="", phone="")
    text = text_of(login(staff).get(slip_of(visit)))
    assert not [words for words in ("What to bring", "Where", "please call") if words in text]


def test_every_kind_has_words_for_patients():
    assert list(KINDS_FOR_PATIENTS) == list(VisitKind)
    assert "injection" not in " ".join(KINDS_FOR_PATIENTS.values()).lower()


@pytest.mark.engine
def test_slip_is_audited_as_a_print_of_the_patient(login, staff, visit):
    login(staff).get(slip_of(visit))
    entry = AuditEntry.objects.order_by("-pk").first()
    assert (entry.action, entry.route) == ("read", "patients:visit-slip")
    assert [row.patient_id for row in entry.patients.all()] == [visit.patient_id]


def test_cancelled_visit_has_no_slip(login, staff, visit):
    end(visit, VisitState.CANCELLED, staff)
    response = login(staff).get(slip_of(visit))
    assert response.status_code == 409
    assert "This visit is cancelled. Only a booked visit has a slip. Book another visit" in text_of(response)


def test_moved_visit_refers_to_the_new_slip(login, staff, visit):
    moved = move_visit(
        visit=visit, clinician=visit.clinician, starts_at=builders.at(TODAY, 16), minutes=45, by=staff, version=1
    )
    response = login(staff).get(slip_of(visit))
    assert response.status_code == 409
    assert "This visit was moved. Print the slip of the new visit." in text_of(response)
    assert "Wednesday 25 November 2026 at 16:00" in text_of(login(staff).get(slip_of(moved)))


def test_past_visit_has_no_slip(login, staff, neurologist):
    past = builders.a_visit(clinician=neurologist, day=TODAY, hour=8)
    response = login(staff).get(slip_of(past))
    assert response.status_code == 409
    assert "This visit is past. Book another visit" in text_of(response)


@pytest.mark.parametrize(("hour", "offered"), [(8, False), (16, True)])
def test_visit_page_offers_the_slip_if_there_is_one(login, staff, neurologist, hour, offered):
    visit = builders.a_visit(clinician=neurologist, day=TODAY, hour=hour)
    page = login(staff).get(visit.get_absolute_url()).content.decode()
    assert (slip_of(visit) in page) is offered


@pytest.mark.parametrize("elsewhere", [{}, {"next": "/follow-ups/"}])
def test_message_after_booking_offers_the_slip(login, staff, neurologist, elsewhere):
    client, page = login(staff), reverse("patients:visit-book", args=[builders.a_patient().pk])
    typed = {"clinician": neurologist.pk, "kind": "review", "minutes": "", "day": "2026-12-02", "time": "10:00"}
    response = client.post(page, filled(client.get(page), **typed, **elsewhere), follow=True)
    [message] = response.context["messages"]
    assert f'<a href="{slip_of(neurologist.visits.get())}">Print the slip</a>' in str(message)


def test_message_after_moving_offers_the_slip(login, staff, visit):
    client, page = login(staff), reverse("planning:visit-move", args=[visit.pk])
    response = client.post(page, filled(client.get(page), time="15:00"), follow=True)
    [message] = response.context["messages"]
    visit.refresh_from_db()
    assert slip_of(visit.moved_to) in str(message)


def test_walk_in_has_no_slip(login, staff, neurologist):
    client, page = login(staff), reverse("patients:visit-book", args=[builders.a_patient().pk])
    typed = {"clinician": neurologist.pk, "kind": "review", "here_now": "on"}
    response = client.post(page, filled(client.get(page), **typed), follow=True)
    [message] = response.context["messages"]
    assert "slip" not in str(message)


# The clinic's text


@pytest.mark.engine
def test_text_is_stored_with_version_and_history(login, superuser, staff):
    client = login(superuser)
    assert client.post(PAGE, filled(client.get(PAGE), what_to_bring="Your card\nGlasses")).status_code == 302
    assert SlipText.ours().what_to_bring == "Your card\nGlasses"
    client = login(staff)
    assert client.post(PAGE, filled(client.get(PAGE), what_to_bring="")).status_code == 302
    stored = SlipText.ours()
    assert (stored.what_to_bring, stored.version) == ("", 2)
    assert [row.history_user for row in stored.history.order_by("pk")] == [superuser, staff]
    assert AuditEntry.objects.filter(action="changed the slip text").count() == 2


@pytest.mark.engine
def test_stale_text_is_rejected_and_stays_typed(login, staff, superuser):
    client = login(staff)
    opened = client.get(PAGE)
    change_slip_text(what_to_bring="Glasses", by=superuser, version=0)
    response = client.post(PAGE, filled(opened, what_to_bring="Your card"))
    assert response.status_code == 409
    assert "Stored now: Glasses" in text_of(response)
    assert response.context["form"]["what_to_bring"].value() == "Your card"
    assert SlipText.ours().what_to_bring == "Glasses"


@pytest.mark.engine
def test_repeated_change_succeeds_once(staff):
    for _ in range(2):
        change_slip_text(what_to_bring="Glasses", by=staff, version=0)
    assert SlipText.ours().version == 1
    with pytest.raises(Conflict):
        change_slip_text(what_to_bring="Your card", by=staff, version=0)


@pytest.mark.engine
@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("\n".join("abcdefghi"), "This text has more than 8 lines. Shorten it"),
        ("x" * 401, "at most 400 characters"),
        ("a\u202eb", "there is an invisible character"),
    ],
)
def test_text_that_does_not_fit_is_rejected(login, staff, typed, message):
    client = login(staff)
    response = client.post(PAGE, filled(client.get(PAGE), what_to_bring=typed))
    assert message in text_of(response)
    assert not SlipText.objects.exists()
