"""Clinicians who are running late, for programs."""

from clinic.accounts.permissions import Permission
from clinic.api.fields import Change, DayField, Query, QueryId, record_serializers
from clinic.api.resources import Collection, operation
from patients.diary.actions.delays import end_delay, note_delay
from patients.diary.api.visits import ClinicianField
from patients.diary.models.delay import Delay

DelayShown, DelayMinutes, DelayChange = record_serializers(
    Delay,
    ["minutes"],
    before=("id", "clinician", "day"),
    after=("noted_by", "noted_at", "ended_at", "version"),
)


class DelaySent(DelayMinutes):
    clinician = ClinicianField()


class DelayEnd(Change):
    """The end of a delay."""


class DelaysQuery(Query):
    clinician = QueryId()
    day = DayField(required=False, help_text="A date in the clinic’s time zone.")


class DelayResource(Collection):
    """About how many minutes a clinician is running late on a date. It ends with that date, and changes no visit."""

    kind = "delay"
    permissions = {
        **dict.fromkeys(("list", "retrieve"), Permission.SEE_DIARY),
        **dict.fromkeys(("create", "partial_update", "end"), Permission.CHANGE_DIARY),
    }
    queryset = Delay.objects.select_related("clinician")
    serializer_class = DelayShown
    queries = {"list": DelaysQuery}
    bodies = {"create": DelaySent, "partial_update": DelayChange, "end": DelayEnd}
    orderings = ("id", "-id")

    def create(self, request):
        """Note that a clinician is running late today. If there is already a delay of today, change that one."""
        return self.created_by(note_delay, version=0)

    def partial_update(self, request, pk):
        """Change today’s delay of a clinician. One that was ended begins again."""
        if "minutes" not in self.sent_with_version():
            return self.respond(self.the_record().pk)
        return self.changed_by(note_delay, **self._of_the_record())

    @operation(detail=True, methods=["post"])
    def end(self, request, pk):
        """End today’s delay of a clinician."""
        return self.changed_by(end_delay, **self._of_the_record())

    def _of_the_record(self):
        delay = self.the_record()
        return {"clinician": delay.clinician, "day": delay.day}
