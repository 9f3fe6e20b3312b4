"""Pages that belong to no app: health, the way in, and the refusals."""

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views import defaults
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from clinic import logins
from clinic.middleware import stays_on_its_page
from clinic.permissions import Permission, may, require_permission
from clinic.rest.problems import is_of_the_api, problem_page

START_PAGES = (
    (Permission.SEE_DIARY, "planning:today"),
    (Permission.SEE_CATALOGUE, "planning:muscle-list"),
    (Permission.SEE_AUDIT, "patients:audit"),
)


@require_safe
@login_not_required
def health(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


health.required_permission = None


@require_http_methods(["GET", "POST"])
@ensure_csrf_cookie
@login_not_required
def login_session(request):
    """Who is logged in and for how long, for the scripts of a page. To ask is no activity; POST reports one."""
    if not request.user.is_authenticated:
        return JsonResponse({"person": None})
    # A page of another user extends nothing.
    if request.method == "POST" and request.headers.get("X-Person") == str(request.user.pk):
        logins.note_activity(request.session, at_once=True)
    return JsonResponse(
        {
            "person": str(request.user.pk),
            "seconds_left": logins.seconds_left(request.session),
            "can_be_extended": logins.can_be_extended(request.session),
        }
    )


login_session.required_permission = None


@require_GET
@require_permission(Permission.ANYBODY)
def start(request):
    """Where somebody's work begins, by role."""
    for permission, page in START_PAGES:
        if may(request.user, permission):
            return redirect(page)
    return redirect("admin:index" if request.user.is_superuser else "account_change_password")


def form_expired(request, reason=""):
    sentence = (
        "Nothing was saved. Since this form was opened, somebody logged in or out. "
        "Go back, reload the page, and send it again."
    )
    if stays_on_its_page(request):
        return JsonResponse({"sentence": sentence}, status=403)
    return render(request, "403.html", {"heading": "This form is out of date", "sentence": sentence}, status=403)


def bad_request(request, exception):
    if is_of_the_api(request):
        return problem_page(request, 400, "This cannot be read as a request.")
    return defaults.bad_request(request, exception)


def not_found(request, exception):
    if is_of_the_api(request):
        return problem_page(request, 404, "There is nothing here.")
    return defaults.page_not_found(request, exception)


def server_error(request):
    if is_of_the_api(request):
        return problem_page(request, 500, "Something went wrong here. It is no fault of what was sent.")
    return defaults.server_error(request)
