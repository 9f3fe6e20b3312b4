"""A visit's page: its states, the obstacles to a change, and its planned sessions."""

import pytest

from clinic.records.exceptions import Refused
from clinic.web.seen import INCOMPLETE
from patients.models import VisitState
from planning.models import InjectionSession
from planning.pages.actions.visits import change_visit_state
from tests import builders

pytestmark = pytest.mark.django_db

BOOKED, ARRIVED, FINISHED = VisitState.BOOKED, VisitState.ARRIVED, VisitState.FINISHED
CANCELLED, NO_SHOW, IN_ERROR = VisitState.CANCELLED, VisitState.NO_SHOW, VisitState.ENTERED_IN_ERROR


@pytest.fixture
def desk(client, staff):
    client.force_login(staff)
    return client


@pytest.fixture
def doctor(client, neurologist):
    client.force_login(neurologist)
    return client


@pytest.fixture
def visit(neurologist):
    return builders.a_visit(clinician=neurologist)


def send_state(client, visit, state, **sent):
    visit.refresh_from_db()
    return client.post(f"/visits/{visit.pk}/state/", {"state": state, "version": visit.version, **sent})


def body_of(response):
    return " ".join(response.content.decode().split())


def bring_to(visit, state):
    for step in {ARRIVED: [ARRIVED], FINISHED: [ARRIVED, FINISHED]}.get(state, [state] if state != BOOKED else []):
        visit = change_visit_state(
            visit=visit, state=step, by=visit.clinician, version=visit.version, reason="why", again=builders.AGAIN
        )
    return visit


REACHED_FROM = {
    BOOKED: {ARRIVED, CANCELLED, NO_SHOW, IN_ERROR},
    ARRIVED: {BOOKED, FINISHED, NO_SHOW},
    FINISHED: {ARRIVED},
    CANCELLED: {BOOKED, ARRIVED},
    NO_SHOW: {BOOKED},
    IN_ERROR: {BOOKED, ARRIVED, FINISHED},
}


@pytest.mark.parametrize("start", VisitState)
@pytest.mark.sample(2)
def test_each_state_is_reached_from_its_allowed_states(desk, visit, start):
    visit = bring_to(visit, start)
    offered = {
        state for state in VisitState if f'name="state" value="{state}"' in body_of(desk.get(f"/visits/{visit.pk}/"))
    }
    assert offered == {state for state, sources in REACHED_FROM.items() if start in sources}
    assert send_state(desk, visit, start, reason="why").status_code == 302  # it is so already
    for state in set(VisitState) - offered - {start}:
        response = send_state(desk, visit, state, reason="why")
        assert response.status_code == 409
        message = f"This visit is {start.label.lower()}; it cannot become {state.label.lower()}."
        assert message in body_of(response)
    visit.refresh_from_db()
    assert visit.state == start
    for state in sorted(offered)[:1]:
        assert send_state(desk, visit, state, reason="why").status_code == 302
        visit.refresh_from_db()
        assert visit.state == state


@pytest.mark.parametrize("sent", ["", "dancing"])
def test_unknown_state_is_rejected(desk, visit, sent):
    visit = bring_to(visit, ARRIVED)
    assert send_state(desk, visit, sent).status_code == 409
    visit.refresh_from_db()
    assert visit.state == ARRIVED


@pytest.mark.parametrize("state", [CANCELLED, IN_ERROR])
@pytest.mark.parametrize("reason", ["", "   "])
def test_missing_reason_is_requested(desk, visit, state, reason):
    response = send_state(desk, visit, state, reason=reason)
    assert response.status_code == 409
    assert "Enter a reason." in body_of(response)
    visit.refresh_from_db()
    assert visit.state == BOOKED


def test_reason_is_shown(desk, visit):
    assert send_state(desk, visit, CANCELLED, reason="Snow").status_code == 302
    assert "Snow" in body_of(desk.get(f"/visits/{visit.pk}/"))


@pytest.mark.parametrize("reason", ["x" * 301, "bell\x07", "turned\u202eround"])
def test_invalid_reason_is_reported_and_stays(desk, visit, reason):
    response = send_state(desk, visit, CANCELLED, reason=reason)
    assert response.status_code == 409
    assert reason in response.content.decode()
    visit.refresh_from_db()
    assert visit.state == BOOKED


