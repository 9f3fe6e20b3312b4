"""A drill: the newest backup is restored into a scratch database and compared with it, by the commands themselves."""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from clinic.backup.backed_up_tables import known_migrations
from clinic.backup.errors import BackupError
from clinic.backup.models import BackupRun
from clinic.backup.restoring import verify
from clinic.backup.scratch import scratch_database


def newest_backup():
    run = BackupRun.objects.newest_backup()
    if run is None:
        raise BackupError("No backup is recorded. Make one with “manage.py backup”, or name a file.")
    return Path(run.path)


def drill(path, *, keys, key_options, progress):
    """Raises BackupError unless the file can be restored. Returns what it contains, as Verified."""
    verified = verify(path, keys=keys, progress=progress)
    with scratch_database() as environment:
        progress("restoring into the scratch database")
        _manage("restore", str(path.absolute()), "--as-is", *key_options, "--verbosity", "0", environment=environment)
        # The restore has compared them at the migrations of the backup; later migrations change them.
        if verified.migrations == known_migrations():
            progress("comparing the digests of the scratch database")
            _compare(verified, _manage("backup", "--digests", environment=environment))
    return verified


def _compare(verified, printed):
    found = {table: (int(rows), sha256) for sha256, rows, table in map(str.split, printed.splitlines())}
    for name in sorted(found.keys() | verified.digests.keys()):
        if found.get(name) != verified.digests.get(name):
            raise BackupError(f"After the restore, {name} differs from the backup.")


def _manage(*arguments, environment):
    """The keys are in the environment or in files, so that `ps` does not show them."""
    command = [sys.executable, "manage.py", *arguments]
    ended = subprocess.run(  # noqa: S603 (arguments of our own, and the name of a file)
        command, cwd=settings.BASE_DIR, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        lines = ended.stderr.strip().splitlines() or ["no message"]
        raise BackupError(f"The drill failed: {lines[-1].removeprefix('CommandError: ')}")
    return ended.stdout
