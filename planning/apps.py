"""The catalogue, sessions and signed records, and their database guards."""

from django.apps import AppConfig


class PlanningConfig(AppConfig):
    name = "planning"

    def ready(self):
        from clinic.records import triggers
        from planning.signing.guards import GUARDS

        triggers.register("planning", GUARDS)
