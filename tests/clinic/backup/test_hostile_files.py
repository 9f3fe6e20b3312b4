"""A file that is damaged, incomplete, foreign or of a newer release is rejected before anything is stored."""

import gzip
import json
import re
import tracemalloc

import pyrage
import pytest
from django.conf import settings

from clinic.backup.backing_up import RELEASE, back_up
from clinic.backup.backup_file import created
from clinic.backup.backup_keys import BackupKeys
from clinic.backup.errors import BackupError, DamagedError
from clinic.backup.restoring import verify
from tests.clinic.backup.made_files import PLAIN, content_of, nothing, rows_of, with_header, with_rows, write_content

OWN = pyrage.x25519.Identity.generate()
AGE = BackupKeys(recipients=(OWN.to_public(),), identities=(OWN,))
MANY = 60


@pytest.fixture(scope="module")
def backup(tmp_path_factory, django_db_setup, django_db_blocker):
    """A backup of a database as its migrations leave it."""
    path = tmp_path_factory.mktemp("backup") / "good.collum"
    with django_db_blocker.unblock():
        back_up(path, keys=PLAIN, progress=nothing)
    return path


@pytest.fixture(scope="module")
def content(backup):
    return content_of(backup)


def message(path, keys=PLAIN):
    with pytest.raises(BackupError) as error:
        verify(path, keys=keys, progress=nothing)
    return str(error.value)


def rejected(path, data, keys=PLAIN):
    path.write_bytes(data)
    return message(path, keys)


def places(data):
    """Many places in it, all of its beginning and all of its end."""
    step = max(len(data) // MANY, 1)
    return sorted({*range(0, len(data), step), *range(60), *range(len(data) - 80, len(data))})


def test_complete_file_is_accepted(backup, content):
    verified = verify(backup, keys=PLAIN, progress=nothing)
    assert len(verified.tables) > 80
    assert verified.rows == sum(rows for rows, _ in verified.digests.values()) > 400
    assert content.endswith(
        json.dumps({"end": True, "tables": len(verified.tables), "rows": verified.rows}).encode() + b"\n"
    )


def test_header_names_the_release_of_the_changelog():
    changelog = (settings.BASE_DIR / "CHANGELOG.md").read_text()
    released = re.search(r"^## \[([0-9.]+)\]", changelog, re.MULTILINE)[1]
    unreleased = changelog.split("## [Unreleased]")[1].split(f"## [{released}]")[0].strip()
    assert (f"{released}+" if unreleased else released) == RELEASE


def test_truncated_file_is_rejected(backup, tmp_path):
    data = backup.read_bytes()
    for place in places(data):
        rejected(tmp_path / "cut", data[:place])


def test_changed_byte_is_rejected(backup, tmp_path):
    data = backup.read_bytes()
    for place in places(data):
        rejected(tmp_path / "changed", data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :])


def test_added_bytes_are_rejected(backup, tmp_path):
    assert "its digest is wrong" in rejected(tmp_path / "longer", backup.read_bytes() + b"\n")


@pytest.mark.parametrize(
    "data",
    [b"", b"\n", b"Collum backup", b"SQLite format 3\0" * 100, gzip.compress(b"{}"), b"\xff" * 1000, b"a" * 10_000],
    ids=["empty", "a line", "its beginning", "a database", "gzip", "no text", "one line"],
)
def test_foreign_file_is_rejected(data, tmp_path):
    assert "is not a backup of Collum" in rejected(tmp_path / "foreign", data)


def test_directory_and_missing_file_are_rejected(tmp_path):
    assert "cannot be read" in message(tmp_path)
    assert "cannot be read: No such file" in message(tmp_path / "missing")


def test_other_content_in_the_container_is_rejected(tmp_path):
    for number, other in enumerate((b"", b"{}\n", b"[]\n", b"no JSON\n", b"[" * 100_000 + b"\n", b'{"format": "1"}\n')):
        message(write_content(tmp_path / f"{number}", other))


def test_newer_format_is_rejected(backup, content, tmp_path):
    newer = backup.read_bytes().replace(b"format 1,", b"format 2,", 1)
    assert "has format 2. A newer release" in rejected(tmp_path / "newer", newer)
    assert "has format 2. A newer release" in message(
        write_content(tmp_path / "inside", with_header(content, format=2))
    )


def test_newer_migrations_are_rejected(content, tmp_path):
    migrations = [*json.loads(content.splitlines()[0])["migrations"], ["clinic", "9999_later"]]
    path = write_content(tmp_path / "newer", with_header(content, migrations=migrations))
    assert "does not have the migration clinic.9999_later" in message(path)


@pytest.mark.parametrize("migrations", [[], [["clinic"]], ["clinic"], [[1, 2]], [[["x"], "y"]], "clinic"])
def test_invalid_migrations_are_rejected(migrations, content, tmp_path):
    message(write_content(tmp_path / "invalid", with_header(content, migrations=migrations)))


