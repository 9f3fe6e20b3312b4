"""*Here now*, for a patient at the front desk: one button in each row of a search."""

import uuid
from dataclasses import dataclass, field

from django.utils import timezone

from clinic.models import User
from clinic.web.page_urls import url_of_page
from patients.diary.models.delay import Delay
from patients.diary.models.visit import Visit, VisitKind, VisitState
from patients.followups.models.followup import FollowUp


@dataclass(frozen=True)
class HereNow:
    """Marks the visit that is booked for today as arrived; otherwise it books one from now on."""

    patient: object
    visit: Visit | None = None
    delay: Delay | None = None  # of the clinician of the visit
    key: uuid.UUID = field(default_factory=uuid.uuid4)

    @property
    def url(self):
        return url_of_page("patients:here-now", self.patient.pk)

    @classmethod
    def for_patient(cls, patient, coming, delays):
        """None if the patient is here already, or cannot be booked.

        `coming` are the patient's coming visits, `delays` those of today by clinician.
        """
        if patient.same_as_id or not patient.is_active:
            return None
        today = [visit for visit in coming if visit.day <= timezone.localdate()]
        if any(visit.state == VisitState.ARRIVED for visit in today):
            return None
        visit = next((visit for visit in today if visit.state == VisitState.BOOKED), None)
        return cls(patient, visit, delays.get(visit.clinician_id) if visit else None)


def walk_in(patient, *, by):
    """The fields of the booking form. A follow-up that is due is answered if it is the only one that is open."""
    open_ones = list(FollowUp.objects.open().filter(patient=patient)[:2])
    follow_up = open_ones[0] if len(open_ones) == 1 and open_ones[0].due_on <= timezone.localdate() else None
    return {
        "here_now": "on",
        "clinician": by.pk if by.is_clinician else _last_chosen_clinician(by) or "",
        "kind": follow_up.visit_kind if follow_up else VisitKind.OTHER,
        "follow_up": follow_up.pk if follow_up else "",
    }


def _last_chosen_clinician(user):
    booked = Visit.history.filter(history_user=user, history_type="+").order_by("-history_id")
    last = booked.values_list("clinician_id", flat=True).first()
    return last if User.objects.clinicians().filter(pk=last).exists() else None
