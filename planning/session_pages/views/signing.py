"""The read-back before signing, and the signed record."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from clinic.accounts.permissions import Permission, require_permission
from clinic.records import audit_log
from clinic.records.dates import format_date
from clinic.web.middleware import wants_response_in_place
from clinic.web.seen import about
from clinic.web.undo import offer_undo
from patients.models import VisitState
from planning.catalogue.neck_map import regions_of_content
from planning.letters.letters_of_session import letters_of
from planning.session_pages.session_reads import record_rows, rows_to_sign, session_or_404
from planning.sessions.content import content_from
from planning.sessions.content_facts import not_recorded, side_by_side
from planning.signing.actions.signing import sign_session
from planning.signing.forms.signing import SignForm
from planning.signing.models.signed_record import SignedRecord, digest

CHANGED = (
    "This session changed after the page was opened. The current content is shown below. Read it again, then sign."
)


@require_http_methods(["GET", "POST"])
@require_permission(Permission.SIGN_SESSIONS)
def session_sign(request, pk):
    session = session_or_404(pk)
    about(request, session.visit.patient_id)
    if request.method == "POST":
        form = SignForm(request.POST, session=session, request=request)
        if form.is_valid() and form.run(sign_session, session=session, by=request.user):
            return _signed(request, session, form)
        content, _ = _content(request, session)
        return _read_back(request, session, form, content, status=422 if form.incomplete else 409)
    if session.is_signed and not session.is_being_amended:
        return redirect(session)
    content, clinicians = _content(request, session)
    if session.signing_obstacle():
        return redirect(f"{session.get_working_url()}?missing")
    form = SignForm(session=session, request=request, clinicians=clinicians)
    return _read_back(request, session, form, content)


def _content(request, session):
    """As session.content(), and the clinicians for the form. The rows are read once, also for what prevents signing."""
    rows, vials, clinicians = rows_to_sign(session)
    amendment = session.open_amendment()
    return content_from(session, clinic=request.clinic, amendment=amendment, vials=vials, rows=rows), clinicians


def _read_back(request, session, form, content, *, status=200):
    """Only what is shown can be signed: the form contains its hash, not the hash that was sent."""
    shown = digest(content)
    amendment = session.open_amendment()
    if form.is_bound and form.data.get("content_hash") != shown:
        form.add_error(None, CHANGED)
    context = {
        "session": session, "patient": session.visit.patient, "form": form, "content": content,
        "content_hash": shown, "neck": regions_of_content(content), "obstacle": session.signing_obstacle(),
        "passkey_options": form.passkey_options(shown),
        "amendment": amendment, "changes": changes(amendment, content), "not_recorded": not_recorded(content),
    }  # fmt: skip
    return render(request, "planning/session_pages/session_sign.html", context, status=status)


def changes(amendment, content):
    if amendment is None:
        return []
    return [fact for fact in side_by_side([amendment.record.content, content]) if fact.changed]


def _signed(request, session, form):
    see_again = form.see_again()
    due_on = see_again and see_again.due_on(session.day_given)
    due = f" To be seen again by {format_date(due_on)}." if due_on else ""
    following = session.visit.next_of_the_day() or "clinic:start" if request.POST.get("then") == "next" else session
    back = resolve_url(following)
    _report(request, f"Signed. This record is now read-only.{due}", session, finishes=form.finishes_visit(), back=back)
    return redirect(back)


def _report(request, message, session, *, finishes, back):
    visit = session.visit
    visit.refresh_from_db(fields=["state", "version"])
    if finishes and visit.state == VisitState.FINISHED:
        before = {"state": VisitState.ARRIVED, "version": visit.version}
        message += f" The visit of {visit.patient} is finished."
        offer_undo(request, message, url=visit.get_state_url(), back=back, patient=visit.patient, **before)
    else:
        messages.success(request, message)


@require_GET
@require_permission(Permission.SEE_SESSIONS)
def record_detail(request, pk):
    record = get_object_or_404(SignedRecord, pk=pk)
    session = session_or_404(record.session_id)
    audit_log.shown(session.visit.patient_id)
    return show_record(request, session, record)


def show_record(request, session, record=None):
    page = (
        "planning/session_pages/_record_cover.html"
        if wants_response_in_place(request)
        else "planning/session_pages/record_detail.html"
    )
    reviews, letters = record_rows(session)
    context = {
        **record_context(session, record),
        **letters_of(session, letters),
        "next_visit": _next_visit(session.visit),
        "reviews": reviews,
    }
    return render(request, page, context)


def _next_visit(visit):
    """While the clinic works through the day; a record of another day has no next patient."""
    return visit.next_of_the_day() if visit.day == timezone.localdate() else None


def record_context(session, record=None):
    """The record as signed, or the latest one, and whether it is current; it does not use the session's rows."""
    records = list(session.records.all())
    record = record or records[-1]
    content, record.session = record.content, session
    return {
        "record": record,
        "records": records,
        "latest": records[-1],
        "amending": [each for each in records if each.content.get("amendment")],
        "facts": side_by_side([each.content for each in records]) if len(records) > 1 else [],
        "amendment": session.open_amendment(),
        "error_mark": session.error_mark(),
        "consent": record.chosen_consent(),
        "session": session,
        "state": session.state,
        "patient": session.visit.patient,
        "visit": session.visit,
        "content": content,
        "neck": regions_of_content(content),
    }
