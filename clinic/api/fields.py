"""Strict serializer fields: a value of another JSON type is rejected."""

import re

from django.core.exceptions import ValidationError as ModelError
from django.db import models
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from clinic.records.date_fields import TypedPartialDate
from clinic.records.numbers import LARGEST_ID, LARGEST_VERSION, Count
from clinic.records.partial_dates import PartialDate
from clinic.records.text import Line, Lines, cleaned

_FIGURES = re.compile(r"-?[0-9]+")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2})?"
)


class LineField(serializers.CharField):
    """One line of text under the text policy; a JSON number is rejected."""

    lines = False

    def to_internal_value(self, data):
        if not isinstance(data, str):
            self.fail("invalid")
        try:
            return cleaned(super().to_internal_value(data), lines=self.lines)
        except ModelError as error:
            raise serializers.ValidationError(error.messages) from error


class LinesField(LineField):
    """Several lines."""

    lines = True


class TextField(serializers.CharField):
    """Text with further validation by another rule, such as an email address."""

    def to_internal_value(self, data):
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class EmailField(TextField, serializers.EmailField):
    """An email address."""


class WholeNumberField(serializers.IntegerField):
    """A JSON number without a fraction; strings and booleans are rejected."""

    def to_internal_value(self, data):
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return data


class TruthField(serializers.BooleanField):
    """`true` or `false`; other values that Python would convert are rejected."""

    default_error_messages = {"invalid": "Must be true or false."}

    def to_internal_value(self, data):
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class DayField(serializers.DateField):
    """A date as `YYYY-MM-DD`: Python would also accept weeks (`1970-W01-1` is in 1969) and non-ASCII digits."""

    def to_internal_value(self, value):
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            self.fail("invalid", format="YYYY-MM-DD")
        return super().to_internal_value(value)


@extend_schema_field({"type": "string", "maxLength": 10})
class PartialDateField(TextField):
    """A date of which a part can be unknown."""

    def __init__(self, **kwargs):
        help_text = "`YYYY-MM-DD`; `YYYY-MM`, `YYYY` or `unknown` if a part is unknown."
        super().__init__(**kwargs | {"help_text": help_text, "trim_whitespace": False})

    default_error_messages = {"invalid": TypedPartialDate.default_error_messages["invalid"]}

    def to_internal_value(self, data):
        try:
            return PartialDate(super().to_internal_value(data))
        except ValueError:
            self.fail("invalid")


@extend_schema_field({"type": "integer", "format": "int64", "minimum": 1, "maximum": LARGEST_ID})
class IdField(serializers.PrimaryKeyRelatedField):
    """The id of a record, as a JSON number."""

    default_error_messages = {
        "does_not_exist": "This record does not exist.",
        "incorrect_type": "Must be the id of a record, as a number.",
    }

    def run_validation(self, data=serializers.empty):
        """DRF would treat empty text as null, because HTML forms send it."""
        if data == "":
            self.fail("incorrect_type")
        return super().run_validation(data)

    def to_internal_value(self, data):
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("incorrect_type", data_type=type(data).__name__)
        if not 0 < data <= LARGEST_ID:
            self.fail("does_not_exist", pk_value=data)
        return super().to_internal_value(data)


class QueryNumber(serializers.IntegerField):
    """A whole number in ASCII digits in a query string: Python would accept `1_0` and digits of any script."""

    def to_internal_value(self, data):
        if not _FIGURES.fullmatch(data):
            self.fail("invalid")
        return super().to_internal_value(data)


class QueryTimestamp(serializers.DateTimeField):
    """A timestamp in a query string; without an offset it is in the clinic’s time zone."""

    def to_internal_value(self, value):
        if not _TIMESTAMP.fullmatch(value):
            self.fail("invalid", format="YYYY-MM-DDThh:mm[:ss][+hh:mm]")
        try:
            return super().to_internal_value(value)
        except OverflowError:  # a time at the limits of datetime, in another time zone
            self.fail("overflow")


