"""Rows that the database rejects in the tables of planning: every constraint, by name."""

import datetime as dt

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from planning.course.models.assessment import SIGNS
from planning.course.models.response import DOMAINS
from planning.models import (
    AdverseEvent,
    Amendment,
    Assessment,
    Consent,
    DataExport,
    ErrorMark,
    InformationGiven,
    Injection,
    InjectionSession,
    Instrument,
    Letter,
    LetterSending,
    Muscle,
    MuscleKey,
    MuscleSet,
    MuscleSetEntry,
    PostureFinding,
    Product,
    ReasonNotGiven,
    Response,
    ReviewRequest,
    ScannedGtin,
    Score,
    SessionElsewhere,
    SignedLot,
    SignedRecord,
    SymptomFinding,
    Vial,
)
from tests import builders, letters
from tests.elsewhere import a_session_elsewhere

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


class RowsOfASession:
    """A session with a vial, and who made it."""

    def __init__(self):
        self.by = builders.a_clinician()
        self.session = builders.a_given_session(by=self.by)
        self.vial = builders.a_vial(session=self.session, by=self.by)
        self.row = self.session.injections.order_by("pk").first()

    def session_with(self, **values):
        InjectionSession.objects.filter(pk=self.session.pk).update(**values)

    def row_with(self, **values):
        Injection.objects.filter(pk=self.row.pk).update(**values)

    def another_row(self, **values):
        Injection.objects.create(session=self.session, **{"muscle": self.row.muscle, "side": self.row.side, **values})

    def same_row_with_a_vial(self):
        self.row_with(vial=self.vial)
        self.another_row(vial=self.vial)

    def consent_with(self, **values):
        consent = builders.a_consent(session=self.session, by=self.by)
        Consent.objects.filter(pk=consent.pk).update(**values)

    def elsewhere_with(self, **values):
        session = a_session_elsewhere(patient=self.session.visit.patient, by=self.by)
        SessionElsewhere.objects.filter(pk=session.pk).update(**values)

    def leaflet_with(self, **values):
        leaflet = builders.some_information(patient=self.session.visit.patient, by=self.by)
        InformationGiven.objects.filter(pk=leaflet.pk).update(**values)

    def record_numbered(self, number):
        other = builders.a_given_session(by=self.by, visit=builders.an_arrived_visit(clinician=self.by, hour=15))
        record = builders.sign(self.session, by=self.by)
        other.note_signed(timezone.now())
        record.pk, record.session, record.number = None, other, number
        SignedRecord.objects.bulk_create([record])

    def record_twice(self):
        record = builders.sign(self.session, by=self.by)
        builders.an_amendment(self.session, by=self.by)
        record.pk = None
        SignedRecord.objects.bulk_create([record])

    def lot_twice(self):
        record = builders.sign(self.session, by=self.by)
        SignedLot.objects.create(record=record, lot_number=self.vial.lot_number)

    def amendment_with(self, **values):
        record = builders.sign(self.session, by=self.by)
        values = {"kind": "recorded_wrongly", "reason": "x", "opened_by": self.by, "opened_at": timezone.now()} | values
        if values.get("signed_as") == "its own":
            values["signed_as"] = record
        return Amendment.objects.create(session=self.session, record=record, rows_as_signed="{}", **values)

    def amended_twice_at_once(self):
        self.amendment_with()
        again = Amendment.objects.get()
        again.pk = None
        Amendment.objects.bulk_create([again])

    def error_with(self, **values):
        values = {"reason": "x", "marked_by": self.by, "marked_at": timezone.now()} | values
        return ErrorMark.objects.create(session=self.session, **values)

    def set_entry(self, side):
        muscle_set = builders.a_muscle_set(by=self.by, muscles=(("SCM", ("right",)),))
        MuscleSetEntry.objects.create(muscle_set=muscle_set, muscle=builders.a_muscle("SCM"), side=side)

    def review_with(self, **values):
        values = {"asked_by": self.by, "asked_at": timezone.now()} | values
        return ReviewRequest.objects.create(session=self.session, **values)

    def letter_with(self, **values):
        values = {"recorded_by": self.by, "recipient": "Dr R", "text": "x"} | values
        return Letter.objects.create(session=self.session, **values)

    def gtin_with(self, **values):
        return ScannedGtin.objects.create(**{"gtin": "05000456012348", "chosen": self.session.product} | values)

    def marked_twice(self):
        self.error_with()
        self.error_with()

    def assessment_with(self, **values):
        """With one of everything found."""
        assessment = builders.an_assessment(
            visit=self.session.visit,
            postures=[("torticollis", "right"), ("antecollis", "")],
            symptoms=[("spasms", "present", "mild", "often")],
            scores=[(builders.an_instrument("Tsui"), 3)],
        )
        Assessment.objects.filter(pk=assessment.pk).update(**values)
        return assessment

    def again(self, row):
        row.pk = None
        type(row).objects.bulk_create([row])

    def posture_with(self, of="torticollis", **values):
        self.assessment_with()
        PostureFinding.objects.filter(posture=of).update(**values)

    def symptom_with(self, **values):
        self.assessment_with()
        SymptomFinding.objects.update(**values)

    def score_with(self, **values):
        self.assessment_with()
        Score.objects.update(**values)

    def another_score(self, value):
        Score.objects.create(
            assessment=builders.an_assessment(visit=self.session.visit),
            instrument=builders.an_instrument("CGI-S"),
            value=value,
        )

    def response_with(self, **values):
        response = builders.a_response(session=self.session)
        Response.objects.filter(pk=response.pk).update(**values)
        return response

    def event_with(self, **values):
        event = builders.an_event(session=self.session)
        AdverseEvent.objects.filter(pk=event.pk).update(**values)


