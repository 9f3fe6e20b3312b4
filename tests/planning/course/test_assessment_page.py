"""The page of an assessment: posture, symptoms, daily life and scores of a visit, saved as one."""

import datetime as dt
from types import SimpleNamespace

import pytest

from planning.course.actions.assessments import change_assessment
from planning.course.head_drawings import head_drawing
from planning.models import Assessment, Instrument, Posture, PostureSide, Symptom
from planning.pages.actions.visits import change_visit_state
from tests import builders
from tests.planning.course.course_pages import assessment_path, send, sent_by
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


def test_all_findings_are_saved_together(doctor, visit, neurologist):
    answer = send(
        doctor, assessment_path(visit),
        posture=["torticollis-left", "sagittal_shift"], tremor="absent", sensory_trick="present",
        sensory_trick_note="touches the cheek", symptom_swallowing="present", severity_swallowing="mild",
        frequency_swallowing="rarely", symptom_speaking="absent", driving="not on motorways", note="With her son.",
        **{score("TWSTRS total"): "41.5", score("CGI-S"): "4"},
    )  # fmt: skip
    assert answer.status_code == 302
    assessment = stored()
    assert assessment.recorded_by == neurologist
    assert assessment.postures_in_words() == "Torticollis left · Sagittal shift"
    assert dict(assessment.in_words()) == {
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
    assert [option["key"] for option in page.context["form"].posture_options() if option["ticked"]] == [
        "torticollis-left"
    ]
    answer = doctor.post(assessment_path(visit), sent_by(page, posture=["torticollis-right"]))
    assert answer.status_code == 302
    made.refresh_from_db()
    assert (made.version, made.postures_in_words(), made.reading) == (2, "Torticollis right", "with pain")


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
    ("typed", "sentence"),
    [
        ({"posture": ["torticollis-left", "torticollis-right"]}, "One side only: Torticollis."),
        ({"posture": ["torticollis-left"], "head_is_straight": "on"}, "so “held straight” cannot be selected"),
        ({"posture": ["elbow-left"]}, "Select a valid choice"),
        ({"symptom_swallowing": "perhaps"}, "Select a valid choice"),
        ({"note": "in\u202evisible"}, "invisible character"),
    ],
    ids=["both sides", "straight and turned", "no posture", "no answer", "invisible"],
)
def test_invalid_input_is_reported_and_stays(typed, sentence, doctor, visit):
    answer = send(doctor, assessment_path(visit), **typed, driving="not at night")
    assert answer.status_code in {200, 409}
    body = answer.content.decode()
    assert sentence in body
    assert "not at night" in body
    assert not Assessment.objects.exists()


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
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
def test_score_out_of_range_is_rejected_by_field(name, typed, sentence, doctor, visit):
    answer = send(doctor, assessment_path(visit), **{score(name): typed})
    assert sentence in str(answer.context["form"].errors[score(name)])
    assert not Assessment.objects.exists()


@pytest.mark.parametrize(("typed", "shown"), [("12.50", "12.5"), ("40", "40"), (" 7 ", "7"), ("0", "0")])
def test_score_is_shown_without_trailing_zeros(typed, shown, doctor, visit):
    send(doctor, assessment_path(visit), **{score("TWSTRS total"): typed})
    assert stored().scores_in_words() == f"TWSTRS total {shown}"


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


def test_no_change_copies_findings_but_no_score(doctor, visit, earlier):
    page = doctor.get(assessment_path(visit))
    assert "Laterocaput right · Antecollis" in page.content.decode()
    answer = doctor.post(assessment_path(visit), sent_by(page, unchanged=earlier.pk, **{score("Tsui"): "8"}))
    assert answer.status_code == 302
    made = Assessment.objects.for_page().get(visit=visit)
    assert made.unchanged_since == earlier
    assert made.findings_in_words() == earlier.findings_in_words()
    assert made.scores_in_words() == "Tsui 8"


def test_no_change_with_ticked_findings_is_rejected(doctor, visit, earlier):
    page = doctor.get(assessment_path(visit))
    answer = doctor.post(assessment_path(visit), sent_by(page, unchanged=earlier.pk, posture=["retrocollis"]))
    assert "Findings are selected here" in answer.content.decode()
    assert [option["key"] for option in answer.context["form"].posture_options() if option["ticked"]] == ["retrocollis"]
    assert not Assessment.objects.filter(visit=visit).exists()


