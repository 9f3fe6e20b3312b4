"""Backups that a test changes: their content, with the digests of the file calculated anew."""

import json

from clinic.backup.backup_file import created, opened
from clinic.backup.backup_keys import BackupKeys
from clinic.backup.table_rows import TableDigest

PLAIN = BackupKeys()


def nothing(words):
    """No progress."""


def content_of(path, keys=PLAIN):
    with opened(path, keys) as stream:
        return stream.read()


def write_content(path, content, keys=PLAIN):
    with created(path, keys) as out:
        out.write(content)
    return path


def with_header(content, **values):
    header, _, rest = content.partition(b"\n")
    return json.dumps({**json.loads(header), **values}).encode() + b"\n" + rest


def rows_of(content, table):
    start = content.index(b'{"table": "%s"' % table.encode())
    start = content.index(b"\n", start) + 1
    end = start if content.startswith(b"\\.\n", start) else content.index(b"\n\\.\n", start) + 1
    return start, end


def with_rows(content, table, rows):
    """Other rows of a table, whose number and digest are those of the rows."""
    start, end = rows_of(content, table)
    head = content[:start].splitlines()[-1]
    digest = TableDigest(table, json.loads(head)["columns"])
    digest.update(rows)
    foot_end = content.index(b"\n", end + 3)
    foot = {**json.loads(content[end + 3 : foot_end]), "rows": digest.rows, "sha256": digest.sha256}
    changed = content[:start] + rows + b"\\.\n" + json.dumps(foot).encode() + content[foot_end:]
    *lines, last = changed.splitlines()
    more = digest.rows - content[start:end].count(b"\n")
    last = {**json.loads(last), "rows": json.loads(last)["rows"] + more}
    return b"\n".join([*lines, json.dumps(last).encode()]) + b"\n"