@pytest.fixture(scope="module")
def made_world(module_transaction):
    return RowsOfASession()


@pytest.fixture
def ground(world):
    return world


def muscle(**values):
    return Muscle.objects.filter(short_name="LS").update(**values)


def product(**values):
    return Product.objects.filter(brand_name="Botox").update(**values)


def instrument(**values):
    return Instrument.objects.filter(name="Tsui").update(**values)


def each_unknown(write, model, *names):
    """The violations of `<model>_<name>_is_known`."""
    return {
        f"planning_{model}_{name}_is_known": [lambda g, name=name: getattr(g, write)(**{name: "odd"})] for name in names
    }


def each_duplicate(write, model, *names):
    return {
        f"planning_{model}_{name}_is_a_number_or_a_date": [
            lambda g, name=name: getattr(g, write)(**{f"{name}_day": 3, f"{name}_on": builders.today()})
        ]
        for name in names
    }


def each_half_marked(write, model):
    """Marked as entered in error without all of reason, time and person."""
    marks = ("error_reason", "error_at", "error_by")

    def half_marked(g, leaving):
        marked = {"error_reason": "x", "error_at": timezone.now(), "error_by": g.by}
        getattr(g, write)(**{name: value for name, value in marked.items() if name in leaving})

    combinations = [*({name} for name in marks), *(set(marks) - {name} for name in marks)]
    return {
        f"planning_{model}_error_has_reason_time_person": [
            lambda g, leaving=leaving: half_marked(g, leaving) for leaving in combinations
        ]
    }


DAY = dt.timedelta(days=1)

# What no constraint of a model rejects, but a trigger.
MODELS = list(apps.get_app_config("planning").get_models())
BY_TRIGGERS = {"planning_score_is_in_range"}

