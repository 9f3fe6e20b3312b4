"""Muscle sets on the page of a session: add one, or store the rows as a new one."""

from django.views.decorators.http import require_POST

from clinic.accounts.permissions import Permission, require_permission
from planning.catalogue.actions.muscle_sets import make_set
from planning.catalogue.forms import SetNameForm
from planning.session_pages.views.sessions import opened, rejected_response, saved_response
from planning.sessions.actions.muscle_sets import add_set
from planning.sessions.forms.sessions import AddSetForm


@require_POST
@require_permission(Permission.CHANGE_SESSIONS)
def session_set(request, pk):
    session = opened(request, pk)
    form = AddSetForm(request.POST, session=session, user=request.user)
    if form.is_valid() and (made := form.run(add_set, session=session, by=request.user)):
        return saved_response(request, session, announcement=" ".join(made[1]))
    return rejected_response(request, session, form)


@require_POST
@require_permission(Permission.CHANGE_SESSIONS)
def session_save_set(request, pk):
    session = opened(request, pk)
    form = SetNameForm(request.POST, prefix=f"s{session.pk}-set")
    if form.is_valid() and (made := form.run_once(make_set, request=request, session=session)):
        return saved_response(request, session, announcement=f"Saved as your set {made.name}.")
    return rejected_response(request, session, form)
