"""URLs are grouped by their first part, and lead to the same views as before."""

import pytest
from django.urls import include, path, resolve
from django.urls.resolvers import RoutePattern, URLResolver

from clinic.web.url_groups import by_first_part
from tests import access


def view(request, **found):
    """Of no concern here."""


INNER = [path("visits/<int:pk>/", view, name="visit"), path("patients/<int:pk>/", view, {"is_page": True}, "patient")]
PATTERNS = [
    path("patients/", view, name="patients"),
    path("", include(INNER)),
    path("", view, name="start"),
    path("reports/", include((INNER, "inner"))),
]


def test_groups_contain_what_was_flat():
    grouped = by_first_part(PATTERNS)
    assert [str(each.pattern) for each in grouped] == ["patients/", "visits/<int:pk>/", "", "reports/"]
    resolver = URLResolver(RoutePattern(""), grouped)
    found = resolver.resolve("patients/7/")
    assert (found.url_name, found.route, found.kwargs) == ("patient", "patients/<int:pk>/", {"pk": 7, "is_page": True})
    assert resolver.resolve("").url_name == "start"
    assert resolver.resolve("reports/visits/7/").view_name == "inner:visit"
    assert resolver.reverse("patients") == "patients/"


def test_no_url_begins_with_a_converter():
    assert [url.route for url in access.urls() if url.route.startswith("<")] == []


@pytest.mark.parametrize("name", ["planning:today", "patients:followup-list", "planning:overview", "api:letter-list"])
def test_few_patterns_are_compared(name, monkeypatch):
    compared, match = [], RoutePattern.match
    monkeypatch.setattr(RoutePattern, "match", lambda self, path: compared.append(path) or match(self, path))
    url = next(url for url in access.urls() if url.name == name)
    assert resolve(f"/{url.route}".replace("<int:patient>", "1")).view_name == name
    assert len(compared) < 80
