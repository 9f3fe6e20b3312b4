"""What an administrator does for a user who cannot log in, or whose device is lost."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from clinic.accounts.login_failures import LoginFailures, key_of
from clinic.accounts.login_sessions import active_logins, end_logins
from clinic.accounts.models import User
from clinic.accounts.notices import notify
from clinic.accounts.permissions import Permission, require_permission
from clinic.accounts.second_factor import rules
from clinic.accounts.second_factor.actions import reset_second_factor
from clinic.accounts.second_factor.forms import PasswordForm
from clinic.records import audit_log
from clinic.records.actions import action


@action
def unlock_login(*, person, by):
    """Repeating it succeeds."""
    deleted, _ = LoginFailures.objects.filter(key=key_of(person.username)).delete()
    if deleted:
        audit_log.record("unlocked the login", person, by=by)
        notify(person, "An administrator unlocked your login.")


@require_GET
@require_permission(Permission.ADMINISTER)
def person_access(request, pk):
    return _access(request, get_object_or_404(User, pk=pk), PasswordForm(request=request))


def _access(request, person, form):
    context = {
        "person": person,
        "form": form,
        "factors": [rules.factor_label(factor) for factor in rules.factors_of(person)],
        "codes_left": rules.codes_left(person),
        "is_own": person.pk == request.user.pk,
        "is_locked": LoginFailures.objects.are_too_many(key_of(person.username)),
        "logins": active_logins(person),
    }
    return render(request, "clinic/accounts/person_access.html", context, status=form.status)


@require_POST
@require_permission(Permission.ADMINISTER)
def factor_reset(request, pk):
    person = get_object_or_404(User, pk=pk)
    form = PasswordForm(request.POST, request=request)
    if not form.is_valid():
        return _access(request, person, form)
    form.run(reset_second_factor, person=person, by=request.user)
    if form.errors:
        return _access(request, person, form)
    messages.success(request, f"The second factor of {person} is reset, and their logins have ended.")
    return redirect("clinic:person-access", pk)


@require_POST
@require_permission(Permission.ADMINISTER)
def person_unlock(request, pk):
    person = get_object_or_404(User, pk=pk)
    unlock_login(person=person, by=request.user)
    messages.success(request, f"The login of {person} is unlocked.")
    return redirect("clinic:person-access", pk)


@require_POST
@require_permission(Permission.ADMINISTER)
def person_logins_end(request, pk):
    person = get_object_or_404(User, pk=pk)
    own = request.session.session_key if person.pk == request.user.pk else None
    end_logins(person=person, by=request.user, except_key=own)
    messages.success(request, f"The logins of {person} have ended.")
    return redirect("clinic:person-access", pk)
