"""The file of a backup: a line that says what it is, the content, and a SHA-256 of both at the end."""

import gzip
import hashlib
import io
import os
import re
import secrets
from contextlib import contextmanager

from clinic.backup.backup_format import FORMAT
from clinic.backup.backup_keys import decrypted, encrypted
from clinic.backup.errors import BackupError, DamagedError

FIRST_LINE = re.compile(rb"Collum backup, format ([0-9]{1,6}), (plain|age|passphrase)\n")
LONGEST_FIRST_LINE = 80
TRAILER = 65  # the digest in hexadecimal, and the end of its line
READ = 1024 * 1024
COMPRESSION = 3  # a third larger than 9, and many times faster


class _Hashed(io.RawIOBase):
    """Writes to a file and calculates the digest of everything written.

    A stream above it that failed flushes again when Python collects it. The file is closed by then, and its descriptor
    may be that of another file, such as the database. So every write asks the file for it, which raises ValueError.
    """

    def __init__(self, file):
        super().__init__()
        self.file, self.hash, self.size, self.failure = file, hashlib.sha256(), 0, None

    def writable(self):
        return True

    def write(self, block):
        try:
            rest = memoryview(block)
            while rest:
                rest = rest[os.write(self.file.fileno(), rest) :]
        except OSError as error:
            self.failure = error
            raise
        self.hash.update(block)
        self.size += len(block)
        return len(block)

    def finish(self):
        self.write(self.hash.hexdigest().encode() + b"\n")
        os.fsync(self.file.fileno())


@contextmanager
def created(path, keys):
    """A stream to write the content to. The file gets its name at the end, when all of it is on the disk."""
    mode = keys.mode
    refuse_existing(path)
    try:
        with _part_of(path) as out:
            out.write(b"Collum backup, format %d, %s\n" % (FORMAT, mode.encode()))
            with encrypted(out, keys) as body, gzip.GzipFile("", "wb", COMPRESSION, body, mtime=0) as packed:
                yield packed
            out.finish()
    except FileExistsError as error:
        raise _exists(path) from error
    except OSError as error:
        raise BackupError(f"{path} cannot be written: {error.strerror or error}.") from error


def refuse_existing(path):
    if os.path.lexists(path):
        raise _exists(path)


def _exists(path):
    return BackupError(f"{path} exists already. Name another file.")


@contextmanager
def _part_of(path):
    part = path.with_name(f".collum-backup-{secrets.token_hex(8)}.part")
    file = open(part, "xb", buffering=0, opener=_for_its_owner)  # noqa: SIM115, closed below before it is renamed
    try:
        with file:
            os.fchmod(file.fileno(), 0o600)
            yield _Hashed(file)
        _rename(part, path)
    finally:
        part.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _for_its_owner(path, flags):
    return os.open(path, flags, 0o600)


def _rename(part, path):
    """Raises FileExistsError if a file of that name was created in the meantime, where the file system has links."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:
        refuse_existing(path)
        part.rename(path)


@contextmanager
def opened(path, keys):
    """The content of a backup as a stream, once its first line and its digest have been checked."""
    try:
        with path.open("rb") as file:
            mode = _checked(path, file)
            end = file.seek(0, io.SEEK_END) - TRAILER
            file.seek(0)
            file.readline(LONGEST_FIRST_LINE)
            body = decrypted(io.BufferedReader(_Slice(file, end)), mode, keys)
            with body, gzip.GzipFile("", "rb", fileobj=body) as stream:
                yield stream
    except OSError as error:
        raise BackupError(f"{path} cannot be read: {error.strerror or type(error).__name__}.") from error


def _checked(path, file):
    """How it is encrypted."""
    first = FIRST_LINE.fullmatch(file.readline(LONGEST_FIRST_LINE))
    if not first:
        raise BackupError(f"{path} is not a backup of Collum.")
    if int(first[1]) > FORMAT:
        raise BackupError(f"{path} has format {int(first[1])}. A newer release of Collum can read it.")
    size = file.seek(0, io.SEEK_END)
    if size < len(first[0]) + TRAILER:
        raise DamagedError("it ends too soon")
    file.seek(0)
    found = _digest(file, size - TRAILER)
    if file.read(TRAILER + 1) != found.encode() + b"\n":
        raise DamagedError("its digest is wrong")
    return first[2].decode()


def _digest(file, size):
    found = hashlib.sha256()
    while size > 0 and (block := file.read(min(READ, size))):
        found.update(block)
        size -= len(block)
    return found.hexdigest()


class _Slice(io.RawIOBase):
    """A file up to a position."""

    def __init__(self, file, end):
        super().__init__()
        self.file, self.end = file, end

    def readable(self):
        return True

    def readinto(self, buffer):
        size = min(len(buffer), self.end - self.file.tell())
        return self.file.readinto(memoryview(buffer)[: max(size, 0)])
