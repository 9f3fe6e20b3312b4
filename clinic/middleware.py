"""What happens around every request: its id, its login, its clinic's time, and the tracks that it leaves."""

import time
import uuid

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import JsonResponse
from django.middleware.common import CommonMiddleware
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from clinic import audit
from clinic.exceptions import Incomplete, Refused
from clinic.models import Clinic
from clinic.rest.problems import is_of_the_api, problem_page
from clinic.seen import typed_text


def wants_answer_in_place(request):
    """Whether a script of ours asked, that stays on its page whatever the answer."""
    return bool(request.headers.get("HX-Request")) or request.headers.get("X-Requested-With") == "fetch"


class RequestId:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.id = uuid.uuid4().hex
        response = self.get_response(request)
        response["X-Request-ID"] = request.id
        return response


class NothingStored:
    """No page stays in a cache: most of them show patients."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response["Cache-Control"] = "no-store"
        return response


class LoginLifetime:
    """A login ends after fifteen idle minutes, and after twelve hours however busy it was.

    That somebody is busy is noted now and then, not at each request: saving the login session each time would cost
    every page a write, and could bring back what a request of the same moment has just changed in it.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            now = time.time()
            if now - request.session.setdefault("began_at", now) > settings.SESSION_ABSOLUTE_SECONDS:
                logout(request)
            elif now - request.session.get("busy_at", 0) > settings.SESSION_NOTED_SECONDS:
                request.session["busy_at"] = now
        return self.get_response(request)


class LoginRequired(LoginRequiredMiddleware):
    def handle_no_permission(self, request, view_func):
        if wants_answer_in_place(request):
            return JsonResponse({"sentence": "Your login has ended.", "login": reverse("account_login")}, status=401)
        return super().handle_no_permission(request, view_func)


class FirstPasswordIsChanged:
    """Whoever logged in with a password that somebody else chose changes it before anything else."""

    ALLOWED = {"account_change_password", "account_logout", "clinic:health"}

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view_func, view_args, view_kwargs):
        if not (request.user.is_authenticated and request.user.must_change_password):
            return None
        if request.resolver_match.view_name in self.ALLOWED:
            return None
        if is_of_the_api(request):
            return problem_page(request, 403, "Choose your own password first: log in to Collum once.")
        if wants_answer_in_place(request):
            sentence = "Choose your own password first."
            return JsonResponse({"sentence": sentence, "login": reverse("account_change_password")}, status=401)
        return redirect("account_change_password")


class ClinicTime:
    """Days and times are those of the clinic."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path == reverse("clinic:health"):
            return self.get_response(request)
        request.clinic = Clinic.ours()
        with timezone.override(request.clinic.zone):
            return self.get_response(request)


class Tracks:
    """Audits what was shown or refused, and turns a refusal into an answer."""

    REFUSALS = {403, 409}

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with audit.tracks_of(request):
            response = self.get_response(request)
            if self._is_refused(request, response):
                # One entry says both that it was refused and whom the answer nevertheless shows.
                unrecorded = request.patients_shown - request.patients_recorded
                audit.record("refused", by=request.user, patients=sorted(unrecorded), outcome="refused")
            if response.status_code < 500:
                audit.record_reads(request)
            return response

    def _is_refused(self, request, response):
        # A page says with 422 what cannot be read, the API that a key was sent before with something else.
        refusals = self.REFUSALS | {422} if is_of_the_api(request) else self.REFUSALS
        return response.status_code in refusals

    def process_exception(self, request, exception):
        if not isinstance(exception, Refused):
            return None
        status = 422 if isinstance(exception, Incomplete) else 409
        if wants_answer_in_place(request):
            return JsonResponse({"sentence": exception.sentence}, status=status)
        context = {"sentence": exception.sentence, "typed": typed_text(request)}
        return render(request, "409.html", context, status=status)


class Addresses(CommonMiddleware):
    """An address without its last slash leads a browser to the right one. A program would ask there in another way."""

    def should_redirect_with_slash(self, request):
        return not is_of_the_api(request) and super().should_redirect_with_slash(request)


class WrongMethodPage:
    """An address that was asked in the wrong way answers with a page; Django's own answer is empty."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.status_code == 405 and not response.content:
            page = render(request, "405.html", status=405)
            page["Allow"] = response["Allow"]
            return page
        return response
