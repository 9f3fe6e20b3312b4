"""The obligation to see a patient again, and the list of follow-ups."""

import datetime as dt
from functools import partial

import pytest
import time_machine
from django.urls import reverse

from clinic.models import AuditEntry, User
from clinic.records.exceptions import Refused
from patients.followups.actions import close_follow_up, hand_over_follow_up, record_no_follow_up
from patients.front_desk.actions.visits import book_visit
from patients.models import FollowUp, Patient, VisitState
from planning.pages.actions.visits import change_visit_state
from tests import builders
from tests.parallel import before_commit
from tests.patients.people.pages import queries_of, text_of
from tests.posted_data import shown_version

PAGE = reverse("patients:followup-list")
TODAY = dt.date(2026, 11, 25)  # a Wednesday


@pytest.fixture(autouse=True)
def on_a_wednesday():
    with time_machine.travel(dt.datetime(2026, 11, 25, 9, tzinfo=dt.UTC), tick=True):
        yield


def close_page(follow_up):
    return reverse("patients:followup-close", args=[follow_up.pk])


def due(days, **details):
    return builders.a_follow_up(due_on=TODAY + dt.timedelta(days=days), **details)


def booked(follow_up, *states):
    """A visit that answers it, brought through the states."""
    visit = book_visit(
        patient=follow_up.patient,
        clinician=follow_up.clinician,
        kind="review",
        starts_at=builders.at(TODAY),
        minutes=30,
        by=follow_up.clinician,
        follow_up=follow_up,
    )
    for state in states:
        visit = change_visit_state(
            visit=visit, state=state, by=visit.clinician, version=visit.version, reason="Ill.", again=builders.AGAIN
        )
    return visit


# Open, overdue, due this week: rows and sets


@pytest.mark.engine
@pytest.mark.django_db
def test_methods_for_one_follow_up_agree_with_the_queryset():
    # Given follow-ups of many days, and every way of no longer being open
    for days in (-40, -1, 0, 1, 4, 5, 12):
        due(days)
        closed = due(days)
        close_follow_up(follow_up=closed, reason="Moved.", by=closed.clinician, version=1)
        for states in (
            [],
            [VisitState.ARRIVED],
            [VisitState.ARRIVED, VisitState.FINISHED],
            [VisitState.CANCELLED],
            [VisitState.NO_SHOW],
            [VisitState.ENTERED_IN_ERROR],
        ):
            booked(due(days), *states)

    # And some that are postponed, or whose clinician left
    for again_on in (1, 30):
        builders.a_contact(
            due(again_on),
            how="phone",
            outcome="reached",
            by=builders.a_person("clinic staff"),
            call_again_on=TODAY + dt.timedelta(days=again_on),
        )
    User.objects.filter(pk=due(3).clinician_id).update(is_active=False)
    due(3).clinician.groups.clear()

    # Then each method gives the same result for one follow-up and for a queryset
    rows = list(FollowUp.objects.all())
    assert set(FollowUp.objects.open()) == {row for row in rows if row.is_open}
    assert set(FollowUp.objects.to_book(TODAY)) == {row for row in rows if row.is_to_book(TODAY)}
    assert set(FollowUp.objects.postponed(TODAY)) == {row for row in rows if row.is_postponed(TODAY)} != set()
    assert set(FollowUp.objects.without_clinician()) == {row for row in rows if row.is_without_clinician} != set()
    assert set(FollowUp.objects.overdue(TODAY)) == {row for row in rows if row.is_overdue(TODAY)}
    assert 0 < FollowUp.objects.overdue(TODAY).count() < FollowUp.objects.open().count() < len(rows)
    assert FollowUp.objects.counts(TODAY) == {
        "overdue": FollowUp.objects.overdue(TODAY).count(),
        "due_this_week": FollowUp.objects.due_this_week(TODAY).count(),
        "never_contacted": FollowUp.objects.to_book(TODAY).never_contacted().count(),
        "postponed": FollowUp.objects.postponed(TODAY).count(),
    }


