"""For each operation of the API something that exists and something that it takes, in a world that has one of each."""

import datetime as dt
import re
from typing import NamedTuple

from patients.diary.models.opening_hours import WEEKDAYS, VisitLength
from patients.people.models.person import Alert
from planning.models import Instrument, LetterTemplate, Muscle, Product, Score
from planning.sessions.actions.injections import remove_injection
from planning.signing.models.signed_record import digest
from tests import builders, letters
from tests.api.operations import OPERATIONS
from tests.world import SECRETS, World, a_seal


class Example(NamedTuple):
    """A path with real ids in it, and a body that this operation takes there; None where it takes none."""

    path: str
    body: dict | None
    record: object = None
    headers: dict = {}


class ApiWorld(World):
    """Also what only some operation of the API asks for."""

    def __init__(self):
        super().__init__()
        self.with_every_state()
        by = self.clinician
        self.product = Product.objects.get(brand_name=SECRETS["brand_name"])
        self.retired = {
            "muscles": Muscle.objects.create(name="Muscle of old", short_name="OLD"),
            "products": Product.objects.create(brand_name="Oldin", nonproprietary_name="oldotoxin"),
            "instruments": Instrument.objects.create(name="Scale of old", lowest=0, highest=9),
        }
        for entry in self.retired.values():
            entry.retire()
            entry.save()
        self.removed = self.session.injections.in_order().last()
        remove_injection(
            injection=self.removed, product=self.removed.session.product, by=by, version=self.removed.version
        )
        self.unnamed_vial = builders.a_vial(session=self.session, by=by, lot_number="LOT-FREE")
        self.moved = builders.a_moved_visit(patient=self.patient, clinician=by, by=by)
        self.later = builders.arrive(
            builders.a_visit(patient=self.patient, clinician=by, day=builders.today(), hour=18)
        )

        self.sent_letter = letters.sign_off(letters.a_letter(session=self.signed, by=by), by=by)
        self.marked = self._marked(by)
        self.bodies = bodies(self)

    def _marked(self, by):
        """A record of each kind that is entered in error, by the segment of its URL."""
        made = {
            "coverage": builders.a_coverage(patient=self.patient, by=by),
            "therapies": builders.a_therapy(patient=self.patient, by=by),
            "consents": builders.a_consent(patient=self.patient, by=by),
            "information": builders.some_information(patient=self.patient, by=by),
            "assessments": builders.an_assessment(visit=self.later, by=by),
            "responses": builders.a_response(session=self.signed, visit=self.later, by=by),
            "adverse-events": builders.an_event(session=self.signed, by=by),
            "letters": letters.a_letter(session=self.signed, by=by),
        }
        return {kind: builders.in_error(record, by=by) for kind, record in made.items()}

    def things(self, operation):
        """The value at each place of the URL, by the segment before it."""
        things = {
            "patients": self.patient, "coverage": self.coverage, "therapies": self.therapy, "visits": self.visit,
            "follow-ups": self.follow_up, "waiting-list": self.waiting, "muscles": self.muscle,
            "products": self.product, "instruments": self.instrument, "sessions": self.session,
            "injections": self.row, "vials": self.vial,
            "records": self.record, "assessments": self.assessment, "responses": self.response,
            "adverse-events": self.event, "scores": self.score, "consents": self.consent,
            "information": self.information, "clinicians": self.clinician,
            "working-hours": self.hours, "absences": self.absence, "closures": self.closure, "muscle-sets": self.set,
            "reviews": self.review, "visit-lengths": VisitLength.objects.first(), "delays": self.delay,
            "letters": self.letter, "letter-templates": self.letter_template,
        }  # fmt: skip
        if operation.startswith("seals"):
            things["seals"] = a_seal()
        return things | self._elsewhere().get(operation, {})

    def _elsewhere(self):
        """Of the operations that ask for another state."""
        retired = {f"{kind}_restore": {kind: entry} for kind, entry in self.retired.items()}
        of_patients = ("coverage", "therapies", "consents", "information")
        undone = {
            f"{'patients_' * (kind in of_patients)}{kind.replace('-', '_')}_undo_entered_in_error": {kind: record}
            for kind, record in self.marked.items()
        }
        return (
            retired
            | undone
            | {
                "patients_status": {"patients": self.same},
                "visits_revert": {"visits": self.not_done.visit},
                "visits_undo_booking": {"visits": self.to_move},
                "visits_undo_move": {"visits": self.moved},
                "visits_undo_end": {"visits": self.not_done.visit},
                "visits_entered_in_error": {"visits": self.to_move},
                "sessions_undo_entered_in_error": {"sessions": self.in_error},
                "visits_arrive": {"visits": self.unsettled},
                "visits_move": {"visits": self.to_move},
                "visits_cancel": {"visits": self.to_move},
                "visits_no_show": {"visits": self.unsettled},
                "sessions_amend": {"sessions": self.signed},
                "sessions_discard_amendment": {"sessions": self.amended},
                "sessions_not_done": {"sessions": self.planned},
                "letters_replace": {"letters": self.sent_letter},
                "letters_sendings": {"letters": self.sent_letter},
                "sessions_injections_restore": {"injections": self.removed},
                "sessions_vials_remove": {"vials": self.unnamed_vial},
            }
        )

    def path(self, operation, template):
        things = self.things(operation)
        return re.sub(r"([\w-]+)/\{\w+\}", lambda found: f"{found[1]}/{getattr(things[found[1]], 'pk', 1)}", template)

    def record_of(self, operation, template):
        """What the last id of the URL names, as it is stored now, or was last; None where there is none."""
        found = re.findall(r"([\w-]+)/\{\w+\}", template)
        if not found:
            return None
        thing = self.things(operation)[found[-1]]
        return thing and (type(thing)._default_manager.filter(pk=thing.pk).first() or thing)


