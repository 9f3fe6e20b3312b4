"""Ready-made queries of the audit trail: what an auditor asks most often, each with a name and a condition."""

import datetime as dt

from django.db.models import Count, Q
from django.utils import timezone

from clinic.audit import labels
from clinic.records.dates import start_of
from clinic.records.models import AuditEntry

COUNTED_DAYS = 7


def conditions():
    """By name. Each uses an index of the audit trail."""
    return {
        "failed-logins": Q(action__in=["password failed", "denied while locked", "locked for fifteen minutes"]),
        "refused": Q(action__in=labels.ATTEMPTS),
        "exports": Q(action__in=[labels.EXPORTED, "downloaded the audit trail"]),
        "prints": Q(action="printed who opened the record")
        | Q(action=labels.READ, route__in=labels.pages_that("print")),
        "audit-trail": Q(route__in=[name for name in labels.routes() if name.split(":")[-1].startswith("audit")]),
    }


TITLES = {
    "failed-logins": "Failed logins",
    "refused": "Refused requests",
    "exports": "Exports",
    "prints": "Prints",
    "audit-trail": "Looks at the audit trail",
}


def ready_made():
    """Each query with its first date and the number of entries from then on, in one statement."""
    since = timezone.localdate() - dt.timedelta(days=COUNTED_DAYS - 1)
    counts = {name: Count("pk", filter=condition) for name, condition in conditions().items()}
    counted = AuditEntry.objects.filter(at__gte=start_of(since)).aggregate(**counts)
    return [{"name": name, "title": title, "since": since, "count": counted[name]} for name, title in TITLES.items()]
