"""What was acknowledged and is not stored: `python -m tests.failover.compare FILE` reads JSON and prints JSON."""

import datetime as dt
import json
import sys
from collections import defaultdict
from pathlib import Path

import django

AT_A_TIME = 1000


def stored_facts(label, ids, names):
    from django.apps import apps

    rows = apps.get_model(label)._base_manager.filter(pk__in=ids)
    return {row.pk: {name: as_sent(getattr(row, name)) for name in names} for row in rows}


def as_sent(value):
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def missing_records(acknowledged):
    groups = defaultdict(list)
    for each in acknowledged:
        groups[each["label"], tuple(each["facts"])].append(each)
    for (label, names), group in groups.items():
        for begin in range(0, len(group), AT_A_TIME):
            part = group[begin : begin + AT_A_TIME]
            found = stored_facts(label, [each["id"] for each in part], names)
            for each in part:
                facts = {name: as_stored(name, value) for name, value in each["facts"].items()}
                if found.get(each["id"]) != facts:
                    yield f"{each['kind']} {each['id']}: acknowledged {facts}, stored {found.get(each['id'])}"


def as_stored(name, value):
    """The API shows the clinic's time zone, and the database has UTC."""
    return dt.datetime.fromisoformat(value).astimezone(dt.UTC).isoformat() if name.endswith("_at") else value


def missing_entries(acknowledged):
    """Each write that was acknowledged at once has an audit entry with the id of its request."""
    from clinic.models import AuditEntry

    expected = {each["request_id"]: each for each in acknowledged if each["request_id"]}
    ids = list(expected)
    found = set()
    for begin in range(0, len(ids), AT_A_TIME):
        part = ids[begin : begin + AT_A_TIME]
        found |= set(
            AuditEntry.objects.filter(request_id__in=part, outcome="done").values_list("request_id", flat=True)
        )
    for request_id in expected.keys() - found:
        each = expected[request_id]
        yield f"audit entry of {each['kind']} {each['id']}"


if __name__ == "__main__":
    django.setup()
    from clinic.models import AuditEntry

    acknowledged = json.loads(Path(sys.argv[1]).read_text())
    lost = [*missing_records(acknowledged), *missing_entries(acknowledged)]
    print(json.dumps({"lost": lost, "entries": AuditEntry.objects.count()}))
