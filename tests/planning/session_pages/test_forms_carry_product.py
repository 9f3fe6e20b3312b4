"""Each page form and API operation that writes a row or a vial carries the product; a changed one is a conflict."""

from html.parser import HTMLParser

import pytest
from django import forms
from django.urls import resolve

import clinic.urls  # noqa: F401  (so that every form class is known)
from planning.models import Injection, InjectionSession, Vial
from planning.sessions.actions.injections import remove_injection
from planning.sessions.actions.sessions import choose_product
from planning.sessions.doses import DoseFormField
from planning.sessions.forms.products import UnderProduct
from planning.sessions.forms.rows import VIAL_FIELDS
from tests import access, builders
from tests.api.conftest import Program
from tests.api.examples import ApiWorld, example_of
from tests.api.operations import OPERATIONS
from tests.planning.session_pages.sending import FETCH
from tests.rule import all_forms

pytestmark = pytest.mark.django_db

CARRIES = {
    "injection-add", "injection-change", "injection-remove", "injection-restore", "session-repeat", "session-set",
    "vial-add", "vial-change", "vial-remove",
}  # fmt: skip
# Every other address beneath a session that takes POST, and why it needs no product.
EXCEPT = {
    "session-product": "changes the product, at the version of the session that was read",
    "session-change": "stores neither a dose nor a vial",
    "session-record": "stores neither a dose nor a vial",
    "session-back": "stores neither a dose nor a vial",
    "session-guidance": "stores neither a dose nor a vial",
    "muscle-match": "searches the catalogue while somebody types: stores nothing",
    "session-save-set": "writes to the person’s own sets",
    "consent-record": "stores neither a dose nor a vial",
    "session-sign": "names the hash of all that was read, the product too",
    "session-amend": "opens what was signed, with its product",
    "amendment-discard": "returns what was signed, with its product",
    "letter-new": "is about what was signed, and contains no dose",
    "session-not-done": "stores neither a dose nor a vial",
    "review-ask": "stores neither a dose nor a vial",
    "review-withdraw": "stores neither a dose nor a vial",
    "review-answer": "stores neither a dose nor a vial",
    "session-not-today": "stores neither a dose nor a vial",
    "session-not-done-undo": "stores neither a dose nor a vial",
    "session-error": "stores neither a dose nor a vial",
    "session-error-undo": "stores neither a dose nor a vial",
    "event-record": "stores neither a dose nor a vial",
}
BOTH_PRODUCTS = "This was typed for Botox. The session’s product is now Dysport."


class FormsOfPage(HTMLParser):
    """What each form of a page, and each button with a URL of its own, would send: (address, {name: value})."""

    def __init__(self, page):
        super().__init__()
        self.forms, self.inputs, self.buttons, self.open = {}, [], [], None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form" and attributes.get("method") == "post":
            self.open = attributes.get("id") or f"form {len(self.forms)}"
            self.forms[self.open] = attributes["action"]
        owner = attributes.get("form", self.open)
        if tag == "input" and attributes.get("type") not in ("checkbox", "radio"):
            self.inputs.append((owner, attributes.get("name"), attributes.get("value", "")))
        if "formaction" in attributes:
            own = {attributes["name"]: attributes.get("value", "")} if "name" in attributes else {}
            self.buttons.append((owner, attributes["formaction"], own))

    def handle_endtag(self, tag):
        if tag == "form":
            self.open = None

    def sent(self):
        found = [*((form, to, {}) for form, to in self.forms.items()), *self.buttons]
        return [
            (to, {name: value for owner, name, value in self.inputs if owner == form} | own) for form, to, own in found
        ]


def name_of(path):
    return resolve(path).url_name


def posts_beneath_a_session():
    names = {one.name.removeprefix("planning:") for one in access.urls() if one.route.startswith("sessions/")}
    return {name for name in names if "POST" in access.TABLE[f"planning:{name}"]}


def change_product(session, by):
    session = InjectionSession.objects.get(pk=session.pk)
    dysport = builders.a_product("Dysport")
    choose_product(session=session, product=dysport, by=by, version=session.version, empties_confirmed=True)


def stored():
    return [list(model.objects.order_by("pk").values()) for model in (Injection, Vial)]


def test_every_form_with_a_dose_or_a_vial_carries_product():
    def writes(form):
        fields = form.base_fields
        return any(isinstance(field, DoseFormField) for field in fields.values()) or set(VIAL_FIELDS) <= set(fields)

    names = {"planned_dose", "given_dose"}
    found = [form for form in all_forms() if names & set(getattr(form, "typed", ())) or writes(form)]
    found += [form for form in all_forms() if form.__name__.endswith("VialForm")]
    assert len(found) >= 4
    assert [form.__name__ for form in found if not issubclass(form, UnderProduct)] == []
    assert not issubclass(forms.Form, UnderProduct)


