"""Many rows of every list, each of its own patient, created faster than by as many actions.

The columns by which lists are ordered have only three values, so that several rows share one.
"""

import datetime as dt

from django.contrib.auth.models import Group

from clinic.models import AuditEntry, User
from clinic.records import audit_log, sealing
from patients.models import (
    Absence,
    Closure,
    ContactAttempt,
    Coverage,
    Delay,
    FollowUp,
    Patient,
    Therapy,
    Visit,
    WaitingEntry,
    WorkingHours,
)
from planning.models import (
    AdverseEvent,
    Assessment,
    Consent,
    InformationGiven,
    Injection,
    InjectionSession,
    Instrument,
    Letter,
    LetterTemplate,
    Muscle,
    MuscleSet,
    MuscleSetEntry,
    Product,
    Response,
    ReviewRequest,
    Score,
    Vial,
)
from tests import builders
from tests.builders.of_records import _copy as copy

LOT = "LOT-77"
BEGINNING = dt.date(2025, 3, 3)
VALUES = 3


def on(number, **time):
    """A time on one of the dates that all rows have."""
    return builders.at(BEGINNING + dt.timedelta(days=number % VALUES), **time)


class Crowd:
    """Grows each list by its own method."""

    def __init__(self, by):
        self.by, self.number = by, 0
        self.patient = builders.a_patient()
        self.neurologists = Group.objects.get(name="neurologist")
        self._templates = None

    def upcoming(self, many):
        self.number += many
        return range(self.number - many, self.number)

    def people(self, many):
        """As many patients, each with a clinician."""
        numbers = self.upcoming(many)
        clinicians = User.objects.bulk_create(
            User(username=f"crowd{number}", password="!", printed_name=f"Dr Crowd {number}") for number in numbers
        )
        User.groups.through.objects.bulk_create(
            User.groups.through(user_id=person.pk, group_id=self.neurologists.pk) for person in clinicians
        )
        patients = Patient.objects.bulk_create(
            Patient(
                record_number=f"CROWD-{number}", family_name=f"Crowd{number}", date_of_birth=dt.date(1969, 3, 14),
                sex="female", sort_name=f"crowd{number}",
            )
            for number in numbers
        )  # fmt: skip
        for value in range(VALUES):
            Patient.objects.filter(pk__in=[patient.pk for patient in patients[value::VALUES]]).update(
                updated_at=on(value)
            )
        return list(zip(numbers, patients, clinicians, strict=True))

    def patients(self, many):
        self.people(many)

    def visits(self, many, state="finished"):
        return Visit.objects.bulk_create(
            Visit(
                patient=patient, clinician=clinician, kind="injection", starts_at=on(number), state=state,
                ends_at=on(number, minute=10), minutes=10,
            )
            for number, patient, clinician in self.people(many)
        )  # fmt: skip

    def coverage(self, many):
        Coverage.objects.bulk_create(
            Coverage(patient=self.patient, payer="Example", recorded_by=self.by) for _ in range(many)
        )

    def therapies(self, many):
        Therapy.objects.bulk_create(
            Therapy(patient=self.patient, kind="other", recorded_by=self.by) for _ in range(many)
        )

    def consents(self, many):
        Consent.objects.bulk_create(
            Consent(
                patient=self.patient, given_by="Self", given_on=BEGINNING, form_version="1", recorded_by=self.by
            )
            for _ in range(many)
        )  # fmt: skip

    def information(self, many):
        InformationGiven.objects.bulk_create(
            InformationGiven(
                patient=self.patient, title="Leaflet", given_by="Sam", given_on=BEGINNING, recorded_by=self.by
            )
            for _ in range(many)
        )  # fmt: skip

    def clinicians(self, many):
        self.people(many)

    def working_hours(self, many):
        WorkingHours.objects.bulk_create(
            WorkingHours(clinician=clinician, monday="09:00–12:00") for _, _, clinician in self.people(many)
        )

    def absences(self, many):
        Absence.objects.bulk_create(
            Absence(clinician=clinician, starts_at=on(number), ends_at=on(number, minute=10))
            for number, _, clinician in self.people(many)
        )

    def delays(self, many):
        Delay.objects.bulk_create(
            Delay(clinician=clinician, day=BEGINNING, minutes=20, noted_by=self.by)
            for _, _, clinician in self.people(many)
        )

    def closures(self, many):
        Closure.objects.bulk_create(
            Closure(name="Closed", first_day=BEGINNING, last_day=BEGINNING) for _ in range(many)
        )

    def muscle_sets(self, many):
        made = MuscleSet.objects.bulk_create(
            MuscleSet(owner=self.by, name=f"Set {number}") for number in self.upcoming(many)
        )
        muscle = builders.a_muscle("SCM")
        MuscleSetEntry.objects.bulk_create(
            MuscleSetEntry(muscle_set=one, muscle=muscle, side=side) for one in made for side in ("left", "right")
        )

    def follow_ups(self, many):
        visits = self.visits(many)
        made = FollowUp.objects.bulk_create(
            FollowUp(
                patient=visit.patient, clinician=visit.clinician, kind="review",
                due_on=BEGINNING + dt.timedelta(days=number % VALUES), booked_visit=visit if number % 2 else None,
            )
            for number, visit in enumerate(visits)
        )  # fmt: skip
        ContactAttempt.objects.bulk_create(
            ContactAttempt(follow_up=one, by=one.clinician, how="phone", outcome="no_answer") for one in made * 2
        )

    def waiting_list(self, many):
        WaitingEntry.objects.bulk_create(
            WaitingEntry(
                patient=patient, clinician=clinician, kind="review", from_on=BEGINNING, added_by=self.by,
                added_at=on(number),
            )
            for number, patient, clinician in self.people(many)
        )  # fmt: skip

    def muscles(self, many):
        for number in self.upcoming(many):
            group = Muscle.objects.create(name=f"Group {number}", short_name=f"G{number}", order=number % VALUES)
            Muscle.objects.create(name=f"Part {number}", short_name=f"P{number}", order=number % VALUES, group=group)

    def products(self, many):
        for number in self.upcoming(many):
            Product.objects.create(
                brand_name=f"Brand {number}", nonproprietary_name="exemplotoxin", order=number % VALUES
            )

    def instruments(self, many):
        for number in self.upcoming(many):
            whole = Instrument.objects.create(name=f"Whole {number}", lowest=0, highest=9, order=number % VALUES)
            Instrument.objects.create(name=f"Part {number}", lowest=0, highest=9, order=number % VALUES, part_of=whole)

    @property
    def templates(self):
        """One session of each state, and the course of the signed one."""
        if self._templates is None:
            signed = builders.a_signed_session_of(builders.a_patient(), by=self.by, weeks_ago=9)
            amended = builders.a_signed_session_of(builders.a_patient(), by=self.by, weeks_ago=10)
            builders.an_amendment(amended, by=self.by)
            wrong = builders.a_signed_session_of(builders.a_patient(), by=self.by, weeks_ago=11)
            builders.an_error(wrong, by=self.by)
            given = builders.a_given_session(by=self.by, visit=self.visit_of_weeks_ago(12))
            self._templates = [signed, amended, wrong, given]
            self._templates.append(builders.a_planned_session(by=self.by, visit=self.visit_of_weeks_ago(13)))
            self.recorded = given
        return self._templates

    def visit_of_weeks_ago(self, weeks):
        return builders.a_visit(clinician=self.by, day=builders.today() - dt.timedelta(weeks=weeks))

    def sessions(self, many):
        """Each of a visit, a patient, a clinician and a vial of its own."""
        templates = self.templates
        return [
            self._copy_of(templates[place % len(templates)], visit) for place, visit in enumerate(self.visits(many))
        ]

    lots = sessions

    def _copy_of(self, session, visit):
        made = copy(InjectionSession.objects.get(pk=session.pk), visit=visit)
        vial = Vial.objects.bulk_create([Vial(session=made, lot_number=LOT)])[0]
        for row in session.injections.all():
            copy(row, session=made, vial=vial)
        for record in session.records.all():
            own = copy(record, session=made)
            for amendment in record.amendments.all():
                copy(amendment, session=made, record=own)
        for mark in session.error_marks.all():
            copy(mark, session=made)
        copy(self._event_of_all(), session=made)
        return made

    def _event_of_all(self):
        signed = self.templates[0]
        return signed.adverse_events.first() or builders.an_event(session=signed, by=self.by)

    def injections(self, many):
        self.muscles(many)
        muscles = Muscle.objects.order_by("-pk")[: 2 * many : 2]
        Injection.objects.bulk_create(
            Injection(session=self.planned, muscle=muscle, side="right", planned_dose="1.11") for muscle in muscles
        )

    @property
    def planned(self):
        return self.templates[-1]

    def vials(self, many):
        assert self.templates
        Vial.objects.bulk_create(Vial(session=self.recorded, lot_number=LOT) for _ in range(many))

    def audit(self, many):
        for _, patient, clinician in self.people(many):
            audit_log.record("read", by=clinician, patients=[patient.pk, self.patient.pk])

    def seals(self, many):
        for _ in range(many):
            audit_log.record("read", by=self.by)
            sealing.seal_up_to(AuditEntry.objects.latest("pk").pk)

    def assessments(self, many):
        made = Assessment.objects.bulk_create(
            Assessment(visit=visit, recorded_by=visit.clinician) for visit in self.visits(many)
        )
        instruments = list(Instrument.objects.all()[:3])
        Score.objects.bulk_create(
            Score(assessment=one, instrument=instrument, value=instrument.lowest)
            for one in made
            for instrument in instruments
        )
        return made

    scores = assessments

    def reviews(self, many):
        ReviewRequest.objects.bulk_create(
            ReviewRequest(session=session, asked_by=session.visit.clinician, asked_at=on(0), question="Which side?")
            for session in self.sessions(many)
        )

    def letters(self, many):
        Letter.objects.bulk_create(
            Letter(session=session, recipient="Dr Example", text="Dear colleague", recorded_by=session.visit.clinician)
            for session in self.sessions(many)
        )

    def letter_templates(self, many):
        first = LetterTemplate.objects.count()
        LetterTemplate.objects.bulk_create(
            LetterTemplate(name=f"Many {number}", about="record", text="Dear colleague", order=number)
            for number in range(first, first + many)
        )

    def responses(self, many):
        later_visits = self.visits(many)
        Response.objects.bulk_create(
            Response(session=session, visit=visit, recorded_by=visit.clinician, effect="response")
            for session, visit in zip(self.sessions(many), later_visits, strict=True)
        )

    def adverse_events(self, many):
        AdverseEvent.objects.bulk_create(
            AdverseEvent(session=session, recorded_by=session.visit.clinician, kind="bruising")
            for session in self.sessions(many)
        )

    # Where each list is read

    def path(self, what):
        """The address of the list that the method of this name grows."""
        name = what.replace("_", "-")
        if what in ("coverage", "therapies", "consents", "information"):
            return f"patients/{self.patient.pk}/{name}/"
        if what in ("injections", "vials"):
            assert self.templates
            return f"sessions/{(self.planned if what == 'injections' else self.recorded).pk}/{name}/"
        if what == "audit":  # of one patient: with the entries of the builders, the audit trail is longer than a page
            return f"audit/?patient={self.patient.pk}"
        return f"lots/?lot={LOT}" if what == "lots" else f"{name}/"


def lists():
    """The names of all methods that grow a list."""
    return [
        "patients", "coverage", "therapies", "consents", "information", "clinicians", "visits", "follow_ups", "muscles",
        "waiting_list", "working_hours", "absences", "delays", "closures", "muscle_sets", "products", "instruments",
        "sessions",
        "injections", "vials", "lots", "audit", "seals", "assessments", "scores", "responses", "adverse_events",
        "reviews", "letters", "letter_templates",
    ]  # fmt: skip
