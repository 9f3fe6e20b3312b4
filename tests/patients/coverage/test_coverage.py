"""Who pays, and until when it is authorised: typed, changed, corrected; and the visits on whose day nothing holds."""

import datetime as dt
import random

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from clinic.models import AuditEntry, Clinic
from clinic.records.exceptions import Refused
from patients.coverage.actions import change_coverage
from patients.coverage.models.coverage import (
    authorisation_gaps,
    coming_gaps,
    not_authorised,
    visits_not_authorised,
    with_gaps,
)
from patients.models import Coverage, Visit, VisitState
from planning.pages.actions.visits import change_visit_state
from tests import builders
from tests.patients.people.pages import filled, queries_of, text_of
from tests.seen import seen

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 25)
DAY = dt.date(2026, 12, 7)  # of the visit
BEFORE, AFTER = DAY - dt.timedelta(days=1), DAY + dt.timedelta(days=1)
NOT_AUTHORISED = reverse("patients:visit-not-authorised")
TYPED = {
    "payer": "Example Health",
    "plan": "Plus",
    "member_number": "M 1234",
    "decision": "approved",
    "authorisation_number": "A-77/1",
    "valid_from": "2026-01-01",
    "valid_until": "2027-03-31",
    "sessions_authorised": "4",
    "amount_charged": "€ 1.234,56",
    "patients_share": "10 %",
    "note": "Call before\nnine.",
}
KEPT = {
    **TYPED,
    "valid_from": dt.date(2026, 1, 1),
    "valid_until": dt.date(2027, 3, 31),
    "sessions_authorised": 4,
}
ENDS = "The authorisation of Example Health ends on 6 Dec 2026, before the visit on 7 Dec 2026."
BEGINS = "The authorisation of Example Health begins on 8 Dec 2026, after the visit on 7 Dec 2026."


@pytest.fixture(autouse=True)
def on_a_wednesday():
    with time_machine.travel(dt.datetime(2026, 11, 25, 9, tzinfo=dt.UTC), tick=True):
        yield


@pytest.fixture
def desk(login, staff):
    return login(staff)


@pytest.fixture
def visit():
    return builders.a_visit(day=DAY)


def list_of(patient):
    return reverse("patients:coverage-list", args=[patient.pk])


def correction_of(coverage):
    return reverse("patients:coverage-error", args=[coverage.pk])


def values_of(coverage):
    return {name: getattr(coverage, name) for name in TYPED}


def writes():
    """What was done, to what, and of which patients."""
    return [
        (entry.action, entry.object_id, [row.patient_id for row in entry.patients.all()])
        for entry in AuditEntry.objects.filter(object_type="patients.coverage").order_by("pk")
    ]


# Adding


def test_what_the_desk_types_is_kept_as_typed(desk, staff):
    # Given a patient's page of coverage, empty at first
    patient = builders.a_patient()
    page = desk.get(list_of(patient))
    assert "Not recorded yet." in text_of(page)

    # When everything is typed and sent
    response = desk.post(list_of(patient), filled(page, **TYPED), follow=True)

    # Then it stands there, nothing of it computed, and the trail says who added it
    coverage = patient.coverages.get()
    assert values_of(coverage) == KEPT
    assert coverage.recorded_by == staff
    assert coverage.history.get().history_user == staff
    assert writes() == [("added", coverage.pk, [patient.pk])]
    text = text_of(response)
    assert "The coverage is added." in text
    for words in (
        "Example Health Plus Member M 1234 Call before nine. Approved No. A-77/1",
        "1 Jan 2026 to 31 Mar 2027 4 sessions € 1.234,56 Patient’s share 10 %",
    ):
        assert words in text


def test_the_payer_alone_is_enough(desk):
    patient = builders.a_patient()
    desk.post(list_of(patient), filled(desk.get(list_of(patient)), payer="Example Health"))
    assert patient.coverages.get().in_words() == [("Payer", "Example Health")]


def test_the_page_proposes_nothing(desk):
    form = desk.get(list_of(builders.a_patient())).context["form"]
    assert {field.name: field.value() for field in form.visible_fields() if field.value()} == {}


