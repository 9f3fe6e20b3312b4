"""Earlier injections, without doses, for planning and recording the next session."""

from dataclasses import dataclass

from clinic.records.text import counted
from planning.sessions.models.session import InjectionSession
from planning.signing.models.signed_record import SignedRecord

SHOWN = 3


@dataclass(frozen=True)
class Earlier:
    """A signed session before this one, according to its latest record."""

    session: InjectionSession
    record: SignedRecord
    since: str
    product: str
    muscles: str
    can_be_repeated: bool


def earlier_sessions(session):
    before = (
        InjectionSession.objects.counted()
        .for_history()
        .filter(
            visit__patient__in=session.visit.patient.record_ids(),
            visit__starts_at__lt=session.visit.starts_at,
        )
        .order_by("-visit__starts_at", "-pk")
    )
    return [_as_signed(each, session) for each in before[:SHOWN]]


def _as_signed(earlier, session):
    record = list(earlier.records.all())[-1]
    return Earlier(
        session=earlier,
        record=record,
        since=_since((session.day_given - earlier.day_given).days),
        product=earlier.brand_in_words(),
        muscles=earlier.muscles_in_words(),
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
    earlier = earlier_sessions(session)
    return earlier[0].session if earlier and earlier[0].can_be_repeated else None
