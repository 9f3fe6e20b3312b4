"""`manage.py backup`: everything in the database as one file, while people work."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from clinic.backup.actions import record_backup_run
from clinic.backup.backing_up import back_up, digests, unknown_tables
from clinic.backup.command_line import Progress, add_key_arguments, ended_cleanly, failures_recorded, keys_of
from clinic.backup.models import BackupKind


class Command(BaseCommand):
    help = "Write everything in the database to a new file that only you can read; with a key, encrypted."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, nargs="?", help="A file that does not exist yet.")
        parser.add_argument("--digests", action="store_true", help="Print a SHA-256 of each table, and write no file.")
        add_key_arguments(parser, "recipients", "passphrase")

    def handle(self, *, file, verbosity, **options):
        if options["digests"] == (file is not None):
            raise CommandError("Name a file, or use --digests.")
        with ended_cleanly():
            if options["digests"]:
                self.print_digests()
            else:
                self.back_up(file.absolute(), options, Progress(self.stdout, verbosity=verbosity))

    def print_digests(self):
        for table, rows, sha256 in digests():
            self.stdout.write(f"{sha256} {rows:>10} {table}")

    def back_up(self, path, options, progress):
        with failures_recorded(BackupKind.BACKUP, path) as started_at:
            keys = keys_of(options)
            encrypted = keys.mode != "plain"
            written = back_up(path, keys=keys, progress=progress)
        self.record(path, written, is_encrypted=encrypted, started_at=started_at)
        progress.end(f"{path}: {written.tables} tables, {written.rows:,} rows, {written.size:,} bytes")
        if not encrypted:
            self.stderr.write("The backup is not encrypted. Set COLLUM_BACKUP_RECIPIENTS to encrypt it.")
        for name in unknown_tables(connection):
            self.stderr.write(f"The table {name} is not Collum’s, and not in the backup.")

    def record(self, path, written, **facts):
        try:
            record_backup_run(by=None, kind=BackupKind.BACKUP, path=path, rows=written.rows, **facts)
        except DatabaseError:
            self.stderr.write("The database does not store that it was backed up: it is not at this release.")
