"""The page of an assessment: posture, symptoms, daily life and scores of a visit, each group saved on its own."""

import datetime as dt
from types import SimpleNamespace

import pytest

from clinic.web.seen import PATIENT
from planning.course.actions.assessments import change_assessment
from planning.course.head_drawings import head_drawing
from planning.models import Assessment, Instrument, Posture, PostureSide, Symptom
from planning.pages.actions.visits import change_visit_state
from tests import builders
from tests.planning.course.course_pages import assessment_path, group_sent, save_groups
from tests.posted_data import shown_version

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made_world(module_transaction):
    neurologist = builders.a_clinician()
    visit = builders.an_arrived_visit(clinician=neurologist, hour=8)
    return SimpleNamespace(neurologist=neurologist, visit=visit)


@pytest.fixture
def neurologist(world):
    return world.neurologist


@pytest.fixture
def doctor(client, neurologist):
    client.force_login(neurologist)
    return client


@pytest.fixture
def visit(world):
    return world.visit


@pytest.fixture
def earlier(visit, neurologist):
    """An assessment of the same patient, twelve weeks ago."""
    before = builders.a_visit(
        patient=visit.patient, clinician=neurologist, day=builders.today() - dt.timedelta(weeks=12)
    )
    return builders.an_assessment(
        visit=before,
        by=neurologist,
        postures=[("laterocaput", "right"), ("antecollis", "")],
        symptoms=[("swallowing", "absent", "", ""), ("head_pain", "present", "mild", "often")],
        scores=[(builders.an_instrument("Tsui"), 9)],
        tremor="present",
        tremor_note="when writing",
    )


def stored():
    return Assessment.objects.active().for_page().get()


def score(name):
    return f"score_{Instrument.objects.get(name=name).pk}"


def test_all_groups_are_saved_in_one_assessment(doctor, visit, neurologist):
    response = save_groups(
        doctor, assessment_path(visit),
        posture=["torticollis-left", "sagittal_shift"], tremor="absent", sensory_trick="present",
        sensory_trick_note="touches the cheek", symptom_swallowing="present", severity_swallowing="mild",
        frequency_swallowing="rarely", symptom_speaking="absent", driving="not on motorways", note="With her son.",
        **{score("TWSTRS total"): "41.5", score("CGI-S"): "4"},
    )  # fmt: skip
    assert response.status_code == 302
    assessment = stored()
    assert assessment.recorded_by == neurologist
    assert assessment.postures_text() == "Torticollis left · Sagittal shift"
    assert dict(assessment.facts()) == {
        "Posture": "Torticollis left · Sagittal shift",
        "Tremor": "absent",
        "Sensory trick": "present: touches the cheek",
        "Symptoms": "Trouble swallowing (mild, rarely)",
        "Absent": "Trouble speaking",
        "Scores": "TWSTRS total 41.5 · CGI-S 4",
        "Driving": "not on motorways",
        "Note": "With her son.",
    }


def test_existing_assessment_is_opened_and_changed(doctor, visit, neurologist):
    made = builders.an_assessment(visit=visit, by=neurologist, postures=[("torticollis", "left")], reading="with pain")
    page = doctor.get(assessment_path(visit))
    assert [option["key"] for option in page.context["groups"]["posture"].options() if option["ticked"]] == [
        "torticollis-left"
    ]
    response = doctor.post(assessment_path(visit), group_sent(page, "posture", posture=["torticollis-right"]))
    assert response.status_code == 302
    made.refresh_from_db()
    assert (made.version, made.postures_text(), made.reading) == (2, "Torticollis right", "with pain")


def test_every_posture_is_offered_with_drawing_and_meaning(doctor, visit):
    body = doctor.get(assessment_path(visit)).content.decode()
    assert body.count('class="head"') == 15
    for posture in Posture:
        for side in posture.sides():
            assert posture.meaning(side) in body
            assert head_drawing(posture, side).mirrored == (side == PostureSide.LEFT)
    for symptom in Symptom:
        assert symptom.label in body


def test_each_posture_has_a_different_drawing():
    drawn = {posture: head_drawing(posture, "") for posture in Posture}
    assert len(set(drawn.values())) == len(Posture)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"posture": ["torticollis-left", "torticollis-right"]}, "One side only: Torticollis."),
        ({"posture": ["torticollis-left"], "head_is_straight": "on"}, "so “held straight” cannot be selected"),
        ({"posture": ["elbow-left"]}, "Select a valid choice"),
        ({"symptom_swallowing": "perhaps"}, "Select a valid choice"),
        ({"note": "in\u202evisible"}, "invisible character"),
    ],
    ids=["both sides", "straight and turned", "no posture", "no answer", "invisible"],
)
@pytest.mark.sample(2)
def test_invalid_input_is_reported_and_stays(typed, message, doctor, visit):
    response = save_groups(doctor, assessment_path(visit), **typed)
    assert response.status_code in {422, 409}
    assert message in response.content.decode()
    form = response.context["form"]
    assert {name: form[name].value() for name in typed} == {
        name: True if value == "on" else value for name, value in typed.items()
    }
    assert not Assessment.objects.exists()


