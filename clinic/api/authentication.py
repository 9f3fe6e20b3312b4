"""Authentication and rate limit of API tokens."""

import math

from django.conf import settings
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions
from rest_framework.authentication import SessionAuthentication, TokenAuthentication

from clinic.accounts.tokens import ApiToken


class BearerAuthentication(TokenAuthentication):
    """`Authorization: Bearer …`, or `Token …` as Django’s own clients write it."""

    keyword = "Bearer"

    def authenticate(self, request):
        self.keyword = "Token" if request.headers.get("Authorization", "")[:6].lower() == "token " else "Bearer"
        return super().authenticate(request)

    def authenticate_credentials(self, key):
        token = ApiToken.objects.with_secret(key)
        if token is None:
            raise exceptions.AuthenticationFailed("This token is unknown, has expired or was revoked.")
        token.person.token = token
        self._count(token)
        return token.person, token

    def authenticate_header(self, request):
        return "Bearer"

    def _count(self, token):
        now = timezone.now()
        if ApiToken.objects.count_use(token.pk, now) > settings.API_REQUESTS_PER_MINUTE:
            throttled = exceptions.Throttled(wait=math.ceil(60 - now.second - now.microsecond / 1_000_000))
            throttled.person = token.person
            raise throttled


class LoginAuthentication(SessionAuthentication):
    """The user’s own login session; every write needs the CSRF token in a header."""

    def enforce_csrf(self, request):
        try:
            super().enforce_csrf(request)
        except exceptions.PermissionDenied as error:
            raise exceptions.PermissionDenied("Send the CSRF token of your login in X-CSRFToken.") from error


class _TokenScheme(OpenApiAuthenticationExtension):
    target_class = BearerAuthentication
    name = "token"

    def get_security_definition(self, auto_schema):
        return {
            "type": "http",
            "scheme": "bearer",
            "description": (
                "A token that its owner created under “Tokens for programs” in Collum. "
                "It can do only what its owner selected. It never writes a dose and never signs."
            ),
        }


class _LoginScheme(OpenApiAuthenticationExtension):
    target_class = LoginAuthentication
    name = "login"

    def get_security_definition(self, auto_schema):
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "A user’s own login session. Writes also send the CSRF token in X-CSRFToken.",
        }
