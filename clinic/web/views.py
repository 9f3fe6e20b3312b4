"""The health check and the error pages."""

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views import defaults
from django.views.decorators.http import require_safe

from clinic.web.middleware import stays_on_its_page
from clinic.web.problem_documents import is_of_the_api, problem_page


@require_safe
@login_not_required
def health(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


health.required_permission = None


def form_expired(request, reason=""):
    sentence = (
        "Your entries were not saved. A user logged in or out after you opened this form. "
        "Go back, reload the page, and send it again."
    )
    if stays_on_its_page(request):
        return JsonResponse({"sentence": sentence}, status=403)
    return render(request, "403.html", {"heading": "This form is out of date", "sentence": sentence}, status=403)


def bad_request(request, exception):
    if is_of_the_api(request):
        return problem_page(request, 400, "This is not a valid request.")
    return defaults.bad_request(request, exception)


def not_found(request, exception):
    if is_of_the_api(request):
        return problem_page(request, 404, "This record or page does not exist.")
    return defaults.page_not_found(request, exception)


def server_error(request):
    if is_of_the_api(request):
        return problem_page(
            request, 500, ("Something went wrong on the server. Your request is not the cause. Try again later.")
        )
    return defaults.server_error(request)
