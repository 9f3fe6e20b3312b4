"""What the commands backup, restore and drill share: options for keys, progress, and an end that cleans up."""

import signal
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from django.core.management.base import CommandError
from django.db import DatabaseError
from django.utils import timezone

from clinic.backup.actions import record_backup_run
from clinic.backup.backup_keys import BackupKeys
from clinic.backup.errors import BackupError

SECONDS_BETWEEN = 5  # lines of progress in a log


def add_key_arguments(parser, *names):
    helps = {
        "recipients": "A file of age public keys, one a line; otherwise COLLUM_BACKUP_RECIPIENTS is used.",
        "identity": "A file with an age key; otherwise COLLUM_BACKUP_IDENTITY is used.",
        "passphrase": "A file with a passphrase; otherwise COLLUM_BACKUP_PASSPHRASE is used.",
    }
    for name in names:
        parser.add_argument(f"--{name}-file", type=Path, help=helps[name])


def keys_of(options):
    names = ("recipients_file", "identity_file", "passphrase_file")
    return BackupKeys.given(**{name: options.get(name) for name in names})


class Progress:
    """In a terminal one line that changes; in a log a line now and then."""

    def __init__(self, stream, *, verbosity):
        self.stream, self.silent, self.began = stream, verbosity < 1, time.monotonic()
        self.next = self.began + SECONDS_BETWEEN

    def __call__(self, text):
        terminal = self.stream.isatty()
        if self.silent or not (terminal or time.monotonic() >= self.next):
            return
        self.next = time.monotonic() + SECONDS_BETWEEN
        text = f"{text} ({self.seconds} s)"
        self.stream.write(f"\r\x1b[K{text}" if terminal else text, ending="" if terminal else "\n")
        self.stream.flush()

    def end(self, text):
        if not self.silent:
            start = "\r\x1b[K" if self.stream.isatty() else ""
            self.stream.write(f"{start}{text} ({self.seconds} s)")

    @property
    def seconds(self):
        return round(time.monotonic() - self.began)


@contextmanager
def ended_cleanly():
    """A command that is terminated removes what it has begun, as after Ctrl-C."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        yield
    except (BackupError, DatabaseError) as error:
        raise CommandError(_error_text(error)) from error
    finally:
        signal.signal(signal.SIGTERM, before)


def _error_text(error):
    """The message of a database could contain a row."""
    return str(error) if isinstance(error, BackupError) else f"The database reports an error ({type(error).__name__})."


@contextmanager
def failures_recorded(kind, path):
    """Store a run that failed, if the database can store it."""
    started_at = timezone.now()
    try:
        yield started_at
    except (BackupError, DatabaseError) as error:
        # A database that is not at this release, or does not respond, cannot store it.
        with suppress(DatabaseError):
            record_backup_run(by=None, kind=kind, path=path, started_at=started_at, problem=_error_text(error))
        raise
