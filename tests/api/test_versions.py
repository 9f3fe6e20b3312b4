"""Every change sends the version that it is based on; a stale one returns the stored record."""

import datetime as dt

import pytest

from clinic.api.router import RESOURCES
from clinic.records.numbers import LARGEST_VERSION
from patients.diary.models.opening_hours import VisitLength
from patients.models import Visit, VisitState
from patients.people.models.person import Alert
from planning.pages.actions.visits import change_visit_state
from planning.sessions.actions.injections import remove_injection
from planning.sessions.actions.reviews import ask_for_review
from tests import builders, letters
from tests.extent import first_of_each

pytestmark = pytest.mark.django_db

MISSING = "Send the version that you read, as `version` or in If-Match."
UNREADABLE = "If-Match must contain one version, in quotation marks."


def recorded(by):
    return builders.a_given_session(by=by)


def row_of(session):
    return session.injections.in_order().first()


def removed_row_of(session):
    row = row_of(session)
    return remove_injection(injection=row, product=row.session.product, by=session.recorder, version=row.version)


def retired(entry, by):
    return builders.retire(entry, by=by)


def of_catalogue(kind, entry):
    """The operations of one kind of catalogue entries; `entry()` is one that can be retired."""
    return {
        f"{kind}: partial_update": lambda by: ("PATCH", f"{kind}s/{entry().pk}/", {"order": 77}, entry()),
        f"{kind}: retire": lambda by: ("POST", f"{kind}s/{entry().pk}/retire/", {}, entry()),
        f"{kind}: restore": lambda by: ("POST", f"{kind}s/{entry().pk}/restore/", {}, retired(entry(), by)),
    }


def around(kind, path, build, change=None):
    def at(record, what=""):
        return f"patients/{record.patient_id}/{path}/{record.pk}/{what}"

    def changed(by):
        record = build()
        return "PATCH", at(record), change, record

    def marked(by):
        record = build()
        return "POST", at(record, "entered-in-error/"), {"reason": "Another patient’s"}, record

    def undone(by):
        record = builders.in_error(build(), by=by)
        return "POST", at(record, "undo-entered-in-error/"), {}, record

    corrections = {f"{kind}: entered_in_error": marked, f"{kind}: undo_entered_in_error": undone}
    return corrections | ({f"{kind}: partial_update": changed} if change else {})


def undoing(kind, build):
    def marked(by):
        return builders.in_error(build(by), by=by)

    return {f"{kind}: undo_entered_in_error": a_change(f"{kind}s/{{}}/undo-entered-in-error/", marked, {})}


def a_change(path, build, sent, method="POST"):
    """An operation at `path`, in which {} is the id of what `build(by)` makes."""

    def made(by):
        record = build(by)
        return method, path.format(record.pk), sent, record

    return made


def in_session(path, build, sent, method):
    """The same beneath a session."""

    def made(by):
        record = build(recorded(by))
        product = record.session.product_id
        at = path.format(record.session_id, record.pk)
        return (
            (method, f"{at}?product={product}", None, record)
            if sent is None
            else (method, at, {**sent, "product": product}, record)
        )

    return made


def visit(by):
    return builders.a_visit(clinician=by)


def cancelled(by):
    one = visit(by)
    return change_visit_state(visit=one, state=VisitState.CANCELLED, by=by, version=one.version, reason="Ill")


def review(by):
    return ask_for_review(session=builders.a_planned_session(by=by), question="Which side?", by=by)


def muscle_set(by):
    return builders.a_muscle_set(by=by)


def moving():
    return {"starts_at": builders.at(builders.today() + dt.timedelta(days=1), 15).isoformat(), "outside_note": "So"}


def of_letters():
    def signed_off(by):
        return letters.sign_off(letters.a_letter(by=by), by=by)

    def draft(by):
        return letters.a_letter(by=by)

    return {
        "letter: partial_update": a_change("letters/{}/", draft, {"recipient": "Dr Another"}, "PATCH"),
        "letter: sign_off": a_change("letters/{}/sign-off/", draft, {}),
        "letter: replace": a_change("letters/{}/replace/", signed_off, {}),
        "letter: entered_in_error": a_change("letters/{}/entered-in-error/", signed_off, {"reason": "Wrong doctor"}),
        **undoing("letter", signed_off),
    }


