"""What all API resources share: permissions, query strings, versions and responses."""

import re
import uuid
from functools import cache

from django.http import Http404
from rest_framework import serializers
from rest_framework.decorators import action as operation
from rest_framework.exceptions import APIException
from rest_framework.response import Response
from rest_framework.reverse import reverse

from clinic.api.exception_handler import VersionMissing
from clinic.api.fields import Query
from clinic.api.pagination import ListQuery, Pages, SearchPages
from clinic.api.permitted_views import PermittedViewSet
from clinic.api.refusals import Problem
from clinic.api.schema import LONGEST_KEY, OperationSchema
from clinic.records import audit_log
from clinic.records.actions import submit_once
from clinic.records.exceptions import Refused
from clinic.records.numbers import LARGEST_ID, LARGEST_VERSION

_ETAG = re.compile(r'"([0-9]{1,10})"', re.ASCII)


class LengthMissing(APIException):
    """Django does not read a body without Content-Length, and would drop its data silently."""

    status_code = 411
    default_detail = "Send the length of the body in Content-Length."
    default_code = "length_missing"


class Resource(PermittedViewSet):
    """The base class of all resources: records of one kind.

    `permissions` names a Permission for each operation; an operation without one is always denied. `bodies` names
    the serializer of an operation's request body, `queries` that of its query string; without one, data is rejected.
    `creating` lists the operations that create something, once for each Idempotency-Key. `person_only` contains the
    operations that a token can never do, each with its message. `refusal` is the serializer of the problem document
    for a 409; `members_of` fills its additional members.
    """

    kind = ""
    creating = ("create",)
    bodies = {}
    queries = {}
    refusal = Problem

    http_method_names = ["get", "post", "patch", "delete", "head"]
    pagination_class = None
    lookup_value_converter = "int"
    schema = OperationSchema()
    query_values = {}

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if self.action in self.bodies and "Transfer-Encoding" in request.headers:
            raise LengthMissing
        if any(pk > LARGEST_ID for pk in kwargs.values()):
            raise Http404  # a value that SQLite cannot even query
        self.query_values = self._query()

    # Query strings

    @classmethod
    def query_of(cls, action):
        return cls.queries.get(action, Query)

    def _query(self):
        params = self.request.query_params
        if twice := [name for name in params if len(params.getlist(name)) > 1]:
            raise serializers.ValidationError(dict.fromkeys(twice, "This parameter is sent twice. Send it once."))
        query = self.query_of(self.action)(data=dict(params.items()), context=self.get_serializer_context())
        query.is_valid(raise_exception=True)
        return query.validated_data

    # Request bodies

    def sent(self, **context):
        body = self.bodies[self.action](
            data=self.request.data,
            partial=self.action == "partial_update",
            context={**self.get_serializer_context(), **context},
        )
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    def sent_with_version(self, **context):
        sent = self.sent(**context)
        return {**sent, "version": self.version_read(sent.get("version"))}

    def version_read(self, in_body=None):
        in_header = self._if_match()
        if None not in (in_body, in_header) and in_body != in_header:
            raise serializers.ValidationError({"version": "If-Match contains a different version."})
        version = in_body if in_body is not None else in_header
        if version is None:
            raise VersionMissing
        return version

    def _if_match(self):
        header = self.request.headers.get("If-Match")
        if header is None:
            return None
        found = _ETAG.fullmatch(header.strip())
        if found is None or int(found[1]) > LARGEST_VERSION:
            raise serializers.ValidationError({"version": "If-Match must contain one version, in quotation marks."})
        return int(found[1])

    def once(self, create, *, without=(), **values):
        """Create with `create(by=…, **values)`; for an Idempotency-Key sent before, return what was created then.

        `without` names parts of the body that are left out of its hash: a password is not stored, not even as a
        hash.
        """
        user, key = self.request.user, self._idempotency_key()
        if key is None:
            return create(by=user, **values)
        body = {name: value for name, value in self.request.data.items() if name not in without}
        return submit_once(key=key, by=user, route=self.request.path, body=body, create=create, **values)

    def _idempotency_key(self):
        text = self.request.headers.get("Idempotency-Key")
        if text is None:
            return None
        text = text.strip().strip('"')
        if not (0 < len(text) <= LONGEST_KEY and text.isascii() and text.isprintable()):
            raise serializers.ValidationError(
                {"Idempotency-Key": f"Send up to {LONGEST_KEY} printable ASCII characters, chosen at random."}
            )
        try:
            return uuid.UUID(text)
        except ValueError:
            return uuid.uuid5(uuid.NAMESPACE_OID, text)

    # Writes

    def created_by(self, create, **more):
        sent = self.sent()
        self.concerns(*self.concerned_by(sent))
        return self.respond_created(self.once(create, **more, **sent))

    def concerned_by(self, sent):
        return self.concerned

    def changed_by(self, change, **more):
        """The current record after `change()` has been applied to the version that was read."""
        change(by=self.request.user, **more, **self.sent_with_version())
        return self.respond(self.kwargs["pk"])

    # Responses

    def the_record(self):
        record = self.get_queryset().filter(pk=self.kwargs["pk"]).first()
        if record is None:
            self.show_parent()
            raise Http404
        self.concerns(*self.patients_of(record))
        return record

    def show_parent(self):
        """For the audit trail: the patient of the record in whose path a record was not found."""

    def concerns(self, *patients):
        """Whose record is to be changed (instances or ids). The audit trail records them if the change is rejected."""
        self.concerned = patients

    def patients_of(self, record):
        return ()

    def show(self, records):
        for record in records:
            audit_log.shown(*self.patients_of(record))

    def representation(self, pk):
        record = self.get_queryset().filter(pk=pk).first()
        if record is None:
            raise Refused("This record was removed.")
        self.show([record])
        return self.get_serializer(record).data

    def current_representation(self):
        record = self.get_queryset().filter(pk=self.kwargs["pk"]).first() if "pk" in self.kwargs else None
        if record is None:
            return None
        self.show([record])
        return type(self).serializer_class(record, context=self.get_serializer_context()).data

    def respond(self, pk, *, status=200, headers=None):
        data = self.representation(pk)
        etag = {"ETag": f'"{data["version"]}"'} if "version" in data else {}
        return Response(data, status=status, headers={**etag, **(headers or {})})

    def respond_created(self, made):
        return self.respond(made.pk, status=201, headers={"Location": self.reverse_of(made.pk)})

    def respond_with(self, made, resource):
        other = resource(request=self.request, format_kwarg=None, kwargs={"pk": made.pk}, action="retrieve")
        return other.respond(made.pk, status=201, headers={"Location": other.reverse_of(made.pk)})

    def reverse_of(self, pk):
        where = {name: value for name, value in self.kwargs.items() if name != "pk"}
        return reverse(f"api:{self.kind}-detail", kwargs={**where, "pk": pk}, request=self.request)


