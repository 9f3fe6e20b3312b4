"""Not today: a planned session is not done, with a reason from the clinic's list, and one button undoes that."""

import pytest

from clinic.models import AuditEntry
from clinic.records.exceptions import Conflict, Refused
from patients.models import VisitState
from planning.models import ReasonNotGiven, SessionState
from planning.pages.actions.visits import change_visit_state
from planning.sessions.actions.injections import change_injection
from planning.sessions.actions.sessions import change_session
from planning.signing.actions.endings import end_as_not_done, undo_not_done
from tests import builders
from tests.builders import now
from tests.pageforms import sendings
from tests.planning.signing.test_finished_visit import undo_form

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def doctor(client, neurologist):
    client.force_login(neurologist)
    return client


@pytest.fixture
def planned(neurologist):
    return builders.a_planned_session(by=neurologist, visit=builders.an_arrived_visit(clinician=neurologist, hour=14))


def reason(name="Anticoagulant"):
    return ReasonNotGiven.objects.get(name=name)


def choose(client, session, *, why, page=None):
    """As the page sends it."""
    page = page or session.get_absolute_url()
    to = f"/sessions/{session.pk}/not-today/"
    sent = next(fields for path, fields in sendings(client.get(page).content.decode(), page) if path == to)
    return client.post(to, {**sent, "reason": why.pk})


def end(session, *, by, why="Infection"):
    return end_as_not_done(session=session, reason=why, by=by, version=session.version, asked_at_end_of_visit=True)


def test_shipped_reasons_are_offered_in_order():
    names = [entry.name for entry in ReasonNotGiven.objects.offered()]
    assert names == ["Patient unwell", "Anticoagulant", "Infection", "Patient’s wish", "Other"]


@pytest.mark.parametrize("page", ["session", "visit"])
def test_chosen_reason_ends_the_session_from_both_pages(doctor, planned, page):
    page = (planned.visit if page == "visit" else planned).get_absolute_url()
    response = choose(doctor, planned, why=reason(), page=page)
    session = now(planned)
    assert (response.url, session.state) == (planned.visit.get_absolute_url(), SessionState.NOT_DONE)
    assert session.not_done_reason == "Anticoagulant"
    page = doctor.get(response.url).content.decode()
    assert '<span class="chip not_done">Not done</span>' in page
    letter = doctor.get(f"/patients/{planned.visit.patient_id}/summary/").content.decode()
    assert "Session not done" in letter
    assert "Anticoagulant" in letter


def test_retired_reason_cannot_be_chosen(doctor, planned):
    builders.retire(reason(), by=None)
    assert "Anticoagulant" not in doctor.get(planned.get_absolute_url()).content.decode()
    response = choose(doctor, planned, why=reason())
    assert "This reason is no longer in the list." in response.content.decode()
    assert now(planned).state is SessionState.PLANNED


def test_end_of_the_visit_still_asks_for_the_follow_up(planned, neurologist):
    end(planned, by=neurologist)
    with pytest.raises(Refused, match="when the patient should be seen again"):
        change_visit_state(
            visit=planned.visit, state=VisitState.FINISHED, by=neurologist, version=planned.visit.version
        )


def test_finished_visit_asks_for_the_follow_up_at_once(doctor, planned, neurologist):
    follow_up = builders.AGAIN.__class__(no_follow_up_reason="Moving away")
    visit = builders.finish(planned.visit, again=follow_up)
    patient = visit.patient
    patient.refresh_from_db()
    patient.withdraw_no_follow_up()
    patient.save()
    response = choose(doctor, planned, why=reason())
    assert response.status_code == 409
    assert "Enter when the patient should be seen again" in response.content.decode()
    assert now(planned).not_done_at is None


def test_given_session_does_not_offer_not_today(doctor, neurologist):
    given = builders.a_given_session(by=neurologist)
    assert "Not today…" not in doctor.get(given.get_absolute_url()).content.decode()
    with pytest.raises(Refused, match="Something given is recorded"):
        end(given, by=neurologist)


def test_undo_restores_the_plan_with_its_doses(doctor, planned, neurologist):
    row = planned.injections.in_order().first()
    change_injection(injection=row, product=planned.product, by=neurologist, version=row.version, planned_dose="1.11")
    url, sent = undo_form(doctor.get(choose(doctor, planned, why=reason()).url))
    response = doctor.post(url, sent, follow=True)
    assert "Undone: the session is planned again." in response.content.decode()
    assert now(planned).state is SessionState.PLANNED
    assert now(row).planned_dose == "1.11"
    assert AuditEntry.objects.filter(action="undid not done", object_id=planned.pk).exists()


def test_undo_is_rejected_after_the_visit_ended(planned, neurologist):
    ended = end(planned, by=neurologist)
    builders.finish(planned.visit)
    with pytest.raises(Refused, match="The visit is finished"):
        undo_not_done(session=ended, by=neurologist, version=ended.version)


def test_undo_from_an_old_page_is_a_conflict(planned, neurologist):
    old = end(planned, by=neurologist)
    again = undo_not_done(session=old, by=neurologist, version=old.version)
    changed = change_session(session=again, by=neurologist, version=again.version, notes="later")
    end(changed, by=neurologist, why="Patient unwell")
    with pytest.raises(Conflict):
        undo_not_done(session=old, by=neurologist, version=old.version)


def test_manager_adds_and_retires_reasons(login, catalogue_manager):
    client, path = login(catalogue_manager), "/admin/planning/reasonnotgiven/"
    client.post(f"{path}add/", {"name": "Fever", "order": "7"})
    entry = reason("Fever")
    client.post(path, {"action": "retire", "_selected_action": entry.pk, f"version-{entry.pk}": entry.version})
    assert now(entry).is_retired
    assert entry not in ReasonNotGiven.objects.offered()
    assert client.post(f"{path}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
