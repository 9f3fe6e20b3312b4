"""Imports about patients who are registered: visits, coverage, therapies, and earlier sessions elsewhere."""

import datetime as dt

import pytest
from django.utils import timezone

from clinic.records.exceptions import Refused
from patients.models import Coverage, Therapy, Visit
from planning.course.patient_course import Course
from planning.course.timeline import timeline_entries
from planning.models import InjectionSession, SessionElsewhere
from tests import builders
from tests.patients.imports.import_files import ANNA, as_csv, checked, counts, imported, outcomes, undo

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

ELSEWHERE = ("Id", "Patient", "Date", "Product", "Lot", "Muscles", "Side", "Response")


@pytest.fixture
def anna(staff):
    return imported(as_csv(ANNA), by=staff).records.get().record


def test_coverage_names_its_patient_by_the_id_of_the_source(anna, staff):
    head = ("Id", "Patient ID", "Payer", "Valid until", "Decision", "Sessions")
    rows = [("c1", "a1", "Mutual", "2099-12-31", "Approved", "4"), ("c2", "nobody", "Mutual", "", "", "")]
    batch = imported(as_csv(*rows, head=head), by=staff, kind="coverage")
    coverage = Coverage.objects.get()
    assert outcomes(batch)[3] == ("skip", "No patient has the number nobody. Import the patients first.")
    assert (coverage.patient_id, coverage.payer, coverage.valid_until) == (anna, "Mutual", dt.date(2099, 12, 31))
    assert (coverage.decision, coverage.sessions_authorised) == ("approved", 4)
    assert counts(imported(as_csv(*rows, head=head), by=staff, kind="coverage")) == {"unchanged": 1, "skip": 1}
    corrected = [("c1", "a1", "Mutual", "2098-01-01", "Approved", "4")]
    second = imported(as_csv(*corrected, head=head), by=staff, kind="coverage")
    assert counts(second) == {"update": 1}
    undo(second, by=staff)
    assert Coverage.objects.get().valid_until == dt.date(2099, 12, 31)


def test_coverage_whose_end_is_before_its_start_is_skipped(anna, staff):
    head = ("Patient", "Payer", "Valid from", "Valid until")
    batch = checked(as_csv(("a1", "Mutual", "2099-12-31", "2098-12-31"), head=head), by=staff, kind="coverage")
    assert outcomes(batch)[2] == ("skip", "The end is before the start.")


def test_therapy_is_imported_and_undone(anna, staff):
    head = ("Patient", "Kind", "Description", "Started")
    rows = [("a1", "Physical therapy", "twice a week", "2020"), ("a1", "surgery", "", ""),
            ("a1", "earlier toxin", "2.22 units", "")]  # fmt: skip
    batch = imported(as_csv(*rows, head=head), by=staff, kind="therapies")
    found = outcomes(batch)
    assert Therapy.objects.get().patient_id == anna
    assert "“surgery” is not known" in found[3][1]
    assert "looks like a dose" in found[4][1]
    undo(batch, by=staff)
    assert not Therapy.objects.exists()
    assert not Therapy.history.exists()


def test_future_visit_is_booked_and_undone(anna, staff, neurologist):
    head = ("Id", "Patient", "Date", "Time", "Clinician", "Kind", "Minutes")
    day = (timezone.localdate() + dt.timedelta(days=40)).isoformat()
    rows = [
        ("v1", "a1", day, "10:00", neurologist.printed_name, "Injection", "30"),
        ("v2", "a1", "2020-01-01", "10:00", neurologist.printed_name, "Injection", "30"),
        ("v3", "a1", day, "12:00", "Dr Nobody", "Injection", "30"),
        ("v4", "a1", day, "10:15", neurologist.printed_name, "Injection", "30"),
    ]
    batch = imported(as_csv(*rows, head=head), by=staff, kind="visits")
    visit, found = Visit.objects.get(), outcomes(batch)
    assert (visit.patient_id, visit.clinician, visit.minutes) == (anna, neurologist, 30)
    assert timezone.localtime(visit.starts_at).time() == dt.time(10)
    assert found[3][1] == "This visit is in the past. Only future visits are imported."
    assert "not one neurologist or trainee" in found[4][1]
    assert "another visit" in found[5][1]
    assert counts(checked(as_csv(rows[0], head=head), by=staff, kind="visits")) == {"unchanged": 1}
    moved = checked(as_csv((*rows[0][:3], "11:00", *rows[0][4:]), head=head), by=staff, kind="visits")
    assert "Move or cancel it in the diary" in outcomes(moved)[2][1]
    undo(batch, by=staff)
    assert not Visit.objects.exists()


