"""URLs of the catalogue and muscle sets."""

from django.urls import path

from clinic.api import router
from planning.catalogue.api import InstrumentResource, MuscleResource, MuscleSetResource, ProductResource
from planning.catalogue.views import muscle_sets, muscles, scanned_gtins

urlpatterns = [
    path("muscles/", muscles.muscle_list, name="muscle-list"),
    path("muscle-sets/", muscle_sets.muscle_set_list, name="muscle-set-list"),
    path("muscle-sets/<int:pk>/", muscle_sets.muscle_set_detail, name="muscle-set-detail"),
    path("muscle-sets/<int:pk>/name/", muscle_sets.muscle_set_rename, name="muscle-set-rename"),
    path("muscle-sets/<int:pk>/remove/", muscle_sets.muscle_set_remove, name="muscle-set-remove"),
    path("muscle-sets/<int:pk>/muscles/", muscle_sets.muscle_set_add, name="muscle-set-add"),
    path("muscle-sets/<int:pk>/muscles/<int:entry>/remove/", muscle_sets.muscle_set_take, name="muscle-set-take"),
    path("scanned-codes/", scanned_gtins.scanned_gtin_list, name="scanned-gtin-list"),
    path("scanned-codes/<int:pk>/attach/", scanned_gtins.scanned_gtin_attach, name="scanned-gtin-attach"),
    path("scanned-codes/<int:pk>/dismiss/", scanned_gtins.scanned_gtin_dismiss, name="scanned-gtin-dismiss"),
    path("scanned-codes/<int:pk>/reopen/", scanned_gtins.scanned_gtin_reopen, name="scanned-gtin-reopen"),
]

router.register(
    {
        "muscles": MuscleResource,
        "products": ProductResource,
        "instruments": InstrumentResource,
        "muscle-sets": MuscleSetResource,
    }
)
