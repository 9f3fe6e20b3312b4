"""Steps that the tests of tokens share."""

from django.urls import reverse

from clinic.accounts.permissions import READING, WRITING, Permission
from clinic.models import ApiToken, AuditEntry
from tests import builders

PAGE = reverse("clinic:tokens")
SEE, CHANGE = Permission.SEE_DIARY, Permission.CHANGE_DIARY
FOR_PEOPLE_ALONE = set(Permission) - READING - WRITING - {Permission.LOG_IN}


def found(token):
    return ApiToken.objects.with_secret(token.secret)


def send(client, **typed):
    """The page's form, as the browser sends it."""
    form = {
        "submission_key": builders.a_submission_key(), "name": "Nightly copy", "days": "30", "scope": "read",
        "password": builders.PASSWORD,
    }  # fmt: skip
    return client.post(PAGE, {**form, **typed})


def token_entries():
    """The audit entries about tokens."""
    return list(AuditEntry.objects.filter(action__endswith="a token").order_by("pk").values_list("action", "object_id"))
