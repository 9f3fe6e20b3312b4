"""What Collum uses of allauth: only the URLs that it needs, and templates that allauth has not changed."""

import hashlib
from pathlib import Path

import allauth
import pytest
from django.conf import settings

from tests.access import urls
from tests.account_table import ALLAUTH

# Pages of allauth, each with the reason.
NEEDED = {
    "account_login": "the first step of a login",
    "mfa_authenticate": "its second step",
    "account_logout": "ends a login, or one that waits for its second step",
    "account_change_password": "also for a first password",
    "account_inactive": "where a deactivated user is led",
    "account_reset_password": "a forgotten password, by email",
    "account_reset_password_done": "a forgotten password, by email",
    "account_reset_password_from_key": "a forgotten password, by email",
    "account_reset_password_from_key_done": "a forgotten password, by email",
}
# The first digits of the hash of allauth's own template that each of ours replaces, in the pinned version. After an
# upgrade, compare what allauth changed with our template, then store the new digits.
ORIGINALS = {
    "account/account_inactive.html": "b38ecc2642c28a50",
    "account/email/password_reset_key_message.txt": "84e3a017d02f7fea",
    "account/email/password_reset_key_subject.txt": "209fbf32f5b898c6",
    "account/login.html": "bc38debd2f3c6560",
    "account/logout.html": "78eca3d4ad6ba874",
    "account/messages/logged_in.txt": "73abcf600bc3ccf1",
    "account/messages/logged_out.txt": "2a17c7044d793e9d",
    "account/messages/password_changed.txt": "c416e1ccb3f98d55",
    "account/password_change.html": "af226f532fb9cbf8",
    "account/password_reset.html": "3bd4a82fc776309c",
    "account/password_reset_done.html": "845d4c92f669d920",
    "account/password_reset_from_key.html": "a440b3cb49b8f556",
    "account/password_reset_from_key_done.html": "84a7e4eeba8bf3ec",
    "mfa/authenticate.html": "37e688fdef8f7452",
}
OURS = settings.BASE_DIR / "templates"
THEIRS = Path(allauth.__file__).parent / "templates"


def test_only_needed_pages_of_allauth_are_mounted():
    of_allauth = {url.name for url in urls() if url.view.__module__.startswith("allauth")}
    by_name = {
        url.name for url in urls() if url.name.startswith(("account_", "mfa_", "socialaccount_", "usersessions_"))
    }
    assert by_name == of_allauth | by_name == NEEDED.keys() == ALLAUTH


def replaced():
    ours = (path.relative_to(OURS).as_posix() for path in sorted(OURS.rglob("*.*")))
    return [name for name in ours if (THEIRS / name).is_file()]


def test_every_replaced_template_is_watched():
    assert set(replaced()) == set(ORIGINALS)


@pytest.mark.parametrize("name", replaced())
def test_original_of_a_replaced_template_is_unchanged(name):
    assert hashlib.sha256((THEIRS / name).read_bytes()).hexdigest()[:16] == ORIGINALS.get(name)
