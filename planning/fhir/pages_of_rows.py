"""A search: which rows of which sources it finds, page by page, and the resources that they show."""

import datetime as dt
from typing import NamedTuple

from planning.fhir.date_ranges import date_range
from planning.fhir.kinds import SOURCES, knows_changes
from planning.fhir.search_parameters import invalid, numbers_of

MOST = 100
START = (0, 0)


class Found(NamedTuple):
    """A resource, its kind, and the id of its patient; None if it is about none."""

    kind: str
    resource: dict
    patient: int | None


class Search:
    """`kinds` of resources that match every one of `terms`, which are (name, text).

    With `patients`, only those of these patients.
    """

    def __init__(self, kinds, terms, *, patients=None):
        self.kinds, self.terms, self.patients = kinds, terms, patients
        self.sources = [source for kind in kinds for source in SOURCES[kind]]
        self.changed = [_dates(text) for name, text in terms if name == "_lastUpdated"]

    def rows_of(self, source):
        rows = source.rows()
        if self.patients is not None:
            rows = source.of_patients(rows, self.patients)
        for name, text in self.terms:
            rows = self._narrowed(source, rows, name, text)
        return rows

    def _narrowed(self, source, rows, name, text):
        if name == "_id":
            return rows.filter(pk__in=ids_of(source, text))
        if name == "_lastUpdated":
            earliest = _dates(text).earliest()
            return rows if earliest is None or not knows_changes(source.kind) else source.changed_since(rows, earliest)
        try:
            return source.parameters[name].narrowed(rows, text)
        except ValueError as error:
            raise invalid(name, str(error)) from error

    def page(self, after, size):
        """At most `size` resources of the rows after that place, and where the next page begins; None on the last.

        A row can show nothing, so a page can be shorter without being the last.
        """
        place, pk = after
        found, left = [], size
        for number in range(place, len(self.sources)):
            source = self.sources[number]
            rows = list(self.rows_of(source).filter(pk__gt=pk).order_by("pk")[: left + 1])
            found += self.shown(source, rows[:left])
            if len(rows) > left:
                last = rows[left - 1].pk if left else pk
                return found, (number, last)
            left, pk = left - len(rows), 0
        return found, None

    def shown(self, source, rows):
        for row in rows:
            resource = source.resource(row)
            if resource is not None and self._matches(source, resource):
                yield Found(source.kind, resource, source.patient_of(row))

    def _matches(self, source, resource):
        changed = resource["meta"].get("lastUpdated")
        if changed and not all(dates.contains(dt.datetime.fromisoformat(changed)) for dates in self.changed):
            return False
        others = [(name, text) for name, text in self.terms if name in source.parameters]
        return all(source.parameters[name].matches(resource, text) for name, text in others)


def ids_of(source, text):
    """The keys of a source's rows with one of these ids."""
    parts = [part for part in text.split(",") if part.startswith(source.prefix)]
    try:
        return numbers_of(",".join(part.removeprefix(source.prefix) for part in parts), source.kind) if parts else []
    except ValueError:
        return []


def _dates(text):
    try:
        return date_range(text)
    except (ValueError, OverflowError) as error:
        raise invalid("_lastUpdated", "Send a time with its UTC offset, such as ge2026-03-01T10:30:00Z.") from error
