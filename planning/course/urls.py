"""URLs of assessments, responses and adverse events."""

from django.urls import path

from clinic.api import router
from planning.course import views
from planning.course.api.assessments import AssessmentResource, ScoreResource
from planning.course.api.responses import EventResource, ResponseResource

urlpatterns = [
    path("visits/<int:pk>/assessment/", views.assessment, name="assessment"),
    path("visits/<int:pk>/sessions/<int:session>/response/", views.response, name="response"),
    path("assessments/<int:pk>/entered-in-error/", views.assessment_error, name="assessment-error"),
    path("responses/<int:pk>/entered-in-error/", views.response_error, name="response-error"),
    path("sessions/<int:pk>/adverse-events/", views.event_record, name="event-record"),
    path("adverse-events/<int:pk>/", views.event_change, name="event-change"),
    path("adverse-events/<int:pk>/entered-in-error/", views.event_error, name="event-error"),
]

router.register(
    {
        "assessments": AssessmentResource,
        "scores": ScoreResource,
        "responses": ResponseResource,
        "adverse-events": EventResource,
    }
)
