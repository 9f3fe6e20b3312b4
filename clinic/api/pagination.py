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

MOST = 100
UNREADABLE = "This cursor is not valid. Follow the URL in `next`."


class Pages(BasePagination):
    """Sorted by one of the view's `orderings`, with the id as the last key.

    DRF's own cursor counts rows with equal values, and repeats one if another is inserted before it.
    """

    def paginate_queryset(self, queryset, request, view=None):
        self.request, self.ordering = request, Ordering(view.ordering_asked(), queryset)
        size = view.query_values.get("page_size", MOST)
        rows = self.ordering.sort(queryset)
        if cursor := view.query_values.get("cursor"):
            rows = rows.filter(self.ordering.after(cursor))
        rows = list(rows[: size + 1])
        self.has_more = len(rows) > size
        self.page = rows[:size]
        return self.page

    def get_paginated_response(self, data):
        return Response({"next": self._next(), "results": data})

    def _next(self):
        if not self.has_more:
            return None
        return replace_query_param(
            self.request.build_absolute_uri(), "cursor", self.ordering.cursor_behind(self.page[-1])
        )

    def get_paginated_response_schema(self, schema):
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {
                "next": {
                    "type": "string",
                    "format": "uri",
                    "nullable": True,
                    "description": "The URL of the next page; null on the last page.",
                },
                "results": {**schema, "maxItems": MOST},
            },
        }


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
