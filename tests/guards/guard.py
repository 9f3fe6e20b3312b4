"""A guard: one place that a rule depends on, how to remove it, and the tests of which one must then fail."""

from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
# By kind, what is removed. `--kind` takes these names.
KINDS = {
    "page-permission": "the check of @require_permission of a view",
    "api-permission": "one operation in the permissions of an API resource, which everybody can call then",
    "person": "a check that a person acts, and not a program",
    "lock": "a lock of rows, or for what has no row yet",
    "version": "a check that a record is as its user saw it",
    "trigger": "a trigger or an exclusion constraint",
    "constraint": "a constraint in the Meta of a model",
    "escape": "escaping of text in HTML",
    "entry": "an entry that an action writes into the audit trail",
    "read": "the patients that a page reports to the audit trail",
    "middleware": "one middleware",
    "mac": "a check that a MAC, a seal or a signed lot is the stored one",
    "special": "what no rule finds: see tests/guards/special.py",
}


class Edit(NamedTuple):
    """`start` and `end` are offsets in the text of the file."""

    path: str
    start: int
    end: int
    new: str

    def applied(self, text):
        return text[: self.start] + self.new + text[self.end :]


class Guard(NamedTuple):
    """`stages` are arguments for pytest; the next one runs if the tests of the one before all pass.

    Either `edit` removes the guard from a file, or the plugin tests/guards/without.py removes what `without` names
    from the database.
    """

    kind: str
    place: str
    what: str
    stages: tuple[tuple[str, ...], ...]
    edit: Edit | None = None
    without: str = ""
    engine: str = ""  # the only one on which it does anything

    def quick_stages(self):
        quick = [stage for stage in self.stages if not all((ROOT / name).is_dir() for name in stage)]
        return tuple(quick) or self.stages

    def __str__(self):
        return f"{self.kind:<16} {self.place}  {self.what}"
