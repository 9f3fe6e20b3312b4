"""Responses and adverse events, for programs."""

from rest_framework import serializers

from clinic.api.fields import record_serializers
from patients.people.api.corrections import ERROR_BODIES, ERROR_FIELDS, CorrectableShown
from planning.course.actions.course import change_event, change_response, record_event, record_response
from planning.course.api.assessments import CorrectableCourseResource, session_field, visit_field
from planning.course.models.adverse_event import AdverseEvent
from planning.course.models.response import Response

ResponseShown, ResponseSent, ResponseChange = record_serializers(
    Response,
    Response.details(),
    shown=CorrectableShown,
    before=("id", "session", "visit", "patient"),
    after=ERROR_FIELDS,
    shown_as={"patient": serializers.IntegerField(source="visit.patient_id")},
)
EventShown, EventSent, EventChange = record_serializers(
    AdverseEvent,
    AdverseEvent.details(),
    name="Event",
    shown=CorrectableShown,
    before=("id", "session", "patient"),
    after=ERROR_FIELDS,
    shown_as={"patient": serializers.IntegerField(source="session.visit.patient_id")},
    sent_as={
        "visit": visit_field(
            required=False,
            allow_null=True,
            help_text="The visit at which it was reported. Null if reported between visits.",
        )
    },
)


class ResponseNew(ResponseSent):
    session = session_field()
    visit = visit_field(help_text="The visit at which it was reported, after the session.")


class EventNew(EventSent):
    session = session_field()


class AfterSessionResource(CorrectableCourseResource):
    """What patients report after a session."""

    paths = {"patient": "session__visit__patient__in", "visit": "visit", "session": "session"}

    def concerned_by(self, sent):
        return [sent["session"].visit.patient_id]


class ResponseResource(AfterSessionResource):
    """How a patient has been since a session, as reported at a later visit."""

    kind = "response"
    queryset = Response.objects.for_page()
    serializer_class = ResponseShown
    bodies = {"create": ResponseNew, "partial_update": ResponseChange, **ERROR_BODIES}

    def patients_of(self, response):
        return [response.visit.patient_id]

    def create(self, request):
        """Record the response to a session at a later visit. Each session and visit have one response."""
        return self.created_by(record_response)

    def partial_update(self, request, pk):
        """Change a response."""
        return self.changed_by(change_response, response=self.the_record())


class EventResource(AfterSessionResource):
    """Untoward events after a session."""

    kind = "adverse-event"
    queryset = AdverseEvent.objects.for_page()
    serializer_class = EventShown
    bodies = {"create": EventNew, "partial_update": EventChange, **ERROR_BODIES}

    def patients_of(self, event):
        return [event.session.visit.patient_id]

    def create(self, request):
        """Record an untoward event after a session, reported at a visit or between visits."""
        return self.created_by(record_event)

    def partial_update(self, request, pk):
        """Change an adverse event."""
        return self.changed_by(change_event, event=self.the_record())
