"""Steps of the demo: each sets the clock and calls the action that a page would call."""

import datetime as dt

from clinic.accounts.permissions import Permission, may
from clinic.models import Clinic
from patients.diary.models.opening_hours import WEEKDAYS, hours_of
from patients.followups.actions import SeeAgain, arrange_follow_up
from patients.followups.unattended import is_unattended
from patients.front_desk.actions.visits import book_visit
from patients.models import FollowUp, FollowUpKind, VisitState
from planning.catalogue.models.muscle import Muscle, Side
from planning.catalogue.models.product import Product
from planning.demo.people import ABSENCE_REASONS, LEAFLETS
from planning.pages.actions.visits import change_visit_state
from planning.sessions.actions.consents import record_consent
from planning.sessions.actions.injections import add_injection, change_injection
from planning.sessions.actions.sessions import change_session, plan_session, start_recording
from planning.sessions.actions.vials import add_vial
from planning.sessions.models.injection import Guidance
from planning.sessions.models.session import InjectionSession
from planning.signing.actions.amendments import open_amendment
from planning.signing.actions.endings import mark_as_error
from planning.signing.actions.signing import sign_session
from planning.signing.models.signed_record import digest

# Obviously artificial, so that they cannot be mistaken for advice.
DOSES = ("1.11", "2.22", "3.33", "4.44", "5.55", "6.66", "7.77", "8.88", "9.99")
SLOT = 30
VIALS_OF_A_LOT = 5
NOTES = ("", "", "Tolerated well.", "Sat upright, head supported.")
WEEKDAY = "09:00–12:30, 13:30–17:00"
HOURS = {**dict.fromkeys(WEEKDAYS[:4], WEEKDAY), "friday": "09:00–13:00"}


def slots_on(day):
    """The times within the working hours of that weekday, as (hour, minute)."""
    ranges = hours_of(HOURS.get(WEEKDAYS[day.weekday()], ""))
    starts = (dt.time(hour, minute) for hour in range(24) for minute in (0, SLOT))
    return [(start.hour, start.minute) for start in starts if any(begins <= start < ends for begins, ends in ranges)]


class Habit:
    """The treatment of a patient: product, muscles and sides, guidance; invented, like everything else."""

    def __init__(self, rng):
        self.product = rng.choice(list(Product.objects.offered()))
        self.guidance = rng.choice(list(Guidance.values))
        pairs = [(muscle, side) for muscle in self._muscles(rng) for side in (Side.RIGHT, Side.LEFT)]
        self.rows = rng.sample(pairs, rng.randint(2, 4))

    def _muscles(self, rng):
        muscles = list(Muscle.objects.offered())
        groups = {muscle.group_id for muscle in muscles}
        if rng.choice([True, False]):
            return [muscle for muscle in muscles if muscle.group_id is None]
        return [muscle for muscle in muscles if muscle.pk not in groups]


