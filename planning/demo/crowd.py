"""An invented clinic with a long past, for measuring: the same busy day, however many years are stored.

On every working day as many patients begin as end; each comes four times, twelve weeks apart. So a clinic with ten
times the patients has ten times the past, and ten times the work today.
"""

import datetime as dt

from django.utils import timezone

from clinic.models import AuditedPatient, AuditEntry, Clinic
from clinic.records import macs
from patients.models import FollowUp, FollowUpKind, Patient, PatientKey, Visit, VisitKind, VisitState
from patients.people import search
from planning.catalogue.models.muscle import Muscle, Side
from planning.catalogue.models.product import Product
from planning.demo.names import FAMILY_BEGINNINGS, FAMILY_ENDINGS, GIVEN_NAMES
from planning.demo.people import LOGINS, Login
from planning.demo.stage import DOSES
from planning.sessions.content import content_from
from planning.sessions.models.injection import Guidance, Injection
from planning.sessions.models.lot import LotSpelling, SignedLot, lot_key
from planning.sessions.models.session import InjectionSession
from planning.sessions.models.vial import Vial
from planning.signing.models.signed_record import MEANING, SignedRecord, canonical, digest

CLINICIANS = 8
CROWD_LOGINS = (
    *LOGINS,
    *(Login(f"neurologist{number}", f"Dr N. Invented {number}", "neurologist") for number in range(3, CLINICIANS + 1)),
)
BEGIN_A_DAY = 2 * CLINICIANS
VISITS = 4
TWELVE_WEEKS = 60  # working days
BOOKED_AHEAD = 30  # working days
MISSED_ONE_IN = 50
OPEN_AFTER_MISSED = 20  # working days until the front desk has entered the outcome of a visit
SLOT = 30
FIRST_HOUR = 9