VIOLATIONS = {
    "planning_muscle_map_place_is_known": [lambda g: muscle(map_place="elbow")],
    "planning_muscle_has_a_name_and_a_short_name": [lambda g: muscle(name=""), lambda g: muscle(short_name="")],
    "planning_product_has_both_names": [lambda g: product(brand_name=""), lambda g: product(nonproprietary_name="")],
    "planning_consent_has_a_giver_and_a_form": [
        lambda g: g.consent_with(given_by=""),
        lambda g: g.consent_with(form_version=""),
    ],
    "planning_consent_error_has_reason_time_person": [
        lambda g: g.consent_with(error_reason="x"),
        lambda g: g.consent_with(error_at=timezone.now()),
        lambda g: g.consent_with(error_reason="x", error_by=g.by),
    ],
    "planning_sessionelsewhere_has_a_date": [lambda g: g.elsewhere_with(given_on="")],
    "planning_sessionelsewhere_error_has_reason_time_person": [lambda g: g.elsewhere_with(error_reason="x")],
    "planning_informationgiven_has_a_title_and_a_giver": [
        lambda g: g.leaflet_with(title=""),
        lambda g: g.leaflet_with(given_by=""),
    ],
    "planning_informationgiven_error_has_reason_time_person": [
        lambda g: g.leaflet_with(error_reason="x"),
        lambda g: g.leaflet_with(error_at=timezone.now()),
        lambda g: g.leaflet_with(error_reason="x", error_by=g.by),
    ],
    "planning_vial_shared_is_known": [lambda g: Vial.objects.filter(pk=g.vial.pk).update(shared="may")],
    "planning_injection_guidance_is_known": [lambda g: g.row_with(guidance="dowsing")],
    "planning_injection_sites_are_a_small_number": [lambda g: g.row_with(sites=0), lambda g: g.row_with(sites=100)],
    "planning_signedrecord_numbers_begin_at_one": [lambda g: g.record_numbered(0)],
    "planning_muscle_map_place_is_unique": [lambda g: muscle(map_place="scalene")],
    "planning_muscle_sides_are_known": [lambda g: muscle(sides="both"), lambda g: muscle(sides="")],
    "planning_muscle_is_not_its_own_group": [
        lambda g: muscle(group=Muscle.objects.get(short_name="LS")),
    ],
    "planning_muscle_names_are_unique_together": [
        lambda g: MuscleKey.objects.create(muscle=builders.a_muscle("LS"), key="scm"),
        lambda g: Muscle(name="Another", short_name="scm").save(),
    ],
    "planning_product_brand_names_are_unique_ignoring_case": [
        lambda g: Product.objects.create(brand_name="BOTOX", nonproprietary_name="x"),
    ],
    "planning_product_unit_label_is_known": [lambda g: product(unit_label="mg"), lambda g: product(unit_label="")],
    "planning_session_not_done_at_by_and_why_together": [
        lambda g: g.session_with(not_done_at=timezone.now()),
        lambda g: g.session_with(not_done_reason="x"),
        lambda g: g.session_with(not_done_by=g.by),
        lambda g: g.session_with(not_done_at=timezone.now(), not_done_by=g.by),
        lambda g: g.session_with(not_done_at=timezone.now(), not_done_reason="x"),
    ],
    "planning_session_cancelled_with_its_visit_is_not_done": [lambda g: g.session_with(cancelled_with_visit=True)],
    "planning_session_recording_has_a_recorder": [lambda g: g.session_with(recorder=None)],
    "planning_injection_muscle_and_side_are_unique_without_a_vial": [lambda g: g.another_row()],
    "planning_injection_muscle_side_and_vial_are_unique": [lambda g: g.same_row_with_a_vial()],
    "planning_injection_side_is_known": [
        lambda g: g.another_row(side="both"),
        lambda g: g.another_row(side=""),
    ],
    "planning_injection_not_given_has_no_given_dose": [lambda g: g.row_with(not_given=True)],
    "planning_injection_reason_only_where_not_given": [lambda g: g.row_with(not_given_reason="Pain")],
    "planning_signedrecord_number_is_unique": [lambda g: g.record_twice()],
    "planning_signedlot_is_unique_in_a_record": [lambda g: g.lot_twice()],
    "planning_amendment_is_open_once": [lambda g: g.amended_twice_at_once()],
    "planning_amendment_kind_is_known": [lambda g: g.amendment_with(kind="whim")],
    "planning_amendment_has_a_reason": [lambda g: g.amendment_with(reason="")],
    "planning_amendment_is_signed_or_discarded": [
        lambda g: g.amendment_with(signed_as="its own", discarded_at=timezone.now(), discarded_by=g.by),
    ],
    "planning_amendment_discarded_at_and_by_together": [
        lambda g: g.amendment_with(discarded_at=timezone.now()),
        lambda g: g.amendment_with(discarded_by=g.by),
    ],
    "planning_muscleset_names_are_unique_ignoring_case": [
        lambda g: [builders.a_muscle_set(by=g.by, name="Usual"), MuscleSet.objects.create(owner=g.by, name="USUAL")],
    ],
    "planning_muscleset_has_a_name": [lambda g: MuscleSet.objects.create(owner=g.by, name="")],
    "planning_musclesetentry_is_unique": [lambda g: g.set_entry("right")],
    "planning_musclesetentry_side_is_known": [lambda g: g.set_entry("both")],
    "planning_errormark_is_active_once": [lambda g: g.marked_twice()],
    "planning_errormark_has_a_reason": [lambda g: g.error_with(reason="")],
    "planning_errormark_undone_at_and_by_together": [
        lambda g: g.error_with(undone_at=timezone.now()),
        lambda g: g.error_with(undone_by=g.by),
    ],
    "planning_instrument_names_are_unique_ignoring_case": [
        lambda g: Instrument.objects.create(name="TSUI", lowest=0, highest=1),
    ],
    "planning_reasonnotgiven_names_are_unique_ignoring_case": [
        lambda g: ReasonNotGiven.objects.create(name="INFECTION"),
    ],
    "planning_reasonnotgiven_has_a_name": [lambda g: ReasonNotGiven.objects.create(name="")],
    "planning_reviewrequest_is_open_once": [lambda g: (g.review_with(), g.review_with())],
    "planning_reviewrequest_answer_has_text_time_and_person": [
        lambda g: g.review_with(answer="x"),
        lambda g: g.review_with(answered_at=timezone.now(), answered_by=g.by),
    ],
    "planning_reviewrequest_answered_is_not_withdrawn": [
        lambda g: g.review_with(answer="x", answered_at=timezone.now(), answered_by=g.by, withdrawn_at=timezone.now()),
    ],
    "planning_reviewrequest_changed_at_and_by_together": [lambda g: g.review_with(changed_at=timezone.now())],
    "planning_instrument_has_a_name": [lambda g: instrument(name="")],
    "planning_instrument_has_a_range": [
        lambda g: instrument(lowest=25),
        lambda g: instrument(lowest=26),
    ],
    "planning_instrument_is_not_part_of_itself": [lambda g: instrument(part_of=builders.an_instrument("Tsui"))],
    **each_half_marked("letter_with", "letter"),
    "planning_letter_has_a_text": [lambda g: g.letter_with(text="")],
    "planning_letter_has_a_recipient": [lambda g: g.letter_with(recipient="")],
    "planning_letter_is_signed_off_by_a_person_with_its_text": [
        lambda g: g.letter_with(signed_off_at=timezone.now()),
        lambda g: g.letter_with(full_text="x"),
    ],
    "planning_lettersending_way_is_known": [
        lambda g: LetterSending.objects.create(letter=g.letter_with(), how="x", sent_on=builders.today(), by=g.by),
    ],
    "planning_lettertemplate_names_are_unique_ignoring_case": [lambda g: letters.a_template("x", name="NOT TODAY")],
    "planning_lettertemplate_has_a_name": [lambda g: letters.a_template("x", name="")],
    "planning_lettertemplate_has_a_text": [lambda g: letters.a_template("")],
    "planning_lettertemplate_about_is_known": [lambda g: letters.a_template("x", about="x")],
    "planning_dataexport_kind_is_known": [lambda g: DataExport.objects.create(kind="other", reason="x")],
    "planning_dataexport_has_a_reason": [lambda g: DataExport.objects.create(kind="everything")],
    "planning_dataexport_dates_match_its_kind": [
        lambda g: DataExport.objects.create(kind="research", reason="x"),
        lambda g: DataExport.objects.create(kind="sessions", reason="x", dates="kept"),
    ],
    "planning_scannedgtin_has_a_code": [lambda g: g.gtin_with(gtin="")],
    "planning_scannedgtin_is_settled_by_a_person": [
        lambda g: g.gtin_with(product=g.session.product),
        lambda g: g.gtin_with(settled_by=g.by),
    ],
    **each_half_marked("assessment_with", "assessment"),
    **each_half_marked("response_with", "response"),
    **each_half_marked("event_with", "adverseevent"),
    **each_unknown("assessment_with", "assessment", *SIGNS),
    # Without a side, so that no other rule is broken at the same time.
    "planning_posturefinding_posture_is_known": [lambda g: g.posture_with(posture="odd", side="")],
    **each_unknown("symptom_with", "symptomfinding", "symptom", "presence"),
    **each_unknown("response_with", "response", "effect", "impression", "share", *DOMAINS),
    **each_unknown("event_with", "adverseevent", "kind", "severity", "serious", "outcome"),
    **each_duplicate("response_with", "response", *Response.DAYS),
    **each_duplicate("event_with", "adverseevent", *AdverseEvent.DAYS),
    "planning_assessment_is_unique_at_a_visit": [lambda g: g.again(g.assessment_with())],
    "planning_posturefinding_is_unique": [lambda g: g.again(g.assessment_with().postures.first())],
    "planning_symptomfinding_is_unique": [lambda g: g.again(g.assessment_with().symptoms.get())],
    "planning_score_is_unique": [lambda g: g.again(g.assessment_with().scores.get())],
    "planning_posturefinding_side_matches_its_posture": [
        lambda g: g.posture_with(side=""),
        lambda g: g.posture_with(side="midline"),
        lambda g: g.posture_with(of="antecollis", side="left"),
    ],
    "planning_symptomfinding_degree_only_if_present": [
        lambda g: g.symptom_with(presence="absent", frequency=""),
        lambda g: g.symptom_with(presence="absent", severity=""),
        lambda g: g.symptom_with(severity="deadly"),
        lambda g: g.symptom_with(frequency="daily"),
    ],
    "planning_score_is_in_range": [
        lambda g: g.score_with(value=-1),
        lambda g: g.score_with(value="25.01"),
        lambda g: g.score_with(value=8, instrument=builders.an_instrument("CGI-S")),
        lambda g: g.another_score(0),
        lambda g: g.another_score(8),
    ],
    "planning_response_is_unique_for_a_session_at_a_visit": [lambda g: g.again(g.response_with())],
    "planning_response_only_an_effect_has_days": [
        lambda g, effect=effect, typed=typed: g.response_with(effect=effect, **typed())
        for effect in ("no_response", "not_known")
        for name in Response.DAYS
        for typed in (lambda name=name: {f"{name}_day": 3}, lambda name=name: {f"{name}_on": builders.today()})
    ],
    "planning_response_share_dates_need_consent": [
        lambda g: g.response_with(share="yes"),
        lambda g: g.response_with(share="yes", share_withdrawn_on=builders.today()),
        lambda g: g.response_with(share="yes", share_on=builders.today(), share_withdrawn_on=builders.today() - DAY),
        *(
            lambda g, share=share, name=name: g.response_with(share=share, **{name: builders.today()})
            for share in ("", "no")
            for name in ("share_on", "share_withdrawn_on")
        ),
    ],
    "planning_adverseevent_other_kind_has_a_description": [lambda g: g.event_with(kind="other")],
    "planning_adverseevent_report_has_an_authority": [
        lambda g: g.event_with(reported_on=builders.today()),
        lambda g: g.event_with(report_reference="R-1"),
    ],
}