class Stage:
    def __init__(self, *, rng, clock, today, people):
        self.rng, self.clock, self.today, self.people = rng, clock, today, people
        self.clinic = Clinic.ours()
        self.taken = set()
        self.stories = {}  # by patient id
        self.lots = {}  # the number of vials of a product opened so far

    # The diary

    def free_slot(self, clinician, day):
        free = [slot for slot in slots_on(day) if (clinician.pk, day, *slot) not in self.taken]
        return self.rng.choice(free) if free else None

    def somewhere(self, clinician, day):
        while (slot := self.free_slot(clinician, day)) is None:
            day += dt.timedelta(days=1)
        self.taken.add((clinician.pk, day, *slot))
        return day, slot

    def booked_before(self, day):
        return day - dt.timedelta(days=self.rng.randint(10, 30))

    def book(self, *, patient, clinician, kind, day, slot, follow_up=None, booked_on=None):
        self.taken.add((clinician.pk, day, *slot))
        self.clock.set(booked_on or self.booked_before(day), 11)
        return book_visit(
            patient=patient,
            clinician=clinician,
            kind=kind,
            starts_at=self.clock.at(day, *slot),
            minutes=SLOT,
            by=self.desk(),
            follow_up=follow_up,
            outside_note="As an extra.",  # stored only if it is outside the hours
        )

    def book_somewhere(self, *, day, clinician, **details):
        day, slot = self.somewhere(clinician, day)
        return self.book(day=day, clinician=clinician, slot=slot, **details)

    def desk(self):
        return self.rng.choice([self.people["desk"], self.people["desk2"]])

    def during(self, visit, minutes):
        self.clock.current = visit.starts_at + dt.timedelta(minutes=minutes)

    def change_state(self, visit, state, by, reason=""):
        return change_visit_state(visit=visit, state=state, by=by, version=visit.version, reason=reason)

    def arrive(self, visit, *, is_seen=True):
        self.during(visit, -7)
        visit = self.change_state(visit, VisitState.ARRIVED, self.desk())
        if is_seen:
            self.stories[visit.patient_id].at(visit)
        return visit

    def finish(self, visit, again=None):
        self.during(visit, 27)
        if again is None and self.is_forgotten(visit):
            again = SeeAgain(weeks=self.rng.choice([4, 6, 8]), kind=FollowUpKind.REVIEW)
        return change_visit_state(
            visit=visit, state=VisitState.FINISHED, by=visit.clinician, version=visit.version, again=again
        )

    def is_forgotten(self, visit):
        if InjectionSession.objects.awaits_signature(visit):
            return False
        return is_unattended(visit.patient, but_for=visit)

    def end(self, visit, state):
        self.during(visit, 20 if state is VisitState.NO_SHOW else -120)
        reason = self.rng.choice(ABSENCE_REASONS) if state is VisitState.CANCELLED else ""
        return self.change_state(visit, state, self.desk(), reason)

    def error(self, visit):
        return self.change_state(visit, VisitState.ENTERED_IN_ERROR, self.desk(), "Typed for another patient.")

    # The session

    def plan(self, visit, habit, *, with_doses=False):
        by = visit.clinician
        session = plan_session(visit=visit, by=by, product=habit.product)
        for muscle, side in habit.rows:
            row = add_injection(session=session, product=habit.product, muscle=muscle, side=side, by=by)
            if with_doses:
                change_injection(
                    injection=row, product=habit.product, by=by, version=row.version, planned_dose=self.a_dose()
                )
        session.refresh_from_db()
        return session

    def plans_doses(self):
        return self.rng.random() < 0.4

    def an_operator(self):
        return self.people["trainee"] if self.rng.random() < 0.1 else None

    def a_dose(self, *, besides=""):
        return self.rng.choice([dose for dose in DOSES if dose != besides])

    def give(self, session, habit, *, operator=None, only_some=False, consent=False):
        by = session.visit.clinician
        session = start_recording(session=session, by=by, version=session.version)
        self.a_vial(session, by)
        rows = list(session.injections.in_order())
        for number, row in enumerate(rows[:1] if only_some else rows):
            self.give_row(row, habit, by, left_out=self.leaves_out(number))
        if consent:
            self.consent(session, by)
        if not only_some:
            session.refresh_from_db()
            session = change_session(
                session=session, by=by, version=session.version, operator=operator or by, notes=self.rng.choice(NOTES)
            )
        session.refresh_from_db()
        return session

    def a_vial(self, session, by):
        add_vial(session=session, product=session.product, by=by, **self.typed_of_a_vial(session.product))

    def typed_of_a_vial(self, product):
        return {
            "lot_number": self.a_lot(product),
            "expiry": f"{self.today.year + 1}-{self.rng.randint(1, 12):02d}",
            "size": "as on the box",
            "diluent": "saline, 1.11 mL",
            "discarded": self.rng.choice(["", f"1.11 {product.unit_label}"]),
            "shared": self.rng.choice(["no", "no", "yes"]),
        }

    def a_lot(self, product):
        used = self.lots[product.pk] = self.lots.get(product.pk, -1) + 1
        return f"DEMO-{product.brand_name[:3].upper()}-{used // VIALS_OF_A_LOT + 1:02d}"

    def give_row(self, row, habit, by, *, left_out):
        typed = self.typed_of_a_row(habit, left_out=left_out)
        change_injection(injection=row, product=row.session.product, by=by, version=row.version, **typed)

    def typed_of_a_row(self, habit, *, left_out):
        given = (
            {"not_given": True, "not_given_reason": "Not tense today."}
            if left_out
            else {"given_dose": self.a_dose() if self.rng.random() < 0.95 else ""}
        )
        return {"sites": self.rng.choice([1, 2, 2, 3, None]), "guidance": habit.guidance, **given}

    def leaves_out(self, number):
        return number > 0 and self.rng.random() < 0.08

    def consent(self, session, by):
        record_consent(session=session, by=by, **self.words_of_consent(session.visit))

    def words_of_consent(self, visit):
        return {
            "given_by": str(visit.patient),
            "given_on": visit.day,
            "form_version": self.rng.choice(LEAFLETS),
        }

    def sign(self, session, *, by=None, weeks=None, no_follow_up_reason=""):
        signer = by or self.signer_of(session)
        see_again = SeeAgain(weeks=weeks, no_follow_up_reason=no_follow_up_reason, clinician=session.visit.clinician)
        record = sign_session(session=session, by=signer, content_hash=digest(session.content()), see_again=see_again)
        self.stories[session.visit.patient_id].gave(session)
        return record

    def signer_of(self, session):
        clinician = session.visit.clinician
        return clinician if may(clinician, Permission.SIGN_SESSIONS) else self.people["neurologist"]

    def amend(self, visit):
        """Amend the signed session of the visit and change one dose to another; not signed yet."""
        session = visit.sessions.get()
        open_amendment(
            session=session,
            kind="recorded_wrongly",
            reason="Two figures were mixed up.",
            by=visit.clinician,
            version=session.version,
        )
        row = session.injections.active().exclude(given_dose="").in_order().first()
        change_injection(
            injection=row,
            product=session.product,
            by=visit.clinician,
            version=row.version,
            given_dose=self.a_dose(besides=row.given_dose),
        )

    def sign_amendment(self, visit):
        session = visit.sessions.get()
        sign_session(session=session, by=visit.clinician, content_hash=digest(session.content()))

    def entered_in_error(self, session):
        session.refresh_from_db()
        reason, by = "Typed into the wrong visit.", session.visit.clinician
        mark_as_error(session=session, reason=reason, by=by, version=session.version)

    # Patients

    def open_follow_up(self, patient, kind=FollowUpKind.NEXT_INJECTION):
        return FollowUp.objects.open().filter(patient=patient, kind=kind).due_first().first()

    def arrange_follow_up(self, patient, clinician, *, due_on, kind=FollowUpKind.NEXT_INJECTION, why=""):
        return arrange_follow_up(patient=patient, clinician=clinician, kind=kind, due_on=due_on, why=why, by=clinician)

    def injection(self, visit, habit, *, weeks=12, consent=False, **signing):
        visit = self.arrive(visit)
        self.during(visit, 2)
        session = self.plan(visit, habit, with_doses=self.plans_doses())
        self.during(visit, 12)
        session = self.give(session, habit, operator=self.an_operator(), consent=consent)
        self.during(visit, 24)
        self.sign(session, weeks=weeks, **signing)
        return self.finish(visit)

    def review(self, visit, again=None):
        return self.finish(self.arrive(visit), again)