@pytest.mark.django_db
@pytest.mark.parametrize("state", [VisitState.CANCELLED, VisitState.NO_SHOW, VisitState.ENTERED_IN_ERROR])
def test_cancelled_visit_returns_its_follow_up_to_the_list(state):
    follow_up = due(3)
    booked(follow_up)
    assert not FollowUp.objects.open().exists()
    visit = follow_up.patient.visits.get()
    change_visit_state(visit=visit, state=state, by=visit.clinician, version=1, reason="Ill.")
    assert FollowUp.objects.open().get() == follow_up


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("days", "words"),
    [
        (-12, "12 days overdue"),
        (-1, "1 day overdue"),
        (0, "due today"),
        (1, "due 26 Nov 2026"),
        (40, "due 4 Jan 2027"),
    ],
)
def test_due_date_is_shown_as_text(days, words):
    assert due(days).due_text(TODAY) == words


# The list


@pytest.mark.engine
def test_list_shows_details_soonest_due_first(login, staff, neurologist):
    # Given three open follow-ups and a closed one
    patient = builders.a_patient(family_name="Okafor", given_name="Grace", phone="0555 014 417", by=staff)
    other = builders.a_patient(family_name="Halvorsen", given_name="Nils", by=staff)
    due(10, patient=other, clinician=neurologist)
    late = due(-12, patient=patient, clinician=neurologist, why="Wore off early.")
    due(2, patient=other, clinician=neurologist, kind="review")
    closed = due(-20, clinician=neurologist)
    close_follow_up(follow_up=closed, reason="Moved.", by=staff, version=1)

    # When clinic staff open the list
    response = login(staff).get(PAGE)

    # Then the overdue one is first, with all that is needed for a call
    assert [row["due"] for row in response.context["rows"]] == ["12 days overdue", "due 27 Nov 2026", "due 5 Dec 2026"]
    text = text_of(response)
    assert "1 overdue · 1 due this week" in text
    for words in ("OKAFOR, Grace", "0555 014 417", "Next injection", "Dr A. Morgan", "Wore off early.", "Review"):
        assert words in text
    assert f'href="/follow-ups/{late.pk}/book/' in response.content.decode()
    entry = AuditEntry.objects.last()
    assert {row.patient_id for row in entry.patients.all()} == {patient.pk, other.pk}


def test_empty_list_shows_a_message(login, staff):
    assert "No open follow-ups." in text_of(login(staff).get(PAGE))


@pytest.mark.engine
def test_page_has_50_follow_ups(login, staff, neurologist):
    # Given more than fifty
    patient = builders.a_patient(by=staff)
    FollowUp.objects.bulk_create(
        FollowUp(patient=patient, clinician=neurologist, kind="review", due_on=TODAY + dt.timedelta(days=number))
        for number in range(53)
    )

    # Then they are on two pages, each once
    client = login(staff)
    pages = [client.get(PAGE, {"page": number}).context["rows"] for number in (1, 2)]
    assert [len(rows) for rows in pages] == [50, 3]
    assert len({row["follow_up"].pk for rows in pages for row in rows}) == 53


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 50, "\x00"])
def test_any_page_number_gets_a_page(page, login, staff):
    due(1)
    assert len(login(staff).get(PAGE, {"page": page}).context["rows"]) == 1


def test_query_count_is_constant_for_more_rows(login, staff):
    client = login(staff)
    for _ in range(5):
        booked(due(1), VisitState.CANCELLED)
    few = queries_of(client, PAGE)
    for _ in range(45):
        booked(due(1), VisitState.CANCELLED)
    assert queries_of(client, PAGE) == few


def test_query_count_is_the_same_for_50_and_2000(login, staff, neurologist):
    client, patient = login(staff), builders.a_patient(by=staff)

    def grow(rows):
        FollowUp.objects.bulk_create(
            FollowUp(
                patient=patient, clinician=neurologist, kind="review", due_on=TODAY + dt.timedelta(days=number % 99)
            )
            for number in range(rows)
        )

    grow(50)
    few = queries_of(client, PAGE)
    grow(1950)
    assert queries_of(client, PAGE) == few
    assert FollowUp.objects.open().count() == 2000


