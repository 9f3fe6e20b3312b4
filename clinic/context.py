"""What every page knows about the person: which permissions they hold."""

from clinic.permissions import Permission, may


class _Permissions:
    """`may.sign_sessions` in a template."""

    def __init__(self, user):
        self.user = user

    def __getitem__(self, name):
        return may(self.user, Permission[name.upper()])


def permissions(request):
    user = getattr(request, "user", None)
    return {"may": _Permissions(user)} if user is not None else {}
