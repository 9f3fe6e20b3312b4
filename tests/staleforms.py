"""For each address that a page posts to: the page with its form, and what is typed there."""

import datetime as dt

from planning.models import Product
from planning.sessions.actions.injections import remove_injection
from planning.signing.actions.endings import end_as_not_done
from tests import builders, letters
from tests.patients.imports import import_files
from tests.world import World

# Addresses that no page of ours posts to.
NO_PAGE = {
    "clinic:date-check": "repeats a typed date: nothing of the clinic is shown or changed",
    "clinic:login-session": "a script reports typing: nothing of the clinic is shown or changed",
    "planning:review-ask": "only trainees have the form: adds a question, once for its submission key",
    "planning:muscle-match": "the quick box searches while somebody types: changes nothing",
    "clinic:audit": "the auditor's search: changes nothing",
    "clinic:audit-csv": "the auditor's search as a file: changes nothing",
    "clinic:audit-xlsx": "the auditor's search as a file: changes nothing",
    "clinic:audit-print": "the auditor's search on paper: changes nothing",
    "planning:test-email": "the administrator's set-up: sends an email to their own address",
    **dict.fromkeys(
        ("planning:scanned-gtin-attach", "planning:scanned-gtin-dismiss", "planning:scanned-gtin-reopen"),
        "the catalogue manager's, with the version that was shown: tests/planning/catalogue/test_scanned_gtins.py",
    ),
    "planning:time-zone-confirm": "the administrator's set-up: sends the time zone that the page showed",
    "planning:backup-restored": "the administrator's set-up: adds the day of a restored backup",
    "account_login": "allauth's own: nothing of the clinic is shown or changed",
    "account_reset_password": "allauth's own: sends an email to the person who has the address",
    "account_reset_password_from_key": "allauth's own: the link in the email is used once",
    "account_logout": "allauth's own: ends the person's own login",
    "account_change_password": "allauth's own: asks for the current password",
    "mfa_authenticate": "the second step of a login: nothing of the clinic is shown or changed",
    **dict.fromkeys(
        (
            "clinic:app-set-up",
            "clinic:passkey-add",
            "clinic:passkey-rename",
            "clinic:factor-remove",
            "clinic:recovery-codes",
        ),
        "the user's own second factor, with the password, a challenge or the id: tests/clinic/accounts/",
    ),
    **dict.fromkeys(
        (
            "clinic:login-end",
            "clinic:logins-end",
            "clinic:person-logins-end",
            "clinic:person-unlock",
            "clinic:factor-reset",
        ),
        "ends or removes what is there; a repeat is a success: tests/clinic/accounts/",
    ),
    **dict.fromkeys(
        ("planning:booking-undo", "planning:move-undo", "planning:end-undo", "patients:contact-undo"),
        "the message after the change posts to it: tests/planning/pages/test_undo.py",
    ),
    "patients:here-now": "a row of a search posts to it: tests/patients/front_desk/test_here_now.py",
    "clinic:preferences": "the user's own; the last one counts",
    "patients:import-list": "adds an import from a file: tests/patients/imports/test_import_pages.py",
    "patients:import-step": "a page of a running import asks by itself; a step that has run does nothing",
}
# Forms that add something new and change no shown record. A submission key prevents duplicates.
ADDS = "adds something new, once for its submission key"
# Records with only one state: the id identifies all that was shown.
NEVER_CHANGED = "is never changed once added, so its id says all that was shown; a repeat is a success"
READS = "changes nothing"
ROWS_ONLY = "adds empty rows where there are none, and changes no row"
# Addresses whose form carries neither a version nor a hash, each with the reason.
NOTHING_SEEN = {
    **dict.fromkeys(
        (
            "clinic:tokens", "patients:patient-register", "patients:patient-return", "patients:coverage-list",
            "patients:therapy-list", "patients:visit-book", "patients:waiting-add", "patients:absence-add",
            "patients:closure-add",
            "planning:session-plan", "planning:vial-add", "planning:consent-record", "planning:event-record",
            "planning:patient-consent", "planning:information-record", "planning:muscle-set-list",
            "planning:session-save-set", "planning:letter-new", "planning:letter-send",
        ),
        ADDS,
    ),
    **dict.fromkeys(
        ("clinic:token-revoke", "patients:duplicate-unmark"),
        NEVER_CHANGED,
    ),
    **dict.fromkeys(("planning:injection-add", "planning:session-set", "planning:session-repeat"), ROWS_ONLY),
    **dict.fromkeys(
        (
            "planning:export-everything", "planning:export-research", "planning:export-sessions-csv",
            "planning:export-sessions-xlsx",
        ),
        "changes no record; each download is recorded",
    ),
    "planning:muscle-set-add": "adds a muscle to the person's own set where it is missing",
    **dict.fromkeys(
        ("patients:patient-list", "patients:visit-new", "planning:patient-same", "planning:patient-export"),
        READS,
    ),
}  # fmt: skip


