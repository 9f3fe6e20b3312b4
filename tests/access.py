"""The access table: each URL of Collum by name, and which roles can use it with which method."""

import datetime as dt
import re
from dataclasses import dataclass

from django.urls import URLPattern, get_resolver

from clinic.models import ApiToken, Clinic
from patients.diary.actions.reminders import create_calendar_feed
from patients.models import PossibleDuplicate, VisitState
from planning.models import Instrument, Muscle, MuscleSet, Product, ReasonNotGiven
from planning.pages.actions.visits import change_visit_state
from planning.sessions.actions.injections import change_injection
from planning.sessions.actions.reviews import ask_for_review
from planning.sessions.actions.sessions import change_session
from tests import builders
from tests.api_table import OPERATIONS

# The columns of the table, and the letter of each.
PEOPLE = {
    "N": "neurologist",
    "T": "trainee",
    "S": "staff",
    "C": "catalogue_manager",
    "A": "auditor",
    "U": "superuser",  # without a role
    "-": "anonymous",
}
ROLE_OF = {
    "N": "neurologist",
    "T": "trainee",
    "S": "clinic staff",
    "C": "catalogue manager",
    "A": "auditor",
}

# URL name                                method: roles. All others are denied, and any other method is rejected.
TABLE = {
    "clinic:start":                       {"GET": "N T S C A U"},
    "clinic:date-in-words":               {"POST": "N T S C A U"},
    "clinic:login-session":               {"GET": "N T S C A U -", "POST": "N T S C A U -"},
    "clinic:tokens":                      {"GET": "N T S C A U", "POST": "N T S C A U"},
    "clinic:help":                        {"GET": "N T S C A U"},
    "clinic:help-page":                   {"GET": "N T S C A U"},
    "clinic:preferences":                 {"GET": "N T S C A U", "POST": "N T S C A U"},
    "clinic:token-revoke":                {"POST": "N T S C A U"},
    "account_login":                      {"GET": "N T S C A U -", "POST": "N T S C A U -"},
    "account_logout":                     {"GET": "N T S C A U", "POST": "N T S C A U"},
    "account_change_password":            {"GET": "N T S C A U", "POST": "N T S C A U"},
    "account_reset_password":              {"GET": "N T S C A U -", "POST": "N T S C A U -"},
    "account_reset_password_from_key":     {"GET": "N T S C A U -", "POST": "N T S C A U -"},
    "account_reset_password_done": {"GET": "N T S C A U -"},
    "account_reset_password_from_key_done": {"GET": "N T S C A U -"},
    "account_inactive":                   {"GET": "N T S C A U -"},
    # Patients and the diary
    "patients:patient-list":              {"GET": "N T S", "POST": "N T S"},
    "patients:patient-register":          {"GET": "N T S", "POST": "N T S"},
    "patients:duplicate-list":            {"GET": "N T S"},
    "patients:duplicate-mark":            {"POST": "N T S"},
    "patients:duplicate-unmark":          {"POST": "N T S"},
    "patients:patient-change":            {"GET": "N T S", "POST": "N T S"},
    "patients:patient-alerts":            {"GET": "N T S", "POST": "N T S"},
    "planning:patient-status":            {"GET": "N T S", "POST": "N T S"},
    "planning:patient-same":              {"GET": "N", "POST": "N"},
    "planning:patient-same-confirm":      {"GET": "N", "POST": "N"},
    "planning:patient-same-undo":         {"POST": "N"},
    "planning:patient-detail":            {"GET": "N T S"},
    "patients:patient-return":            {"GET": "N T S", "POST": "N T S"},
    "patients:coverage-list":             {"GET": "N T S", "POST": "N T S"},
    "patients:coverage-change":           {"GET": "N T S", "POST": "N T S"},
    "patients:coverage-error":            {"GET": "N T S", "POST": "N T S"},
    "patients:therapy-list":              {"GET": "N T S", "POST": "N T S"},
    "patients:therapy-change":            {"GET": "N T S", "POST": "N T S"},
    "patients:therapy-error":             {"GET": "N T S", "POST": "N T S"},
    "patients:diary":                     {"GET": "N T S"},
    "patients:free-times":                {"GET": "N T S"},
    "patients:visit-new":                 {"GET": "N T S", "POST": "N T S"},
    "patients:visit-book":                {"GET": "N T S", "POST": "N T S"},
    "patients:here-now":                  {"POST": "N T S"},
    "planning:visit-move":                {"GET": "N T S", "POST": "N T S"},
    "patients:visit-to-move":             {"GET": "N T S"},
    "patients:visit-unsettled":           {"GET": "N T S"},
    "patients:visit-not-authorised":      {"GET": "N T S"},
    "planning:visit-detail":              {"GET": "N T S"},
    "planning:visit-state":               {"POST": "N T S"},
    "planning:booking-undo":              {"POST": "N T S"},
    "planning:move-undo":                 {"POST": "N T S"},
    "planning:end-undo":                  {"POST": "N T S"},
    "patients:followup-list":             {"GET": "N T S"},
    "patients:followup-print":            {"GET": "N T S"},
    "patients:followup-csv":              {"GET": "N T S"},
    "patients:unattended":                {"GET": "N T S"},
    "patients:followup-detail":           {"GET": "N T S"},
    "patients:followup-book":             {"GET": "N T S"},
    "patients:followup-contact":          {"POST": "N T S"},
    "patients:contact-undo":              {"POST": "N T S"},
    "patients:followup-close":            {"POST": "N T S"},
    "patients:followup-hand-over":        {"POST": "N T S"},
    # The diary's frame, and what leaves the clinic
    "patients:opening-hours":             {"GET": "N T S U"},
    "patients:hours-change":              {"GET": "N T S U", "POST": "N T S U"},
    "patients:absence-add":               {"POST": "N T S U"},
    "patients:absence-remove":            {"POST": "N T S U"},
    "patients:closure-add":               {"POST": "N T S U"},
    "patients:closure-remove":            {"POST": "N T S U"},
    "patients:lengths-change":            {"POST": "N T S U"},
    "patients:reminder-text":             {"GET": "N T S", "POST": "N T S"},
    "patients:calendar-address":          {"GET": "N T", "POST": "N T"},
    "patients:calendar-revoke":           {"POST": "N T"},
    # By a secret in the URL
    "patients:calendar-feed":             {"GET": "N T S C A U -", "HEAD": "N T S C A U -"},
    "planning:today":                     {"GET": "N T S C A U"},
    # Sessions
    "planning:session-plan":              {"POST": "N T"},
    "planning:session-detail":            {"GET": "N T"},
    "planning:session-product":           {"POST": "N T"},
    "planning:session-change":            {"POST": "N T"},
    "planning:session-record":            {"POST": "N T"},
    "planning:session-back":              {"POST": "N T"},
    "planning:session-repeat":            {"POST": "N T"},
    "planning:session-guidance":          {"POST": "N T"},
    "planning:muscle-match":              {"POST": "N T"},
    "planning:injection-add":             {"POST": "N T"},
    "planning:injection-change":          {"POST": "N T"},
    "planning:injection-remove":          {"POST": "N T"},
    "planning:injection-restore":         {"POST": "N T"},
    "planning:vial-add":                  {"POST": "N T"},
    "planning:vial-change":               {"POST": "N T"},
    "planning:vial-remove":               {"POST": "N T"},
    "planning:consent-record":            {"POST": "N T"},
    # The administrator's
    "planning:set-up":                    {"GET": "U"},
    "planning:time-zone-confirm":         {"POST": "U"},
    "planning:test-email":                {"POST": "U"},
    "planning:backup-restored":           {"POST": "U"},
    "planning:to-sign":                   {"GET": "N"},
    "planning:review-list":               {"GET": "N T"},
    "planning:review-ask":                {"POST": "N T"},
    "planning:review-answer":             {"POST": "N"},
    "planning:session-sign":              {"GET": "N", "POST": "N"},
    "planning:record-detail":             {"GET": "N T"},
    "planning:record-print":              {"GET": "N T"},
    "planning:record-text":               {"GET": "N T"},
    "planning:plan-print":                {"GET": "N T"},
    "planning:day-print":                 {"GET": "N T S"},
    # The course
    "planning:assessment":                {"GET": "N T", "POST": "N T"},
    "planning:assessment-error":          {"GET": "N T", "POST": "N T"},
    "planning:response":                  {"GET": "N T", "POST": "N T"},
    "planning:response-error":            {"GET": "N T", "POST": "N T"},
    "planning:event-record":              {"GET": "N T", "POST": "N T"},
    "planning:event-change":              {"GET": "N T", "POST": "N T"},
    "planning:event-error":               {"GET": "N T", "POST": "N T"},
    "planning:papers":                    {"GET": "N T"},
    "planning:patient-consent":           {"POST": "N T"},
    "planning:consent-error":             {"GET": "N T", "POST": "N T"},
    "planning:information-record":        {"POST": "N T"},
    "planning:information-error":         {"GET": "N T", "POST": "N T"},
    "planning:summary-print":             {"GET": "N T"},
    "planning:chart-print":               {"GET": "N T"},
    "planning:patient-export":            {"POST": "N"},
    "planning:session-amend":             {"GET": "N", "POST": "N"},
    "planning:session-amendment":         {"GET": "N T"},
    "planning:amendment-discard":         {"GET": "N", "POST": "N"},
    "planning:session-set":               {"POST": "N T"},
    "planning:session-save-set":          {"POST": "N T"},
    "planning:muscle-set-list":           {"GET": "N T", "POST": "N T"},
    "planning:muscle-set-detail":         {"GET": "N T"},
    "planning:muscle-set-rename":         {"POST": "N T"},
    "planning:muscle-set-remove":         {"POST": "N T"},
    "planning:muscle-set-add":            {"POST": "N T"},
    "planning:muscle-set-take":           {"POST": "N T"},
    "planning:session-end":               {"GET": "N T"},
    "planning:session-not-done":          {"POST": "N T"},
    "planning:session-not-done-undo":     {"POST": "N T"},
    "planning:session-not-today":         {"POST": "N T"},
    "planning:session-error":             {"POST": "N T"},
    "planning:session-error-undo":        {"POST": "N"},
    # Over all patients
    "planning:lot-list":                  {"GET": "N"},
    "planning:lot-csv":                   {"GET": "N"},
    "planning:lot-xlsx":                  {"GET": "N"},
    "planning:overview":                  {"GET": "N"},
    "planning:overview-csv":              {"GET": "N"},
    "planning:overview-xlsx":             {"GET": "N"},
    # The catalogue
    "planning:muscle-list":               {"GET": "N T C", "HEAD": "N T C"},
    # The audit trail
    "clinic:audit":                       {"GET": "A", "POST": "A"},
    "clinic:audit-csv":                   {"POST": "A"},
    "clinic:audit-xlsx":                  {"POST": "A"},
    "clinic:audit-print":                 {"POST": "A"},
    # The admin site: the catalogue for its managers, people and the clinic for the superuser
    "admin:index":                        {"GET": "C U", "POST": "C U"},
    "admin:app_list":                     {"GET": "C", "POST": "C"},
    "admin:login":                        {"GET": "C U -", "POST": "C U -"},
    "admin:logout":                       {"GET": "C U", "POST": "C U"},
    "admin:password_change":              {"GET": "C U", "POST": "C U"},
    "admin:password_change_done":         {"GET": "C U", "POST": "C U"},
    "admin:autocomplete":                 {"GET": "", "POST": ""},
    "admin:jsi18n":                       {"GET": "C U"},
    "admin:auth_user_password_change":    {"GET": "U", "POST": "U"},
    "admin:clinic_user_changelist":       {"GET": "U", "POST": "U"},
    "admin:clinic_user_add":              {"GET": "U", "POST": "U"},
    "admin:clinic_user_history":          {"GET": "U", "POST": "U"},
    "admin:clinic_user_delete":           {"GET": "", "POST": ""},
    "admin:clinic_user_change":           {"GET": "U", "POST": "U"},
    "admin:clinic_clinic_add":            {"GET": "", "POST": ""},
    "admin:clinic_clinic_history":        {"GET": "U", "POST": "U"},
    "admin:clinic_clinic_simple_history": {"GET": "U", "POST": "U"},
    "admin:clinic_clinic_delete":         {"GET": "", "POST": ""},
    "admin:clinic_clinic_change":         {"GET": "U", "POST": "U"},
    "admin:planning_muscle_changelist":   {"GET": "C", "POST": "C"},
    "admin:planning_muscle_import":       {"GET": "C", "POST": "C"},
    "admin:planning_muscle_template": {"GET": "C", "POST": "C"},
    "admin:planning_muscle_export":       {"GET": "C", "POST": "C"},
    "admin:planning_muscle_export_xlsx":  {"GET": "C", "POST": "C"},
    "admin:planning_product_import":      {"GET": "C", "POST": "C"},
    "admin:planning_product_template": {"GET": "C", "POST": "C"},
    "admin:planning_product_export":      {"GET": "C", "POST": "C"},
    "admin:planning_product_export_xlsx": {"GET": "C", "POST": "C"},
    "admin:planning_muscle_add":          {"GET": "C", "POST": "C"},
    "admin:planning_muscle_history":      {"GET": "C", "POST": "C"},
    "admin:planning_muscle_simple_history": {"GET": "C", "POST": "C"},
    "admin:planning_muscle_delete":       {"GET": "C", "POST": "C"},
    "admin:planning_muscle_change":       {"GET": "C", "POST": "C"},
    "admin:planning_product_changelist":  {"GET": "C", "POST": "C"},
    "admin:planning_product_add":         {"GET": "C", "POST": "C"},
    "admin:planning_product_history":     {"GET": "C", "POST": "C"},
    "admin:planning_product_simple_history": {"GET": "C", "POST": "C"},
    "admin:planning_product_delete":      {"GET": "C", "POST": "C"},
    "admin:planning_product_change":      {"GET": "C", "POST": "C"},
    "admin:planning_instrument_changelist": {"GET": "C", "POST": "C"},
    "admin:planning_instrument_import":   {"GET": "C", "POST": "C"},
    "admin:planning_instrument_template": {"GET": "C", "POST": "C"},
    "admin:planning_instrument_export":   {"GET": "C", "POST": "C"},
    "admin:planning_instrument_export_xlsx": {"GET": "C", "POST": "C"},
    "admin:planning_instrument_add":      {"GET": "C", "POST": "C"},
    "admin:planning_instrument_history":  {"GET": "C", "POST": "C"},
    "admin:planning_instrument_simple_history": {"GET": "C", "POST": "C"},
    "admin:planning_instrument_delete":   {"GET": "C", "POST": "C"},
    "admin:planning_instrument_change":   {"GET": "C", "POST": "C"},
    "admin:planning_reasonnotgiven_changelist": {"GET": "C", "POST": "C"},
    "admin:planning_reasonnotgiven_add":  {"GET": "C", "POST": "C"},
    "admin:planning_reasonnotgiven_history": {"GET": "C", "POST": "C"},
    "admin:planning_reasonnotgiven_simple_history": {"GET": "C", "POST": "C"},
    "admin:planning_reasonnotgiven_delete": {"GET": "", "POST": ""},
    "admin:planning_reasonnotgiven_change": {"GET": "C", "POST": "C"},
    # Redirects to a URL above, and every other URL below /admin/
    "admin:clinic_clinic_changelist":     {"GET": "C U", "POST": "C U"},
    "admin/clinic/user/<path:object_id>/": {"GET": "C U", "POST": "C U"},
    "admin/clinic/clinic/<path:object_id>/": {"GET": "C U", "POST": "C U"},
    "admin/planning/muscle/<path:object_id>/": {"GET": "C U", "POST": "C U"},
    "admin/planning/product/<path:object_id>/": {"GET": "C U", "POST": "C U"},
    "admin/planning/instrument/<path:object_id>/": {"GET": "C U", "POST": "C U"},
    "admin/planning/reasonnotgiven/<path:object_id>/": {"GET": "C U", "POST": "C U"},
    "admin/(?P<url>.*)$":                 {"GET": "", "POST": ""},
    **{
        name: {method: letters.replace("!", "") for method, letters in ways.items()}
        for name, ways in OPERATIONS.items()
    },
}  # fmt: skip

