"""The WSGI application. It does not start on a database that could lose writes or that does not enforce the rules.

In production, it does not start as a database role that could remove the rules either.
"""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")

application = get_wsgi_application()

from clinic.web.startup import startup  # noqa: E402  (needs the apps)

startup.begin()
