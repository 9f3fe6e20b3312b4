"""The API: one register() per resource, and the document that describes them."""

from rest_framework.routers import SimpleRouter

from clinic.rest.documents import DocumentationPage, MeResource, SchemaDocument
from patients import api as patients
from planning import api as planning

RESOURCES = {
    "patients": patients.PatientResource,
    "patients/<int:patient>/coverage": patients.CoverageResource,
    "patients/<int:patient>/therapies": patients.TherapyResource,
    "visits": planning.VisitResource,
    "follow-ups": patients.FollowUpResource,
    "free-times": patients.FreeTimeResource,
    "muscles": planning.MuscleResource,
    "products": planning.ProductResource,
    "instruments": planning.InstrumentResource,
    "sessions": planning.SessionResource,
    "sessions/<int:session>/injections": planning.InjectionResource,
    "sessions/<int:session>/vials": planning.VialResource,
    "records": planning.RecordResource,
    "assessments": planning.AssessmentResource,
    "scores": planning.ScoreResource,
    "responses": planning.ResponseResource,
    "adverse-events": planning.EventResource,
    "lots": planning.LotResource,
    "audit": patients.AuditResource,
    "me": MeResource,
    "schema": SchemaDocument,
    "docs": DocumentationPage,
}

router = SimpleRouter(use_regex_path=False)
for prefix, resource in RESOURCES.items():
    router.register(prefix, resource, basename=resource.kind)

app_name = "api"
urlpatterns = router.urls
