"""The catalogue, sessions and signed records, and their database guards."""

from django.apps import AppConfig


class PlanningConfig(AppConfig):
    name = "planning"

    def ready(self):
        from clinic.audit import words
        from clinic.records import triggers
        from planning.pages import planning_in_words as said
        from planning.signing.guards import GUARDS

        triggers.register("planning", GUARDS)
        words.register(pages=said.PAGES, api=said.API, actions=said.ACTIONS, nouns=said.NOUNS)
