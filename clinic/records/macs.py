"""Message authentication codes (HMAC-SHA256): they reveal rows that were written or changed without Collum's keys.

A MAC is stored as `key id:hexadecimal`. It covers a JSON array of its kind and the row's values. An array is
unambiguous: no two lists of values have the same text.
"""

import datetime as dt
import hmac
import json
from functools import cache

from django.conf import settings

LONGEST = 85  # an id of 20 characters, a colon, and 64 digits
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_canonical = json.JSONEncoder(separators=(",", ":")).encode


def mac(kind, values):
    """With the first key of AUDIT_KEYS."""
    key_id, secret = next(iter(settings.AUDIT_KEYS.items()))
    return f"{key_id}:{_digest(secret, kind, values)}"


def fault(stored, kind, values):
    """Why the stored MAC is not that of these values, as the end of a sentence; None if it is."""
    key_id, _, digits = stored.partition(":")
    secret = settings.AUDIT_KEYS.get(key_id)
    if secret is None:
        return f"names the key “{key_id}”, which AUDIT_KEYS does not contain"
    return None if digits == _digest(secret, kind, values) else "does not match its MAC"


def microseconds(at):
    """A timestamp as a whole number since 1970: both engines can compute it exactly."""
    return (at - _EPOCH) // _MICROSECOND


def _digest(secret, kind, values):
    begun = _begun(secret).copy()
    begun.update(_canonical([kind, *values]).encode())
    return begun.hexdigest()


@cache
def _begun(secret):
    """Preparing the key takes as long as a MAC."""
    return hmac.new(secret, digestmod="sha256")
