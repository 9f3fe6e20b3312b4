"""Findings and reports at each visit of the invented patients; five of them have a story."""

import datetime as dt

from patients.coverage.actions import add_coverage, add_therapy
from patients.models import Decision, TherapyKind, VisitKind
from planning.catalogue.models.instrument import Instrument
from planning.catalogue.scores import read_score
from planning.course.actions.assessments import record_assessment
from planning.course.actions.course import change_response, record_event, record_response
from planning.course.models.adverse_event import EventKind
from planning.course.models.findings import Frequency, Severity, Symptom
from planning.course.models.response import Benefit, Effect, Impression
from planning.course.patient_course import ASKED_BEFORE
from planning.demo import courses
from planning.demo.people import LEAFLETS
from planning.sessions.actions.consents import record_consent, record_information


def days(number):
    return dt.timedelta(days=number)


class Story:
    """One patient's complaints, and how they change from session to session."""

    def __init__(self, stage, course, number, kind):
        self.stage, self.rng, self.course, self.kind = stage, stage.rng, course, kind
        self.is_complete = kind is not courses.USUAL
        self.number = number
        self.postures = courses.POSTURES[number % len(courses.POSTURES)]
        self.symptoms = self.rng.sample([each for each in Symptom if each not in ASKED_BEFORE], 5)
        self.lasting_symptoms = courses.LASTING_SYMPTOMS.get(number % 20, ())
        self.signs = {
            "tremor": self.rng.choice(["present", "absent", "absent"]), "jerk": self.rng.choice(["", "absent"]),
        }  # fmt: skip
        self.lives = {
            name: self.rng.choice(courses.DAILY_LIFE[name]) for name in self.rng.sample(sorted(courses.DAILY_LIFE), 2)
        }
        self.severity, self.disability, self.pain = (
            self.rng.randint(17, 24), self.rng.randint(10, 17), self.rng.randint(6, 13)
        )  # fmt: skip
        self.trick = self.rng.choice(courses.TRICKS)
        self.last_assessment = self.last_response = self.last_gain = None
        self.last_scores, self.effects = [], {}
        self.has_withdrawn = False
        self.sessions = []

    # Coverage and therapies

    def begin(self):
        if self.is_complete or self.rng.random() < 0.85:
            self._cover()
        for kind, description, provider in self.rng.sample(courses.THERAPIES, self.rng.choice([0, 1, 1, 2])):
            self._treat(kind, description, provider)

    def _cover(self):
        payer, plan = self.rng.choice(courses.PAYERS)
        begins = self.course.registered_on
        add_coverage(
            patient=self.course.patient, by=self.stage.desk(), payer=payer, plan=plan,
            member_number=f"DEMO-{self.number:04d}", decision=self._decision(),
            authorisation_number=f"DEMO-A{self.number:03d}", valid_from=begins,
            valid_until=self.stage.today + days(self.rng.choice([-20, 40, 200, 400])),
            sessions_authorised=self.rng.choice([4, 8, None]), amount_charged=self.rng.choice(courses.AMOUNTS),
            patients_share=self.rng.choice(courses.SHARES),
        )  # fmt: skip

    def _decision(self):
        return self.rng.choice([Decision.APPROVED, Decision.APPROVED, ""])

    def _treat(self, kind, description, provider):
        year = self.course.registered_on.year - self.rng.randint(1, 4)
        ended = kind in {TherapyKind.NERVE_BLOCK, TherapyKind.EARLIER_TOXIN}
        add_therapy(
            patient=self.course.patient, by=self.stage.desk(), kind=kind, description=description, provider=provider,
            started=self.rng.choice(courses.SINCE).format(year=year), stopped=str(year + 1) if ended else "",
        )  # fmt: skip

    # At a visit

    def at(self, visit):
        self.stage.during(visit, 1)
        if visit.kind == VisitKind.FIRST_ASSESSMENT:
            self._inform(visit)
        if self.sessions:
            self._report(visit, self.sessions[-1])
        if self.is_complete or not self.last_assessment or self.rng.random() < 0.5:
            self._assess(visit)

    def gave(self, session):
        self.sessions.append(session)

    def _inform(self, visit):
        record_information(
            patient=visit.patient, by=visit.clinician, title=courses.LEAFLET, given_by=str(visit.clinician),
            given_on=visit.day, leaflet_version=self.rng.choice(LEAFLETS),
        )  # fmt: skip
        if self.rng.random() < 0.3:
            record_consent(
                patient=visit.patient, by=visit.clinician, given_by=str(visit.patient), given_on=visit.day,
                form_version=self.rng.choice(LEAFLETS),
            )  # fmt: skip

    def _cycle(self, of_each):
        return of_each[min(len(self.sessions), len(of_each)) - 1]

    def _gain(self, visit):
        if not self.sessions:
            return 0
        since = (visit.day - self.sessions[-1].day_given).days
        lasting = self._cycle(self.kind.days)
        return self._cycle(self.kind.gains) * (1 if since < lasting * 0.9 else 0.2)

    # The assessment

    def _assess(self, visit):
        gain = self._gain(visit)
        if self._is_unchanged(gain):
            found = {"unchanged_since": self.last_assessment, "scores": self.last_scores}
        else:
            self.last_scores = self._scores(gain) if self.is_complete or self.rng.random() < 0.7 else []
            found = {**self._findings(gain), "scores": self.last_scores}
        self.last_assessment = record_assessment(visit=visit, by=visit.clinician, **found)
        self.last_gain = gain

    def _is_unchanged(self, gain):
        is_alike = self.last_gain is not None and abs(gain - self.last_gain) <= 0.1 and not self.kind.drift
        return is_alike and self.rng.random() < 0.5

    def _findings(self, gain):
        present = [*(self.symptoms if gain < 0.3 else self.symptoms[:3]), *self.lasting_symptoms]
        answers = [(symptom, "present", *self._degree(gain)) for symptom in present]
        answers += [(symptom, "absent", "", "") for symptom in Symptom if symptom not in present]
        return {
            "postures": self.postures,
            "symptoms": answers,
            **self.signs,
            "sensory_trick": "present",
            "sensory_trick_note": self.trick,
            **(self.lives if gain < 0.3 else {}),
        }

    def _degree(self, gain):
        strong = self.rng.choice([Severity.MODERATE, Severity.SEVERE] if gain < 0.2 else [Severity.MILD])
        return strong, self.rng.choice([Frequency.OFTEN, Frequency.ALWAYS] if gain < 0.2 else [Frequency.SOMETIMES])

    def _scores(self, gain):
        left = 1 - gain
        drift = self.kind.drift * len(self.sessions)
        severity = min(int(self.severity * (1 - gain * 0.7)) + drift + self.rng.randint(-1, 1), 35)
        disability = min(int(self.disability * left) + drift + self.rng.randint(-1, 1), 30)
        pain = min(int(self.pain * left) + self.rng.randint(0, 1), 20)
        values = {
            "TWSTRS total": severity + disability + pain, "TWSTRS severity": severity,
            "TWSTRS disability": disability, "TWSTRS pain": pain,
        }  # fmt: skip
        if self.is_complete:
            values |= {"CGI-S": 5 if gain < 0.2 else 4 if gain < 0.4 else 3, "Pain 0–10": pain // 2}
            values |= {"Tsui": severity // 2} if self.rng.random() < 0.4 else {}
        return [(self._instrument(name), read_score(str(value))) for name, value in values.items()]

    def _instrument(self, name):
        if not hasattr(self.stage, "instruments"):
            self.stage.instruments = {each.name: each for each in Instrument.objects.all()}
        return self.stage.instruments[name]

    # Responses and adverse events

    def _report(self, visit, session):
        since = (visit.day - session.day_given).days
        if since < 20 or not (self.is_complete or self.rng.random() < 0.7):
            return
        self._withdraw(visit)
        report = self._effect(session, since)
        if self.is_complete or self.rng.random() < 0.3:
            report |= {"words": self._cycle(self.kind.words) if self.kind.words else "Better for some weeks."}
        if report.get("words") and self.rng.random() < 0.4:
            report |= {"share": "yes", "share_on": visit.day}
        self.last_response = record_response(session=session, visit=visit, by=visit.clinician, **report)
        self._go_wrong(visit, session)

    def _effect(self, session, since):
        """The same at each visit, except that wearing-off is reported once it has begun."""
        if session.pk not in self.effects:
            self.effects[session.pk] = self._effect_of_cycle()
        effect = self.effects[session.pk]
        wearing_off = effect.get("wearing_off_day")
        return {name: value for name, value in effect.items() if name != "wearing_off_day" or wearing_off <= since}

    def _effect_of_cycle(self):
        gain = self._cycle(self.kind.gains)
        if not gain:
            return {"effect": Effect.NO_RESPONSE, "impression": Impression.NO_CHANGE}
        onset = self.rng.randint(3, 7)
        days = {"onset_day": onset, "peak_day": onset + self.rng.randint(6, 10)}
        days["wearing_off_day"] = self._cycle(self.kind.days) + self.rng.randint(-3, 3)
        return {"effect": Effect.RESPONSE, **days, **self._benefits(gain)}

    def _benefits(self, gain):
        steps = [Benefit.NONE, Benefit.SLIGHT, Benefit.MODERATE, Benefit.MARKED]
        place = 3 if gain >= 0.45 else 2 if gain >= 0.3 else 1
        return {
            "benefit_pain": steps[place],
            "benefit_contractions": steps[max(place - self.rng.randint(0, 1), 0)],
            "benefit_motion": steps[max(place - self.rng.randint(0, 1), 0)],
            "benefit_daily_tasks": self.rng.choice(["", steps[place]]),
            "impression": (
                Impression.NO_CHANGE, Impression.A_LITTLE_BETTER, Impression.MUCH_BETTER, Impression.VERY_MUCH_BETTER
            )[place],
        }  # fmt: skip

    def _withdraw(self, visit):
        before = self.last_response
        may_withdraw = self.kind is courses.GOOD and len(self.sessions) >= 4 and not self.has_withdrawn
        if may_withdraw and before and before.words:
            self.has_withdrawn = True
            shared = {"share": "yes", "share_on": before.share_on or before.visit.day}
            change_response(
                response=before, by=visit.clinician, version=before.version, share_withdrawn_on=visit.day, **shared
            )

    def _go_wrong(self, visit, session):
        number = len(self.sessions)
        if self.kind is courses.EVENT:
            if number == 3 and not session.adverse_events.exists():
                self._dysphagia(visit, session)
            if number == 4 and not session.adverse_events.exists():
                record_event(
                    session=session, visit=visit, by=visit.clinician, kind=EventKind.NECK_WEAKNESS, severity="mild",
                    serious="no", began_day=8, ended_day=19, outcome="recovered", measures="None needed.",
                )  # fmt: skip
        elif self.rng.random() < 0.07:
            record_event(
                session=session, visit=visit, by=visit.clinician, kind=self.rng.choice(courses.PASSING_EVENTS),
                severity="mild", serious="no", began_day=self.rng.randint(0, 6), ended_day=self.rng.randint(7, 16),
                outcome="recovered",
            )  # fmt: skip

    def _dysphagia(self, visit, session):
        record_event(
            session=session, visit=visit, by=visit.clinician, kind=EventKind.DYSPHAGIA, severity="moderate",
            serious="no", description="Bread and meat went down slowly; drinking was no trouble. No weight was lost.",
            began_day=6, ended_day=27, outcome="recovered",
            measures="Soft food, small bites, upright at meals; told to call at once if breathing or drinking changes.",
            reported_to="Medicines agency of Exampleton", reported_on=visit.day, report_reference="DEMO-AE-0001",
        )  # fmt: skip