@pytest.mark.parametrize("version", ["", "x", "0", "99999999999999999999"])
def test_change_without_a_version_is_rejected(desk, visit, version):
    response = desk.post(f"/visits/{visit.pk}/state/", {"state": "arrived", "version": version})
    assert response.status_code == 422
    assert INCOMPLETE in body_of(response)
    visit.refresh_from_db()
    assert visit.state == BOOKED


def test_stale_version_is_a_conflict_with_the_current_state(desk, visit, neurologist):
    sent = {"state": "cancelled", "version": visit.version, "reason": "Snow"}
    change_visit_state(visit=visit, state=ARRIVED, by=neurologist, version=visit.version)
    response = desk.post(f"/visits/{visit.pk}/state/", sent)
    assert response.status_code == 409
    page = body_of(response)
    assert "Another user has changed this. Read it again before you save." in page
    assert '<span class="chip arrived">Arrived</span>' in page
    assert 'value="Snow"' in page
    visit.refresh_from_db()
    assert visit.state == ARRIVED


# What becomes of its sessions


@pytest.mark.parametrize(("state", "reason", "message"), [
    (CANCELLED, "Snow", "Cancelled: Snow"),
    (NO_SHOW, "", "No-show."),
    (IN_ERROR, "Wrong patient", "Entered in error: Wrong patient"),
])  # fmt: skip
def test_cancelled_visit_ends_its_plan(desk, visit, neurologist, state, reason, message):
    session = builders.a_planned_session(by=neurologist, visit=visit)
    assert send_state(desk, visit, state, reason=reason).status_code == 302
    session.refresh_from_db()
    assert session.state.label == "Not done"
    assert session.not_done_reason == message


def test_reason_of_a_session_not_done_is_shown_to_clinicians(client, desk, visit, neurologist):
    builders.a_planned_session(by=neurologist, visit=visit)
    send_state(desk, visit, CANCELLED, reason="Snow")
    client.force_login(neurologist)
    assert "Cancelled: Snow" in body_of(client.get(f"/visits/{visit.pk}/"))


def test_visit_with_a_given_session_cannot_be_cancelled(desk, visit, neurologist):
    session = builders.a_given_session(by=neurologist, visit=visit)
    for state in (CANCELLED, NO_SHOW, IN_ERROR):
        response = send_state(desk, visit, state, reason="Snow")
        assert response.status_code == 409
        message = f"Something was given at this visit, so it cannot become {state.label.lower()}."
        assert message in body_of(response)
    session.refresh_from_db()
    assert session.state.label == "Given, not signed"


def test_visit_with_a_signed_session_cannot_be_cancelled(desk, visit, neurologist):
    builders.a_signed_session(by=neurologist, visit=visit)
    response = send_state(desk, visit, IN_ERROR, reason="Wrong")
    assert response.status_code == 409
    assert "A session of this visit is signed, so it cannot become entered in error." in body_of(response)


# Redirects


def test_change_redirects_to_the_original_page(desk, visit):
    assert (
        send_state(desk, visit, ARRIVED, next="/?day=2026-01-02&whose=all")["Location"] == "/?day=2026-01-02&whose=all"
    )


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
        "http:///evil.example", "evil", "evil.example", "planning:today", "///evil.example", " //evil.example", "",
        "\x00/", "/\t/evil.example",
    ],
)  # fmt: skip
@pytest.mark.sample(3)
def test_redirect_to_another_site_is_ignored(desk, visit, elsewhere):
    response = send_state(desk, visit, ARRIVED, next=elsewhere)
    assert response.status_code == 302
    location = response["Location"]
    assert location == visit.get_absolute_url() or (location.startswith("/") and location[1:2] not in "/\\\t")


# Planning a session


def test_planned_session_opens(doctor, visit):
    response = doctor.post(f"/visits/{visit.pk}/sessions/", {"submission_key": builders.a_submission_key()})
    session = InjectionSession.objects.get()
    assert (response.status_code, response["Location"]) == (302, session.get_absolute_url())
    assert session.product is None
    assert not session.injections.exists()


def test_same_form_sent_twice_plans_one_session(doctor, visit):
    key = builders.a_submission_key()
    locations = {doctor.post(f"/visits/{visit.pk}/sessions/", {"submission_key": key})["Location"] for _ in range(3)}
    assert InjectionSession.objects.count() == len(locations) == 1
    other = builders.a_submission_key()
    assert doctor.post(f"/visits/{visit.pk}/sessions/", {"submission_key": other})["Location"] not in locations


