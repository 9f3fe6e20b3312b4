"""Collum as gunicorn serves it, and next to it, at /floor/… and /bare/…, the bare views of floor.py."""

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest

from clinic.wsgi import application as collum


class FloorRequest(WSGIRequest):
    urlconf = "tests.bench.floor"


class FloorHandler(WSGIHandler):
    """Django without any middleware."""

    request_class = FloorRequest

    def load_middleware(self, is_async=False):
        self._middleware_chain = self._get_response
        self._view_middleware = self._template_response_middleware = self._exception_middleware = []


floor = FloorHandler()


def application(environ, start_response):
    return (floor if environ["PATH_INFO"].startswith(("/floor/", "/bare/")) else collum)(environ, start_response)
