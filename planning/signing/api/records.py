"""Signed records for programs, read-only."""

from rest_framework import serializers
from rest_framework.fields import CharField

from clinic.accounts.permissions import Permission
from clinic.api.fields import Shown
from clinic.api.resources import Single
from planning.sessions.actions.injections import DOSES
from planning.sessions.content_facts import side_by_side
from planning.sessions.models.session import SessionState
from planning.signing.api.signed_content import ContentSigned
from planning.signing.models.signed_record import SignedRecord


class FactChanged(serializers.Serializer):
    """A fact that differs from the previous record."""

    label = CharField()
    before = CharField()
    now = CharField()


class RecordShown(Shown):
    content = serializers.SerializerMethodField()
    changed = serializers.SerializerMethodField()
    is_latest = serializers.SerializerMethodField()
    patient = serializers.IntegerField(source="session.visit.patient_id")
    session_state = serializers.ChoiceField(SessionState, source="session.state", help_text="The current state.")
    error_reason = serializers.SerializerMethodField()
    consent_error = serializers.SerializerMethodField()
    is_intact = serializers.BooleanField(help_text="Whether the hash is that of content and signature.")

    class Meta:
        model = SignedRecord
        fields = [
            "id", "patient", "session", "session_state", "error_reason", "consent_error", "number", "content",
            "content_text", "content_hash", "previous_hash", "hash", "signer", "signer_name", "signer_roles",
            "signed_at", "meaning", "changed", "is_latest", "is_intact",
        ]  # fmt: skip
        extra_kwargs = {
            "content_text": {"help_text": "The signed content, byte for byte. Its SHA-256 is `content_hash`."},
            "session": {"help_text": "The session, which may have later records."},
        }

    def get_content(self, record) -> ContentSigned():
        """The signed content. A dose that was not recorded is null."""
        rows = [
            {name: value or None if name in DOSES else value for name, value in row.items()}
            for row in record.content["injections"]
        ]
        return {**record.content, "injections": rows}

    def _records(self, record):
        return sorted(record.session.records.all(), key=lambda one: one.number)

    def get_changed(self, record) -> FactChanged(many=True):
        """What an amendment changed, fact by fact; empty in the first record."""
        before = next((one for one in self._records(record) if one.number == record.number - 1), None)
        if before is None:
            return []
        facts = [fact for fact in side_by_side([before.content, record.content]) if fact.changed]
        return [{"label": fact.label, "before": fact.cells[0].text, "now": fact.cells[1].text} for fact in facts]

    def get_error_reason(self, record) -> str:
        """Why its session was marked as entered in error. Such a record is not included in totals."""
        mark = record.session.error_mark()
        return mark.reason if mark else ""

    def get_consent_error(self, record) -> str:
        """When and why the consent chosen at signing was later marked as entered in error; otherwise empty."""
        consent = record.chosen_consent()
        return consent.error_text() if consent else ""

    def get_is_latest(self, record) -> bool:
        return self._records(record)[-1].pk == record.pk


class RecordResource(Single):
    """The signed content of a session, who signed it, and what an amendment changed. Records are immutable."""

    kind = "record"
    permissions = {"retrieve": Permission.SEE_SESSIONS}
    queryset = SignedRecord.objects.select_related("session__visit").prefetch_related("session__records", "amendments")
    serializer_class = RecordShown

    def patients_of(self, record):
        return [record.session.visit.patient_id]
