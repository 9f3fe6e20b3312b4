"""Counts and durations of requests for Prometheus, by name of the page: no label names a person.

Active if PROMETHEUS_MULTIPROC_DIR is set, as `deploy/gunicorn.conf.py` does: it adds up those of all processes, and
serves them on a port of their own.
"""

import time

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from prometheus_client import Counter, Histogram

from clinic.web.middleware import METHODS

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
NO_PAGE = "none"

requests = Counter("collum_requests", "Requests, by page, method and status.", ["page", "method", "status"])
seconds = Histogram("collum_request_seconds", "From the first byte to the response.", ["page"], buckets=SECONDS)


class MetricsMiddleware:
    def __init__(self, get_response):
        if not settings.METRICS:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request):
        began = time.perf_counter()
        response = self.get_response(request)
        page = _page_of(request)
        seconds.labels(page).observe(time.perf_counter() - began)
        # A request can have a method of any name, and each would be a new series.
        method = request.method if request.method in METHODS else "other"
        requests.labels(page, method, response.status_code).inc()
        return response


def _page_of(request):
    """The name of the URL: a path contains the ids of patients."""
    match = getattr(request, "resolver_match", None)
    return (match and match.view_name) or NO_PAGE
