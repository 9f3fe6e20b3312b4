"""Showing a session's content, whose days and moments are text."""

import datetime as dt

from django import template

from clinic.days import day_in_words, moment_in_words
from planning.models.injection import summary_of

register = template.Library()


@register.filter
def day(text):
    """2026-11-22 as *22 Nov 2026*."""
    return day_in_words(dt.date.fromisoformat(text))


@register.filter
def moment(text):
    """The local date and time, without the offset."""
    return moment_in_words(dt.datetime.fromisoformat(text))


@register.filter
def moment_with_offset(text):
    signed_at = dt.datetime.fromisoformat(text)
    offset = f"{signed_at:%z}"
    return f"{moment_in_words(signed_at)}:{signed_at:%S} (UTC{offset[:3]}:{offset[3:5]})"


@register.filter
def name_as_signed(who):
    """*FAMILY, Given*, as a record or a print names its patient."""
    return ", ".join(filter(None, [who["family_name"].upper(), who["given_name"]]))


@register.simple_tag
def summary_of_content(content):
    return summary_of((row["given_dose"], row["not_given"]) for row in content["injections"])
