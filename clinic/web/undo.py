"""A message after a change, with the button that undoes it: one click, or the key u."""

from django.contrib import messages
from django.template.loader import render_to_string
from django.utils.html import format_html


def offer_undo(request, message, *, url, back, patient, **fields):
    """`url` is the action that undoes the change, with `fields`, such as the version after the change.

    `back` is the page that shows the message, and is shown again.
    """
    context = {"url": url, "patient": patient, "fields": {**fields, "next": back, "undo": "1"}}
    button = render_to_string("_fragments/_undo.html", context, request)
    messages.success(request, format_html("{} {}", message, button))
