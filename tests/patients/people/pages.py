"""How the tests read a page and send its form back."""

import html
import re

from django.db import connection
from django.test.utils import CaptureQueriesContext


def filled(response, form="form", **typed):
    """What the browser would send from the page's form, with these fields typed."""
    fields = {field.html_name: field.value() for field in response.context[form]}
    sent = {name: value for name, value in {**fields, **typed}.items() if value is not None and value is not False}
    return {name: str(value) if value is not True else "on" for name, value in sent.items()}


def text_of(response):
    """The text of the page, without its tags, in one line."""
    page = response.content.decode()
    page = re.sub(r"<(script|style|title)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def title_of(response):
    return " ".join(html.unescape(re.search(r"<title>(.*?)</title>", response.content.decode(), re.DOTALL)[1]).split())


def queries_of(client, address, searched=None):
    """How many queries the page needs, or what was searched on it, once the login is noted as in use."""
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        response = client.post(address, searched) if searched else client.get(address)
    assert response.status_code == 200
    return len(seen)
