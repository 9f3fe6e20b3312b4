"""Patients, visits and follow-ups, and their database guards."""

from django.apps import AppConfig


class PatientsConfig(AppConfig):
    name = "patients"

    def ready(self):
        from clinic.audit import subjects, words
        from clinic.records import triggers
        from patients.diary.guards import GUARDS
        from patients.front_desk import patients_in_words as said
        from patients.people.models.patient import patient_ids, record_numbers

        triggers.register("patients", GUARDS)
        subjects.register(ids=patient_ids, numbers=record_numbers)
        words.register(pages=said.PAGES, api=said.API, actions=said.ACTIONS, nouns=said.NOUNS)
