"""Phone numbers and emails as links: the only place that creates `tel:` and `mailto:`."""

import re
import unicodedata
from html import escape
from urllib.parse import quote

from django import template
from django.utils.safestring import mark_safe

register = template.Library()

# At least three digits. A slash within a number has digits on both sides; between two numbers it has spaces. The number
# of a record (`CD-000012`, or after `(in `) is not a phone number.
NUMBER = re.compile(r"(?<![\w-])(?<!\(in )\+?\(?\d(?:(?:[ \u00a0().-]|(?<=\d)/(?=\d))*\d){2,}")
EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
FACTS = {"Phone": "phone_links", "Email": "email_links"}


@register.filter
def phone_links(text):
    """The text, in which each phone number is a link; other words, such as *work*, stay text."""
    return _linked(text, NUMBER, lambda number: f"tel:{_dialled(number)}")


@register.filter
def email_links(text):
    return _linked(text, EMAIL, lambda email: f"mailto:{quote(email, safe='@')}")


@register.filter
def with_contact_links(facts):
    """Facts, as (label, text), with links for phone and email."""
    return [(label, register.filters[FACTS[label]](text) if label in FACTS else text) for label, text in facts]


def _dialled(number):
    """Digits, with the plus of a country code; `(0)` is not dialled after it."""
    if number.startswith("+"):
        return "+" + _digits(number.replace("(0)", ""))
    return _digits(number)


def _digits(number):
    if number.isascii():
        return "".join(filter(str.isdigit, number))
    return "".join(str(unicodedata.digit(sign)) for sign in number if sign.isdigit())


def _linked(text, pattern, url_of):
    parts, end = [], 0
    for found in pattern.finditer(text):
        parts.append(escape(text[end : found.start()]))
        parts.append(f'<a href="{escape(url_of(found[0]))}"><bdi>{escape(found[0])}</bdi></a>')
        end = found.end()
    parts.append(escape(text[end:]))
    return mark_safe("".join(parts))  # noqa: S308, every text is escaped where it is inserted
