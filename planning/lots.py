"""Who received a lot: every session that names it, with its patient, for a recall."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Prefetch

from patients.models import joined_with
from planning.models import AdverseEvent, EventKind, InjectionSession, SessionState, SignedLot, Vial, YesNo
from planning.models.lot import key_of_lot

NOT_RECORDED = "not recorded"
SERIOUS = {YesNo.YES: "serious", YesNo.NO: "not serious"}


@dataclass(frozen=True)
class Received:
    """A session that names the lot, and all that a recall asks of it; never a dose."""

    session: InjectionSession
    given_on: dt.date
    lots: list[tuple[str, str]]
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
        return self.session.brand_in_words()

    @property
    def muscles(self):
        return self.session.muscles_in_words()

    @property
    def further_marks(self):
        """What the state does not say already."""
        return [mark for mark in self.marks if mark not in self.state.label.lower()]

    @property
    def patient_ids(self):
        """Whom a row shows."""
        return [self.patient.pk, *(record.pk for record in self.patient.joined_records)]


def sessions_with(lot):
    """The sessions that received this lot, the newest first, read in as many statements however many they are."""
    key = key_of_lot(lot)
    return (
        InjectionSession.objects.that_received(lot)
        .for_history()
        .with_given_day()
        .select_related("visit__patient__same_as", "product")
        .prefetch_related(
            Prefetch("records__lots", SignedLot.objects.filter(lot_key=key).order_by("pk"), to_attr="lots_asked"),
            Prefetch("vials", Vial.objects.with_lot(lot), to_attr="vials_asked"),
            *joined_with("visit__patient"),
            Prefetch("adverse_events", AdverseEvent.objects.standing().order_by("pk"), to_attr="events_standing"),
        )
        .order_by("-given_day", "visit__patient__sort_name", "pk")
    )


def received(sessions):
    """A row for each of sessions_with()."""
    return [
        Received(
            session=session,
            given_on=session.given_day,
            lots=_lots(session),
            state=session.state,
            marks=_marks(session),
            events=[event_in_words(event) for event in session.events_standing],
        )
        for session in sessions
    ]


def _naming(session):
    """The records that name the lot, the oldest first."""
    return [record for record in session.records.all() if record.lots_asked]


def _last_record(session):
    return list(session.records.all())[-1]


def _lots(session):
    """The lot as typed, with its expiry: of the last record that names it, else of the vials as they are now."""
    naming = _naming(session)
    if not naming:
        found = [(vial.lot_number, vial.expiry) for vial in session.vials_asked]
    else:
        asked = {lot.lot_number for lot in naming[-1].lots_asked}
        vials = naming[-1].content["vials"]
        found = [(vial["lot_number"], vial["expiry"]) for vial in vials if vial["lot_number"] in asked]
    return list(dict.fromkeys((lot, expiry or NOT_RECORDED) for lot, expiry in found))


def _marks(session):
    """What keeps this from being a session that was given and signed with this lot, in words."""
    marks = [_amended(session)] if session.is_signed else []
    if session.is_being_amended:
        marks.append(_being_amended(session))
    if not session.is_signed:
        marks.append("not signed" if session.not_done_at is None else "not done")
    if session.is_in_error:
        marks.append("entered in error")
    return list(filter(None, marks))


def _amended(session):
    """Whether an amendment took the lot away."""
    naming, last = [record.number for record in _naming(session)], _last_record(session).number
    if not naming or naming[-1] == last:
        return ""
    return f"amended away: in {_records_in_words(naming)}, no longer in record {naming[-1] + 1}"


def _records_in_words(numbers):
    if len(numbers) == 1:
        return f"record {numbers[0]}"
    return f"records {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


def _being_amended(session):
    """How the open amendment differs from the records."""
    naming, last = _naming(session), _last_record(session)
    if session.vials_asked and not naming:
        return "only in an amendment that is not signed yet"
    if session.vials_asked and naming[-1] != last:
        return "again in an amendment that is not signed yet"
    if naming and naming[-1] == last and not session.vials_asked:
        return "no longer in an amendment that is not signed yet"
    return ""


def event_in_words(event):
    """*Dysphagia, moderate, serious*."""
    what = event.description if event.kind == EventKind.OTHER else event.get_kind_display()
    return ", ".join(filter(None, (what, event.get_severity_display().lower(), SERIOUS.get(event.serious))))


COLUMNS = (
    "Given on", "Family name", "Given names", "Record number", "Same person as", "Birth date", "Phone", "Status",
    "Product", "Lot as typed", "Expiry", "Muscles and sides", "State", "Marks", "Adverse events",
)  # fmt: skip


def as_table(rows):
    """What the rows say, for a spreadsheet."""
    return [COLUMNS, *map(_cells, rows)]


def _cells(row):
    patient = row.patient
    return (
        row.given_on.isoformat(),
        patient.family_name,
        patient.given_name,
        patient.record_number,
        patient.same_as.record_number if patient.same_as else "",
        patient.date_of_birth.isoformat(),
        " · ".join(row.phones),
        patient.get_status_display(),
        row.product,
        " · ".join(lot for lot, _ in row.lots),
        " · ".join(expiry for _, expiry in row.lots),
        row.muscles,
        row.state.label,
        "; ".join(row.marks),
        "; ".join(row.events),
    )
