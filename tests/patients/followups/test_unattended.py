"""The page of patients with no visit or follow-up, and the actions that it leads to."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from clinic.models import AuditEntry, User
from clinic.records.exceptions import Refused
from patients.followups.actions import SeeAgain, close_follow_up, hand_over_follow_up, record_no_follow_up
from patients.models import FollowUp, VisitState
from planning.pages.actions.patients import change_patient_status
from planning.pages.actions.visits import change_visit_state
from tests import builders
from tests.patients.people.pages import filled, queries_of, text_of

NOW = dt.datetime(2026, 11, 25, 9, tzinfo=dt.UTC)  # a Wednesday

# The page: who is listed


PAGE = reverse("patients:unattended")


@pytest.fixture
def on_a_wednesday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def desk(login, staff, on_a_wednesday):
    return login(staff)


@pytest.fixture
def patient(staff, on_a_wednesday):
    return builders.a_patient(by=staff, family_name="Okafor", given_name="Grace", phone="0555 014 417")


def again(instance):
    return type(instance).objects.get(pk=instance.pk)


def in_days(days):
    return builders.today() + dt.timedelta(days=days)


def change_state(visit, state, *, by=None, **details):
    visit = again(visit)
    return change_visit_state(
        visit=visit, state=state, by=by or visit.clinician, version=visit.version, **{"reason": "Ill.", **details}
    )


def listed(desk):
    return list(desk.get(PAGE).context["page"])


def a_closed_follow_up(patient, *, by):
    follow_up = builders.a_follow_up(patient=patient)
    return close_follow_up(follow_up=follow_up, reason="Declined.", by=by, version=follow_up.version)


def a_postponed_follow_up(patient, *, by):
    follow_up = builders.a_follow_up(patient=patient)
    builders.a_contact(follow_up, how="phone", outcome="reached", by=by, call_again_on=in_days(1))


def a_follow_up_of_a_former_clinician(patient, *, due_on=None):
    follow_up = builders.a_follow_up(patient=patient, due_on=due_on)
    User.objects.filter(pk=follow_up.clinician_id).update(is_active=False)
    return follow_up


def an_unsigned_session(patient, *, by):
    visit = builders.an_arrived_visit(patient=patient, clinician=by)
    builders.a_given_session(by=by, visit=visit)
    change_state(visit, VisitState.FINISHED)


UNATTENDED = {
    "registered only": lambda patient, by: None,
    "outcome not recorded": lambda patient, by: builders.a_visit(patient=patient, day=in_days(-1)),
    "cancelled": lambda patient, by: change_state(
        builders.a_visit(patient=patient, day=in_days(1)), VisitState.CANCELLED
    ),
    "did not come": lambda patient, by: change_state(builders.a_visit(patient=patient), VisitState.NO_SHOW),
    "the follow-up was closed": lambda patient, by: a_closed_follow_up(patient, by=by),
    "session not signed": lambda patient, by: an_unsigned_session(patient, by=by),
}
ATTENDED = {
    "follow-up": lambda patient, by: builders.a_follow_up(patient=patient),
    "follow-up long overdue": lambda patient, by: builders.a_follow_up(patient=patient, due_on=in_days(-900)),
    "follow-up postponed": lambda patient, by: a_postponed_follow_up(patient, by=by),
    "follow-up of a former clinician": lambda patient, by: a_follow_up_of_a_former_clinician(patient),
    "booked": lambda patient, by: builders.a_visit(patient=patient, day=in_days(1)),
    "booked for earlier today": lambda patient, by: builders.a_visit(patient=patient, hour=8),
    "here now": lambda patient, by: builders.an_arrived_visit(patient=patient),
    "no follow-up needed": lambda patient, by: record_no_follow_up(patient=patient, reason="Well.", by=by),
    "moved away": lambda patient, by: change_patient_status(
        patient=patient, status="moved_away", by=by, version=patient.version
    ),
}


@pytest.mark.parametrize("given", UNATTENDED.values(), ids=UNATTENDED.keys())
def test_patient_with_no_visit_or_follow_up_is_listed(given, desk, patient, neurologist):
    given(patient, neurologist)
    assert listed(desk) == [patient]


@pytest.mark.parametrize("given", ATTENDED.values(), ids=ATTENDED.keys())
def test_expected_or_former_patient_is_not_listed(given, desk, patient, neurologist):
    given(patient, neurologist)
    page = desk.get(PAGE)
    assert list(page.context["page"]) == []
    assert "All patients have a follow-up or a visit." in text_of(page)


def test_linked_record_is_listed_as_its_person(desk, patient, staff, neurologist):
    other = builders.a_patient(by=staff, family_name="Halvorsen")
    builders.the_same_person(patient, other, by=neurologist)
    assert listed(desk) == [patient]
    builders.two_people(other, by=neurologist)
    assert listed(desk) == [other, patient]


def test_list_shows_phone_and_last_visit_and_is_audited(desk, patient, staff, neurologist):
    # Given one who was here twice, and missed the last visit, and one who never was here
    for days, states in (
        (-100, [VisitState.ARRIVED, VisitState.FINISHED]),
        (-30, [VisitState.ARRIVED, VisitState.FINISHED]),
        (-9, [VisitState.NO_SHOW]),
    ):
        visit = builders.a_visit(patient=patient, clinician=neurologist, day=in_days(days))
        for state in states:
            visit = change_state(visit, state, again=builders.AGAIN if state is VisitState.FINISHED else None)
    for follow_up in FollowUp.objects.all():
        close_follow_up(follow_up=follow_up, reason="Declined.", by=staff, version=follow_up.version)
    new = builders.a_patient(by=staff, family_name="Okoye", given_name="Ada")

    # When clinic staff open the page
    page = desk.get(PAGE)

    # Then it shows who is to be called, and how
    text = text_of(page)
    assert f"OKAFOR, Grace 14 Mar 1969 · {patient.record_number} 0555 014 417 26 Oct 2026" in text
    assert f"OKOYE, Ada 14 Mar 1969 · {new.record_number} – never" in text
    entry = AuditEntry.objects.filter(action="read").last()
    assert {row.patient_id for row in entry.patients.all()} == {patient.pk, new.pk}


@pytest.mark.engine
def test_page_has_50_patients_and_pages_do_not_overlap(desk, staff):
    people = {builders.a_patient(by=staff, family_name="Same", given_name="Name") for _ in range(53)}
    pages = [list(desk.get(PAGE, {"page": number}).context["page"]) for number in (1, 2)]
    assert [len(page) for page in pages] == [50, 3]
    assert {one for page in pages for one in page} == people


def test_query_count_is_constant_for_more_patients(desk, staff):
    for _ in range(5):
        builders.a_patient(by=staff)
    few = queries_of(desk, PAGE)
    for _ in range(45):
        builders.a_patient(by=staff)
    assert queries_of(desk, PAGE) == few


def test_postponed_follow_up_returns_on_the_agreed_date(patient, staff):
    a_postponed_follow_up(patient, by=staff)
    follow_up = FollowUp.objects.get()
    for day, aside in ((in_days(0), True), (in_days(1), False), (in_days(2), False)):
        assert FollowUp.objects.postponed(day).exists() == follow_up.is_postponed(day) == aside
        assert FollowUp.objects.to_book(day).exists() == follow_up.is_to_book(day) == (not aside)


# Handing over the follow-ups of a former clinician


def test_follow_up_of_a_former_clinician_is_handed_over(desk, patient, neurologist):
    # Given two, which are there and not on the list
    late = a_follow_up_of_a_former_clinician(patient, due_on=in_days(-3))
    a_follow_up_of_a_former_clinician(patient, due_on=in_days(7))
    page = desk.get(PAGE)
    assert [row["due"] for row in page.context["rows"]] == ["3 days overdue", "due 2 Dec 2026"]
    assert "Clinician has left 2" in text_of(page)
    assert not FollowUp.objects.to_book(builders.today()).exists()

    # When one is handed over
    assert list(page.context["clinicians"]) == [neurologist]
    sent = {"version": late.version, "clinician": neurologist.pk, "next": PAGE}
    response = desk.post(reverse("patients:followup-hand-over", args=[late.pk]), sent)

    # Then it is on the list, and the other is still there
    assert response.url == PAGE
    assert FollowUp.objects.to_book(builders.today()).get() == late
    assert [row["due"] for row in desk.get(PAGE).context["rows"]] == ["due 2 Dec 2026"]


def test_follow_up_is_handed_over_to_clinicians_only(desk, patient, staff):
    follow_up = a_follow_up_of_a_former_clinician(patient)
    for chosen, message in (("", "Choose who sees the patient."), (staff.pk, "Select a valid choice.")):
        sent = {"version": 1, "clinician": chosen, "next": PAGE}
        response = desk.post(reverse("patients:followup-hand-over", args=[follow_up.pk]), sent)
        assert message in text_of(response)
    with pytest.raises(Refused, match="Choose a neurologist or a trainee"):
        hand_over_follow_up(follow_up=follow_up, clinician=staff, by=staff, version=1)
    assert FollowUp.objects.without_clinician().get() == follow_up


def test_second_hand_over_shows_the_new_clinician(desk, patient, staff, neurologist, other_neurologist):
    follow_up = a_follow_up_of_a_former_clinician(patient)
    hand_over_follow_up(follow_up=follow_up, clinician=neurologist, by=staff, version=1)
    sent = {"version": 1, "clinician": other_neurologist.pk, "next": PAGE}
    response = desk.post(reverse("patients:followup-hand-over", args=[follow_up.pk]), sent)
    assert response.status_code == 409
    assert again(follow_up).clinician == neurologist


def test_query_count_is_constant_for_more_hand_overs(desk, patient):
    for _ in range(5):
        a_follow_up_of_a_former_clinician(patient)
    few = queries_of(desk, PAGE)
    for _ in range(45):
        a_follow_up_of_a_former_clinician(patient)
    assert queries_of(desk, PAGE) == few


# Asking back, away from any visit


@pytest.fixture
def arrange_follow_up(desk, patient, neurologist):
    """`ask_back(**typed)` opens the page of a patient last seen by that neurologist, types, and sends."""
    builders.finish(
        builders.an_arrived_visit(patient=patient, clinician=neurologist, day=in_days(-30)),
        again=SeeAgain(weeks=1, why="Before."),
    )
    (follow_up,) = FollowUp.objects.all()
    close_follow_up(follow_up=follow_up, reason="Declined.", by=neurologist, version=1)
    page = reverse("patients:patient-return", args=[patient.pk])

    def typed_and_sent(**typed):
        return desk.post(page, filled(desk.get(page), **typed))

    return typed_and_sent


@pytest.mark.parametrize(
    ("typed", "due_on"),
    [({"weeks": "3"}, dt.date(2026, 12, 16)), ({"on": "2027-02-15"}, dt.date(2027, 2, 15))],
    ids=["weeks", "date"],
)
def test_follow_up_is_arranged_by_date_or_weeks(typed, due_on, arrange_follow_up, desk, patient, neurologist):
    assert listed(desk) == [patient]
    assert arrange_follow_up(kind="review", why="Called in.", **typed).url == patient.get_absolute_url()
    follow_up = FollowUp.objects.open().get()
    assert (follow_up.due_on, follow_up.kind, follow_up.why) == (due_on, "review", "Called in.")
    assert follow_up.clinician == neurologist
    assert listed(desk) == []


def test_no_follow_up_needed_is_recorded_with_a_reason(arrange_follow_up, desk, patient, staff):
    assert "Enter why no follow-up is needed." in text_of(arrange_follow_up(no_follow_up="on"))
    assert listed(desk) == [patient]
    assert arrange_follow_up(no_follow_up="on", no_follow_up_reason="Treated at home.").status_code == 302
    patient = again(patient)
    assert (patient.no_follow_up_reason, patient.no_follow_up_by) == ("Treated at home.", staff)
    assert not FollowUp.objects.open().exists()
    assert listed(desk) == []


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({}, "Enter when the patient should be seen again"),
        ({"weeks": "3", "on": "2027-02-15"}, "Enter only one of these"),
        ({"weeks": "3", "no_follow_up": "on", "no_follow_up_reason": "Well."}, "Enter only one of these"),
        ({"on": "2026-11-25"}, "Choose a date after 25 Nov 2026."),
        ({"weeks": "0"}, "greater than or equal to 1"),
        ({"weeks": "soon"}, "Type the number of weeks as a whole number."),
    ],
)
@pytest.mark.sample(2)
def test_invalid_answer_is_reported_and_not_stored(typed, message, arrange_follow_up, desk, patient):
    page = arrange_follow_up(why="Called in.", **typed)
    assert message in text_of(page)
    assert page.context["form"]["why"].value() == "Called in."
    assert not FollowUp.objects.open().exists()
    assert listed(desk) == [patient]


def test_form_sent_twice_creates_one_follow_up(desk, patient, neurologist):
    page = reverse("patients:patient-return", args=[patient.pk])
    sent = filled(desk.get(page), weeks="3", clinician=neurologist.pk)
    for _ in range(2):
        assert desk.post(page, sent).status_code == 302
    assert FollowUp.objects.count() == 1


# What brings a patient back to the page


def test_booking_a_visit_withdraws_no_follow_up_needed(desk, patient, staff, neurologist):
    # Given a patient who need not come
    record_no_follow_up(patient=patient, reason="Well.", by=staff)

    # When a visit is booked anyway, and then cancelled
    page = reverse("patients:visit-book", args=[patient.pk])
    typed = {"clinician": neurologist.pk, "kind": "review", "day": "2026-12-01", "time": "10:30", "minutes": "30"}
    assert desk.post(page, filled(desk.get(page), **typed)).status_code == 302
    assert again(patient).no_follow_up_reason == ""
    assert listed(desk) == []
    change_state(patient.visits.get(), VisitState.CANCELLED)

    # Then the patient is not marked as needing no follow-up
    assert listed(desk) == [patient]


def test_refused_booking_keeps_no_follow_up_needed(patient, staff):
    record_no_follow_up(patient=patient, reason="Well.", by=staff)
    taken = builders.a_visit()
    with pytest.raises(Refused, match="is taken"):
        builders.a_visit(patient=patient, clinician=taken.clinician)
    assert again(patient).no_follow_up_reason == "Well."


@pytest.mark.parametrize(("days", "reason"), [(1, ""), (-1, "Well.")], ids=["coming", "past"])
def test_corrected_coming_visit_withdraws_no_follow_up_needed(days, reason, patient, staff):
    visit = change_state(builders.a_visit(patient=patient, day=in_days(days)), VisitState.CANCELLED)
    record_no_follow_up(patient=patient, reason="Well.", by=staff)
    change_state(visit, VisitState.BOOKED)
    assert again(patient).no_follow_up_reason == reason


ENDINGS = {
    "linked to another": lambda patient, other, by: builders.the_same_person(other, patient, by=by),
    "moved away": lambda patient, other, by: change_patient_status(
        patient=patient, status="moved_away", by=by, version=patient.version
    ),
}


@pytest.mark.parametrize("end", ENDINGS.values(), ids=ENDINGS.keys())
def test_visit_of_an_inactive_patient_is_not_restored(end, patient, staff, neurologist):
    # Given a coming and a past visit, cancelled before the patient was linked, or moved away
    coming, past = (builders.a_visit(patient=patient, day=in_days(days)) for days in (1, -1))
    for visit in (coming, past):
        change_state(visit, VisitState.CANCELLED)
    end(patient, builders.a_patient(by=staff), neurologist)

    # When the coming one is restored, then that is refused as a new booking is
    refused_as = again(patient).booking_obstacle()
    with pytest.raises(Refused, match=refused_as):
        change_state(coming, VisitState.BOOKED)

    # And what became of the past one can still be corrected
    change_state(past, VisitState.BOOKED)


def test_unlinked_records_keep_their_own_cancelled_visits(patient, staff, neurologist):
    # Given a visit that went to another record with its follow-up, and was cancelled there
    other = builders.a_patient(by=staff, family_name="Halvorsen")
    follow_up = builders.a_follow_up(patient=other)
    visit = builders.a_visit(patient=other, clinician=follow_up.clinician, day=in_days(1), follow_up=follow_up)
    builders.the_same_person(patient, other, by=neurologist)
    change_state(visit, VisitState.CANCELLED)

    # When they are unlinked, then each visit and follow-up belongs to its original record again
    builders.two_people(other, by=neurologist)
    assert again(visit).patient == again(follow_up).patient == other


def test_follow_up_with_a_coming_visit_cannot_be_closed(patient, staff):
    follow_up = builders.a_follow_up(patient=patient)
    builders.a_visit(patient=patient, clinician=follow_up.clinician, follow_up=follow_up)
    follow_up = again(follow_up)
    with pytest.raises(Refused, match="A visit is booked for this follow-up"):
        close_follow_up(follow_up=follow_up, reason="Declined.", by=staff, version=follow_up.version)
    assert again(follow_up).closed_at is None


def test_closed_follow_up_stays_closed_after_its_visit(patient, staff):
    follow_up = builders.a_follow_up(patient=patient)
    visit = builders.a_visit(patient=patient, clinician=follow_up.clinician, day=in_days(1), follow_up=follow_up)
    change_state(visit, VisitState.CANCELLED)
    follow_up = again(follow_up)
    close_follow_up(follow_up=follow_up, reason="Declined.", by=staff, version=follow_up.version)
    change_state(visit, VisitState.BOOKED)
    assert (again(follow_up).booked_visit, again(follow_up).closed_reason) == (None, "Declined.")
