"""What allauth reports about the second step of a login."""

from clinic.accounts.notices import notify
from clinic.accounts.second_factor.rules import CODES, codes_left
from clinic.records import audit_log


def audit_recovery_code(sender, request, user, authenticator, **kwargs):
    if authenticator.type != CODES:
        return
    audit_log.record("used a recovery code", user, by=user)
    notify(user, f"A recovery code was used to log in. Unused codes left: {codes_left(user)}.")
