"""The WSGI application. It does not start on a database that could lose writes or that does not enforce the rules.

In production, it does not start as a database role that could remove the rules either.
"""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")

application = get_wsgi_application()

from clinic.web.startup import startup  # noqa: E402  (needs the apps)

startup.begin()

# What is loaded by now stays to the end. Looking for cycles after every 700 new objects takes up to a tenth of a page.
gc.freeze()
gc.set_threshold(50_000, 10, 10)
