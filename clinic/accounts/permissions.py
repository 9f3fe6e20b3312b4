"""Permissions: the table of roles, and the checks that use it."""

from enum import Enum
from functools import lru_cache, wraps
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission


class Permission(Enum):
    """Each value completes the sentence *this page is for people who can …*."""

    SEE_PATIENTS = "see patients"
    CHANGE_PATIENTS = "register and change patients"
    IMPORT_PATIENTS = "import patients from a file"
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
    EXPORT_ALL = "export the data of all patients"
    CONFIRM_SAME_PERSON = "confirm that two records are one patient"
    SEE_CATALOGUE = "see muscles, products and instruments"
    CHANGE_CATALOGUE = "change muscles, products and instruments"
    SEE_AUDIT = "see the audit trail"
    SET_HOURS = "set the opening hours"
    ADMINISTER = "administer users and the clinic"
    LOG_IN = "log in"

    def token_label(self):
        return _TOKEN_LABELS.get(self, self.value)


# A program can plan what a clinician would plan by name. It cannot enter what was given or a dose.
_TOKEN_LABELS = {Permission.CHANGE_SESSIONS: "plan sessions: muscles and sides, never a dose"}

# Permissions that a token can have. A program can never sign, confirm that two records are one patient, export a whole
# record or all of them, or read the clinic's overview, regardless of its owner's roles.
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
# Every write permission includes reading, because the response to a write shows the stored record.
READ_WITH = {
    Permission.CHANGE_PATIENTS: Permission.SEE_PATIENTS,
    Permission.CHANGE_DIARY: Permission.SEE_DIARY,
    Permission.CHANGE_SESSIONS: Permission.SEE_SESSIONS,
    Permission.CHANGE_COURSE: Permission.SEE_COURSE,
    Permission.CHANGE_CATALOGUE: Permission.SEE_CATALOGUE,
}
WRITING = frozenset(READ_WITH)
# All other permissions open something about patients, or let an administrator give roles that do.
WITHOUT_PATIENTS = frozenset(
    {Permission.SEE_CATALOGUE, Permission.CHANGE_CATALOGUE, Permission.SET_HOURS, Permission.LOG_IN}
)


class Role(NamedTuple):
    name: str
    may: frozenset[Permission]


_DESK = frozenset(
    {
        Permission.SEE_PATIENTS,
        Permission.CHANGE_PATIENTS,
        Permission.SEE_DIARY,
        Permission.CHANGE_DIARY,
        Permission.SET_HOURS,
    }
)
_CLINICAL = _DESK | {
    Permission.SEE_SESSIONS,
    Permission.CHANGE_SESSIONS,
    Permission.SEE_COURSE,
    Permission.CHANGE_COURSE,
    Permission.SEE_CATALOGUE,
}
_SIGNING = {
    Permission.IMPORT_PATIENTS,
    Permission.SIGN_SESSIONS,
    Permission.CONFIRM_SAME_PERSON,
    Permission.LOOK_UP_LOTS,
    Permission.SEE_OVERVIEW,
    Permission.EXPORT_PATIENTS,
    Permission.EXPORT_ALL,
}

ROLES = {
    role.name: role
    for role in (
        Role("neurologist", _CLINICAL | _SIGNING),
        Role("trainee", _CLINICAL),
        Role("clinic staff", _DESK | {Permission.IMPORT_PATIENTS}),
        Role("catalogue manager", frozenset({Permission.SEE_CATALOGUE, Permission.CHANGE_CATALOGUE})),
        Role("auditor", frozenset({Permission.SEE_AUDIT})),
    )
}
# What being a superuser grants: nothing about a patient.
OF_SUPERUSER = frozenset({Permission.SET_HOURS, Permission.ADMINISTER})
CLINICIAN_ROLES = ("neurologist", "trainee")


def roles_of(user):
    if not (user.is_authenticated and user.is_active):
        return ()
    return _roles_named(tuple(user.role_names))


@lru_cache(maxsize=64)
def _roles_named(names):
    return tuple(role for name, role in ROLES.items() if name in names)


def may(user, permission):
    """Whether one of the user's roles grants the permission. Being a superuser grants nothing about patients.

    A program needs the permission both in its token's scope and in the user's current roles.
    """
    if permission is Permission.LOG_IN:
        return user.is_authenticated and user.is_active
    token = token_of(user)
    if token is not None and permission not in token.permissions:
        return False
    if permission in OF_SUPERUSER and user.is_superuser and user.is_active:
        return True
    return any(permission in role.may for role in roles_of(user))


def can_reach_patients(user):
    return any(may(user, permission) for permission in Permission if permission not in WITHOUT_PATIENTS)


def token_of(user):
    """The token by which a program acts for the user in this request; None for a user with a browser."""
    return getattr(user, "token", None)


def grantable(user, among=READING | WRITING):
    """What this user can let a program do."""
    return [permission for permission in Permission if permission in among and may(user, permission)]


def require_person(user, message):
    """Deny a program an action that only the user can do in person."""
    if token_of(user) is not None:
        raise PermissionDenied(message)


def names_of_roles_with(permission):
    return [role.name for role in ROLES.values() if permission in role.may]


def require_permission(permission):
    """Require a permission for a view, and label the view so that the test of the roles table can read it."""

    def decorate(view):
        @wraps(view)
        def checked(request, *args, **kwargs):
            if not may(request.user, permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        checked.required_permission = permission
        return checked

    return decorate


class ActionPermissions(BasePermission):
    """Denies each action of a viewset that is not listed in its `permissions`."""

    def has_permission(self, request, view):
        permission = getattr(view, "permissions", {}).get(view.action)
        if permission is None:
            return False
        if message := view.person_only.get(view.action):
            require_person(request.user, message)
        # Every write responds with the stored record.
        reading = view.permissions.get("retrieve", view.permissions.get("list", permission))
        return may(request.user, permission) and may(request.user, reading)
