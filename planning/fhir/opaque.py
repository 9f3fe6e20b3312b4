"""Texts in URLs that only Collum can read: where a page begins, and what a bulk export contains.

A search of patients by name goes on in the next page, whose URL servers log. So the terms in it are encrypted.
"""

import base64
import json
from functools import cache

from cryptography.fernet import Fernet, InvalidToken
from django.utils.crypto import salted_hmac

VALID_SECONDS = 24 * 60 * 60
LONGEST = 8000


def sealed(content, *, by):
    """As text for a URL of this user. `content` is what JSON can contain."""
    written = json.dumps([by.pk, content], separators=(",", ":"))
    return _cipher().encrypt(written.encode()).decode().rstrip("=")


def opened(text, *, by):
    """The content; None unless Collum sealed it for this user within the last day."""
    if len(text) > LONGEST or not text.isascii():
        return None
    try:
        written = _cipher().decrypt((text + "=" * (-len(text) % 4)).encode(), ttl=VALID_SECONDS)
    except InvalidToken:
        return None
    owner, content = json.loads(written)
    return content if owner == by.pk else None


@cache
def _cipher():
    key = salted_hmac("planning.fhir.opaque", "", algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))
