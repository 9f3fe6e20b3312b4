"""Every URL, for every role and method, has the access of the table."""

import copy
import re
from functools import cache

import pytest
from django.test import Client
from django.urls import path
from rest_framework.viewsets import ViewSet

from clinic.accounts.permissions import OF_SUPERUSER, ROLES, Permission, may
from clinic.records.text import search_key
from planning.models import Consent, Injection, InjectionSession, SignedRecord, Vial
from tests import access, builders
from tests.extent import IS_WHOLE, in_turn, some
from tests.spreadsheets import text_of_response
from tests.world import SECRETS

pytestmark = pytest.mark.django_db

URLS = {url.name: url for url in access.urls()}
PLACES = {name: place for place, name in enumerate(access.TABLE)}
OUR_OWN = [one for one in URLS.values() if not (one.is_admin or one.is_api or one.is_allauth)]


@pytest.fixture(scope="module")
def cookies(people_by_letter):
    """As each of the table's people has them after the login page."""
    return {letter: _cookies_of(person) for letter, person in people_by_letter.items()}


def _cookies_of(person):
    client = Client()
    if person is not None:
        client.force_login(person)
    return client.cookies


@pytest.fixture
def client_of(cookies):
    """A client logged in as one of the table's people; anonymous for `-`."""

    @cache
    def as_person(letter):
        client = Client()
        client.cookies = copy.deepcopy(cookies[letter])
        return client

    return as_person


def undeclared(url):
    """Why this URL has no declared permission; None where it has one."""
    viewset = getattr(url.view, "cls", None)
    if viewset is not None:
        declared = getattr(viewset, "permissions", {})
        missing = [action for action in url.view.actions.values() if not isinstance(declared.get(action), Permission)]
        return f"{url.name} has no permission for {missing}" if missing else None
    if url.is_admin or url.is_allauth or url.name in access.WITHOUT_LOGIN:
        return None
    if not isinstance(getattr(url.view, "required_permission", None), Permission):
        return f"{url.name} has no required_permission"
    return None


def test_url_names_are_unique():
    assert len(URLS) == len(access.urls())


def test_access_table_lists_exactly_the_urls():
    assert set(URLS) == set(access.TABLE)


def test_every_view_declares_its_permission():
    assert [message for url in URLS.values() if (message := undeclared(url))] == []


def test_view_without_a_permission_is_detected():
    # Given a plain view and a viewset without a permission
    class Forgotten(ViewSet):
        def list(self, request):
            """Of no concern here."""

    class Included:
        url_patterns = [
            path("forgotten/", lambda request: None, name="forgotten"),
            path("api/forgotten/", Forgotten.as_view({"get": "list"}), name="forgotten-list"),
        ]

    # Then both are found, and both are missing from the table
    found = access.urls(Included)
    assert [undeclared(url) for url in found] == [
        "forgotten has no required_permission",
        "forgotten-list has no permission for ['list']",
    ]
    assert not {url.name for url in found} & set(access.TABLE)


@pytest.mark.parametrize(
    "url", [one for one in OUR_OWN if one.name not in access.WITHOUT_LOGIN], ids=lambda one: one.name
)
def test_permission_of_a_view_matches_the_access_table(url):
    permission = url.view.required_permission
    granted = {letter for letter, role in access.ROLE_OF.items() if permission in ROLES[role].may}
    if permission in OF_SUPERUSER:
        granted.add("U")
    if permission is Permission.LOG_IN:
        granted = set(access.PEOPLE) - {"-"}
    for method in access.TABLE[url.name]:
        assert set(access.allowed_roles(url.name, method)) == granted


def patient_text(body):
    """The values of the patient and the session in a text."""
    return [secret for secret in [*SECRETS.values(), "RN-88001122"] if secret in body]


def everything_of(response):
    """Body and headers as one text."""
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
    return response.content.decode() + headers + str(response.cookies)