def test_list_shows_clinic_staff_no_muscle_and_no_dose(login, staff, neurologist):
    builders.a_signed_session(by=neurologist)
    text = text_of(login(staff).get(PAGE))
    assert "Next injection" in text
    for word in ("1.11", "2.22", "ternocleidomastoid", "SCM", "Botox"):
        assert word not in text


# Closing


def test_closed_follow_up_leaves_the_list_with_its_reason(login, staff):
    follow_up = due(1)
    response = login(staff).post(close_page(follow_up), {"version": 1, "reason": "Treated elsewhere."})
    assert response["Location"] == PAGE
    follow_up.refresh_from_db()
    assert (follow_up.closed_by, follow_up.closed_reason) == (staff, "Treated elsewhere.")
    assert not FollowUp.objects.open().exists()
    entry = AuditEntry.objects.get(action="closed")
    assert (entry.object_id, entry.patients.get().patient_id) == (follow_up.pk, follow_up.patient_id)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 301, "by\u202e me"])
def test_unreadable_reason_is_reported_on_its_page(reason, login, staff):
    follow_up = due(2)
    response = login(staff).post(close_page(follow_up), {"version": 1, "reason": reason})
    form = response.context["close_form"]
    assert list(form.errors) == ["reason"]
    assert form["reason"].value() == reason
    assert FollowUp.objects.open().get() == follow_up


def test_closing_a_changed_follow_up_is_a_conflict(login, staff):
    # Given a list that was opened before a visit was booked and then cancelled
    follow_up = due(1)
    booked(follow_up, VisitState.CANCELLED)

    # When it is closed from the old list
    response = login(staff).post(close_page(follow_up), {"version": 1, "reason": "Moved."})

    # Then it is a conflict, and the typed reason stays
    assert response.status_code == 409
    form = response.context["close_form"]
    assert form["reason"].value() == "Moved."
    assert "Another user has changed this. Read it again before you save." in text_of(response)
    assert FollowUp.objects.open().exists()

    # And sending the new version closes it
    again = {"version": form["version"].value(), "reason": "Moved."}
    assert login(staff).post(close_page(follow_up), again).status_code == 302


def test_follow_up_closed_by_another_user_shows_a_message(login, staff, neurologist):
    follow_up = due(1)
    close_follow_up(follow_up=follow_up, reason="Declined.", by=neurologist, version=1)
    response = login(staff).post(close_page(follow_up), {"version": 1, "reason": "Moved."})
    assert response.status_code == 409
    assert "This follow-up is already closed." in response.context["close_form"].non_field_errors()
    assert f"by {neurologist}: Declined." in text_of(response)


@pytest.mark.engine
def test_closing_twice_is_recorded_once(login, staff):
    follow_up = due(1)
    for _ in range(2):
        sent = {"version": 1, "reason": "Moved."}
        assert login(staff).post(close_page(follow_up), sent).status_code == 302
    assert AuditEntry.objects.filter(action="closed").count() == 1


def test_action_requires_a_reason(staff):
    with pytest.raises(Refused) as refused:
        close_follow_up(follow_up=due(1), reason="", by=staff, version=1)
    assert refused.value.field == "reason"


@pytest.mark.parametrize("version", [None, "x", "0", "9" * 30])
def test_unreadable_version_closes_no_follow_up(version, login, staff):
    follow_up = due(1)
    sent = {"reason": "Moved."} | ({"version": version} if version else {})
    assert login(staff).post(close_page(follow_up), sent).status_code == 422
    assert FollowUp.objects.open().exists()


