"""URLs of coverages and other therapies."""

from django.urls import path

from clinic.api import router
from patients.coverage import views
from patients.coverage.api import CoverageResource, TherapyResource

COVERAGES, THERAPIES = {"pages": views.COVERAGES}, {"pages": views.THERAPIES}
urlpatterns = [
    path("patients/<int:pk>/coverage/", views.record_list, COVERAGES, name="coverage-list"),
    path("patients/<int:pk>/therapies/", views.record_list, THERAPIES, name="therapy-list"),
    path("coverage/<int:pk>/", views.record_change, COVERAGES, name="coverage-change"),
    path("coverage/<int:pk>/entered-in-error/", views.coverage_error, name="coverage-error"),
    path("therapies/<int:pk>/", views.record_change, THERAPIES, name="therapy-change"),
    path("therapies/<int:pk>/entered-in-error/", views.therapy_error, name="therapy-error"),
]

router.register(
    {
        "patients/<int:patient>/coverage": CoverageResource,
        "patients/<int:patient>/therapies": TherapyResource,
    }
)
