"""Who received a lot, for programs of whoever handles a recall; never a dose."""

from rest_framework import serializers
from rest_framework.fields import CharField

from clinic.permissions import Permission
from clinic.rest.fields import Asked, LineField
from clinic.rest.resources import Listing
from planning.lots import received, sessions_with
from planning.models import InjectionSession, SessionState
from planning.models.lot import LONGEST_LOT, NO_LOT, is_a_lot


class LotAsTyped(serializers.Serializer):
    lot_number = CharField()
    expiry = CharField()


class ReceivedShown(serializers.Serializer):
    session = serializers.IntegerField(source="session.pk")
    patient = serializers.IntegerField(source="patient.pk")
    same_as = serializers.IntegerField(source="patient.same_as_id", allow_null=True)
    record_number = CharField(source="patient.record_number")
    family_name = CharField(source="patient.family_name")
    given_name = CharField(source="patient.given_name")
    date_of_birth = serializers.DateField(source="patient.date_of_birth")
    phones = serializers.ListField(child=CharField())
    given_on = serializers.DateField()
    product = CharField()
    muscles = CharField()
    lots = serializers.SerializerMethodField()
    state = serializers.ChoiceField(SessionState)
    marks = serializers.ListField(child=CharField(), help_text="What keeps this from being signed with this lot.")
    adverse_events = serializers.ListField(source="events", child=CharField())

    def get_lots(self, row) -> LotAsTyped(many=True):
        return [{"lot_number": lot, "expiry": expiry} for lot, expiry in row.lots]


class LotsAsked(Asked):
    lot = LineField(max_length=LONGEST_LOT, help_text="Whatever its case, spaces and hyphens.")

    def validate_lot(self, lot):
        if not is_a_lot(lot):
            raise serializers.ValidationError(NO_LOT)
        return lot


class LotResource(Listing):
    """Every session that names a lot, with its patient, the newest first."""

    kind = "lot"
    permissions = {"list": Permission.LOOK_UP_LOTS}
    queryset = InjectionSession.objects.with_given_day()
    serializer_class = ReceivedShown
    queries = {"list": LotsAsked}
    orderings = ("-given_day", "given_day")

    def found(self, sessions, *, lot):
        return sessions_with(lot)

    def patients_of(self, row):
        return row.patient_ids

    def paginate_queryset(self, queryset):
        return received(super().paginate_queryset(queryset))
