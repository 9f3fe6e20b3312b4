"""After a reminder, the patient gets one message about each change: cancelled, moved, or taking place after all."""

import datetime as dt
import io

import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from clinic.models import AuditEntry, Clinic
from patients.diary.actions.reminders import change_reminder_text
from patients.diary.actions.time_zone import apply_time_zone
from patients.models import ChangeMessage, Patient, PatientStatus, Reminder, VisitState
from planning.pages.actions.undo import undo_booking, undo_end, undo_move
from planning.pages.actions.visits import change_visit_state, move_visit
from tests import builders
from tests.parallel import at_once
from tests.patients.people.pages import filled

pytestmark = pytest.mark.engine

TODAY = dt.date(2026, 11, 25)  # a Wednesday
FRIDAY = TODAY + dt.timedelta(days=2)


@pytest.fixture(autouse=True)
def on_a_wednesday():
    with time_machine.travel(dt.datetime(2026, 11, 25, 9, tzinfo=dt.UTC), tick=False) as clock:
        yield clock


@pytest.fixture(autouse=True)
def our_clinic(db):
    Clinic.objects.update(name="Neck Clinic", phone="0555 010 010")


def remind():
    """What the command printed, and the texts that it sent."""
    out, before = io.StringIO(), len(mail.outbox)
    call_command("remind", stdout=out)
    return out.getvalue(), [message.body.splitlines()[2] for message in mail.outbox[before:]]


def a_visit(days=2, *, email="grace@example.org"):
    patient = builders.a_patient(given_name="Grace", email=email, agreed_to_reminders=True)
    return builders.a_visit(patient=patient, day=TODAY + dt.timedelta(days=days))


def a_reminded_visit(**details):
    visit = a_visit(**details)
    remind()
    return visit


def becomes(visit, state):
    visit.refresh_from_db()
    return change_visit_state(visit=visit, state=state, by=visit.clinician, version=visit.version, reason="Ill.")


def moved(visit, *, days, hour=14):
    visit.refresh_from_db()
    return move_visit(
        visit=visit, clinician=visit.clinician, by=visit.clinician, version=visit.version, minutes=30,
        starts_at=builders.at(TODAY + dt.timedelta(days=days), hour),
    )  # fmt: skip


CANCELLED_TEXT = "your visit at Neck Clinic on Friday 27 Nov 2026 at 10:00 is cancelled."
MOVED_TEXT = "your visit at Neck Clinic on Friday 27 Nov 2026 at 10:00 was moved to {}."
BOOKED_TEXT = "you have a visit at Neck Clinic on {}."
SENT_ONE = "0 sent, 0 failed.\n1 message about changed visits sent.\n"
SENT_NONE = ("0 sent, 0 failed.\n", [])


@pytest.mark.parametrize("state", [VisitState.CANCELLED, VisitState.ENTERED_IN_ERROR])
def test_cancellation_after_a_reminder_is_sent_once_and_stored(state):
    visit = a_reminded_visit()
    becomes(visit, state)
    assert remind() == (SENT_ONE, [CANCELLED_TEXT])
    assert remind() == SENT_NONE
    message = ChangeMessage.objects.get()
    assert (message.visit, message.sent_at, message.recipient) == (visit, timezone.now(), "grace@example.org")
    assert message.subject == mail.outbox[-1].subject == "Your visit at Neck Clinic has changed"
    assert message.body == mail.outbox[-1].body
    entry = AuditEntry.objects.get(action="sent a message about a change")
    assert entry.patients.get().patient_id == visit.patient_id
    # And the reminder too is stored as it was sent
    reminder = Reminder.objects.get()
    assert (reminder.recipient, reminder.body) == ("grace@example.org", mail.outbox[0].body)


def test_moved_visit_is_announced_with_its_last_time():
    visit = a_reminded_visit()
    second = moved(moved(visit, days=9), days=3)
    # The new time is within the days of the reminder, which the message replaces
    assert remind() == (SENT_ONE, [MOVED_TEXT.format("Saturday 28 Nov 2026 at 14:00")])
    assert remind() == SENT_NONE
    # A visit that was announced so is known to the patient
    moved(second, days=20)
    assert remind()[1] == [
        "your visit at Neck Clinic on Saturday 28 Nov 2026 at 14:00 was moved to Tuesday 15 Dec 2026 at 14:00."
    ]
    assert remind() == SENT_NONE


def test_visit_moved_far_ahead_gets_its_own_reminder(on_a_wednesday):
    moved(a_reminded_visit(), days=20)
    assert remind()[1] == [MOVED_TEXT.format("Tuesday 15 Dec 2026 at 14:00")]
    on_a_wednesday.shift(dt.timedelta(days=17))
    assert remind()[1] == [BOOKED_TEXT.format("Tuesday 15 Dec 2026 at 14:00")]


def test_moved_and_then_cancelled_visit_is_cancelled():
    becomes(moved(a_reminded_visit(), days=9), VisitState.CANCELLED)
    assert remind() == (SENT_ONE, [CANCELLED_TEXT])
    assert remind() == SENT_NONE


def test_restored_visit_takes_place_after_all():
    visit = a_reminded_visit()
    becomes(visit, VisitState.CANCELLED)
    remind()
    becomes(visit, VisitState.BOOKED)
    assert remind() == (SENT_ONE, [BOOKED_TEXT.format("Friday 27 Nov 2026 at 10:00")])
    assert remind() == SENT_NONE
    becomes(visit, VisitState.CANCELLED)
    assert remind() == (SENT_ONE, [CANCELLED_TEXT])


def test_change_that_was_undone_in_time_is_not_sent():
    visit = a_reminded_visit()
    becomes(becomes(visit, VisitState.CANCELLED), VisitState.BOOKED)
    assert remind() == SENT_NONE