def test_a_form_sent_twice_adds_one(desk):
    patient = builders.a_patient()
    sent = filled(desk.get(list_of(patient)), **TYPED)
    for _ in range(2):
        assert desk.post(list_of(patient), sent)["Location"] == list_of(patient)
    assert patient.coverages.count() == 1


def test_a_form_sent_twice_with_other_content_is_refused(desk):
    patient = builders.a_patient()
    sent = filled(desk.get(list_of(patient)), **TYPED)
    desk.post(list_of(patient), sent)
    response = desk.post(list_of(patient), {**sent, "payer": "Another"})
    assert response.status_code == 409
    assert "This form was already sent with different content." in text_of(response)
    assert response.context["form"]["payer"].value() == "Another"
    assert patient.coverages.count() == 1


WRONG = {
    "payer": ["", " ", "x" * 101, "Exa\x00mple", "\u202eElpmaxe"],
    "decision": ["perhaps"],
    "valid_from": ["soon", "1999-12-31", "2100-01-01", "0001-01-01", "9999-12-31"],
    "valid_until": ["31.2.2026", "1999-12-31"],
    "sessions_authorised": ["0", "100", "-1", "2.5", "many", "9" * 30, "9" * 5000],
    "amount_charged": ["x" * 61],
    "note": ["x" * 1001],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_what_cannot_be_read_is_said_beside_its_field_and_all_that_was_typed_stays(name, value, desk):
    patient = builders.a_patient()
    sent = filled(desk.get(list_of(patient)), **TYPED) | {name: value}

    response = desk.post(list_of(patient), sent)

    form = response.context["form"]
    assert response.status_code == 200
    assert list(form.errors) == [name]
    assert {field: form[field].value() for field in TYPED} == {**TYPED, name: value}
    assert not Coverage.objects.exists()


def test_one_that_ends_before_it_begins_is_refused_beside_the_end(desk):
    patient = builders.a_patient()
    sent = filled(desk.get(list_of(patient)), **TYPED) | {"valid_from": "2027-04-01"}
    response = desk.post(list_of(patient), sent)
    assert response.status_code == 409
    assert response.context["form"].errors == {"valid_until": ["The end is before the start."]}
    assert response.context["form"]["valid_from"].value() == "2027-04-01"
    assert not Coverage.objects.exists()


def test_it_may_hold_for_a_single_day(desk):
    patient = builders.a_patient()
    sent = filled(desk.get(list_of(patient)), payer="x", valid_from="2026-12-07", valid_until="2026-12-07")
    assert desk.post(list_of(patient), sent).status_code == 302


# Changing


def test_a_coverage_is_changed(desk, staff):
    coverage = builders.a_coverage(plan="Basic")
    page = desk.get(coverage.get_absolute_url())
    assert page.context["form"]["plan"].value() == "Basic"

    response = desk.post(coverage.get_absolute_url(), filled(page, **TYPED), follow=True)

    assert response.redirect_chain == [(list_of(coverage.patient), 302)]
    assert "The coverage is saved." in text_of(response)
    coverage.refresh_from_db()
    assert values_of(coverage) == KEPT
    assert coverage.history.first().history_user == staff
    assert writes()[-1] == ("changed", coverage.pk, [coverage.patient_id])


def test_a_save_that_changes_nothing_leaves_no_entry(desk):
    coverage = builders.a_coverage()
    before = writes()
    assert desk.post(coverage.get_absolute_url(), filled(desk.get(coverage.get_absolute_url()))).status_code == 302
    assert writes() == before
    assert coverage.history.count() == 1


def test_of_two_who_change_it_neither_loses_what_they_typed(desk, staff):
    # Given a page that was opened before somebody else changed the same coverage
    coverage = builders.a_coverage(plan="Basic")
    stale = filled(desk.get(coverage.get_absolute_url()), plan="Mine", decision="refused")
    change_coverage(coverage=coverage, by=staff, version=1, plan="Theirs", valid_until=dt.date(2027, 6, 1))

    # When it is sent, then both values stand there, and nothing was overwritten
    response = desk.post(coverage.get_absolute_url(), stale)
    assert response.status_code == 409
    assert response.context["form"]["plan"].value() == "Mine"
    text = text_of(response)
    assert "Stored now: Theirs. Saving again replaces it with what is shown here." in text
    assert "Stored now: 1 Jun 2027." in text
    assert "Stored now: Approved." in text
    assert Coverage.objects.get().plan == "Theirs"

    # And saving again replaces it
    assert desk.post(coverage.get_absolute_url(), filled(response)).status_code == 302
    assert Coverage.objects.get().plan == "Mine"


def test_a_save_that_arrives_a_second_time_is_a_success(desk):
    coverage = builders.a_coverage()
    sent = filled(desk.get(coverage.get_absolute_url()), plan="Plus")
    for _ in range(2):
        assert desk.post(coverage.get_absolute_url(), sent).status_code == 302
    assert [action for action, *_ in writes()] == ["added", "changed"]


def test_a_change_to_an_end_before_the_beginning_is_refused(desk):
    coverage = builders.a_coverage()
    sent = filled(desk.get(coverage.get_absolute_url()), valid_until="2026-11-24")
    response = desk.post(coverage.get_absolute_url(), sent)
    assert response.status_code == 409
    assert response.context["form"].errors == {"valid_until": ["The end is before the start."]}


# Entered in error


@pytest.mark.engine
def test_one_entered_in_error_stands_at_the_end_marked_and_is_undone(desk, staff):
    # Given two coverages
    patient = builders.a_patient()
    wrong = builders.a_coverage(patient=patient, payer="Wrong payer", valid_until=dt.date(2028, 1, 1))
    right = builders.a_coverage(patient=patient, payer="Right payer")
    assert [one.payer for one in desk.get(list_of(patient)).context["records"]] == ["Wrong payer", "Right payer"]

    # When one is marked, from its page
    page = desk.get(correction_of(wrong))
    assert "Wrong payer" in text_of(page)
    response = desk.post(correction_of(wrong), filled(page, reason="Another patient’s"), follow=True)

    # Then it stands at the end, with the reason
    assert response.redirect_chain == [(list_of(patient), 302)]
    assert [one.payer for one in response.context["records"]] == ["Right payer", "Wrong payer"]
    assert "Wrong payer Entered in error Another patient’s" in text_of(response)
    assert list(Coverage.objects.active()) == [right]

    # And once that is undone, where it stood
    response = desk.post(correction_of(wrong), {"undo": "yes", **seen(wrong)}, follow=True)
    assert "is undone" in text_of(response)
    assert [one.payer for one in response.context["records"]] == ["Wrong payer", "Right payer"]
    assert [action for action, *_ in writes()] == ["added", "added", "entered in error", "undid entered in error"]
    assert {tuple(patients) for *_, patients in writes()} == {(patient.pk,)}


def test_a_reason_is_needed(desk):
    coverage = builders.a_coverage()
    response = desk.post(correction_of(coverage), filled(desk.get(correction_of(coverage)), reason=" "))
    assert "Enter why it was entered in error." in text_of(response)
    assert not Coverage.objects.get().is_in_error


def test_one_entered_in_error_cannot_be_changed_and_its_page_leads_to_the_undoing(desk, staff):
    # Given a form that was opened before the mark
    coverage = builders.a_coverage()
    opened = filled(desk.get(coverage.get_absolute_url()), plan="Typed")
    builders.in_error(coverage, by=staff, reason="Typed twice")

    # Then the page says so, without a form
    page = desk.get(coverage.get_absolute_url())
    assert "This is marked as entered in error: Typed twice It cannot be changed." in text_of(page)
    assert f'href="{correction_of(coverage)}"' in page.content.decode()
    assert 'name="payer"' not in page.content.decode()

    # And a change is refused, with what was typed
    response = desk.post(coverage.get_absolute_url(), opened)
    assert response.status_code == 409
    assert "This is marked as entered in error: Typed twice" in response.context["form"].non_field_errors()
    assert response.context["form"]["plan"].value() == "Typed"
    assert Coverage.objects.get().plan == ""


# The same person


def test_what_stands_in_another_record_of_the_person_is_listed_and_changed_there(desk, neurologist):
    # Given a coverage in a record that turns out to be the same person
    patient, other = builders.a_patient(), builders.a_patient(record_number="RN-OTHER")
    coverage = builders.a_coverage(patient=other)
    builders.the_same_person(patient, other, by=neurologist)

    # Then it stands on the page of the person, who is read with it
    page = desk.get(list_of(patient))
    assert list(page.context["records"]) == [coverage]
    assert "recorded under RN-OTHER" in text_of(page)
    assert {row.patient_id for row in AuditEntry.objects.latest("pk").patients.all()} == {patient.pk, other.pk}

    # And is changed and corrected from there
    sent = filled(desk.get(coverage.get_absolute_url()), plan="Plus")
    assert desk.post(coverage.get_absolute_url(), sent)["Location"] == list_of(patient)
    coverage.refresh_from_db()
    sent = filled(desk.get(correction_of(coverage)), reason="x")
    assert desk.post(correction_of(coverage), sent)["Location"] == list_of(patient)


def test_nothing_is_added_to_a_record_that_is_another_person_s_by_now(desk, neurologist):
    patient, other = builders.a_patient(), builders.a_patient()
    sent = filled(desk.get(list_of(other)), **TYPED)
    builders.the_same_person(patient, other, by=neurologist)

    page = desk.get(list_of(other))
    assert f'href="{list_of(patient)}"' in page.content.decode()
    assert 'name="payer"' not in page.content.decode()
    response = desk.post(list_of(other), sent)
    assert response.status_code == 409
    assert "Continue there." in text_of(response)
    assert not Coverage.objects.exists()


# What holds on the day of a visit

TIMES = {
    "without a time": ({}, []),
    "for that day alone": ({"valid_from": DAY, "valid_until": DAY}, []),
    "that day is its last": ({"valid_until": DAY}, []),
    "that day is its first": ({"valid_from": DAY}, []),
    "ends the day before": ({"valid_until": BEFORE}, [ENDS]),
    "ends the day before, and began": ({"valid_from": TODAY, "valid_until": BEFORE}, [ENDS]),
    "begins the day after": ({"valid_from": AFTER}, [BEGINS]),
    "begins the day after, and ends": ({"valid_from": AFTER, "valid_until": AFTER}, [BEGINS]),
}


@pytest.mark.parametrize("time", TIMES)
def test_a_gap_is_what_ends_before_the_day_of_the_visit_or_begins_after_it(time, visit):
    valid, said = TIMES[time]
    builders.a_coverage(patient=visit.patient, **{"valid_from": None, "valid_until": None, **valid})
    assert authorisation_gaps(visit) == said
    assert list(visits_not_authorised(TODAY)) == ([visit] if said else [])


def test_a_patient_without_any_authorisation_is_nobody_to_be_pointed_at(visit):
    assert authorisation_gaps(visit) == []
    assert not visits_not_authorised(TODAY).exists()


@pytest.mark.parametrize("decision", ["", "asked_for", "approved", "not_needed"])
def test_one_that_ends_is_a_gap_whatever_was_decided(decision, visit):
    builders.a_coverage(patient=visit.patient, decision=decision, valid_until=BEFORE)
    assert authorisation_gaps(visit) == [ENDS]


def test_one_that_was_refused_authorises_nothing_and_is_no_gap_of_its_own(visit):
    builders.a_coverage(patient=visit.patient, decision="refused")
    builders.a_coverage(patient=visit.patient, decision="refused", valid_until=BEFORE)
    assert authorisation_gaps(visit) == []
    builders.a_coverage(patient=visit.patient, valid_until=BEFORE)
    assert authorisation_gaps(visit) == [ENDS]


def test_one_entered_in_error_counts_nowhere_until_that_is_undone(visit, staff):
    holds = builders.a_coverage(patient=visit.patient)
    ends = builders.a_coverage(patient=visit.patient, valid_until=BEFORE)
    assert authorisation_gaps(visit) == []
    holds = builders.in_error(holds, by=staff)
    assert authorisation_gaps(visit) == [ENDS]
    builders.in_error(ends, by=staff)
    assert authorisation_gaps(visit) == []
    builders.undo_in_error(ends, by=staff)
    assert authorisation_gaps(visit) == [ENDS]
    builders.undo_in_error(holds, by=staff)
    assert authorisation_gaps(visit) == []


def test_one_of_several_that_holds_is_enough(visit):
    for time in ({"valid_until": BEFORE}, {"valid_from": AFTER}, {"valid_until": DAY}):
        builders.a_coverage(patient=visit.patient, **time)
    assert authorisation_gaps(visit) == []


def test_of_several_that_do_not_hold_the_nearest_are_named(visit):
    for days in (400, 1, 30):
        begin, end = DAY - dt.timedelta(days=days + 300), DAY - dt.timedelta(days=days)
        builders.a_coverage(patient=visit.patient, valid_from=begin, valid_until=end)
    for days in (30, 1, 400):
        builders.a_coverage(patient=visit.patient, valid_from=DAY + dt.timedelta(days=days), valid_until=None)
    assert authorisation_gaps(visit) == [ENDS, BEGINS]


def test_an_end_that_is_over_is_told_as_over(visit):
    builders.a_coverage(patient=visit.patient, valid_from=None, valid_until=TODAY - dt.timedelta(days=1))
    assert authorisation_gaps(visit) == [
        "The authorisation of Example Health ended on 24 Nov 2026, before the visit on 7 Dec 2026."
    ]


@pytest.mark.engine
def test_the_day_of_a_visit_is_that_of_the_clinic():
    """In summer, 00:30 by the clinic's clock is the day before by the world's."""
    visit = builders.a_visit(day=dt.date(2027, 6, 8), hour=0, minute=30)
    builders.a_coverage(patient=visit.patient, valid_until=dt.date(2027, 6, 7))
    assert visit.starts_at.astimezone(dt.UTC).date() == dt.date(2027, 6, 7)
    with timezone.override(Clinic.ours().zone):
        assert authorisation_gaps(visit) != []
        assert list(visits_not_authorised(TODAY)) == [visit]


def test_only_coming_visits_are_pointed_at(neurologist):
    patient = builders.a_patient()
    builders.a_coverage(patient=patient, valid_from=None, valid_until=dt.date(2026, 6, 1))
    made = {
        name: builders.a_visit(patient=patient, clinician=neurologist, day=TODAY + dt.timedelta(days=days), hour=15)
        for name, days in {"past": -1, "today": 0, "tomorrow": 1, "cancelled": 2}.items()
    }
    change_visit_state(visit=made["cancelled"], state=VisitState.CANCELLED, by=neurologist, version=1, reason="x")
    arrived = builders.an_arrived_visit(patient=patient, clinician=neurologist, hour=16)
    pointed_at = [made["today"], arrived, made["tomorrow"]]
    assert list(visits_not_authorised(TODAY)) == pointed_at
    for visit in Visit.objects.all():
        assert bool(coming_gaps(visit, TODAY)) == (visit in pointed_at)
        assert visit.is_coming(TODAY) == Visit.objects.coming(TODAY).filter(pk=visit.pk).exists()


@pytest.mark.engine
def test_all_forms_of_the_rule_agree_whatever_is_recorded(neurologist):
    """Over patients with up to four coverages of any time, some of whom are one person in two records."""
    rng = random.Random(77)  # noqa: S311
    visits = []
    for number in range(60):
        patient, other = builders.a_patient(by=neurologist), builders.a_patient(by=neurologist)
        for record in (patient, other):
            for _ in range(rng.choice([0, 0, 1, 1, 2])):
                _a_random_coverage(rng, record, by=neurologist)
        stays = _a_random_visit(rng, other, neurologist, number)
        if number % 3:
            staying = [stays.pk] if number % 2 else []
            builders.the_same_person(patient, other, by=neurologist, staying=staying)
        visits += [stays.pk, _a_random_visit(rng, patient, neurologist, 60 + number).pk]

    flagged = set(not_authorised(Visit.objects.all()))
    everybody = list(Visit.objects.select_related("patient"))
    gaps = {visit: authorisation_gaps(visit) for visit in everybody}

    assert len(everybody) == len(visits) == 120
    assert {visit for visit in everybody if gaps[visit]} == flagged
    assert dict(with_gaps(everybody)) == gaps
    assert {visit for visit in everybody if coming_gaps(visit, TODAY)} == set(visits_not_authorised(TODAY))
    # And there was something to agree on, also of people with two records
    assert 20 < len(flagged) < 100
    assert any(visit.patient.same_as_id for visit in flagged)
    assert any(visit.patient.others.exists() for visit in flagged)


def _a_random_coverage(rng, patient, *, by):
    begin = rng.choice([None, DAY + dt.timedelta(days=rng.randint(-9, 9))])
    end = rng.choice([None, (begin or DAY) + dt.timedelta(days=rng.randint(0, 9))])
    decision = rng.choice(["", "approved", "approved", "asked_for", "refused", "not_needed"])
    coverage = builders.a_coverage(patient=patient, by=by, valid_from=begin, valid_until=end, decision=decision)
    if rng.random() < 0.1:
        builders.in_error(coverage, by=by)


def _a_random_visit(rng, patient, clinician, number):
    """Each at a time of its own, so that none overlaps with another."""
    day = DAY + dt.timedelta(days=rng.randint(-2, 2) - 21 * (number % 2 and rng.random() < 0.3))
    return builders.a_visit(
        patient=patient, clinician=clinician, by=clinician,
        day=day, hour=number // 6, minute=number % 6 * 10, minutes=10,
    )  # fmt: skip


def test_a_visit_that_stays_with_a_former_record_is_authorised_by_what_is_recorded_of_the_person(visit, neurologist):
    patient, former = builders.a_patient(), visit.patient
    builders.a_coverage(patient=former, valid_until=BEFORE)
    builders.the_same_person(patient, former, by=neurologist, staying=[visit.pk])
    visit.refresh_from_db()
    assert authorisation_gaps(visit) == [ENDS]
    builders.a_coverage(patient=patient)
    assert authorisation_gaps(visit) == []
    assert not visits_not_authorised(TODAY).exists()


# Where the desk is told


def test_the_page_of_a_coming_visit_says_it_with_a_way_to_the_coverage(desk, visit):
    assert 'class="notice warning"' not in desk.get(visit.get_absolute_url()).content.decode()
    builders.a_coverage(patient=visit.patient, valid_until=BEFORE)
    page = desk.get(visit.get_absolute_url())
    assert f"{ENDS} Coverage" in text_of(page)
    assert f'href="{list_of(visit.patient)}"' in page.content.decode()


def test_the_page_of_a_visit_that_is_over_does_not_say_it(desk, visit):
    builders.a_coverage(patient=visit.patient, valid_until=BEFORE)
    change_visit_state(visit=visit, state=VisitState.CANCELLED, by=visit.clinician, version=1, reason="x")
    assert ENDS not in text_of(desk.get(visit.get_absolute_url()))


def test_who_books_is_told(desk, neurologist):
    coverage = builders.a_coverage(valid_until=BEFORE)
    booking = reverse("patients:visit-book", args=[coverage.patient_id])
    sent = filled(
        desk.get(booking), clinician=neurologist.pk, kind="injection", day=DAY, time="10:00", outside_note="x"
    )
    text = text_of(desk.post(booking, sent, follow=True))
    assert "Booked: Injection, 7 Dec 2026, 10:00" in text
    assert text.count(ENDS) == 1


@pytest.mark.parametrize("elsewhere", ["", "/visits/?day=2026-12-07"], ids=["to the visit", "in the diary"])
def test_who_moves_is_told_once_wherever_the_move_leads(elsewhere, desk):
    visit = builders.a_visit(day=TODAY + dt.timedelta(days=1))
    builders.a_coverage(patient=visit.patient, valid_until=BEFORE)
    moving = reverse("planning:visit-move", args=[visit.pk])
    sent = filled(desk.get(moving), day=DAY, time="10:00") | {"next": elsewhere}
    text = text_of(desk.post(moving, sent, follow=True))
    assert "Moved: Injection, 7 Dec 2026, 10:00" in text
    assert text.count(ENDS) == 1


def test_who_moves_to_a_day_that_is_authorised_is_told_nothing(desk):
    visit = builders.a_visit(day=AFTER)
    builders.a_coverage(patient=visit.patient, valid_until=DAY)
    moving = reverse("planning:visit-move", args=[visit.pk])
    sent = filled(desk.get(moving), day=DAY, time="10:00") | {"next": "/visits/"}
    assert "The authorisation" not in text_of(desk.post(moving, sent, follow=True))


def test_the_coverage_page_says_it_of_every_coming_visit(desk, visit):
    patient = visit.patient
    builders.a_coverage(patient=patient, valid_until=BEFORE)
    builders.a_visit(patient=patient, day=AFTER)
    page = desk.get(list_of(patient))
    assert [gaps for _, gaps in page.context["gaps"]] == [[ENDS], [ENDS.replace("visit on 7", "visit on 8")]]
    assert f'href="{visit.get_absolute_url()}"' in page.content.decode()


def test_the_diary_leads_to_the_list_where_there_are_any(desk, visit):
    assert NOT_AUTHORISED not in desk.get("/visits/").content.decode()
    builders.a_coverage(patient=visit.patient, valid_until=BEFORE)
    page = desk.get("/visits/")
    assert NOT_AUTHORISED in page.content.decode()
    assert "Not authorised 1" in text_of(page)


@pytest.mark.engine
def test_the_list_names_each_visit_with_its_reason(desk, visit):
    assert "No visits without authorisation." in text_of(desk.get(NOT_AUTHORISED))
    builders.a_coverage(patient=visit.patient, valid_until=BEFORE)
    builders.a_coverage(patient=visit.patient, valid_from=AFTER)
    later = builders.a_visit(day=AFTER)
    builders.a_coverage(patient=later.patient, payer="Another", valid_until=DAY)
    page = desk.get(NOT_AUTHORISED)
    assert [(row["visit"], row["gaps"]) for row in page.context["rows"]] == [
        (visit, [ENDS, BEGINS]),
        (later, ["The authorisation of Another ends on 7 Dec 2026, before the visit on 8 Dec 2026."]),
    ]
    assert f'href="{list_of(later.patient)}"' in page.content.decode()


def test_the_list_asks_as_often_for_many_as_for_few(desk, neurologist):
    def ask():
        return queries_of(desk, NOT_AUTHORISED)

    _not_authorised_visits(3, neurologist)
    few = ask()
    _not_authorised_visits(20, neurologist, begin=3)
    assert ask() == few


def _not_authorised_visits(number, clinician, *, begin=0):
    for hour in range(begin, begin + number):
        visit = builders.a_visit(day=DAY, hour=hour, clinician=clinician, by=clinician)
        builders.a_coverage(patient=visit.patient, valid_until=BEFORE, by=clinician)


# On the patient's page


def fragment(patient, *, gaps=()):
    context = {"patient": patient, "coverages": Coverage.objects.active().latest_first(), "gaps": gaps}
    return render_to_string("patients/coverage/_coverage.html", context)


def test_the_fragment_names_payer_decision_and_time_and_leads_to_the_page(staff):
    coverage = builders.a_coverage(
        plan="Plus", valid_from=dt.date(2026, 1, 1), valid_until=dt.date(2027, 3, 31), sessions_authorised=1
    )
    builders.in_error(builders.a_coverage(patient=coverage.patient, payer="Wrong payer"), by=staff)
    html = " ".join(fragment(coverage.patient, gaps=[ENDS]).split())
    assert "<strong>Example Health</strong>, Plus" in html
    assert "Approved, 1 Jan 2026 to 31 Mar 2027, 1 session<" in html
    assert ENDS in html
    assert f'href="{list_of(coverage.patient)}"' in html
    assert "Wrong payer" not in html


def test_the_fragment_of_nobody_says_so():
    assert "Not recorded." in fragment(builders.a_patient())


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({"valid_from": None, "valid_until": None, "decision": ""}, ""),
        ({"valid_from": None, "decision": "refused", "valid_until": DAY}, "Denied, until 7 Dec 2026"),
        ({"valid_until": None, "decision": "", "valid_from": DAY}, "from 7 Dec 2026"),
        ({"valid_from": None, "valid_until": None, "decision": "", "sessions_authorised": 2}, "2 sessions"),
    ],
)
def test_an_authorisation_in_words(details, words):
    assert builders.a_coverage(**details).authorisation_in_words() == words


# What the action itself refuses


def test_the_action_refuses_what_the_form_would():
    patient = builders.a_patient()
    with pytest.raises(Refused, match="The end is before the start"):
        builders.a_coverage(patient=patient, valid_from=AFTER, valid_until=DAY)
    for details in ({"payer": ""}, {"decision": "perhaps"}, {"sessions_authorised": 0}, {"valid_from": dt.date.max}):
        with pytest.raises(ValidationError):
            builders.a_coverage(patient=patient, **{"valid_until": None, **details})
    assert not Coverage.objects.exists()
