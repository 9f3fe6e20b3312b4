"""Addresses of Collum's own to which a form may lead back."""

from django.utils.http import url_has_allowed_host_and_scheme


def wanted_next(request):
    """The path that the form names as `next`; None for anything else, which could lead away, or nowhere."""
    wanted = request.POST.get("next", "")
    return wanted if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else None
