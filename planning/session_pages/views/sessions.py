"""The page of a session, and the response to its forms."""

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from clinic.accounts.permissions import Permission, require_permission
from clinic.records.exceptions import Refused
from clinic.web.forms import value_text
from clinic.web.middleware import wants_response_in_place
from clinic.web.rejections import reasons
from clinic.web.seen import about, number
from planning.catalogue.neck_map import regions_of_content
from planning.letters.letters_of_session import letters_of
from planning.session_pages.contents import missing_to_sign, workbench
from planning.session_pages.session_reads import session_or_404
from planning.session_pages.views.signing import show_record
from planning.sessions.actions.sessions import back_to_plan, change_session, choose_product, start_recording
from planning.sessions.forms.products import UnderProduct
from planning.sessions.forms.rows import RowForm
from planning.sessions.forms.sessions import ProductForm, SessionForm


def opened(request, pk):
    """The session of the URL. Notes that its patient is shown."""
    session = session_or_404(pk)
    about(request, session.visit.patient_id)
    return session


@require_GET
@require_permission(Permission.SEE_SESSIONS)
def session_detail(request, pk):
    session = opened(request, pk)
    if session.is_signed:
        return show_record(request, session)
    if obstacle := session.change_obstacle():
        content = session.content()
        context = {
            "session": session, "patient": session.visit.patient, "obstacle": obstacle, "content": content,
            "neck": regions_of_content(content), "reviews": list(session.reviews.with_people()), **letters_of(session),
        }  # fmt: skip
        return render(request, "planning/session_pages/session_closed.html", context)
    return show_workbench(request, session)


def show_workbench(request, session):
    page = (
        "planning/session_pages/_workbench.html"
        if wants_response_in_place(request)
        else "planning/session_pages/session_detail.html"
    )
    context = workbench(session, user=request.user)
    if "missing" in request.GET:
        context["missing"] = missing_to_sign(context)
    return render(request, page, context)


def saved_response(request, session, *, announcement=""):
    if not wants_response_in_place(request):
        if announcement:
            messages.success(request, announcement)
        return redirect(session.get_working_url())
    context = {**workbench(session_or_404(session.pk), user=request.user), "announcement": announcement}
    return render(request, "planning/session_pages/_workbench.html", context)


def rejected_response(request, session, form):
    session = session_or_404(session.pk)  # reload it: it may have been signed in the meantime
    obstacle = session.change_obstacle()
    if wants_response_in_place(request) and obstacle:
        raise Refused(obstacle)
    if obstacle:  # the page has no fields for it any more
        return render(request, "409.html", {"message": obstacle, "typed": typed_facts(form)}, status=409)
    if isinstance(form, UnderProduct):
        form.compare_product(session)
    status = 409 if form.refused else 422
    if wants_response_in_place(request):
        return JsonResponse(session_reasons(form), status=status)
    page = workbench(session, user=request.user, bound=_form_to_correct(form))
    context = {**page, "refused_form": form, "typed_elsewhere": [] if is_on_page(form, page) else typed_facts(form)}
    return render(request, "planning/session_pages/session_detail.html", context, status=status)


def is_on_page(form, page):
    alone = (
        "details_form", "consent_form", "product_form", "quick_box", "add_set_form", "set_name_form",
        "review_form", "answer_form",
    )  # fmt: skip
    shown = [form for _, form in page["rows"]] + [page[name] for name in alone]
    if page["session"].is_recording:
        shown += [entry["form"] for entry in page["vials"]] + [page["new_vial_form"]]
    return any(form is each for each in shown)


def typed_facts(form):
    about = f"{form.injection}: " if isinstance(form, RowForm) else ""
    return [
        (f"{about}{field.label}", value_text(field))
        for field in form.visible_fields()
        if field.value() not in (None, "", False)
    ]


def _form_to_correct(form):
    return None if getattr(form, "product_changed", False) else form


def session_reasons(form):
    """As of any form; also whether the product changed, and the values read from a scanned code."""
    if _form_to_correct(form) is None:
        return {"errors": {}, "message": form.message, "product_changed": True}
    scanned = {} if getattr(form, "scan", None) is None else {"scanned": form.scanned_fields}
    return {**reasons(form), **scanned}


def change(request, session, form, action, /, **more):
    if form.is_valid() and form.run(action, by=request.user, **more) is not None:
        return saved_response(request, session)
    return rejected_response(request, session, form)


@require_POST
@require_permission(Permission.CHANGE_SESSIONS)
def session_product(request, pk):
    session = opened(request, pk)
    form = ProductForm(request.POST, session=session)
    return change(request, session, form, choose_product, session=session)


@require_POST
@require_permission(Permission.CHANGE_SESSIONS)
def session_change(request, pk):
    session = opened(request, pk)
    form = SessionForm(request.POST, session=session)
    return change(request, session, form, change_session, session=session)


@require_POST
@require_permission(Permission.CHANGE_SESSIONS)
def session_record(request, pk):
    session = opened(request, pk)
    start_recording(session=session, by=request.user, version=number(request))
    return saved_response(request, session)


@require_POST
@require_permission(Permission.CHANGE_SESSIONS)
def session_back(request, pk):
    session = opened(request, pk)
    back_to_plan(session=session, by=request.user, version=number(request))
    return saved_response(request, session)
