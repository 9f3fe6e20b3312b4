"""A single score: recorded and changed alone, by the rules of its assessment."""

from contextlib import contextmanager
from decimal import Decimal
from functools import partial

import pytest
from django.core.exceptions import ValidationError

from clinic.models import AuditEntry
from clinic.records.actions import mark_entered_in_error
from clinic.records.exceptions import Conflict, Refused
from planning.course.actions.assessments import change_assessment, change_score, record_score
from planning.models import Assessment, Instrument, PostureFinding, Score, SymptomFinding
from tests import builders
from tests.parallel import at_once

pytestmark = pytest.mark.django_db

TSUI = partial(builders.an_instrument, "Tsui")
PAIN = partial(builders.an_instrument, "TWSTRS pain")


@pytest.fixture
def assessment(neurologist):
    """With posture, a symptom, a note and a score."""
    return builders.an_assessment(
        visit=builders.an_arrived_visit(clinician=neurologist),
        postures=[("torticollis", "right")],
        symptoms=[("spasms", "present", "mild", "often")],
        scores=[(TSUI(), 12)],
        tremor="present",
        note="well",
    )


@pytest.fixture
def score(assessment):
    return assessment.scores.get()


def record(assessment, instrument, value, *, by):
    return record_score(assessment=assessment, instrument=instrument, value=value, by=by)


def change(score, value, *, by, version=None):
    return change_score(score=score, value=value, by=by, version=version or score.assessment.version)


def stored():
    models = (Assessment, PostureFinding, SymptomFinding, Score, Score.history, Assessment.history)
    return [list(getattr(model, "objects", model).order_by("pk").values()) for model in models]


def stored_and_audited():
    return stored(), AuditEntry.objects.count()


@contextmanager
def refused(message, kind=Refused, field=None):
    """Inside, an action raises that message for that field, and no change is stored or audited."""
    before = stored_and_audited()
    with pytest.raises(kind, match=message) as refusal:
        yield refusal
    assert refusal.value.field == field
    assert stored_and_audited() == before


def one_more_version(assessment, by):
    """The assessment has one more version by that user and one audit entry; only its scores changed."""
    now = Assessment.objects.get(pk=assessment.pk)
    entry = AuditEntry.objects.last()
    assert (now.version, now.history.latest().history_user) == (assessment.version + 1, by)
    assert (entry.action, entry.object_type, entry.object_id, entry.actor) == (
        "changed",
        "planning.assessment",
        assessment.pk,
        by,
    )
    assert [row.patient_id for row in entry.patients.all()] == [assessment.visit.patient_id]
    assert AuditEntry.objects.filter(object_id=assessment.pk, action="changed").count() == 1
    assert (now.note, now.tremor, now.postures_text()) == ("well", "present", "Torticollis right")
    assert [row.history.count() for row in (now.postures.get(), now.symptoms.get())] == [1, 1]
    return True


# Recording


def test_added_score_leaves_the_assessment_unchanged(assessment, score, trainee):
    made = record(assessment, PAIN(), Decimal("7.25"), by=trainee)

    assert (made.instrument, made.value, made.assessment) == (PAIN(), Decimal("7.25"), assessment)
    assert made.history.get().history_user == trainee
    assert score.history.count() == 1
    assert set(assessment.scores.all()) == {score, made}
    assert one_more_version(assessment, trainee)


def test_repeated_score_succeeds_without_an_audit_entry(assessment, score, trainee):
    before = stored_and_audited()
    assert record(assessment, TSUI(), Decimal("12.00"), by=trainee) == score
    assert stored_and_audited() == before


def test_repeated_score_of_a_retired_instrument_succeeds(assessment, score, trainee, catalogue_manager):
    builders.retire(TSUI(), by=catalogue_manager)
    assert record(assessment, TSUI(), 12, by=trainee) == score


@pytest.mark.engine
def test_second_score_of_an_instrument_is_rejected_by_field(assessment, trainee):
    with refused("A score of Tsui is already recorded here. Change that score.", field="instrument"):
        record(assessment, TSUI(), 13, by=trainee)


def test_retired_instrument_accepts_no_new_score(assessment, trainee, catalogue_manager):
    read = PAIN()
    builders.retire(read, by=catalogue_manager)
    with refused("TWSTRS pain is retired.", field="instrument"):
        record(assessment, read, 7, by=trainee)


def test_deleted_instrument_accepts_no_new_score(assessment, trainee):
    read = PAIN()
    Instrument.objects.filter(pk=read.pk).delete()
    with refused("TWSTRS pain is no longer in the catalogue.", field="instrument"):
        record(assessment, read, 7, by=trainee)


OUT_OF_RANGE = [
    ("TWSTRS pain", 21, "TWSTRS pain must be between 0 and 20."),
    ("TWSTRS pain", "-0.25", "TWSTRS pain must be between 0 and 20."),
    ("CGI-S", 0, "CGI-S must be between 1 and 7."),
    ("CGI-S", "3.5", "CGI-S must be a whole number."),
]


@pytest.mark.engine
@pytest.mark.parametrize(("name", "value", "message"), OUT_OF_RANGE)
def test_new_score_out_of_range_is_rejected(name, value, message, assessment, trainee):
    with refused(message, field="value"):
        record(assessment, builders.an_instrument(name), Decimal(value), by=trainee)


