"""A user’s login and its lifetime, the start page, preferences, and tokens for programs."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.accounts import login_lifetime
from clinic.accounts.actions import change_preferences, create_token, revoke_token
from clinic.accounts.forms import PreferencesForm, TokenForm
from clinic.accounts.permissions import Permission, may, require_permission
from clinic.accounts.tokens import ApiToken
from clinic.records.date_fields import date_output, date_repeated

ENDED_SHOWN = 50


@require_http_methods(["GET", "POST"])
@require_permission(Permission.LOG_IN)
def tokens(request):
    """The secret of a new token is shown once, in the response that created it."""
    form = TokenForm(request.POST if request.method == "POST" else None, request=request)
    made = None
    if form.is_valid():
        made = form.run_once(create_token, request=request, person=request.user)
    working = list(ApiToken.objects.working(request.user, timezone.now()))
    context = {
        "made": made,
        "form": TokenForm(request=request) if made else form,
        "tokens": working,
        "ended": request.user.api_tokens.exclude(pk__in=[token.pk for token in working])[:ENDED_SHOWN],
    }
    return render(request, "clinic/accounts/tokens.html", context, status=form.status)


@require_POST
@require_permission(Permission.LOG_IN)
def token_revoke(request, pk):
    revoke_token(token=get_object_or_404(request.user.api_tokens, pk=pk), by=request.user)
    messages.success(request, "The token is revoked. Programs that use it no longer have access.")
    return redirect("clinic:tokens")


@require_http_methods(["GET", "POST"])
@require_permission(Permission.LOG_IN)
def preferences(request):
    stored = {"appearance": request.user.appearance, "single_keys": request.user.single_keys}
    form = PreferencesForm(request.POST if request.method == "POST" else None, initial=stored)
    if form.is_valid() and form.run(change_preferences, person=request.user, by=request.user):
        messages.success(request, "Your preferences are saved.")
        return redirect("clinic:preferences")
    return render(request, "clinic/accounts/preferences.html", {"form": form}, status=form.status)


@login_lifetime.not_activity
@require_http_methods(["GET", "POST"])
@ensure_csrf_cookie
@login_not_required
def login_session(request):
    """Who is logged in and for how long, for the scripts of a page. A GET is not activity; a POST reports activity."""
    if not request.user.is_authenticated:
        return JsonResponse({"person": None})
    # The page of another user does not extend the login.
    if request.method == "POST" and request.headers.get("X-Person") == str(request.user.pk):
        login_lifetime.note_activity(request.session, at_once=True)
    return JsonResponse(
        {
            "person": str(request.user.pk),
            "seconds_left": login_lifetime.seconds_left(request.session),
            "can_be_extended": login_lifetime.can_be_extended(request.session),
        }
    )


login_session.required_permission = None


@require_POST
@require_permission(Permission.LOG_IN)
def date_check(request):
    """The date in the field that the request names, as it is read; nothing is stored."""
    typed = request.POST.get(request.POST.get("field", ""), "")
    try:
        read = date_repeated(typed, is_partial=bool(request.POST.get("partial")))
    except ValidationError as error:
        read = {"text": error.messages[0]}
    return HttpResponse(date_output(**read))


@require_GET
@require_permission(Permission.LOG_IN)
def start(request):
    for permission, page in settings.START_PAGES.items():
        if may(request.user, Permission[permission]):
            return redirect(page)
    return redirect("account_change_password")
