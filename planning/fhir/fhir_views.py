"""What every URL below `/fhir/` shares: JSON of FHIR, its errors, and ETags."""

from django.urls import reverse
from rest_framework.parsers import FormParser
from rest_framework.response import Response

from clinic.accounts.permissions import may
from clinic.api.exception_handler import handle_exception
from clinic.api.permitted_views import PermittedViewSet
from clinic.records import audit_log
from clinic.web.operation_outcomes import FHIR_JSON, operation_outcome
from planning.fhir.json_text import FhirRenderer
from planning.fhir.kinds import SOURCES


class FhirView(PermittedViewSet):
    """Read-only: POST only sends a search."""

    http_method_names = ["get", "post", "delete", "head"]
    renderer_classes = [FhirRenderer]
    parser_classes = [FormParser]
    pagination_class = None
    schema = None  # FHIR has its own description, the CapabilityStatement

    def get_exception_handler(self):
        return handle_fhir_exception

    @property
    def base(self):
        return self.absolute("metadata").removesuffix("metadata")

    def absolute(self, name, **kwargs):
        return self.request.build_absolute_uri(reverse(f"fhir:{name}", kwargs=kwargs))

    def readable(self, kinds):
        """Those of these kinds that this user can read with this login or token."""
        return [kind for kind in kinds if may(self.request.user, SOURCES[kind][0].permission)]

    def versioned_response(self, resource, patients=()):
        """304 if the program has this version. That, too, is a read: it tells that nothing has changed."""
        tag = f'W/"{resource["meta"]["versionId"]}"'
        headers = {"ETag": tag}
        if is_known(tag, self.request.headers.get("If-None-Match", "")):
            self.note_unchanged(patients)
            return Response(status=304, headers=headers)
        self.note_read(patients)
        return Response(resource, headers=headers)

    def note_read(self, patients):
        audit_log.shown(*patients)

    def note_unchanged(self, patients):
        if patients:
            audit_log.record("read", by=self.request.user, patients=patients)


def is_known(tag, header):
    tags = [one.strip() for one in header.split(",")]
    return "*" in tags or any(one.removeprefix("W/") == tag.removeprefix("W/") for one in tags)


def handle_fhir_exception(exception, context):
    """As in the API, with an OperationOutcome instead of a problem document."""
    response = handle_exception(exception, context)
    if response is None:
        return None
    problem = response.data
    request = context["request"]._request
    response.data = operation_outcome(request, problem["status"], problem["detail"], errors=problem["errors"])
    response.content_type = f"{FHIR_JSON}; charset=utf-8"
    return response
