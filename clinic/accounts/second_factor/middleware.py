"""Where a second factor is required, nothing else opens until the login has passed one."""

from django.http import JsonResponse
from django.shortcuts import redirect
from django.urls import reverse

from clinic.accounts.second_factor.rules import has_passed, is_required_for
from clinic.web.middleware import stays_on_its_page
from clinic.web.problem_documents import is_of_the_api, problem_page

MESSAGE = "Set up your second factor first."


class SecondFactorMiddleware:
    """A user without a second factor sets one up after the login. One who has it cannot log in without it."""

    ALLOWED = {
        "clinic:security",
        "clinic:app-set-up",
        "clinic:passkey-add",
        "clinic:login-session",
        "account_change_password",
        "account_logout",
    }

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view_func, view_args, view_kwargs):
        if not request.user.is_authenticated or request.resolver_match.view_name in self.ALLOWED:
            return None
        if not is_required_for(request.user) or has_passed(request):
            return None
        if is_of_the_api(request):
            return problem_page(request, 403, f"{MESSAGE} Log in to Collum for this.")
        if stays_on_its_page(request):
            return JsonResponse({"message": MESSAGE, "login": reverse("clinic:security")}, status=401)
        return redirect("clinic:security")