@pytest.mark.parametrize(
    ("name", "typed", "message"),
    [
        ("TWSTRS total", "86", "TWSTRS total must be between 0 and 85."),
        ("Tsui", "7.5", "Tsui must be a whole number."),
        ("Tsui", "-1", "Tsui must be between 0 and 25."),
        ("Pain 0–10", "3,5", "Cannot read this score as a number."),
        ("Pain 0–10", "1e1", "Cannot read this score as a number."),
        ("Pain 0–10", "٣", "Cannot read this score as a number."),
        ("CDQ-24", "12.345", "Cannot read this score as a number."),
        ("CGI-I", "0", "CGI-I must be between 1 and 7."),
    ],
)
@pytest.mark.sample(3)
def test_score_out_of_range_is_rejected_by_field(name, typed, message, doctor, visit):
    response = save_groups(doctor, assessment_path(visit), **{score(name): typed})
    assert message in str(response.context["form"].errors[score(name)])
    assert not Assessment.objects.exists()


@pytest.mark.parametrize(("typed", "shown"), [("12.50", "12.5"), ("40", "40"), (" 7 ", "7"), ("0", "0")])
def test_score_is_shown_without_trailing_zeros(typed, shown, doctor, visit):
    save_groups(doctor, assessment_path(visit), **{score("TWSTRS total"): typed})
    assert stored().scores_text() == f"TWSTRS total {shown}"


def test_only_the_global_impression_offers_labels(doctor, visit):
    body = doctor.get(assessment_path(visit)).content.decode()
    assert "4 · Moderately ill" in body
    assert "1 · Very much improved" in body
    assert not Instrument.objects.exclude(name__startswith="CGI").exclude(levels="").exists()


def test_retired_instrument_is_offered_only_if_scored(doctor, visit, neurologist):
    tsui = builders.an_instrument("Tsui")
    builders.an_assessment(visit=visit, by=neurologist, scores=[(tsui, 9)])
    builders.retire(tsui, by=neurologist)
    other = builders.an_arrived_visit(clinician=neurologist, hour=15)
    assert "Tsui" not in doctor.get(assessment_path(other)).content.decode()
    assert 'value="9"' in doctor.get(assessment_path(visit)).content.decode()


# No change since


def unchanged(page, earlier):
    return {PATIENT: page.context["patient"].pk, "unchanged": earlier.pk, "version": earlier.version}


def test_no_change_copies_findings_but_no_score(doctor, visit, earlier):
    page = doctor.get(assessment_path(visit))
    assert "Laterocaput right · Antecollis" in page.content.decode()
    save_groups(doctor, assessment_path(visit), **{score("Tsui"): "8"})
    for _ in range(2):  # sent twice, it is copied once
        assert doctor.post(assessment_path(visit), unchanged(page, earlier)).status_code == 302
    made = Assessment.objects.for_page().get(visit=visit)
    assert (made.unchanged_since, made.version) == (earlier, 2)
    assert made.finding_facts() == earlier.finding_facts()
    assert made.scores_text() == "Tsui 8"


def test_no_change_since_a_changed_assessment_conflicts(doctor, visit, earlier, neurologist):
    old = unchanged(doctor.get(assessment_path(visit)), earlier)
    change_assessment(assessment=earlier, by=neurologist, version=earlier.version, postures=[("retrocollis", "")])
    response = doctor.post(assessment_path(visit), old)
    assert response.status_code == 409
    assert "The earlier assessment changed after you opened this page." in response.content.decode()
    assert not Assessment.objects.filter(visit=visit).exists()


def test_last_posture_is_text_and_is_never_filled_in(doctor, visit, earlier):
    page = doctor.get(assessment_path(visit))
    assert f"Last time, {earlier.visit.day:%-d %b %Y}" in page.content.decode()
    assert [option for option in page.context["groups"]["posture"].options() if option["ticked"]] == []
    assert "checked" not in page.content.decode().partition("group-symptoms")[0]


def test_no_change_with_ticked_findings_is_rejected(doctor, visit, earlier):
    page = doctor.get(assessment_path(visit))
    assert 'name="unchanged"' in page.content.decode()
    save_groups(doctor, assessment_path(visit), posture=["retrocollis"])
    response = doctor.post(assessment_path(visit), unchanged(page, earlier))
    assert response.status_code == 409
    assert "Findings are selected here" in response.content.decode()
    assert 'name="unchanged"' not in response.content.decode()
    assert Assessment.objects.for_page().get(visit=visit).postures_text() == "Retrocollis"


def test_only_an_earlier_assessment_of_this_patient_is_offered(doctor, visit, earlier, neurologist):
    other = builders.an_assessment(visit=builders.an_arrived_visit(clinician=neurologist, hour=16), by=neurologist)
    page = doctor.get(assessment_path(visit))
    assert page.context["last"] == earlier
    response = doctor.post(assessment_path(visit), unchanged(page, other))
    assert response.status_code == 422
    assert "That is not an earlier assessment of this patient." in response.content.decode()
    assert not Assessment.objects.filter(visit=visit).exists()