def judge(url, letter, method, response):
    """What is wrong with a response; None where it matches the table."""
    status = response.status_code
    if letter in access.allowed_roles(url.name, method):
        wrong = status in {401, 403, 404, 405} or status >= 500
        return f"{letter} may, and got {status}" if wrong else None
    if found := patient_text(everything_of(response)):
        return f"{letter} may not, and read {found}"
    if letter == "-" and not url.is_api and access.TABLE[url.name].get("GET", "").find("-") < 0:
        to_login = status == 302 and response["Location"].startswith(("/accounts/login/", "/admin/login/"))
        return None if to_login else f"nobody is logged in, and the answer was {status}"
    return None if status in refusals(url, method) else f"{letter} may not, and got {status}"


def refusals(url, method):
    if url.is_admin:
        return {403, 404, 405}
    if url.is_api:
        return {401, 403, 405}
    return {403} if method in access.TABLE[url.name] else {405}


def each_url():
    """The short run leaves those of the API to tests/api/test_access.py, which asks them with a token of each role."""
    return [pytest.param(name, marks=pytest.mark.full if URLS[name].is_api else ()) for name in access.TABLE]


def asked_of(name):
    """In the short run one of the methods that are rejected: that of pages or forms, or another one for each URL."""
    if IS_WHOLE:
        return access.METHODS
    known = [method for method in access.METHODS if method in access.TABLE[name]]
    others = [method for method in access.METHODS if method not in known]
    return [*known, *in_turn({*others} & {"GET", "POST"} or others, PLACES[name])]


def asked_as(name, method):
    """In the short run one who may, one who may not, others for each URL; and nobody, with one method of each URL.

    The test above compares the declared permission with the whole table.
    """
    if IS_WHOLE:
        return access.PEOPLE
    may = access.allowed_roles(name, method)
    may_not = [letter for letter in access.PEOPLE if letter not in (*may, "-")]
    nobody = "-" if method == next(iter(access.TABLE[name])) else ""
    return sorted({*in_turn(may, PLACES[name]), *in_turn(may_not, PLACES[name]), *nobody})


@pytest.mark.parametrize("name", each_url())
def test_each_role_has_the_access_of_the_table(name, world, client_of, people_by_letter):
    url, wrong = URLS[name], []
    for method in asked_of(name):
        known = method in access.TABLE[name]
        if url.is_admin and not known:
            continue  # Django answers every method of a page of its admin site like GET
        # A method missing from the table is the same for all: a user who can open the page is enough, or no user.
        for letter in asked_as(name, method) if known else access.allowed_roles(name, "GET")[:1] or "-":
            if url.is_allauth and not known:
                continue
            if people_by_letter[letter]:
                world.belongs_to(people_by_letter[letter])
            response = client_of(letter).generic(method, world.fill(url.route))  # some belong to one person
            if message := judge(url, letter, method, response):
                wrong.append(f"{method}: {message}")
    assert wrong == []


@pytest.mark.parametrize("headers", [{"HX-Request": "true"}, {"X-Requested-With": "fetch"}], ids=["htmx", "fetch"])
def test_script_without_a_login_gets_only_a_message(world, client, headers):
    for url in some(OUR_OWN, one_of=5):
        if url.name in access.WITHOUT_LOGIN:
            continue
        method = next(iter(access.TABLE[url.name]))
        response = client.generic(method, world.fill(url.route), headers=headers)
        assert response.status_code == 401
        assert patient_text(everything_of(response)) == []


def test_superuser_with_a_role_can_do_what_the_role_can(world, client):
    client.force_login(builders.a_person("neurologist", is_superuser=True))
    assert client.get(world.session.get_absolute_url()).status_code == 200


def test_user_with_two_roles_can_do_what_either_can(world, client):
    client.force_login(builders.a_person("clinic staff", "catalogue manager"))
    assert client.get("/muscles/").status_code == 200
    assert client.get(world.patient.get_absolute_url()).status_code == 200
    assert client.get(world.session.get_absolute_url()).status_code == 403


def test_deactivated_user_has_no_permission(world, client, neurologist):
    client.force_login(neurologist)
    neurologist.is_active = False
    neurologist.save()
    assert client.get("/").status_code == 302
    assert not may(neurologist, Permission.LOG_IN)
    assert not may(neurologist, Permission.SEE_PATIENTS)


# Clinic staff see no muscle, the catalogue manager no patient

