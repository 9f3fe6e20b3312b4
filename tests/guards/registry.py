"""All guards. A new kind is a generator of guards in this list, with its name in guard.KINDS."""

from tests.guards import database, sources, special, trust


def guards():
    """Each place once: two resources can share their permissions."""
    seen = set()
    for find in (sources.guards, database.guards, special.guards, trust.guards):
        for guard in find():
            key = guard.edit or guard.without
            if key not in seen:
                seen.add(key)
                yield guard