def course():
    """A session in the past, with its course."""

    def assessment(by):
        return builders.an_assessment(by=by, scores=[(builders.an_instrument("Tsui"), 9)])

    def score(by):
        return "PATCH", f"scores/{(one := assessment(by)).scores.get().pk}/", {"value": "8"}, one

    error = {"reason": "Another patient’s"}
    return {
        "assessment: partial_update": a_change("assessments/{}/", assessment, {"note": "New"}, "PATCH"),
        **undoing("assessment", assessment),
        **undoing("response", lambda by: builders.a_response(by=by)),
        **undoing("adverse-event", lambda by: builders.an_event(by=by)),
        "assessment: entered_in_error": a_change("assessments/{}/entered-in-error/", assessment, error),
        "score: partial_update": score,
        "response: partial_update": a_change(
            "responses/{}/", lambda by: builders.a_response(by=by), {"words": "Better"}, "PATCH"
        ),
        "response: entered_in_error": a_change(
            "responses/{}/entered-in-error/", lambda by: builders.a_response(by=by), error
        ),
        "adverse-event: partial_update": a_change(
            "adverse-events/{}/", lambda by: builders.an_event(by=by), {"severity": "mild"}, "PATCH"
        ),
        "adverse-event: entered_in_error": a_change(
            "adverse-events/{}/entered-in-error/", lambda by: builders.an_event(by=by), error
        ),
    }


def kind_of(name):
    """As in *muscle: retire*."""
    return name.partition(":")[0]


def one_of_each_resource(names):
    """In the short run; tests/api/test_stale.py sends another version to every operation."""
    return first_of_each(names, kind_of)