def test_assessment_in_error_is_not_the_last_one(doctor, visit, earlier, neurologist):
    builders.in_error(earlier, by=neurologist)
    assert doctor.get(assessment_path(visit)).context["last"] is None


# Date and user


@pytest.mark.parametrize("state", ["cancelled", "tomorrow"])
def test_assessment_needs_an_attended_visit(state, doctor, neurologist):
    day = builders.today() + dt.timedelta(days=1 if state == "tomorrow" else 0)
    visit = builders.a_visit(clinician=neurologist, day=day)
    page = doctor.get(assessment_path(visit))
    if state == "cancelled":
        change_visit_state(
            visit=visit, state=builders.VisitState.CANCELLED, by=neurologist, version=visit.version, reason="ill"
        )
    response = doctor.post(assessment_path(visit), group_sent(page, "daily", driving="not at night"))
    assert response.status_code == 409
    assert "not at night" in response.content.decode()
    assert "The visit is" in doctor.get(assessment_path(visit)).content.decode()
    assert not Assessment.objects.exists()


def test_form_sent_twice_creates_one(doctor, visit):
    sent = group_sent(doctor.get(assessment_path(visit)), "daily", driving="no")
    assert [doctor.post(assessment_path(visit), sent).status_code for _ in range(2)] == [302, 302]
    assert stored().version == 1


def test_second_new_assessment_is_a_conflict_and_text_stays(doctor, visit, neurologist):
    sent = group_sent(doctor.get(assessment_path(visit)), "daily", driving="sometimes")
    builders.an_assessment(visit=visit, by=neurologist, driving="yes")
    response = doctor.post(assessment_path(visit), sent)
    assert response.status_code == 409
    assert "Stored now: yes." in str(response.context["form"].errors["driving"])
    assert 'value="sometimes"' in response.content.decode()
    assert stored().driving == "yes"


def test_second_of_two_changes_shows_the_stored_values(doctor, visit, neurologist):
    made = builders.an_assessment(visit=visit, by=neurologist, postures=[("torticollis", "left")], driving="yes")
    page = doctor.get(assessment_path(visit))
    change_assessment(
        assessment=made, by=neurologist, version=1, postures=[("retrocollis", "")], driving="no",
        scores=[(builders.an_instrument("Tsui"), 9)],
    )  # fmt: skip
    for group, typed, shown in (
        ("posture", {"posture": ["antecollis"]}, "Stored now: Retrocollis."),
        ("daily", {"driving": "sometimes"}, "Stored now: no."),
        ("scores", {score("Tsui"): "8"}, "Stored now: 9."),
    ):
        response = doctor.post(assessment_path(visit), group_sent(page, group, **typed))
        assert response.status_code == 409
        (name,) = typed
        assert shown in str(response.context["form"].errors[name])
        assert response.context["form"][name].value() == typed[name]
        again = doctor.post(assessment_path(visit), group_sent(response, group))
        assert again.status_code == 302
    assert (stored().postures_text(), stored().driving, stored().scores_text()) == (
        "Antecollis", "sometimes", "Tsui 8",
    )  # fmt: skip


def test_form_without_its_version_is_rejected(doctor, visit, neurologist):
    builders.an_assessment(visit=visit, by=neurologist, driving="yes")
    typed = {PATIENT: visit.patient_id, f"v{visit.pk}-daily-driving": "no"}
    assert doctor.post(assessment_path(visit), typed).status_code == 422
    assert stored().driving == "yes"


def test_assessment_in_error_is_named_and_another_recorded(doctor, visit, neurologist):
    wrong = builders.an_assessment(visit=visit, by=neurologist, driving="yes")
    path = f"/assessments/{wrong.pk}/entered-in-error/"
    assert doctor.post(path, {"reason": "Another patient.", "version": wrong.version}).status_code == 302
    page = doctor.get(assessment_path(visit))
    assert "Another patient." in page.content.decode()
    assert doctor.post(assessment_path(visit), group_sent(page, "daily", driving="no")).status_code == 302
    assert stored().driving == "no"
    # And the first cannot be restored next to it
    response = doctor.post(path, {"undo": "yes", **shown_version(wrong)})
    assert response.status_code == 409
    assert "Another assessment of this visit already exists" in response.content.decode()


@pytest.mark.parametrize(("typed", "message"), [("", "Enter why"), ("Wr\u202eong", "invisible character")])
def test_reason_for_error_is_shown(typed, message, doctor, visit, neurologist):
    made = builders.an_assessment(visit=visit, by=neurologist, driving="yes")
    path = f"/assessments/{made.pk}/entered-in-error/"
    response = doctor.post(path, {"reason": typed, "version": made.version})
    assert message in str(response.context["form"].errors["reason"])
    assert stored() == made


def test_trainees_can_record_and_clinic_staff_cannot(client, trainee, staff, visit):
    client.force_login(trainee)
    assert save_groups(client, assessment_path(visit), driving="no").status_code == 302
    client.force_login(staff)
    assert client.get(assessment_path(visit)).status_code == 403
