"""The URLs of each subpackage; importing them registers its API."""

from django.urls import include, path

from clinic.web.url_groups import by_first_part

app_name = "patients"
urlpatterns = by_first_part(
    [
        path("", include("patients.diary.urls")),
        path("", include("patients.coverage.urls")),
        path("", include("patients.imports.urls")),
        path("", include("patients.front_desk.urls")),
    ]
)
