"""Encryption with age: to public keys, or with a passphrase. Keys come from the environment or from files.

age encrypts a stream to keys only. So a passphrase protects a key that is made for this one backup.
"""

import io
import os
import threading
from contextlib import contextmanager
from dataclasses import dataclass

import pyrage

from clinic.backup.errors import BackupError, DamagedError

RECIPIENTS, IDENTITY, PASSPHRASE = "COLLUM_BACKUP_RECIPIENTS", "COLLUM_BACKUP_IDENTITY", "COLLUM_BACKUP_PASSPHRASE"
END_OF_KEY = b"-----END AGE ENCRYPTED FILE-----\n"
LONGEST_KEY = 8192
PIPE = 64 * 1024


@dataclass(frozen=True)
class BackupKeys:
    recipients: tuple = ()
    identities: tuple = ()
    passphrase: str = ""

    @classmethod
    def given(cls, *, recipients_file=None, identity_file=None, passphrase_file=None):
        """From the files, or from the environment where no file is named. Never from arguments, which `ps` shows."""
        recipients = _keys(recipients_file, RECIPIENTS, pyrage.x25519.Recipient.from_str)
        identities = _keys(identity_file, IDENTITY, pyrage.x25519.Identity.from_str)
        return cls(recipients, identities, _text(passphrase_file, PASSPHRASE).rstrip("\r\n"))

    @property
    def mode(self):
        if self.recipients and self.passphrase:
            raise BackupError("Both recipients and a passphrase are set. Choose one of them.")
        return "age" if self.recipients else "passphrase" if self.passphrase else "plain"


def _text(path, name):
    if path is None:
        return os.environ.get(name, "")
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BackupError(f"{path} cannot be read: {getattr(error, 'strerror', 'it is not text')}.") from error


def _keys(path, name, parse):
    lines = [line.split("#")[0].replace(",", " ") for line in _text(path, name).splitlines()]
    try:
        return tuple(parse(word) for line in lines for word in line.split())
    except (pyrage.RecipientError, pyrage.IdentityError) as error:
        raise BackupError(f"{path or name} does not contain age keys.") from error


@contextmanager
def encrypted(out, keys):
    """What is written to the stream that this gives is written to `out`, encrypted as the keys demand."""
    if keys.mode == "plain":
        yield out
        return
    recipients = keys.recipients
    if keys.mode == "passphrase":
        own = pyrage.x25519.Identity.generate()
        recipients = (own.to_public(),)
        out.write(pyrage.passphrase.encrypt(str(own).encode(), keys.passphrase, armored=True))
    with _encrypting(out, recipients) as stream:
        yield stream


@contextmanager
def _encrypting(out, recipients):
    """age reads from a stream to its end, so it runs in a thread of its own."""
    read_end, write_end = os.pipe()
    failures = []

    def run():
        with open(read_end, "rb", buffering=PIPE) as source:
            try:
                pyrage.encrypt_io(source, out, recipients)
            except Exception as error:  # its reason is in `out`, if that could not be written
                failures.append(out.failure or error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        with open(write_end, "wb", buffering=PIPE) as stream:
            yield stream
    except BrokenPipeError:
        thread.join()
        raise (failures or [OSError("The encryption ended.")])[0] from None
    finally:
        thread.join()
    if failures:
        raise failures[0]


def decrypted(source, mode, keys):
    """A stream of what `encrypted` was given; `source` is a binary stream."""
    if mode == "plain":
        return source
    if mode == "age":
        if not keys.identities:
            raise BackupError(f"The backup is encrypted. Set {IDENTITY}, or name a file with --identity-file.")
        return io.BufferedReader(_Decrypted(source, keys.identities), PIPE)
    if not keys.passphrase:
        raise BackupError(f"The backup is encrypted. Set {PASSPHRASE}, or name a file with --passphrase-file.")
    key = _armored_key(source)
    try:
        own = pyrage.x25519.Identity.from_str(pyrage.passphrase.decrypt(key, keys.passphrase).decode())
    except (pyrage.DecryptError, pyrage.IdentityError, UnicodeDecodeError) as error:
        raise BackupError("The passphrase is wrong, or the backup is damaged.") from error
    return io.BufferedReader(_Decrypted(source, (own,)), PIPE)


def _armored_key(source):
    key = b""
    while not key.endswith(END_OF_KEY):
        line = source.readline(LONGEST_KEY)
        key += line
        if not line or len(key) > LONGEST_KEY:
            raise DamagedError("its key is missing")
    return key


class _Decrypted(io.RawIOBase):
    """age writes to a stream, so it runs in a thread of its own."""

    def __init__(self, source, identities):
        super().__init__()
        read_end, write_end = os.pipe()
        self.pipe = open(read_end, "rb", buffering=0)  # noqa: SIM115 (closed in close)
        self.failures = []
        self.thread = threading.Thread(target=self._run, args=(source, write_end, identities), daemon=True)
        self.thread.start()

    def _run(self, source, write_end, identities):
        with open(write_end, "wb", buffering=0) as out:
            try:
                pyrage.decrypt_io(source, _Whole(out), list(identities))
            except Exception as error:
                self.failures.append(error)

    def readable(self):
        return True

    def readinto(self, buffer):
        size = self.pipe.readinto(buffer)
        if size == 0:
            self.thread.join()
            if self.failures:
                raise self._reason()
        return size

    def _reason(self):
        if "No matching keys" in str(self.failures[0]):
            return BackupError("The key is not one of those for which the backup was encrypted.")
        return DamagedError("it cannot be decrypted")

    def close(self):
        self.pipe.close()
        self.thread.join()
        super().close()


class _Whole:
    """A pipe may take a part of a block only."""

    def __init__(self, pipe):
        self.pipe = pipe

    def write(self, block):
        rest = memoryview(block)
        while rest:
            rest = rest[self.pipe.write(rest) :]
        return len(block)

    def flush(self):
        """The pipe is not buffered."""