# Each makes what it changes: method, path, body without a version, record.
CHANGES = {
    "patient: partial_update": a_change("patients/{}/", lambda by: builders.a_patient(), {"phone": "0555"}, "PATCH"),
    "patient: alerts": a_change(
        "patients/{}/alerts/", lambda by: builders.a_patient(), {**dict.fromkeys(Alert.values, ""), "none_known": True}
    ),
    "patient: status": a_change("patients/{}/status/", lambda by: builders.a_patient(), {"status": "declined"}),
    **around("consent", "consents", lambda: builders.a_consent(patient=builders.a_patient())),
    **around("information", "information", lambda: builders.some_information(patient=builders.a_patient())),
    **around("coverage", "coverage", builders.a_coverage, {"payer": "Another"}),
    **around("therapy", "therapies", builders.a_therapy, {"description": "Another"}),
    "visit: move": lambda by: ("POST", f"visits/{(one := visit(by)).pk}/move/", moving(), one),
    "visit: arrive": a_change("visits/{}/arrive/", visit, {}),
    "visit: finish": a_change(
        "visits/{}/finish/", lambda by: builders.an_arrived_visit(clinician=by), {"see_again": {"weeks": 3}}
    ),
    "visit: cancel": a_change("visits/{}/cancel/", visit, {"reason": "ill"}),
    "visit: no_show": a_change("visits/{}/no-show/", visit, {}),
    "visit: entered_in_error": a_change("visits/{}/entered-in-error/", visit, {"reason": "Another patient’s"}),
    "visit: revert": a_change(
        "visits/{}/revert/", lambda by: builders.an_arrived_visit(clinician=by), {"state": "booked"}
    ),
    "visit: undo_booking": a_change("visits/{}/undo-booking/", visit, {}),
    "visit: undo_move": a_change("visits/{}/undo-move/", lambda by: builders.a_moved_visit(clinician=by), {}),
    "visit: undo_end": a_change("visits/{}/undo-end/", cancelled, {}),
    "working-hours: partial_update": a_change(
        "working-hours/{}/", lambda by: builders.hours(by).working_hours, {"friday": ""}, "PATCH"
    ),
    "delay: partial_update": a_change(
        "delays/{}/", lambda by: builders.a_delay(clinician=by), {"minutes": 30}, "PATCH"
    ),
    "delay: end": a_change("delays/{}/end/", lambda by: builders.a_delay(clinician=by), {}),
    "follow-up: contact_attempts": a_change(
        "follow-ups/{}/contact-attempts/", lambda by: builders.a_follow_up(), {"how": "phone", "outcome": "reached"}
    ),
    "follow-up: close": a_change("follow-ups/{}/close/", lambda by: builders.a_follow_up(), {"reason": "Moved away"}),
    "waiting-entry: partial_update": a_change(
        "waiting-list/{}/", lambda by: builders.a_waiting_entry(by=by), {"note": "Lives nearby"}, "PATCH"
    ),
    "waiting-entry: remove": a_change(
        "waiting-list/{}/remove/", lambda by: builders.a_waiting_entry(by=by), {"reason": "No longer needed"}
    ),
    **of_catalogue("muscle", lambda: builders.a_muscle("LS")),
    **of_catalogue("product", builders.a_product),
    **of_catalogue("instrument", lambda: builders.an_instrument("Tsui")),
    "session: partial_update": a_change("sessions/{}/", recorded, {"notes": "So"}, "PATCH"),
    "session: amend": a_change(
        "sessions/{}/amend/",
        lambda by: builders.a_signed_session(by=by),
        {"kind": "recorded_wrongly", "reason": "From the wrong sheet"},
    ),
    "session: not_done": a_change(
        "sessions/{}/not-done/",
        lambda by: builders.a_planned_session(by=by),
        {"reason": "ill", "see_again": {"weeks": 3}},
    ),
    "session: entered_in_error": a_change("sessions/{}/entered-in-error/", recorded, {"reason": "Another patient’s"}),
    "injection: partial_update": in_session("sessions/{}/injections/{}/", row_of, {"note": "So"}, "PATCH"),
    "injection: destroy": in_session("sessions/{}/injections/{}/", row_of, None, "DELETE"),
    "injection: restore": in_session("sessions/{}/injections/{}/restore/", removed_row_of, {}, "POST"),
    "vial: partial_update": in_session(
        "sessions/{}/vials/{}/", lambda session: builders.a_vial(session=session), {"expiry": "03/28"}, "PATCH"
    ),
    "vial: destroy": in_session(
        "sessions/{}/vials/{}/", lambda session: builders.a_vial(session=session), None, "DELETE"
    ),
    "review: answer": a_change("reviews/{}/answer/", review, {"answer": "Yes"}),
    "review: send_back": a_change("reviews/{}/send-back/", review, {"answer": "Name the consent"}),
    "review: withdraw": a_change("reviews/{}/withdraw/", review, {}),
    "muscle-set: partial_update": a_change("muscle-sets/{}/", muscle_set, {"name": "Renamed"}, "PATCH"),
    "muscle-set: destroy": a_change("muscle-sets/{}/", muscle_set, None, "DELETE"),
    "muscle-set: take": lambda by: (
        "POST",
        f"muscle-sets/{(one := muscle_set(by)).pk}/take/",
        {"entry": one.entries.first().pk},
        one,
    ),
    "absence: destroy": a_change("absences/{}/", lambda by: builders.an_absence(clinician=by), None, "DELETE"),
    "closure: destroy": a_change("closures/{}/", lambda by: builders.a_closure(), None, "DELETE"),
    "visit-length: partial_update": a_change(
        "visit-lengths/{}/", lambda by: VisitLength.objects.first(), {"minutes": 25}, "PATCH"
    ),
    **course(),
    **of_letters(),
}


@pytest.fixture
def asks(api, neurologist, catalogue_manager):
    """`asks(name)` sends requests as a user with the permission."""
    kinds = ("muscle", "product", "instrument")
    return lambda name: api(catalogue_manager if kind_of(name) in kinds else neurologist)


def record_at(path):
    """The address of the record itself."""
    number = max(place for place, part in enumerate(path.split("/")) if part.isdecimal())
    return "/".join(path.split("/")[: number + 1]) + "/"


def stored_at(program, path):
    """None of a removed row, which is read no more."""
    response = program.get(record_at(path))
    return response.json() if response.status_code == 200 else None


def test_every_operation_with_a_version_is_tested():
    taking = set()
    for resource in RESOURCES.values():
        names = [name for name, body in resource.bodies.items() if "version" in body().fields]
        taking |= {f"{resource.kind}: {name}" for name in (*names, "destroy") if name in resource.permissions}
    assert set(CHANGES) == taking


UNREADABLE_HEADERS = ("1", '"x"', "*", '"1", "2"', 'W/"1"', '""', '"-1"', '"99999999999"', f'"{LARGEST_VERSION + 1}"')
FIRST = next(iter(CHANGES))


