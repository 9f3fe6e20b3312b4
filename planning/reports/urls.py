"""URLs of lots, overview and exports."""

from django.urls import path

from clinic.api import router
from planning.reports.api import LotResource
from planning.reports.views import charts, lots, overview

urlpatterns = [
    path("lots/", lots.lot_list, name="lot-list"),
    path("lots/csv/", lots.lot_csv, name="lot-csv"),
    path("lots/xlsx/", lots.lot_xlsx, name="lot-xlsx"),
    path("overview/", overview.overview, name="overview"),
    path("overview/csv/", overview.overview_csv, name="overview-csv"),
    path("overview/xlsx/", overview.overview_xlsx, name="overview-xlsx"),
    path("patients/<int:pk>/summary/", charts.summary_print, name="summary-print"),
    path("patients/<int:pk>/everything/", charts.chart_print, name="chart-print"),
    path("patients/<int:pk>/export/", charts.patient_export, name="patient-export"),
]

router.register(
    {
        "lots": LotResource,
    }
)
