"""Each group of an assessment is saved on its own: what it creates, changes, and what is a conflict."""

import pytest

from clinic.models import AuditEntry
from clinic.records.exceptions import Conflict
from planning.course.actions.assessments import change_assessment, save_group
from planning.course.actions.findings import findings_of, stored_in, version_of
from planning.models import Assessment, Instrument
from tests import builders
from tests.planning.course.course_pages import assessment_path, group_sent
from tests.planning.session_pages.sending import FETCH

pytestmark = pytest.mark.django_db

EMPTY_NOTE = version_of({"note": ""})


@pytest.fixture
def visit(neurologist):
    return builders.an_arrived_visit(clinician=neurologist, hour=8)


@pytest.fixture
def opened(client, neurologist, visit):
    client.force_login(neurologist)
    return client.get(assessment_path(visit))


@pytest.fixture
def save(client, opened, visit):
    def send(group, **typed):
        return client.post(assessment_path(visit), group_sent(opened, group, **typed), headers=FETCH)

    return send


def stored():
    return Assessment.objects.active().for_page().get()


def test_first_group_creates_and_others_add_to_it(save):
    assert save("note", note="Seen.").status_code == 200
    assert save("posture", posture=["torticollis-left"]).status_code == 200
    assert (stored().note, stored().postures_text()) == ("Seen.", "Torticollis left")
    assert [entry.action for entry in AuditEntry.objects.filter(action__in=["assessed", "changed"])] == [
        "assessed", "changed",
    ]  # fmt: skip


def test_response_to_a_script_has_the_new_versions(save, visit):
    body = save("note", note="Seen.").content.decode()
    assert f'group-note:{version_of({"note": "Seen."})}"' in body
    assert "<html" not in body


def test_empty_group_creates_no_assessment(save):
    assert save("note", note="").status_code == 200
    assert not Assessment.objects.exists()


def test_another_users_other_group_is_no_conflict(save, visit, trainee):
    builders.an_assessment(visit=visit, by=trainee, driving="no", postures=[("torticollis", "left")])
    assert save("note", note="Seen.").status_code == 200
    assert (stored().note, stored().driving, stored().recorded_by) == ("Seen.", "no", trainee)


def test_conflict_shows_both_values_and_continues(save, opened, visit, trainee):
    builders.an_assessment(visit=visit, by=trainee, postures=[("torticollis", "left")], head_is_straight=False)
    response = save("posture", posture=["retrocollis"])
    assert response.status_code == 409
    name = opened.context["groups"]["posture"].add_prefix("posture")
    assert response.json()["stored"] == {name: {"label": "Posture", "value": "Torticollis left"}}
    assert stored().postures_text() == "Torticollis left"
    assert save("posture", posture=["retrocollis"], version=response.json()["version"]).status_code == 200
    assert stored().postures_text() == "Retrocollis"


def test_same_group_typed_by_both_is_a_repeat(save, visit, trainee):
    builders.an_assessment(visit=visit, by=trainee, postures=[("antecollis", ""), ("torticollis", "left")])
    assert save("posture", posture=["torticollis-left", "antecollis"]).status_code == 200
    assert stored().version == 1


def test_group_of_an_assessment_in_error_is_rejected(client, visit, neurologist):
    client.force_login(neurologist)
    made = builders.an_assessment(visit=visit, by=neurologist, driving="no")
    page = client.get(assessment_path(visit))
    builders.in_error(made, by=neurologist)
    response = client.post(assessment_path(visit), group_sent(page, "note", note="Seen."), headers=FETCH)
    assert response.status_code == 409
    assert "was marked as entered in error. Open the page again." in response.json()["message"]
    assert not Assessment.objects.active().exists()


def test_group_saved_for_another_version_is_a_conflict(visit, neurologist):
    with pytest.raises(Conflict):
        save_group(visit=visit, by=neurologist, record=None, version=EMPTY_NOTE + 1, note="Seen.")
    assert not Assessment.objects.exists()


def test_posture_is_saved_next_to_a_score_out_of_range(visit, neurologist):
    """The range of an instrument may have changed after the score was stored."""
    tsui = builders.an_instrument("Tsui")
    made = builders.an_assessment(visit=visit, by=neurologist, scores=[(tsui, 9)])
    Instrument.objects.filter(pk=tsui.pk).update(highest=5)
    names = ("postures", "head_is_straight")
    version = version_of(stored_in(made, names))
    save_group(
        visit=visit, by=neurologist, record=made.pk, version=version, postures=[("antecollis", "")],
        head_is_straight=False,
    )  # fmt: skip
    assert (stored().postures_text(), stored().scores_text()) == ("Antecollis", "Tsui 9")


def test_change_through_the_api_is_a_conflict_of_its_group(save, visit, neurologist, client):
    save("daily", driving="no")
    made = stored()
    change_assessment(assessment=made, by=neurologist, version=made.version, **findings_of(made), driving="yes")
    assert save("daily", driving="sometimes").status_code == 409
    assert save("note", note="Seen.").status_code == 200
