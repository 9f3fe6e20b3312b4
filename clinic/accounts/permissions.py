"""Who may do what: the roles, in one table, and the gates that ask it."""

from enum import Enum
from functools import wraps
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission


class Permission(Enum):
    """Each value finishes the sentence *this address is for people who may …*."""

    SEE_PATIENTS = "see patients"
    CHANGE_PATIENTS = "register and change patients"
    SEE_DIARY = "see visits and follow-ups"
    CHANGE_DIARY = "change visits and follow-ups"
    SEE_SESSIONS = "see injection sessions"
    CHANGE_SESSIONS = "plan and record injection sessions"
    SIGN_SESSIONS = "sign injection sessions"
    SEE_COURSE = "see assessments, responses and adverse events"
    CHANGE_COURSE = "record assessments, responses and adverse events"
    LOOK_UP_LOTS = "look up who received a lot"
    SEE_OVERVIEW = "see the clinic’s overview"
    EXPORT_PATIENTS = "export a patient’s whole record"
    CONFIRM_SAME_PERSON = "confirm that two records are one patient"
    SEE_CATALOGUE = "see muscles, products and instruments"
    CHANGE_CATALOGUE = "change muscles, products and instruments"
    SEE_AUDIT = "see the audit trail"
    ANYBODY = "log in"

    def token_label(self):
        """What it means for a program, in words."""
        return _OF_A_TOKEN.get(self, self.value)


# A program plans what a clinician would plan by name; it neither types what was given nor a dose.
_OF_A_TOKEN = {Permission.CHANGE_SESSIONS: "plan sessions: muscles and sides, never a dose"}

# What may be given to a token. Signing, confirming that two records are one patient, exporting a whole record and the
# clinic's overview are for people alone, whatever the roles of a token's owner say.
READING = frozenset(
    {
        Permission.SEE_PATIENTS,
        Permission.SEE_DIARY,
        Permission.SEE_SESSIONS,
        Permission.SEE_COURSE,
        Permission.LOOK_UP_LOTS,
        Permission.SEE_CATALOGUE,
        Permission.SEE_AUDIT,
    }
)
WRITING = frozenset(
    {
        Permission.CHANGE_PATIENTS,
        Permission.CHANGE_DIARY,
        Permission.CHANGE_SESSIONS,
        Permission.CHANGE_COURSE,
        Permission.CHANGE_CATALOGUE,
    }
)
# Whoever writes reads: what is written is answered with what stands there.
READ_WITH = {
    Permission.CHANGE_PATIENTS: Permission.SEE_PATIENTS,
    Permission.CHANGE_DIARY: Permission.SEE_DIARY,
    Permission.CHANGE_SESSIONS: Permission.SEE_SESSIONS,
    Permission.CHANGE_COURSE: Permission.SEE_COURSE,
    Permission.CHANGE_CATALOGUE: Permission.SEE_CATALOGUE,
}


class Role(NamedTuple):
    name: str
    may: frozenset[Permission]


_DESK = frozenset({Permission.SEE_PATIENTS, Permission.CHANGE_PATIENTS, Permission.SEE_DIARY, Permission.CHANGE_DIARY})
_CLINICAL = _DESK | {
    Permission.SEE_SESSIONS,
    Permission.CHANGE_SESSIONS,
    Permission.SEE_COURSE,
    Permission.CHANGE_COURSE,
    Permission.SEE_CATALOGUE,
}
_VOUCHING = {
    Permission.SIGN_SESSIONS,
    Permission.CONFIRM_SAME_PERSON,
    Permission.LOOK_UP_LOTS,
    Permission.SEE_OVERVIEW,
    Permission.EXPORT_PATIENTS,
}

ROLES = {
    role.name: role
    for role in (
        Role("neurologist", _CLINICAL | _VOUCHING),
        Role("trainee", _CLINICAL),
        Role("clinic staff", _DESK),
        Role("catalogue manager", frozenset({Permission.SEE_CATALOGUE, Permission.CHANGE_CATALOGUE})),
        Role("auditor", frozenset({Permission.SEE_AUDIT})),
    )
}
CLINICIAN_ROLES = ("neurologist", "trainee")


def roles_of(user):
    """The roles an active, logged-in user holds, in the order of the table."""
    if not (user.is_authenticated and user.is_active):
        return []
    held = user.role_names
    return [role for name, role in ROLES.items() if name in held]


def may(user, permission):
    """Whether one of the user's roles grants it; being a superuser grants nothing clinical.

    A program that acts for the user by a token may what both its scope and the user's roles of today grant.
    """
    if permission is Permission.ANYBODY:
        return user.is_authenticated and user.is_active
    token = token_of(user)
    if token is not None and permission not in token.permissions:
        return False
    return any(permission in role.may for role in roles_of(user))


def token_of(user):
    """The token by which a program acts for the user in this request; None where the user is here in person."""
    return getattr(user, "token", None)


def require_person(user, sentence):
    """Refuse a program what is a person's own to do, whatever its token may."""
    if token_of(user) is not None:
        raise PermissionDenied(sentence)


def names_of_roles_with(permission):
    return [role.name for role in ROLES.values() if permission in role.may]


def require_permission(permission):
    """Gate a view, and label it so that the table test can read the gate."""

    def decorate(view):
        @wraps(view)
        def gated(request, *args, **kwargs):
            if not may(request.user, permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        gated.required_permission = permission
        return gated

    return decorate


class ActionPermissions(BasePermission):
    """Refuses each action of a viewset that its `permissions` do not list."""

    def has_permission(self, request, view):
        permission = getattr(view, "permissions", {}).get(view.action)
        if permission is None:
            return False
        if sentence := view.by_a_person.get(view.action):
            require_person(request.user, sentence)
        # Whatever is written is answered with the record as it stands then.
        reading = view.permissions.get("retrieve", view.permissions.get("list", permission))
        return may(request.user, permission) and may(request.user, reading)