def test_without_a_reminder_nothing_is_sent():
    becomes(a_visit(), VisitState.CANCELLED)
    moved(a_visit(email="zoe@example.org"), days=20)
    assert remind() == SENT_NONE


@pytest.mark.parametrize(
    ("field", "value"), [("agreed_to_reminders", False), ("email", ""), ("status", PatientStatus.DIED)]
)
def test_patient_who_cannot_be_written_to_gets_none(field, value):
    becomes(a_reminded_visit(), VisitState.CANCELLED)
    Patient.objects.update(**{field: value})
    assert remind() == SENT_NONE


@pytest.mark.parametrize("state", [VisitState.ARRIVED, VisitState.NO_SHOW])
def test_outcome_and_past_visits_send_nothing(state, on_a_wednesday):
    arrived, cancelled = a_reminded_visit(), a_reminded_visit()
    on_a_wednesday.move_to(builders.at(FRIDAY, 9))
    becomes(arrived, state)
    on_a_wednesday.move_to(builders.at(FRIDAY, 10, 30))
    becomes(cancelled, VisitState.CANCELLED)
    assert remind() == SENT_NONE


@pytest.mark.django_db(transaction=True)
def test_two_machines_at_once_send_each_message_once():
    visits = [a_visit(email=f"nr{number}@example.org") for number in range(6)]
    remind()
    for visit in visits:
        becomes(visit, VisitState.CANCELLED)
    mail.outbox.clear()
    at_once(lambda: call_command("remind", stdout=io.StringIO()), lambda: call_command("remind", stdout=io.StringIO()))
    assert sorted(message.to[0] for message in mail.outbox) == [f"nr{number}@example.org" for number in range(6)]


def test_failed_message_is_tried_again(monkeypatch):
    becomes(a_reminded_visit(), VisitState.CANCELLED)
    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.EmailMessage.send", lambda message: (_ for _ in ()).throw(TimeoutError()))
        with pytest.raises(CommandError, match="Not all could be sent"):
            call_command("remind", stdout=io.StringIO(), stderr=io.StringIO())
    assert remind() == (SENT_ONE, [CANCELLED_TEXT])


def test_texts_are_changed_on_the_page_of_reminders(login, staff):
    client, page = login(staff), reverse("patients:reminder-text")
    wrong = client.post(page, filled(client.get(page), cancelled_body="{new_day}", moved_body="{muscle}"))
    assert "{new_day} is not a known field." in wrong.context["form"].errors["cancelled_body"][0]
    assert "{new_day}, {new_time}" in wrong.context["form"].errors["moved_body"][0]
    change_reminder_text(by=staff, version=1, changed_subject="Change", moved_body="a\n\nNow {new_day}, {new_time}")
    moved(a_reminded_visit(), days=9)
    assert remind()[1] == ["Now Friday 4 Dec 2026, 14:00"]
    assert mail.outbox[-1].subject == "Change"


def test_changes_undone_before_the_command_send_nothing():
    visit, by = a_reminded_visit(), builders.a_clinician()
    later = moved(visit, days=5)
    undo_move(visit=later, by=by, version=later.version)
    cancelled = becomes(visit, VisitState.CANCELLED)
    undo_end(visit=visit, by=by, version=cancelled.version)
    booked = a_visit(days=1)
    undo_booking(visit=booked, by=by, version=booked.version)
    assert remind() == SENT_NONE


def test_move_undone_after_its_message_is_reported_twice():
    visit = a_reminded_visit()
    later = moved(visit, days=5)
    remind()
    undo_move(visit=later, by=later.clinician, version=later.version)
    sent = remind()[1]
    assert sent == [
        BOOKED_TEXT.format("Friday 27 Nov 2026 at 10:00"),
        "your visit at Neck Clinic on Monday 30 Nov 2026 at 14:00 is cancelled.",
    ]


def zone_becomes(zone, *, by, keeps_clock_times=False):
    clinic = Clinic.ours()
    former, clinic.time_zone = clinic.zone, zone
    clinic.save()
    apply_time_zone(clinic=clinic, former=former, keeps_clock_times=keeps_clock_times, by=by)


def test_other_clock_time_in_a_new_zone_is_sent_once(superuser):
    visit = a_reminded_visit()
    a_visit(days=40)  # without a reminder so far
    zone_becomes("Europe/Berlin", by=superuser)
    _, sent = remind()
    assert sent == [
        "your visit at Neck Clinic on Friday 27 Nov 2026 at 10:00 was moved to Friday 27 Nov 2026 at 11:00."
    ]
    assert remind()[1] == []
    zone_becomes("Europe/London", by=superuser)
    _, sent = remind()
    assert sent == [
        "your visit at Neck Clinic on Friday 27 Nov 2026 at 11:00 was moved to Friday 27 Nov 2026 at 10:00."
    ]
    becomes(visit, VisitState.CANCELLED)
    assert remind()[1] == [CANCELLED_TEXT]


def test_same_clock_time_in_a_new_zone_sends_nothing(superuser):
    a_reminded_visit()
    zone_becomes("Europe/Berlin", by=superuser, keeps_clock_times=True)
    assert remind()[1] == []
    zone_becomes("Europe/London", by=superuser)
    zone_becomes("Europe/Berlin", by=superuser)
    assert remind()[1] == []


def test_moved_visit_is_announced_again_in_a_new_zone(superuser):
    moved(a_reminded_visit(), days=2)
    remind()
    zone_becomes("Europe/Berlin", by=superuser)
    _, sent = remind()
    assert sent == [
        "your visit at Neck Clinic on Friday 27 Nov 2026 at 14:00 was moved to Friday 27 Nov 2026 at 15:00."
    ]
    assert remind()[1] == []
