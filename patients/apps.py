"""People, visits and follow-ups; what the database holds of them."""

from django.apps import AppConfig


class PatientsConfig(AppConfig):
    name = "patients"

    def ready(self):
        from clinic import audit_subjects, triggers
        from patients.guards import GUARDS
        from patients.models.patient import patient_ids

        triggers.register("patients", GUARDS)
        audit_subjects.register(patient_ids)
