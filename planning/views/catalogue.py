"""The catalogue, to read."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.permissions import Permission, require_permission
from planning.models import Instrument, Muscle, Product


@require_safe
@require_permission(Permission.SEE_CATALOGUE)
def muscle_list(request):
    return render(
        request,
        "planning/muscle_list.html",
        {
            "muscles": Muscle.objects.as_a_list(),
            "retired_muscles": Muscle.objects.retired().select_related("group"),
            "products": Product.objects.offered(),
            "retired_products": Product.objects.retired(),
            "instruments": Instrument.objects.to_choose_from(),
            "retired_instruments": Instrument.objects.retired().select_related("part_of"),
        },
    )