CLINICAL = [
    "muscle", "short_name", "planned_dose", "given_dose", "lot_number", "brand_name", "nonproprietary_name",
    "assessment", "words", "event",
]  # fmt: skip
SHIPPED = r"\b(SCM|SCAL|LS|Sternocleidomastoid|Levator|Scalene|Botox|Dysport)\b|\bunits\b"


def bodies(client, letter, world, headers):
    """(URL, body) of every page that this person can open; as clinic staff also each session’s visit."""
    # The API documentation is the same for every role, and names the fields of a session.
    names = access.TABLE.keys() - {"api:schema-list", "api:docs-list", *access.EXPORT_STEPS}
    paths = [world.fill(URLS[name].route) for name in names if letter in access.TABLE[name].get("GET", "")]
    paths = [path for path in paths if "logout" not in path]
    if letter == "S":
        sessions = (world.signed, world.session, world.planned, world.not_done)
        paths += [session.visit.get_absolute_url() for session in sessions]
        paths += ["/?whose=all"]
        for typed in (SECRETS["family_name"], "RN-88001122"):
            yield typed, client.post("/patients/", {"q": typed}, headers=headers).content.decode()
    for page_url in paths:
        yield page_url, text_of_response(client.get(page_url, headers=headers, follow=True))


def without_tokens(body):
    return re.sub(r'"[A-Za-z0-9]{64}"|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', "", body)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        pytest.param({"HX-Request": "true"}, marks=pytest.mark.full),
        pytest.param({"X-Requested-With": "fetch"}, marks=pytest.mark.full),
    ],
    ids=["page", "htmx", "fetch"],
)
def test_clinic_staff_see_no_muscle_dose_product_or_lot(headers, world, client_of):
    world.with_every_state()
    met_the_patient = 0
    for url, body in bodies(client_of("S"), "S", world, headers):
        seen = [SECRETS[name] for name in CLINICAL if SECRETS[name] in body]
        assert seen == [], url
        assert re.findall(SHIPPED, without_tokens(body)) == [], url
        met_the_patient += world.patient.record_number in body
    # And these were the pages of that patient
    assert met_the_patient > 10


def test_clinic_staff_see_the_label_of_the_session_state(world, client_of):
    world.with_every_state()
    body = client_of("S").get(world.patient.get_absolute_url()).content.decode()
    for word in ("Planned", "Given, not signed", "Signed", "Not done"):
        assert f">{word}</span>" in body


def test_refused_cancellation_shows_clinic_staff_no_muscle(world, client_of):
    for session, message in ((world.session, "Something was given"), (world.signed, "is signed")):
        session.visit.refresh_from_db()
        response = client_of("S").post(
            f"/visits/{session.visit_id}/state/",
            {"state": "cancelled", "version": session.visit.version, "reason": "ill"},
        )
        assert response.status_code == 409
        assert message in response.content.decode()
        assert [SECRETS[name] for name in CLINICAL if SECRETS[name] in response.content.decode()] == []


@pytest.mark.parametrize("letter", ["C", "A", "U"])
def test_other_roles_see_no_patient(letter, world, client_of):
    names = {search_key(SECRETS["family_name"]), search_key(SECRETS["given_name"])}
    for url, body in bodies(client_of(letter), letter, world, {}):
        assert not [name for name in names if name in search_key(body)], url
        # An auditor looks up records by their number, which the entries name.
        if letter != "A":
            assert world.patient.record_number not in body, url


# Children belong to the parent in the path


@pytest.fixture
def elsewhere(world, neurologist):
    """A session of another patient."""
    return builders.a_given_session(by=neurologist, muscles=(("SCAL", "left"),), doses=("3.33",))


@pytest.mark.parametrize("what", ["", "remove/", "restore/"])
def test_row_is_found_only_under_its_own_session(what, world, elsewhere, client_of):
    world.with_every_state()
    row = elsewhere.injections.get()
    before = Injection.objects.filter(pk=row.pk).values().get()
    for parent in (world.session, world.planned):
        assert client_of("N").post(f"/sessions/{parent.pk}/injections/{row.pk}/{what}").status_code == 404
    assert Injection.objects.filter(pk=row.pk).values().get() == before


