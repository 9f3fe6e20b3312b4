"""Cycles: from one date of injections to the next."""

from planning.sessions.models.session import InjectionSession


def numbered(days):
    """By date of injections, the number of the cycle that began then."""
    return {day: number for number, day in enumerate(sorted(set(days)), start=1)}


def cycle_numbers(patient):
    """By visit id, the number of the cycle that its signed sessions began; sessions on one date are one cycle."""
    sessions = InjectionSession.objects.counted().filter(visit__patient__in=patient.record_ids())
    in_order = sorted(sessions.select_related("visit"), key=lambda session: session.day_given)
    numbers = numbered(session.day_given for session in in_order)
    return {session.visit_id: numbers[session.day_given] for session in in_order}
