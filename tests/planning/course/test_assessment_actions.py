"""Assessments: what is found at a visit, checked, changed as one, and carried over from an earlier one."""

import datetime as dt
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError

from clinic.models import AuditEntry
from clinic.records.actions import mark_entered_in_error
from clinic.records.exceptions import Conflict, Refused
from patients.models import VisitState
from planning.course.actions.assessments import change_assessment, record_assessment
from planning.course.models.assessment import DAILY_LIFE, SIGNS
from planning.course.models.findings import Posture, Symptom
from planning.models import Assessment, Instrument, PostureFinding, Score, SymptomFinding
from planning.pages.actions.visits import change_visit_state
from tests import builders
from tests.parallel import at_once

pytestmark = pytest.mark.django_db

POSTURES = [("torticollis", "right"), ("antecollis", "")]
SYMPTOMS = [("spasms", "present", "mild", "often"), ("swallowing", "absent", "", "")]


def scores(**values):
    """`scores(Tsui=12)`; an underscore for each space."""
    return [(builders.an_instrument(name.replace("_", " ")), Decimal(str(value))) for name, value in values.items()]


@pytest.fixture(scope="module")
def made_world(module_transaction):
    """A visit at an hour at which no test books."""
    neurologist = builders.a_clinician()
    visit = builders.an_arrived_visit(clinician=neurologist, hour=4)
    return SimpleNamespace(neurologist=neurologist, visit=visit)


@pytest.fixture
def neurologist(world):
    return world.neurologist


@pytest.fixture
def visit(world):
    return world.visit


@pytest.fixture
def assessment(visit, neurologist):
    """With one of everything."""
    return builders.an_assessment(
        visit=visit, postures=POSTURES, symptoms=SYMPTOMS, scores=scores(Tsui=12), tremor="present"
    )


def all_of(assessment):
    """What stands there now, as an action takes it."""
    return {
        "postures": list(assessment.postures.values_list("posture", "side")),
        "symptoms": list(assessment.symptoms.values_list("symptom", "presence", "severity", "frequency")),
        "scores": [(score.instrument, score.value) for score in assessment.scores.all()],
    }


def change(assessment, *, by, version=None, **details):
    """As a form would send it: all that stands there, but for what is said."""
    return change_assessment(
        assessment=assessment, by=by, version=version or assessment.version, **{**all_of(assessment), **details}
    )


def stored():
    models = (Assessment, PostureFinding, SymptomFinding, Score)
    return [list(model.objects.order_by("pk").values()) for model in models]


def last_entry():
    entry = AuditEntry.objects.order_by("-pk").first()
    return entry.action, entry.object_id, entry.actor, [row.patient_id for row in entry.patients.all()]


@contextmanager
def refused(sentence, kind=Refused, field=None):
    """Inside, an action is refused with that sentence beside that field; nothing is stored or audited."""
    before = stored(), AuditEntry.objects.count()
    with pytest.raises(kind, match=sentence) as refusal:
        yield refusal
    assert refusal.value.field == field
    assert (stored(), AuditEntry.objects.count()) == before


def an_earlier_visit(visit, weeks=12):
    return builders.an_arrived_visit(
        patient=visit.patient, clinician=visit.clinician, day=visit.day - dt.timedelta(weeks=weeks)
    )


# Recording


def test_findings_and_scores_are_written_with_who_found_them(visit, neurologist):
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


def test_an_assessment_without_a_finding_is_one(visit, neurologist):
    assessment = record_assessment(visit=visit, by=neurologist, head_is_straight=True)

    assert assessment.postures_in_words() == "head held straight"


def test_a_second_one_of_the_visit_is_refused_in_words(assessment, visit, trainee):
    with refused("An assessment of this visit was recorded after you opened it"):
        record_assessment(visit=visit, by=trainee)


@pytest.mark.parametrize("state", [VisitState.CANCELLED, VisitState.NO_SHOW, VisitState.ENTERED_IN_ERROR])
def test_nothing_is_found_at_a_visit_that_does_not_stand(state, neurologist):
    visit = builders.a_visit(clinician=neurologist)
    visit = change_visit_state(visit=visit, state=state, by=neurologist, version=visit.version, reason="ill")

    with refused(f"The visit is {state.label.lower()}"):
        record_assessment(visit=visit, by=neurologist)


