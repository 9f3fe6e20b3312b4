"""URLs of opening hours, calendar feeds and reminders."""

from django.urls import path

from clinic.api import router
from patients.diary import views
from patients.diary.api.delays import DelayResource
from patients.diary.api.opening_hours import AbsenceResource, ClosureResource, VisitLengthResource, WorkingHoursResource
from patients.diary.api.visits import ClinicianResource, FreeTimeResource

urlpatterns = [
    path("calendar/", views.calendar_url, name="calendar-url"),
    path("calendar/revoke/", views.calendar_revoke, name="calendar-revoke"),
    path("calendar/<str:token>.ics", views.calendar_feed, name="calendar-feed"),
]

router.register(
    {
        "clinicians": ClinicianResource,
        "free-times": FreeTimeResource,
        "working-hours": WorkingHoursResource,
        "absences": AbsenceResource,
        "closures": ClosureResource,
        "visit-lengths": VisitLengthResource,
        "delays": DelayResource,
    }
)
