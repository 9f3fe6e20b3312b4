"""The sources of patients, practitioners and visits."""

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from clinic.accounts.permissions import Permission
from clinic.models import User
from patients.models import Patient, SamePerson, Visit
from planning.fhir.demographics import condition_resource, patient_resource, practitioner_resource
from planning.fhir.elements import latest
from planning.fhir.encounters import APPOINTMENT_STATUS, ENCOUNTER_STATUS, appointment_resource, encounter_resource
from planning.fhir.search_parameters import BornOn, IdentifierIs, NameIs, On, PatientIs, RefersTo, StatusIn
from planning.fhir.sources import Source, history_of


def by_stored_state(states):
    """For a status that is a stored state: the condition of each code."""
    codes = dict.fromkeys(states.values())
    return {code: Q(state__in=[state for state, shown in states.items() if shown == code]) for code in codes}


class PatientSource(Source):
    kind, patient = "Patient", "pk"
    parameters = {
        "identifier": IdentifierIs(),
        "name": NameIs(),
        "birthdate": BornOn("date_of_birth"),
    }

    def rows(self):
        decided = SamePerson.objects.filter(patient=OuterRef("pk")).annotate(at=Coalesce("undone_at", "confirmed_at"))
        joined = Subquery(decided.order_by("-at").values("at")[:1])
        return Patient.objects.annotate(joined_at=joined).prefetch_related("others", "identifiers")

    def changed_since(self, rows, at):
        decided = SamePerson.objects.filter(Q(confirmed_at__gte=at) | Q(undone_at__gte=at))
        return rows.filter(Q(updated_at__gte=at) | Q(pk__in=decided.values("patient")))

    def changed_at(self, patient):
        return latest(patient.updated_at, patient.joined_at)

    def written(self, patient):
        return patient_resource(patient)


class ConditionSource(Source):
    kind, patient = "Condition", "pk"
    parameters = {"patient": PatientIs("pk"), "subject": PatientIs("pk")}

    def rows(self):
        return Patient.objects.exclude(diagnosis="", diagnosis_code="")

    def changed_since(self, rows, at):
        return rows.filter(updated_at__gte=at)

    def changed_at(self, patient):
        return patient.updated_at

    def written(self, patient):
        return condition_resource(patient)


class PractitionerSource(Source):
    """Every user, also a former one: a record can name them."""

    kind, permission = "Practitioner", Permission.SEE_DIARY

    def rows(self):
        return User.objects.all()

    def written(self, user):
        return practitioner_resource(user)


class VisitSource(Source):
    permission, patient = Permission.SEE_DIARY, "patient_id"

    def rows(self):
        changed = Coalesce(history_of(Visit, id="pk"), "booked_at")
        return Visit.objects.annotate(changed_at=changed).select_related("clinician")

    def changed_since(self, rows, at):
        changes = Visit.history.filter(history_date__gte=at)
        return rows.filter(Q(pk__in=changes.values("id")) | Q(booked_at__gte=at))

    def changed_at(self, visit):
        return visit.changed_at


class AppointmentSource(VisitSource):
    kind = "Appointment"
    parameters = {
        "patient": PatientIs("patient"),
        "date": On("starts_at"),
        "status": StatusIn(by_stored_state(APPOINTMENT_STATUS)),
        "practitioner": RefersTo("clinician", "Practitioner"),
    }

    def written(self, visit):
        return appointment_resource(visit)


class EncounterSource(VisitSource):
    kind = "Encounter"
    parameters = {
        "patient": PatientIs("patient"),
        "subject": PatientIs("patient"),
        "date": On("starts_at"),
        "status": StatusIn(by_stored_state(ENCOUNTER_STATUS)),
        "appointment": RefersTo("pk", "Appointment"),
    }

    def written(self, visit):
        return encounter_resource(visit)
