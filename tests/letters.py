"""Builders of letters."""

from clinic.models import Clinic
from planning.letters.actions.letters import change_letter, record_sending, sign_off_letter, write_letter
from planning.letters.layout import signed_off_text
from planning.letters.one_page import room_for
from planning.models import Letter, LetterTemplate
from tests import builders


def a_template(text, *, about="record", **details):
    count = LetterTemplate.objects.count()
    return LetterTemplate.objects.create(text=text, about=about, **{"name": f"Template {count}", **details})


def a_letter(*, session=None, by=None, template=None, recipient="Dr Referrer\n1 High Street"):
    """By default about a session that was just signed, from the shipped template."""
    by = by or builders.a_clinician()
    session = session or builders.a_signed_session(by=by)
    template = template or LetterTemplate.objects.get(name="After a session")
    return write_letter(session=session, template=template, recipient=recipient, by=by)


def sign_off(letter, *, by):
    letter = Letter.objects.get(pk=letter.pk)
    return sign_off_letter(letter=letter, by=by, version=letter.version)


def send(letter, *, by, how="post", sent_on=None, note=""):
    return record_sending(letter=letter, how=how, sent_on=sent_on or builders.today(), note=note, by=by)


def room_of(letter, *, by):
    return room_for(signed_off_text(letter, clinic=Clinic.ours(), by=by, at=letter.recorded_at))


def filled(letter, *, by, sample="Text of a letter", more=""):
    """The draft, with so much of the sample that no line is left on its page."""
    letter = Letter.objects.get(pk=letter.pk)
    letter.text = "Dear colleague\n\n{injections}\n"
    for line in (sample, "."):
        while room_of(letter, by=by).left > 0:
            before, letter.text = letter.text, f"{letter.text}\n{line}"
        if room_of(letter, by=by).left < 0:
            letter.text = before
    text = letter.text + more
    return change_letter(letter=letter, by=by, version=letter.version, text=text)
