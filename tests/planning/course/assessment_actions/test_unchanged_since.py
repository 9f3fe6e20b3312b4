"""Findings carried over from an earlier assessment, and the text of an assessment."""

from decimal import Decimal

import pytest

from clinic.records.actions import mark_entered_in_error
from planning.course.actions.assessments import record_assessment
from planning.course.models.assessment import DAILY_LIFE, SIGNS, Assessment
from planning.course.models.findings import Posture, Symptom
from tests import builders
from tests.planning.course.assessment_actions.assessment_steps import (
    POSTURES,
    SYMPTOMS,
    an_earlier_visit,
    change,
    refused,
    scores,
)

pytestmark = pytest.mark.django_db


def test_unchanged_since_copies_findings_but_no_score(earlier, visit, neurologist):
    assessment = record_assessment(
        visit=visit,
        by=neurologist,
        unchanged_since=earlier,
        scores=[(builders.an_instrument("CGI-S"), Decimal(4))],
        note="well",
    )

    assert assessment.unchanged_since == earlier
    assert set(assessment.postures.values_list("posture", "side")) == set(POSTURES)
    assert set(assessment.symptoms.values_list("symptom", "presence", "severity", "frequency")) == set(SYMPTOMS)
    assert (assessment.tremor, assessment.tremor_note) == ("present", "at rest")
    assert [str(score) for score in assessment.scores.all()] == ["CGI-S 4"]
    assert (assessment.driving, assessment.note) == ("", "well")
    assert assessment.postures.first().history.get().history_user == neurologist


def test_unchanged_since_names_a_later_mark_of_error(earlier, visit, neurologist):
    assessment = builders.an_assessment(visit=visit, unchanged_since=earlier)

    def text():
        return dict(Assessment.objects.get(pk=assessment.pk).facts())["No change since"]

    assert "entered in error" not in text()
    builders.in_error(builders.now(earlier), by=neurologist)
    assert text().endswith(", which was later marked as entered in error")
    builders.undo_in_error(earlier, by=neurologist)
    assert "entered in error" not in text()


def test_unchanged_since_copies_a_straight_head(visit, neurologist):
    earlier = builders.an_assessment(visit=an_earlier_visit(visit), head_is_straight=True)

    assert builders.an_assessment(visit=visit, unchanged_since=earlier).head_is_straight


def test_unchanged_since_copies_the_stored_findings(earlier, visit, neurologist):
    change(earlier, by=neurologist, tremor="absent", tremor_note="")

    assert builders.an_assessment(visit=visit, unchanged_since=earlier).tremor == "absent"


def test_unchanged_since_works_across_linked_records(earlier, neurologist):
    # Given a patient who is registered again, and found to be the same person
    again = builders.an_arrived_visit(clinician=neurologist, hour=14)
    builders.the_same_person(again.patient, earlier.visit.patient, by=neurologist)

    # Then what was found under the other record can be carried over
    assert builders.an_assessment(visit=again, unchanged_since=earlier).unchanged_since == earlier


def test_unchanged_since_another_patients_is_rejected(visit, neurologist):
    strangers = builders.an_assessment(visit=an_earlier_visit(builders.an_arrived_visit(hour=8)))

    with refused("not an earlier assessment of this patient"):
        record_assessment(visit=visit, by=neurologist, unchanged_since=strangers)


def test_unchanged_since_a_later_assessment_is_rejected(assessment, visit, neurologist):
    before = an_earlier_visit(visit)

    with refused("not an earlier assessment of this patient"):
        record_assessment(visit=before, by=neurologist, unchanged_since=assessment)


def test_unchanged_since_an_assessment_in_error_is_rejected(earlier, visit, neurologist):
    mark_entered_in_error(record=earlier, reason="Other patient", by=neurologist, version=earlier.version)

    with refused("not an earlier assessment of this patient"):
        record_assessment(visit=visit, by=neurologist, unchanged_since=earlier)


@pytest.mark.parametrize(
    "ticked",
    [
        {"postures": POSTURES},
        {"symptoms": SYMPTOMS},
        {"head_is_straight": True},
        *({sign: "absent"} for sign in SIGNS),
        {"jerk_note": "in the morning"},
    ],
    ids=str,
)
def test_unchanged_since_with_own_findings_is_rejected(ticked, earlier, visit, neurologist):
    with refused("Findings are selected here"):
        record_assessment(visit=visit, by=neurologist, unchanged_since=earlier, **ticked)


@pytest.mark.parametrize(
    ("typed", "remains"),
    [
        ({"postures": [POSTURES[0]]}, False),
        ({"symptoms": [("spasms", "present", "severe", "often"), SYMPTOMS[1]]}, False),
        ({"tremor": "absent"}, False),
        ({"tremor_note": "when writing"}, False),
        ({"scores": []}, True),
        ({"note": "more"}, True),
        ({"driving": "again"}, True),
    ],
    ids=str,
)
def test_changed_finding_is_no_longer_marked_unchanged(typed, remains, earlier, visit, trainee):
    assessment = builders.an_assessment(visit=visit, unchanged_since=earlier, scores=scores(Tsui=3))

    changed = change(assessment, by=trainee, **typed)

    assert (changed.unchanged_since == earlier) is remains


# As text


def test_every_field_appears_in_the_facts(visit, neurologist):
    texts = {name: f"about {name}" for name in (*(f"{sign}_note" for sign in SIGNS), *DAILY_LIFE, "note")}
    assessment = builders.an_assessment(
        visit=visit,
        postures=[(posture, posture.sides()[0]) for posture in Posture],
        symptoms=[
            (symptom, *(("present", "severe", "always") if place % 2 else ("absent", "", "")))
            for place, symptom in enumerate(Symptom)
        ],
        scores=scores(Tsui=12, TWSTRS_pain="7.50"),
        **dict.fromkeys(SIGNS, "present"),
        **texts,
    )

    shown = dict(assessment.facts())

    assert shown["Posture"].startswith("Torticollis right · Torticaput right · ")
    assert shown["Posture"].endswith("Antecollis · Antecaput · Retrocollis · Retrocaput · Lateral shift right · "
                                    "Sagittal shift")  # fmt: skip
    assert shown["Tremor"] == "present: about tremor_note"
    assert shown["Sensory trick"] == "present: about sensory_trick_note"
    assert "Neck discomfort (severe, all the time)" in shown["Symptoms"]
    assert shown["Absent"].startswith("Neck muscle spasms · ")
    assert shown["Scores"] == "TWSTRS pain 7.5 · Tsui 12"
    everything = " ".join(shown.values())
    for text in (*texts.values(), *(posture.label for posture in Posture), *(symptom.label for symptom in Symptom)):
        assert text in everything


def test_text_names_unchanged_since_and_omits_empty_fields(earlier, visit):
    assessment = builders.an_assessment(visit=visit, unchanged_since=earlier)

    shown = assessment.facts()

    assert shown[0][0] == "No change since"
    assert [label for label, _ in shown] == ["No change since", "Posture", "Tremor", "Symptoms", "Absent"]
    empty = builders.an_assessment(visit=builders.an_arrived_visit())
    assert empty.facts() == []


@pytest.mark.parametrize("posture", Posture)
def test_each_posture_has_a_meaning_and_its_side(posture):
    for side in posture.sides():
        meaning = posture.meaning(side)
        assert "{" not in meaning
        assert (str(side) in meaning) or not posture.has_a_side
    assert len(posture.sides()) == (2 if posture.has_a_side else 1)