class StaleWorld(World):
    """Also what some form needs: records in the state in which it is offered."""

    def __init__(self):
        super().__init__()
        self.with_every_state()
        by = self.clinician
        self.colleague = builders.a_clinician()
        self.other_patient = builders.a_patient(family_name="Another")
        self.joined = builders.a_patient(family_name="Joined")
        builders.the_same_person(self.other_patient, self.joined, by=by)
        alike = {"family_name": "Alike", "given_name": "Alma"}
        builders.not_the_same_person(builders.a_patient(**alike), builders.a_patient(**alike), by=by)
        self.new_visit = builders.an_arrived_visit(patient=self.patient, clinician=by, hour=20)
        bare = builders.an_arrived_visit(patient=self.patient, clinician=by, hour=21)
        self.bare = builders.a_planned_session(by=by, visit=bare, muscles=())
        self.marked = builders.in_error(builders.a_therapy(patient=self.patient, by=by), by=by)
        self.removed = self.session.injections.in_order().last()
        remove_injection(
            injection=self.removed, product=self.session.product, by=by, version=builders.now(self.removed).version
        )
        self.free_vial = builders.a_vial(session=self.session, by=by, lot_number="LOT-FREE")
        builders.amend(self.amended, by=by)
        ended = self._plan(22)
        self.ended = end_as_not_done(session=ended, reason="Ill", by=by, version=ended.version)
        self.sent = letters.sign_off(letters.a_letter(session=self.signed, by=by), by=by)
        self.checked_import = import_files.checked(import_files.as_csv(import_files.BERT), by=by)
        cole = ("c3", "Cole", "Cora", "1980-01-01", "f", "")
        self.stored_import = import_files.imported(import_files.as_csv(cole), by=by)
        self.product = Product.objects.get(brand_name="Dysport")


