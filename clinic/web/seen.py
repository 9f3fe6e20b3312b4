"""What the user saw when they opened a form: whose record, in which version. Pages store it in hidden fields."""

from clinic.records import audit_log
from clinic.records.exceptions import Conflict, Incomplete
from clinic.records.numbers import whole_number

PATIENT = "patient_seen"
ANOTHER_PATIENT = (
    "This form was opened for another patient, so your entries were not saved. "
    "Open the page again, check the name, and enter it there."
)
INCOMPLETE = (
    "This form was sent without the details of what you saw, so your entries were not saved. "
    "Open the page again and enter it there."
)
# Fields that the pages add to forms; the user did not type them.
NOT_TYPED = (
    "csrfmiddlewaretoken",
    PATIENT,
    "content_hash",
    "next",
    "state",
    "undo",
    "mark",
    "feed",
    "then",
    "finder",
    "code",
    "credential",
)
NOT_TYPED_ENDINGS = ("version", "submission_key", "password", "password1", "password2", "empties_confirmed")


def about(request, patient, *others):
    """The request is about this patient (instance or id): its response shows the patient, and `others`.

    Raises Conflict if its form was opened for another patient.
    """
    audit_log.shown(patient, *others)
    if request.method == "POST" and number(request, PATIENT) != getattr(patient, "pk", patient):
        raise Conflict(ANOTHER_PATIENT)


def number(request, name="version"):
    """A version or id from a hidden field. Raises Incomplete if it is missing."""
    found = whole_number(request.POST.get(name, ""))
    if found is None:
        raise Incomplete(INCOMPLETE)
    return found


def typed_text(request):
    if request.method != "POST":
        return []
    return [
        (name.replace("_", " ").rpartition("-")[2], text)
        for name, texts in request.POST.lists()
        if name not in NOT_TYPED and not name.endswith(NOT_TYPED_ENDINGS)
        for text in texts
        if text.strip()
    ]
