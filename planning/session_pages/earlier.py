"""Earlier injections, without doses: next to the visit, and for planning and recording the next session."""

from dataclasses import dataclass

from clinic.records.text import counted
from patients.models import Visit
from planning.course.patient_course import MOST_LOOKED_AT
from planning.sessions.models.session import InjectionSession
from planning.signing.models.signed_record import SignedRecord

SHOWN = 3


@dataclass(frozen=True)
class Earlier:
    """A signed session before this visit, according to its latest record."""

    session: InjectionSession
    record: SignedRecord
    since: str
    product: str
    muscles: str
    can_be_repeated: bool


def earlier_sessions(visit, *, day, among=None):
    """The last ones before the visit; the weeks are counted to `day`.

    `among` are the sessions that last_before() read, if the page has read them.
    """
    found = None if among is None else _found_in(among)
    return as_signed(_last_signed(visit) if found is None else found, day)


def as_signed(sessions, day):
    return [_as_signed(each, day) for each in sessions]


def _found_in(before):
    """None if an earlier session that was not read could be one of the last."""
    signed = [each for each in before if each.counts]
    if len(before) == MOST_LOOKED_AT and len([each for each in signed if _is_later(each, before[-1])]) < SHOWN:
        return None
    return sorted(signed, key=lambda each: (each.visit.starts_at, each.pk), reverse=True)[:SHOWN]


def _is_later(session, other):
    return session.visit.starts_at > other.visit.starts_at


def _last_signed(visit):
    return last_signed_before(visit.pk, visit.patient.record_ids()).as_list()


def last_signed_before(visit, records):
    """Before the visit with this id, of these records; also for read_together()."""
    starts_at = Visit.objects.filter(pk=visit).values("starts_at")
    before = InjectionSession.objects.counted().filter(visit__patient__in=records, visit__starts_at__lt=starts_at)
    return before.order_by("-visit__starts_at", "-pk")[:SHOWN]


def _as_signed(earlier, day):
    record = list(earlier.records.all())[-1]
    return Earlier(
        session=earlier,
        record=record,
        since=_since((day - earlier.day_given).days),
        product=earlier.brand_text(),
        muscles=earlier.muscles_text(),
        can_be_repeated=any(not row["not_given"] for row in record.content["injections"]),
    )


def _since(days):
    """Whole weeks, counted from *given on* to *given on*."""
    if days < 0:
        return f"{counted(-days, 'day')} after"
    if days < 7:
        return f"{counted(days, 'day')} before" if days else "the same day"
    return f"{counted(days // 7, 'week')} before"


def last_to_repeat(session):
    earlier = earlier_sessions(session.visit, day=session.day_given)
    return earlier[0].session if earlier and earlier[0].can_be_repeated else None
