"""What a server checks before it serves: that its database loses no write, and that it enforces Collum's rules.

If the database does not respond while a worker starts, the worker starts anyway, and checks it before its first page:
gunicorn ends the whole server if a worker cannot start, as after a crash of the database.
"""

import logging

from django.db import InterfaceError, OperationalError, connection

from clinic.records import durability, privileges, schema_state

logger = logging.getLogger("clinic.startup")


class _Startup:
    is_due = False  # only a server has to check

    def begin(self):
        self.is_due = True
        # Less than gunicorn's 30 s, after which it kills the process without a response.
        durability.limit_statements(seconds=20)
        try:
            self.check()
        except (InterfaceError, OperationalError):
            logger.warning("The database does not respond. It is checked before the first page.")
        finally:
            # The threads that serve have connections of their own. This one would keep a file of SQLite in use.
            connection.close()

    def check(self):
        """Raises ImproperlyConfigured on a database from which Collum must not serve."""
        durability.refuse_unsafe_database()
        durability.refuse_unlimited_waits()
        schema_state.refuse_unusable_schema()
        durability.refuse_unguarded_database()
        privileges.refuse_excessive_privileges()
        logger.info("Collum serves from %s.", durability.database_text())
        self.is_due = False


startup = _Startup()


class StartupMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if startup.is_due:
            startup.check()
        return self.get_response(request)
