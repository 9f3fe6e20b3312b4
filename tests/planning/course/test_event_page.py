"""The page of an adverse event: kind, days, severity, measures, outcome, report."""

import datetime as dt

import pytest

from planning.models import AdverseEvent, EventKind
from tests import builders
from tests.planning.course.course_pages import send, sent_by
from tests.posted_data import shown_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(client, neurologist):
    client.force_login(neurologist)
    return client


@pytest.fixture
def session(neurologist):
    """Given and signed ten weeks ago."""
    return builders.a_signed_session_of(builders.a_patient(), by=neurologist, weeks_ago=10)


@pytest.fixture
def path(session):
    return f"/sessions/{session.pk}/adverse-events/"


def stored():
    return AdverseEvent.objects.active().for_page().get()


def test_all_fields_are_recorded(doctor, session, path, neurologist):
    visit = builders.a_visit_after(session)
    on = builders.today()
    response = send(
        doctor, f"{path}?visit={visit.pk}", kind="dysphagia", description="Solid food goes down slowly.",
        began_day="5", severity="moderate", serious="no", measures="Soft food, thickened drinks.", outcome="recovered",
        ended_on=(session.day_given + dt.timedelta(days=26)).isoformat(), reported_to="Yellow Card",
        reported_on=on.isoformat(), report_reference="YC-77",
    )  # fmt: skip
    assert response.status_code == 302
    event = stored()
    assert (event.recorded_by, event.visit) == (neurologist, visit)
    texts = dict(event.facts())
    assert texts.pop("When").startswith("from day 5 (")
    assert texts.pop("Reported to").endswith("reference YC-77")
    assert texts == {
        "What": "Dysphagia",
        "Description": "Solid food goes down slowly.",
        "Severity": "Moderate",
        "Serious": "No",
        "Done or advised": "Soft food, thickened drinks.",
        "Outcome": "Recovered",
        "Reported at the visit of": f"{on.day} {on:%b %Y}",
    }


def test_every_kind_is_offered_and_none_preselected(doctor, path):
    page = doctor.get(path)
    body = page.content.decode()
    assert all(f'value="{kind}"' in body for kind in EventKind.values)
    assert page.context["form"]["kind"].value() is None
    assert page.context["form"]["serious"].value() in (None, "")


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"kind": ""}, "kind", "required"),
        ({"kind": "other"}, "description", "Describe the event"),
        ({"began_day": "9", "ended_day": "3"}, "ended_day", "This is before day 9"),
        ({"began_day": "9", "began_on": "2026-01-01"}, "began_on", "not both"),
        ({"report_reference": "YC-1"}, "reported_to", "authority"),
        ({"began_on": "2999-01-01"}, "began_on", "is in the future."),
    ],
)
@pytest.mark.sample(2)
def test_invalid_input_is_reported_by_field(typed, field, message, doctor, path):
    response = send(doctor, path, **{"kind": "ptosis", "measures": "Stays.", **typed})
    assert response.status_code in {200, 409}
    assert message in str(response.context["form"].errors[field])
    assert "Stays." in response.content.decode()
    assert not AdverseEvent.objects.exists()


def test_earlier_swallowing_findings_are_shown(doctor, session, path, neurologist):
    assert "Swallowing and speaking were not recorded" in doctor.get(path).content.decode()
    builders.an_assessment(visit=session.visit, by=neurologist, symptoms=[("swallowing", "present", "mild", "rarely")])
    # One after the treatment is no finding before it
    builders.an_assessment(
        visit=builders.a_visit_after(session), by=neurologist, symptoms=[("swallowing", "absent", "", "")]
    )
    body = " ".join(doctor.get(path).content.decode().split())
    assert "Trouble swallowing</dt> <dd> present (mild, rarely)" in body
    assert "Trouble speaking</dt> <dd> not asked" in body


def test_stale_change_of_an_event_shows_the_stored_values(doctor, session, neurologist):
    event = builders.an_event(session=session, by=neurologist, severity="mild")
    page = doctor.get(event.get_absolute_url())
    assert doctor.post(event.get_absolute_url(), sent_by(page, severity="severe")).status_code == 302
    event.refresh_from_db()
    assert event.severity == "severe"
    response = doctor.post(event.get_absolute_url(), sent_by(page, severity="moderate"))
    assert response.status_code == 409
    assert "Stored now: Severe." in str(response.context["form"].errors["severity"])


def test_event_in_error_cannot_be_changed_until_undone(doctor, session, neurologist):
    event = builders.an_event(session=session, by=neurologist)
    builders.in_error(event, by=neurologist, reason="Typed twice")
    page = doctor.get(event.get_absolute_url())
    assert "This is marked as entered in error: Typed twice" in page.content.decode()
    assert doctor.post(event.get_absolute_url(), sent_by(page, severity="severe")).status_code == 409
    assert (
        doctor.post(
            f"/adverse-events/{event.pk}/entered-in-error/", {"undo": "yes", **shown_version(event)}
        ).status_code
        == 302
    )
    assert stored() == event


def test_form_sent_twice_creates_one(doctor, path):
    sent = sent_by(doctor.get(path), kind="ptosis")
    assert [doctor.post(path, sent).status_code for _ in range(2)] == [302, 302]
    assert AdverseEvent.objects.count() == 1


@pytest.mark.parametrize("asked", ["x", "", "99999999999999999999999", "-1", "²"])
def test_unreadable_visit_is_ignored(asked, doctor, path):
    page = doctor.get(path, {"visit": asked})
    assert page.status_code == 200
    assert page.context["form"]["visit"].value() is None


def test_visit_of_another_patient_is_not_offered(doctor, path, neurologist):
    other = builders.an_arrived_visit(clinician=neurologist, hour=16)
    response = send(doctor, path, kind="ptosis", visit=other.pk)
    assert response.status_code == 200
    assert not AdverseEvent.objects.exists()


def test_clinic_staff_have_no_access(client, staff, path):
    client.force_login(staff)
    assert client.get(path).status_code == 403