def bodies(world):
    """By operation, its body; `version` is added where the document has it."""
    today, tomorrow = builders.today(), builders.today() + dt.timedelta(days=1)
    free = builders.at(builders.today() + dt.timedelta(days=200), 10).isoformat()
    patient, clinician, session = world.patient.pk, world.clinician.pk, world.session
    see_again = {"weeks": 12, "kind": "review", "clinician": clinician, "why": "To see how it went"}
    named = {"payer": "Other Health", "plan": "Plan B", "member_number": "M-2", "decision": "approved",
             "authorisation_number": "A-2", "valid_from": str(today), "valid_until": str(tomorrow),
             "sessions_authorised": 3, "amount_charged": "1.20", "patients_share": "0.20", "note": "Noted"}  # fmt: skip
    therapy = {"kind": "physical_therapy", "description": "Exercises", "started": "May", "stopped": "June",
               "provider": "Somebody"}  # fmt: skip
    person = {"family_name": "Example", "given_name": "Eve", "date_of_birth": "1970-01-02", "sex": "female",
              "record_number": "RN-EXAMPLE", "phone": "0555 1", "email": "eve@example.org", "address": "A lane",
              "language": "English", "agreed_to_reminders": True, "diagnosis": "Dystonia", "diagnosis_code": "G24.3",
              "onset": "spring", "referred_by": "Dr Who", "note": "A note"}  # fmt: skip
    muscle = {"name": "Musculus novus", "latin_name": "m. novus", "short_name": "NOV", "synonyms": "Novissimus",
              "group": None, "sides": "lateral", "description": "Anatomy", "source": "A book", "uberon": "1",
              "fma": "2", "ta98": "3", "snomed_ct": "4", "map_place": "", "order": 7}  # fmt: skip
    product = {"brand_name": "Novin", "nonproprietary_name": "novotoxin", "unit_label": "units", "order": 7}
    instrument = {"name": "New scale", "full_name": "The new scale", "part_of": None, "lowest": "0", "highest": "9",
                  "allows_fractions": False, "higher_is_worse": True, "levels": "", "source": "A book",
                  "order": 7}  # fmt: skip
    wishes = {"kind": "review", "clinician": clinician, "from_on": str(today), "until": str(tomorrow),
              **dict.fromkeys(WEEKDAYS, True), "part_of_day": "morning", "note": "Lives nearby"}  # fmt: skip
    week = dict.fromkeys(WEEKDAYS, "09:00–12:30")
    seen = {"product": session.product_id}
    row = {"not_given": False, "not_given_reason": "", "sites": 2, "guidance": "emg", "note": "A note",
           "given_dose": "5"}  # fmt: skip
    vial = {"lot_number": "LOT-2", "expiry": "2027-01", "size": "100", "diluent": "saline", "discarded": "none",
            "shared": "no"}  # fmt: skip
    assessment = {"note": "A note", "symptoms": [{"symptom": "swallowing", "presence": "absent"}]}
    response = {"effect": "response", "impression": "a_little_better", "words": "Better", "note": "A note"}
    event = {"kind": "dysphagia", "description": "Told", "measures": "None", "visit": world.visit.pk}
    error, later = {"reason": "Typed for somebody else"}, {"starts_at": free, "minutes": 20, "outside_note": "Agreed"}
    return {
        "working_hours_create": {**week, "clinician": clinician},
        "working_hours_change": week,
        "absences_create": {"clinician": clinician, "starts_at": free, "reason": "congress",
                            "ends_at": builders.at(builders.today() + dt.timedelta(days=200), 12).isoformat()},
        "delays_create": {"clinician": clinician, "minutes": 30},
        "delays_change": {"minutes": 30},
        "delays_end": {},
        "closures_create": {"name": "Holiday", "first_day": str(today), "last_day": str(tomorrow)},
        "patients_search": {"search": SECRETS["family_name"], "page_size": 50},
        "audit_search": {"record_number": world.patient.record_number, "page_size": 50},
        "patients_create": {**person, "although_alike": True},
        "patients_change": person,
        "patients_alerts": {**dict.fromkeys(Alert.values, ""), "alert_allergy": "Latex", "none_known": False},
        "patients_status": {"status": "moved_away", "status_since": str(today)},
        "patients_consents_create": {"given_by": "The patient", "given_on": str(today), "form_version": "3.1"},
        "patients_information_create": {"title": "Your treatment", "leaflet_version": "2", "given_by": "Sam Desk",
                                        "given_on": str(today)},
        **{f"patients_{kind}_entered_in_error": error for kind in ("consents", "information")},
        **{name: {} for name in OPERATIONS if name.endswith("_undo_entered_in_error")},
        "sessions_undo_entered_in_error": {"error_mark": world.in_error.error_marks.get().pk},
        "visits_entered_in_error": error,
        "visits_revert": {"state": "booked"},
        **{f"visits_undo_{what}": {} for what in ("booking", "move", "end")},
        "patients_coverage_create": named,
        "patients_coverage_change": named,
        "patients_coverage_entered_in_error": error,
        "patients_therapies_create": therapy,
        "patients_therapies_change": therapy,
        "patients_therapies_entered_in_error": error,
        "follow_ups_create": {"patient": patient, "clinician": clinician, "kind": "review", "why": "A check",
                              "due_on": str(tomorrow)},
        "follow_ups_book": {**later, "clinician": clinician, "kind": "review"},
        "follow_ups_close": {"reason": "Wishes no more"},
        "follow_ups_contact_attempts": {"how": "letter", "outcome": "wrong_contact", "note": "Came back",
                                        "call_again_on": str(tomorrow)},
        "waiting_list_create": {**wishes, "patient": patient, "kind": "other"},
        "waiting_list_change": wishes,
        "waiting_list_remove": {"reason": "No longer needed"},
        "visits_create": {**later, "patient": patient, "clinician": clinician, "kind": "review",
                          "follow_up": world.follow_up.pk, "waiting_entry": world.waiting.pk},
        "visits_move": {**later, "clinician": clinician},
        "visits_arrive": {},
        "visits_finish": {"see_again": see_again},
        "visits_cancel": {"reason": "Ill"},
        "visits_no_show": {},
        "muscles_create": muscle,
        "muscles_change": {**muscle, "meaning": "spelling", "reason": "As in the book"},
        "products_create": product,
        "products_change": {**product, "meaning": "spelling", "reason": "As on the box"},
        "instruments_create": instrument,
        "instruments_change": {**instrument, "meaning": "spelling", "reason": "As in the book"},
        **{f"{kind}_{what}": {} for kind in world.retired for what in ("retire", "restore")},
        "visit_lengths_change": {"minutes": 25},
        "muscle_sets_create": {"name": "Another set"},
        "muscle_sets_change": {"name": "Renamed"},
        "muscle_sets_add": {"muscle": builders.a_muscle("SCAL").pk, "side": "left"},
        "muscle_sets_take": {"entry": world.set.entries.first().pk},
        "sessions_create": {"visit": world.later.pk, "product": world.product.pk},
        "sessions_change": {"given_on": str(today), "complications": "None", "notes": "Noted",
                            "operator": clinician, "consent": None, "product": session.product_id,
                            "empties_confirmed": False, "recording": True},
        "sessions_sign": {"password": builders.PASSWORD, "content_hash": digest(session.content()),
                          "see_again": see_again},
        "sessions_amend": {"kind": "recorded_wrongly", "reason": "Typed from the wrong sheet"},
        "sessions_discard_amendment": {"content_hash": digest(builders.now(world.amended).content())},
        "sessions_injections_restore": seen,
        "sessions_not_done": {"reason": "Ill", "see_again": see_again},
        "sessions_entered_in_error": error,
        "sessions_injections_create": {**seen, **row, "muscle": builders.a_muscle("SCM").pk, "side": "left",
                                       "vial": world.vial.pk, "another_vial": False},
        "sessions_injections_change": {**seen, **row, "vial": world.vial.pk},
        "sessions_vials_create": seen | vial,
        "sessions_vials_change": seen | vial,
        "reviews_create": {"session": world.planned.pk, "question": "Which side?"},
        "reviews_answer": {"answer": "Both sides"},
        "reviews_send_back": {"answer": "Name the consent"},
        "reviews_withdraw": {},
        "letters_create": {"session": world.signed.pk, "recipient": "Dr Example",
                           "template": LetterTemplate.objects.get(name="After a session").pk},
        "letters_change": {"recipient": "Dr Other", "text": "Dear colleague"},
        "letters_sign_off": {},
        "letters_replace": {},
        "letters_sendings": {"how": "post", "sent_on": str(today), "note": "Second class"},
        "letters_entered_in_error": error,
        "assessments_create": {**assessment, "visit": world.later.pk},
        "assessments_change": assessment,
        "assessments_entered_in_error": error,
        "scores_create": {"assessment": world.assessment.pk, "instrument": builders.an_instrument("Tsui").pk,
                          "value": "5"},
        "scores_change": {"value": "6"},
        "responses_create": {**response, "session": world.signed.pk, "visit": world.later.pk},
        "responses_change": response,
        "responses_entered_in_error": error,
        "adverse_events_create": {**event, "session": world.signed.pk},
        "adverse_events_change": event,
        "adverse_events_entered_in_error": error,
    }  # fmt: skip


def version_of(record):
    """A score is changed with its assessment."""
    return record.assessment.version if isinstance(record, Score) else record.version


def query_of(name, world):
    """What a URL must be asked."""
    seen = f"?product={world.session.product_id}"
    return {
        "sessions_injections_remove": seen,
        "sessions_vials_remove": seen,
        "free_times_list": "?kind=review",
        "lots_list": "?lot=LOT-1",
    }.get(name, "")


def example_of(name, world):
    """The example of an operation, by its name. A KeyError names one that is missing: add it to `bodies()`."""
    operation = OPERATIONS[name]
    record = world.record_of(name, operation.template)
    body = None if operation.body is None else dict(world.bodies[name])
    if body is not None and "version" in operation.fields:
        body["version"] = version_of(record)
    headers = {"If-Match": f'"{version_of(record)}"'} if operation.method == "DELETE" else {}
    return Example(world.path(name, operation.template) + query_of(name, world), body, record, headers)
