"""The audit trail and its seals for auditors' programs: who did what and when, without patient names."""

from rest_framework import serializers

from clinic.accounts.permissions import Permission
from clinic.api.fields import LineField, Query, QueryId, QueryTimestamp, Shown
from clinic.api.pagination import SearchSent
from clinic.api.resources import Collection, Searchable
from clinic.audit import labels, subjects
from clinic.records.audit_log import record
from clinic.records.models import AuditEntry
from clinic.records.seals import AuditSeal


class AuditEntryShown(Shown):
    actor_name = serializers.SerializerMethodField()
    in_words = serializers.SerializerMethodField()
    patients = serializers.SerializerMethodField()

    class Meta:
        model = AuditEntry
        fields = [
            "id", "at", "actor", "actor_name", "roles", "action", "object_type", "object_id", "outcome", "route",
            "request_id", "in_words",
        ]  # fmt: skip

    def get_actor_name(self, entry) -> str:
        return str(entry.actor or "")

    def get_in_words(self, entry) -> str:
        return labels.entry_label(entry)

    def get_patients(self, entry) -> list[int]:
        return [row.patient_id for row in entry.patients.all()]


class EntriesQuery(Query):
    patient = QueryId(help_text="Only entries about this record.")
    actor = QueryId()
    since = QueryTimestamp(required=False, help_text="At this time or later.")
    until = QueryTimestamp(required=False, help_text="Before this time.")
    action = serializers.CharField(required=False, max_length=60, help_text="As in the entry, such as `signed`.")
    outcome = serializers.ChoiceField(AuditEntry._meta.get_field("outcome").choices, required=False)


class EntriesSearched(SearchSent):
    record_number = LineField(
        max_length=30, help_text="Of a patient. Entries about records that are the same person are included."
    )


class AuditResource(Searchable):
    """Who read, changed, signed or was denied access, latest first. Each request for this list adds an entry."""

    kind = "audit"
    permissions = {"list": Permission.SEE_AUDIT, "search": Permission.SEE_AUDIT}
    queryset = AuditEntry.objects.select_related("actor").prefetch_related("patients")
    serializer_class = AuditEntryShown
    queries = {"list": EntriesQuery}
    bodies = {"search": EntriesSearched}
    orderings = ("-id", "id")
    paths = {"patient": "patients__patient_id", "since": "at__gte", "until": "at__lt"}

    def list(self, request):
        """Entries of the audit trail, latest first."""
        patients = subjects.patient_ids(
            pk=self.query_values.get("patient"), record_number=self.query_values.get("record_number", "")
        )
        record("read the audit trail", by=request.user, patients=patients)
        return super().list(request)

    def found(self, entries, *, record_number=None, **filters):
        if record_number is not None:
            entries = entries.about(subjects.patient_ids(record_number=record_number))
        return super().found(entries, **filters)


class SealShown(Shown):
    to_keep = serializers.CharField(
        read_only=True, help_text="Keep it away from the server; `manage.py verify --seal` compares it."
    )

    class Meta:
        model = AuditSeal
        fields = [
            "number", "at", "first_entry", "last_entry", "entries", "digest", "previous_mac", "mac", "to_keep",
        ]  # fmt: skip


class SealResource(Collection):
    """The seals of the audit trail, latest first: a seal that a program keeps shows later that entries were removed."""

    kind = "seal"
    permissions = {"list": Permission.SEE_AUDIT, "retrieve": Permission.SEE_AUDIT}
    queryset = AuditSeal.objects.all()
    serializer_class = SealShown
    orderings = ("-number", "number")

    def list(self, request):
        """Seals, latest first."""
        record("read the seals", by=request.user)
        return super().list(request)

    def retrieve(self, request, pk):
        """One seal, by its number."""
        record("read the seals", by=request.user)
        return super().retrieve(request, pk=pk)
