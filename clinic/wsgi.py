"""The WSGI application. It does not start on a database that could lose writes or that does not enforce the rules."""

import logging
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")

application = get_wsgi_application()

from clinic.records import durability  # noqa: E402  (needs the apps)

durability.refuse_unsafe_database()
durability.refuse_unguarded_database()
# Less than gunicorn's 30 s, after which it kills the process without a response.
durability.limit_statements(seconds=20)
logging.getLogger("clinic.startup").info("Collum serves from %s.", durability.in_words())
