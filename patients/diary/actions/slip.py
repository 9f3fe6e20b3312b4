"""The text of the appointment slip."""

from clinic.models import Clinic
from clinic.records import audit_log
from clinic.records.actions import action, is_repeat, require_version, store
from patients.diary.models.slip import SlipText


@action
def change_slip_text(*, what_to_bring, by, version):
    """Version 0 if no text is stored yet. Repeating it succeeds."""
    # There may be no row yet on which a concurrent change could wait.
    Clinic.objects.select_for_update().get(pk=1)
    stored = SlipText.ours()
    if stored.version == 0:
        require_version(stored, version)
        stored.version = 1
    elif is_repeat(stored, {"what_to_bring": what_to_bring}, version=version):
        return stored
    stored.what_to_bring = what_to_bring
    store(stored, by=by)
    audit_log.record("changed the slip text", stored, by=by)
    return stored
