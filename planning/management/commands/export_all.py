"""`manage.py export_all`: all rows of Collum as a zip of NDJSON and CSV."""

from pathlib import Path

from django.core.management.base import BaseCommand
from django.db import connection

from clinic.backup.command_line import Progress, ended_cleanly
from clinic.backup.snapshots import snapshot
from planning.exports.actions import record_export
from planning.exports.everything import everything_as_zip
from planning.exports.models import ExportKind
from planning.exports.written_files import reason_of, written_to


class Command(BaseCommand):
    help = "Write all rows of Collum to a new zip file that only you can read: NDJSON, CSV and a data dictionary."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="A file that does not exist yet.")
        parser.add_argument("--reason", required=True, help="Who receives the data, and for what.")

    def handle(self, *, file, reason, verbosity, **options):
        progress = Progress(self.stdout, verbosity=verbosity)
        reason = reason_of(reason)
        with ended_cleanly(), written_to(file) as out:
            export = record_export(kind=ExportKind.EVERYTHING, reason=reason, by=None)
            with snapshot(connection) as source:
                for block in everything_as_zip(source, at=export.at, progress=progress):
                    out.write(block)
        progress.end(f"{file}: {file.stat().st_size:,} bytes, not encrypted")
