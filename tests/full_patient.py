"""A patient with everything that can be recorded, each value with its own text."""

import datetime as dt

from clinic.models import Clinic
from patients.coverage.actions import add_coverage, add_therapy
from patients.models import Alert, ContactOutcome, ContactWay, TherapyKind, Visit, VisitState
from patients.people.actions.patients import review_alerts
from planning.course.actions.course import change_event
from planning.course.models.assessment import DAILY_LIFE
from planning.course.models.response import DOMAINS
from planning.models import EventKind, Instrument, Posture, Symptom
from planning.pages.actions.patients import change_patient_status
from planning.pages.actions.visits import change_visit_state, move_visit
from planning.sessions.actions.consents import record_information
from planning.sessions.actions.injections import change_injection
from planning.sessions.actions.sessions import change_session
from tests import builders

SCORES = {
    "TWSTRS total": "41.5", "TWSTRS severity": "18", "TWSTRS disability": "13", "TWSTRS pain": "10.5", "Tsui": "11",
    "CDQ-24": "33", "CGI-S": "4", "CGI-I": "2", "Pain 0–10": "6",
}  # fmt: skip
BENEFITS = dict(zip(DOMAINS, ("worse", "none", "slight", "moderate", "marked", "slight"), strict=True))


class FullPatient:
    def __init__(self):
        self.by = builders.a_person("neurologist", printed_name="Dr Everyman")
        self.trainee = builders.a_person("trainee", printed_name="Dr Operator")
        self.today = builders.today()
        self.patient = self._patient()
        self._coverage_and_papers()
        self.visit, self.session = self._session()
        self._earlier_visits()
        self._assessments()
        self._responses()
        self.events = self._events()
        self._follow_up()
        self._same_person()
        self._status()

    def _day(self, weeks_ago):
        return self.today - dt.timedelta(weeks=weeks_ago)

    def _patient(self):
        patient = builders.a_patient(
            by=self.by, record_number="RN-EVERY-77", family_name="Everything", given_name="Evelyn", sex="other",
            date_of_birth=dt.date(1961, 2, 3), phone="0555 010 7701", email="evelyn@example.org",
            address="77 Every Lane", language="Everish", diagnosis="Everyday dystonia", diagnosis_code="G77.7",
            onset="spring 1977", referred_by="Dr Referrer", note="Noted for everybody.", agreed_to_reminders=True,
        )  # fmt: skip
        alerts = {alert.value: f"Told of {alert.label.lower()}" for alert in Alert}
        return review_alerts(patient=patient, by=self.by, version=patient.version, **alerts)

    def _coverage_and_papers(self):
        add_coverage(
            patient=self.patient, by=self.by, payer="Every Mutual", plan="Plan Seven", member_number="M-7702",
            decision="approved", authorisation_number="AUTH-7703", valid_from=dt.date(2001, 3, 4),
            valid_until=dt.date(2099, 5, 6), sessions_authorised=7, amount_charged="770.40 EUR",
            patients_share="77.05 EUR", note="Coverage noted.",
        )  # fmt: skip
        for kind in TherapyKind:
            add_therapy(
                patient=self.patient, by=self.by, kind=kind, description=f"Described {kind.label.lower()}",
                started=f"began with {kind.value}", stopped=f"stopped with {kind.value}", provider=f"By {kind.value}",
            )  # fmt: skip
        record_information(
            patient=self.patient, by=self.by, title="Every Leaflet", leaflet_version="L7.1", given_by="Nurse Seven",
            given_on=self._day(20),
        )  # fmt: skip

    def _session(self):
        by, visit = self.by, builders.a_visit(
            patient=self.patient, clinician=self.by, day=self._day(12), by=self.by, hour=9, minutes=35
        )  # fmt: skip
        session = builders.a_planned_session(
            by=by, visit=visit, product="Xeomin", muscles=(("SCM", "left"), ("LS", "right"))
        )
        first, second = session.injections.in_order()
        change_injection(
            injection=first, product=first.session.product, by=by, version=first.version, planned_dose="7.71"
        )
        session = builders.record(session, by=by)
        builders.a_vial(
            session=session, by=by, lot_number="LOT-EVERY-7", expiry="2077-07", size="size seven",
            diluent="saline, seven", discarded="a seventh", shared="yes",
        )  # fmt: skip
        builders.a_vial(session=session, by=by, lot_number="LOT-EVERY-8")
        first.refresh_from_db()
        change_injection(
            injection=first, product=first.session.product, by=by, version=first.version,
            given_dose="7.72", sites=7, guidance="emg_and_ultrasound",
            note="Row noted.", vial=session.vials.first(),
        )  # fmt: skip
        second.refresh_from_db()
        change_injection(
            injection=second,
            product=second.session.product,
            by=by,
            version=second.version,
            not_given=True,
            not_given_reason="Left out for seven reasons.",
        )
        builders.a_consent(
            session=session, by=by, given_by="Evelyn herself", given_on=self._day(13), form_version="F7.2"
        )
        session.refresh_from_db()
        change_session(
            session=session, by=by, version=session.version, operator=self.trainee, complications="Complicated once.",
            notes="Session noted.", given_on=self._day(12),
        )  # fmt: skip
        builders.sign(session, by=by)
        builders.an_amendment(session, by=by, reason="Amended for seven reasons.")
        builders.amend(session, by=by, given_dose="7.73")
        builders.sign(session, by=by)
        session.refresh_from_db()
        return visit, session

    def _earlier_visits(self):
        """One that was cancelled, and one that was moved."""
        cancelled = builders.a_visit(
            patient=self.patient, clinician=self.by, day=self._day(30), by=self.by, kind="first_assessment"
        )
        change_visit_state(
            visit=cancelled, state=VisitState.CANCELLED, by=self.by, version=cancelled.version,
            reason="Cancelled for seven reasons.",
        )  # fmt: skip
        booked = builders.a_visit(patient=self.patient, clinician=self.by, day=self._day(29), by=self.by)
        self.moved = move_visit(
            visit=booked,
            by=self.by,
            version=booked.version,
            starts_at=builders.at(self._day(28), 11),
            minutes=30,
            clinician=self.by,
            although_past=True,
        )

    def _assessments(self):
        """Ten forms of posture and twelve symptoms, over two visits; a third has not changed since."""
        first = builders.a_visit(patient=self.patient, clinician=self.by, day=self._day(16), by=self.by, hour=14)
        self.assessed = builders.an_assessment(
            visit=first, by=self.by,
            postures=[(posture, "left" if posture.has_a_side else "") for posture in Posture],
            symptoms=[(symptom, "present", "moderate", "sometimes") for symptom in Symptom],
            scores=[(Instrument.objects.get(name=name), value) for name, value in self._scores().items()],
            tremor="present", tremor_note="Trembles seven times", jerk="present", jerk_note="Jerks seven times",
            sensory_trick="present", sensory_trick_note="Touches seven times", note="Assessment noted.",
            **{name: f"Lives with {name}" for name in DAILY_LIFE},
        )  # fmt: skip
        later = builders.a_visit(patient=self.patient, clinician=self.by, day=self._day(14), by=self.by, hour=14)
        builders.an_assessment(visit=later, by=self.by, unchanged_since=self.assessed)
        builders.an_assessment(
            visit=self.visit, by=self.by, head_is_straight=True, symptoms=[("swallowing", "absent", "", "")]
        )

    def _scores(self):
        from planning.catalogue.scores import read_score

        return {name: read_score(value) for name, value in SCORES.items()}

    def _responses(self):
        later = builders.a_visit_after(self.session, weeks=3)
        builders.a_response(
            session=self.session, visit=later, by=self.by, onset_day=4, peak_day=14, wearing_off_day=21,
            impression="a_little_better", words="Seven words of my own.", share="yes", share_on=self._day(9),
            share_withdrawn_on=self._day(8), note="Response noted.", **BENEFITS,
        )  # fmt: skip
        for weeks, effect in ((4, "no_response"), (5, "not_known")):
            builders.a_response(
                session=self.session, visit=builders.a_visit_after(self.session, weeks=weeks), by=self.by, effect=effect
            )

    def _events(self):
        events = [
            builders.an_event(session=self.session, by=self.by, kind=kind, description=f"Described {kind.value}")
            for kind in EventKind
        ]
        change_event(
            event=events[0], by=self.by, version=1, began_day=5, severity="severe", serious="yes",
            measures="Measures taken.", outcome="with_sequelae", ended_day=33, reported_to="Every Authority",
            reported_on=self._day(2), report_reference="REF-7704",
        )  # fmt: skip
        return events

    def _follow_up(self):
        self.follow_up = builders.a_follow_up(
            patient=self.patient, clinician=self.by, kind="review", why="Asked for seven reasons.", by=self.by
        )
        how, outcome = ContactWay.LETTER, ContactOutcome.WRONG_CONTACT
        builders.a_contact(self.follow_up, by=self.by, how=how, outcome=outcome, note="Letter came back.")

    def _same_person(self):
        other = builders.a_patient(by=self.by, record_number="RN-OTHER-78", family_name="Everything")
        builders.the_same_person(self.patient, other, by=self.by)

    def _status(self):
        for visit in Visit.objects.ahead().filter(patient=self.patient):
            arrived = change_visit_state(visit=visit, state=VisitState.ARRIVED, by=self.by, version=visit.version)
            builders.finish(arrived, by=self.by)
        self.patient.refresh_from_db()
        change_patient_status(
            patient=self.patient, by=self.by, version=self.patient.version, status="moved_away",
            status_since=self._day(1),
        )  # fmt: skip
        self.patient.refresh_from_db()

    @property
    def clinic(self):
        return Clinic.ours()