class QueryBoolean(serializers.BooleanField):
    """`true` or `false` in a query string."""

    default_error_messages = {"invalid": "Must be true or false."}

    def to_internal_value(self, data):
        if data not in {"true", "false"}:
            self.fail("invalid", input=data)
        return data == "true"


class QueryId(QueryNumber):
    """The id of a record in a query string."""

    def __init__(self, **kwargs):
        super().__init__(min_value=1, max_value=LARGEST_ID, required=False, **kwargs)


STRICT = {
    Line: LineField,
    Lines: LinesField,
    models.EmailField: EmailField,
    models.BooleanField: TruthField,
    models.DateField: DayField,
    TypedPartialDate: PartialDateField,
    Count: WholeNumberField,
}
UNKNOWN = "This field is not accepted here."
NEEDED = "This field is required."
MOST_NAMED = 20


class Sent(serializers.Serializer):
    """A request body: unknown fields are rejected, because DRF would drop them silently."""

    def to_internal_value(self, data):
        if isinstance(data, dict):
            taken = {name for name, field in self.fields.items() if not field.read_only}
            if unknown := [name for name in data if name not in taken]:
                raise serializers.ValidationError(dict.fromkeys(unknown[:MOST_NAMED], UNKNOWN))
            if self.parent is not None and (missing := [name for name in self._needed() if name not in data]):
                raise serializers.ValidationError(dict.fromkeys(missing, NEEDED))
        return super().to_internal_value(data)

    def _needed(self):
        """In a partial change DRF requires nothing, not even inside nested objects, which replace the stored ones as
        a whole.
        """
        return [name for name, field in self.fields.items() if field.required]


class SentFields(Sent, serializers.ModelSerializer):
    """The body of a request for a record, with the fields of its model."""

    serializer_field_mapping = serializers.ModelSerializer.serializer_field_mapping | STRICT
    serializer_related_field = IdField

    def get_field_names(self, declared_fields, info):
        return _with_declared(self.Meta.fields, declared_fields)

    def get_unique_together_validators(self):
        """The database enforces uniqueness, and the action reports it."""
        return []

    def get_unique_for_date_validators(self):
        return []


class Change(Sent):
    """Contains the version that you read, unless you send If-Match."""

    version = WholeNumberField(
        min_value=1,
        max_value=LARGEST_VERSION,
        required=False,
        help_text="The version that you read. Or send it in If-Match.",
    )


class Query(Sent):
    """A query string: unknown parameters are rejected."""


class Shown(serializers.ModelSerializer):
    """A record as returned; it cannot be sent back unchanged."""

    serializer_field_mapping = serializers.ModelSerializer.serializer_field_mapping | STRICT
    serializer_related_field = extend_schema_field(OpenApiTypes.INT64)(serializers.PrimaryKeyRelatedField)

    def get_field_names(self, declared_fields, info):
        return _with_declared(self.Meta.fields, declared_fields)

    def get_fields(self):
        fields = super().get_fields()
        for field in fields.values():
            field.read_only = True
        return fields


def record_serializers(
    model,
    fields,
    *,
    name=None,
    shown=Shown,
    change=Change,
    before=("id",),
    after=("version",),
    shown_as=None,
    sent_as=None,
):
    """The serializers of a record: as it is returned, created and changed.

    A program sends `fields`; the response also has those named in `before` and `after`. `shown` and `change` are base
    classes. `shown_as` and `sent_as` add serializer fields, or replace those of the model. In the OpenAPI document,
    the serializers are named after the model, or after `name`.
    """
    name = name or model.__name__
    shown = _serializer(f"{name}Shown", shown, model, [*before, *fields, *after], shown_as)
    sent = _serializer(f"{name}Sent", SentFields, model, fields, sent_as)
    return shown, sent, type(f"{name}Change", (change, sent), {})


def _serializer(name, base, model, fields, declared):
    meta = type("Meta", (), {"model": model, "fields": fields})
    return type(name, (base,), {"Meta": meta, **(declared or {})})


def _with_declared(names, declared):
    return [*names, *(name for name in declared if name not in names)]
