"""`manage.py remind`: email patients who agreed to it some days before their visit."""

import datetime as dt

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from clinic.models import Clinic
from patients.diary.actions.reminders import send_reminder
from patients.diary.models.reminders import Reminder, ReminderText
from patients.diary.models.visit import Visit


class Command(BaseCommand):
    help = "Send each patient who agreed to it one email before each booked visit."

    def add_arguments(self, parser):
        parser.add_argument("--days", type=int, help="How many days before; the clinic’s own number otherwise.")
        parser.add_argument("--dry-run", action="store_true", help="Only show how many emails would be sent.")

    def handle(self, *, days, dry_run, **options):
        if settings.PRODUCTION and not settings.EMAIL_URL:
            raise CommandError("EMAIL_URL is missing. Name the mail server that sends the reminders.")
        with timezone.override(Clinic.ours().zone):
            text = ReminderText.ours()
            due = Visit.objects.to_remind(timezone.localdate(), text.days_before if days is None else days)
            if dry_run:
                self.stdout.write(f"{due.count()} would be sent.")
            else:
                self.send(due, text)
            self.report_unfinished()

    def send(self, due, text):
        """One failure does not stop the others; each visit is read again just before sending."""
        sent = failed = 0
        numbers = list(due.values_list("pk", flat=True))
        for number, pk in enumerate(numbers, start=1):
            visit = due.filter(pk=pk).first()
            try:
                sent += visit is not None and send_reminder(visit, text=text)
            # Errors of mail servers, of the connection to them, and of email addresses that cannot be encoded.
            except (OSError, ValueError) as error:
                failed += 1
                # Without patient names.
                self.stderr.write(f"Visit {pk} is tried again next time: {type(error).__name__}.")
            if self.stdout.isatty():
                self.stdout.write(f"\r{number} of {len(numbers)}", ending="")
        self.stdout.write(f"{sent} sent, {failed} failed.")
        if failed:
            raise CommandError("Not all could be sent.")

    def report_unfinished(self):
        begun = Reminder.objects.filter(sent_at=None, begun_at__lt=timezone.now() - dt.timedelta(hours=1))
        for visit in begun.order_by("pk").values_list("visit", flat=True):
            self.stderr.write(f"Visit {visit}: unknown whether its reminder was sent.")
