"""The rows, vials and consent of an open session."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST

from clinic.accounts.permissions import Permission, require_permission
from clinic.records.exceptions import Refused
from clinic.web.middleware import wants_response_in_place
from clinic.web.seen import about, number
from planning.catalogue import quick_box
from planning.catalogue.actions.scanned_gtins import note_gtin
from planning.catalogue.models.muscle import Muscle
from planning.session_pages.contents import saved_row
from planning.session_pages.earlier import last_to_repeat
from planning.session_pages.session_reads import rows_to_change
from planning.session_pages.views.sessions import change, opened, rejected_response, saved_response
from planning.sessions.actions.consents import record_consent
from planning.sessions.actions.injections import (
    add_injection,
    add_injections,
    change_injection,
    remove_injection,
    repeat_muscles,
    restore_injection,
    set_guidance,
)
from planning.sessions.actions.vials import add_vial, change_vial, remove_vial
from planning.sessions.forms.products import ProductSeenForm, RemoveForm
from planning.sessions.forms.rows import NewVialForm, VialForm, row_form, row_prefix, vial_prefix
from planning.sessions.forms.sessions import (
    AddInjectionForm,
    AddTypedForm,
    ConsentForm,
    GuidanceForm,
    details_prefix,
)
from planning.sessions.models.injection import Injection
from planning.sessions.models.vial import Vial


@require_POST
@require_permission(Permission.SEE_SESSIONS)
def muscle_match(request, pk):
    typed = quick_box.read(request.POST.get("typed", ""), list(Muscle.objects.to_choose_from()))
    row = None if typed.muscles else Injection.objects.active().filter(session=pk).in_order().last()
    note = f"id_{row_prefix(row)}-note" if row else f"id_{details_prefix(pk)}-notes"
    return render(request, "planning/catalogue/_muscle_match.html", {"typed": typed, "note": note, "of_a_row": row})


@require_POST
@require_permission(Permission.CHANGE_SESSIONS)
def injection_add(request, pk):
    session = opened(request, pk)
    if "typed" in request.POST:
        form = AddTypedForm(request.POST, session=session)
        return change(request, session, form, add_injections, session=session)
    form = AddInjectionForm(request.POST, session=session)
    return change(request, session, form, add_injection, session=session)


def _row(session, pk):
    return get_object_or_404(Injection.objects.select_related("muscle", "session"), pk=pk, session=session)


@require_POST
@require_permission(Permission.CHANGE_SESSIONS)
def injection_change(request, pk, row):
    rows, vials = rows_to_change(pk)
    injection = next((each for each in rows if each.pk == row), None)
    if injection is None:
        opened(request, pk)  # the audit trail names the patient of the URL
        raise Http404
    session = injection.session
    about(request, session.visit.patient_id)
    form = row_form(injection, session=session, vials=vials, data=request.POST)
    saved = form.run(change_injection, injection=injection, by=request.user) if form.is_valid() else None
    if saved is None:
        return rejected_response(request, session, form)
    if not wants_response_in_place(request):
        return saved_response(request, session)
    return row_saved(request, saved_row(saved, seen=injection, rows=rows, vials=vials))


def row_saved(request, context):
    """For a script: without indentation, and without what only browsers without scripts send."""
    html = render_to_string("planning/session_pages/_saved_row.html", {**context, "in_place": True}, request)
    return HttpResponse("\n".join(line for each in html.splitlines() if (line := each.strip())))


@require_POST
@require_permission(Permission.CHANGE_SESSIONS)
def injection_remove(request, pk, row):
    session = opened(request, pk)
    injection = _row(session, row)
    form = RemoveForm(request.POST, session=session, prefix=row_prefix(injection))
    return change(request, session, form, remove_injection, injection=injection)


@require_POST
@require_permission(Permission.CHANGE_SESSIONS)
def injection_restore(request, pk, row):
    session = opened(request, pk)
    form = ProductSeenForm(request.POST, session=session)
    injection = _row(session, row)
    return change(request, session, form, restore_injection, injection=injection, version=number(request))


@require_POST
@require_permission(Permission.CHANGE_SESSIONS)
def session_repeat(request, pk):
    session = opened(request, pk)
    earlier = last_to_repeat(session)
    if earlier is None:
        raise Refused(session.change_obstacle() or "There is no earlier signed session of this patient.")
    form = ProductSeenForm(request.POST, session=session)
    made = form.is_valid() and form.run(repeat_muscles, session=session, earlier=earlier, by=request.user)
    if not made:
        return rejected_response(request, session, form)
    return saved_response(request, session, announcement=" ".join(made[1]))


@require_POST
@require_permission(Permission.CHANGE_SESSIONS)
def session_guidance(request, pk):
    session = opened(request, pk)
    form = GuidanceForm(request.POST)
    return change(request, session, form, set_guidance, session=session)


@require_POST
@require_permission(Permission.CHANGE_SESSIONS)
def vial_add(request, pk):
    session = opened(request, pk)
    form = NewVialForm(request.POST, session=session)
    _note_scanned_product(request, session, form)
    if form.is_valid() and form.run_once(add_vial, request=request, session=session):
        return saved_response(request, session)
    return rejected_response(request, session, form)


def _note_scanned_product(request, session, form):
    """The catalogue manager is offered a code that the catalogue does not contain. The session stays as it is."""
    form.is_valid()  # reads the code
    if form.scan is not None and form.scan.gtin and session.product is not None:
        note_gtin(gtin=form.scan.gtin, chosen=session.product, by=request.user)


def _vial(session, pk):
    """The vial, or an unsaved one: a change of product deletes vials, and their forms then get an error."""
    return session.vials.filter(pk=pk).first() or Vial(pk=pk, session=session)


def _require_vial(vial, form):
    if not vial._state.adding:
        return
    form.compare_product(vial.session)
    if not form.product_changed:
        raise Http404


@require_POST
@require_permission(Permission.CHANGE_SESSIONS)
def vial_change(request, pk, vial):
    session = opened(request, pk)
    vial = _vial(session, vial)
    form = VialForm(request.POST, vial=vial)
    _require_vial(vial, form)
    _note_scanned_product(request, session, form)
    return change(request, session, form, change_vial, vial=vial)


@require_POST
@require_permission(Permission.CHANGE_SESSIONS)
def vial_remove(request, pk, vial):
    session = opened(request, pk)
    vial = _vial(session, vial)
    form = RemoveForm(request.POST, session=session, prefix=vial_prefix(vial))
    _require_vial(vial, form)
    return change(request, session, form, remove_vial, vial=vial)


@require_POST
@require_permission(Permission.CHANGE_SESSIONS)
def consent_record(request, pk):
    session = opened(request, pk)
    form = ConsentForm(request.POST, session=session)
    if form.is_valid() and form.run_once(record_consent, request=request, session=session):
        return saved_response(request, session)
    return rejected_response(request, session, form)
