"""The page of a list that a request asks for."""

from django.core.paginator import Page, Paginator
from django.db.models import Count, Window

from clinic.records.numbers import whole_number

LAST_PAGE = 10_000  # a larger number is not asked of the database: it could be out of its range


def page_of(request, rows, size, name="page"):
    """The first page if the number cannot be read, the last one if it is too large."""
    return Paginator(rows, size).get_page(whole_number(request.GET.get(name, "")))


def counted(rows):
    """With the number of all rows in each of them."""
    return rows.annotate(rows_in_all=Window(Count("pk")))


def counted_page_of(request, rows, size, *, first):
    """As page_of(), for a QuerySet with few rows; `first` are those of the first page, which the view has read."""
    paginator = Paginator(counted(rows), size)
    number = whole_number(request.GET.get("page", "")) or 1
    found = first[:size] if number == 1 else []
    if 1 < number <= LAST_PAGE:
        found = list(paginator.object_list[(number - 1) * size : number * size])
    if not found and number != 1:
        return page_of(request, rows, size)
    paginator.count = found[0].rows_in_all if found else 0
    return Page(found, number, paginator)