@pytest.mark.parametrize("key", ["", "no-uuid"])
def test_form_without_a_key_plans_no_session(doctor, visit, key):
    response = doctor.post(f"/visits/{visit.pk}/sessions/", {"submission_key": key})
    assert response.status_code == 409
    assert not InjectionSession.objects.exists()


@pytest.mark.parametrize("state", [CANCELLED, NO_SHOW, IN_ERROR])
def test_session_cannot_be_planned_for_a_cancelled_visit(doctor, visit, state):
    visit = bring_to(visit, state)
    assert "Plan a session" not in body_of(doctor.get(f"/visits/{visit.pk}/"))
    response = doctor.post(f"/visits/{visit.pk}/sessions/", {"submission_key": builders.a_submission_key()})
    assert response.status_code == 409
    assert f"The visit is {state.label.lower()}; no session can be planned for it." in body_of(response)


def test_clinic_staff_cannot_plan_sessions(desk, visit):
    assert "Plan a session" not in body_of(desk.get(f"/visits/{visit.pk}/"))
    sent = {"submission_key": builders.a_submission_key()}
    assert desk.post(f"/visits/{visit.pk}/sessions/", sent).status_code == 403


def test_sessions_are_listed_with_product_and_muscles(doctor, visit, neurologist):
    builders.a_planned_session(by=neurologist, visit=visit)
    builders.a_planned_session(by=neurologist, visit=visit, product=None, muscles=())
    page = body_of(doctor.get(f"/visits/{visit.pk}/"))
    assert "Sternocleidomastoid right · Levator scapulae right" in page
    assert "not chosen" in page
    assert "none yet" in page
    assert "Plan another session" in page


def test_refused_action_is_no_server_error(visit, neurologist):
    builders.a_given_session(by=neurologist, visit=visit)
    visit.refresh_from_db()
    with pytest.raises(Refused):
        change_visit_state(visit=visit, state=CANCELLED, by=neurologist, version=visit.version, reason="Snow")


def test_name_in_a_message_is_not_stored_in_the_browser(desk, visit):
    response = send_state(desk, visit, ARRIVED)
    assert set(desk.cookies) <= {"sessionid", "csrftoken"}  # a cookie of messages would contain it, only encoded
    assert f"{visit.patient}: arrived." in body_of(desk.get(response["Location"]))


def test_own_change_in_another_tab_is_named_as_such(desk, visit, staff, neurologist):
    # Given that the same user marked the visit arrived in another tab
    sent = {"state": "cancelled", "version": visit.version, "reason": "Snow"}
    visit = change_visit_state(visit=visit, state=ARRIVED, by=staff, version=visit.version)
    page = body_of(desk.post(f"/visits/{visit.pk}/state/", sent))
    assert "You have changed this in another tab. Read it again before you save." in page

    # When another user has changed something of this patient since, then it may be theirs
    builders.a_visit(patient=visit.patient, clinician=visit.clinician, by=neurologist, day=visit.day, hour=20)
    page = body_of(desk.post(f"/visits/{visit.pk}/state/", sent))
    assert "Another user has changed this. Read it again before you save." in page


def test_visit_that_is_over_leads_to_the_next_patient(client, doctor, staff, visit):
    def leads_to(page):
        return f'href="{later.get_absolute_url()}" data-key="n" aria-keyshortcuts="n">Next patient</a>' in body_of(page)

    later = builders.a_visit(clinician=visit.clinician, hour=visit.starts_at.hour + 1)
    assert not leads_to(doctor.get(visit.get_absolute_url()))
    visit = bring_to(visit, FINISHED)
    assert leads_to(doctor.get(visit.get_absolute_url()))
    cancelled = bring_to(later, CANCELLED)
    assert "Next patient" not in body_of(doctor.get(visit.get_absolute_url()))
    assert "Next patient" not in body_of(doctor.get(cancelled.get_absolute_url()))
    client.force_login(staff)
    builders.a_visit(clinician=visit.clinician, hour=visit.starts_at.hour + 2)
    assert "Next patient" not in body_of(client.get(visit.get_absolute_url()))
