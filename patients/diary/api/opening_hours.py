"""Opening hours for programs: working hours, absences and closures."""

from clinic.accounts.permissions import Permission
from clinic.api.fields import Query, QueryId, record_serializers
from clinic.api.resources import Collection
from patients.diary.models.opening_hours import WEEKDAYS, Absence, Closure, WorkingHours

HoursShown, _, _ = record_serializers(WorkingHours, ["clinician", *WEEKDAYS])
AbsenceShown, _, _ = record_serializers(Absence, ["clinician", "starts_at", "ends_at", "reason"], after=["added_at"])
ClosureShown, _, _ = record_serializers(Closure, ["name", "first_day", "last_day"], after=["added_at"])


class OfClinicianQuery(Query):
    """The query string of a list that is filtered by clinician."""

    clinician = QueryId()


class OpeningHoursResource(Collection):
    permissions = {"list": Permission.SEE_DIARY, "retrieve": Permission.SEE_DIARY}
    orderings = ("id", "-id")


class WorkingHoursResource(OpeningHoursResource):
    """When clinicians can be booked, by weekday, in the clinic’s time zone. Without a record, the hours are unknown."""

    kind = "working-hours"
    queryset = WorkingHours.objects.all()
    serializer_class = HoursShown
    queries = {"list": OfClinicianQuery}


class AbsenceResource(OpeningHoursResource):
    """Periods in which a clinician is away, past ones included. Visits in them are *to be moved*."""

    kind = "absence"
    queryset = Absence.objects.all()
    serializer_class = AbsenceShown
    queries = {"list": OfClinicianQuery}


class ClosureResource(OpeningHoursResource):
    """Days on which the whole clinic is closed, past ones included. Visits on them are *to be moved*."""

    kind = "closure"
    queryset = Closure.objects.all()
    serializer_class = ClosureShown