def test_nothing_is_found_at_a_visit_that_is_still_to_come(neurologist):
    tomorrow = builders.today() + dt.timedelta(days=1)
    visit = builders.a_visit(clinician=neurologist, day=tomorrow)

    with refused("Findings can be recorded from that day on"):
        record_assessment(visit=visit, by=neurologist)


def test_a_record_that_is_the_same_person_as_another_takes_nothing_new(visit, neurologist):
    visit = builders.finish(visit)
    builders.the_same_person(builders.a_patient(), visit.patient, by=neurologist)
    visit.refresh_from_db()

    with refused("This record is the same person as .* Continue there"):
        record_assessment(visit=visit, by=neurologist)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("Tsui", 26, "Tsui must be between 0 and 25."),
        ("Tsui", -1, "Tsui must be between 0 and 25."),
        ("Tsui", "12.5", "Tsui must be a whole number."),
        ("CGI-S", 0, "CGI-S must be between 1 and 7."),
        ("TWSTRS total", "85.25", "TWSTRS total must be between 0 and 85."),
    ],
)
def test_a_score_lies_in_the_range_of_its_instrument(name, value, sentence, visit, assessment, neurologist):
    wrong = [(builders.an_instrument(name), Decimal(str(value)))]

    for write in (
        partial(record_assessment, visit=an_earlier_visit(visit), by=neurologist, scores=wrong),
        partial(change, assessment, by=neurologist, scores=wrong),
    ):
        with pytest.raises(Refused, match=sentence) as refusal:
            write()
        assert refusal.value.field == f"score_{builders.an_instrument(name).pk}"
    assert [str(score) for score in Score.objects.all()] == ["Tsui 12"]


@pytest.mark.parametrize(
    ("name", "value"), [("Tsui", 0), ("Tsui", 25), ("TWSTRS total", "84.75"), ("TWSTRS pain", "0.25")]
)
def test_a_score_on_the_edge_or_between_where_fractions_occur_is_stored_as_typed(name, value, visit):
    assessment = builders.an_assessment(visit=visit, scores=[(builders.an_instrument(name), Decimal(str(value)))])

    assert assessment.scores.get().value == Decimal(str(value))


def test_a_score_is_checked_by_the_range_as_it_is_now(visit, neurologist):
    typed = scores(Tsui=20)
    Instrument.objects.filter(name="Tsui").update(highest=15)

    with refused("Tsui must be between 0 and 15.", field=f"score_{builders.an_instrument('Tsui').pk}"):
        record_assessment(visit=visit, by=neurologist, scores=typed)


def test_a_score_of_what_left_the_catalogue_meanwhile_is_refused(visit, neurologist):
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


