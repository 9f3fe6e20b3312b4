"""Error responses of the API: problem documents (RFC 9457) with the same messages as the pages."""

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.core.exceptions import ValidationError as ModelError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from clinic.records import audit_log
from clinic.records.exceptions import Conflict, Refused, SentBefore
from clinic.web.problem_documents import MEDIA_TYPE, problem

NON_FIELD = "non_field_errors"


class VersionMissing(exceptions.APIException):
    status_code = 428
    default_detail = "Send the version that you read, as `version` or in If-Match."
    default_code = "version_missing"


def handle_exception(exception, context):
    """DRF's exception handler. Returns None for an unexpected exception, which is an error in the code."""
    view, request = context["view"], context["request"]
    content = _problem_of(exception, view)
    if content is None:
        return None
    status, detail, more = content
    set_rollback()
    if person := getattr(exception, "person", None):
        request._request.user = person  # for the audit trail: DRF forgets the user of a token that is throttled
    headers = getattr(exception, "auth_header", None) and {"WWW-Authenticate": exception.auth_header}
    response = Response(
        problem(request._request, status, detail, **more), status=status, content_type=MEDIA_TYPE, headers=headers
    )
    if (wait := getattr(exception, "wait", None)) is not None:
        response["Retry-After"] = str(int(wait))
    return response


def _problem_of(exception, view):
    if isinstance(exception, Refused):
        return _refused(exception, view)
    if isinstance(exception, ModelError | exceptions.ValidationError):
        errors = dict(_messages_of(exception))
        return 400, next((texts[0] for texts in errors.values() if texts), "This is not valid."), {"errors": errors}
    if isinstance(exception, exceptions.APIException):
        return exception.status_code, str(exception.detail), {}
    if isinstance(exception, Http404):
        return 404, "This record or page does not exist.", {}
    if isinstance(exception, PermissionDenied):
        return 403, str(exception) or "You do not have permission to do this.", {}
    return None


def _refused(refused, view):
    audit_log.shown(*view.concerned)
    more = {"errors": {view.field_of(refused.field): [refused.message]}} if refused.field else {}
    if isinstance(refused, SentBefore):
        return 422, "This Idempotency-Key was already sent with a different body. Generate another key.", more
    if isinstance(refused, Conflict):
        return 409, refused.message, {**more, "current": view.current_representation()}
    return 409, refused.message, {**more, **view.members_of(refused)}


def _messages_of(invalid):
    if isinstance(invalid, exceptions.ValidationError):
        return _flat(invalid.detail)
    if not hasattr(invalid, "error_dict"):
        return [(NON_FIELD, invalid.messages)]
    return [(NON_FIELD if name == NON_FIELD_ERRORS else name, texts) for name, texts in invalid.message_dict.items()]


def _flat(detail, path=""):
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _flat(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(detail, list) and any(isinstance(one, dict | list) for one in detail):
        for place, inner in enumerate(detail):
            yield from _flat(inner, f"{path}.{place}" if path else str(place))
    else:
        messages = detail if isinstance(detail, list) else [detail]
        if messages:
            yield path or NON_FIELD, [str(message) for message in messages]