@pytest.mark.parametrize("what", ["", "remove/"])
def test_vial_is_found_only_under_its_own_session(what, world, elsewhere, client_of, neurologist):
    world.with_every_state()
    vial = builders.a_vial(session=elsewhere, by=neurologist)
    for parent in (world.session, world.planned):
        response = client_of("N").post(f"/sessions/{parent.pk}/vials/{vial.pk}/{what}", {"version": vial.version})
        assert response.status_code == 404
    assert Vial.objects.filter(pk=vial.pk, lot_number="LOT-1").exists()


def test_vial_of_another_session_is_rejected(world, elsewhere, client_of, neurologist):
    other = builders.a_vial(session=elsewhere, by=neurologist)
    builders.a_vial(session=world.session, by=neurologist, lot_number="LOT-2")
    row = world.row
    row.refresh_from_db()
    prefix = f"s{world.session.pk}-i{row.pk}"
    sent = {f"{prefix}-version": row.version, f"{prefix}-given_dose": row.given_dose, f"{prefix}-vial": other.pk}
    sent[f"{prefix}-product"] = world.session.product_id
    assert client_of("N").post(f"/sessions/{world.session.pk}/injections/{row.pk}/", sent).status_code == 422
    row.refresh_from_db()
    assert row.vial_id is None


def test_consent_of_another_patient_is_rejected(world, elsewhere, client_of, neurologist):
    consent = builders.a_consent(session=elsewhere, by=neurologist)
    prefix = f"s{world.session.pk}-details"
    sent = {f"{prefix}-version": world.session.version, f"{prefix}-consent": consent.pk}
    assert client_of("N").post(f"/sessions/{world.session.pk}/details/", sent).status_code == 422
    world.session.refresh_from_db()
    assert world.session.consent is None


# What the server sets is not accepted


def everywhere(prefix, **values):
    """Each value under its own name and under the form's."""
    return {**values, **{f"{prefix}-{name}": value for name, value in values.items()}}


def stored(queryset):
    return list(queryset.order_by("pk").values())


def test_session_details_ignore_fields_set_by_the_server(world, client_of, trainee, elsewhere):
    session = world.session
    before = InjectionSession.objects.filter(pk=session.pk).values().get()
    prefix = f"s{session.pk}-details"
    sent = everywhere(
        prefix, recorder=trainee.pk, planned_by=trainee.pk, recording_since="2020-01-01", visit=elsewhere.visit_id,
        patient=elsewhere.visit.patient_id, state="signed", not_done_at="2020-01-01 10:00", not_done_by=trainee.pk,
        not_done_reason="sent", signer=trainee.pk, number=7, hash="0" * 64, id=elsewhere.pk, pk=elsewhere.pk,
        product=elsewhere.product_id,
    )  # fmt: skip
    sent |= {f"{prefix}-version": session.version, f"{prefix}-operator": session.operator_id, f"{prefix}-notes": "new"}
    assert client_of("N").post(f"/sessions/{session.pk}/details/", sent).status_code == 302
    after = InjectionSession.objects.filter(pk=session.pk).values().get()
    assert {name for name in after if after[name] != before[name]} == {"notes", "version"}
    assert after["version"] == before["version"] + 1


def test_row_ignores_fields_set_by_the_server(world, client_of, elsewhere):
    row = world.row
    row.refresh_from_db()
    before = Injection.objects.filter(pk=row.pk).values().get()
    prefix = f"s{world.session.pk}-i{row.pk}"
    other = elsewhere.injections.get()
    sent = everywhere(
        prefix, muscle=other.muscle_id, side="left", session=elsewhere.pk, removed_at="2020-01-01", id=other.pk,
        planned_dose="4.44", product=world.session.product_id,
    )  # fmt: skip
    sent |= {f"{prefix}-version": row.version, f"{prefix}-given_dose": row.given_dose, f"{prefix}-note": "new"}
    assert client_of("N").post(f"/sessions/{world.session.pk}/injections/{row.pk}/", sent).status_code == 302
    after = Injection.objects.filter(pk=row.pk).values().get()
    assert {name for name in after if after[name] != before[name]} == {"note", "version"}


