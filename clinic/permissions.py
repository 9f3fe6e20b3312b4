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
    """Whether one of the user's roles grants it; being a superuser grants nothing clinical."""
    if permission is Permission.ANYBODY:
        return user.is_authenticated and user.is_active
    return any(permission in role.may for role in roles_of(user))


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
        return permission is not None and may(request.user, permission)
