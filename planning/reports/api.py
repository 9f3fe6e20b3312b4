"""Which patients received a lot, for programs that handle a recall; never a dose."""

from django.core.exceptions import ValidationError as ModelError
from rest_framework import serializers
from rest_framework.fields import CharField

from clinic.accounts.permissions import Permission
from clinic.api.fields import PartialDateField, Query, TextField
from clinic.api.resources import Listing
from planning.reports.lot_search import TOO_MANY, look_up, lot_to_look_up
from planning.sessions.models.lot import LotMatch
from planning.sessions.models.session import InjectionSession, SessionState
from planning.sessions.scans import LONGEST_SCAN

EXACT, POSSIBLE = "exact", "possible"


class LotAsTyped(serializers.Serializer):
    lot_number = CharField()
    expiry = CharField()
    match = serializers.ChoiceField(LotMatch, help_text="How this lot, as typed, matches the lot number.")


class ReceivedShown(serializers.Serializer):
    session = serializers.IntegerField(source="session.pk")
    match = serializers.ChoiceField(
        LotMatch,
        help_text="`exact`, or a possible match, which a person must compare with the box.",
    )
    patient = serializers.IntegerField(source="patient.pk")
    same_as = serializers.IntegerField(source="patient.same_as_id", allow_null=True)
    record_number = CharField(source="patient.record_number")
    family_name = CharField(source="patient.family_name")
    given_name = CharField(source="patient.given_name")
    date_of_birth = PartialDateField(source="patient.date_of_birth")
    phones = serializers.ListField(child=CharField())
    given_on = serializers.DateField()
    product = CharField()
    muscles = CharField()
    lots = serializers.SerializerMethodField()
    state = serializers.ChoiceField(SessionState)
    marks = serializers.ListField(child=CharField(), help_text="Why the session is not signed with this lot.")
    adverse_events = serializers.ListField(source="events", child=CharField())

    def get_lots(self, row) -> LotAsTyped(many=True):
        return [{"lot_number": lot, "expiry": expiry, "match": match} for lot, expiry, match in row.lots]


class LotsQuery(Query):
    lot = TextField(
        max_length=LONGEST_SCAN,
        help_text="Only its letters and digits are compared, ignoring case. A scanned code is looked up by its lot.",
    )
    match = serializers.ChoiceField(
        [EXACT, POSSIBLE], required=False, help_text="If omitted, both exact and possible matches, marked as such."
    )

    def validate_lot(self, typed):
        try:
            return lot_to_look_up(typed)
        except ModelError as error:
            raise serializers.ValidationError(error.messages) from error


class LotResource(Listing):
    """Every session with a lot that matches exactly or possibly, with its patient, newest first.

    `match` shows which.
    """

    kind = "lot"
    permissions = {"list": Permission.LOOK_UP_LOTS}
    queryset = InjectionSession.objects.with_given_day()
    serializer_class = ReceivedShown
    queries = {"list": LotsQuery}
    orderings = ("-given_day", "given_day")

    def found(self, sessions, *, lot, match=""):
        self.look_up = look_up(lot)
        if match == EXACT:
            return self.look_up.exact_sessions()
        if self.look_up.has_too_many:
            raise serializers.ValidationError({"lot": [TOO_MANY]})
        return self.look_up.possible_sessions() if match == POSSIBLE else self.look_up.sessions()

    def patients_of(self, row):
        return row.patient_ids

    def paginate_queryset(self, queryset):
        return self.look_up.received(super().paginate_queryset(queryset))
