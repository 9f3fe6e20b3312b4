"""Bundles: the pages of a search."""

from django.utils import timezone

from planning.fhir.elements import filled


def searchset(found, *, base, itself, following, outcome=None):
    """`base` is the URL of the server, `itself` and `following` those of this page and the next one."""
    entries = [
        {
            "fullUrl": f"{base}{each.kind}/{each.resource['id']}",
            "resource": each.resource,
            "search": {"mode": "match"},
        }
        for each in found
    ]
    if outcome:
        entries.append({"resource": outcome, "search": {"mode": "outcome"}})
    links = [{"relation": "self", "url": itself}, {"relation": "next", "url": following}]
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "timestamp": timezone.localtime().isoformat(),
        "link": [link for link in links if link["url"]],
        **filled(entry=entries),
    }
