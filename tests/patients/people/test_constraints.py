"""Rows of patients, visits and follow-ups that the database rejects."""

import datetime as dt

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.utils import timezone

from patients.diary.models.opening_hours import WEEKDAYS
from patients.models import (
    Absence,
    CalendarFeed,
    ChangeMessage,
    Closure,
    ColumnMatch,
    ContactAttempt,
    Coverage,
    Delay,
    FollowUp,
    ImportBatch,
    ImportRow,
    NotSamePerson,
    Patient,
    PatientIdentifier,
    PatientKey,
    PossibleDuplicate,
    RecordNumberCounter,
    ReminderText,
    SamePerson,
    SlipText,
    Therapy,
    Visit,
    VisitLength,
    WaitingEntry,
)
from tests import builders
from tests.patients.imports import import_files

pytestmark = pytest.mark.engine


def patient_with(**values):
    return lambda: Patient.objects.filter(pk=builders.a_patient().pk).update(**values)


def visit_with(**values):
    return lambda: Visit.objects.filter(pk=builders.a_visit().pk).update(**values)


def follow_up_with(**values):
    return lambda: FollowUp.objects.filter(pk=builders.a_follow_up().pk).update(**values)


def waiting_with(**values):
    return lambda: WaitingEntry.objects.filter(pk=builders.a_waiting_entry().pk).update(**values)


def identifiers_with(*values, system="Old records"):
    def write():
        patient = builders.a_patient()
        for value in values:
            PatientIdentifier.objects.create(patient=patient, system=system, value=value)

    return write


def import_with(**values):
    return lambda: ImportBatch.objects.filter(pk=an_import().pk).update(**values)


def an_import():
    return import_files.checked(import_files.as_csv(import_files.ANNA), by=builders.a_person("clinic staff"))


def import_row_with(**values):
    return lambda: ImportRow.objects.filter(batch=an_import()).update(**values)


def import_row_twice():
    row = an_import().rows.get()
    row.pk = None
    row.save()


def source_id_twice():
    batch = import_files.imported(import_files.as_csv(import_files.ANNA), by=builders.a_person("clinic staff"))
    link = batch.records.get()
    link.pk = None
    link.save()


def match_twice():
    an_import()
    match = ColumnMatch.objects.get(heading=import_files.HEAD[0])
    match.pk = None
    match.save()


def waiting_twice():
    entry = builders.a_waiting_entry()
    builders.a_waiting_entry(patient=entry.patient, kind="injection")
    WaitingEntry.objects.filter(patient=entry.patient).update(kind="other")


def waiting_booked_and_removed():
    entry = builders.a_waiting_entry()
    visit = builders.a_visit(patient=entry.patient, kind="review", day=builders.today() + dt.timedelta(days=1))
    WaitingEntry.objects.filter(booked_visit=visit).update(removed_reason="x")


def two_patients_of_one_number():
    builders.a_patient(record_number="ab-1")
    patient_with(record_number="AB-1")()


def a_key_twice():
    PatientKey.objects.create(patient=builders.a_patient(family_name="Okafor", given_name=""), key="okafor")


def two_messages_about_one_change():
    visit = builders.a_visit()
    for _ in range(2):
        ChangeMessage.objects.create(visit=visit, visit_version=visit.version, takes_place=False)


def a_visit_that_ends_before_its_start():
    visit = builders.a_visit()
    Visit.objects.filter(pk=visit.pk).update(ends_at=visit.starts_at - dt.timedelta(minutes=1))


def a_closed_follow_up_without_a_reason():
    follow_up = builders.a_follow_up()
    FollowUp.objects.filter(pk=follow_up.pk).update(closed_at=timezone.now(), closed_by=follow_up.clinician)


def alerts_reviewed_without_a_time():
    Patient.objects.filter(pk=builders.a_patient().pk).update(alerts_reviewed_by=builders.a_clinician())


def one_person_with(**values):
    def write():
        by = builders.a_clinician()
        details = {"patient": builders.a_patient(), "other": builders.a_patient(), "reason": "x", "confirmed_by": by}
        SamePerson.objects.create(**{**details, "confirmed_at": timezone.now(), **values})

    return write


def one_person_recorded_twice():
    other = builders.a_patient()
    for _ in range(2):
        one_person_with(other=other)()


def one_person_with_one_record():
    patient = builders.a_patient()
    one_person_with(other=patient, patient=patient)()


def not_one_person_with(**values):
    def write():
        patients = {"one": builders.a_patient(), "other": builders.a_patient()}
        marked = {"marked_by": builders.a_clinician(), "marked_at": timezone.now()}
        NotSamePerson.objects.create(**{**patients, **marked, **values})

    return write


def not_one_person_twice():
    patients = {"one": builders.a_patient(), "other": builders.a_patient()}
    for _ in range(2):
        not_one_person_with(**patients)()


