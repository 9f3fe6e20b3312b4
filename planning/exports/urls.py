"""URLs of exports of the data of all patients."""

from django.urls import path

from planning.exports import views

urlpatterns = [
    path("exports/", views.export_list, name="export-list"),
    path("exports/everything/", views.export_everything, name="export-everything"),
    path("exports/research/", views.export_research, name="export-research"),
    path("exports/sessions/csv/", views.export_sessions_csv, name="export-sessions-csv"),
    path("exports/sessions/xlsx/", views.export_sessions_xlsx, name="export-sessions-xlsx"),
]
