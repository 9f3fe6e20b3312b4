"""People, visits and follow-ups; what the database holds of them."""

from django.apps import AppConfig


class PatientsConfig(AppConfig):
    name = "patients"

    def ready(self):
        from clinic import triggers
        from patients.guards import GUARDS

        triggers.register("patients", GUARDS)
