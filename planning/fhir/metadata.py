"""The CapabilityStatement at `/fhir/metadata`."""

from clinic.accounts.permissions import Permission
from planning.fhir.capability import capability_statement
from planning.fhir.fhir_views import FhirView


class MetadataView(FhirView):
    permissions = {"list": Permission.LOG_IN}

    def list(self, request):
        return self.versioned_response(capability_statement(self.base))
