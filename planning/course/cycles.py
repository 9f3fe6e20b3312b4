"""Cycles: from one date of injections to the next."""

from django.utils import timezone

from planning.sessions.models.session import InjectionSession


def cycle_numbers(patient):
    """By visit id, the number of the cycle that its signed sessions began; sessions on one date are one cycle."""
    sessions = InjectionSession.objects.counted().filter(visit__patient__in=patient.record_ids())
    days = {}
    for visit, given_on, starts_at in sessions.values_list("visit_id", "given_on", "visit__starts_at"):
        days.setdefault(given_on or timezone.localdate(starts_at), set()).add(visit)
    return {visit: number for number, day in enumerate(sorted(days), start=1) for visit in days[day]}
