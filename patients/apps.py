"""Patients, visits and follow-ups, and their database guards."""

from django.apps import AppConfig


class PatientsConfig(AppConfig):
    name = "patients"

    def ready(self):
        from clinic.audit import subjects
        from clinic.records import triggers
        from patients.diary.guards import GUARDS
        from patients.people.models.patient import patient_ids

        triggers.register("patients", GUARDS)
        subjects.register(patient_ids)
