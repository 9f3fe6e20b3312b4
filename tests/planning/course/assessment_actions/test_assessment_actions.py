"""Assessments: recorded, checked, changed as a whole, marked as entered in error."""

import datetime as dt
from decimal import Decimal
from functools import partial

import pytest
from django.core.exceptions import ValidationError

from clinic.models import AuditEntry
from clinic.records.actions import mark_entered_in_error
from clinic.records.exceptions import Conflict, Refused
from patients.models import VisitState
from planning.course.actions.assessments import record_assessment, repeat_findings
from planning.models import Assessment, Instrument, PostureFinding, Score, SymptomFinding
from planning.pages.actions.visits import change_visit_state
from tests import builders
from tests.parallel import at_once
from tests.planning.course.assessment_actions.assessment_steps import (
    POSTURES,
    SYMPTOMS,
    an_earlier_visit,
    change,
    last_entry,
    refused,
    scores,
    stored,
)

pytestmark = pytest.mark.django_db


# Recording


def test_findings_and_scores_are_stored_with_their_author(visit, neurologist):
    assessment = record_assessment(
        visit=visit,
        by=neurologist,
        postures=POSTURES,
        symptoms=SYMPTOMS,
        scores=scores(Tsui=12, TWSTRS_pain=7.25),
        tremor="present",
        tremor_note="at rest",
        driving="only short ways",
    )

    assert set(assessment.postures.values_list("posture", "side")) == set(POSTURES)
    assert set(assessment.symptoms.values_list("symptom", "presence", "severity", "frequency")) == set(SYMPTOMS)
    assert {str(score) for score in assessment.scores.all()} == {"Tsui 12", "TWSTRS pain 7.25"}
    assert (assessment.tremor_note, assessment.driving, assessment.unchanged_since) == (
        "at rest",
        "only short ways",
        None,
    )
    assert (assessment.recorded_by, assessment.patient) == (neurologist, visit.patient)
    histories = (assessment, assessment.postures.first(), assessment.symptoms.first(), assessment.scores.first())
    assert {row.history.get().history_user for row in histories} == {neurologist}
    assert last_entry() == ("assessed", assessment.pk, neurologist, [visit.patient_id])


def test_assessment_without_findings_is_stored(visit, neurologist):
    assessment = record_assessment(visit=visit, by=neurologist, head_is_straight=True)

    assert assessment.postures_text() == "head held straight"


def test_second_assessment_of_a_visit_is_rejected_with_a_message(assessment, visit, trainee):
    with refused("An assessment of this visit was recorded after you opened it"):
        record_assessment(visit=visit, by=trainee)


@pytest.mark.parametrize("state", [VisitState.CANCELLED, VisitState.NO_SHOW, VisitState.ENTERED_IN_ERROR])
def test_assessment_needs_a_visit_that_took_place(state, neurologist):
    visit = builders.a_visit(clinician=neurologist)
    visit = change_visit_state(visit=visit, state=state, by=neurologist, version=visit.version, reason="ill")

    with refused(f"The visit is {state.label.lower()}"):
        record_assessment(visit=visit, by=neurologist)


def test_assessment_at_a_coming_visit_is_rejected(neurologist):
    tomorrow = builders.today() + dt.timedelta(days=1)
    visit = builders.a_visit(clinician=neurologist, day=tomorrow)

    with refused("Findings can be recorded from that day on"):
        record_assessment(visit=visit, by=neurologist)


def test_linked_record_accepts_no_new_assessment(visit, neurologist):
    visit = builders.finish(visit)
    builders.the_same_person(builders.a_patient(), visit.patient, by=neurologist)
    visit.refresh_from_db()

    with refused("This record is the same person as .* Continue there"):
        record_assessment(visit=visit, by=neurologist)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("Tsui", 26, "Tsui must be between 0 and 25."),
        ("Tsui", -1, "Tsui must be between 0 and 25."),
        ("Tsui", "12.5", "Tsui must be a whole number."),
        ("CGI-S", 0, "CGI-S must be between 1 and 7."),
        ("TWSTRS total", "85.25", "TWSTRS total must be between 0 and 85."),
    ],
)
def test_score_out_of_range_is_rejected(name, value, message, visit, assessment, neurologist):
    wrong = [(builders.an_instrument(name), Decimal(str(value)))]

    for write in (
        partial(record_assessment, visit=an_earlier_visit(visit), by=neurologist, scores=wrong),
        partial(change, assessment, by=neurologist, scores=wrong),
    ):
        with pytest.raises(Refused, match=message) as refusal:
            write()
        assert refusal.value.field == f"score_{builders.an_instrument(name).pk}"
    assert [str(score) for score in Score.objects.all()] == ["Tsui 12"]


