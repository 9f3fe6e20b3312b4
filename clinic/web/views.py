"""The error pages."""

import sys

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.views import defaults

from clinic.web.body_limits import too_large
from clinic.web.middleware import stays_on_its_page
from clinic.web.problem_documents import is_of_the_api, problem_page

UNAVAILABLE = (InterfaceError, InternalError, OperationalError)
RETRY_AFTER_S = 5


def form_expired(request, reason=""):
    message = (
        "Your entries were not saved. A user logged in or out after you opened this form. "
        "Go back, reload the page, and send it again."
    )
    if stays_on_its_page(request):
        return JsonResponse({"message": message}, status=403)
    return render(request, "403.html", {"heading": "This form is out of date", "message": message}, status=403)


def bad_request(request, exception):
    # Too many parameters of a query string raise the same error.
    if isinstance(exception, TooManyFieldsSent | TooManyFilesSent) and request.method not in ("GET", "HEAD"):
        return too_large(request, f"{settings.DATA_UPLOAD_MAX_NUMBER_FIELDS} fields")
    message = "This is not a valid request."
    return problem_page(request, 400, message) if is_of_the_api(request) else _page_without_database(request, 400)


def not_found(request, exception):
    if is_of_the_api(request):
        return problem_page(request, 404, "This record or page does not exist.")
    return defaults.page_not_found(request, exception)


def server_error(request):
    """503 if the database does not respond, is read-only, or another transaction holds a lock for too long."""
    if isinstance(sys.exc_info()[1], UNAVAILABLE):
        status, message = 503, "The server is busy or its database is not available. Try again in a moment."
    else:
        status = 500
        message = "Something went wrong on the server. Your request is not the cause. Try again later."
    response = (
        problem_page(request, status, message) if is_of_the_api(request) else _page_without_database(request, status)
    )
    if status == 503:
        response["Retry-After"] = RETRY_AFTER_S
    return response


def _page_without_database(request, status):
    page = get_template(f"{status}.html").render({"request_id": getattr(request, "id", "")})
    return HttpResponse(page, status=status)
