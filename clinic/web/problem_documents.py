"""Problem documents (RFC 9457), and which requests get one, or an OperationOutcome, instead of a page."""

from http import HTTPStatus

from django.http import JsonResponse

from clinic.web.operation_outcomes import FHIR, is_of_fhir, outcome_page

MEDIA_TYPE = "application/problem+json"
API = "/api/"


def is_of_the_api(request):
    """Whether a program sent it, which reads errors as JSON."""
    return request.path_info.startswith((API, FHIR))


def problem(request, status, detail, *, errors=None, **more):
    """The members of a problem document. `errors` are messages by field, `more` are further members."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        "errors": errors or {},
        "request_id": getattr(request, "id", ""),
        **more,
    }


def problem_page(request, status, detail):
    if is_of_fhir(request):
        return outcome_page(request, status, detail)
    return JsonResponse(problem(request, status, detail), status=status, content_type=MEDIA_TYPE)
