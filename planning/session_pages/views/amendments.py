"""Amending a signed record."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from clinic.accounts.permissions import Permission, require_permission
from clinic.records.exceptions import Refused
from planning.session_pages.views.sessions import opened, show_workbench
from planning.session_pages.views.signing import changes
from planning.signing.actions.amendments import discard_amendment, open_amendment
from planning.signing.forms.signing import AmendForm, DiscardForm
from planning.signing.models.signed_record import digest


@require_http_methods(["GET", "POST"])
@require_permission(Permission.SIGN_SESSIONS)
def session_amend(request, pk):
    session = opened(request, pk)
    form = AmendForm(request.POST if request.method == "POST" else None, initial={"version": session.version})
    if form.is_valid() and form.run_once(open_amendment, request=request, session=session):
        return redirect("planning:session-amendment", session.pk)
    if obstacle := session.amending_obstacle():
        if form.is_bound:
            raise Refused(obstacle)
        messages.warning(request, obstacle)
        return redirect(session)
    context = {"session": session, "patient": session.visit.patient, "form": form, "record": session.record()}
    return render(request, "planning/session_pages/session_amend.html", context, status=form.status)


@require_GET
@require_permission(Permission.CHANGE_SESSIONS)
def session_amendment(request, pk):
    session = opened(request, pk)
    if not session.is_being_amended:
        return redirect(session)
    return show_workbench(request, session)


@require_http_methods(["GET", "POST"])
@require_permission(Permission.SIGN_SESSIONS)
def amendment_discard(request, pk):
    """Only what is shown can be discarded: the form contains its hash, not the hash that was sent."""
    session = opened(request, pk)
    form = DiscardForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and form.run(discard_amendment, session=session, by=request.user):
        messages.success(request, "Amendment discarded. The signed record is unchanged.")
        return redirect(session)
    amendment = session.open_amendment()
    if amendment is None:
        if form.is_bound:
            raise Refused(" ".join(form.non_field_errors()))
        return redirect(session)
    content = session.content()
    context = {
        "session": session, "patient": session.visit.patient, "amendment": amendment, "form": form,
        "content_hash": digest(content), "changes": changes(amendment, content),
    }  # fmt: skip
    return render(request, "planning/session_pages/amendment_discard.html", context, status=form.status)