def test_every_post_of_a_session_is_listed():
    assert posts_beneath_a_session() == CARRIES | set(EXCEPT)


@pytest.fixture
def pages(neurologist):
    """Of a session in each phase, with everything on it that writes to it: the session, and what it would send."""

    def of(kind):
        earlier = builders.a_session_of_weeks_ago(by=neurologist, muscles=(("SCAL", "left"),), doses=("3.33",))
        visit = builders.an_arrived_visit(patient=earlier.patient, clinician=neurologist)
        elsewhere = builders.a_given_session(
            by=neurologist, visit=builders.an_arrived_visit(clinician=neurologist, hour=12)
        )
        builders.a_vial(session=elsewhere, by=neurologist, lot_number="LOT-TODAY")
        builders.a_muscle_set(by=neurologist)
        make = {"planned": builders.a_planned_session, "given": builders.a_given_session}
        session = make.get(kind, builders.a_signed_session)(by=neurologist, visit=visit)
        if kind == "amended":
            builders.an_amendment(session, by=neurologist)
        if kind != "planned":
            builders.a_vial(session=session, by=neurologist)
        row = session.injections.in_order().last()
        remove_injection(injection=row, product=session.product, by=neurologist, version=row.version)
        return session

    return of


@pytest.mark.parametrize("kind", ["planned", "given", "amended"])
def test_every_form_detects_a_changed_product(kind, client, pages, neurologist):
    # Given all that the page of a session would send
    client.force_login(neurologist)
    session = pages(kind)
    page = client.get(session.get_working_url()).content.decode()
    sent = [(to, data) for to, data in FormsOfPage(page).sent() if name_of(to) in CARRIES]
    assert {name_of(to) for to, _ in sent} == CARRIES - (
        {"vial-add", "vial-change", "vial-remove"} if kind == "planned" else set()
    )
    for to, data in sent:
        carried = [value for name, value in data.items() if name == "product" or name.endswith("-product")]
        assert carried == [str(session.product_id)], to

    # When the product changes, then each of them is a conflict that names both, and is not stored
    change_product(session, neurologist)
    before = stored()
    for to, data in sent:
        typed = {name: "1.11" for name in data if name.endswith(("_dose", "lot_number"))}
        choice = {"typed": "scal r", "muscle_set": neurologist.muscle_sets.first().pk} if "product" in data else {}
        response = client.post(to, {**data, **choice, **typed}, headers=FETCH)
        assert response.status_code == 409, to
        assert BOTH_PRODUCTS in response.json()["message"], to
    assert stored() == before


# Programs


def writes_rows(operation):
    beneath = "/injections/" in operation.template or "/vials/" in operation.template
    names = {"planned_dose", "given_dose", "lot_number"}
    return operation.method != "GET" and (beneath or bool(names & set(operation.fields)))


OF_PROGRAMS = [name for name, operation in OPERATIONS.items() if writes_rows(operation)]


def test_every_operation_on_rows_or_vials_carries_product():
    assert len(OF_PROGRAMS) == 7
    without = [
        name
        for name in OF_PROGRAMS
        if "product" not in OPERATIONS[name].fields and "product" not in OPERATIONS[name].parameters("query")
    ]
    assert without == []


@pytest.mark.parametrize("name", OF_PROGRAMS)
@pytest.mark.sample(2)
def test_every_operation_detects_a_changed_product(name, client):
    # Given a request that is taken
    world = ApiWorld()
    client.force_login(world.clinician)
    example, before_product = example_of(name, world), world.session.product.brand_name
    change_product(world.session, world.clinician)
    before = stored()

    # When it is sent after the product changed, then it is a conflict that names both
    operation = OPERATIONS[name]
    response = Program(client).ask(
        operation.method,
        example.path,
        example.body,
        **{header.replace("-", "_"): value for header, value in example.headers.items()},
    )
    assert response.status_code == 409, response.json()
    message = f"This was typed for {before_product}. The session’s product is now Dysport."
    assert message in response.json()["detail"]
    assert stored() == before
    if name == "sessions_injections_change":
        assert response.json()["current"]["product_name"] == "Dysport"


@pytest.mark.parametrize("name", [name for name in OF_PROGRAMS if OPERATIONS[name].body])
@pytest.mark.sample(2)
def test_operation_without_product_is_rejected(name, client):
    world = ApiWorld()
    client.force_login(world.clinician)
    example = example_of(name, world)
    body = {field: value for field, value in example.body.items() if field != "product"}
    response = Program(client).ask(OPERATIONS[name].method, example.path, body)
    assert (response.status_code, response.json()["errors"]) == (400, {"product": ["This field is required."]})
