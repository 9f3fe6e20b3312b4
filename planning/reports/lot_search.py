"""Who received a lot: every session that names it, with its patient, for a recall."""

import datetime as dt
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import Prefetch

from clinic.records.text import cleaned
from patients.models import joined_with
from planning.course.models.adverse_event import AdverseEvent, EventKind
from planning.course.models.response import YesNo
from planning.sessions.models.lot import (
    FEWEST_TO_COMPARE,
    LONGEST_LOT,
    MOST_POSSIBLE,
    NO_LOT,
    LotMatch,
    LotSpelling,
    SignedLot,
    lot_key,
)
from planning.sessions.models.session import InjectionSession, SessionState
from planning.sessions.models.vial import Vial
from planning.sessions.scans import read_scan

NOT_RECORDED = "not recorded"
SERIOUS = {YesNo.YES: "serious", YesNo.NO: "not serious"}
TOO_MANY = f"More than {MOST_POSSIBLE} other lots contain this number. Type more of it to see them."


@dataclass(frozen=True)
class LookUp:
    """A lot number to search for: the spellings that are the same lot, and those that are possibly the same.

    Possible matches are always listed apart from exact ones: a recall shows both, and a user compares them.
    """

    lot: str
    exact: list[str]
    possible: dict[str, LotMatch]

    @property
    def has_too_many(self):
        return len(self.possible) > MOST_POSSIBLE

    @property
    def is_too_short(self):
        return len(lot_key(self.lot)) < FEWEST_TO_COMPARE

    @property
    def matches(self):
        possible = {} if self.has_too_many else self.possible
        return dict.fromkeys(self.exact, LotMatch.EXACT) | possible

    def sessions(self):
        return self._complete(InjectionSession.objects.that_received(list(self.matches)))

    def exact_sessions(self):
        return self._complete(self._exact())

    def possible_sessions(self):
        possible = [lot for lot, match in self.matches.items() if match != LotMatch.EXACT]
        found = InjectionSession.objects.that_received(possible)
        return self._complete(found.exclude(pk__in=self._exact().values("pk")) if self.exact else found)

    def _exact(self):
        return InjectionSession.objects.that_received(self.exact)

    def _complete(self, sessions):
        spellings = list(self.matches)
        return (
            sessions.for_history()
            .with_given_day()
            .select_related("visit__patient__same_as", "product")
            .prefetch_related(
                *joined_with("visit__patient"),
                Prefetch(
                    "records__lots",
                    SignedLot.objects.filter(lot_number__in=spellings).order_by("pk"),
                    to_attr="matching_lots",
                ),
                Prefetch("vials", Vial.objects.with_lots(spellings), to_attr="matching_vials"),
                Prefetch("adverse_events", AdverseEvent.objects.active().order_by("pk"), to_attr="active_events"),
            )
            .order_by("-given_day", "visit__patient__sort_name", "pk")
        )

    def received(self, sessions):
        return [self._row(session) for session in sessions]

    def _row(self, session):
        # Empty if the vial was changed since the session was found.
        matches = {self.matches[lot] for lot in _named_anywhere(session)} or {LotMatch.EXACT}
        match = min(matches, key=list(LotMatch).index)
        exact, possible = set(self.exact), self.matches.keys() - set(self.exact)
        # An exact match is marked by exact spellings alone: if its lot was amended to a possible one, it was removed.
        deciding = exact if match == LotMatch.EXACT else possible
        lots = [*_lots(session, exact), *_lots(session, possible)]
        return Received(
            session=session,
            match=match,
            given_on=session.given_day,
            lots=[(lot, expiry, self.matches[lot]) for lot, expiry in lots],
            state=session.state,
            marks=_marks(session, deciding),
            events=[event_text(event) for event in session.active_events],
        )


def lot_to_look_up(typed):
    """The lot number to search for; from a scanned code, its lot. Raises ValidationError if there is none."""
    scan = read_scan(typed)
    lot = cleaned(scan.lot if scan else typed)
    if len(lot) > LONGEST_LOT:
        raise ValidationError(f"A lot number has up to {LONGEST_LOT} characters. This has {len(lot)}.")
    if not lot_key(lot):
        raise ValidationError(NO_LOT)
    return lot


