"""`manage.py export_research`: the data for research, with pseudonyms, as a zip of CSV."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from clinic.backup.command_line import Progress, ended_cleanly
from clinic.backup.snapshots import snapshot
from clinic.models import Clinic
from clinic.records.exceptions import Refused
from planning.exports.actions import record_export
from planning.exports.models import ExportKind, ResearchDates
from planning.exports.pseudonyms import Pseudonyms, research_key
from planning.exports.research import research_as_zip
from planning.exports.written_files import reason_of, written_to


class Command(BaseCommand):
    help = (
        "Write data without names and free text, with pseudonyms by RESEARCH_KEY, to a new file that only you can read."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="A file that does not exist yet.")
        parser.add_argument("--reason", required=True, help="Who receives the data, and for what.")
        parser.add_argument("--dates", required=True, choices=ResearchDates.values)

    def handle(self, *, file, reason, dates, verbosity, **options):
        progress = Progress(self.stdout, verbosity=verbosity)
        reason = reason_of(reason)
        try:
            pseudonyms = Pseudonyms(research_key(), dates)
        except Refused as refused:
            raise CommandError(refused.message) from refused
        with ended_cleanly(), written_to(file) as out:
            record_export(kind=ExportKind.RESEARCH, reason=reason, dates=dates, by=None)
            with snapshot(connection) as source:
                for block in research_as_zip(source, pseudonyms=pseudonyms, zone=Clinic.ours().zone):
                    out.write(block)
        progress.end(f"{file}: {file.stat().st_size:,} bytes, not encrypted")