def forms(world):
    """By the name of the URL: (page, what is typed, the path that is posted to where the page posts to several)."""
    p, v, s = world.patient.pk, world.visit.pk, world.session.pk
    row, planned, sets = world.row.pk, world.planned.pk, f"/muscle-sets/{world.set.pk}/"
    time = {"kind": "review", "time": "10:00", "minutes": "20", "outside_note": "Agreed by phone"}
    later = str(builders.today() + dt.timedelta(days=200))
    follow_up = f"/follow-ups/{world.follow_up.pk}/"
    waiting = f"/waiting-list/{world.waiting.pk}/"
    frame, late = "/diary/opening-hours/", "/running-late/"
    clinician = f"{frame}clinicians/{world.clinician.pk}/"
    why = {"reason": "Typed for somebody else"}
    consent = {"given_by": "The patient", "given_on": str(builders.today()), "form_version": "3"}
    session = f"/sessions/{s}/"
    return {
        "clinic:tokens": ("/account/tokens/", {"name": "A program", "scope": "read", "password": builders.PASSWORD}),
        "clinic:token-revoke": ("/account/tokens/", {}),
        "patients:patient-list": ("/patients/", {"q": "nobody"}),
        "patients:visit-new": ("/visits/new/", {"q": "nobody"}),
        "planning:patient-same": (f"/patients/{p}/same-person/", {"record_number": world.same.record_number}),
        "patients:patient-register": (
            "/patients/new/",
            {"family_name": "New", "given_name": "Nora", "date_of_birth": "1970-01-02", "sex": "female"},
        ),
        "patients:patient-change": (f"/patients/{p}/edit/", {"phone": "0555 17"}),
        "patients:patient-alerts": (f"/patients/{p}/alerts/", {"alert_allergy": "latex"}),
        "planning:patient-status": (f"/patients/{world.other_patient.pk}/status/", {"status": "moved_away"}),
        "planning:patient-same-confirm": (f"/patients/{world.same.pk}/same-person/{p}/", {"reason": "Same papers"}),
        "planning:patient-same-undo": (f"/patients/{world.joined.pk}/", {}),
        "patients:duplicate-mark": ("/patients/possible-duplicates/", {}),
        "patients:duplicate-unmark": ("/patients/possible-duplicates/?only=decided", {}),
        "patients:patient-return": (f"/patients/{p}/return/", {"weeks": "17"}),
        "patients:coverage-list": (f"/patients/{p}/coverage/", {"payer": "Other Health"}),
        "patients:coverage-change": (f"/coverage/{world.coverage.pk}/", {"payer": "Other Health"}),
        "patients:coverage-error": (f"/coverage/{world.coverage.pk}/entered-in-error/", why),
        "patients:therapy-list": (f"/patients/{p}/therapies/", {"kind": "physical_therapy", "description": "Swim"}),
        "patients:therapy-change": (f"/therapies/{world.therapy.pk}/", {"description": "Swimming"}),
        "patients:therapy-error": (f"/therapies/{world.marked.pk}/entered-in-error/", {}),  # undoes the mark
        "patients:visit-book": (f"/patients/{p}/visits/new/", {**time, "day": later}),
        "planning:visit-move": (f"/visits/{world.to_move.pk}/move/", {**time, "day": later}),
        "planning:visit-state": (f"/visits/{world.to_move.pk}/", {"state": "cancelled", "reason": "Ill"}),
        "patients:followup-contact": (follow_up, {"how": "phone", "outcome": "reached"}),
        "patients:followup-close": (follow_up, {"reason": "Wishes no more"}),
        "patients:followup-hand-over": (follow_up, {"clinician": world.colleague.pk}),
        "patients:waiting-add": (f"/patients/{p}/waiting-list/", {"kind": "other", "from_on": later, "monday": "on"}),
        "patients:waiting-change": (waiting, {"note": "Lives nearby"}),
        "patients:waiting-remove": (waiting, {"reason": "No longer needed"}),
        "patients:import-match": (f"/imports/{world.batch.pk}/", {}),
        "patients:import-discard": (f"/imports/{world.batch.pk}/", {}),
        "patients:import-decide": (f"/imports/{world.batch.pk}/rows/?only=ask", {"decision": "new"}),
        "patients:import-confirm": (f"/imports/{world.checked_import.pk}/", {}),
        "patients:import-undo": (f"/imports/{world.stored_import.pk}/", {}),
        "patients:hours-change": (clinician, {"monday": "9:00-12:00"}),
        "patients:absence-add": (clinician, {"first_day": later}),
        "patients:absence-remove": (clinician, {}),
        "patients:closure-add": (frame, {"name": "Fair", "first_day": later}),
        "patients:closure-remove": (frame, {}),
        "patients:lengths-change": (frame, {"review": "25"}),
        "patients:reminder-text": (f"{frame}reminders/", {"subject": "Your visit"}),
        "patients:delay-note": (late, {"minutes": "30"}, f"{late}{world.hours.clinician_id}/"),
        "patients:delay-end": (late, {}, f"{late}{world.hours.clinician_id}/end/"),
        "patients:slip-text": (f"{frame}slip/", {"what_to_bring": "Your insurance card"}),
        "patients:calendar-url": ("/calendar/", {}),
        "patients:calendar-revoke": ("/calendar/", {}),
        "planning:session-plan": (f"/visits/{world.new_visit.pk}/", {}),
        "planning:session-product": (session, {"product": world.product.pk, "empties_confirmed": "on"}),
        "planning:session-change": (session, {"notes": "Noted"}),
        "planning:session-record": (f"/sessions/{planned}/", {}),
        "planning:session-back": (session, {}),
        "planning:session-repeat": (f"/sessions/{world.bare.pk}/", {}),
        "planning:session-guidance": (session, {"guidance": "emg"}),
        "planning:injection-add": (session, {"typed": "scal r"}),
        "planning:injection-change": (session, {"note": "A note"}, f"{session}injections/{row}/"),
        "planning:injection-remove": (session, {}, f"{session}injections/{row}/remove/"),
        "planning:injection-restore": (session, {}),
        "planning:vial-add": (session, {"lot_number": "LOT-7"}),
        "planning:vial-change": (session, {"expiry": "03/29"}, f"{session}vials/{world.free_vial.pk}/"),
        "planning:vial-remove": (session, {}, f"{session}vials/{world.free_vial.pk}/remove/"),
        "planning:consent-record": (session, consent),
        "planning:session-sign": (f"{session}sign/", {"weeks": "12", "password": builders.PASSWORD}),
        "planning:assessment": (f"/visits/{world.signed.visit_id}/assessment/", {"posture": "retrocollis"}),
        "planning:assessment-error": (f"/assessments/{world.assessment.pk}/entered-in-error/", why),
        "planning:response": (f"/visits/{v}/sessions/{world.signed.pk}/response/", {"words": "Better"}),
        "planning:response-error": (f"/responses/{world.response.pk}/entered-in-error/", why),
        "planning:elsewhere-error": (f"/sessions-elsewhere/{world.elsewhere.pk}/entered-in-error/", why),
        "planning:event-record": (f"/sessions/{world.signed.pk}/adverse-events/", {"kind": "dysphagia"}),
        "planning:event-change": (f"/adverse-events/{world.event.pk}/", {"measures": "None"}),
        "planning:event-error": (f"/adverse-events/{world.event.pk}/entered-in-error/", why),
        "planning:patient-consent": (f"/patients/{p}/papers/", consent),
        "planning:consent-error": (f"/consents/{world.consent.pk}/entered-in-error/", why),
        "planning:information-record": (
            f"/patients/{p}/papers/",
            {"title": "Leaflet", "given_by": "Sam", "given_on": str(builders.today())},
        ),
        "planning:information-error": (f"/information/{world.information.pk}/entered-in-error/", why),
        "planning:patient-export": (f"/patients/{p}/", {}),
        "planning:export-everything": ("/exports/", {"everything-reason": "For the registry"}),
        "planning:export-research": ("/exports/", {"research-reason": "A study", "research-dates": "kept"}),
        **{
            f"planning:export-sessions-{kind}": (
                "/exports/",
                {"sessions-reason": "An audit", "sessions-since": "2026-01-01", "sessions-until": "2026-12-31"},
                f"/exports/sessions/{kind}/",
            )
            for kind in ("csv", "xlsx")
        },
        "planning:session-amend": (
            f"/sessions/{world.signed.pk}/amend/",
            {"kind": "recorded_wrongly", "reason": "From the wrong sheet"},
        ),
        "planning:amendment-discard": (f"/sessions/{world.amended.pk}/amendment/discard/", {}),
        "planning:session-set": (f"/sessions/{planned}/", {"muscle_set": world.set.pk}),
        "planning:session-save-set": (session, {"name": "Another set"}),
        "planning:muscle-set-list": ("/muscle-sets/", {"name": "A third set"}),
        "planning:muscle-set-rename": (sets, {"name": "Renamed"}),
        "planning:muscle-set-remove": (sets, {}),
        "planning:muscle-set-add": (sets, {"typed": "scal r"}),
        "planning:muscle-set-take": (sets, {}),
        "planning:session-not-done": (f"/sessions/{planned}/end/", why),
        "planning:review-answer": (session, {"answer": "Well planned"}),
        "planning:review-withdraw": (session, {}),
        "planning:letter-new": (f"/sessions/{world.signed.pk}/letters/new/", {"recipient": "Dr New"}),
        "planning:letter-change": (f"/letters/{world.letter.pk}/", {"recipient": "Dr Other"}),
        "planning:letter-sign-off": (f"/letters/{world.letter.pk}/", {}),
        "planning:letter-replace": (f"/letters/{world.sent.pk}/", {}),
        "planning:letter-send": (f"/letters/{world.sent.pk}/", {"how": "post", "sent_on": str(builders.today())}),
        "planning:letter-error": (f"/letters/{world.letter.pk}/entered-in-error/", why),
        "planning:session-not-done-undo": (f"/sessions/{world.ended.pk}/", {}),
        "planning:session-not-today": (f"/sessions/{planned}/", {"reason": world.reason.pk}),
        "planning:session-error": (f"{session}end/", why),
        "planning:session-error-undo": (f"/sessions/{world.in_error.pk}/", {}),
    }
