"""URLs of Collum itself to which a form can return."""

from django.utils.http import url_has_allowed_host_and_scheme


def wanted_next(request):
    """The path that the form names as `next`; None for anything else, such as another site."""
    return local_path(request.POST.get("next", ""))


def local_path(wanted):
    return wanted if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else None