def test_only_an_earlier_assessment_of_this_patient_is_offered(doctor, visit, earlier, neurologist):
    other = builders.an_assessment(visit=builders.an_arrived_visit(clinician=neurologist, hour=16), by=neurologist)
    page = doctor.get(assessment_path(visit))
    assert page.context["last"] == earlier
    answer = doctor.post(assessment_path(visit), sent_by(page, unchanged=other.pk))
    assert answer.status_code == 200
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
    answer = doctor.post(assessment_path(visit), sent_by(page) if state == "cancelled" else {})
    assert answer.status_code in {200, 409, 422}
    assert "The visit is" in doctor.get(assessment_path(visit)).content.decode()
    assert not Assessment.objects.exists()


def test_form_sent_twice_creates_one(doctor, visit):
    sent = sent_by(doctor.get(assessment_path(visit)), driving="no")
    assert [doctor.post(assessment_path(visit), sent).status_code for _ in range(2)] == [302, 302]
    assert Assessment.objects.count() == 1


def test_second_new_assessment_is_a_conflict_and_text_stays(doctor, visit, neurologist):
    sent = sent_by(doctor.get(assessment_path(visit)), driving="sometimes")
    builders.an_assessment(visit=visit, by=neurologist, driving="yes")
    answer = doctor.post(assessment_path(visit), sent)
    assert answer.status_code == 409
    assert "An assessment of this visit was recorded after you opened it" in answer.content.decode()
    assert 'value="sometimes"' in answer.content.decode()
    assert stored().driving == "yes"


def test_second_of_two_changes_shows_the_stored_values(doctor, visit, neurologist):
    made = builders.an_assessment(visit=visit, by=neurologist, postures=[("torticollis", "left")], driving="yes")
    page = doctor.get(assessment_path(visit))
    change_assessment(
        assessment=made, by=neurologist, version=1, postures=[("retrocollis", "")], driving="no",
        scores=[(builders.an_instrument("Tsui"), 9)],
    )  # fmt: skip
    answer = doctor.post(assessment_path(visit), sent_by(page, driving="sometimes", posture=["antecollis"]))
    assert answer.status_code == 409
    errors = answer.context["form"].errors
    assert "Stored now: Retrocollis." in str(errors["posture"])
    assert "Stored now: no." in str(errors["driving"])
    assert "Stored now: 9." in str(errors[score("Tsui")])
    assert 'value="sometimes"' in answer.content.decode()
    again = doctor.post(assessment_path(visit), sent_by(answer))
    assert again.status_code == 302
    assert stored().postures_in_words() == "Antecollis"


def test_form_without_its_version_is_rejected(doctor, visit, neurologist):
    builders.an_assessment(visit=visit, by=neurologist, driving="yes")
    doctor.post(assessment_path(visit), {f"v{visit.pk}-driving": "no"})
    assert stored().driving == "yes"


def test_assessment_in_error_is_named_and_another_recorded(doctor, visit, neurologist):
    wrong = builders.an_assessment(visit=visit, by=neurologist, driving="yes")
    path = f"/assessments/{wrong.pk}/entered-in-error/"
    assert doctor.post(path, {"reason": "Another patient.", "version": wrong.version}).status_code == 302
    page = doctor.get(assessment_path(visit))
    assert "Another patient." in page.content.decode()
    assert doctor.post(assessment_path(visit), sent_by(page, driving="no")).status_code == 302
    assert stored().driving == "no"
    # And the first cannot be restored next to it
    answer = doctor.post(path, {"undo": "yes", **shown_version(wrong)})
    assert answer.status_code == 409
    assert "Another assessment of this visit already exists" in answer.content.decode()


@pytest.mark.parametrize(("typed", "sentence"), [("", "Enter why"), ("Wr\u202eong", "invisible character")])
def test_reason_for_error_is_shown(typed, sentence, doctor, visit, neurologist):
    made = builders.an_assessment(visit=visit, by=neurologist, driving="yes")
    path = f"/assessments/{made.pk}/entered-in-error/"
    answer = doctor.post(path, {"reason": typed, "version": made.version})
    assert sentence in str(answer.context["form"].errors["reason"])
    assert stored() == made


def test_trainees_can_record_and_clinic_staff_cannot(client, trainee, staff, visit):
    client.force_login(trainee)
    assert send(client, assessment_path(visit), driving="no").status_code == 302
    client.force_login(staff)
    assert client.get(assessment_path(visit)).status_code == 403
