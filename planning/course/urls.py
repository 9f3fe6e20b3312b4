"""URLs of assessments, responses and adverse events."""

from django.urls import path

from clinic.api import router
from planning.course.api.assessments import AssessmentResource, ScoreResource
from planning.course.api.responses import EventResource, ResponseResource
from planning.course.views import assessments, course

urlpatterns = [
    path("visits/<int:pk>/assessment/", assessments.assessment, name="assessment"),
    path("visits/<int:pk>/sessions/<int:session>/response/", course.response, name="response"),
    path("assessments/<int:pk>/entered-in-error/", course.assessment_error, name="assessment-error"),
    path("sessions-elsewhere/<int:pk>/entered-in-error/", course.elsewhere_error, name="elsewhere-error"),
    path("responses/<int:pk>/entered-in-error/", course.response_error, name="response-error"),
    path("sessions/<int:pk>/adverse-events/", course.event_record, name="event-record"),
    path("adverse-events/<int:pk>/", course.event_change, name="event-change"),
    path("adverse-events/<int:pk>/entered-in-error/", course.event_error, name="event-error"),
]

router.register(
    {
        "assessments": AssessmentResource,
        "scores": ScoreResource,
        "responses": ResponseResource,
        "adverse-events": EventResource,
    }
)
