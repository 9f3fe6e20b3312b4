"""`manage.py drill`: restore the newest backup into a scratch database, compare, and remove the scratch database."""

from pathlib import Path

from django.core.management.base import BaseCommand

from clinic.backup.actions import record_backup_run
from clinic.backup.command_line import Progress, add_key_arguments, ended_cleanly, failures_recorded, keys_of
from clinic.backup.drills import drill, newest_backup
from clinic.backup.models import BackupKind


class Command(BaseCommand):
    help = "Restore the newest backup, or FILE, into a scratch database, compare the digests, and remove it again."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, nargs="?", help="Without it, the backup that was made last.")
        add_key_arguments(parser, "identity", "passphrase")

    def handle(self, *, file, verbosity, **options):
        progress = Progress(self.stdout, verbosity=verbosity)
        with ended_cleanly():
            path = (file or newest_backup()).absolute()
            with failures_recorded(BackupKind.DRILL, path) as started_at:
                keys = keys_of(options)
                verified = drill(path, keys=keys, key_options=key_options(options), progress=progress)
            record_backup_run(
                by=None, kind=BackupKind.DRILL, path=path, rows=verified.rows, started_at=started_at,
            )  # fmt: skip
        progress.end(f"{path} can be restored: {len(verified.tables)} tables, {verified.rows:,} rows")


def key_options(options):
    given = {f"--{name}-file": options[f"{name}_file"] for name in ("identity", "passphrase")}
    return [word for name, path in given.items() if path for word in (name, str(path.absolute()))]
