"""A patient with one of everything that a URL names, and texts that only certain roles can see."""

import datetime as dt
import re

from allauth.mfa.models import Authenticator

from clinic.models import ApiToken, AuditEntry, AuditSeal, Clinic, LoginSession
from clinic.records import sealing
from patients.diary.actions.reminders import create_calendar_feed
from patients.diary.models.opening_hours import VisitLength
from patients.models import PossibleDuplicate, VisitState
from planning.fhir.opaque import sealed
from planning.models import Instrument, Muscle, MuscleSet, Product, ReasonNotGiven, ScannedGtin
from planning.pages.actions.visits import change_visit_state
from planning.sessions.actions.injections import change_injection
from planning.sessions.actions.reviews import ask_for_review
from planning.sessions.actions.sessions import change_session
from tests import builders, letters
from tests.elsewhere import a_session_elsewhere
from tests.passkeys import a_passkey
from tests.patients.imports import import_files

KIND_EXPORTED = "Appointment"  # which every role with an export can read
REQUIRED_QUERIES = {"api/v1/free-times/": "?kind=review", "api/v1/lots/": "?lot=LOTQ77"}

SECRETS = {
    "family_name": "Wróblewska-Testowa",
    "given_name": "Żaneta",
    "muscle": "Musculus exemplaris",
    "short_name": "MUSC-EX9",  # with a hyphen, which no token of a page contains
    "planned_dose": "7771.13",
    "given_dose": "8882.24",
    "lot_number": "LOTQ77",
    "reason": "Verschriebenes exemplum",
    "brand_name": "Exemplarin",
    "nonproprietary_name": "exemplotoxinum",
    "assessment": "Noteq assessed",
    "words": "Wordsq told",
    "event": "Eventq happened",
}


def a_seal():
    """Not part of a world: it would seal its entries."""
    return AuditSeal.objects.newest() or sealing.seal_up_to(AuditEntry.objects.latest("pk").pk)


