"""The page Security: a user's own factors, recovery codes and logins."""

from base64 import b64encode
from functools import wraps

from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal.auth import generate_totp_secret
from cryptography.fernet import InvalidToken
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.accounts.hashed_sessions import stored_key
from clinic.accounts.login_sessions import active_logins, end_login, end_logins
from clinic.accounts.permissions import Permission, require_permission
from clinic.accounts.second_factor import rules
from clinic.accounts.second_factor.actions import (
    add_passkey,
    create_recovery_codes,
    remove_factor,
    rename_passkey,
    set_up_app,
)
from clinic.accounts.second_factor.ceremonies import creation_options
from clinic.accounts.second_factor.forms import AppForm, PasskeyForm, PasskeyNameForm, PasswordForm
from clinic.records.exceptions import Refused

PENDING = "second_factor_secret"  # of an app that is being set up; encrypted, like the stored one


def _of_a_complete_login(view):
    """A login that began before the user had a factor cannot change anything here."""

    @require_permission(Permission.LOG_IN)
    @wraps(view)
    def checked(request, *args, **kwargs):
        if request.method == "POST" and not rules.has_passed(request) and rules.factors_of(request.user).exists():
            raise Refused("This login began before you had a second factor. Log out, then log in again with it.")
        return view(request, *args, **kwargs)

    return checked


@require_GET
@_of_a_complete_login
def security(request):
    factors = list(rules.factors_of(request.user))
    context = {
        "app": next((factor for factor in factors if factor.type == rules.APP), None),
        "passkeys": [factor for factor in factors if factor.type == rules.PASSKEY],
        "has_factor": bool(factors),
        "codes_left": rules.codes_left(request.user),
        "is_missing": rules.is_required_for(request.user) and not rules.has_passed(request),
        "logins": active_logins(request.user),
        "own_key": stored_key(request.session.session_key),
    }
    return render(request, "clinic/accounts/security.html", context)


@require_http_methods(["GET", "POST"])
@_of_a_complete_login
def app_set_up(request):
    secret = _pending_secret(request)
    form = AppForm(request.POST if request.method == "POST" else None, request=request, secret=secret)
    if form.is_valid():
        is_first = not rules.factors_of(request.user).exists()
        if app := form.run(set_up_app, person=request.user, by=request.user):
            request.session.pop(PENDING)
            return _added(request, app, is_first=is_first, message="The authenticator app is set up.")
    adapter = get_adapter()
    svg = adapter.build_totp_svg(adapter.build_totp_url(request.user, secret))
    context = {
        "form": form,
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "image": f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}",
        "replaces": rules.factors_of(request.user).filter(type=rules.APP).exists(),
    }
    return render(request, "clinic/accounts/app_set_up.html", context, status=form.status)


def _pending_secret(request):
    """A new one each time the page is opened; the form that it shows needs the same."""
    try:
        return get_adapter().decrypt(request.session[PENDING]) if request.method == "POST" else _new_secret(request)
    except (KeyError, InvalidToken):
        return _new_secret(request)


def _new_secret(request):
    secret = generate_totp_secret()
    request.session[PENDING] = get_adapter().encrypt(secret)
    return secret


@require_http_methods(["GET", "POST"])
@_of_a_complete_login
def passkey_add(request):
    form = PasskeyForm(request.POST if request.method == "POST" else None, request=request)
    if form.is_valid():
        is_first = not rules.factors_of(request.user).exists()
        if passkey := form.run(add_passkey, person=request.user, by=request.user):
            return _added(request, passkey, is_first=is_first, message="The passkey is added.")
    context = {"form": form, "options": creation_options(request.user)}
    return render(request, "clinic/accounts/passkey_add.html", context, status=form.status)


def _added(request, factor, *, is_first, message):
    """The first factor comes with recovery codes, and ends logins that began without it."""
    messages.success(request, message)
    if not is_first:
        return redirect("clinic:security")
    rules.note_passed(request, factor)
    end_logins(person=request.user, by=request.user, except_key=request.session.session_key)
    codes = create_recovery_codes(person=request.user, by=request.user, is_first=True)
    return render(request, "clinic/accounts/recovery_codes.html", {"codes": codes})


def _factor_or_404(request, pk, **kind):
    return get_object_or_404(rules.factors_of(request.user).filter(**kind).select_related("user"), pk=pk)


@require_http_methods(["GET", "POST"])
@_of_a_complete_login
def passkey_rename(request, factor):
    passkey = _factor_or_404(request, factor, type=rules.PASSKEY)
    form = PasskeyNameForm(request.POST if request.method == "POST" else None, initial={"name": passkey.wrap().name})
    if form.is_valid() and form.run(rename_passkey, passkey=passkey, by=request.user):
        messages.success(request, "The passkey is renamed.")
        return redirect("clinic:security")
    return render(
        request, "clinic/accounts/passkey_rename.html", {"form": form, "passkey": passkey}, status=form.status
    )


@require_http_methods(["GET", "POST"])
@_of_a_complete_login
def factor_remove(request, factor):
    factor = _factor_or_404(request, factor)
    form = PasswordForm(request.POST if request.method == "POST" else None, request=request)
    if form.is_valid():
        remains = form.run(remove_factor, factor=factor, by=request.user)
        if not form.errors:
            if not remains:
                rules.forget_passed(request)
            messages.success(request, "It is removed.")
            return redirect("clinic:security")
    context = {"form": form, "factor": factor, "what": rules.factor_label(factor)}
    return render(request, "clinic/accounts/factor_remove.html", context, status=form.status)


@require_http_methods(["GET", "POST"])
@_of_a_complete_login
def recovery_codes(request):
    """The codes are shown once, in the response that created them."""
    form = PasswordForm(request.POST if request.method == "POST" else None, request=request)
    codes = form.run(create_recovery_codes, person=request.user, by=request.user) if form.is_valid() else None
    context = {"form": form, "codes": codes, "codes_left": rules.codes_left(request.user)}
    return render(request, "clinic/accounts/recovery_codes.html", context, status=form.status)


@require_POST
@_of_a_complete_login
def login_end(request, login):
    found = get_object_or_404(request.user.login_sessions, pk=login)
    end_login(login=found, by=request.user)
    messages.success(request, "This login has ended.")
    return redirect("clinic:security")


@require_POST
@_of_a_complete_login
def logins_end(request):
    end_logins(person=request.user, by=request.user, except_key=request.session.session_key)
    messages.success(request, "Your other logins have ended.")
    return redirect("clinic:security")
