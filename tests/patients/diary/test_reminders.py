"""Reminders: who gets one and how often, the text of the email, and the page that stores the text."""

import datetime as dt
import io
from functools import partial
from types import SimpleNamespace

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from clinic.models import AuditEntry, Clinic
from patients.diary.actions.reminders import change_reminder_text
from patients.diary.models.reminders import only_known_places
from patients.models import Patient, PatientStatus, Reminder, ReminderText, Visit, VisitState
from planning.pages.actions.visits import change_visit_state, move_visit
from tests import builders
from tests.parallel import at_once
from tests.patients.people.pages import filled, text_of

TODAY = dt.date(2026, 11, 25)  # a Wednesday
PAGE = reverse("patients:reminder-text")


@pytest.fixture(autouse=True)
def on_a_wednesday():
    with time_machine.travel(dt.datetime(2026, 11, 25, 9, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture(autouse=True)
def our_clinic(db):
    Clinic.objects.update(name="Neck Clinic", phone="0555 010 010")


def remind(**options):
    """What the command printed, and what it printed as errors."""
    out, err = io.StringIO(), io.StringIO()
    call_command("remind", stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def a_visit(days=2, *, email="grace@example.org", patient=None, **details):
    """Booked, of a patient who agreed to reminders."""
    patient = patient or builders.a_patient(given_name="Grace", email=email, agreed_to_reminders=True)
    return builders.a_visit(patient=patient, day=TODAY + dt.timedelta(days=days), **details)


def written_to():
    return [message.to[0] for message in mail.outbox]


@pytest.fixture
def mail_server(monkeypatch):
    """What its `before(message)` raises, the sender meets."""
    server = SimpleNamespace(before=lambda message: None)
    send = EmailBackend.send_messages

    def answered(backend, messages):
        for message in messages:
            server.before(message)
        return send(backend, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", answered)
    return server


# Who


@pytest.mark.engine
def test_consenting_patient_gets_a_reminder_before_the_visit():
    # Given visits of today and of the days around the three days that the clinic wants
    for days in (-1, 0, 1, 3, 4):
        a_visit(days, email=f"in{days}@example.org")
    a_visit(1, email="early@example.org", hour=0)
    a_visit(3, email="late@example.org", hour=23, minute=59)
    remind()
    assert written_to() == ["early@example.org", "in1@example.org", "in3@example.org", "late@example.org"]
    remind(days=4)
    assert written_to()[4:] == ["in4@example.org"]


@pytest.mark.engine
def test_clinic_sets_the_number_of_days():
    ReminderText.objects.update(days_before=5)
    a_visit(5)
    a_visit(6)
    assert remind()[0] == "1 sent, 0 failed.\n"


@pytest.mark.engine
@pytest.mark.parametrize(
    ("field", "value"), [("agreed_to_reminders", False), ("email", ""), ("status", PatientStatus.MOVED_AWAY)]
)
def test_patients_who_cannot_be_reminded_get_no_email(field, value):
    a_visit()
    Patient.objects.update(**{field: value})
    assert remind() == ("0 sent, 0 failed.\n", "")
    assert written_to() == []


@pytest.mark.engine
@pytest.mark.parametrize("state", [state for state in VisitState if state != VisitState.BOOKED])
def test_only_booked_visits_get_reminders(state):
    a_visit()
    Visit.objects.update(state=state, reason="Ill.")
    remind()
    assert written_to() == []


@pytest.mark.engine
def test_date_uses_the_clinics_time_zone():
    # Given a clinic where it is still the evening before
    Clinic.objects.update(time_zone="America/New_York")
    with time_machine.travel(dt.datetime(2026, 11, 26, 3, tzinfo=dt.UTC), tick=False):
        a_visit(0, email="today@example.org", hour=23)
        a_visit(3, email="third@example.org", hour=23)
        a_visit(4, email="fourth@example.org", hour=0)
        remind()
    assert written_to() == ["third@example.org"]
    assert "Saturday 28 Nov 2026 at 23:00" in mail.outbox[0].body


# Once each


@pytest.mark.engine
def test_each_visit_gets_one_reminder():
    first = a_visit()
    second = a_visit(3, patient=first.patient)
    assert [remind()[0] for _ in range(2)] == ["2 sent, 0 failed.\n", "0 sent, 0 failed.\n"]
    assert len(mail.outbox) == 2
    assert {reminder.visit: reminder.sent_at for reminder in Reminder.objects.all()} == {
        first: timezone.now(), second: timezone.now(),
    }  # fmt: skip
    entries = AuditEntry.objects.filter(action="sent a reminder")
    assert [(entry.actor, entry.patients.get().patient_id) for entry in entries] == [(None, first.patient_id)] * 2


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_concurrent_runs_send_each_reminder_once():
    for number in range(12):
        a_visit(email=f"nr{number}@example.org")
    printed = at_once(remind, remind)
    assert sorted(written_to()) == sorted(f"nr{number}@example.org" for number in range(12))
    assert sum(int(out.split()[0]) for out, _ in printed) == 12


@pytest.mark.engine
def test_dry_run_counts_without_sending():
    a_visit()
    assert remind(dry_run=True) == ("1 would be sent.\n", "")
    assert written_to() == []
    assert not Reminder.objects.exists()
    assert remind()[0] == "1 sent, 0 failed.\n"
    assert remind(dry_run=True)[0] == "0 would be sent.\n"


@pytest.mark.engine
def test_moved_visit_gets_a_reminder_for_its_new_time():
    visit = a_visit(1, hour=10)
    remind()
    starts_at = builders.at(TODAY + dt.timedelta(days=2), 14, 30)
    move_visit(visit=visit, clinician=visit.clinician, starts_at=starts_at, minutes=30, by=visit.clinician, version=1)
    for _ in range(2):
        remind()
    first, second = mail.outbox
    assert "Thursday 26 Nov 2026 at 10:00" in first.body
    assert "Friday 27 Nov 2026 at 14:30" in second.body


# When something fails


@pytest.mark.engine
@pytest.mark.parametrize("error", [ConnectionRefusedError, TimeoutError, ValueError])
def test_failed_reminder_does_not_stop_others_and_is_retried(error, mail_server):
    # Given a mail server that rejects the first of three
    first, *_ = (a_visit(email=f"{name}@example.org") for name in ("ann", "grace", "zoe"))

    def refuse_ann(message):
        if message.to == ["ann@example.org"]:
            raise error("ann@example.org")

    mail_server.before = refuse_ann

    # When reminders are sent, then the others get theirs, and the failure is reported without a name
    err = io.StringIO()
    with pytest.raises(CommandError, match="Not all could be sent"):
        call_command("remind", stdout=io.StringIO(), stderr=err)
    assert written_to() == ["grace@example.org", "zoe@example.org"]
    assert err.getvalue() == f"Visit {first.pk} is tried again next time: {error.__name__}.\n"

    # And the next time it is tried again
    mail_server.before = lambda message: None
    assert remind() == ("1 sent, 0 failed.\n", "")
    assert written_to()[2:] == ["ann@example.org"]


@pytest.mark.engine
def test_visit_cancelled_during_a_run_gets_no_reminder(mail_server):
    a_visit(1, email="first@example.org")
    second = a_visit(2, email="second@example.org")
    state = partial(change_visit_state, visit=second, state=VisitState.CANCELLED, version=1, reason="Ill.")
    mail_server.before = lambda message: state(by=second.clinician)
    assert remind()[0] == "1 sent, 0 failed.\n"
    assert written_to() == ["first@example.org"]


@pytest.mark.engine
def test_unfinished_reminder_is_reported_and_not_sent_again():
    # Given a reminder whose sending a machine began and died, and one that is just being sent
    visits = [a_visit(), a_visit()]
    for visit, minutes in zip(visits, (61, 59), strict=True):
        Reminder.objects.create(visit=visit, begun_at=timezone.now() - dt.timedelta(minutes=minutes))
    assert remind() == (
        "0 sent, 0 failed.\n",
        f"Visit {visits[0].pk}: unknown whether its reminder was sent.\n",
    )
    assert written_to() == []


def test_production_without_a_mail_server_fails(settings):
    a_visit()
    settings.PRODUCTION, settings.EMAIL_URL = True, ""
    with pytest.raises(CommandError, match="EMAIL_URL is missing"):
        remind()
    assert not Reminder.objects.exists()
    settings.EMAIL_URL = "smtp://mail.example.org:587"
    assert remind()[0] == "1 sent, 0 failed.\n"


# Its text


def test_reminder_names_time_and_place_but_no_reason(neurologist):
    # Given a patient with many details and a planned session
    patient = builders.a_patient(
        family_name="Okafor", given_name="Grace", record_number="RN-4711", email="grace@example.org",
        agreed_to_reminders=True, diagnosis="Cervical dystonia", note="Needs a chair",
    )  # fmt: skip
    visit = a_visit(patient=patient, clinician=neurologist)
    builders.a_planned_session(by=neurologist, visit=visit)
    remind()
    (message,) = mail.outbox
    assert message.to == ["grace@example.org"]
    assert message.subject == "Your visit at Neck Clinic"
    assert message.body == (
        "Dear Grace,\n\nyou have a visit at Neck Clinic on Friday 27 Nov 2026 at 10:00.\n\n"
        "If you cannot come, please call 0555 010 010."
    )


def test_braces_in_a_name_are_not_replaced():
    a_visit(patient=builders.a_patient(given_name="{phone} {x", email="a@example.org", agreed_to_reminders=True))
    Clinic.objects.update(name="{first_name} Clinic")
    remind()
    assert mail.outbox[0].subject == "Your visit at {first_name} Clinic"
    assert mail.outbox[0].body.startswith("Dear {phone} {x,\n")


# The page of its text


def test_reminder_text_is_saved_from_the_page(login, staff):
    client = login(staff)
    sent = filled(
        client.get(PAGE), days_before=7, subject="See you on {day}", body="{first_name}, {time}!\nCall {phone}"
    )
    for _ in range(2):
        assert client.post(PAGE, sent)["Location"] == PAGE
    change_reminder_text(by=staff, version=1, subject="See you on {day}")
    assert AuditEntry.objects.get(action="changed the reminder text").actor == staff
    assert ReminderText.ours().history.first().history_user == staff
    a_visit(7)
    remind()
    assert (mail.outbox[0].subject, mail.outbox[0].body) == (
        "See you on Wednesday 2 Dec 2026",
        "Grace, 10:00!\nCall 0555 010 010",
    )


PLACES_THAT_CANNOT_BE = {
    "{muscle}": "{muscle} is not a known field. Use {first_name}, {day}, {time}, {clinic}, {phone}.",
    "{}": "{} is not a known field.",
    "{ day }": "{ day } is not a known field.",
    "{first_name.pk}": "{first_name.pk} is not a known field.",
    "on {day": "A brace is missing here.",
    "on day}": "A brace is missing here.",
    "{{day}}": "A brace is missing here.",
}


@pytest.mark.parametrize(("text", "message"), PLACES_THAT_CANNOT_BE.items())
@pytest.mark.parametrize("field", ["subject", "body"])
@pytest.mark.sample(3)
def test_unknown_placeholders_are_rejected(field, text, message, login, staff):
    client = login(staff)
    form = client.post(PAGE, filled(client.get(PAGE), **{field: text})).context["form"]
    assert list(form.errors) == [field]
    assert form.errors[field][0].startswith(message)
    assert form[field].value() == text
    with pytest.raises(ValidationError):
        change_reminder_text(by=staff, version=1, **{field: text})


@pytest.mark.parametrize(
    ("field", "value"), [("days_before", "0"), ("days_before", "61"), ("subject", ""), ("body", "\u202e")]
)
def test_unreadable_input_is_reported_by_field(field, value, login, staff):
    client = login(staff)
    sent = {**filled(client.get(PAGE)), field: value}
    assert list(client.post(PAGE, sent).context["form"].errors) == [field]
    assert ReminderText.ours().version == 1


@pytest.mark.engine
def test_conflicting_text_is_shown_next_to_the_typed_one(login, staff, neurologist):
    client = login(staff)
    sent = filled(client.get(PAGE), subject="Soon, at {clinic}")
    change_reminder_text(by=neurologist, version=1, subject="See you at {clinic}")
    response = client.post(PAGE, sent)
    form = response.context["form"]
    assert (response.status_code, form["subject"].value()) == (409, "Soon, at {clinic}")
    assert "Stored now: See you at {clinic}." in form.errors["subject"][0]
    assert ReminderText.ours().subject == "See you at {clinic}"
    assert client.post(PAGE, filled(response)).status_code == 302
    assert ReminderText.ours().subject == "Soon, at {clinic}"


def test_page_names_the_placeholders(login, staff):
    page = text_of(login(staff).get(PAGE))
    assert "{first_name}, {day}, {time}, {clinic}, {phone}" in page
    only_known_places("{first_name} {day} {time} {clinic} {phone}")
