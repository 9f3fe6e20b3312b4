"""Error responses below `/fhir/`: OperationOutcome, with the same messages as the pages and the API."""

from django.http import JsonResponse

FHIR = "/fhir/"
FHIR_JSON = "application/fhir+json"
# The codes of HL7's value set issue-type; every other status of a client's error is `invalid`.
ISSUE_TYPES = {
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    406: "not-supported",
    409: "conflict",
    413: "too-long",
    415: "not-supported",
    429: "throttled",
    500: "exception",
    503: "transient",
}


def is_of_fhir(request):
    return request.path_info.startswith(FHIR)


def operation_outcome(request, status, detail, *, errors=None):
    """`errors` are messages by parameter. The id is that of the request in the audit trail."""
    code = ISSUE_TYPES.get(status, "invalid")
    named = [(text, name) for name, texts in (errors or {}).items() for text in texts]
    issues = [_issue(code, text, name) for text, name in named] or [_issue(code, detail)]
    return {"resourceType": "OperationOutcome", "id": getattr(request, "id", "") or "none", "issue": issues}


def _issue(code, text, parameter=None):
    issue = {"severity": "error", "code": code, "details": {"text": text}, "diagnostics": text}
    return {**issue, "diagnostics": f"{parameter}: {text}"} if parameter else issue


def outcome_page(request, status, detail):
    return JsonResponse(operation_outcome(request, status, detail), status=status, content_type=FHIR_JSON)