def test_truncated_content_is_rejected(content, tmp_path):
    for number, place in enumerate(places(content)[:-1]):
        message(write_content(tmp_path / f"{number}", content[:place]))


def test_swapped_rows_are_rejected(content, tmp_path):
    """Those of two tables with the same columns."""
    first, second = (rows_of(content, table) for table in ("auth_group", "auth_group_permissions"))
    assert content[slice(*first)]
    swapped = content[: first[0]] + content[slice(*second)] + content[first[1] : second[0]]
    swapped += content[slice(*first)] + content[second[1] :]
    assert "are not those that were backed up" in message(write_content(tmp_path / "swapped", swapped))


def test_swapped_tables_are_rejected(content, tmp_path):
    first, second, third = (
        content.index(b'{"table": "%s"' % name)
        for name in (b"auth_group", b"auth_group_permissions", b"auth_permission")
    )
    swapped = content[:first] + content[second:third] + content[first:second] + content[third:]
    assert "the table auth_group is missing" in message(write_content(tmp_path / "swapped", swapped))


def test_other_columns_and_more_content_are_rejected(content, tmp_path):
    other = content.replace(b'["name", "text"]', b'["other", "text"]', 1)
    assert "has other columns" in message(write_content(tmp_path / "other", other))
    assert "something follows its end" in message(write_content(tmp_path / "more", content + b"{}\n"))


@pytest.mark.parametrize("columns", [b"5", b"[5]", b'[["id"]]', b'[["id", 5]]', b"null", b'{"id": "integer"}'])
def test_invalid_columns_are_rejected(columns, content, tmp_path):
    start = content.index(b'"columns": ') + 11
    changed = content[:start] + columns + b"}" + content[content.index(b"\n", start) :]
    message(write_content(tmp_path / "invalid", changed))
    last = content.replace(b'"last_id": 0', b'"last_id": "0; DROP"', 1)
    assert "is not a number" in message(write_content(tmp_path / "last", last))


def test_changed_rows_with_new_digests_are_complete(content, tmp_path):
    """So that the tests of invalid rows reach the database."""
    path = write_content(tmp_path / "changed", with_rows(content, "auth_group", b"1\ta\n2\tb\n"))
    assert verify(path, keys=PLAIN, progress=nothing).digests["auth_group"][0] == 2


@pytest.mark.parametrize(("part", "words"), [(b"a" * 65536, "a line is too long"), (b"1\ta\n" * 16384, "backed up")])
def test_huge_content_is_rejected_with_little_memory(part, words, content, tmp_path):
    # Given a small file that unpacks to 128 MB
    start, end = rows_of(content, "auth_group")
    with created(tmp_path / "bomb", PLAIN) as out:
        out.write(content[:start])
        for _ in range(128 * 1024 * 1024 // len(part)):
            out.write(part)
        out.write(content[end:])
    assert (tmp_path / "bomb").stat().st_size < 2_000_000

    tracemalloc.start()
    assert words in message(tmp_path / "bomb")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100 * 1024 * 1024


def test_encrypted_file_needs_its_key(content, tmp_path):
    path = write_content(tmp_path / "encrypted", content, AGE)
    assert b"auth_group" not in path.read_bytes()
    assert content_of(path, AGE) == content
    assert "COLLUM_BACKUP_IDENTITY" in message(path)
    other = BackupKeys(identities=(pyrage.x25519.Identity.generate(),))
    assert "not one of those for which" in message(path, other)


def test_damaged_encrypted_content_is_rejected(content, tmp_path, monkeypatch):
    """Also if the digest of the file was calculated anew."""
    path = write_content(tmp_path / "encrypted", content, AGE)
    data = path.read_bytes()
    monkeypatch.setattr(
        "clinic.backup.backup_file._digest", lambda file, size: file.seek(size) and data[-65:-1].decode()
    )
    for place in places(data[:-65]):
        if place > 30:
            changed = data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :]
            assert "ncrypted" in (words := rejected(tmp_path / "changed", changed, AGE)) or "decrypted" in words
            rejected(tmp_path / "cut", data[:place] + data[-65:], AGE)


def test_passphrase_is_needed_and_compared(content, tmp_path):
    path = write_content(tmp_path / "encrypted", content, BackupKeys(passphrase="correct horse"))
    assert content_of(path, BackupKeys(passphrase="correct horse")) == content
    assert "The passphrase is wrong" in message(path, BackupKeys(passphrase="wrong horse"))
    assert "COLLUM_BACKUP_PASSPHRASE" in message(path)


def test_damaged_error_names_a_next_step():
    assert str(DamagedError("it ends too soon")).endswith("it ends too soon. Use another copy of it.")
