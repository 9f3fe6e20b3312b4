"""The catalogue, sessions and signed records, and their database guards."""

from django.apps import AppConfig


class PlanningConfig(AppConfig):
    name = "planning"

    def ready(self):
        from clinic.audit import labels
        from clinic.backup import backed_up_tables
        from clinic.records import triggers, verification
        from patients.imports.kinds import row_kind
        from planning.course.elsewhere_import import SessionElsewhereRows
        from planning.exports.guards import GUARDS as GUARDS_OF_EXPORTS
        from planning.fhir.fhir_labels import FHIR
        from planning.letters.guards import GUARDS as GUARDS_OF_LETTERS
        from planning.pages import planning_labels
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
        labels.register(
            pages=planning_labels.PAGES,
            api=planning_labels.API,
            actions=planning_labels.ACTIONS,
            nouns=planning_labels.NOUNS,
        )
        labels.register(pages={}, api=FHIR, actions={}, nouns={})