class World:
    """A patient with a signed and an unsigned session, and one of everything that a URL names."""

    def __init__(self):
        by = self.clinician = self.exporter = builders.a_person("neurologist", printed_name="Dr World")
        self.muscle = Muscle.objects.create(name=SECRETS["muscle"], short_name=SECRETS["short_name"])
        Product.objects.create(brand_name=SECRETS["brand_name"], nonproprietary_name=SECRETS["nonproprietary_name"])
        self.instrument = Instrument.objects.create(name="Exemplar scale", lowest=0, highest=9)
        self.reason = ReasonNotGiven.objects.create(name="Exemplar reason", order=90)
        Clinic.ours().save()  # so that it too has a history
        self.patient = builders.a_patient(
            family_name=SECRETS["family_name"],
            given_name=SECRETS["given_name"],
            record_number="RN-88001122",
            diagnosis="Cervical dystonia",
        )
        self.follow_up = builders.a_follow_up(patient=self.patient, clinician=by)
        self.waiting = builders.a_waiting_entry(patient=self.patient, by=by, kind="first_assessment")
        self.contact = builders.a_contact(self.follow_up, by=by, how="phone", outcome="no_answer")
        self.signed = self._give(8)
        self.record = builders.sign(self.signed, by=by)
        self.session = self._give(9)
        self.row = self.session.injections.in_order().first()
        self.vial = self.session.vials.get()
        self.visit = self.session.visit
        self.gtin = ScannedGtin.objects.create(gtin="05000456012348", chosen=self.session.product)
        self.letter_template = letters.a_template("Dear colleague", name="Exemplar letter")
        self.letter = letters.a_letter(session=self.signed, by=by, recipient="Dr Recipientq")
        self.review = ask_for_review(session=self.session, question="Questionq asked", by=by)
        self.same = builders.a_patient(family_name="Twin")
        PossibleDuplicate.objects.create(one=self.patient, other=self.same)
        self.set = builders.a_muscle_set(by=by)
        self.to_move = builders.a_visit(
            patient=self.patient, clinician=by, day=builders.today() + dt.timedelta(days=300)
        )
        self.absence = builders.an_absence(clinician=by)
        self.hours = builders.hours(builders.a_person("trainee")).working_hours
        self.unsettled = builders.a_visit(
            patient=self.patient, clinician=by, day=builders.today() - dt.timedelta(days=1)
        )
        self.closure = builders.a_closure()
        self.delay = builders.a_delay(clinician=self.hours.clinician)
        self.assessment = builders.an_assessment(
            visit=self.signed.visit,
            by=by,
            postures=[("torticollis", "left")],
            note=SECRETS["assessment"],
            scores=[(self.instrument, 3)],
        )
        self.score = self.assessment.scores.get()
        self.response = builders.a_response(session=self.signed, visit=self.visit, by=by, words=SECRETS["words"])
        self.event = builders.an_event(session=self.signed, by=by, description=SECRETS["event"])
        # Until the visit to be moved, whose date it does not cover
        self.coverage = builders.a_coverage(
            patient=self.patient, by=by, valid_until=builders.today() + dt.timedelta(days=200)
        )
        self.therapy = builders.a_therapy(patient=self.patient, by=by)
        self.consent = builders.a_consent(patient=self.patient, by=by)
        self.information = builders.some_information(patient=self.patient, by=by)
        self.elsewhere = a_session_elsewhere(patient=self.patient, by=by)
        self.token = builders.a_token(by=by)
        similar = ("w1", self.patient.family_name, "Zaneta", str(self.patient.date_of_birth), "f", "")
        self.batch = import_files.checked(import_files.as_csv(similar), by=by)
        self.login = LoginSession.objects.create(person=by, session_key="of-the-world")
        a_passkey(by)
        self.calendar_secret = create_calendar_feed(clinician=by, by=by, seen=0)

    def with_every_state(self):
        """Also a planned session, one that was not done, one that is being amended, and one entered in error."""
        self.planned = self._plan(10)
        self.not_done = self._plan(11)
        change_visit_state(
            visit=self.not_done.visit,
            state=VisitState.CANCELLED,
            by=self.clinician,
            version=self.not_done.visit.version,
            reason="ill",
        )
        self.amended = self._give(12)
        builders.sign(self.amended, by=self.clinician)
        builders.an_amendment(self.amended, by=self.clinician, reason=SECRETS["reason"])
        self.in_error = self._give(13)
        builders.an_error(self.in_error, by=self.clinician, reason=SECRETS["reason"])
        return self

    def _plan(self, hour):
        visit = builders.an_arrived_visit(patient=self.patient, clinician=self.clinician, hour=hour)
        muscles = ((SECRETS["short_name"], "right"), ("LS", "left"))
        return builders.a_planned_session(
            by=self.clinician, visit=visit, product=SECRETS["brand_name"], muscles=muscles
        )

    def _give(self, hour):
        session, by = self._plan(hour), self.clinician
        for row in session.injections.in_order():
            change_injection(
                injection=row,
                product=row.session.product,
                by=by,
                version=row.version,
                planned_dose=SECRETS["planned_dose"],
            )
        session = builders.record(session, by=by)
        for row in session.injections.in_order():
            change_injection(
                injection=row, product=row.session.product, by=by, version=row.version, given_dose=SECRETS["given_dose"]
            )
        builders.a_vial(session=session, by=by, lot_number=SECRETS["lot_number"])
        session.refresh_from_db()
        return change_session(session=session, by=by, version=session.version, operator=by)

    def _fill_api(self, route):
        things = {
            "patients": self.patient, "coverage": self.coverage, "therapies": self.therapy, "visits": self.visit,
            "follow-ups": self.follow_up, "waiting-list": self.waiting, "muscles": self.muscle,
            "products": self.session.product,
            "instruments": self.instrument, "sessions": self.session, "injections": self.row, "vials": self.vial,
            "records": self.record, "assessments": self.assessment, "responses": self.response,
            "adverse-events": self.event, "scores": self.score, "consents": self.consent,
            "information": self.information, "clinicians": self.clinician,
            "working-hours": self.hours, "absences": self.absence, "closures": self.closure, "muscle-sets": self.set,
            "reviews": self.review, "visit-lengths": VisitLength.objects.first(), "delays": self.delay,
            "letters": self.letter, "letter-templates": self.letter_template,
        }  # fmt: skip
        if "seals/" in route:
            things["seals"] = a_seal()
        path = re.sub(r"([\w-]+)/<int:\w+>", lambda found: f"{found[1]}/{things[found[1]].pk}", route)
        return "/" + path + REQUIRED_QUERIES.get(route, "")

    def _fill_fhir(self, route):
        """An export belongs to the user who started it, so that its URLs need one: see tests/planning/fhir."""
        things = {
            "Patient": self.patient, "Practitioner": self.clinician, "Condition": self.patient,
            "Appointment": self.visit, "Encounter": self.visit, "Procedure": self.signed,
            "MedicationAdministration": self.signed.injections.first(), "Observation": self.score,
            "AdverseEvent": self.event, "AuditEvent": AuditEntry.objects.earliest("pk"),
        }  # fmt: skip
        kind = route.split("/")[1]
        thing = f"record-{self.record.pk}" if kind == "Provenance" else things[kind].pk if kind in things else ""
        job = sealed([f"/{route}", [KIND_EXPORTED], [], "2026-01-01T00:00:00+00:00"], by=self.exporter)
        path = route.replace("<str:pk>", str(thing)).replace("<str:job>", job).replace("<str:kind>", KIND_EXPORTED)
        return f"/{path}"

    def belongs_to(self, person):
        """What belongs to one person alone."""
        self.exporter = person
        MuscleSet.objects.filter(pk=self.set.pk).update(owner=person)
        ApiToken.objects.filter(pk=self.token.pk).update(person=person)
        LoginSession.objects.filter(pk=self.login.pk).update(person=person)
        Authenticator.objects.update(user=person)

    def fill(self, route):
        """The route with real objects in it, as a path."""
        if route.startswith("api/"):
            return self._fill_api(route)
        if route.startswith("fhir/"):
            return self._fill_fhir(route)
        kind = re.match(r"(admin/\w+/|diary/opening-hours/)?([\w-]*)", route).group(2)
        values = {
            "patients": self.patient, "visits": self.visit, "sessions": self.session, "records": self.record,
            "follow-ups": self.follow_up, "waiting-list": self.waiting, "muscle-sets": self.set,
            "clinicians": self.clinician, "absences": self.absence, "closures": self.closure,
            "assessments": self.assessment, "responses": self.response, "adverse-events": self.event,
            "coverage": self.coverage, "therapies": self.therapy, "consents": self.consent,
            "information": self.information, "muscles": self.muscle, "products": self.session.product,
            "account": self.token, "user": self.clinician, "clinic": None, "muscle": self.muscle,
            "product": self.session.product, "instrument": self.instrument, "reasonnotgiven": self.reason,
            "lettertemplate": self.letter_template, "letters": self.letter,
            "running-late": self.hours.clinician, "users": self.clinician, "imports": self.batch,
            "scanned-codes": self.gtin, "sessions-elsewhere": self.elsewhere,
        }  # fmt: skip
        others = {"visits/<int:pk>/slip/": self.to_move, "sessions/<int:pk>/letters/new/": self.signed}
        thing = others.get(route, values.get(kind))
        pk = str(thing.pk if thing is not None else 1)
        route = re.sub(r"\(\?P<uidb36>.*\)/", "1-set-password/", route)
        path = route.replace("<int:row>", str(self.row.pk)).replace("<int:vial>", str(self.vial.pk))
        path = path.replace("<int:review>", str(self.review.pk))
        path = (
            path.replace("<int:contact>", str(self.contact.pk))
            .replace("<int:session>", str(self.signed.pk))
            .replace("<int:same>", str(self.same.pk))
            .replace("<str:token>", self.calendar_secret)
            .replace("<slug:name>", "keys")
            .replace("<int:login>", str(self.login.pk))
            .replace("<int:factor>", str(Authenticator.objects.first().pk))
        )
        path = path.replace("<int:entry>", str(self.set.entries.first().pk))
        path = re.sub(r"<(int:pk|path:object_id|id)>|\(\?P<pk>[^)]*\)", pk, path)
        path = re.sub(r"\(\?P<app_label>[^)]*\)", "planning", path)
        path = re.sub(r"\(\?P<url>[^)]*\)", "nowhere", path)
        if "([^/]+)" in path:
            history = getattr(thing, "history", None) or Clinic.ours().history
            path = path.replace("([^/]+)", pk, 1).replace("([^/]+)", str(history.first().pk))
        return "/" + re.sub(r"[\^$]", "", path)