@pytest.mark.parametrize(
    ("name", "value"), [("Tsui", 0), ("Tsui", 25), ("TWSTRS total", "84.75"), ("TWSTRS pain", "0.25")]
)
def test_score_at_a_bound_or_fraction_is_stored_as_typed(name, value, visit):
    assessment = builders.an_assessment(visit=visit, scores=[(builders.an_instrument(name), Decimal(str(value)))])

    assert assessment.scores.get().value == Decimal(str(value))


def test_score_is_checked_against_the_current_range(visit, neurologist):
    typed = scores(Tsui=20)
    Instrument.objects.filter(name="Tsui").update(highest=15)

    with refused("Tsui must be between 0 and 15.", field=f"score_{builders.an_instrument('Tsui').pk}"):
        record_assessment(visit=visit, by=neurologist, scores=typed)


def test_score_of_a_deleted_instrument_is_rejected(visit, neurologist):
    typed = scores(Tsui=20)
    Instrument.objects.filter(name="Tsui").delete()

    with refused("Tsui is no longer in the catalogue.", field=f"score_{typed[0][0].pk}"):
        record_assessment(visit=visit, by=neurologist, scores=typed)


IMPOSSIBLE = {
    "a posture, although the head is straight": (
        {"head_is_straight": True, "postures": POSTURES},
        "“held straight” cannot be selected",
        "head_is_straight",
    ),
    "no side where the form has one": (
        {"postures": [("torticollis", "")]},
        "Torticollis: choose the side.",
        "posture_torticollis",
    ),
    "a side where the form has none": (
        {"postures": [("antecollis", "left")]},
        "Antecollis: this has no side.",
        "posture_antecollis",
    ),
    "absent, with a severity": (
        {"symptoms": [("spasms", "absent", "mild", "")]},
        "Only a symptom that is present",
        "symptom_spasms",
    ),
    "absent, with a frequency": (
        {"symptoms": [("spasms", "absent", "", "often")]},
        "Only a symptom that is present",
        "symptom_spasms",
    ),
}


