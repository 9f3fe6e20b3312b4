"""Visits and free times for programs."""

import datetime as dt
import re

from django.utils import timezone
from rest_framework import serializers
from rest_framework.response import Response

from clinic.accounts.permissions import Permission
from clinic.api.fields import DayField, IdField, Query, QueryId, QueryNumber, SentFields, Shown, TruthField
from clinic.api.resources import Collection, Resource
from clinic.models import User
from clinic.records.dates import possible_day, start_of
from patients.diary.free_times import next_free_times
from patients.diary.models.opening_hours import VisitLength
from patients.diary.models.visit import (
    LONGEST_VISIT_MINUTES,
    Visit,
    VisitKind,
    VisitState,
    possible_local_time,
    whole_minute,
)
from patients.people.api.patients import OfPatientQuery

_DAY_AND_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}")


class ClinicianField(IdField):
    """A neurologist or trainee."""

    def get_queryset(self):
        return User.objects.clinicians()


class ClinicianShown(Shown):
    class Meta:
        model = User
        fields = ["id", "printed_name"]


class ClinicianResource(Collection):
    """Active neurologists and trainees: those who can be booked, inject and arrange follow-ups."""

    kind = "clinician"
    permissions = {"list": Permission.SEE_DIARY, "retrieve": Permission.SEE_DIARY}
    queryset = User.objects.clinicians()
    serializer_class = ClinicianShown
    orderings = ("id", "-id")


class StartField(serializers.DateTimeField):
    """A whole minute that exists once in the clinic's time zone; without an offset it is in that time zone."""

    def __init__(self, **kwargs):
        super().__init__(
            validators=[possible_local_time, whole_minute],
            help_text="In whole minutes, with UTC offset. Without an offset, the clinic’s time zone applies.",
            **kwargs,
        )

    def to_internal_value(self, value):
        # A date alone would be midnight; Python would also accept ISO weeks and non-ASCII digits.
        if not (isinstance(value, str) and value.isascii() and _DAY_AND_TIME.match(value)):
            self.fail("invalid", format="YYYY-MM-DDThh:mm[:ss][+HH:MM]")
        return super().to_internal_value(value)


class BookingTime(SentFields):
    """When a visit is booked; a time in the past asks for a confirmation."""

    starts_at = StartField()
    although_past = TruthField(required=False, help_text="Confirms a start in the past.")


class VisitShown(Shown):
    record_number = serializers.CharField(source="patient.record_number")
    clinician_name = serializers.CharField(source="clinician.printed_name")
    moved_to = serializers.SerializerMethodField()

    class Meta:
        model = Visit
        fields = [
            "id", "patient", "record_number", "clinician", "clinician_name", "kind", "starts_at", "minutes", "ends_at",
            "state", "reason", "outside_note", "moved_from", "moved_to", "version",
        ]  # fmt: skip

    def get_moved_to(self, visit) -> int | None:
        moved_to = getattr(visit, "moved_to", None)
        return moved_to and moved_to.pk


class VisitsQuery(OfPatientQuery):
    day = DayField(
        required=False,
        validators=[possible_day],
        help_text="A date in the clinic’s time zone. A visit over midnight is on both dates.",
    )
    to = DayField(required=False, validators=[possible_day], help_text="The last date, inclusive.")
    clinician = QueryId()
    state = serializers.ChoiceField(VisitState, required=False)

    def get_fields(self):
        """`from` is a Python keyword, so it cannot be declared as a field."""
        first = DayField(required=False, validators=[possible_day], help_text="The first date, inclusive.")
        return {**super().get_fields(), "from": first}


class VisitReading(Collection):
    """Appointments of one patient with one clinician."""

    kind = "visit"
    permissions = {"list": Permission.SEE_DIARY, "retrieve": Permission.SEE_DIARY}
    queryset = Visit.objects.select_related("patient", "clinician", "moved_to")
    serializer_class = VisitShown
    queries = {"list": VisitsQuery}
    orderings = ("starts_at", "-starts_at", "id", "-id")
    paths = {"patient": "patient__in"}

    def patients_of(self, visit):
        return [visit.patient_id]

    def found(self, visits, **filters):
        if day := filters.pop("day", None):
            visits = visits.between(start_of(day), start_of(day + dt.timedelta(days=1)))
        if first := filters.pop("from", None):
            visits = visits.ending_after(start_of(first))
        if last := filters.pop("to", None):
            visits = visits.filter(starts_at__lt=start_of(last + dt.timedelta(days=1)))
        return super().found(visits, **filters)


class FreeTimeShown(serializers.Serializer):
    clinician = serializers.IntegerField(source="clinician.pk")
    clinician_name = serializers.CharField(source="name")
    starts_at = serializers.DateTimeField()
    minutes = serializers.IntegerField()


class FreeTimesShown(serializers.Serializer):
    next = serializers.CharField(allow_null=True, help_text="Always null. For more, send a later `from`.")
    results = FreeTimeShown(many=True)


class FreeTimesQuery(Query):
    clinician = QueryId(help_text="If omitted, all clinicians.")
    kind = serializers.ChoiceField(VisitKind, required=False)
    minutes = QueryNumber(
        required=False,
        min_value=1,
        max_value=LONGEST_VISIT_MINUTES,
        help_text="If omitted, the usual length for this kind.",
    )

    def get_fields(self):
        first = DayField(required=False, validators=[possible_day], help_text="If omitted, today.")
        return {**super().get_fields(), "from": first}

    def validate(self, query):
        if "kind" not in query and "minutes" not in query:
            raise serializers.ValidationError({"kind": "Send the kind of visit or the number of minutes."})
        return query


class FreeTimeResource(Resource):
    """The next free times, soonest first: within working hours and not booked."""

    kind = "free-time"
    permissions = {"list": Permission.SEE_DIARY}
    queryset = Visit.objects.none()
    serializer_class = FreeTimesShown
    queries = {"list": FreeTimesQuery}

    def list(self, request):
        """The next free times: at most ten, within about a year."""
        query, now = self.query_values, timezone.now()
        minutes = query.get("minutes") or VisitLength.objects.get(kind=query["kind"]).minutes
        clinicians = User.objects.clinicians()
        if "clinician" in query:
            clinicians = clinicians.filter(pk=query["clinician"])
        since = max(start_of(query["from"]), now) if "from" in query else now
        found = next_free_times(clinicians=clinicians, minutes=minutes, since=since)
        return Response(FreeTimesShown({"next": None, "results": found}).data)
