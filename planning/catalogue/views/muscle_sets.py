"""A user’s own muscle sets."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.accounts.permissions import Permission, require_permission
from clinic.web.seen import number
from planning.catalogue.actions.muscle_sets import add_to_set, make_set, remove_set, rename_set, take_from_set
from planning.catalogue.forms import QuickBoxForm, SetNameForm, SetRenameForm
from planning.catalogue.models.muscle_set import MuscleSet


def _mine(request, pk):
    return get_object_or_404(MuscleSet.objects.of(request.user), pk=pk)


@require_http_methods(["GET", "POST"])
@require_permission(Permission.CHANGE_SESSIONS)
def muscle_set_list(request):
    form = SetNameForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and (made := form.run_once(make_set, request=request)):
        return redirect("planning:muscle-set-detail", made.pk)
    context = {"sets": MuscleSet.objects.of(request.user), "form": form}
    return render(request, "planning/catalogue/muscle_set_list.html", context, status=form.status)


def _page(request, muscle_set, *, rename_form=None, box=None):
    bound = rename_form or box
    context = {
        "set": muscle_set,
        "rename_form": rename_form or SetRenameForm(initial={"version": muscle_set.version, "name": muscle_set.name}),
        "box": box or QuickBoxForm(),
    }
    return render(request, "planning/catalogue/muscle_set_detail.html", context, status=bound.status if bound else 200)


@require_GET
@require_permission(Permission.CHANGE_SESSIONS)
def muscle_set_detail(request, pk):
    return _page(request, _mine(request, pk))


@require_POST
@require_permission(Permission.CHANGE_SESSIONS)
def muscle_set_rename(request, pk):
    muscle_set = _mine(request, pk)
    form = SetRenameForm(request.POST)
    if form.is_valid() and form.run(rename_set, muscle_set=muscle_set, by=request.user):
        messages.success(request, "The set is renamed.")
        return redirect("planning:muscle-set-detail", pk)
    return _page(request, muscle_set, rename_form=form)


@require_POST
@require_permission(Permission.CHANGE_SESSIONS)
def muscle_set_remove(request, pk):
    muscle_set = _mine(request, pk)
    remove_set(muscle_set=muscle_set, by=request.user, version=number(request))
    messages.success(request, f"The set {muscle_set.name} is removed.")
    return redirect("planning:muscle-set-list")


@require_POST
@require_permission(Permission.CHANGE_SESSIONS)
def muscle_set_add(request, pk):
    muscle_set = _mine(request, pk)
    box = QuickBoxForm(request.POST)
    if box.is_valid() and box.run(add_to_set, muscle_set=muscle_set, by=request.user):
        return redirect("planning:muscle-set-detail", pk)
    return _page(request, muscle_set, box=box)


@require_POST
@require_permission(Permission.CHANGE_SESSIONS)
def muscle_set_take(request, pk, entry):
    take_from_set(muscle_set=_mine(request, pk), entry=entry, by=request.user, version=number(request))
    return redirect("planning:muscle-set-detail", pk)
