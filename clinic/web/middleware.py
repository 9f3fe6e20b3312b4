"""Middleware for every request: its id, probes, the clinic's time zone, caching, and error pages."""

import uuid

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.middleware.common import CommonMiddleware
from django.shortcuts import render
from django.utils import timezone

from clinic.records.exceptions import Incomplete, Refused
from clinic.records.models import Clinic
from clinic.web import logs
from clinic.web.problem_documents import is_of_the_api, problem_page
from clinic.web.seen import typed_text

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PLAIN = "text/plain; charset=utf-8"


def wants_response_in_place(request):
    """Whether a script sent the request and stays on its page after any response."""
    return bool(request.headers.get("HX-Request")) or request.headers.get("X-Requested-With") == "fetch"


def is_form_sent_by_script(request):
    return request.headers.get("X-Requested-With") == "form"


def stays_on_its_page(request):
    """Whether the requesting page stays open with its typed text and shows an error in place."""
    return wants_response_in_place(request) or is_form_sent_by_script(request)


class RequestIdMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.id = uuid.uuid4().hex
        with logs.lines_of(request.id):
            response = self.get_response(request)
        response["X-Request-ID"] = request.id
        return response


class ProbeMiddleware:
    """`/healthz`: this process is alive. `/readyz`: it can serve, so its database responds.

    Before a host stops, the file DRAIN_FILE takes it out: the proxy sends new requests to others.

    They respond to a probe by IP address, because ALLOWED_HOSTS is checked later, and without TLS.
    """

    def __init__(self, get_response):
        self.get_response = get_response
        self.probes = {"/healthz": self._alive, "/readyz": self._ready}

    def __call__(self, request):
        probe = self.probes.get(request.path_info)
        if probe is None:
            return self.get_response(request)
        return probe() if request.method in ("GET", "HEAD") else HttpResponseNotAllowed(["GET", "HEAD"])

    def _alive(self):
        return HttpResponse("ok", content_type=PLAIN)

    def _ready(self):
        if settings.DRAIN_FILE.exists():
            return HttpResponse("about to stop", content_type=PLAIN, status=503)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        except DatabaseError:
            return HttpResponse("the database is not available", content_type=PLAIN, status=503)
        return HttpResponse("ready", content_type=PLAIN)


class TlsMiddleware:
    """Rejects what SecurityMiddleware does not redirect to TLS: a program would follow, and never notice its mistake.

    Its token would cross the network readable each time.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if settings.SECURE_SSL_REDIRECT and not request.is_secure():
            return problem_page(request, 403, "Use https://. What you sent could be read on the network: replace it.")
        return self.get_response(request)


class NoStoreMiddleware:
    """Sends `no-store`: most pages show patients."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response["Cache-Control"] = "no-store"
        return response


class SlashMiddleware(CommonMiddleware):
    """Redirects a browser to the URL with a final slash. A program gets an error instead."""

    def should_redirect_with_slash(self, request):
        return not is_of_the_api(request) and super().should_redirect_with_slash(request)


class ScriptFormMiddleware:
    """Returns a redirect to a script as data. If it followed the redirect itself, the page would be loaded twice."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if not is_form_sent_by_script(request) or response.status_code not in (301, 302, 303):
            return response
        answer = HttpResponse(status=204, headers={"X-Location": response["Location"]})
        answer.cookies = response.cookies
        return answer


class ClinicTimeMiddleware:
    """Dates and times are in the clinic's time zone."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        # The clinic is read together with a user who is logged in.
        request.clinic = getattr(request.user, "clinic", None) or Clinic.ours()
        with timezone.override(request.clinic.zone):
            return self.get_response(request)


class WrongMethodMiddleware:
    """Shows a page for a wrong method; Django's own response is empty. The admin site would answer any method."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        is_known = request.method in METHODS or is_of_the_api(request)
        response = self.get_response(request) if is_known else HttpResponseNotAllowed(METHODS)
        if response.status_code == 405 and not response.content:
            page = render(request, "405.html", status=405)
            page["Allow"] = response["Allow"]
            return page
        return response


class RefusalMiddleware:
    """Turns an exception of an action into a page with its message and the typed text, or into JSON for a script."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, Refused):
            return None
        status = 422 if isinstance(exception, Incomplete) else 409
        if stays_on_its_page(request):
            return JsonResponse({"message": exception.message}, status=status)
        context = {"message": exception.message, "typed": typed_text(request)}
        return render(request, "409.html", context, status=status)