@pytest.mark.parametrize("person", ["catalogue_manager", "auditor", "superuser"])
def test_other_roles_cannot_see_or_close(person, login, request, db):
    follow_up = due(1)
    client = login(request.getfixturevalue(person))
    assert client.get(PAGE).status_code == 403
    assert client.post(close_page(follow_up), {"version": 1, "reason": "Moved."}).status_code == 403
    assert FollowUp.objects.open().exists()


# Calls


def contact_page(follow_up):
    return reverse("patients:followup-contact", args=[follow_up.pk])


def log(client, follow_up, **typed):
    sent = {
        "how": "phone",
        "outcome": "no_answer",
        "submission_key": builders.a_submission_key(),
        **shown_version(follow_up),
    }
    return client.post(contact_page(follow_up), {**sent, **typed})


def test_call_is_logged_with_its_outcome(login, staff):
    follow_up = due(1)
    response = log(login(staff), follow_up, note="Rings out.", next="/follow-ups/?only=week")
    assert response["Location"] == "/follow-ups/?only=week"
    attempt = follow_up.contact_attempts.get()
    assert (attempt.by, attempt.how, attempt.outcome, attempt.note) == (staff, "phone", "no_answer", "Rings out.")
    text = text_of(login(staff).get(PAGE))
    assert "25 Nov 2026: telephone, no answer Rings out." in text
    entry = AuditEntry.objects.get(action="logged a contact")
    assert entry.patients.get().patient_id == follow_up.patient_id


def test_form_sent_twice_logs_one_call(login, staff):
    follow_up, key = due(1), builders.a_submission_key()
    for _ in range(2):
        assert log(login(staff), follow_up, submission_key=key).status_code == 302
    assert follow_up.contact_attempts.count() == 1


@pytest.mark.engine
def test_call_again_on_postpones_until_that_date(login, staff):
    follow_up = due(-3)
    log(login(staff), follow_up, call_again_on="2026-11-28")
    # It leaves those to book and the count in the navigation, and is among the postponed
    assert "No open follow-ups." in text_of(login(staff).get(PAGE))
    response = login(staff).get(PAGE, {"only": "postponed"})
    assert [row["follow_up"] for row in response.context["rows"]] == [follow_up]
    assert "call again on 28 Nov 2026" in text_of(response)
    assert response.context["counts"]["follow_ups_due"] == 0
    # And returns on that day
    assert FollowUp.objects.to_book(dt.date(2026, 11, 28)).get() == follow_up


def test_next_call_without_a_date_ends_the_postponement(login, staff):
    follow_up = due(-3)
    log(login(staff), follow_up, call_again_on="2026-11-28")
    log(login(staff), follow_up)
    assert FollowUp.objects.to_book(TODAY).get() == follow_up


def test_cancelled_booking_ends_the_postponement(login, staff):
    follow_up = due(-3)
    log(login(staff), follow_up, call_again_on="2026-12-28")
    booked(follow_up, VisitState.CANCELLED)
    assert FollowUp.objects.to_book(TODAY).get() == follow_up


@pytest.mark.parametrize("day", ["2026-11-25", "2026-11-24", "1999-01-01", "2100-01-01"])
def test_date_to_call_again_must_be_near_and_not_past(day, login, staff):
    follow_up = due(1)
    response = log(login(staff), follow_up, call_again_on=day, note="Kept.")
    form = response.context["contact_form"]
    assert list(form.errors) == ["call_again_on"]
    assert form["note"].value() == "Kept."
    assert not follow_up.contact_attempts.exists()


def test_closed_follow_up_accepts_no_call(login, staff):
    follow_up = due(1)
    close_follow_up(follow_up=follow_up, reason="Moved.", by=staff, version=1)
    assert log(login(staff), follow_up).status_code == 409
    assert not follow_up.contact_attempts.exists()