# SQLite names a unique constraint by its columns; and a trigger there answers before the constraint of records.
IN_THE_WORDS_OF_SQLITE = {
    "planning_reviewrequest_is_open_once": "planning_reviewrequest.session_id",
    "planning_muscle_map_place_is_unique": "planning_muscle.map_place",
    "planning_muscle_names_are_unique_together": "planning_musclekey.key",
    "planning_injection_muscle_and_side_are_unique_without_a_vial": "planning_injection.session_id",
    "planning_injection_muscle_side_and_vial_are_unique": "planning_injection.vial_id",
    "planning_signedrecord_number_is_unique": "planning_signedrecord_is_append_only",
    "planning_signedlot_is_unique_in_a_record": "planning_signedlot_is_append_only",
    "planning_amendment_is_open_once": "planning_amendment.session_id",
    "planning_errormark_is_active_once": "planning_errormark.session_id",
    "planning_muscleset_names_are_unique_ignoring_case": "planning_muscleset_names_are_unique_ignoring_case",
    "planning_musclesetentry_is_unique": "planning_musclesetentry.muscle_set_id",
    "planning_assessment_is_unique_at_a_visit": "planning_assessment.visit_id",
    "planning_posturefinding_is_unique": "planning_posturefinding.assessment_id",
    "planning_symptomfinding_is_unique": "planning_symptomfinding.assessment_id",
    "planning_score_is_unique": "planning_score.assessment_id",
    "planning_response_is_unique_for_a_session_at_a_visit": "planning_response.session_id",
}

