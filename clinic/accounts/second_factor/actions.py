"""Adding, removing and resetting the factors of a user. Each tells the user by email."""

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.webauthn.internal.auth import WebAuthn

from clinic.accounts.login_sessions import end_logins
from clinic.accounts.models import User
from clinic.accounts.notices import notify
from clinic.accounts.permissions import require_person
from clinic.accounts.second_factor.rules import APP, CODES, current_step, factor_label, factors_of, is_required_for
from clinic.records import audit_log
from clinic.records.actions import action
from clinic.records.exceptions import Refused

MOST_PASSKEYS = 10
IN_PERSON = "A program cannot change the second factor."


@action
def set_up_app(*, person, secret, by):
    """Replaces the app that the user had. The code that proved it counts as used."""
    _require_own(person, by)
    Authenticator.objects.filter(user=person, type=APP).delete()
    app = TOTP.activate(person, secret).instance
    app.data["used_step"] = current_step()
    app.save(update_fields=["data"])
    audit_log.record("set up an authenticator app", person, by=by)
    notify(person, "An authenticator app was set up for your account.")
    return app


@action
def add_passkey(*, person, name, credential, by):
    _require_own(person, by)
    names = [each.wrap().name for each in factors_of(person) if each.type != APP]
    if len(names) >= MOST_PASSKEYS:
        raise Refused(f"You already have {MOST_PASSKEYS} passkeys. Remove one that you no longer use.")
    _require_new_name(name, names)
    passkey = WebAuthn.add(person, name, credential).instance
    audit_log.record("added a passkey", person, by=by)
    notify(person, "A passkey was added to your account.")
    return passkey


@action
def rename_passkey(*, passkey, name, by):
    """Repeating it succeeds."""
    _require_own(passkey.user, by)
    others = factors_of(passkey.user).exclude(pk=passkey.pk)
    _require_new_name(name, [each.wrap().name for each in others if each.type != APP])
    if passkey.wrap().name != name:
        passkey.wrap().name = name
        passkey.save(update_fields=["data"])
        audit_log.record("renamed a passkey", passkey.user, by=by)
    return passkey


@action
def remove_factor(*, factor, by):
    """The recovery codes end with the last factor. Returns whether a factor remains."""
    _require_own(factor.user, by)
    others = factors_of(factor.user).exclude(pk=factor.pk).exists()
    if not others and is_required_for(by):
        raise Refused("This clinic requires a second factor. Add another one first, then remove this.")
    what = factor_label(factor)
    factor.delete()
    if not others:
        Authenticator.objects.filter(user=by, type=CODES).delete()
    audit_log.record("removed a factor", by, by=by)
    notify(by, f"The {what} was removed from your account.")
    return others


@action
def create_recovery_codes(*, person, by, is_first=False):
    """The codes, which cannot be read again. The earlier ones end."""
    _require_own(person, by)
    if not factors_of(person).exists():
        raise Refused("Set up an authenticator app or a passkey first.")
    Authenticator.objects.filter(user=person, type=CODES).delete()
    codes = RecoveryCodes.activate(person).get_unused_codes()
    audit_log.record("created recovery codes", person, by=by)
    if not is_first:
        notify(person, "New recovery codes were created for your account. The earlier ones no longer work.")
    return codes


@action
def reset_second_factor(*, person, by=None):
    """After this, the password alone logs in, and the user sets up a new factor. Without `by`, on the server.

    It ends the user's logins, because each remembers that it passed the second factor. Repeating it succeeds.
    """
    if by is not None:
        require_person(by, IN_PERSON)
        if by.pk == person.pk:
            raise Refused("You cannot reset your own second factor. Change it on your page Security.")
    User.objects.locked(person.pk)
    if not Authenticator.objects.filter(user=person).exists():
        return
    Authenticator.objects.filter(user=person).delete()
    audit_log.record("reset the second factor", person, by=by)
    notify(person, "An administrator reset your second factor. Set up a new one at your next login.")
    end_logins(person=person, by=by)


def encrypt_again(adapter):
    """Encrypt all secrets with the first key. Returns how many."""
    changed = 0
    for factor in Authenticator.objects.select_for_update().filter(type__in=[APP, CODES]):
        name = "secret" if factor.type == APP else "seed"
        factor.data[name] = adapter.encrypt_again(factor.data[name])
        factor.save(update_fields=["data"])
        changed += 1
    return changed


def _require_own(person, by):
    """Also locks the user's row, so that two changes at once cannot both count the same factors."""
    require_person(by, IN_PERSON)
    if person.pk != by.pk:
        raise Refused("You can change only your own second factor.")
    User.objects.locked(person.pk)


def _require_new_name(name, names):
    if name.casefold() in {each.casefold() for each in names}:
        raise Refused(f"You already have a passkey called {name}. Choose another name.", field="name")
