"""Patients, visits and follow-ups, and their database guards."""

from django.apps import AppConfig


class PatientsConfig(AppConfig):
    name = "patients"

    def ready(self):
        from clinic.audit import labels, subjects
        from clinic.backup import backed_up_tables
        from clinic.records import triggers
        from patients.diary.guards import GUARDS
        from patients.front_desk import patients_labels
        from patients.front_desk.visit_import import VisitRows
        from patients.imports.kinds import row_kind
        from patients.imports.kinds.coverage_rows import CoverageRows, TherapyRows
        from patients.imports.kinds.patient_rows import PatientRows
        from patients.people.models.patient import patient_ids, record_numbers

        triggers.register("patients", GUARDS)
        backed_up_tables.register_filled(
            "patients_recordnumbercounter", "patients_remindertext", "patients_visitlength"
        )
        for kind in (PatientRows(), VisitRows(), CoverageRows(), TherapyRows()):
            row_kind.register(kind)
        subjects.register(ids=patient_ids, numbers=record_numbers)
        labels.register(
            pages=patients_labels.PAGES,
            api=patients_labels.API,
            actions=patients_labels.ACTIONS,
            nouns=patients_labels.NOUNS,
        )
