"""`manage.py restore`: fill an empty database from a backup."""

from functools import partial
from pathlib import Path

from django.core.management.base import BaseCommand
from django.utils import timezone

from clinic.backup.actions import record_backup_run
from clinic.backup.command_line import Progress, add_key_arguments, ended_cleanly, keys_of
from clinic.backup.models import BackupKind
from clinic.backup.restoring import refuse_used_database, restore, verify


class Command(BaseCommand):
    help = "Fill an empty database from a backup, of this release or an earlier one. It changes all or nothing."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--verify-only", action="store_true", help="Read the whole file, and restore nothing.")
        parser.add_argument(
            "--as-is", action="store_true", help="Do not record the restore in the database, for a copy to compare."
        )
        add_key_arguments(parser, "identity", "passphrase")

    def handle(self, *, file, verbosity, as_is, verify_only, **options):
        started_at, progress = timezone.now(), Progress(self.stdout, verbosity=verbosity)
        with ended_cleanly():
            keys = keys_of(options)
            if not verify_only:
                refuse_used_database()
            verified = verify(file, keys=keys, progress=progress)
            if not verify_only:
                record = partial(
                    record_backup_run, by=None, kind=BackupKind.RESTORE, path=file.absolute(), rows=verified.rows,
                    started_at=started_at,
                )  # fmt: skip
                restore(file, verified, keys=keys, progress=progress, finish=(lambda: None) if as_is else record)
        done = "is complete" if verify_only else "is restored"
        header = verified.header
        progress.end(f"The backup of {header.get('at')} {done}: {len(verified.tables)} tables, {verified.rows:,} rows")
