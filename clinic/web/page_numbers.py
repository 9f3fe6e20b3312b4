"""The page of a list that a request asks for."""

from django.core.paginator import Paginator

from clinic.records.numbers import whole_number


def page_of(request, rows, size, name="page"):
    """The first page if the number cannot be read, the last one if it is too large."""
    return Paginator(rows, size).get_page(whole_number(request.GET.get(name, "")))
