"""Follow-ups that wait for a visit, and patients without a follow-up."""

from django.contrib import messages
from django.db.models import OuterRef, Subquery
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from clinic.accounts.permissions import Permission, require_permission
from clinic.models import User
from clinic.records import audit_log
from clinic.records.local_urls import wanted_next
from clinic.records.together import read_querysets
from clinic.web.page_numbers import page_of
from clinic.web.seen import about, number
from clinic.web.undo import offer_undo
from patients.diary.models.visit import Visit, VisitState
from patients.followups.actions import close_follow_up, hand_over_follow_up, log_contact, see_again, undo_contact
from patients.followups.forms import CloseForm, ContactForm, FollowUpFilter, HandOverForm, ReturnForm
from patients.followups.models.contact import ContactAttempt
from patients.followups.models.followup import FollowUp
from patients.followups.unattended import unattended_patients
from patients.front_desk.followup_rows import filters_of, for_rows, row_of, rows_of, with_attempts
from patients.people.opened_patient import patient_or_404

PAGE_SIZE = 50


@require_GET
@require_permission(Permission.SEE_DIARY)
def followup_list(request):
    today = timezone.localdate()
    form = FollowUpFilter(request.GET)
    page = page_of(request, for_rows(form.chosen(today)), PAGE_SIZE)
    (page.object_list,) = read_querysets(page.object_list)
    audit_log.shown(*(follow_up.patient_id for follow_up in page))
    context = {
        "form": form,
        "page": page,
        "rows": rows_of(page, today, request.GET),
        "filters": filters_of(request.GET),
        **FollowUp.objects.counts(today),
    }
    return render(request, "patients/front_desk/followup_list.html", context)


@require_GET
@require_permission(Permission.SEE_DIARY)
@vary_on_headers("HX-Request")
def followup_detail(request, pk):
    return _detail(request, opened_follow_up(request, pk))


def opened_follow_up(request, pk):
    follow_up = get_object_or_404(with_attempts(FollowUp.objects.select_related("booked_visit")), pk=pk)
    about(request, follow_up.patient_id)
    return follow_up


def _detail(request, follow_up, *, failed=None, **forms):
    context = {
        "follow_up": follow_up,
        "patient": follow_up.patient,
        "row": row_of(follow_up, timezone.localdate()),
        "contact_form": ContactForm(follow_up=follow_up),
        "close_form": CloseForm(follow_up=follow_up),
        "hand_over_form": HandOverForm(follow_up=follow_up),
        "next": wanted_next(request) or (request.htmx.current_url_abs_path if request.htmx else ""),
        **forms,
    }
    template = (
        "patients/front_desk/_followup_tools.html" if request.htmx else "patients/front_desk/followup_detail.html"
    )
    return render(request, template, context, status=failed.status if failed else 200)


@require_POST
@require_permission(Permission.CHANGE_DIARY)
def followup_contact(request, pk):
    follow_up = opened_follow_up(request, pk)
    form = ContactForm(request.POST, follow_up=follow_up)
    if form.is_valid() and (attempt := form.run_once(log_contact, request=request, follow_up=follow_up)):
        return _logged(request, attempt)
    return _detail(request, follow_up, failed=form, contact_form=form)


def _logged(request, attempt):
    follow_up = FollowUp.objects.select_related("patient").get(pk=attempt.follow_up_id)
    back = wanted_next(request) or reverse("patients:followup-list")
    offer_undo(
        request,
        f"{follow_up.patient}: {attempt.as_text()}. The contact is logged.",
        url=reverse("patients:contact-undo", args=[follow_up.pk, attempt.pk]),
        back=back,
        patient=follow_up.patient,
        version=follow_up.version,
    )
    return redirect(back)


@require_POST
@require_permission(Permission.CHANGE_DIARY)
def contact_undo(request, pk, contact):
    follow_up = opened_follow_up(request, pk)
    attempt = get_object_or_404(ContactAttempt, pk=contact, follow_up=follow_up)
    undo_contact(attempt=attempt, by=request.user, version=number(request))
    messages.success(request, f"Undone: {follow_up.patient}, {attempt.as_text()}, is not logged.")
    return redirect(wanted_next(request) or "patients:followup-list")


@require_POST
@require_permission(Permission.CHANGE_DIARY)
def followup_close(request, pk):
    follow_up = opened_follow_up(request, pk)
    form = CloseForm(request.POST, follow_up=follow_up)
    if form.is_valid() and form.run(close_follow_up, follow_up=follow_up, by=request.user):
        messages.success(request, f"{follow_up.patient}: the follow-up is closed.")
        return redirect(wanted_next(request) or "patients:followup-list")
    return _detail(request, follow_up, failed=form, close_form=form)


@require_POST
@require_permission(Permission.CHANGE_DIARY)
def followup_hand_over(request, pk):
    follow_up = opened_follow_up(request, pk)
    form = HandOverForm(request.POST, follow_up=follow_up)
    if form.is_valid() and form.run(hand_over_follow_up, follow_up=follow_up, by=request.user):
        messages.success(request, f"{follow_up.patient}: now with {form.cleaned_data['clinician']}.")
        return redirect(wanted_next(request) or "patients:followup-list")
    return _detail(request, follow_up, failed=form, hand_over_form=form)


@require_GET
@require_permission(Permission.SEE_DIARY)
def unattended(request):
    today = timezone.localdate()
    people = unattended_patients(today).annotate(
        seen=_last_finished("patient"), seen_as=_last_finished("patient__same_as")
    )
    page = page_of(request, people.prefetch_related("others"), PAGE_SIZE)
    for patient in page:
        patient.last_seen = max(filter(None, (patient.seen, patient.seen_as)), default=None)
    left = with_attempts(FollowUp.objects.without_clinician().due_first())
    left_page = page_of(request, left, PAGE_SIZE, "left")
    audit_log.shown(*page, *(follow_up.patient_id for follow_up in left_page))
    context = {
        "page": page,
        "left_page": left_page,
        "rows": [row_of(follow_up, today) for follow_up in left_page],
        "clinicians": User.objects.clinicians(),
    }
    return render(request, "patients/front_desk/unattended.html", context)


def _last_finished(whose):
    """Of the record itself, or of those joined to it: one subquery for both would read all visits."""
    seen = Visit.objects.filter(**{whose: OuterRef("pk")}, state=VisitState.FINISHED)
    return Subquery(seen.order_by("-starts_at").values("starts_at")[:1])


@require_http_methods(["GET", "POST"])
@require_permission(Permission.CHANGE_DIARY)
def patient_return(request, pk):
    patient = patient_or_404(pk, "no_follow_up_by")
    about(request, patient)
    today = timezone.localdate()
    clinician = _last_clinician(patient)
    form = ReturnForm(request.POST if request.method == "POST" else None, with_clinician=clinician, counted_from=today)
    values = {"patient": patient, "clinician": None, "counted_from": today}
    if form.is_valid() and form.run_once(see_again, request=request, **values):
        messages.success(request, "The follow-up is saved.")
        return redirect(patient)
    context = {
        "patient": patient,
        "form": form,
        "follow_ups": FollowUp.objects.open_of(patient),
    }
    return render(request, "patients/front_desk/patient_return.html", context, status=form.status)


def _last_clinician(patient):
    visits = Visit.objects.filter(patient__in=patient.record_ids())
    return visits.order_by("-starts_at").values_list("clinician", flat=True).first()
