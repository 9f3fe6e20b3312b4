"""Letters about a session: writing, signing off, sending and printing them."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.accounts.permissions import Permission, require_permission
from clinic.records.exceptions import Refused
from clinic.web.seen import about, number
from patients.people.views.corrections import correction_view
from planning.letters import pdf
from planning.letters.actions.letters import (
    about_of,
    change_letter,
    record_sending,
    replace_letter,
    sign_off_letter,
    write_letter,
)
from planning.letters.forms.letters import LetterForm, NewLetterForm, SendingForm
from planning.letters.layout import full_text, signed_off_text
from planning.letters.models.letter import Letter
from planning.letters.one_page import room_for
from planning.letters.placeholders import injections_of, patient_title
from planning.sessions.models.session import InjectionSession

NONE_POSSIBLE = "A letter can be written about a signed session, or about one that was not done."


def _opened(request, pk):
    people = ("session__visit__patient__same_as", "record", "signed_off_by", "error_by", "replaces")
    letter = get_object_or_404(Letter.objects.select_related(*people), pk=pk)
    about(request, letter.patient)
    return letter


@require_http_methods(["GET", "POST"])
@require_permission(Permission.CHANGE_SESSIONS)
def letter_new(request, pk):
    session = get_object_or_404(InjectionSession.objects.for_page(), pk=pk)
    patient = session.visit.patient
    about(request, patient)
    what = about_of(session)
    if what is None:
        raise Refused(NONE_POSSIBLE)
    data = request.POST if request.method == "POST" else None
    form = NewLetterForm(data, about=what, recipient=Letter.objects.last_recipient(patient) or patient.referred_by)
    if form.is_valid() and (letter := form.run_once(write_letter, request=request, session=session)):
        return redirect(letter)
    context = {"session": session, "patient": patient, "visit": session.visit, "form": form}
    return render(request, "planning/letters/letter_new.html", context, status=form.status)


@require_GET
@require_permission(Permission.SEE_SESSIONS)
def letter_detail(request, pk):
    return _page(request, _opened(request, pk))


def _room(request, letter):
    """For the letter as it would be if this user signed it off now; None if it is signed off."""
    if letter.is_signed_off:
        return None
    return room_for(signed_off_text(letter, clinic=request.clinic, by=request.user, at=timezone.now()))


def _page(request, letter, *, form=None, sending_form=None):
    failed, room = form or sending_form, _room(request, letter)
    context = {
        "letter": letter,
        "session": letter.session,
        "visit": letter.session.visit,
        "patient": letter.patient,
        "form": form or LetterForm(record=letter),
        "sending_form": sending_form or SendingForm(),
        "sendings": letter.sendings.select_related("by"),
        "injections": injections_of(letter.record) if letter.record else [],
        "room": room,
        "obstacle": letter.sign_off_obstacle() or room.obstacle if room else None,
        "replacement": Letter.objects.filter(replaces=letter).first(),
        "makes_pdf": pdf.is_available(),
    }
    return render(request, "planning/letters/letter_detail.html", context, status=failed.status if failed else 200)


@require_POST
@require_permission(Permission.CHANGE_SESSIONS)
def letter_change(request, pk):
    letter = _opened(request, pk)
    form = LetterForm(request.POST, record=letter)
    if form.is_valid() and form.run(change_letter, letter=letter, by=request.user):
        messages.success(request, "The letter is saved as a draft.")
        return redirect(letter)
    return _page(request, letter, form=form)


@require_POST
@require_permission(Permission.SIGN_SESSIONS)
def letter_sign_off(request, pk):
    letter = _opened(request, pk)
    sign_off_letter(letter=letter, by=request.user, version=number(request))
    messages.success(request, "The letter is signed off. Print it or copy it, and record how it was sent.")
    return redirect(letter)


@require_POST
@require_permission(Permission.CHANGE_SESSIONS)
def letter_replace(request, pk):
    replacement = replace_letter(letter=_opened(request, pk), by=request.user, version=number(request))
    return redirect(replacement)


@require_POST
@require_permission(Permission.CHANGE_SESSIONS)
def letter_send(request, pk):
    letter = _opened(request, pk)
    form = SendingForm(request.POST)
    if form.is_valid() and form.run_once(record_sending, request=request, letter=letter):
        messages.success(request, "Recorded.")
        return redirect(letter)
    return _page(request, letter, sending_form=form)


def _text(request, letter):
    """As signed off; a draft as it would be now."""
    if letter.is_signed_off:
        return letter.full_text
    return full_text(letter, clinic=request.clinic, signed="Draft, not signed off.", at=letter.recorded_at)


@require_GET
@require_permission(Permission.SEE_SESSIONS)
def letter_print(request, pk):
    letter = _opened(request, pk)
    context = {"letter": letter, "paragraphs": _text(request, letter).strip().split("\n\n")}
    return render(request, "planning/letters/letter_print.html", context)


@require_GET
@require_permission(Permission.SEE_SESSIONS)
def letter_text(request, pk):
    return HttpResponse(_text(request, _opened(request, pk)), content_type="text/plain; charset=utf-8")


@require_GET
@require_permission(Permission.SEE_SESSIONS)
def letter_pdf(request, pk):
    letter = _opened(request, pk)
    if not pdf.is_available():
        messages.warning(request, "This server cannot create PDF files. Print the letter, and save that as PDF.")
        return redirect(letter)
    body = pdf.rendered(_text(request, letter), title=patient_title(letter.patient_as_named))
    headers = {"Content-Disposition": f'attachment; filename="letter-{letter.pk}.pdf"'}
    return HttpResponse(body, content_type="application/pdf", headers=headers)


letter_error = correction_view(
    lambda: Letter.objects.select_related("session__visit__patient__same_as", "error_by"),
    permission=Permission.CHANGE_SESSIONS,
    back=lambda letter: letter.get_absolute_url(),
)
