"""What the commands that export share: the reason, and a file of its owner that exists only if it is complete."""

import os
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from planning.exports.models import DataExport


def reason_of(text):
    """Raises CommandError if it cannot be stored."""
    field = DataExport._meta.get_field("reason")
    try:
        return field.clean(text, None)
    except ValidationError as error:
        raise CommandError(f"--reason: {' '.join(error.messages)}") from error


@contextmanager
def written_to(path):
    """Raises CommandError if the file exists or cannot be written. What was begun is removed if it is not completed."""
    try:
        out = open(path, "xb", opener=_for_its_owner)  # noqa: SIM115, closed below
    except FileExistsError as error:
        raise CommandError(f"{path} exists already. Name another file.") from error
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
    try:
        with out:
            yield out
            out.flush()
            os.fsync(out.fileno())
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise CommandError(f"{path} cannot be written: {error.strerror}.") from error
        raise


def _for_its_owner(path, flags):
    return os.open(path, flags, 0o600)