@pytest.fixture
def elsewhere(anna, neurologist):
    rows = [
        ("s1", "a1", "2019-05-06", "Elsewherin", "LOT1", "splenius capitis", "right", "less pull for two months"),
        ("s2", "a1", "Nov 2018", "Elsewherin", "", "C5 paraspinal", "left", ""),
    ]
    return imported(as_csv(*rows, head=ELSEWHERE), by=neurologist, kind="sessions_elsewhere")


def test_earlier_session_is_shown_as_elsewhere_not_as_signed(elsewhere, anna, login, neurologist):
    first, second = SessionElsewhere.objects.in_order()
    assert (str(first.given_on), first.muscles) == ("2018-11", "C5 paraspinal left")
    page = login(neurologist).get(f"/patients/{anna}/").content.decode()
    for text in ("Elsewhere, before Collum", "not signed here", "splenius capitis right", "less pull for two months"):
        assert text in page
    course = Course(second.patient)
    assert [entry.kind for entry in timeline_entries(course, [])] == ["Elsewhere, before Collum"] * 2
    assert course.sessions == []
    assert course.cycles == []
    printed = login(neurologist).get(f"/patients/{anna}/everything/").content.decode()
    assert "LOT1" in printed


def test_earlier_session_is_not_offered_for_a_plan(elsewhere, anna, login, neurologist):
    session = builders.a_planned_session(
        by=neurologist, visit=builders.an_arrived_visit(patient=elsewhere.rows.first() and patient_of(anna),
                                                        clinician=neurologist), muscles=(),
    )  # fmt: skip
    page = login(neurologist).get(session.get_absolute_url()).content.decode()
    assert "splenius capitis" not in page.casefold()
    assert "Elsewherin" not in page
    assert InjectionSession.objects.get().injections.count() == 0


def patient_of(pk):
    return SessionElsewhere.objects.filter(patient=pk).first().patient


def test_earlier_session_has_no_field_for_a_dose():
    fields = {field.name for field in SessionElsewhere._meta.concrete_fields}
    assert fields == {
        "id", "version", "recorded_by", "recorded_at", "error_reason", "error_at", "error_by", "patient", "given_on",
        "product", "lot", "muscles", "response",
    }  # fmt: skip


@pytest.mark.parametrize(
    "cells",
    [("Elsewherin 2.22 U", "", "", ""), ("", "splenius capitis 2.22", "right", ""), ("", "", "", "with 2.22 units")],
)
def test_earlier_session_with_what_looks_like_a_dose_is_skipped(cells, anna, neurologist):
    product, muscles, side, response = cells
    row = ("s1", "a1", "2019-05-06", product, "", muscles, side, response)
    batch = checked(as_csv(row, head=ELSEWHERE), by=neurologist, kind="sessions_elsewhere")
    assert "looks like a dose" in outcomes(batch)[2][1]


def test_earlier_sessions_are_undone(elsewhere, neurologist):
    undo(elsewhere, by=neurologist)
    assert not SessionElsewhere.objects.exists()
    assert not SessionElsewhere.history.exists()


def test_front_desk_cannot_import_or_open_earlier_sessions(elsewhere, login, staff):
    desk = login(staff)
    assert "Earlier sessions" not in desk.get("/imports/").content.decode()
    assert desk.get(elsewhere.get_absolute_url()).status_code == 403
    assert desk.get(f"/imports/{elsewhere.pk}/rows/").status_code == 403


def test_patients_with_imported_records_are_undone_last(anna, staff, elsewhere):
    batch = type(elsewhere).objects.get(kind="patients")
    with pytest.raises(Refused, match=r"added to them\. Rows: 2"):
        undo(batch, by=staff)