WITHOUT_LOGIN = {"clinic:login-session", "patients:calendar-feed"}
ALLAUTH = {
    "account_reset_password", "account_reset_password_done", "account_reset_password_from_key",
    "account_reset_password_from_key_done", "account_login", "account_logout", "account_change_password",
    "account_inactive",
}  # fmt: skip
# What a URL of the API must be asked, to answer at all.
REQUIRED_QUERIES = {"api/v1/free-times/": "?kind=review", "api/v1/lots/": "?lot=LOTQ77"}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Url:
    name: str
    route: str
    view: object

    @property
    def is_admin(self):
        return self.route.startswith("admin/")

    @property
    def is_api(self):
        return self.route.startswith("api/")

    @property
    def is_allauth(self):
        return self.name in ALLAUTH


def urls(resolver=None, prefix="", namespace=""):
    """Every URL of the URL configuration, those of included ones too."""
    found = []
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            name = f"{namespace}{pattern.name}" if pattern.name else route
            found.append(Url(name, route, pattern.callback))
        else:
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            found += urls(pattern, route, inner)
    return found


def allowed_roles(name, method):
    """The letters of the roles with access."""
    return TABLE.get(name, {}).get(method, "").split()


SECRETS = {
    "family_name": "Wróblewska-Testowa",
    "given_name": "Żaneta",
    "muscle": "Musculus exemplaris",
    "short_name": "MEX9",
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


class World:
    """A patient with a signed and an unsigned session, and one of everything that a URL names."""

    def __init__(self):
        by = self.clinician = builders.a_person("neurologist", printed_name="Dr World")
        self.muscle = Muscle.objects.create(name=SECRETS["muscle"], short_name=SECRETS["short_name"])
        Product.objects.create(brand_name=SECRETS["brand_name"], nonproprietary_name=SECRETS["nonproprietary_name"])
        self.instrument = Instrument.objects.create(name="Exemplar scale", lowest=0, highest=9)
        self.reason = ReasonNotGiven.objects.create(name="Exemplar reason", order=90)
        Clinic.ours().save()  # so that it too has a history
        self.patient = builders.a_patient(
            family_name=SECRETS["family_name"], given_name=SECRETS["given_name"], record_number="RN-88001122"
        )
        self.follow_up = builders.a_follow_up(patient=self.patient, clinician=by)
        self.contact = builders.a_contact(self.follow_up, by=by, how="phone", outcome="no_answer")
        self.signed = self._give(8)
        self.record = builders.sign(self.signed, by=by)
        self.session = self._give(9)
        self.row = self.session.injections.in_order().first()
        self.vial = self.session.vials.get()
        self.visit = self.session.visit
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
        self.token = builders.a_token(by=by)
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
            "follow-ups": self.follow_up, "muscles": self.muscle, "products": self.session.product,
            "instruments": self.instrument, "sessions": self.session, "injections": self.row, "vials": self.vial,
            "records": self.record, "assessments": self.assessment, "responses": self.response,
            "adverse-events": self.event, "scores": self.score, "consents": self.consent,
            "information": self.information, "clinicians": self.clinician,
            "working-hours": self.hours, "absences": self.absence, "closures": self.closure, "muscle-sets": self.set,
        }  # fmt: skip
        path = re.sub(r"([\w-]+)/<int:\w+>", lambda found: f"{found[1]}/{things[found[1]].pk}", route)
        return "/" + path + REQUIRED_QUERIES.get(route, "")

    def belongs_to(self, person):
        """What belongs to one person alone."""
        MuscleSet.objects.filter(pk=self.set.pk).update(owner=person)
        ApiToken.objects.filter(pk=self.token.pk).update(person=person)

    def fill(self, route):
        """The route with real objects in it, as a path."""
        if route.startswith("api/"):
            return self._fill_api(route)
        kind = re.match(r"(admin/\w+/|diary/opening-hours/)?([\w-]*)", route).group(2)
        values = {
            "patients": self.patient, "visits": self.visit, "sessions": self.session, "records": self.record,
            "follow-ups": self.follow_up, "muscle-sets": self.set, "clinicians": self.clinician,
            "absences": self.absence, "closures": self.closure, "assessments": self.assessment,
            "responses": self.response, "adverse-events": self.event, "coverage": self.coverage,
            "therapies": self.therapy, "consents": self.consent, "information": self.information,
            "muscles": self.muscle, "products": self.session.product, "account": self.token,
            "user": self.clinician, "clinic": None, "muscle": self.muscle, "product": self.session.product,
            "instrument": self.instrument, "reasonnotgiven": self.reason,
        }  # fmt: skip
        thing = values.get(kind)
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
        )
        path = path.replace("<int:entry>", str(self.set.entries.first().pk))
        path = re.sub(r"<(int:pk|path:object_id|id)>|\(\?P<pk>[^)]*\)", pk, path)
        path = re.sub(r"\(\?P<app_label>[^)]*\)", "planning", path)
        path = re.sub(r"\(\?P<url>[^)]*\)", "nowhere", path)
        if "([^/]+)" in path:
            history = getattr(thing, "history", None) or Clinic.ours().history
            path = path.replace("([^/]+)", pk, 1).replace("([^/]+)", str(history.first().pk))
        return "/" + re.sub(r"[\^$]", "", path)