# Of two constraints that a row violates it names the first by the alphabet.
IN_THE_WORDS_OF_POSTGRESQL = {
    "planning_symptomfinding_presence_is_known": "planning_symptomfinding_degree_only_if_present",
}
IN_OTHER_WORDS = {"sqlite": IN_THE_WORDS_OF_SQLITE, "postgresql": IN_THE_WORDS_OF_POSTGRESQL}


def violations():
    return [(name, number) for name, writes in VIOLATIONS.items() for number in range(len(writes))]


@pytest.mark.parametrize(("name", "number"), violations())
def test_database_rejects_the_row(name, number, ground):
    words = IN_OTHER_WORDS[connection.vendor].get(name, name)

    with pytest.raises(IntegrityError, match=words), transaction.atomic():
        VIOLATIONS[name][number](ground)


def test_every_constraint_is_tested():
    declared = {constraint.name for model in MODELS for constraint in model._meta.constraints}

    assert declared == set(VIOLATIONS) - BY_TRIGGERS


def test_every_constraint_is_in_the_database():
    with connection.cursor() as cursor:
        introspected = [connection.introspection.get_constraints(cursor, model._meta.db_table) for model in MODELS]
        active = set().union(*introspected)

    assert set(VIOLATIONS) - BY_TRIGGERS <= active


def test_entries_in_error_do_not_block_new_ones(ground):
    marked = {"error_reason": "x", "error_at": timezone.now(), "error_by": ground.by}

    ground.again(ground.assessment_with(**marked))
    ground.again(ground.response_with(**marked))


def test_score_at_a_bound_of_its_range_is_stored(ground):
    ground.score_with(value=25)
    Score.objects.update(value=0)


def test_removed_rows_do_not_block_new_ones(ground):
    for _ in range(2):
        ground.another_row(removed_at=timezone.now())


def test_muscle_and_side_are_unique_per_vial(ground):
    ground.another_row(vial=ground.vial)
    ground.another_row(vial=builders.a_vial(session=ground.session, by=ground.by))
