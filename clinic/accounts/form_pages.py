"""The page of a form that was sent after the login had ended, where it can be typed again."""

import inspect
from urllib.parse import urlsplit

from django.urls import Resolver404, get_script_prefix, resolve

NOT_FORM_PAGES = {
    "account_login",
    "mfa_authenticate",
    "account_logout",
    "account_inactive",
    "account_reset_password",
    "clinic:login-session",
}


def form_page(request):
    """The path of the page on which the form was typed, or "" if it is unknown.

    The page can be opened by GET. The path has no query string, which could contain a name.
    """
    paths = [path for path in (_referring_path(request), request.path) if path]
    candidates = (candidate for path in paths for candidate in _with_parents(path))
    return next((candidate for candidate in candidates if opens_by_get(candidate)), "")


def _referring_path(request):
    try:
        referrer = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return ""
    if (referrer.scheme, referrer.netloc) != (request.scheme, request.get_host()):
        return ""
    return referrer.path


def _with_parents(path):
    """The path and its parents, except the root: a form for a row belongs to the page of its rows."""
    parts = path.strip("/").split("/")
    yield path
    for length in range(len(parts) - 1, 0, -1):
        yield f"/{'/'.join(parts[:length])}/"


def opens_by_get(path):
    prefix = get_script_prefix()
    try:
        match = resolve(f"/{path.removeprefix(prefix)}" if path.startswith(prefix) else "")
    except Resolver404:
        return False
    methods = allowed_methods(match.func)
    return match.view_name not in NOT_FORM_PAGES and (methods is None or "GET" in methods)


def allowed_methods(view):
    while view is not None:
        found = inspect.getclosurevars(view).nonlocals.get("request_method_list") if inspect.isfunction(view) else None
        if found is not None:
            return found
        view = getattr(view, "__wrapped__", None)
    return None
