"""URLs below `/fhir/`. FHIR writes them without a final slash."""

from django.urls import path

from planning.fhir.bulk_export import ExportView, PatientExportView
from planning.fhir.kinds import SOURCES
from planning.fhir.metadata import MetadataView
from planning.fhir.searches import EverythingView, view_of

app_name = "fhir"


def name_of(kind):
    """`medication-administration` for *MedicationAdministration*, as in the audit trail."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in kind).lstrip("-")


def urls_of(kind):
    view, name = view_of(kind), name_of(kind)
    return [
        path(kind, view.as_view({"get": "list"}), name=f"{name}-list"),
        path(f"{kind}/_search", view.as_view({"post": "search"}), name=f"{name}-search"),
        path(f"{kind}/<str:pk>", view.as_view({"get": "retrieve"}), name=f"{name}-detail"),
    ]


urlpatterns = [
    path("metadata", MetadataView.as_view({"get": "list"}), name="metadata"),
    path("$export", ExportView.as_view({"get": "start"}), name="export"),
    path("Patient/$export", PatientExportView.as_view({"get": "start"}), name="patient-export"),
    path("Patient/<str:pk>/$everything", EverythingView.as_view({"get": "list"}), name="everything"),
    path("bulk/<str:job>", ExportView.as_view({"get": "files", "delete": "forget"}), name="export-files"),
    path("bulk/<str:job>/<str:kind>.ndjson", ExportView.as_view({"get": "lines"}), name="export-lines"),
    *(url for kind in SOURCES for url in urls_of(kind)),
]