@pytest.mark.parametrize("name", one_of_each_resource(CHANGES))
def test_stale_change_is_rejected_with_the_stored_record(name, asks, neurologist):
    # Given a record
    program = asks(name)
    method, path, sent, record = CHANGES[name](neurologist)
    record = type(record).objects.get(pk=record.pk)
    before = stored_at(program, path)

    # When it is changed without a version, then the response asks for one
    missing = program.ask(method, path, sent)
    assert (missing.status_code, missing.json()["detail"]) == (428, MISSING)

    # When the version is unreadable, then the response names the format
    for header in UNREADABLE_HEADERS if name == FIRST else UNREADABLE_HEADERS[:1]:  # read by the same code for all
        unreadable = program.ask(method, path, sent, If_Match=header)
        assert (unreadable.status_code, unreadable.json()["errors"]) == (400, {"version": [UNREADABLE]}), header

    # When the version is an older one, then the response contains the stored record
    stale = [program.ask(method, path, sent, If_Match=f'"{record.version + 5}"')]
    if sent is not None:
        stale.append(program.ask(method, path, {**sent, "version": record.version + 5}))
    for response in stale:
        assert response.status_code == 409
        assert before is None or response.json()["current"] == before

    # And no change was stored
    assert stored_at(program, path) == before


@pytest.mark.parametrize("name", one_of_each_resource(CHANGES))
def test_change_with_the_current_version_is_stored(name, asks, neurologist):
    program = asks(name)
    method, path, sent, record = CHANGES[name](neurologist)
    version = type(record).objects.get(pk=record.pk).version
    response = program.ask(method, path, sent, If_Match=f' "{version}" ')
    assert response.status_code in (200, 201, 204), response.json()
    if method == "PATCH":
        # The next change uses the version of the response
        assert response.json()["version"] == version + 1
        assert response["ETag"] == f'"{version + 1}"'
        assert program.get(path)["ETag"] == response["ETag"]


def test_version_in_body_and_header_must_agree(api, staff):
    patient = builders.a_patient()
    path, sent = f"patients/{patient.pk}/", {"phone": "0555", "version": patient.version}
    differing = api(staff).patch(path, sent, If_Match=f'"{patient.version + 1}"')
    assert (differing.status_code, differing.json()["errors"]) == (
        400,
        {"version": ["If-Match contains a different version."]},
    )
    assert api(staff).patch(path, sent, If_Match=f'"{patient.version}"').status_code == 200


@pytest.mark.parametrize("version", [0, -1, LARGEST_VERSION + 1, 10**30, "1", 1.0, True, None, [1]], ids=repr)
def test_version_must_be_a_whole_number(version, api, staff):
    patient = builders.a_patient()
    response = api(staff).patch(f"patients/{patient.pk}/", {"phone": "0555", "version": version})
    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["version"]


def test_stale_save_of_the_stored_values_succeeds(api, neurologist):
    """A retry, the first answer to which was lost."""
    asks, row = api(neurologist), row_of(recorded(neurologist))
    path, sent = f"sessions/{row.session_id}/injections/{row.pk}/", {"given_dose": "7.77", "version": row.version}
    sent["product"] = row.session.product_id
    first, second = asks.patch(path, sent), asks.patch(path, sent)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()


def test_second_of_two_changes_gets_a_conflict(api, neurologist, trainee):
    row = row_of(recorded(neurologist))
    path, sent = f"sessions/{row.session_id}/injections/{row.pk}/", {"version": row.version}
    sent["product"] = row.session.product_id
    assert api(neurologist).patch(path, {"given_dose": "7.77", **sent}).status_code == 200
    late = api(trainee).patch(path, {"given_dose": "8.88", **sent})
    assert (late.status_code, late.json()["current"]["given_dose"]) == (409, "7.77")


def test_second_move_is_a_conflict_with_the_new_visit(api, staff, neurologist):
    old = visit(neurologist)
    sent = {**moving(), "version": old.version}
    new = api(staff).post(f"visits/{old.pk}/move/", sent).json()
    late = api(staff).post(f"visits/{old.pk}/move/", sent)
    assert (late.status_code, late.json()["current"]["moved_to"]) == (409, new["id"])
    assert Visit.objects.count() == 2