class Crowd:
    """Creates rows of all tables, patient by patient, with ids that it assigns itself; the caller stores them."""

    def __init__(self, *, patients, today, people, rng):
        self.rng, self.people = rng, people
        self.clinic = Clinic.ours()
        self.zone = self.clinic.zone
        self.clinicians = [people[login.username] for login in CROWD_LOGINS if login.role == "neurologist"]
        self.products = list(Product.objects.offered())
        self.muscles = list(Muscle.objects.offered().filter(parts=None).select_related("group"))
        self.first_day = -((patients - 1) // BEGIN_A_DAY)
        self.days = self._working_days(today)
        self.ids = {}
        self.lots = set()

    def _working_days(self, today):
        return {
            **dict(zip(range(BOOKED_AHEAD + 1), _workdays(today, 1), strict=False)),
            **dict(zip(range(-1, self.first_day - 1, -1), _workdays(today - dt.timedelta(days=1), -1), strict=False)),
        }

    def rows_of(self, number):
        course = CrowdCourse(self, number)
        return course.rows

    def next_id(self, model):
        self.ids[model] = self.ids.get(model, 0) + 1
        return self.ids[model]

    def at(self, day, minutes):
        """That many minutes after opening time on the day of that number."""
        timestamp = dt.datetime.combine(self.days[day], dt.time(FIRST_HOUR), self.zone) + dt.timedelta(minutes=minutes)
        return timestamp.astimezone(dt.UTC)


def _workdays(day, step):
    while True:
        if day.weekday() < 5:
            yield day
        day += dt.timedelta(days=step)


class CrowdCourse:
    """The visits and sessions of one patient, as rows."""

    MODELS = (Patient, PatientKey, Visit, FollowUp, InjectionSession, LotSpelling, Vial, Injection, SignedRecord,
              SignedLot, AuditEntry, AuditedPatient)  # fmt: skip

    def __init__(self, crowd, number):
        self.crowd, self.rng = crowd, crowd.rng
        self.begins = crowd.first_day + number // BEGIN_A_DAY
        self.place = number % BEGIN_A_DAY
        self.clinician = crowd.clinicians[self.place % CLINICIANS]
        self.product = self.rng.choice(crowd.products)
        self.habit = [(muscle, self.rng.choice(Side.values[:2])) for muscle in self.rng.sample(crowd.muscles, 4)]
        self.by_model = {model: [] for model in self.MODELS}
        self.patient = self._patient(number + 1)
        self._keys()
        visits = [self._visit(which) for which in range(VISITS) if self._day(which) <= BOOKED_AHEAD]
        for which, visit in enumerate(visits):
            self._after(which, visit, visits[which + 1] if which + 1 < len(visits) else None)

    @property
    def rows(self):
        return [(model, self.by_model[model]) for model in self.MODELS]

    def add(self, row):
        self.by_model[type(row)].append(row)
        return row

    def _day(self, which):
        return self.begins + which * TWELVE_WEEKS

    def _patient(self, pk):
        family, given = self._a_name()
        registered = self.crowd.at(self.begins, -30)
        through = self._day(VISITS - 1) < 0
        patient = Patient(
            pk=self.crowd.next_id(Patient),
            record_number=f"CD-{pk:06d}",
            family_name=family,
            given_name=given,
            date_of_birth=dt.date(1930, 1, 1) + dt.timedelta(days=self.rng.randrange(20_000)),
            sex=self.rng.choice(["female", "male"]),
            phone=f"0555 {pk // 10_000:03d} {pk % 10_000:04d}",
            diagnosis="Cervical dystonia",
            diagnosis_code="G24.3",
            registered_at=registered,
            updated_at=registered,
            alerts_reviewed_at=registered,
            alerts_reviewed_by=self.clinician,
            no_follow_up_reason="Treatment ended." if through else "",
            no_follow_up_on=self.crowd.days[self._day(VISITS - 1)] if through else None,
            no_follow_up_by=self.clinician if through else None,
        )
        patient.sort_name = search.search_key(patient.full_name)
        patient.joined_records = []  # not read from the database for each signed record
        return self.add(patient)

    def _a_name(self):
        family = self.rng.choice(FAMILY_BEGINNINGS) + self.rng.choice(FAMILY_ENDINGS)
        return family, self.rng.choice(GIVEN_NAMES)

    def _keys(self):
        for key in search.keys_of(self.patient):
            self.add(PatientKey(patient_id=self.patient.pk, key=key))

    # The diary

    def _visit(self, which):
        day = self._day(which)
        minutes = SLOT * (2 * which + self.place // CLINICIANS)
        starts_at = self.crowd.at(day, minutes)
        return self.add(
            Visit(
                pk=self.crowd.next_id(Visit),
                patient=self.patient,
                clinician=self.clinician,
                kind=VisitKind.INJECTION,
                starts_at=starts_at,
                minutes=SLOT,
                ends_at=starts_at + dt.timedelta(minutes=SLOT),
                state=self._state(which, day),
            )
        )

    def _state(self, which, day):
        if day > 0 or (day == 0 and which == VISITS - 1):
            return VisitState.BOOKED
        if day == 0 and which == VISITS - 2:
            return VisitState.ARRIVED
        return VisitState.NO_SHOW if day < 0 and self.rng.randrange(MISSED_ONE_IN) == 0 else VisitState.FINISHED

    def _after(self, which, visit, following):
        if visit.state == VisitState.NO_SHOW or self._day(which) > 0:
            return
        session, rows, vials = self._session(visit)
        if visit.state != VisitState.FINISHED or self._is_left_to_sign(which):
            return
        self._sign(session, rows, vials)
        if which + 1 < VISITS:
            self._follow_up(which, visit, following)

    def _is_left_to_sign(self, which):
        return self._day(which) == -1 and which == 0 and self.place < CLINICIANS

    def _follow_up(self, which, visit, following):
        came = following is not None and following.state == VisitState.FINISHED
        settled = came or (following is not None and self._day(which + 1) < -OPEN_AFTER_MISSED)
        self.add(
            FollowUp(
                pk=self.crowd.next_id(FollowUp),
                patient=self.patient,
                kind=FollowUpKind.NEXT_INJECTION,
                due_on=timezone.localdate(visit.starts_at, self.crowd.zone) + dt.timedelta(weeks=12),
                clinician=self.clinician,
                booked_visit=following,
                closed_at=following.ends_at if settled else None,
                closed_by=self.crowd.people["desk"] if settled else None,
                closed_reason="" if not settled else "The visit took place." if came else "Booked anew by telephone.",
            )
        )

    # The session

    def _session(self, visit):
        given = visit.state != VisitState.BOOKED
        session = InjectionSession(
            pk=self.crowd.next_id(InjectionSession),
            visit=visit,
            product=self.product,
            planned_by=self.clinician,
            operator=self.clinician if given else None,
            recorder=self.clinician if given else None,
            recording_since=visit.starts_at if given else None,
        )
        self.add(session)
        vials = [self._vial(session)] if given else []
        rows = [
            self._injection(session, muscle, side, vials)
            for muscle, side in self.habit[: self.rng.choice([2, 3, 3, 4])]
        ]
        return session, rows, vials

    def _vial(self, session):
        pk = self.crowd.next_id(Vial)
        lot = f"DEMO{pk // 40:05d}"
        if lot not in self.crowd.lots:
            self.crowd.lots.add(lot)
            self.add(LotSpelling(pk=self.crowd.next_id(LotSpelling), typed=lot, key=lot_key(lot)))
        return self.add(Vial(pk=pk, session=session, lot_number=lot, added_at=session.visit.starts_at, shared="no"))

    def _injection(self, session, muscle, side, vials):
        return self.add(
            Injection(
                pk=self.crowd.next_id(Injection),
                session=session,
                muscle=muscle,
                side=side if muscle.sides == "lateral" else Side.MIDLINE,
                planned_dose=self.rng.choice(DOSES),
                given_dose=self.rng.choice(DOSES) if vials else "",
                sites=self.rng.choice([1, 2, 3]) if vials else None,
                guidance=Guidance.EMG if vials else "",
            )
        )

    def _sign(self, session, rows, vials):
        signed_at = timezone.localtime(session.visit.ends_at, self.crowd.zone)
        session.signed_at = session.visit.ends_at
        content = content_from(session, clinic=self.crowd.clinic, amendment=None, vials=vials, rows=rows)
        record = SignedRecord(
            pk=self.crowd.next_id(SignedRecord),
            session=session,
            number=1,
            content_text=canonical(content),
            content_hash=digest(content),
            signer=self.clinician,
            signer_name=self.clinician.printed_name,
            signer_roles="neurologist",
            signed_at=signed_at.isoformat(timespec="seconds"),
            meaning=MEANING,
        )
        record.hash = record.computed_hash()
        record.mac = macs.mac("signed record", record.mac_values())
        self.add(record)
        for vial in vials:
            self.add(SignedLot(pk=self.crowd.next_id(SignedLot), record=record, lot_number=vial.lot_number))
        entry = self.add(
            AuditEntry(
                pk=self.crowd.next_id(AuditEntry),
                at=session.signed_at,
                actor=self.clinician,
                roles="neurologist",
                action="signed",
                object_type="planning.signedrecord",
                object_id=record.pk,
                outcome="done",
                route="planning:session-sign",
            ).with_mac([self.patient.pk])
        )
        self.add(AuditedPatient(entry=entry, patient_id=self.patient.pk))