def test_new_session_ignores_fields_set_by_the_server(world, client_of, trainee, elsewhere):
    sent = {
        "submission_key": builders.a_submission_key(), "planned_by": trainee.pk, "recorder": trainee.pk,
        "visit": elsewhere.visit_id, "product": elsewhere.product_id, "operator": trainee.pk, "version": 9,
        "recording_since": "2020-01-01", "given_on": "2020-01-01", "not_done_reason": "sent",
    }  # fmt: skip
    client = client_of("N")
    assert client.post(f"/visits/{world.visit.pk}/sessions/", sent).status_code == 302
    made = InjectionSession.objects.order_by("-pk").first()
    assert made.visit_id == world.visit.pk
    assert made.planned_by_id == int(client.session["_auth_user_id"])
    facts = (made.recorder, made.product, made.operator, made.given_on, made.recording_since, made.not_done_reason)
    assert facts == (None, None, None, None, None, "")
    assert made.version == 1


def test_vial_and_consent_ignore_fields_set_by_the_server(world, client_of, trainee, elsewhere):
    client, session = client_of("N"), world.session
    prefix = f"s{session.pk}-vial"
    key = f"{prefix}-submission_key"
    sent = everywhere(prefix, session=elsewhere.pk, version=9, added_at="2020-01-01", lot_number="LOT-3")
    sent[f"{prefix}-product"] = session.product_id
    assert client.post(f"/sessions/{session.pk}/vials/", {**sent, key: builders.a_submission_key()}).status_code == 302
    vial = Vial.objects.order_by("-pk").first()
    assert (vial.session_id, vial.version, vial.added_at.year > 2020) == (session.pk, 1, True)

    prefix = f"s{session.pk}-consent"
    key = f"{prefix}-submission_key"
    sent = everywhere(
        prefix, patient=elsewhere.visit.patient_id, recorded_by=trainee.pk, recorded_at="2020-01-01",
        given_by="The patient", given_on="2020-01-02", form_version="3.1",
    )  # fmt: skip
    response = client.post(f"/sessions/{session.pk}/consents/", {**sent, key: builders.a_submission_key()})
    assert response.status_code == 302
    consent = Consent.objects.latest("pk")
    assert consent.patient_id == world.patient.pk
    assert consent.recorded_by_id == int(client.session["_auth_user_id"])
    assert consent.recorded_at.year > 2020


def test_signature_ignores_fields_set_by_the_server(world, client, trainee, elsewhere):
    world.session.refresh_from_db()
    client.force_login(world.clinician)
    page = client.get(f"/sessions/{world.session.pk}/sign/")
    sent = {
        "content_hash": page.context["content_hash"], "weeks": "12", "kind": "review", "password": builders.PASSWORD,
        "clinician": world.clinician.pk, "signer": trainee.pk, "signer_name": "Somebody else", "by": trainee.pk,
        "number": 7, "hash": "0" * 64, "content_text": "{}", "signed_at": "2020-01-01", "meaning": "nothing",
        "session": elsewhere.pk, "patient": elsewhere.visit.patient_id,
    }  # fmt: skip
    assert client.post(f"/sessions/{world.session.pk}/sign/", sent).status_code == 302
    record = SignedRecord.objects.get(session=world.session)
    assert (record.number, record.signer, record.signer_name) == (1, world.clinician, "Dr World")
    assert record.is_intact()
    assert record.content_hash == page.context["content_hash"]
    assert not record.signed_at.startswith("2020")
    assert SignedRecord.objects.filter(session=elsewhere).count() == 0


@pytest.mark.parametrize("action", ["product", "details", "guidance", "injections", "vials", "consents"])
def test_form_without_its_required_fields_is_rejected(action, world, client_of):
    """A version, or a submission key; without it the form is not stored."""
    models = (InjectionSession, Injection, Vial, Consent)
    before = [stored(model.objects.all()) for model in models]
    assert client_of("N").post(f"/sessions/{world.session.pk}/{action}/").status_code == 422
    assert [stored(model.objects.all()) for model in models] == before
