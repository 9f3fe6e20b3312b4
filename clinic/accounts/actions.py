"""A user's own API tokens and preferences."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from clinic.accounts.models import User
from clinic.accounts.permissions import READ_WITH, grantable, require_person
from clinic.accounts.secret import hashed, new_secret
from clinic.accounts.tokens import ApiToken
from clinic.records import audit_log
from clinic.records.actions import action, assign, store
from clinic.records.exceptions import Refused

PREFIX = "collum_"  # lets secret scanners recognise a leaked token
LIFETIMES = (7, 30, 90, 365)
MOST_AT_ONCE = 20


@action
def create_token(*, person, name, permissions, days, by):
    """Create a token. Its `secret` is on the returned object only and cannot be read again."""
    require_person(by, "A program cannot create tokens.")
    if person.pk != by.pk:
        raise Refused("You can create tokens only for yourself.")
    if days not in LIFETIMES:
        raise Refused("A token is valid for 7, 30, 90 or 365 days.", field="days")
    permissions = _checked(permissions, person=person)
    now = timezone.now()
    _require_room(person, now)
    secret = f"{PREFIX}{new_secret()}"
    token = ApiToken(
        person=person,
        name=name,
        token_hash=hashed(secret),
        permissions=permissions,
        created_at=now,
        # The password of this request: if it was changed elsewhere just now, this token has ended too.
        session_auth_hash=person.get_session_auth_hash(),
        expires_at=now + dt.timedelta(days=days),
    )
    _store_named(token, by=by)
    audit_log.record("created a token", token, by=by)
    token.secret = secret
    return token


def _checked(permissions, *, person):
    permissions = frozenset(permissions)
    if not permissions:
        raise Refused("Select at least one permission. This token cannot do anything yet.", field="permissions")
    if permissions - set(grantable(person)):
        raise Refused("A token can do only what you can do, and never signs.", field="permissions")
    for writing, reading in READ_WITH.items():
        if writing in permissions and reading not in permissions:
            raise Refused(
                f"To {writing.token_label()}, a program must also be able to {reading.value}. Select that too.",
                field="permissions",
            )
    return permissions


def _require_room(person, now):
    """Free the names of expired tokens. Rejects a token beyond the limit. Locks the user's row."""
    User.objects.locked(person.pk)
    person.api_tokens.filter(revoked_at=None, expires_at__lte=now).update(revoked_at=F("expires_at"))
    if ApiToken.objects.working(person, now).count() >= MOST_AT_ONCE:
        raise Refused(f"You already have {MOST_AT_ONCE} tokens. Revoke one that you no longer need.")


def _store_named(token, *, by):
    try:
        with transaction.atomic():
            return store(token, by=by)
    except IntegrityError as error:
        raise Refused(f"You already have a token called {token.name}. Choose another name.", field="name") from error


@action
def revoke_token(*, token, by):
    """Repeating it succeeds, and so does revoking an expired token."""
    token = ApiToken.objects.locked(token.pk)
    if token.person_id != by.pk:
        raise Refused("This token belongs to another user.")
    now = timezone.now()
    if token.is_active(now):
        token.revoked_at = now
        store(token, by=by)
        audit_log.record("revoked a token", token, by=by)
    return token


@action
def change_preferences(*, person, appearance, single_keys, by):
    """How pages look and react for this user, on every device."""
    require_person(by, "A program cannot change preferences.")
    if assign(person, {"appearance": appearance, "single_keys": single_keys}):
        person.save(update_fields=["appearance", "single_keys"])
        audit_log.record("changed preferences", person, by=by)
    return person
