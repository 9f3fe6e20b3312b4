"""People who log in, the clinic itself, and what every app shares: versions, submissions, tokens, the audit trail."""

from clinic.models.people import Clinic, CollumUserManager, User, UserQuerySet, _time_zones
from clinic.models.tokens import ApiToken
from clinic.models.trail import AuditedPatient, AuditEntry, Submission
from clinic.models.versions import (
    STANDING_FIRST,
    Correctable,
    CorrectableQuerySet,
    LockingQuerySet,
    Versioned,
    not_in_the_future,
    now,
)

__all__ = [
    "STANDING_FIRST",
    "ApiToken",
    "AuditEntry",
    "AuditedPatient",
    "Clinic",
    "CollumUserManager",
    "Correctable",
    "CorrectableQuerySet",
    "LockingQuerySet",
    "Submission",
    "User",
    "UserQuerySet",
    "Versioned",
    "_time_zones",  # the first migration names it here
    "not_in_the_future",
    "now",
]
