"""The day's visits for the page Today."""

from django.db.models import Prefetch

from clinic.records.text import key_in_any_order, pairs_alike
from patients.models import Visit
from planning.pages.forms import PlanForm
from planning.pages.steps import next_step
from planning.sessions.models.session import InjectionSession


def visits_of_the_day(day, *, user, mine):
    visits = list(
        Visit.objects.on_day(day)
        .select_related("patient", "clinician")
        .prefetch_related(Prefetch("sessions", InjectionSession.objects.with_facts().order_by("pk")))
    )
    alike = patients_with_like_names({visit.patient for visit in visits})
    return [
        {
            "visit": visit,
            "states": [session.state for session in visit.sessions.all()],
            "step": next_step(visit, list(visit.sessions.all()), user),
            "plan_form": PlanForm(auto_id=False),
            "similar_name": visit.patient_id in alike,
        }
        for visit in visits
        if not mine or visit.clinician_id == user.pk
    ]


def patients_with_like_names(patients):
    found = set()
    for name in (lambda patient: patient.full_name, lambda patient: patient.family_name):
        found.update(*pairs_alike({patient.pk: key_in_any_order(name(patient)) for patient in patients}))
    return found
