"""Marking sessions as not done or as entered in error."""

from django.contrib import messages
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.http import require_GET, require_POST

from clinic.accounts.permissions import Permission, require_permission
from clinic.records.local_urls import wanted_next
from clinic.web.seen import number
from clinic.web.undo import offer_undo
from patients.followups.unattended import is_unattended
from planning.session_pages.views.sessions import opened
from planning.signing.actions.endings import end_as_not_done, mark_as_error, undo_error_mark, undo_not_done
from planning.signing.forms.signing import ErrorForm, NotDoneForm, NotTodayForm


def _page(request, session, *, not_done_form=None, error_form=None, not_today_form=None):
    bound = not_done_form or error_form or not_today_form
    context = {
        "session": session,
        "patient": session.visit.patient,
        "not_done_form": not_done_form or _not_done_form(session, initial={"version": session.version}),
        "not_done_obstacle": session.change_obstacle() or session.not_done_obstacle(),
        "not_today_form": not_today_form,
        "error_form": error_form or ErrorForm(prefix="error", initial={"version": session.version}),
    }
    return render(request, "planning/session_pages/session_end.html", context, status=bound.status if bound else 200)


def _not_done_form(session, *args, **kwargs):
    visit = session.visit
    needed = is_unattended(visit.patient, but_for=visit)
    options = {"with_clinician": visit.clinician_id, "counted_from": visit.day, "needed": needed}
    return NotDoneForm(*args, prefix="not-done", **options, **kwargs)


@require_GET
@require_permission(Permission.CHANGE_SESSIONS)
def session_end(request, pk):
    session = opened(request, pk)
    if session.is_in_error:
        return redirect(session)
    return _page(request, session)


@require_POST
@require_permission(Permission.CHANGE_SESSIONS)
def session_not_done(request, pk):
    session = opened(request, pk)
    form = _not_done_form(session, request.POST)
    if form.is_valid() and form.run(end_as_not_done, session=session, by=request.user):
        messages.success(request, "The session is not done.")
        return redirect(session.visit)
    return _page(request, session, not_done_form=form)


@require_POST
@require_permission(Permission.CHANGE_SESSIONS)
def session_not_today(request, pk):
    """From the list of reasons: no page in between, and with an undo."""
    session = opened(request, pk)
    form = NotTodayForm(request.POST)
    ended = form.is_valid() and form.run(end_as_not_done, session=session, by=request.user)
    if not ended:
        return _page(request, session, not_today_form=form)
    offer_undo(
        request, f"Not done: {ended.not_done_reason}.", url=resolve_url("planning:session-not-done-undo", pk),
        back=resolve_url(session.visit), patient=session.visit.patient, version=ended.version,
    )  # fmt: skip
    return redirect(session.visit)


@require_POST
@require_permission(Permission.CHANGE_SESSIONS)
def session_not_done_undo(request, pk):
    session = opened(request, pk)
    undo_not_done(session=session, by=request.user, version=number(request))
    messages.success(request, "Undone: the session is planned again.")
    return redirect(wanted_next(request) or session)


@require_POST
@require_permission(Permission.CHANGE_SESSIONS)
def session_error(request, pk):
    session = opened(request, pk)
    form = ErrorForm(request.POST, prefix="error")
    if form.is_valid() and form.run(mark_as_error, session=session, by=request.user):
        messages.success(request, "The session is marked as entered in error.")
        return redirect(session)
    return _page(request, session, error_form=form)


@require_POST
@require_permission(Permission.SIGN_SESSIONS)
def session_error_undo(request, pk):
    session = opened(request, pk)
    undo_error_mark(session=session, by=request.user, seen=number(request, "mark"))
    messages.success(request, "“Entered in error” is undone.")
    return redirect(session)
