"""Writing a letter about a session, signing it off, replacing it, and recording that it was sent."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from clinic.accounts.permissions import Permission, may
from clinic.models import Clinic
from clinic.records import audit_log
from clinic.records.actions import action, change_locked, require_possible, require_version, store
from clinic.records.exceptions import Refused
from planning.letters.layout import signed_off_text
from planning.letters.models.letter import Letter, LetterSending
from planning.letters.models.template import LetterAbout
from planning.letters.one_page import room_for
from planning.letters.placeholders import filled
from planning.sessions.models.session import InjectionSession


def about_of(session):
    """What a letter about this session is about now; None if none can be written."""
    if session.is_in_error:
        return None
    if session.is_signed:
        return LetterAbout.RECORD
    return LetterAbout.NOT_DONE if session.not_done_at is not None else None


@action
def write_letter(*, session, template, recipient, by):
    """A draft with the template’s text, its placeholders filled; the injections stay a placeholder."""
    session = InjectionSession.objects.locked(session.pk)
    about = about_of(session)
    if about is None:
        raise Refused("A letter can be written about a signed session, or about one that was not done.")
    if template.about != about or template.is_retired:
        raise Refused("This template is not for this session. Choose another one.", field="template")
    record = session.record() if about == LetterAbout.RECORD else None
    letter = Letter(
        session=session,
        record=record,
        template_name=template.name,
        recipient=recipient,
        text=filled(template.text, session=session, record=record, by=by),
        recorded_by=by,
    )
    require_possible(letter)
    store(letter, by=by)
    audit_log.record("wrote letter", letter, by=by, patients=[letter.patient.pk])
    return letter


@action
def change_letter(*, letter, by, version, **details):
    """Change a draft. Raises Refused if it is signed off. Repeating it succeeds."""
    letter = Letter.objects.locked(letter.pk)
    if letter.is_signed_off:
        raise Refused("This letter is signed off. Write a new one that replaces it.")
    return change_locked(letter, by=by, version=version, **details)


@action
def sign_off_letter(*, letter, by, version):
    """Its text is final, with the injections as signed. Repeating it succeeds."""
    if not may(by, Permission.SIGN_SESSIONS):
        raise Refused("Only a neurologist can sign off a letter.")
    letter = Letter.objects.locked(letter.pk)
    if letter.signed_off_by_id == by.pk:
        return letter
    if letter.is_signed_off:
        raise Refused(f"{letter.signed_off_as} has already signed off this letter.")
    require_version(letter, version)
    if obstacle := letter.sign_off_obstacle():
        raise Refused(obstacle)
    letter.signed_off_at, letter.signed_off_by, letter.signed_off_as = timezone.now(), by, by.printed_name
    letter.full_text = signed_off_text(letter, clinic=Clinic.ours(), by=by, at=letter.signed_off_at)
    if obstacle := room_for(letter.full_text).obstacle:
        raise Refused(obstacle)
    store(letter, by=by)
    audit_log.record("signed off letter", letter, by=by, patients=[letter.patient.pk])
    return letter


@action
def replace_letter(*, letter, by, version):
    """A draft with the same text, about the latest record. Repeating it returns the same draft."""
    letter = Letter.objects.locked(letter.pk)
    if replacement := Letter.objects.filter(replaces=letter).first():
        return replacement
    require_version(letter, version)
    if not letter.is_signed_off or letter.is_in_error:
        raise Refused("Only a letter that is signed off can be replaced.")
    replacement = Letter(
        session=letter.session,
        record=letter.session.record() if letter.record_id else None,
        replaces=letter,
        template_name=letter.template_name,
        recipient=letter.recipient,
        text=letter.text,
        recorded_by=by,
    )
    try:
        with transaction.atomic():
            store(replacement, by=by)
    except IntegrityError:
        return Letter.objects.get(replaces=letter)
    audit_log.record("wrote letter", replacement, by=by, patients=[letter.patient.pk])
    return replacement


@action
def record_sending(*, letter, how, sent_on, by, note=""):
    """Raises Refused for a draft, for one entered in error, and for a day before it was signed off."""
    letter = Letter.objects.locked(letter.pk)
    if not letter.is_signed_off or letter.is_in_error:
        raise Refused("Sign the letter off first. Only a letter that is signed off is sent.")
    if sent_on < timezone.localtime(letter.signed_off_at).date():
        raise Refused(
            "The letter was signed off after this date. Enter the date on which it was sent.", field="sent_on"
        )
    sending = LetterSending(letter=letter, how=how, sent_on=sent_on, note=note, by=by)
    store(sending, by=by)
    audit_log.record("sent letter", sending, by=by, patients=[letter.patient.pk])
    return sending
