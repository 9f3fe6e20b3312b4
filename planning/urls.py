"""The URLs of each subpackage; importing them registers its API."""

from django.urls import include, path

from clinic.web.url_groups import by_first_part

app_name = "planning"
urlpatterns = by_first_part(
    [
        path("", include("planning.catalogue.urls")),
        path("", include("planning.sessions.urls")),
        path("", include("planning.signing.urls")),
        path("", include("planning.course.urls")),
        path("", include("planning.letters.urls")),
        path("", include("planning.session_pages.urls")),
        path("", include("planning.exports.urls")),
        path("", include("planning.reports.urls")),
        path("", include("planning.pages.urls")),
    ]
)
