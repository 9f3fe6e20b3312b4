"""Records that are never deleted: an incorrect one is marked as entered in error."""

from rest_framework import serializers
from rest_framework.decorators import action as operation

from clinic.api.fields import Change, LineField, Shown
from clinic.records.actions import mark_entered_in_error

ERROR_FIELDS = ("entered_in_error", "error_reason", "recorded_at", "version")


class ErrorSent(Change):
    """The reason for marking a record as entered in error."""

    reason = LineField(max_length=300)


class CorrectableShown(Shown):
    """Adds the reason if the record is marked as entered in error."""

    entered_in_error = serializers.BooleanField(source="is_in_error")


class Correcting:
    """Adds the operation to a Resource, whose `permissions` and `bodies` must list it."""

    @operation(detail=True, methods=["post"], url_path="entered-in-error")
    def entered_in_error(self, request, **kwargs):
        """Mark as entered in error. It stays visible with this mark and is not included in totals."""
        return self.changed_by(mark_entered_in_error, record=self.the_record())
