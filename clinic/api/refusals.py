"""The error responses in the OpenAPI document."""

from functools import cache

from rest_framework import serializers


class Problem(serializers.Serializer):
    """A problem document (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="The message that a user reads on the page.")
    errors = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()), help_text="Messages by field."
    )
    request_id = serializers.CharField(help_text="Include it when you ask for help with this response.")


DESCRIPTIONS = {
    "400": "A field or parameter is not valid.",
    "401": "You are not logged in, or the token is unknown, has expired or was revoked.",
    "403": "This user or token does not have permission.",
    "404": "This record or page does not exist.",
    "405": "This URL does not support that method.",
    "409": "The current state does not allow it, or another user has changed the record.",
    "411": "Content-Length is missing.",
    "413": "The body is larger than a million bytes.",
    "415": "The body is not application/json.",
    "422": "The Idempotency-Key was already sent with a different body.",
    "428": "Neither `version` nor If-Match was sent.",
    "429": "This token sent too many requests. Retry-After contains the number of seconds to wait.",
}


@cache
def conflict(refusal, shown):
    """The problem document of a 409 with the stored record, as `shown` describes it."""
    current = shown(required=False, allow_null=True, help_text="With a 409 for a stale version: the stored state.")
    name = shown.__name__.replace("Shown", "")
    return type(f"{name}Conflict", (refusal,), {"current": current, "__doc__": refusal.__doc__})
