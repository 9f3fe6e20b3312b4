"""What happens around every request: its id, its login, its clinic's time, and the tracks that it leaves."""

import uuid
from urllib.parse import urlencode

from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpResponse, JsonResponse
from django.middleware.common import CommonMiddleware
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from clinic import audit, logins
from clinic.exceptions import Incomplete, Refused
from clinic.form_pages import form_page
from clinic.models import Clinic
from clinic.rest.problems import is_of_the_api, problem_page
from clinic.seen import typed_text


def wants_answer_in_place(request):
    """Whether a script of ours asked, that stays on its page whatever the answer."""
    return bool(request.headers.get("HX-Request")) or request.headers.get("X-Requested-With") == "fetch"


def is_form_sent_by_script(request):
    """Whether a script sent the form of a page as the browser would have; it follows a redirect itself."""
    return request.headers.get("X-Requested-With") == "form"


def stays_on_its_page(request):
    """Whether the page that asked remains, with what was typed on it, and shows a refusal in place."""
    return wants_answer_in_place(request) or is_form_sent_by_script(request)


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

    A page that was not found, a wrong method, and what a program asks by itself are not activity.
    """

    NO_ACTIVITY = {404, 405}
    ASKED_BY_PROGRAMS = {"clinic:health", "clinic:login-session"}

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated and logins.has_ended(request.session):
            logout(request)
        response = self.get_response(request)
        if request.user.is_authenticated and self._is_activity(request, response):
            logins.note_activity(request.session)
        return response

    def _is_activity(self, request, response):
        match = request.resolver_match
        asked_by_program = match is not None and match.view_name in self.ASKED_BY_PROGRAMS
        return not asked_by_program and response.status_code not in self.NO_ACTIVITY


class SamePerson:
    """What a page sends is stored only for the user for whom the page was shown.

    Its scripts name that user. A form that is sent without a script carries a CSRF token, which ends at each login.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view_func, view_args, view_kwargs):
        person = request.headers.get("X-Person")
        if person is None or not request.user.is_authenticated or person == str(request.user.pk):
            return None
        if request.resolver_match.view_name == "clinic:login-session":
            return None
        sentence = "Somebody else is logged in now. Nothing was saved: this was typed under another login."
        return JsonResponse({"sentence": sentence, "login": reverse("account_login")}, status=409)


class FormsSentByScript:
    """A script learns where the form leads, and goes there itself; followed by it, a page would be shown twice."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if not is_form_sent_by_script(request) or response.status_code not in (301, 302, 303):
            return response
        answer = HttpResponse(status=204, headers={"X-Location": response["Location"]})
        answer.cookies = response.cookies
        return answer


class LoginRequired(LoginRequiredMiddleware):
    def handle_no_permission(self, request, view_func):
        if stays_on_its_page(request):
            return JsonResponse({"sentence": "Your login has ended.", "login": reverse("account_login")}, status=401)
        if request.method == "POST":
            return redirect(self._login_after_a_form(request))
        return super().handle_no_permission(request, view_func)

    def _login_after_a_form(self, request):
        """The login page says that what was typed is not saved, and leads to the page of the form."""
        login = reverse("account_login")
        if request.resolver_match.view_name == "account_logout":
            return login
        page = form_page(request)
        return f"{login}?{urlencode({**({'next': page} if page else {}), 'unsaved': 'yes'})}"


class FirstPasswordIsChanged:
    """Whoever logged in with a password that somebody else chose changes it before anything else."""

    ALLOWED = {"account_change_password", "account_logout", "clinic:health", "clinic:login-session"}

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
        if stays_on_its_page(request):
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
        if stays_on_its_page(request):
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