def look_up(lot):
    key = lot_key(lot)
    return LookUp(lot, exact=LotSpelling.objects.exact(key), possible=LotSpelling.objects.possible(key))


@dataclass(frozen=True)
class Received:
    """A session that names the lot, with the facts for a recall; never a dose."""

    session: InjectionSession
    match: LotMatch
    given_on: dt.date
    lots: list[tuple[str, str, LotMatch]]
    state: SessionState
    marks: list[str]
    events: list[str]

    @property
    def patient(self):
        return self.session.visit.patient

    @property
    def phones(self):
        return self.patient.phones()

    @property
    def product(self):
        return self.session.brand_text()

    @property
    def muscles(self):
        return self.session.muscles_text()

    @property
    def further_marks(self):
        return [mark for mark in self.marks if mark not in self.state.label.lower()]

    @property
    def patient_ids(self):
        return [self.patient.pk, *(record.pk for record in self.patient.joined_records)]


def _named_anywhere(session):
    lots = [lot for record in session.records.all() for lot in record.matching_lots]
    return {each.lot_number for each in (*lots, *session.matching_vials)}


def _naming(session, deciding):
    return [record for record in session.records.all() if {lot.lot_number for lot in record.matching_lots} & deciding]


def _last_record(session):
    return list(session.records.all())[-1]


def _lots(session, spellings):
    if naming := _naming(session, spellings):
        vials = [(vial["lot_number"], vial["expiry"]) for vial in naming[-1].content["vials"]]
    else:
        vials = [(vial.lot_number, vial.expiry) for vial in session.matching_vials]
    return list(dict.fromkeys((lot, expiry or NOT_RECORDED) for lot, expiry in vials if lot in spellings))


def _marks(session, deciding):
    marks = [_amended(session, deciding)] if session.is_signed else []
    if session.is_being_amended:
        marks.append(_being_amended(session, deciding))
    if not session.is_signed:
        marks.append("not signed" if session.not_done_at is None else "not done")
    if session.is_in_error:
        marks.append("entered in error")
    return list(filter(None, marks))


def _amended(session, deciding):
    naming, last = [record.number for record in _naming(session, deciding)], _last_record(session).number
    if not naming or naming[-1] == last:
        return ""
    return f"amended away: in {_records_text(naming)}, no longer in record {naming[-1] + 1}"


def _records_text(numbers):
    if len(numbers) == 1:
        return f"record {numbers[0]}"
    return f"records {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


def _being_amended(session, deciding):
    naming, last = _naming(session, deciding), _last_record(session)
    is_in_a_vial = any(vial.lot_number in deciding for vial in session.matching_vials)
    if is_in_a_vial and not naming:
        return "only in an amendment that is not signed yet"
    if is_in_a_vial and naming[-1] != last:
        return "again in an amendment that is not signed yet"
    if naming and naming[-1] == last and not is_in_a_vial:
        return "no longer in an amendment that is not signed yet"
    return ""


def event_text(event):
    what = event.description if event.kind == EventKind.OTHER else event.get_kind_display()
    return ", ".join(filter(None, (what, event.get_severity_display().lower(), SERIOUS.get(event.serious))))


COLUMNS = (
    "Match", "Given on", "Family name", "Given names", "Record number", "Same person as", "Birth date", "Phone",
    "Status", "Product", "Lot as typed", "Expiry", "Muscles and sides", "State", "Marks", "Adverse events",
)  # fmt: skip


def match_text(match):
    return "Exact match" if match == LotMatch.EXACT else f"Possible match: {match.label}"


def as_table(rows):
    return [COLUMNS, *map(_cells, rows)]


def _cells(row):
    patient = row.patient
    return (
        match_text(row.match),
        row.given_on.isoformat(),
        patient.family_name,
        patient.given_name,
        patient.record_number,
        patient.same_as.record_number if patient.same_as else "",
        patient.date_of_birth,
        " · ".join(row.phones),
        patient.get_status_display(),
        row.product,
        " · ".join(lot for lot, _, _ in row.lots),
        " · ".join(expiry for _, expiry, _ in row.lots),
        row.muscles,
        row.state.label,
        "; ".join(row.marks),
        "; ".join(row.events),
    )
