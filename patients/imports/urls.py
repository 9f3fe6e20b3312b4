"""URLs of imports."""

from django.urls import path

from patients.imports.views import imports

urlpatterns = [
    path("imports/", imports.import_list, name="import-list"),
    path("imports/<int:pk>/", imports.import_detail, name="import-detail"),
    path("imports/<int:pk>/columns/", imports.import_match, name="import-match"),
    path("imports/<int:pk>/step/", imports.import_step, name="import-step"),
    path("imports/<int:pk>/rows/", imports.import_rows, name="import-rows"),
    path("imports/<int:pk>/rows/decide/", imports.import_decide, name="import-decide"),
    path("imports/<int:pk>/confirm/", imports.import_confirm, name="import-confirm"),
    path("imports/<int:pk>/undo/", imports.import_undo, name="import-undo"),
    path("imports/<int:pk>/discard/", imports.import_discard, name="import-discard"),
]
