"""People, visits and follow-ups for programs."""

from patients.api.followups import FollowUpResource
from patients.api.patients import CoverageResource, PatientResource, TherapyResource
from patients.api.trail import AuditResource
from patients.api.visits import FreeTimeResource

__all__ = [
    "AuditResource",
    "CoverageResource",
    "FollowUpResource",
    "FreeTimeResource",
    "PatientResource",
    "TherapyResource",
]
