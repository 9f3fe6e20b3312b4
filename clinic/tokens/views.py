"""A person's own tokens for programs: which there are, a new one, and the end of one."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from clinic.models import ApiToken
from clinic.permissions import Permission, require_permission
from clinic.tokens.actions import make_token, revoke_token
from clinic.tokens.forms import TokenForm

ENDED_SHOWN = 50


@require_http_methods(["GET", "POST"])
@require_permission(Permission.ANYBODY)
def tokens(request):
    """The secret of a new one is shown once, in the answer that made it, and goes nowhere else."""
    form = TokenForm(request.POST if request.method == "POST" else None, request=request)
    made = None
    if form.is_valid():
        made = form.attempt_once(make_token, request=request, person=request.user)
    working = list(ApiToken.objects.working(request.user, timezone.now()))
    context = {
        "made": made,
        "form": TokenForm(request=request) if made else form,
        "tokens": working,
        "ended": request.user.api_tokens.exclude(pk__in=[token.pk for token in working])[:ENDED_SHOWN],
    }
    return render(request, "clinic/tokens.html", context, status=form.status)


@require_POST
@require_permission(Permission.ANYBODY)
def token_revoke(request, pk):
    revoke_token(token=get_object_or_404(request.user.api_tokens, pk=pk), by=request.user)
    messages.success(request, "The token is revoked. Whatever uses it is refused from now on.")
    return redirect("clinic:tokens")