def not_one_person_in_the_wrong_order():
    other, one = builders.a_patient(), builders.a_patient()
    not_one_person_with(one=one, other=other)()


def a_pair_twice():
    one, other = builders.a_patient(family_name="Okafor"), builders.a_patient(family_name="Lindqvist")
    for _ in range(2):
        PossibleDuplicate.objects.create(one=one, other=other)


def a_pair_in_the_wrong_order():
    other, one = builders.a_patient(family_name="Okafor"), builders.a_patient(family_name="Lindqvist")
    PossibleDuplicate.objects.create(one=one, other=other)


def the_same_as_itself():
    patient = builders.a_patient()
    Patient.objects.filter(pk=patient.pk).update(same_as=patient)


def a_move_of_a_visit_twice():
    visit = builders.a_visit()
    for hour in (12, 14):
        moved = builders.a_visit(hour=hour)
        Visit.objects.filter(pk=moved.pk).update(moved_from=visit)


def an_absence_with(**values):
    return lambda: Absence.objects.filter(pk=builders.an_absence(clinician=builders.a_clinician()).pk).update(**values)


def a_closure_with(**values):
    return lambda: Closure.objects.filter(pk=builders.a_closure().pk).update(**values)


def an_attempt_with(**values):
    def write():
        follow_up = builders.a_follow_up()
        details = {"by": follow_up.clinician, "how": "phone", "outcome": "reached", **values}
        ContactAttempt.objects.create(follow_up=follow_up, **details)

    return write


def two_active_feeds():
    clinician = builders.a_clinician()
    for token in ("a", "b"):
        CalendarFeed.objects.create(clinician=clinician, token_hash=token * 64)


def two_delays_of_a_day():
    delay = builders.a_delay(clinician=builders.a_clinician())
    delay.pk, delay._state.adding = None, True
    delay.save()


def a_delay_of(minutes):
    return lambda: Delay.objects.filter(pk=builders.a_delay(clinician=builders.a_clinician()).pk).update(
        minutes=minutes
    )


def a_coverage_with(**values):
    return lambda: Coverage.objects.filter(pk=builders.a_coverage().pk).update(**values)


def a_therapy_with(**values):
    return lambda: Therapy.objects.filter(pk=builders.a_therapy().pk).update(**values)


def marked_by_half(write_with):
    """A mark as entered in error of which something is missing."""
    return [
        write_with(error_reason="x"),
        write_with(error_at=timezone.now()),
        write_with(error_at=timezone.now(), error_reason="x"),
    ]


