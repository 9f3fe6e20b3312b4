"""`manage.py verify`: finds changes that bypassed Collum."""

import re

from django.core.management.base import BaseCommand, CommandError

from clinic.records.verification import Report, verify


class Command(BaseCommand):
    help = "Verify audit entries, seals, signed records and triggers. Names the first bad one of each, and then fails."

    def add_arguments(self, parser):
        parser.add_argument(
            "--seal",
            action="append",
            default=[],
            metavar="NUMBER:MAC",
            help="A seal that left the machine, from the log, an email or a printed page. Can be repeated.",
        )

    def handle(self, *, seal, **options):
        if wrong := [text for text in seal if not re.fullmatch(r"\d{1,18}:[A-Za-z0-9-]+:[0-9a-f]{64}", text)]:
            raise CommandError(f"“{wrong[0]}” is not a seal. Copy the whole text after “To keep”: number, key and MAC.")
        report = verify(Report(tell=self.tell), kept=seal)
        for kind, number in report.checked.items():
            self.stdout.write(f"{number:,} {kind}: {report.bad.get(kind, 'valid')}")
        if report.unsealed:
            self.stdout.write(f"{report.unsealed:,} audit entries are not sealed yet.")
        if report.bad:
            raise CommandError("Not as Collum stored it: " + " ".join(report.bad.values()))

    def tell(self, message):
        self.stderr.write(message)
