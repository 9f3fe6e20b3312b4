"""`manage.py remind`: email patients who agreed to it about their visits."""

import datetime as dt

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from clinic.models import Clinic
from clinic.records.text import counted
from patients.diary.actions.reminders import send_change_message, send_reminder
from patients.diary.models.opening_hours import visits_to_be_moved
from patients.diary.models.reminder_runs import ReminderRun
from patients.diary.models.reminders import (
    ChangeMessage,
    Reminder,
    ReminderText,
    visits_changed_after_message,
    visits_to_remind,
)


class Command(BaseCommand):
    help = (
        "Send each patient who agreed to it one email before each booked visit, and one about each change after that. "
        "A reminder waits while its visit is to be moved."
    )

    def add_arguments(self, parser):
        parser.add_argument("--days", type=int, help="How many days before; the clinic’s own number otherwise.")
        parser.add_argument("--dry-run", action="store_true", help="Only show how many emails would be sent.")

    def handle(self, *, days, dry_run, **options):
        if settings.PRODUCTION and not settings.EMAIL_URL:
            raise CommandError("EMAIL_URL is missing. Name the mail server that sends the reminders.")
        with timezone.override(Clinic.ours().zone):
            text, today = ReminderText.ours(), timezone.localdate()
            changed = visits_changed_after_message(timezone.now())
            reminded = visits_to_remind(today, text.days_before if days is None else days)
            to_be_moved = visits_to_be_moved(today).values("pk")
            due, held_back = reminded.exclude(pk__in=to_be_moved), reminded.filter(pk__in=to_be_moved).count()
            if dry_run:
                self.stdout.write(f"{due.count()} would be sent.")
                self.report(changed.count(), "message", "about changed visits would be sent.")
                failed = 0
            else:
                run = ReminderRun.objects.create()
                reported, failed_before = self.send(changed, send_change_message, text)
                sent, failed = self.send(due, send_reminder, text)
                failed += failed_before
                run.end(sent=sent, changes_reported=reported, failed=failed, held_back=held_back)
                self.stdout.write(f"{sent} sent, {failed} failed.")
                self.report(reported, "message", "about changed visits sent.")
            self.report(held_back, "reminder", "held back: visits to be moved.")
            self.report_unfinished()
        if failed:
            raise CommandError("Not all could be sent.")

    def report(self, number, noun, what):
        if number:
            self.stdout.write(f"{counted(number, noun)} {what}")

    def send(self, due, send_one, text):
        """One failure does not stop the others; each visit is read again just before sending."""
        sent = failed = 0
        numbers = list(due.values_list("pk", flat=True))
        for number, pk in enumerate(numbers, start=1):
            visit = due.filter(pk=pk).first()
            try:
                sent += visit is not None and send_one(visit, text=text)
            # Errors of mail servers, of the connection to them, and of email addresses that cannot be encoded.
            except (OSError, ValueError) as error:
                failed += 1
                # Without patient names.
                self.stderr.write(f"Visit {pk} is tried again next time: {type(error).__name__}.")
            if self.stdout.isatty():
                self.stdout.write(f"\r{number} of {len(numbers)}", ending="")
        return sent, failed

    def report_unfinished(self):
        unfinished = {"sent_at": None, "begun_at__lt": timezone.now() - dt.timedelta(hours=1)}
        for model, what in ((Reminder, "reminder"), (ChangeMessage, "message about a change")):
            for visit in model.objects.filter(**unfinished).order_by("pk").values_list("visit", flat=True):
                self.stderr.write(f"Visit {visit}: unknown whether its {what} was sent.")