VIOLATIONS = {
    "patients_waitingentry_is_open_once": [waiting_twice],
    "patients_waitingentry_kind_is_known": [waiting_with(kind="surgery")],
    "patients_waitingentry_part_of_day_is_known": [waiting_with(part_of_day="night")],
    "patients_waitingentry_ends_not_before_it_begins": [waiting_with(until=dt.date(2020, 1, 1))],
    "patients_waitingentry_has_a_weekday": [waiting_with(**dict.fromkeys(WEEKDAYS, False))],
    "patients_waitingentry_is_open_booked_or_removed": [
        waiting_with(removed_reason="x"),
        waiting_with(ended_at=timezone.now()),
        waiting_booked_and_removed,
    ],
    "patients_coverage_names_the_payer": [a_coverage_with(payer="")],
    "patients_coverage_decision_is_known": [a_coverage_with(decision="perhaps")],
    "patients_coverage_ends_after_it_begins": [a_coverage_with(valid_until=dt.date(2020, 1, 1))],
    "patients_coverage_sessions_are_a_small_number": [
        a_coverage_with(sessions_authorised=0),
        a_coverage_with(sessions_authorised=100),
    ],
    "patients_coverage_error_has_reason_time_person": marked_by_half(a_coverage_with),
    "patients_therapy_kind_is_known": [a_therapy_with(kind="magic"), a_therapy_with(kind="")],
    "patients_therapy_error_has_reason_time_person": marked_by_half(a_therapy_with),
    "patients_absence_ends_after_its_start": [an_absence_with(ends_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))],
    "patients_closure_ends_not_before_its_start": [a_closure_with(last_day=dt.date(2020, 1, 1))],
    "patients_closure_has_a_name": [a_closure_with(name="")],
    "patients_visitlength_is_up_to_ten_hours": [
        lambda: VisitLength.objects.update(minutes=0),
        lambda: VisitLength.objects.update(minutes=601),
    ],
    "patients_visitlength_kind_is_known": [lambda: VisitLength.objects.filter(kind="other").update(kind="surgery")],
    "patients_contactattempt_way_is_known": [an_attempt_with(how="pigeon")],
    "patients_contactattempt_outcome_is_known": [an_attempt_with(outcome="")],
    "patients_contactattempt_undone_at_and_by_together": [an_attempt_with(undone_at=timezone.now())],
    "patients_there_is_one_reminder_text": [lambda: ReminderText.objects.create(pk=2, days_before=1)],
    "patients_delay_is_unique_for_clinician_and_day": [two_delays_of_a_day],
    "patients_delay_lasts_five_minutes_to_four_hours": [a_delay_of(4), a_delay_of(241)],
    "patients_there_is_one_slip_text": [lambda: SlipText.objects.create(pk=2)],
    "patients_a_change_of_a_visit_is_reported_once": [two_messages_about_one_change],
    "patients_calendarfeed_is_active_once": [two_active_feeds],
    "patients_patient_is_not_the_same_as_itself": [the_same_as_itself],
    "patients_notsameperson_is_active_once": [not_one_person_twice],
    "patients_notsameperson_are_in_order": [not_one_person_in_the_wrong_order],
    "patients_notsameperson_undone_at_and_by_together": [not_one_person_with(undone_at=timezone.now())],
    "patients_possibleduplicate_is_unique": [a_pair_twice],
    "patients_possibleduplicate_are_in_order": [a_pair_in_the_wrong_order],
    "patients_sameperson_is_active_once": [one_person_recorded_twice],
    "patients_sameperson_are_two_records": [one_person_with_one_record],
    "patients_sameperson_has_a_reason": [one_person_with(reason="")],
    "patients_sameperson_undone_at_and_by_together": [one_person_with(undone_at=timezone.now())],
    "patients_patient_record_number_is_unique": [two_patients_of_one_number],
    "patients_patient_record_number_is_given": [patient_with(record_number="")],
    "patients_patient_family_name_is_given": [patient_with(family_name="")],
    "patients_patient_sex_is_known": [patient_with(sex=""), patient_with(sex="f")],
    "patients_patient_status_is_known": [patient_with(status="gone")],
    "patients_patient_alerts_reviewed_at_and_by_together": [
        patient_with(alerts_reviewed_at=timezone.now()),
        alerts_reviewed_without_a_time,
    ],
    "patients_patient_alerts_have_been_reviewed": [patient_with(alert_allergy="latex"), patient_with(alert_other="x")],
    "patients_patient_no_follow_up_has_reason_day_and_person": [
        patient_with(no_follow_up_reason="Moved."),
        patient_with(no_follow_up_on=dt.date(2026, 1, 1)),
    ],
    "patients_importbatch_state_is_known": [import_with(state="lost")],
    "patients_importbatch_confirmed_at_and_by_together": [import_with(confirmed_at=timezone.now())],
    "patients_importbatch_undone_at_and_by_together": [import_with(undone_at=timezone.now())],
    "patients_importrow_number_is_unique": [import_row_twice],
    "patients_importrow_outcome_is_known": [import_row_with(outcome="lost")],
    "patients_importedrecord_source_id_is_unique": [source_id_twice],
    "patients_columnmatch_is_unique": [match_twice],
    "patients_patientidentifier_is_listed_once": [identifiers_with("1", "1")],
    "patients_patientidentifier_has_system_and_value": [identifiers_with(""), identifiers_with("1", system="")],
    "patients_patientkey_is_unique": [a_key_twice],
    "patients_there_is_one_record_counter": [lambda: RecordNumberCounter.objects.create(pk=2)],
    "patients_visit_lasts_up_to_ten_hours": [visit_with(minutes=0), visit_with(minutes=601)],
    "patients_visit_ends_after_its_start": [a_visit_that_ends_before_its_start],
    "patients_visit_kind_is_known": [visit_with(kind="surgery")],
    "patients_visit_state_is_known": [visit_with(state="lost")],
    "patients_visit_has_a_reason_if_cancelled_or_in_error": [
        visit_with(state="cancelled"),
        visit_with(state="entered_in_error"),
    ],
    "patients_followup_closed_at_by_and_why_together": [
        follow_up_with(closed_at=timezone.now()),
        follow_up_with(closed_reason="Moved."),
        a_closed_follow_up_without_a_reason,
    ],
    "patients_followup_kind_is_known": [follow_up_with(kind="call")],
}
WRITES = [(name, write) for name, writes in VIOLATIONS.items() for write in writes]


def test_every_constraint_has_a_violation_here():
    declared = {
        constraint.name
        for model in apps.get_app_config("patients").get_models()
        for constraint in model._meta.constraints
    }
    assert set(VIOLATIONS) == declared


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "write"), WRITES, ids=[name for name, _ in WRITES])
def test_database_rejects_a_row_that_violates_it(name, write):
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        write()
    # SQLite names the index of a unique constraint by its columns
    assert name in str(refused.value) or "UNIQUE constraint failed" in str(refused.value)


@pytest.mark.django_db
def test_visit_can_be_moved_once():
    with pytest.raises(IntegrityError), transaction.atomic():
        a_move_of_a_visit_twice()


@pytest.mark.django_db
def test_patient_with_a_visit_cannot_be_deleted():
    visit = builders.a_visit()
    with pytest.raises(IntegrityError), transaction.atomic():
        visit.patient.delete()