@pytest.mark.engine
def test_filters_show_matching_follow_ups(login, staff, neurologist, other_neurologist):
    late, week, later = due(-1, clinician=neurologist), due(1, clinician=other_neurologist), due(30, kind="review")
    log(login(staff), late)

    def shown(**asked):
        return [row["follow_up"] for row in login(staff).get(PAGE, asked).context["rows"]]

    assert shown() == [late, week, later]
    assert shown(only="overdue") == [late]
    assert shown(only="week") == [week]
    assert shown(only="uncontacted") == [week, later]
    assert shown(clinician=neurologist.pk) == [late]
    assert shown(kind="review") == [later]
    assert shown(only="dancing") == shown(clinician="x") == [late, week, later]


def test_navigation_counts_overdue_and_due_this_week(login, staff):
    for days in (-40, -1, 0, 4, 5):  # the last one is next Monday
        due(days)
    response = login(staff).get(PAGE)
    assert response.context["counts"]["follow_ups_due"] == 4
    assert "Follow-ups 4 overdue or due this week" in text_of(response)


def test_script_gets_only_the_actions_of_a_follow_up(login, staff):
    follow_up = due(1)
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/follow-ups/?only=week"}
    body = login(staff).get(f"/follow-ups/{follow_up.pk}/", headers=headers).content.decode()
    assert "<html" not in body
    assert body.count('name="next" value="/follow-ups/?only=week"') == 3


def test_follow_up_is_handed_over_to_another_clinician(login, staff, neurologist):
    follow_up = due(1)
    page = reverse("patients:followup-hand-over", args=[follow_up.pk])
    assert login(staff).post(page, {"version": 1, "clinician": neurologist.pk}).status_code == 302
    assert FollowUp.objects.get().clinician == neurologist
    assert login(staff).post(page, {"version": 1, "clinician": follow_up.clinician_id}).status_code == 409


# Asking to return, and stating that no follow-up is needed


def test_new_follow_up_ends_no_follow_up_needed(neurologist):
    patient = builders.a_patient()
    record_no_follow_up(patient=patient, reason="Treated elsewhere.", by=neurologist)
    patient = Patient.objects.get(pk=patient.pk)
    assert (patient.no_follow_up_reason, patient.no_follow_up_by) == ("Treated elsewhere.", neurologist)
    due(5, patient=patient)
    patient = Patient.objects.get(pk=patient.pk)
    assert (patient.no_follow_up_reason, patient.no_follow_up_on, patient.no_follow_up_by) == ("", None, None)


def test_no_follow_up_needed_keeps_open_follow_ups(neurologist):
    follow_up = due(5)
    record_no_follow_up(patient=follow_up.patient, reason="Treated elsewhere.", by=neurologist)
    assert FollowUp.objects.open().get() == follow_up


def test_no_follow_up_needed_requires_a_reason(neurologist):
    with pytest.raises(Refused, match="Enter why"):
        record_no_follow_up(patient=builders.a_patient(), reason="", by=neurologist)


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_follow_up_handed_over_while_its_visit_ends_stays_so():
    # Given a follow-up that is handed over and not yet committed when its visit is finished
    follow_up, other = due(0), builders.a_clinician()
    visit = booked(follow_up, VisitState.ARRIVED)
    follow_up = builders.now(follow_up)
    hand_over = partial(hand_over_follow_up, follow_up=follow_up, clinician=other, by=other, version=follow_up.version)
    finish = partial(
        change_visit_state,
        visit=visit, state=VisitState.FINISHED, by=visit.clinician, version=visit.version, again=builders.AGAIN,
    )  # fmt: skip

    # Then it is closed, and has its new clinician
    assert before_commit(hand_over, finish) == [follow_up, visit]
    stored = builders.now(follow_up)
    assert (stored.clinician, stored.closed_at is None) == (other, False)


def test_only_an_open_follow_up_is_shown_as_overdue(login, staff):
    staff = login(staff)
    url = reverse("patients:followup-detail", args=[(late := due(-3)).pk])
    assert '<span class="chip overdue">3 days overdue</span>' in staff.get(url).content.decode()
    booked(late)
    assert "overdue" not in staff.get(url).content.decode().partition("<main")[2]
