"""Collum's URLs and a few that show, refuse, crash and ask for the password, to test what all
pages share without any page in particular."""

import logging

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError
from django.http import HttpResponse
from django.urls import path
from django.utils import timezone

from clinic.accounts.lockout import password_is_right
from clinic.records import audit_log
from clinic.records.exceptions import Refused
from clinic.urls import handler400, handler404, handler500  # noqa: F401  (Django reads them from here)
from clinic.urls import urlpatterns as collums

PATIENT_TEXT = "Ingrid Söderström, born 14 Mar 1969"


def shows(request, pk):
    audit_log.shown(pk)
    return HttpResponse(PATIENT_TEXT)


def shows_many(request):
    audit_log.shown(3, 1, 2)
    audit_log.shown(2)
    return HttpResponse(PATIENT_TEXT)


def records_and_shows(request, pk):
    audit_log.record("changed", by=request.user, patients=[pk])
    audit_log.shown(pk)
    return HttpResponse(PATIENT_TEXT)


def forbids(request):
    raise PermissionDenied(PATIENT_TEXT)


def refuses(request):
    raise Refused("This visit is over. Open another one.")


def crashes(request, pk):
    audit_log.shown(pk)
    raise RuntimeError(PATIENT_TEXT)


def cannot_reach_the_database(request, pk):
    raise OperationalError(PATIENT_TEXT)


def warns(request):
    logging.getLogger("collum").warning("something")
    return HttpResponse("warned")


def asks_password(request):
    try:
        password_is_right(request, request.POST["password"])
    except ValidationError as error:
        return HttpResponse(error.messages[0])
    return HttpResponse("right")


def tells_time_zone(request):
    return HttpResponse(timezone.get_current_timezone_name())


urlpatterns = [
    path("test/warns/", warns),
    path("test/time-zone/", tells_time_zone),
    path("test/cannot-reach/<int:pk>/", cannot_reach_the_database),
    path("api/test/cannot-reach/<int:pk>/", cannot_reach_the_database),
    path("test/shows/<int:pk>/", shows),
    path("test/shows-many/", shows_many),
    path("test/records-and-shows/<int:pk>/", records_and_shows),
    path("test/forbids/", forbids),
    path("test/refuses/", refuses),
    path("test/crashes/<int:pk>/", crashes),
    path("test/asks-password/", asks_password),
    *collums,
]
