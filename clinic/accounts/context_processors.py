"""What every page needs about the user: their permissions and how long their login lasts."""

from django.conf import settings

from clinic.accounts import login_lifetime as logins
from clinic.accounts.permissions import Permission, may


class _Permissions:
    """`may.sign_sessions` in a template."""

    def __init__(self, user):
        self.user, self.known = user, {}

    def __getitem__(self, name):
        # Asked again in each row of a list.
        if name not in self.known:
            self.known[name] = may(self.user, Permission[name.upper()])
        return self.known[name]


def permissions(request):
    user = getattr(request, "user", None)
    return {"may": _Permissions(user)} if user is not None else {}


def email(request):
    """Whether a forgotten password can be changed by email."""
    return {"email_is_set_up": bool(settings.EMAIL_URL)}


def login_lifetime(request):
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {
        "login_lifetime": {
            "seconds_left": logins.seconds_left_on_a_page(request.session),
            "warning_seconds": settings.SESSION_WARNING_SECONDS,
            "typing_seconds": settings.SESSION_TYPING_SECONDS,
        }
    }
