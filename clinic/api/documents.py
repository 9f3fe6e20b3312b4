"""What the API reports about itself: the current user, the OpenAPI document, and its documentation page."""

import json
from functools import cache

from csp.constants import NONE, SELF
from csp.decorators import csp
from django.shortcuts import render
from django.utils.decorators import method_decorator
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.fields import CharField
from rest_framework.response import Response

from clinic.accounts.permissions import Permission, may, roles_of
from clinic.api.resources import Resource


class TokenShown(serializers.Serializer):
    name = CharField()
    expires_at = serializers.DateTimeField()


class MeShown(serializers.Serializer):
    id = serializers.IntegerField()
    username = CharField()
    printed_name = CharField()
    roles = serializers.ListField(child=CharField())
    is_clinician = serializers.BooleanField(help_text="Whether visits can be booked with this user.")
    may = serializers.ListField(child=CharField(), help_text="What this user can do with this login or token.")
    token = TokenShown(allow_null=True, help_text="The token of this request; null for a login session.")


class MeResource(Resource):
    """The current user and permissions."""

    kind = "me"
    permissions = {"list": Permission.LOG_IN}
    serializer_class = MeShown

    def list(self, request):
        """The current user and their permissions."""
        user = request.user
        shown = {
            "id": user.pk,
            "username": user.username,
            "printed_name": user.printed_name,
            "roles": [role.name for role in roles_of(user)],
            "is_clinician": user.is_clinician,
            "may": [permission.value for permission in Permission if may(user, permission)],
            "token": user.token,
        }
        return Response(MeShown(shown).data)


@cache
def document():
    """The OpenAPI document. It is the same for every user."""
    return SchemaGenerator().get_schema(request=None, public=True)


def as_text():
    """The committed form of the document: sorted, so that diffs are small."""
    return json.dumps(document(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


class SchemaDocument(Resource):
    """The OpenAPI document."""

    kind = "schema"
    permissions = {"list": Permission.LOG_IN}
    responses = {("200", "application/json"): OpenApiResponse(OpenApiTypes.OBJECT, "The document.")}

    def list(self, request):
        """This document."""
        return Response(document())


# This page does not show any patient. Its own policy lets Swagger UI do nothing but load the document.
DOCUMENTATION_POLICY = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF, "data:"],
    "connect-src": [SELF],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [NONE],
}


class DocumentationPage(Resource):
    """The same document as a page."""

    kind = "docs"
    permissions = {"list": Permission.LOG_IN}
    responses = {("200", "text/html"): OpenApiResponse(OpenApiTypes.STR, "The page.")}

    @method_decorator(csp(DOCUMENTATION_POLICY))
    def list(self, request):
        """A page generated from this document."""
        return render(request._request, "clinic/api/api_docs.html")
