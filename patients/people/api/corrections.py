"""Records that are never deleted: an incorrect one is marked as entered in error."""

from rest_framework import serializers
from rest_framework.decorators import action as operation

from clinic.api.fields import Change, LineField, Shown
from clinic.records.actions import mark_entered_in_error, undo_entered_in_error

ERROR_FIELDS = ("entered_in_error", "error_reason", "recorded_at", "version")
CORRECTIONS = ("entered_in_error", "undo_entered_in_error")


class ErrorSent(Change):
    """The reason for marking a record as entered in error."""

    reason = LineField(max_length=300)


class ErrorUndone(Change):
    """The mark that you read, by the version of the record."""


class CorrectableShown(Shown):
    """Adds the reason if the record is marked as entered in error."""

    entered_in_error = serializers.BooleanField(source="is_in_error")


class Correcting:
    """Adds the operations to a Resource, whose `permissions` and `bodies` must list them."""

    @operation(detail=True, methods=["post"], url_path="entered-in-error")
    def entered_in_error(self, request, **kwargs):
        """Mark as entered in error. It stays visible with this mark and is not included in totals."""
        return self.changed_by(mark_entered_in_error, record=self.the_record())

    @operation(detail=True, methods=["post"], url_path="undo-entered-in-error")
    def undo_entered_in_error(self, request, **kwargs):
        """Undo *entered in error*. The record is included in totals again."""
        return self.changed_by(undo_entered_in_error, record=self.the_record())


ERROR_BODIES = {"entered_in_error": ErrorSent, "undo_entered_in_error": ErrorUndone}
