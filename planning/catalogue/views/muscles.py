"""The catalogue, read-only."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.accounts.permissions import Permission, may, require_permission
from planning.catalogue.models.instrument import Instrument
from planning.catalogue.models.muscle import Muscle
from planning.catalogue.models.product import Product
from planning.catalogue.models.scanned_gtin import ScannedGtin


@require_safe
@require_permission(Permission.SEE_CATALOGUE)
def muscle_list(request):
    manages = may(request.user, Permission.CHANGE_CATALOGUE)
    return render(
        request,
        "planning/catalogue/muscle_list.html",
        {
            "scanned": ScannedGtin.objects.open().count() if manages else None,
            "muscles": Muscle.objects.as_a_list(),
            "retired_muscles": Muscle.objects.retired().select_related("group"),
            "products": Product.objects.offered(),
            "retired_products": Product.objects.retired(),
            "instruments": Instrument.objects.to_choose_from(),
            "retired_instruments": Instrument.objects.retired().select_related("part_of"),
        },
    )
