"""Opening hours for programs: working hours, absences, closures and the lengths of visits."""

from django.core.exceptions import ValidationError
from rest_framework import serializers
from rest_framework.response import Response

from clinic.accounts.permissions import Permission
from clinic.api.fields import LineField, Query, QueryId, SentFields, record_serializers
from clinic.api.resources import Collection
from patients.diary.actions.opening_hours import (
    add_absence,
    add_closure,
    change_visit_lengths,
    change_working_hours,
    remove_absence,
    remove_closure,
)
from patients.diary.api.visits import ClinicianField, StartField
from patients.diary.models.opening_hours import (
    WEEKDAYS,
    Absence,
    Closure,
    VisitLength,
    WorkingHours,
    format_hours,
    hours_of,
)


class HoursOfDayField(LineField):
    """The hours of a weekday in their stored form, which is also that of the response."""

    def __init__(self):
        help_text = "Such as `09:00–12:30, 13:30–17:00`. Empty for a day off."
        super().__init__(required=False, allow_blank=True, max_length=100, help_text=help_text)

    def to_internal_value(self, data):
        try:
            return format_hours(hours_of(super().to_internal_value(data)))
        except ValidationError as error:
            raise serializers.ValidationError(error.messages) from error


HoursShown, HoursOfDays, HoursChange = record_serializers(
    WorkingHours,
    WEEKDAYS,
    before=("id", "clinician"),
    sent_as={day: HoursOfDayField() for day in WEEKDAYS},
)
AbsenceShown, _, _ = record_serializers(
    Absence, ["clinician", "starts_at", "ends_at", "reason"], after=["added_at", "version"]
)
ClosureShown, ClosureSent, _ = record_serializers(
    Closure, ["name", "first_day", "last_day"], after=["added_at", "version"]
)


LengthShown, _, LengthChange = record_serializers(VisitLength, ["minutes"], before=["id", "kind"])


class HoursSent(HoursOfDays):
    clinician = ClinicianField()


class AbsenceSent(SentFields):
    clinician = ClinicianField()
    starts_at = StartField()
    ends_at = StartField()

    class Meta:
        model = Absence
        fields = ["reason"]


class OfClinicianQuery(Query):
    """The query string of a list that is filtered by clinician."""

    clinician = QueryId()


class OpeningHoursResource(Collection):
    permissions = {
        **dict.fromkeys(("list", "retrieve"), Permission.SEE_DIARY),
        "create": Permission.CHANGE_DIARY,
    }
    orderings = ("id", "-id")


class WorkingHoursResource(OpeningHoursResource):
    """When clinicians can be booked, by weekday, in the clinic’s time zone. Without a record, the hours are unknown."""

    kind = "working-hours"
    permissions = {**OpeningHoursResource.permissions, "partial_update": Permission.CHANGE_DIARY}
    queryset = WorkingHours.objects.select_related("clinician")
    serializer_class = HoursShown
    queries = {"list": OfClinicianQuery}
    bodies = {"create": HoursSent, "partial_update": HoursChange}

    def create(self, request):
        """Store the working hours of a clinician who has none yet. Visits outside of them are then *to be moved*."""
        return self.created_by(change_working_hours, version=0)

    def partial_update(self, request, pk):
        """Change the working hours of a clinician. Visits that no longer fit are then *to be moved*."""
        return self.changed_by(change_working_hours, clinician=self.the_record().clinician)


class RemovableResource(OpeningHoursResource):
    permissions = {**OpeningHoursResource.permissions, "destroy": Permission.CHANGE_DIARY}

    def removed_by(self, remove, **record):
        remove(by=self.request.user, version=self.version_read(), **record)
        return Response(status=204)


class AbsenceResource(RemovableResource):
    """Periods in which a clinician is away, past ones included. Visits in them are *to be moved*."""

    kind = "absence"
    queryset = Absence.objects.all()
    serializer_class = AbsenceShown
    queries = {"list": OfClinicianQuery}
    bodies = {"create": AbsenceSent}

    def create(self, request):
        """Add an absence. It does not cancel visits."""
        return self.created_by(add_absence)

    def destroy(self, request, pk):
        """Remove an absence. The clinician can be booked again in that period."""
        return self.removed_by(remove_absence, absence=self.the_record())

    def field_of(self, name):
        return {"last_day": "ends_at"}.get(name, name)


class ClosureResource(RemovableResource):
    """Days on which the whole clinic is closed, past ones included. Visits on them are *to be moved*."""

    kind = "closure"
    queryset = Closure.objects.all()
    serializer_class = ClosureShown
    bodies = {"create": ClosureSent}

    def create(self, request):
        """Add a closure of the whole clinic. It does not cancel visits."""
        return self.created_by(add_closure)

    def destroy(self, request, pk):
        """Remove a closure. Visits can be booked on these days again."""
        return self.removed_by(remove_closure, closure=self.the_record())


class VisitLengthResource(OpeningHoursResource):
    """How long a visit of each kind is if nothing else is chosen."""

    kind = "visit-length"
    permissions = {
        **dict.fromkeys(("list", "retrieve"), Permission.SEE_DIARY),
        "partial_update": Permission.CHANGE_DIARY,
    }
    queryset = VisitLength.objects.all()
    serializer_class = LengthShown
    bodies = {"partial_update": LengthChange}

    def partial_update(self, request, pk):
        """Change the length of a kind of visit. Booked visits keep theirs."""
        length, sent = self.the_record(), self.sent_with_version()
        minutes = {length.kind: sent.get("minutes", length.minutes)}
        change_visit_lengths(by=request.user, versions={length.kind: sent["version"]}, **minutes)
        return self.respond(length.pk)
