"""Users, the clinic, and what all apps share: submissions, tokens, the audit trail."""

from clinic.accounts.login_failures import LoginFailures
from clinic.accounts.login_sessions import LoginSession
from clinic.accounts.models import CollumUserManager, User, UserQuerySet
from clinic.accounts.set_up import SetUpCheck
from clinic.accounts.tokens import ApiToken
from clinic.backup.models import BackupKind, BackupRun
from clinic.records.models import (
    ACTIVE_FIRST,
    AuditedPatient,
    AuditEntry,
    Clinic,
    Correctable,
    CorrectableQuerySet,
    LockingQuerySet,
    Submission,
    Versioned,
    not_in_the_future,
    now,
)
from clinic.records.seals import AuditSeal

__all__ = [
    "ACTIVE_FIRST",
    "ApiToken",
    "AuditEntry",
    "AuditSeal",
    "AuditedPatient",
    "BackupKind",
    "BackupRun",
    "Clinic",
    "CollumUserManager",
    "Correctable",
    "CorrectableQuerySet",
    "LockingQuerySet",
    "LoginFailures",
    "LoginSession",
    "SetUpCheck",
    "Submission",
    "User",
    "UserQuerySet",
    "Versioned",
    "not_in_the_future",
    "now",
]
