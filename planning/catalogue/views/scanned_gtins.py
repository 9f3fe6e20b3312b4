"""The product codes that clinicians scanned, for the catalogue manager."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from clinic.accounts.permissions import Permission, require_permission
from clinic.web.seen import number
from planning.catalogue.actions.scanned_gtins import attach_gtin, dismiss_gtin, reopen_gtin
from planning.catalogue.forms import AttachGtinForm
from planning.catalogue.models.product import Product
from planning.catalogue.models.scanned_gtin import ScannedGtin

LIST = "planning:scanned-gtin-list"
MOST_SHOWN = 100


@require_GET
@require_permission(Permission.CHANGE_CATALOGUE)
def scanned_gtin_list(request):
    return _page(request)


def _page(request, failed=None):
    products = list(Product.objects.offered())
    rows = [
        (noted, failed if failed and failed.noted == noted else AttachGtinForm(noted=noted, products=products))
        for noted in ScannedGtin.objects.open().for_list()[:MOST_SHOWN]
    ]
    context = {"rows": rows, "settled": ScannedGtin.objects.settled().for_list()[:MOST_SHOWN]}
    status = failed.status if failed else 200
    return render(request, "planning/catalogue/scanned_gtin_list.html", context, status=status)


@require_POST
@require_permission(Permission.CHANGE_CATALOGUE)
def scanned_gtin_attach(request, pk):
    noted = get_object_or_404(ScannedGtin, pk=pk)
    form = AttachGtinForm(request.POST, noted=noted)
    if form.is_valid() and (noted := form.run(attach_gtin, noted=noted, by=request.user)):
        messages.success(request, f"{noted} is attached to {noted.product}.")
        return redirect(LIST)
    return _page(request, failed=form)


@require_POST
@require_permission(Permission.CHANGE_CATALOGUE)
def scanned_gtin_dismiss(request, pk):
    noted = get_object_or_404(ScannedGtin, pk=pk)
    dismiss_gtin(noted=noted, by=request.user, version=number(request))
    messages.success(request, f"{noted} is dismissed, and is not listed again.")
    return redirect(LIST)


@require_POST
@require_permission(Permission.CHANGE_CATALOGUE)
def scanned_gtin_reopen(request, pk):
    noted = get_object_or_404(ScannedGtin, pk=pk)
    reopen_gtin(noted=noted, by=request.user, version=number(request))
    messages.success(request, f"{noted} is on the list again.")
    return redirect(LIST)