class Listing(Resource):
    """A resource with a paginated list. The first of its `orderings` is the default.

    `paths` maps query parameters to model lookups, if their names differ.
    """

    orderings = ("id",)
    paths = {}
    pagination_class = Pages

    @classmethod
    @cache
    def query_of(cls, action):
        query = super().query_of(action)
        if action != "list":
            return query
        ordering = serializers.ChoiceField(cls.orderings, required=False, help_text=f"If omitted: {cls.orderings[0]}.")
        return type(f"{cls.__name__}Query", (ListQuery, query), {"ordering": ordering})

    def requested_ordering(self):
        return self.query_values.get("ordering", self.orderings[0])

    def found(self, queryset, **filters):
        return queryset.filter(**{self.paths.get(name, name): value for name, value in filters.items()})

    def list(self, request, **kwargs):
        filters = {
            name: value for name, value in self.query_values.items() if name not in {"cursor", "page_size", "ordering"}
        }
        page = self.paginate_queryset(self.found(self.get_queryset(), **filters))
        self.show(page)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class Searchable(Listing):
    """A list that is also searched. The body of `search` extends SearchSent."""

    @operation(detail=False, methods=["post"], pagination_class=SearchPages)
    def search(self, request, **kwargs):
        """Search, in pages. The terms and the cursor are in the body, because servers log URLs."""
        self.query_values = self.sent()
        return self.list(request, **kwargs)


class Single(Resource):
    """A resource with a detail operation."""

    def retrieve(self, request, **kwargs):
        return self.respond(self.the_record().pk)


class Collection(Listing, Single):
    """A resource with a list and a detail operation."""
