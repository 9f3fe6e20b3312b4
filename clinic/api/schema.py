"""The operations in the OpenAPI document: permissions, headers, versions and error responses."""

import inspect
import re
from functools import cached_property

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from clinic.accounts.permissions import READING, ROLES, WRITING, Permission
from clinic.api.fields import QueryId, Sent
from clinic.api.refusals import DESCRIPTIONS, Problem, conflict

LONGEST_KEY = 200


class OperationSchema(AutoSchema):
    """Builds an operation from the tables of its Resource."""

    @property
    def action(self):
        return getattr(self.view, "action", None)

    @property
    def permission(self):
        return getattr(self.view, "permissions", {}).get(self.action)

    def _body(self):
        return getattr(self.view, "bodies", {}).get(self.action)

    def _takes_version(self):
        body = self._body()
        return self.method == "DELETE" or bool(body and "version" in body().fields)

    def _takes_key(self):
        return self.action in getattr(self.view, "creating", ())

    def get_tags(self):
        return [tag_of(self.path.removesuffix(f"/{self.action}/"))]

    def get_operation_id(self):
        """*patients_list*, *visits_no_show*: stable, so that generated clients do not change."""
        parts = [part for part in self.path.removeprefix("/api/v1/").strip("/").split("/") if not part.startswith("{")]
        names = {"partial_update": "change", "destroy": "remove"}
        action = names.get(self.action, self.action)
        tail = parts[-1].replace("-", "_")
        words = [part.replace("-", "_") for part in parts]
        return "_".join(words if tail == action else [*words, action])

    def get_summary(self):
        return self._texts()[0]

    def get_description(self):
        return "\n\n".join(filter(None, (self._texts()[1], self._who(), self._tokens())))

    def _texts(self):
        text = text_of(getattr(self.view, self.action))
        first, _, rest = text.partition(". ")
        return first.removesuffix(".") or self._derived(), rest

    def _derived(self):
        noun = noun_of(self.view.kind)
        if self.action == "list":
            parent = "".join(f" of a {noun_of(name)}" for name in _names_in(self.path))
            return f"{noun_of(tag_of(self.path))}{parent}, in pages".capitalize()
        summaries = {"create": f"A new {noun}", "partial_update": f"Change the {noun} with this id"}
        return summaries.get(self.action, f"The {noun} with this id")

    def _who(self):
        if self.permission is Permission.LOG_IN:
            return "For every user who can log in."
        roles = self._roles()
        return f"For the role{'s' if len(roles) > 1 else ''} {self._joined(roles)}."

    def _roles(self):
        if self.permission is Permission.LOG_IN:
            return list(ROLES)
        return [name for name, role in ROLES.items() if self.permission in role.may]

    @staticmethod
    def _joined(names):
        return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))

    def _tokens(self):
        if not self._allows_tokens():
            return "Only with a user’s own login, never with a token."
        return getattr(self.view, "token_notes", {}).get(self.action, "")

    def _allows_tokens(self):
        given = READING | WRITING | {Permission.LOG_IN}
        return self.permission in given and self.action not in getattr(self.view, "person_only", {})

    def get_extensions(self):
        return {"x-roles": self._roles(), "x-permission": self.permission.value if self.permission else ""}

    def get_auth(self):
        auth = super().get_auth()
        return auth if self._allows_tokens() else [one for one in auth if "token" not in one]

    def get_request_serializer(self):
        body = self._body()
        return body(partial=self.action == "partial_update") if body else None

    def get_operation(self, *route):
        self.__dict__.pop("_parameters", None)
        return super().get_operation(*route)

    def get_override_parameters(self):
        return self._parameters

    @cached_property
    def _parameters(self):
        """Asked for again by each response of an operation."""
        query = self.view.query_of(self.action) if hasattr(self.view, "query_of") else None
        return [*([query] if query and query().fields else []), *self._headers()]

    def _resolve_path_parameters(self, variables):
        parameters = super()._resolve_path_parameters(variables)
        for parameter in parameters:
            name = self.view.kind if parameter["name"] == "id" else parameter["name"]
            parameter["description"] = f"The id of the {noun_of(name)}."
            parameter["schema"] |= {"format": "int64", "minimum": 1}
        return parameters

    def _headers(self):
        return [*self._request_headers(), *self._response_headers()]

    def _request_headers(self):
        if self.method in {"POST", "PATCH", "DELETE"}:
            yield OpenApiParameter(
                "X-CSRFToken",
                {"type": "string"},
                OpenApiParameter.HEADER,
                description="With a login session: the CSRF token. A request with a token does not need it.",
            )
        if self._takes_version():
            yield OpenApiParameter(
                "If-Match",
                {"type": "string", "pattern": '^"[0-9]{1,10}"$'},
                OpenApiParameter.HEADER,
                required=self.method == "DELETE",
                description="The version that you read, in quotation marks, as in the ETag.",
            )
        if self._takes_key():
            yield OpenApiParameter(
                "Idempotency-Key",
                {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
                OpenApiParameter.HEADER,
                description=(
                    "A random value for this request. A retry with the same key does not create a second record."
                ),
            )

    def _response_headers(self):
        for name, codes, kind, description in (
            ("ETag", self._codes_with_version(), "string", "The version of the record, in quotation marks."),
            ("Location", ["201"], "string", "The URL of the new record, if it has one."),
            ("Retry-After", ["429"], "integer", "The number of seconds to wait."),
            ("WWW-Authenticate", ["401"], "string", "Bearer: send a token."),
        ):
            if codes:
                yield OpenApiParameter(
                    name, {"type": kind}, OpenApiParameter.HEADER, response=codes, description=description
                )

    def _codes_with_version(self):
        if hasattr(self.view, "responses") or self.action in {"list", "search"} or self.method == "DELETE":
            return []
        return ["200", "201"] if "version" in super().get_response_serializers().fields else []

    def _get_pagination_parameters(self):
        """Empty: these parameters are fields of the query serializer."""
        return []

    def _get_filter_parameters(self):
        return []

    def get_response_serializers(self):
        if responses := getattr(self.view, "responses", None):
            return {**responses, **self._refusals()}
        shown = super().get_response_serializers()
        if self.method == "DELETE":
            return {"204": OpenApiResponse(description="Done."), **self._refusals()}
        code = "201" if self._takes_key() else "200"
        return {code: OpenApiResponse(shown, description=self._done(code)), **self._refusals()}

    def _done(self, code):
        if self._is_list_view():
            return "The requested list."
        return "Created." if code == "201" else "The current state."

    def _is_list_view(self, serializer=None):
        return self.action in {"list", "search"} and self.view.pagination_class is not None

    def get_paginated_name(self, serializer_name):
        name = super().get_paginated_name(serializer_name)
        return name.replace("Paginated", "Found") if self.action == "search" else name

    def _refusals(self):
        codes = ["401", "403", "405", "429", "400"]
        if "{" in self.path:
            codes.append("404")
        if self.method in {"POST", "PATCH", "DELETE"}:
            codes += ["411", "413", "415", *([] if self.action == "search" else ["409"])]
        if self._takes_key():
            codes.append("422")
        if self._takes_version():
            codes.append("428")
        return {
            (code, "application/problem+json"): OpenApiResponse(self._problem(code), description=DESCRIPTIONS[code])
            for code in sorted(codes)
        }

    def _problem(self, code):
        if code != "409":
            return Problem
        shown = type(self.view).serializer_class
        return conflict(self.view.refusal, shown) if self._takes_version() and shown else self.view.refusal

    # The fields

    def _map_serializer(self, serializer, direction, bypass_extensions=False):
        """Use only the serializer's own docstring; those of its parents are for programmers."""
        schema = super()._map_serializer(serializer, direction, bypass_extensions)
        kind = serializer if inspect.isclass(serializer) else type(serializer)
        schema.pop("description", None)
        if kind.__doc__:
            schema["description"] = text_of(kind)
        if issubclass(kind, Sent):
            schema["additionalProperties"] = False
        return schema

    def _map_serializer_field(self, field, direction, bypass_extensions=False):
        schema = super()._map_serializer_field(field, direction, bypass_extensions)
        if schema and schema.get("nullable") and "allOf" in schema:
            # `nullable` has a meaning only next to `type`.
            del schema["nullable"]
            schema["oneOf"] = [*schema.pop("allOf"), {"type": "object", "nullable": True, "enum": [None]}]
        if schema and "description" not in schema and (whose := _whose_id(field)):
            schema["description"] = f"The id of the {whose}."
        if isinstance(field, serializers.ChoiceField) and schema and "enum" in schema:
            labels = [_label(field.choices.get(value)) for value in schema["enum"]]
            if labels != schema["enum"]:
                schema["x-enum-descriptions"] = labels
        return schema


def _label(choice):
    return str(getattr(choice, "label", choice) or "empty")


def _whose_id(field):
    if isinstance(field, QueryId):
        return noun_of(field.field_name)
    if not isinstance(field, serializers.PrimaryKeyRelatedField):
        return None
    queryset = field.get_queryset()
    if queryset is not None:
        return queryset.model._meta.verbose_name
    return field.parent.Meta.model._meta.get_field(field.source).related_model._meta.verbose_name


def text_of(documented):
    return " ".join((inspect.getdoc(documented) or "").split())


_OF_ONE = re.compile(r"\{id\}|\{number\}")  # the primary key of the resource itself


def tag_of(path):
    return _OF_ONE.split(path)[0].strip("/").rpartition("/")[2]


def noun_of(name):
    return name.replace("-", " ").replace("follow up", "follow-up")


def _names_in(path):
    return [part.strip("{}") for part in path.split("/") if part.startswith("{") and part != "{id}"]
