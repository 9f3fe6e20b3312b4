"""Middleware for logins: lifetime, the same user as on the page, and a password of their own."""

from urllib.parse import urlencode

from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import JsonResponse
from django.shortcuts import redirect
from django.urls import reverse

from clinic.accounts import login_lifetime
from clinic.accounts.form_pages import form_page
from clinic.web.middleware import stays_on_its_page
from clinic.web.problem_documents import is_of_the_api, problem_page


class LoginLifetimeMiddleware:
    """A login ends after fifteen idle minutes, and after twelve hours in any case.

    Pages that are not found, wrong methods and automatic requests by scripts are not activity.
    """

    NO_ACTIVITY = {404, 405}

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated and login_lifetime.has_ended(request.session):
            logout(request)
        response = self.get_response(request)
        if request.user.is_authenticated and self._is_activity(request, response):
            login_lifetime.note_activity(request.session)
        return response

    def _is_activity(self, request, response):
        match = request.resolver_match
        called_by_script = match is not None and getattr(match.func, "is_not_activity", False)
        return not called_by_script and response.status_code not in self.NO_ACTIVITY


class SameUserMiddleware:
    """Stores what a page sends only for the user who opened the page.

    Its scripts name that user. A form that is sent without a script carries a CSRF token, which changes at each
    login.
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
        message = "Another user is logged in now. Your entries were not saved: you typed them under a different login."
        return JsonResponse({"message": message, "login": reverse("account_login")}, status=409)


class LoginMiddleware(LoginRequiredMiddleware):
    def handle_no_permission(self, request, view_func):
        if stays_on_its_page(request):
            return JsonResponse({"message": "Your login has ended.", "login": reverse("account_login")}, status=401)
        if request.method == "POST":
            return redirect(self._login_after_a_form(request))
        # Without the query string, which can contain a name.
        return redirect_to_login(request.path, self.get_login_url(view_func))

    def _login_after_a_form(self, request):
        login = reverse("account_login")
        if request.resolver_match.view_name == "account_logout":
            return login
        page = form_page(request)
        return f"{login}?{urlencode({**({'next': page} if page else {}), 'unsaved': 'yes'})}"


class FirstPasswordMiddleware:
    """A user who logs in with a password that an administrator chose must change it first."""

    ALLOWED = {"account_change_password", "account_logout", "clinic:login-session"}

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
            message = "Choose your own password first."
            return JsonResponse({"message": message, "login": reverse("account_change_password")}, status=401)
        return redirect("account_change_password")
