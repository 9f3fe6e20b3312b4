"""The URLs of each subpackage; importing them registers its API."""

from django.urls import include, path

app_name = "patients"
urlpatterns = [
    path("", include("patients.diary.urls")),
    path("", include("patients.coverage.urls")),
    path("", include("patients.imports.urls")),
    path("", include("patients.front_desk.urls")),
]
