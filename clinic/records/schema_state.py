"""Whether this version of Collum can serve from the database as it is migrated now.

For a while, two versions serve from one database: one host is updated after the other. So there are two kinds of
migrations. Most only add something, and an earlier version does not notice (*expand*). The others remove or restrict
what an earlier version uses. Their names begin with `contract` after the number, and they run once no earlier version
serves.
"""

from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.migrations.loader import MigrationLoader

OURS = {"clinic", "patients", "planning"}


def is_contract(name):
    return name.split("_")[1:2] == ["contract"]


def refuse_unusable_schema():
    """Raises ImproperlyConfigured. No obstacle: a contract that has not run, and an addition of a later version."""
    loader = MigrationLoader(connection)
    known, applied = set(loader.graph.nodes), set(loader.applied_migrations)
    if missing := sorted(f"{app}.{name}" for app, name in known - applied if not is_contract(name)):
        raise ImproperlyConfigured(f"The database is missing {_named(missing)}. Run “manage.py migrate”.")
    later = sorted(f"{app}.{name}" for app, name in applied - known if app in OURS and is_contract(name))
    if later:
        raise ImproperlyConfigured(
            f"A later version has removed from the database what this version needs ({_named(later)}). "
            "Install that version."
        )


def _named(names):
    return "the migration " + names[0] + (f" and {len(names) - 1} more" if len(names) > 1 else "")
