"""A source: the rows that one kind of resource shows, who can read it, and how it is searched."""

from django.db.models import OuterRef, Subquery

from clinic.accounts.permissions import Permission
from planning.fhir.elements import versioned


class Source:
    """The rows of one model that are shown as one kind of resource.

    `patient` is the path from a row to the id of its patient; empty if the resource is about none. `prefix` begins the
    ids of a kind that has several sources.
    """

    kind = prefix = patient = ""
    permission = Permission.SEE_PATIENTS
    parameters = {}

    def rows(self):
        """All rows, with everything that resource() needs, in a fixed number of queries."""
        raise NotImplementedError

    def changed_since(self, rows, at):
        """May leave out rows that have not changed since then."""
        return rows

    def changed_at(self, row):
        """When what is shown last changed; None if Collum does not know."""

    def written(self, row):
        """The resource without its meta element; None if the row is not shown."""
        raise NotImplementedError

    def resource(self, row):
        written = self.written(row)
        return written and versioned(written, self.changed_at(row))

    def patient_of(self, row):
        for name in self.patient.split("__") if self.patient else ():
            row = row.pk if name == "pk" else getattr(row, name)
        return row if self.patient else None

    def of_patients(self, rows, ids):
        return rows.filter(**{f"{self.patient}__in": ids})


def history_of(model, **of):
    """When a row last changed, by its history."""
    changes = model.history.filter(**{name: OuterRef(path) for name, path in of.items()}).order_by("-history_date")
    return Subquery(changes.values("history_date")[:1])
