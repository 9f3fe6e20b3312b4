"""Keyset pagination: each page begins after the last row of the previous one, so no row is lost."""

import base64
import binascii
import datetime as dt
import json

from django.core.exceptions import ValidationError as ModelError
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from rest_framework import serializers
from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from clinic.api.fields import LineField, QueryNumber, Sent, WholeNumberField
from clinic.records.numbers import LARGEST_SMALL

MOST = 100
LONGEST_CURSOR = 400
UNREADABLE = "This cursor is not valid. Take it from the page before."
SIZE = {
    "min_value": 1, "required": False, "help_text": f"Rows per page. A number above {MOST} is treated as {MOST}.",
}  # fmt: skip


class ListQuery(Sent):
    """The query parameters of every list."""

    cursor = serializers.CharField(
        max_length=LONGEST_CURSOR, required=False, help_text="Where the page begins; take it from `next`."
    )
    page_size = QueryNumber(**SIZE)

    def validate_page_size(self, size):
        return min(size, MOST)


class SearchSent(ListQuery):
    """The body of a search."""

    cursor = LineField(
        max_length=LONGEST_CURSOR, required=False, help_text="Where the page begins; take it from `next_cursor`."
    )
    page_size = WholeNumberField(max_value=LARGEST_SMALL, **SIZE)


class Pages(BasePagination):
    """Sorted by one of the view's `orderings`, with the id as the last key.

    DRF's own cursor counts rows with equal values, and repeats one if another is inserted before it.
    """

    next_name = "next"
    next_schema = {"type": "string", "format": "uri", "description": "The URL of the next page; null on the last page."}

    def paginate_queryset(self, queryset, request, view=None):
        self.request, self.ordering = request, Ordering(view.requested_ordering(), queryset)
        size = view.query_values.get("page_size", MOST)
        rows = self.ordering.sort(queryset)
        if cursor := view.query_values.get("cursor"):
            rows = rows.filter(self.ordering.after(cursor))
        rows = list(rows[: size + 1])
        self.has_more = len(rows) > size
        self.page = rows[:size]
        return self.page

    def get_paginated_response(self, data):
        cursor = self.ordering.cursor_behind(self.page[-1]) if self.has_more else None
        return Response({self.next_name: cursor and self.next_page(cursor), "results": data})

    def next_page(self, cursor):
        return replace_query_param(self.request.build_absolute_uri(), "cursor", cursor)

    def get_paginated_response_schema(self, schema):
        return {
            "type": "object",
            "required": [self.next_name, "results"],
            "properties": {
                self.next_name: {**self.next_schema, "nullable": True},
                "results": {**schema, "maxItems": MOST},
            },
        }


class SearchPages(Pages):
    """The pages of a search: its terms and its cursor are in the body of the request, not in a URL."""

    next_name = "next_cursor"
    next_schema = {"type": "string", "description": "Send it as `cursor` for the next page; null on the last page."}

    def next_page(self, cursor):
        return cursor


class Ordering:
    """One field and then the id, both ascending or both descending."""

    def __init__(self, name, queryset):
        self.sign, self.name = ("-", name[1:]) if name.startswith("-") else ("", name)
        self.queryset = queryset

    @cached_property
    def field(self):
        annotation = self.queryset.query.annotations.get(self.name)
        return annotation.output_field if annotation else self.queryset.model._meta.get_field(self.name)

    def sort(self, queryset):
        names = ["pk"] if self.name == "id" else [self.name, "pk"]
        return queryset.order_by(*(f"{self.sign}{name}" for name in names))

    def cursor_behind(self, row):
        value = getattr(row, self.name)
        place = [value.isoformat() if hasattr(value, "isoformat") else value, row.pk]
        return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")

    def after(self, cursor):
        value, pk = self._read(cursor)
        beyond = "lt" if self.sign else "gt"
        if self.name == "id":
            return Q(**{f"pk__{beyond}": pk})
        # The first condition is redundant, but lets an index find where the page begins.
        return Q(**{f"{self.name}__{beyond}e": value}) & (
            Q(**{f"{self.name}__{beyond}": value}) | Q(**{f"pk__{beyond}": pk})
        )

    def _read(self, cursor):
        try:
            value, pk = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
            value = _certain(self.field.to_python(value))
            if value is None or type(pk) is not int:
                raise ValueError
        except (ValueError, TypeError, binascii.Error, OverflowError, RecursionError, ModelError) as error:
            raise serializers.ValidationError({"cursor": UNREADABLE}) from error
        return value, pk


def _certain(value):
    """The value unchanged. Raises ValueError or OverflowError for a time that is ambiguous or out of range."""
    if not isinstance(value, dt.datetime):
        return value
    if timezone.is_naive(value):
        raise ValueError("a timestamp without its offset")
    return value.astimezone(dt.UTC)