@pytest.mark.parametrize(("typed", "sentence", "field"), IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_what_cannot_be_is_refused_beside_its_field(typed, sentence, field, visit, assessment, neurologist):
    other = an_earlier_visit(visit)

    with refused(sentence, field=field):
        record_assessment(visit=other, by=neurologist, **typed)
    with refused(sentence, field=field):
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
def test_what_is_no_answer_is_a_validation_error_and_nothing_worse(typed, visit, neurologist):
    with pytest.raises(ValidationError):
        record_assessment(visit=visit, by=neurologist, **typed)
    assert not Assessment.objects.exists()


# Changing


def test_what_is_no_longer_found_goes_and_stays_in_the_history_with_who_took_it_out(assessment, trainee):
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


def test_what_stays_as_it_was_is_not_written_again(assessment, neurologist):
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
def test_a_stale_change_of_any_part_is_a_conflict(typed, assessment, neurologist, trainee):
    change(assessment, by=trainee, note="typed meanwhile")

    with refused("Another user has changed this", kind=Conflict) as refusal:
        change(assessment, by=neurologist, **typed)
    assert refusal.value.current.note == "typed meanwhile"


def test_a_repeat_of_what_is_stored_is_a_success_and_leaves_no_trace(assessment, neurologist):
    typed = {"note": "calmer", "scores": scores(Tsui=9)}
    change(assessment, by=neurologist, **typed)
    before = stored(), AuditEntry.objects.count()

    repeated = change(assessment, by=neurologist, version=assessment.version, **typed)

    assert repeated.version == assessment.version + 1
    assert (stored(), AuditEntry.objects.count()) == before


def test_one_entered_in_error_is_not_changed(assessment, neurologist):
    mark_entered_in_error(record=assessment, reason="Other patient", by=neurologist, version=assessment.version)

    with refused("This is marked as entered in error: Other patient"):
        change(assessment, by=neurologist, note="x")


# Nothing has changed since the last time


@pytest.fixture
def earlier(visit):
    return builders.an_assessment(
        visit=an_earlier_visit(visit),
        postures=POSTURES,
        symptoms=SYMPTOMS,
        scores=scores(Tsui=12),
        tremor="present",
        tremor_note="at rest",
        driving="only short ways",
        note="said more",
    )


def test_unchanged_since_carries_posture_signs_and_symptoms_and_no_score(earlier, visit, neurologist):
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


def test_unchanged_since_carries_a_straight_head_too(visit, neurologist):
    earlier = builders.an_assessment(visit=an_earlier_visit(visit), head_is_straight=True)

    assert builders.an_assessment(visit=visit, unchanged_since=earlier).head_is_straight


def test_unchanged_since_carries_what_is_stored_and_not_what_a_page_had_read(earlier, visit, neurologist):
    change(earlier, by=neurologist, tremor="absent", tremor_note="")

    assert builders.an_assessment(visit=visit, unchanged_since=earlier).tremor == "absent"


def test_unchanged_since_reaches_over_the_records_of_one_person(earlier, neurologist):
    # Given a patient who is registered again, and found to be the same person
    again = builders.an_arrived_visit(clinician=neurologist, hour=14)
    builders.the_same_person(again.patient, earlier.visit.patient, by=neurologist)

    # Then what was found under the other record can be carried over
    assert builders.an_assessment(visit=again, unchanged_since=earlier).unchanged_since == earlier


def test_unchanged_since_is_not_another_patients(visit, neurologist):
    strangers = builders.an_assessment(visit=an_earlier_visit(builders.an_arrived_visit(hour=8)))

    with refused("not an earlier assessment of this patient"):
        record_assessment(visit=visit, by=neurologist, unchanged_since=strangers)


def test_unchanged_since_is_not_a_later_one(assessment, visit, neurologist):
    before = an_earlier_visit(visit)

    with refused("not an earlier assessment of this patient"):
        record_assessment(visit=before, by=neurologist, unchanged_since=assessment)


def test_unchanged_since_is_not_one_entered_in_error(earlier, visit, neurologist):
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
def test_unchanged_since_and_findings_ticked_here_do_not_go_together(ticked, earlier, visit, neurologist):
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
def test_changing_what_was_carried_over_says_no_longer_that_it_is_unchanged(typed, remains, earlier, visit, trainee):
    assessment = builders.an_assessment(visit=visit, unchanged_since=earlier, scores=scores(Tsui=3))

    changed = change(assessment, by=trainee, **typed)

    assert (changed.unchanged_since == earlier) is remains


# Entered in error


def test_one_entered_in_error_counts_nowhere_and_makes_room_for_another(assessment, visit, neurologist, trainee):
    marked = mark_entered_in_error(record=assessment, reason="Other visit", by=trainee, version=assessment.version)

    assert last_entry() == ("entered in error", assessment.pk, trainee, [visit.patient_id])
    assert (marked.error_reason, marked.error_by, marked.is_in_error) == ("Other visit", trainee, True)
    another = record_assessment(visit=visit, by=neurologist)
    assert list(Assessment.objects.active()) == [another]
    assert marked.postures.exists()


def test_marking_twice_is_marking_once_and_a_stale_mark_is_a_conflict(assessment, neurologist):
    change(assessment, by=neurologist, note="x")
    with refused("Another user has changed this", kind=Conflict):
        mark_entered_in_error(record=assessment, reason="y", by=neurologist, version=assessment.version)

    marked = mark_entered_in_error(record=assessment, reason="y", by=neurologist, version=assessment.version + 1)
    again = mark_entered_in_error(record=assessment, reason="y", by=neurologist, version=assessment.version)
    assert (again.version, again.error_reason) == (marked.version, "y")


def test_the_mark_is_undone_and_undoing_twice_is_undoing_once(assessment, visit, neurologist):
    marked = mark_entered_in_error(record=assessment, reason="x", by=neurologist, version=assessment.version)

    undone = builders.undo_in_error(marked, by=neurologist)

    assert last_entry() == ("undid entered in error", assessment.pk, neurologist, [visit.patient_id])
    assert (undone.is_in_error, undone.error_reason, undone.error_by) == (False, "", None)
    before = stored(), AuditEntry.objects.count()
    builders.undo_in_error(marked, by=neurologist)
    assert (stored(), AuditEntry.objects.count()) == before


def test_the_mark_stays_where_another_one_stands_by_now(assessment, visit, neurologist, monkeypatch):
    mark_entered_in_error(record=assessment, reason="x", by=neurologist, version=assessment.version)
    record_assessment(visit=visit, by=neurologist)

    with refused("Another assessment of this visit already exists. Mark that one as entered in error first."):
        builders.undo_in_error(assessment, by=neurologist)

    # And where the other one came after it was asked, the database refuses, in the same words
    obstacle, blind = Assessment.return_obstacle, iter([True])
    monkeypatch.setattr(Assessment, "return_obstacle", lambda one: None if next(blind, False) else obstacle(one))
    with refused("Another assessment of this visit already exists. Mark that one as entered in error first."):
        builders.undo_in_error(assessment, by=neurologist)


def test_standing_and_is_in_error_are_the_same_question(assessment, earlier, neurologist):
    mark_entered_in_error(record=earlier, reason="x", by=neurologist, version=earlier.version)

    every = Assessment.objects.all()
    assert set(every.active()) == {one for one in every if not one.is_in_error} == {assessment}


# In words


def test_every_field_appears_in_words(visit, neurologist):
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

    told = dict(assessment.in_words())

    assert told["Posture"].startswith("Torticollis right · Torticaput right · ")
    assert told["Posture"].endswith("Antecollis · Antecaput · Retrocollis · Retrocaput · Lateral shift right · "
                                    "Sagittal shift")  # fmt: skip
    assert told["Tremor"] == "present: about tremor_note"
    assert told["Sensory trick"] == "present: about sensory_trick_note"
    assert "Neck discomfort (severe, all the time)" in told["Symptoms"]
    assert told["Absent"].startswith("Neck muscle spasms · ")
    assert told["Scores"] == "TWSTRS pain 7.5 · Tsui 12"
    everything = " ".join(told.values())
    for said in (*texts.values(), *(posture.label for posture in Posture), *(symptom.label for symptom in Symptom)):
        assert said in everything


def test_in_words_says_since_when_nothing_changed_and_nothing_of_what_is_empty(earlier, visit):
    assessment = builders.an_assessment(visit=visit, unchanged_since=earlier)

    told = assessment.in_words()

    assert told[0][0] == "No change since"
    assert [label for label, _ in told] == ["No change since", "Posture", "Tremor", "Symptoms", "Absent"]
    empty = builders.an_assessment(visit=builders.an_arrived_visit())
    assert empty.in_words() == []


@pytest.mark.parametrize("posture", Posture)
def test_each_posture_says_what_is_seen_and_its_side_where_it_has_one(posture):
    for side in posture.sides():
        meaning = posture.meaning(side)
        assert "{" not in meaning
        assert (str(side) in meaning) or not posture.has_a_side
    assert len(posture.sides()) == (2 if posture.has_a_side else 1)


# Two at once


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_of_two_first_assessments_at_once_one_is_made_and_the_other_refused_in_words():
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
        assert "An assessment of this visit was recorded after you opened it" in refusal.sentence
        assert (visit.assessments.count(), PostureFinding.objects.filter(assessment__visit=visit).count()) == (1, 2)
