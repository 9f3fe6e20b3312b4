"""A dose in the API is the string that a person typed, and no program types one."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from clinic.models import User
from planning.models import Amendment, ErrorMark, Injection, InjectionSession, SignedRecord, Vial
from planning.sessions.actions.injections import add_typed_injection, change_injection, remove_injection
from planning.signing.actions.signing import sign_session
from tests import builders
from tests.api.conftest import Program, a_token

pytestmark = pytest.mark.django_db

TYPES, RECORDS = (
    "A token cannot write doses. A person types them in Collum.",
    "A token cannot record what was given. A person records it in Collum.",
)
NO_TEXT, UNREADABLE = "Send the dose as the string that was typed.", "Cannot read this as a number."
TYPED = ["2.50", "007", "0", "0.00", "5", "00.10", "9" * 32, f"0.{'0' * 29}1", "12345678901234567890.12345678901"]
NO_STRINGS = ["2.50", "7", "0", "-0.0", "1e400", "true", "false", "[]", '["2.50"]', "{}", '{"2": "50"}', "[null]"]
NO_NUMBERS = [
    "2,5", ".5", "5.", "1e1", "1 000", "1_0", "½", "²", "٢٥", "１２", "-1", "+1", "0x1", "NaN", "2.50\n", "\t1",
    "1\u00a0", "1.2.3", "1" * 33, "U", "2.50 U",
]  # fmt: skip


@pytest.fixture
def session(neurologist):
    """Planned, without a dose."""
    return builders.a_planned_session(by=neurologist)


@pytest.fixture
def recording(neurologist):
    """Being recorded, with given doses and a vial."""
    session = builders.a_given_session(by=neurologist)
    builders.a_vial(session=session)
    return session


def first(session):
    return session.injections.in_order().first()


def at(session, what=""):
    return f"sessions/{session.pk}/{what}"


def of(row, what=""):
    return at(row.session, f"injections/{row.pk}/{what}")


def seen(session):
    """The product that was read with the session."""
    return {"product": session.product_id}


def gone(row):
    """Where a row or a vial is removed."""
    return f"{of(row)}?product={row.session.product_id}"


def stored():
    """Everything stored about sessions."""
    models = (InjectionSession, Injection, Vial, SignedRecord, Amendment, ErrorMark)
    return {model: list(model.objects.order_by("pk").values()) for model in models}


# In and out


@pytest.mark.engine
def test_dose_is_returned_byte_for_byte(api, neurologist, session):
    asks, row = api(neurologist), first(session)
    for dose in TYPED:
        # When a planned dose is typed
        response = asks.patch(of(row), {**seen(row.session), "planned_dose": dose, "version": row.version})

        # Then every answer shows that string
        assert response.status_code == 200, dose
        shown = [response.json(), asks.get(of(row)).json(), asks.get(at(session, "injections/")).json()["results"][0]]
        shown.append(asks.get(at(session)).json()["injections"][0])
        assert [one["planned_dose"] for one in shown] == [dose] * 4
        row.refresh_from_db()
        assert (row.planned_dose, row.given_dose) == (dose, "")


@pytest.mark.engine
@pytest.mark.parametrize("dose", ["2.50", "007", "9" * 32])
def test_record_shows_the_given_dose_byte_for_byte(dose, api, neurologist, session):
    asks, row = api(neurologist), first(session)
    begun = asks.patch(at(session), {"recording": True, "operator": neurologist.pk, "version": session.version})
    assert begun.status_code == 200
    asks.patch(of(row), {**seen(row.session), "given_dose": dose, "version": row.version})
    shown = asks.get(at(session)).json()
    sent = {"password": builders.PASSWORD, "content_hash": shown["content_hash"], "see_again": {"weeks": 12}}
    record = asks.post(at(session, "sign/"), sent).json()
    rows = asks.get(f"records/{record['id']}/").json()["content"]["injections"]
    assert [(one["planned_dose"], one["given_dose"]) for one in rows] == [(None, dose), (None, None)]
    assert f'"{dose}"' in record["content_text"]


def test_row_is_added_with_the_typed_dose(api, neurologist, session):
    sent = {**seen(session), "muscle": builders.a_muscle("SCAL").pk, "side": "left", "planned_dose": "2.50"}
    response = api(neurologist).post(at(session, "injections/"), sent)
    assert (response.status_code, response.json()["planned_dose"], response.json()["given_dose"]) == (201, "2.50", None)


def test_missing_dose_is_null(api, neurologist, session):
    asks, row = api(neurologist), first(session)
    assert asks.get(of(row)).json()["planned_dose"] is None
    for empty in (None, "", "  "):
        row.refresh_from_db()
        typed = asks.patch(of(row), {**seen(row.session), "planned_dose": "1.11", "version": row.version}).json()
        emptied = asks.patch(of(row), {**seen(row.session), "planned_dose": empty, "version": typed["version"]})
        assert (emptied.status_code, emptied.json()["planned_dose"]) == (200, None)
        assert Injection.objects.get(pk=row.pk).planned_dose == ""


def test_only_surrounding_spaces_are_removed(api, neurologist, session):
    row = first(session)
    response = api(neurologist).patch(of(row), {**seen(row.session), "planned_dose": "  2.50 ", "version": row.version})
    assert response.json()["planned_dose"] == "2.50"


def test_omitted_dose_is_unchanged(api, neurologist, session):
    asks, row = api(neurologist), first(session)
    asks.patch(of(row), {**seen(row.session), "planned_dose": "2.50", "version": row.version})
    response = asks.patch(of(row), {**seen(row.session), "note": "deep", "version": row.version + 1})
    assert (response.json()["planned_dose"], response.json()["note"]) == ("2.50", "deep")


@pytest.mark.parametrize("name", ["planned_dose", "given_dose"])
def test_dose_that_is_no_string_is_rejected_and_not_stored(name, api, neurologist, session):
    before, row, asks, muscle = stored(), first(session), api(neurologist), builders.a_muscle("SCAL").pk
    for raw in NO_STRINGS:
        change = f'{{"product": {session.product_id}, "{name}": {raw}, "version": {row.version}}}'
        addition = f'{{"product": {session.product_id}, "muscle": {muscle}, "side": "left", "{name}": {raw}}}'
        for response in (
            asks.ask("PATCH", of(row), raw=change.encode()),
            asks.ask("POST", at(session, "injections/"), raw=addition.encode()),
        ):
            assert (response.status_code, response.json()["errors"]) == (400, {name: [NO_TEXT]}), raw
            assert response.json()["detail"] == NO_TEXT
    assert stored() == before


def test_unreadable_dose_is_rejected_with_the_pages_message(api, neurologist, session):
    before, row, asks = stored(), first(session), api(neurologist)
    for text in NO_NUMBERS:
        response = asks.patch(of(row), {**seen(row.session), "planned_dose": text, "version": row.version})
        assert (response.status_code, response.json()["errors"]) == (400, {"planned_dose": [UNREADABLE]}), text
    assert stored() == before


def test_every_dose_gets_the_same_response(api, neurologist):
    def errors_for(dose):
        row = first(builders.a_planned_session(by=neurologist, visit=builders.a_visit()))
        response = api(neurologist).patch(of(row), {**seen(row.session), "planned_dose": dose, "version": row.version})
        return response.status_code, {**response.json(), "id": 0, "planned_dose": ""}

    assert errors_for("0") == errors_for("1.11") == errors_for("99999999") == errors_for("9" * 32)


def test_dose_is_accepted_only_where_the_page_has_its_field(api, neurologist, session):
    asks, row = api(neurologist), first(session)
    early = asks.patch(of(row), {**seen(row.session), "given_dose": "1.11", "version": row.version})
    assert early.json()["detail"] == "This session is back in planning. Start recording to type what was given."
    builders.record(session, by=neurologist)
    late = asks.patch(of(row), {**seen(row.session), "planned_dose": "1.11", "version": row.version})
    assert late.json()["detail"] == "What was given is being recorded. Go back to the plan to change it."
    without = builders.a_planned_session(by=neurologist, product=None, visit=builders.a_visit())
    unknown = asks.patch(of(first(without)), {**seen(without), "planned_dose": "1.11", "version": 1})
    assert unknown.json()["detail"] == "Choose the product first."
    assert {early.status_code, late.status_code, unknown.status_code} == {409}


# Another product


def test_change_of_product_empties_doses_only_if_confirmed(api, neurologist, session):
    # Given a planned dose of one product
    asks, row = api(neurologist), first(session)
    asks.patch(of(row), {**seen(row.session), "planned_dose": "2.50", "version": row.version})
    other, before = builders.a_product("Dysport").pk, stored()

    # When another is chosen, then that is rejected, and the response names what it would empty
    refused = asks.patch(at(session), {"product": other, "version": session.version})
    assert refused.status_code == 409
    assert "Changing the product removes what was typed for it: 1 dose, 0 vials." in refused.json()["detail"]
    assert list(refused.json()["errors"]) == ["product"]
    assert stored() == before

    # When that is confirmed, then it is empty, and changing back does not restore it
    for product in (other, builders.a_product().pk):
        session.refresh_from_db()
        sent = {"product": product, "empties_confirmed": True, "version": session.version}
        assert asks.patch(at(session), sent).json()["injections"][0]["planned_dose"] is None


def test_new_session_has_no_earlier_dose(api, neurologist, recording):
    builders.sign(recording, by=neurologist)
    visit = builders.a_visit(patient=recording.patient, clinician=neurologist, hour=16)
    made = api(neurologist).post("sessions/", {"visit": visit.pk, "product": recording.product_id}).json()
    assert (made["injections"], made["vials"]) == ([], [])


# Programs


def with_a_dose(session, by):
    row = first(session)
    change_injection(injection=row, product=row.session.product, by=by, version=row.version, planned_dose="1.11")
    session.refresh_from_db()
    row.refresh_from_db()
    return row


DOSE_KEYS = [{"planned_dose": dose} for dose in ("1.11", "2.22", "", None, 3)] + [{"given_dose": None}]


@pytest.mark.parametrize("person", ["neurologist", pytest.param("trainee", marks=pytest.mark.full)])
def test_token_cannot_send_any_dose(person, program, request, session, neurologist):
    asks, row = program(request.getfixturevalue(person)), with_a_dose(session, neurologist)
    before, muscle = stored(), builders.a_muscle("SCAL").pk
    for sent in DOSE_KEYS:
        responses = [
            asks.patch(of(row), {**seen(row.session), **sent, "version": row.version}),
            asks.patch(of(row), {**seen(row.session), **sent, "note": "with", "version": row.version}),
            asks.post(at(session, "injections/"), {**seen(session), "muscle": muscle, "side": "left", **sent}),
            asks.post(at(session, "injections/"), {**seen(session), "muscle": row.muscle_id, "side": row.side, **sent}),
        ]
        assert [(response.status_code, response.json()["detail"]) for response in responses] == [(403, TYPES)] * 4, sent
    assert stored() == before


def test_token_cannot_empty_restore_or_remove_a_dose(program, session, neurologist):
    asks, row = program(neurologist), with_a_dose(session, neurologist)
    removed = with_a_dose(builders.a_planned_session(by=neurologist, visit=builders.a_visit()), neurologist)
    remove_injection(injection=removed, product=removed.session.product, by=neurologist, version=removed.version)
    before, other = stored(), builders.a_product("Dysport").pk
    responses = [
        asks.patch(at(session), {"product": other, "version": session.version}),
        asks.patch(at(session), {"product": other, "empties_confirmed": True, "version": session.version}),
        asks.delete(gone(row), If_Match=f'"{row.version}"'),
        asks.post(of(removed, "restore/"), {**seen(removed.session), "version": removed.version + 1}),
    ]
    assert [(response.status_code, response.json()["detail"]) for response in responses] == [(403, TYPES)] * 4
    assert stored() == before


def test_token_cannot_sign_or_amend(program, recording, neurologist):
    asks = program(neurologist)
    shown = asks.get(at(recording)).json()
    sent = {"password": builders.PASSWORD, "content_hash": shown["content_hash"], "see_again": {"weeks": 12}}
    signed = builders.a_signed_session(by=neurologist, visit=builders.a_visit())
    amended = builders.a_signed_session(by=neurologist, visit=builders.a_visit())
    builders.an_amendment(amended, by=neurologist)
    before = stored()
    responses = [
        asks.post(at(recording, "sign/"), sent),
        asks.post(at(recording, "sign/")),
        asks.post(at(signed, "amend/"), {"kind": "recorded_wrongly", "reason": "So", "version": signed.version}),
        asks.post(at(amended, "discard-amendment/"), {"content_hash": shown["content_hash"]}),
    ]
    assert [(response.status_code, response.json()["detail"]) for response in responses] == [(403, TYPES)] * 4
    assert stored() == before


def test_actions_reject_a_dose_from_a_token(session, neurologist):
    """Even if a view does not check it."""
    row = with_a_dose(session, neurologist)
    acting = User.objects.get(pk=neurologist.pk)
    acting.token = a_token(neurologist)
    before = stored()
    for dose in ("2.22", ""):
        with pytest.raises(PermissionDenied, match=TYPES):
            change_injection(
                injection=row, product=row.session.product, by=acting, version=row.version, planned_dose=dose
            )
    with pytest.raises(PermissionDenied, match=TYPES):
        add_typed_injection(
            session=session,
            product=session.product,
            muscle=builders.a_muscle("SCAL"),
            side="left",
            by=acting,
            planned_dose="1.11",
        )
    with pytest.raises(PermissionDenied, match=TYPES):
        sign_session(session=session, by=acting, content_hash="")
    with pytest.raises(PermissionDenied, match=RECORDS):
        builders.record(session, by=acting)
    assert stored() == before


FACTS = [
    {"recording": True}, {"recording": False}, {"operator": None}, {"given_on": None}, {"given_on": "2026-01-02"},
    {"consent": None}, {"complications": "none"},
]  # fmt: skip
FACTS_OF_A_ROW = [{"not_given": True}, {"not_given": False}, {"not_given_reason": ""}, {"vial": None}]


def test_token_cannot_record_what_was_given(program, session, neurologist):
    before, row, asks = stored(), first(session), program(neurologist)
    responses = [asks.patch(at(session), {**sent, "version": session.version}) for sent in FACTS]
    responses += [asks.patch(of(row), {**seen(row.session), **sent, "version": row.version}) for sent in FACTS_OF_A_ROW]
    assert [(response.status_code, response.json()["detail"]) for response in responses] == [(403, RECORDS)] * len(
        responses
    )
    assert stored() == before


def test_token_cannot_change_a_recorded_session(program, recording, neurologist):
    asks, row, vial = program(neurologist), first(recording), recording.vials.get()
    before, muscle = stored(), builders.a_muscle("SCAL").pk
    version, etag = {"version": row.version}, f'"{vial.version}"'
    responses = [
        asks.patch(at(recording), {"notes": "So", "version": recording.version}),
        asks.patch(at(recording), {"product": builders.a_product("Dysport").pk, "version": recording.version}),
        asks.patch(of(row), {**seen(row.session), "sites": 3, **version}),
        asks.patch(of(row), {**seen(row.session), "guidance": "emg", **version}),
        asks.delete(gone(row), If_Match=f'"{row.version}"'),
        asks.post(at(recording, "injections/"), {**seen(recording), "muscle": muscle, "side": "left"}),
        asks.post(at(recording, "vials/"), {**seen(recording), "lot_number": "LOT-2"}),
        asks.patch(
            at(recording, f"vials/{vial.pk}/"), {**seen(recording), "lot_number": "LOT-2", "version": vial.version}
        ),
        asks.delete(at(recording, f"vials/{vial.pk}/?product={recording.product_id}"), If_Match=etag),
        asks.post(at(recording, "not-done/"), {"reason": "ill", "version": recording.version}),
    ]
    assert [(response.status_code, response.json()["detail"]) for response in responses] == [(403, RECORDS)] * len(
        responses
    )
    error = asks.post(at(recording, "entered-in-error/"), {"reason": "So", "version": recording.version})
    assert (error.status_code, stored()) == (403, before)


@pytest.mark.parametrize("person", ["neurologist", pytest.param("trainee", marks=pytest.mark.full)])
def test_token_can_plan_muscles_and_sides(person, program, request, neurologist):
    # Given a visit and a token of a user who plans
    asks, visit = program(request.getfixturevalue(person)), builders.a_visit(clinician=neurologist)

    # When a session is planned with it, then all of the plan but its doses can be made
    made = asks.post("sessions/", {"visit": visit.pk})
    assert made.status_code == 201
    session = made.json()
    path = f"sessions/{session['id']}/"
    chosen = asks.patch(path, {"product": builders.a_product().pk, "notes": "So", "version": session["version"]})
    assert (chosen.status_code, chosen.json()["product_name"], chosen.json()["notes"]) == (200, "Botox", "So")
    product = {"product": builders.a_product().pk}
    rows = [
        asks.post(f"{path}injections/", {**product, "muscle": builders.a_muscle(short).pk, "side": side})
        for short, side in (("SCM", "right"), ("SCM", "left"), ("LS", "right"))
    ]
    assert [row.status_code for row in rows] == [201] * 3
    row = rows[0].json()
    sent = {**product, "sites": 4, "guidance": "ultrasound", "note": "upper third", "version": row["version"]}
    changed = asks.patch(f"{path}injections/{row['id']}/", sent)
    assert (changed.status_code, changed.json()["sites"], changed.json()["guidance"]) == (200, 4, "ultrasound")
    other = f"{path}injections/{rows[1].json()['id']}/"
    removed = asks.delete(f"{other}?product={product['product']}", If_Match='"1"')
    assert removed.status_code == 204
    assert asks.post(f"{other}restore/", product, If_Match=removed["ETag"]).status_code == 200
    assert asks.delete(f"{other}?product={product['product']}", If_Match='"3"').status_code == 204

    # And the stored plan has no dose
    shown = asks.get(path).json()
    assert shown["state"] == "planned"
    assert [(one["planned_dose"], one["given_dose"]) for one in shown["injections"]] == [(None, None)] * 2


def test_token_can_read_the_doses_that_its_owner_can(program, recording, neurologist, staff):
    assert program(neurologist).get(at(recording)).json()["injections"][0]["given_dose"] == "1.11"
    assert program(staff).get(at(recording)).status_code == 403


# A login


def test_login_session_needs_its_csrf_token_to_write(neurologist, session):
    client, row = Client(enforce_csrf_checks=True), first(session)
    client.force_login(neurologist)
    asks, before, sent = Program(client), stored(), {**seen(session), "planned_dose": "1.11", "version": row.version}
    assert asks.get(of(row)).status_code == 200
    client.get("/patients/new/")
    token = client.cookies["csrftoken"].value
    for headers in ({}, {"X_CSRFToken": "x" * 32}):
        response = asks.patch(of(row), sent, **headers)
        assert (response.status_code, response.json()["detail"]) == (
            403,
            "Send the CSRF token of your login in X-CSRFToken.",
        )
    assert stored() == before
    assert asks.patch(of(row), sent, X_CSRFToken=token).status_code == 200


def test_token_with_a_login_session_is_still_a_token(program, neurologist, session):
    """Neither makes the other a person."""
    asks, row = program(neurologist), first(session)
    asks.client.force_login(neurologist)
    response = asks.patch(of(row), {**seen(row.session), "planned_dose": "1.11", "version": row.version})
    assert (response.status_code, response.json()["detail"]) == (403, TYPES)