@pytest.mark.engine
def test_score_with_too_many_digits_is_a_validation_error(assessment, score, trainee):
    pain = record(assessment, PAIN(), 7, by=trainee)
    before = stored_and_audited()
    total = builders.an_instrument("TWSTRS total")
    for write in (
        partial(record, assessment, total, Decimal("7.125"), by=trainee),
        partial(change, pain, Decimal("7.125"), by=trainee),
    ):
        with pytest.raises(ValidationError) as refusal:
            write()
        assert "value" in refusal.value.message_dict
    assert stored_and_audited() == before


def test_other_score_out_of_a_narrowed_range_is_ignored(assessment, trainee):
    Instrument.objects.filter(name="Tsui").update(highest=5)
    assert record(assessment, PAIN(), 7, by=trainee).pk


def test_added_score_keeps_unchanged_since(assessment, neurologist, trainee):
    visit = builders.an_arrived_visit(patient=assessment.patient, clinician=neurologist, hour=15)
    later = builders.an_assessment(visit=visit, unchanged_since=assessment)
    made = record(later, TSUI(), 9, by=trainee)
    change(made, 8, by=trainee)
    assert Assessment.objects.get(pk=later.pk).unchanged_since == assessment


# Changing


def test_changed_score_leaves_the_assessment_unchanged(assessment, score, trainee):
    changed = change(score, 9, by=trainee)

    assert (changed.pk, changed.value, assessment.scores.count()) == (score.pk, 9, 1)
    last = score.history.latest()
    assert (last.value, last.history_user, last.history_type) == (9, trainee, "~")
    assert one_more_version(assessment, trainee)


@pytest.mark.engine
def test_stale_change_of_a_score_is_a_conflict(assessment, score, neurologist, trainee):
    change(score, 9, by=trainee)
    with refused("Another user has changed this", kind=Conflict) as refusal:
        change(score, 8, by=neurologist, version=assessment.version)
    assert (refusal.value.current, refusal.value.current.version) == (assessment, assessment.version + 1)
    assert refusal.value.current.scores.get().value == 9


@pytest.mark.engine
def test_change_of_the_assessment_makes_score_changes_stale(assessment, score, neurologist, trainee):
    record(assessment, PAIN(), 7, by=trainee)
    with refused("Another user has changed this", kind=Conflict):
        change(score, 8, by=neurologist, version=assessment.version)


def test_repeated_change_succeeds_without_an_audit_entry(assessment, score, trainee):
    change(score, 9, by=trainee)
    before = stored_and_audited()
    assert change(score, Decimal("9.00"), by=trainee, version=assessment.version) == score
    assert stored_and_audited() == before


@pytest.mark.engine
def test_change_of_a_removed_score_is_a_conflict(assessment, score, neurologist, trainee):
    change_assessment(assessment=assessment, by=trainee, version=assessment.version)
    for version in (assessment.version, assessment.version + 1):
        with refused("This score was removed. Read the assessment again.", kind=Conflict) as refusal:
            change(score, 9, by=neurologist, version=version)
        assert refusal.value.current == assessment


@pytest.mark.engine
@pytest.mark.parametrize(("name", "value", "message"), OUT_OF_RANGE)
def test_changed_score_out_of_range_is_rejected(name, value, message, assessment, trainee):
    made = record(assessment, builders.an_instrument(name), 5, by=trainee)
    with refused(message, field="value"):
        change(made, Decimal(value), by=trainee, version=assessment.version + 1)


def test_score_of_a_retired_instrument_can_be_corrected(score, trainee, catalogue_manager):
    builders.retire(TSUI(), by=catalogue_manager)
    assert change(score, 9, by=trainee).value == 9


def test_scores_of_an_assessment_in_error_cannot_change(assessment, score, neurologist, trainee):
    mark_entered_in_error(record=assessment, reason="Other patient", by=neurologist, version=assessment.version)
    for write in (
        partial(record, assessment, PAIN(), 7, by=trainee),
        partial(record, assessment, TSUI(), 12, by=trainee),
        partial(change, score, 9, by=trainee, version=assessment.version + 1),
    ):
        with refused("This is marked as entered in error: Other patient"):
            write()


# Two at once


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_one_of_two_concurrent_scores_is_stored():
    people = [builders.a_clinician() for _ in range(2)]
    for _ in range(5):
        assessment = builders.an_assessment(visit=builders.an_arrived_visit())
        made = at_once(*(partial(record, assessment, TSUI(), value, by=person) for value, person in enumerate(people)))
        assert sorted(type(one).__name__ for one in made) == ["Refused", "Score"], made
        assert assessment.scores.count() == 1


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_equal_concurrent_scores_are_stored_once():
    person = builders.a_clinician()
    assessment = builders.an_assessment(visit=builders.an_arrived_visit())
    made = at_once(*(partial(record, assessment, TSUI(), 3, by=person) for _ in range(3)))
    assert set(made) == {assessment.scores.get()}
    assert Assessment.objects.get(pk=assessment.pk).version == assessment.version + 1


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_one_of_two_concurrent_score_changes_is_a_conflict():
    people = [builders.a_clinician() for _ in range(2)]
    assessment = builders.an_assessment(visit=builders.an_arrived_visit(), scores=[(TSUI(), 20), (PAIN(), 20)])
    for number in range(5):
        version = Assessment.objects.get(pk=assessment.pk).version
        made = at_once(
            *(
                partial(change, score, number, by=person, version=version)
                for score, person in zip(assessment.scores.all(), people, strict=True)
            )
        )
        assert sorted(type(one).__name__ for one in made) == ["Conflict", "Score"], made
        assert Assessment.objects.get(pk=assessment.pk).version == version + 1