@pytest.mark.parametrize(("typed", "message", "field"), IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_invalid_finding_is_rejected_by_field(typed, message, field, visit, assessment, neurologist):
    other = an_earlier_visit(visit)

    with refused(message, field=field):
        record_assessment(visit=other, by=neurologist, **typed)
    with refused(message, field=field):
        change(assessment, by=neurologist, **typed)


@pytest.mark.parametrize(
    "typed",
    [
        {"postures": [("leaning", "")]},
        {"symptoms": [("itching", "present", "", "")]},
        {"symptoms": [("spasms", "", "", "")]},
        {"symptoms": [("spasms", "present", "deadly", "")]},
        {"tremor": "perhaps"},
        {"note": "hidden \u202e text"},
    ],
)
def test_unknown_choice_is_a_validation_error(typed, visit, neurologist):
    with pytest.raises(ValidationError):
        record_assessment(visit=visit, by=neurologist, **typed)
    assert not Assessment.objects.exists()


# Changing


def test_removed_finding_stays_in_the_history(assessment, trainee):
    changed = change(
        assessment,
        by=trainee,
        postures=[("torticollis", "left"), ("retrocollis", "")],
        symptoms=[SYMPTOMS[0]],
        scores=[(builders.an_instrument("CDQ-24"), Decimal("40.5"))],
    )

    assert set(changed.postures.values_list("posture", "side")) == {("torticollis", "left"), ("retrocollis", "")}
    assert changed.symptoms.get().symptom == "spasms"
    assert changed.scores.get().instrument.name == "CDQ-24"
    gone = [
        PostureFinding.history.get(posture="antecollis", history_type="-"),
        SymptomFinding.history.get(symptom="swallowing", history_type="-"),
        Score.history.get(instrument=builders.an_instrument("Tsui"), history_type="-"),
    ]
    assert {row.history_user for row in gone} == {trainee}
    turned = PostureFinding.history.get(posture="torticollis", history_type="~")
    assert (turned.side, turned.history_user) == ("left", trainee)
    assert last_entry() == ("changed", assessment.pk, trainee, [assessment.visit.patient_id])
    assert changed.version == assessment.version + 1


def test_unchanged_findings_are_not_written_again(assessment, neurologist):
    change(assessment, by=neurologist, note="calmer")

    assert [row.history.count() for row in (*assessment.postures.all(), *assessment.scores.all())] == [1, 1, 1]
    assert assessment.history.count() == 2


@pytest.mark.parametrize(
    "typed",
    [
        {"postures": []},
        {"postures": [("torticollis", "left"), ("antecollis", "")]},
        {"symptoms": []},
        {"scores": []},
        {"tremor": "absent"},
        {"driving": "not any more"},
    ],
    ids=str,
)
def test_stale_change_of_any_part_is_a_conflict(typed, assessment, neurologist, trainee):
    change(assessment, by=trainee, note="typed meanwhile")

    with refused("Another user has changed this", kind=Conflict) as refusal:
        change(assessment, by=neurologist, **typed)
    assert refusal.value.current.note == "typed meanwhile"


def test_repeated_change_succeeds_without_an_audit_entry(assessment, neurologist):
    typed = {"note": "calmer", "scores": scores(Tsui=9)}
    change(assessment, by=neurologist, **typed)
    before = stored(), AuditEntry.objects.count()

    repeated = change(assessment, by=neurologist, version=assessment.version, **typed)

    assert repeated.version == assessment.version + 1
    assert (stored(), AuditEntry.objects.count()) == before


def test_assessment_in_error_cannot_be_changed(assessment, neurologist):
    mark_entered_in_error(record=assessment, reason="Other patient", by=neurologist, version=assessment.version)

    with refused("This is marked as entered in error: Other patient"):
        change(assessment, by=neurologist, note="x")


# Entered in error


def test_assessment_in_error_allows_another(assessment, visit, neurologist, trainee):
    marked = mark_entered_in_error(record=assessment, reason="Other visit", by=trainee, version=assessment.version)

    assert last_entry() == ("entered in error", assessment.pk, trainee, [visit.patient_id])
    assert (marked.error_reason, marked.error_by, marked.is_in_error) == ("Other visit", trainee, True)
    another = record_assessment(visit=visit, by=neurologist)
    assert list(Assessment.objects.active()) == [another]
    assert marked.postures.exists()


def test_repeated_mark_succeeds_and_stale_mark_is_a_conflict(assessment, neurologist):
    change(assessment, by=neurologist, note="x")
    with refused("Another user has changed this", kind=Conflict):
        mark_entered_in_error(record=assessment, reason="y", by=neurologist, version=assessment.version)

    marked = mark_entered_in_error(record=assessment, reason="y", by=neurologist, version=assessment.version + 1)
    again = mark_entered_in_error(record=assessment, reason="y", by=neurologist, version=assessment.version)
    assert (again.version, again.error_reason) == (marked.version, "y")


def test_mark_is_undone_once(assessment, visit, neurologist):
    marked = mark_entered_in_error(record=assessment, reason="x", by=neurologist, version=assessment.version)

    undone = builders.undo_in_error(marked, by=neurologist)

    assert last_entry() == ("undid entered in error", assessment.pk, neurologist, [visit.patient_id])
    assert (undone.is_in_error, undone.error_reason, undone.error_by) == (False, "", None)
    before = stored(), AuditEntry.objects.count()
    builders.undo_in_error(marked, by=neurologist)
    assert (stored(), AuditEntry.objects.count()) == before


def test_mark_cannot_be_undone_if_another_assessment_exists(assessment, visit, neurologist, monkeypatch):
    mark_entered_in_error(record=assessment, reason="x", by=neurologist, version=assessment.version)
    record_assessment(visit=visit, by=neurologist)

    with refused("Another assessment of this visit already exists. Mark that one as entered in error first."):
        builders.undo_in_error(assessment, by=neurologist)

    # And if the other one was stored after the check, the database rejects it, with the same message
    obstacle, blind = Assessment.return_obstacle, iter([True])
    monkeypatch.setattr(Assessment, "return_obstacle", lambda one: None if next(blind, False) else obstacle(one))
    with refused("Another assessment of this visit already exists. Mark that one as entered in error first."):
        builders.undo_in_error(assessment, by=neurologist)


def test_active_queryset_and_is_in_error_agree(assessment, earlier, neurologist):
    mark_entered_in_error(record=earlier, reason="x", by=neurologist, version=earlier.version)

    every = Assessment.objects.all()
    assert set(every.active()) == {one for one in every if not one.is_in_error} == {assessment}


# Two at once


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_one_of_two_concurrent_assessments_is_stored():
    people = [builders.a_clinician() for _ in range(2)]
    for number in range(10):
        visit = builders.an_arrived_visit(day=builders.today() - dt.timedelta(days=number))
        made = at_once(
            *(
                partial(record_assessment, visit=visit, by=person, postures=POSTURES, scores=scores(Tsui=3))
                for person in people
            )
        )
        assert sorted(type(one).__name__ for one in made) == ["Assessment", "Refused"], made
        refusal = next(one for one in made if isinstance(one, Refused))
        assert "An assessment of this visit was recorded after you opened it" in refusal.message
        assert (visit.assessments.count(), PostureFinding.objects.filter(assessment__visit=visit).count()) == (1, 2)


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_findings_repeated_twice_at_once_are_stored_once():
    person, patient = builders.a_clinician(), builders.a_patient()
    day = builders.today()
    before = builders.an_arrived_visit(patient=patient, day=day - dt.timedelta(days=20))
    earlier = record_assessment(visit=before, by=person, postures=POSTURES)
    for number in range(8):
        visit = builders.an_arrived_visit(patient=patient, day=day - dt.timedelta(days=number))
        repeat = partial(repeat_findings, visit=visit, by=person, unchanged_since=earlier, version=earlier.version)
        assert at_once(repeat, repeat) == [visit.assessments.get()] * 2
