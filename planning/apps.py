"""The catalogue, sessions and signed records, and their database guards."""

from django.apps import AppConfig


class PlanningConfig(AppConfig):
    name = "planning"

    def ready(self):
        from clinic.audit import words
        from clinic.backup import backed_up_tables
        from clinic.records import triggers, verification
        from patients.imports.kinds import row_kind
        from planning.course.elsewhere_import import SessionElsewhereRows
        from planning.exports.guards import GUARDS as GUARDS_OF_EXPORTS
        from planning.fhir.fhir_in_words import FHIR
        from planning.letters.guards import GUARDS as GUARDS_OF_LETTERS
        from planning.pages import planning_in_words as labels
        from planning.signing import record_macs
        from planning.signing.guards import GUARDS

        triggers.register("planning", GUARDS + GUARDS_OF_LETTERS + GUARDS_OF_EXPORTS)
        backed_up_tables.register_filled(
            "planning_instrument",
            "planning_lettertemplate",
            "planning_muscle",
            "planning_musclekey",
            "planning_product",
            "planning_reasonnotgiven",
        )
        row_kind.register(SessionElsewhereRows())
        verification.register(record_macs.KIND, record_macs.check)
        words.register(pages=labels.PAGES, api=labels.API, actions=labels.ACTIONS, nouns=labels.NOUNS)
        words.register(pages={}, api=FHIR, actions={}, nouns={})
