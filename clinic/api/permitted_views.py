"""What every URL for programs shares: its permission, and the parts of an error response."""

from django.core.exceptions import PermissionDenied
from rest_framework.exceptions import NotAuthenticated
from rest_framework.viewsets import GenericViewSet

from clinic.api.parsers import OnlyJson


class PermittedViewSet(GenericViewSet):
    """`permissions` names a Permission for each operation; an operation without one is always denied.

    `person_only` contains the operations that a token can never do, each with its message.
    """

    permissions = {}
    person_only = {}
    content_negotiation_class = OnlyJson
    concerned = ()

    def check_permissions(self, request):
        if self.action in (None, "metadata"):  # a method that we do not support, or OPTIONS
            if not request.user.is_authenticated:
                self.permission_denied(request)
            self.http_method_not_allowed(request)
        super().check_permissions(request)

    def permission_denied(self, request, message=None, code=None):
        """The response does not reveal whether the record exists."""
        if not request.user.is_authenticated:
            raise NotAuthenticated("Log in, or send a token.")
        raise PermissionDenied

    def current_representation(self):
        """The stored record, for a 409; None if there is none."""

    def members_of(self, refused):
        return {}

    def field_of(self, name):
        return name
