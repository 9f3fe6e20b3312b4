"""The URL of the page about a record. A list asks for hundreds, and they differ only in the id."""

from functools import lru_cache

from django.urls import get_script_prefix, get_urlconf, reverse

PLACEHOLDER = 987654321


def url_of_page(page, pk):
    if pk is None:
        return reverse(page, args=[pk])  # fails, and says why
    before, after = _around_the_id(page, get_script_prefix(), get_urlconf())
    return f"{before}{pk}{after}"


@lru_cache
def _around_the_id(page, prefix, urlconf):
    before, _, after = reverse(page, urlconf, args=[PLACEHOLDER]).rpartition(str(PLACEHOLDER))
    return before, after
