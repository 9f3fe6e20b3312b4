"""Responses and adverse events, for programs."""

from rest_framework import serializers

from clinic.api.fields import Change, SentFields
from patients.people.api.corrections import CorrectableShown, Correcting, ErrorSent
from planning.course.actions.course import change_event, change_response, record_event, record_response
from planning.course.api.assessments import (
    CORRECTING,
    OF_ERRORS,
    READING,
    WRITING,
    CourseResource,
    session_field,
    visit_field,
)
from planning.course.forms.course import EVENT_FIELDS, RESPONSE_FIELDS
from planning.course.models.adverse_event import AdverseEvent
from planning.course.models.response import Response


class ResponseShown(CorrectableShown):
    patient = serializers.IntegerField(source="visit.patient_id")

    class Meta:
        model = Response
        fields = ["id", "session", "visit", "patient", *RESPONSE_FIELDS, *OF_ERRORS]


class ResponseSent(SentFields):
    class Meta:
        model = Response
        fields = RESPONSE_FIELDS


class ResponseNew(ResponseSent):
    session = session_field()
    visit = visit_field(help_text="The visit at which it was reported, after the session.")


class ResponseChange(Change, ResponseSent):
    pass


class ResponseResource(Correcting, CourseResource):
    """How a patient has been since a session, as reported at a later visit."""

    kind = "response"
    permissions = {**READING, **WRITING, **CORRECTING}
    queryset = Response.objects.for_page()
    serializer_class = ResponseShown
    bodies = {"create": ResponseNew, "partial_update": ResponseChange, "entered_in_error": ErrorSent}
    paths = {"patient": "session__visit__patient", "visit": "visit", "session": "session"}

    def patients_of(self, response):
        return [response.visit.patient_id]

    def create(self, request):
        """Record the response to a session at a later visit. Each session and visit have one response."""
        return self.made_by(record_response)

    def concerned_by(self, sent):
        return [sent["session"].visit.patient_id]

    def partial_update(self, request, pk):
        """Change a response."""
        return self.changed_by(change_response, response=self.the_record())


class EventShown(CorrectableShown):
    patient = serializers.IntegerField(source="session.visit.patient_id")

    class Meta:
        model = AdverseEvent
        fields = ["id", "session", "patient", *EVENT_FIELDS, *OF_ERRORS]


class EventSent(SentFields):
    visit = visit_field(
        required=False,
        allow_null=True,
        help_text="The visit at which it was reported. Null if reported between visits.",
    )

    class Meta:
        model = AdverseEvent
        fields = [name for name in EVENT_FIELDS if name != "visit"]


class EventNew(EventSent):
    session = session_field()


class EventChange(Change, EventSent):
    pass


class EventResource(Correcting, CourseResource):
    """Untoward events after a session."""

    kind = "adverse-event"
    permissions = {**READING, **WRITING, **CORRECTING}
    queryset = AdverseEvent.objects.for_page()
    serializer_class = EventShown
    bodies = {"create": EventNew, "partial_update": EventChange, "entered_in_error": ErrorSent}
    paths = {"patient": "session__visit__patient", "visit": "visit", "session": "session"}

    def patients_of(self, event):
        return [event.session.visit.patient_id]

    def create(self, request):
        """Record an untoward event after a session, reported at a visit or between visits."""
        return self.made_by(record_event)

    def concerned_by(self, sent):
        return [sent["session"].visit.patient_id]

    def partial_update(self, request, pk):
        """Change an adverse event."""
        return self.changed_by(change_event, event=self.the_record())
