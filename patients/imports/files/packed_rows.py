"""The rows of a file as they are stored: compressed in portions, so that a step of an import reads only its own."""

import base64
import itertools
import json
import zlib

from patients.imports.files.source_table import SourceRow

# Imports that are stored count on it.
ROWS_IN_PORTION = 500


def packed(rows):
    """A line for each portion. It is text, because every column of a backup is."""
    rows, lines = iter(rows), []
    while portion := list(itertools.islice(rows, ROWS_IN_PORTION)):
        lines.append(base64.b64encode(zlib.compress(json.dumps(portion).encode(), 1)).decode())
    return "\n".join(lines)


def unpacked(text, *, since=0):
    """The rows after the first `since` ones. Earlier portions are not read."""
    portion, since = divmod(since, ROWS_IN_PORTION)
    for line in text.splitlines()[portion:]:
        rows = json.loads(zlib.decompress(base64.b64decode(line)))
        yield from itertools.starmap(SourceRow, rows[since:])
        since = 0
