"""The help pages: one for each role, the keys, and the colours and signs."""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_GET

from clinic.accounts.permissions import Permission, require_permission

PAGES = {
    "neurologist": "Neurologist and trainee",
    "front-desk": "Front desk",
    "catalogue": "Catalogue manager",
    "auditor": "Auditor",
    "administrator": "Administrator",
    "security": "Security of your account",
    "keys": "Keys",
    "colours": "Colours and signs",
}
PAGE_OF_ROLE = {
    "neurologist": "neurologist",
    "trainee": "neurologist",
    "clinic staff": "front-desk",
    "catalogue manager": "catalogue",
    "auditor": "auditor",
}
# The file of a page's picture, and what it shows; `make pictures` takes them.
PICTURES = {
    "neurologist": ("session", "A planned session: the neck map, and next to it the rows that were selected on it"),
    "front-desk": ("diary", "The diary of a day: the clinicians next to each other, and visits in every state"),
    "catalogue": ("catalogue", "The catalogue: the muscles with their short names and sides"),
    "auditor": ("audit", "The audit trail: who opened or changed which record"),
    "administrator": ("set-up", "The start page of an administrator: what is still to be set up"),
}


@require_GET
@require_permission(Permission.LOG_IN)
def help_page(request, name=""):
    """Without a name, the page for the user's first role."""
    held = (page for role, page in PAGE_OF_ROLE.items() if role in request.user.role_names)
    name = name or next(held, "administrator")
    if name not in PAGES:
        raise Http404
    context = {
        "pages": PAGES,
        "name": name,
        "title": PAGES[name],
        "picture": _picture_of(name),
        "text": f"clinic/accounts/help/_{name.replace('-', '_')}.html",
    }
    return render(request, "clinic/accounts/help/help.html", context)


def _picture_of(name):
    if name not in PICTURES:
        return None
    file, alt = PICTURES[name]
    return {"file": f"clinic/help/{file}.png", "alt": alt}
