"""Searching and reading by FHIR: parameters, pages, versions, errors, and what the audit trail says of it."""

import datetime as dt
import json
from urllib.parse import unquote, urlencode

import pytest
import time_machine

from clinic.accounts.permissions import Permission
from clinic.models import AuditEntry
from patients.models import Visit
from planning.fhir.kinds import OF_A_PATIENT, SOURCES, parameters_of
from planning.fhir.opaque import VALID_SECONDS, opened, sealed
from tests import builders
from tests.planning.fhir.conftest import FORM
from tests.test_reads_audited import entries_since, last_entry

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


class People:
    """A patient with two records and a session each, and other patients."""

    def __init__(self):
        self.by = builders.a_person("neurologist", printed_name="Dr Search")
        self.main = builders.a_patient(
            family_name="Żółkiewska", given_name="Maria", record_number="RN-5501", date_of_birth="1951-02-03"
        )
        self.joined = builders.a_patient(family_name="Zolkiewska", record_number="RN-5502", date_of_birth="1951-02")
        self.other = builders.a_patient(family_name="Abara", diagnosis="Cervical dystonia")
        self.session = builders.a_signed_session_of(self.main, by=self.by, weeks_ago=20)
        self.later = builders.a_signed_session_of(self.joined, by=self.by, weeks_ago=4)
        self.elsewhere = builders.a_signed_session_of(self.other, by=self.by, weeks_ago=3)
        builders.the_same_person(self.main, self.joined, by=self.by)


@pytest.fixture(scope="module")
def people(module_transaction):
    return People()


@pytest.fixture
def program(reader, people):
    return reader(people.by)


def ids(resources):
    return [resource["id"] for resource in resources]


def day_of(session):
    return session.day_given.isoformat()


# Parameters


def test_search_by_patient_includes_joined_records(program, people):
    for patient in (people.main, people.joined):
        for text in (f"{patient.pk}", f"Patient/{patient.pk}", f"http://testserver/fhir/Patient/{patient.pk}"):
            found = program.search(f"Procedure?patient={text}")
            assert ids(found) == [str(people.session.pk), str(people.later.pk)]
    assert len(program.search(f"Procedure?patient={people.main.pk},{people.other.pk}")) == 3
    assert program.search("Procedure?patient=999999") == program.search("Procedure?patient=007") == []


def test_each_kind_of_a_patient_is_found_by_its_patient(program, people):
    for kind in set(OF_A_PATIENT) - {"Patient"}:
        name = "subject" if kind == "AdverseEvent" else "patient"
        for resource in program.search(f"{kind}?{name}={people.other.pk}"):
            assert f'"Patient/{people.other.pk}"' in json.dumps(resource) or kind == "Provenance"


def test_dates_find_sessions_and_visits(program, people):
    sessions = (people.session, people.later, people.elsewhere)
    first, second, third = map(day_of, sessions)
    for kind, name in (("Procedure", "date"), ("Appointment", "date"), ("Encounter", "date")):
        keys = [str(one.pk if kind == "Procedure" else one.visit_id) for one in sessions]
        assert ids(program.search(f"{kind}?{name}={second}")) == [keys[1]]
        assert ids(program.search(f"{kind}?{name}=ge{second}")) == keys[1:]
        assert ids(program.search(f"{kind}?{name}=gt{first}&{name}=lt{third}")) == [keys[1]]
    found = program.search(f"MedicationAdministration?effective-time={third}")
    assert {row["partOf"][0]["reference"] for row in found} == {f"Procedure/{people.elsewhere.pk}"}


def test_open_amendment_does_not_change_the_date_searched(program, people):
    session, day = people.elsewhere, day_of(people.elsewhere)
    builders.an_amendment(session, by=people.by)
    fresh = builders.now(session)
    type(session).objects.filter(pk=session.pk).update(given_on=fresh.day_given - dt.timedelta(days=200))
    assert ids(program.search(f"Procedure?date={day}")) == [str(session.pk)]
    assert ids(program.search(f"Procedure?date={session.day_given - dt.timedelta(days=200)}")) == []


def test_status_finds_one_or_several(program, people):
    assert len(program.search("Procedure?status=completed")) == 3
    assert len(program.search("Procedure?status=preparation,in-progress")) == 0
    assert len(program.search("Appointment?status=booked")) == Visit.objects.filter(state="booked").count()
    assert len(program.search("MedicationAdministration?status=completed,not-done")) == 6
    assert len(program.search("Observation?status=final")) == 0


def test_references_and_ids_find_their_rows(program, people):
    visit = people.session.visit_id
    assert ids(program.search(f"Procedure?encounter=Encounter/{visit}")) == [str(people.session.pk)]
    assert ids(program.search(f"Encounter?appointment=Appointment/{visit}")) == [str(visit)]
    assert len(program.search(f"Appointment?practitioner=Practitioner/{people.by.pk}")) == 3
    assert ids(program.search(f"Patient?_id={people.other.pk},{people.main.pk}")) == [
        str(people.main.pk), str(people.other.pk)
    ]  # fmt: skip
    record = people.session.records.get()
    assert ids(program.search(f"Provenance?_id=record-{record.pk},mark-1")) == [f"record-{record.pk}"]


def test_last_updated_finds_what_changed_since(program, people):
    changed = {
        kind: program.search(kind)[-1]["meta"]["lastUpdated"] for kind in ("Patient", "Appointment", "Provenance")
    }
    for kind, at in changed.items():
        at = at.replace("+00:00", "Z")
        for resource in program.search(f"{kind}?_lastUpdated=ge{at}"):
            assert resource["meta"]["lastUpdated"].replace("+00:00", "Z") >= at
        assert program.search(f"{kind}?_lastUpdated=ge{at}")
        assert program.search(f"{kind}?_lastUpdated=gt2099-01-01") == []
        assert len(program.search(f"{kind}?_lastUpdated=lt2099-01-01")) == len(program.search(kind))


def test_unsigned_session_is_in_every_list_of_changes(program, people):
    planned = builders.a_planned_session(by=people.by)
    assert ids(program.search("Procedure?_lastUpdated=gt2099-01-01")) == [str(planned.pk)]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("Patient?nobody=1", "nobody: This parameter is not supported. Leave it out."),
        ("Patient?name:exact=Ab", "name:exact: This parameter is not supported. Leave it out."),
        ("Patient?_count=0", "_count: Send a whole number from 1 to 100."),
        ("Patient?_count=1e1", "_count: Send a whole number from 1 to 100."),
        ("Patient?_id=1&_id=2", "_id: This parameter is sent twice. Send it once."),
        ("Patient?_lastUpdated=yesterday", "_lastUpdated: Send a time with its UTC offset, such as"),
        ("Practitioner?_lastUpdated=2026", "_lastUpdated: This parameter is not supported. Leave it out."),
        ("Procedure?date=2026-02-30", "date: Send a date such as 2026-03-01 or ge2026-03"),
        ("Procedure?status=done", "status: Send one or more of these: preparation, in-progress, completed"),
        ("Procedure?patient=Practitioner/1", "patient: Send the id of the record, such as Patient/1."),
        ("Procedure?patient=%00", "patient: At the beginning there is an invisible character (U+0000)."),
        (f"Patient?_id={'1,' * 800}1", "_id: Send at most 1500 characters in one search."),
        ("Procedure?_cursor=abc", "_cursor: This link is not valid any more. Start the search again."),
        ("Procedure?_cursor=abc&status=completed", "_cursor: Follow the link to the next page unchanged."),
        ("Patient/1/$everything?_type=Coverage", None),
        ("$export?_outputFormat=csv", "_outputFormat: Only lines of JSON are available"),
        ("$export?_since=x", "_lastUpdated: Send a time with its UTC offset"),
        ("$export?_type=AuditEvent", "_type: Send one or more of these: Patient,"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_rejected(path, message, program, people):
    path = path.replace("Patient/1/", f"Patient/{people.main.pk}/")
    assert program.refused(path, 400).startswith(message or "_type: Send one or more of these: Patient, ")


def test_only_json_is_available(program):
    assert program.refused("Patient?_format=xml", 406) == "Only JSON is available. Leave out _format."
    assert program.bundle("Patient?_format=json")
    assert program.client.get("/fhir/Patient", headers={**program.headers, "Accept": "text/html"}).status_code == 200


# Terms about a patient are not in URLs


@pytest.mark.parametrize(("name", "text"), [("name", "zolk"), ("identifier", "RN-5501"), ("birthdate", "1951")])
def test_term_about_a_patient_is_accepted_only_in_a_body(name, text, program, people):
    message = program.refused(f"Patient?{name}={text}", 400)
    assert message.startswith(f"{name}: Send this term in the body of a POST to Patient/_search")
    found = ids(program.posted("Patient", **{name: text}))
    assert found == ([str(people.main.pk), str(people.joined.pk)] if name == "birthdate" else [str(people.main.pk)])


def test_private_terms_are_exactly_those_with_text_of_a_patient():
    private = {(kind, name) for kind in SOURCES for name, one in parameters_of(kind).items() if one.private}
    assert private == {("Patient", "name"), ("Patient", "identifier"), ("Patient", "birthdate")}


def test_identifier_is_found_ignoring_case_and_with_its_system(program, people):
    for text in ("rn-5501", "urn:collum:record-number|RN-5501", "|RN-5501"):
        assert ids(program.posted("Patient", identifier=text)) == [str(people.main.pk)]
    assert program.posted("Patient", identifier="urn:other|RN-5501") == []
    assert program.posted("Patient", identifier="RN-550") == []


def test_number_of_another_system_is_shown_and_found(program, people):
    people.main.identifiers.create(system="https://hospital.example/mrn", value="77-31 A")
    people.main.identifiers.create(system="Old system", value="77-31 B")
    people.main.save()  # writes the keys of the search
    _, of_old, of_hospital = program.read(f"Patient/{people.main.pk}")["identifier"]
    assert of_hospital == {"system": "https://hospital.example/mrn", "value": "77-31 A"}
    assert of_old == {"assigner": {"display": "Old system"}, "value": "77-31 B"}
    for text in ("77-31 A", "https://hospital.example/mrn|77-31 A", "Old system|77-31 B"):
        assert ids(program.posted("Patient", identifier=text)) == [str(people.main.pk)]
    for text in ("77-31", "7731A", "https://hospital.example/mrn|77-31 B"):
        assert program.posted("Patient", identifier=text) == []


def test_links_of_a_search_do_not_contain_its_terms(program, people):
    for number in range(3):
        builders.a_patient(family_name="Żółkiewska", given_name=f"Number{number}")
    found, bundle = [], program.posted_bundle("Patient", name="Żółkiewska", _count=1)
    while True:
        found += [entry["resource"]["name"][0]["family"] for entry in bundle["entry"]]
        links = {link["relation"]: link["url"] for link in bundle["link"]}
        assert not [url for url in links.values() if "lkiewska" in unquote(url)]
        if "next" not in links:
            break
        bundle = program.bundle(links["next"].partition("/fhir/")[2])
    assert found == ["Żółkiewska"] * 4
    # And the link to itself repeats the search
    assert program.bundle(links["self"].partition("/fhir/")[2])["entry"] == bundle["entry"]


def test_sealed_text_is_only_for_its_user_and_one_day(people, neurologist):
    text = sealed({"terms": [["name", "Żółkiewska"]]}, by=people.by)
    assert opened(text, by=people.by) == {"terms": [["name", "Żółkiewska"]]}
    assert opened(text, by=neurologist) is None
    assert opened(text[:-3] + "abc", by=people.by) is opened("", by=people.by) is opened("ż" * 9, by=people.by) is None
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=VALID_SECONDS + 5)):
        assert opened(text, by=people.by) is None


def test_link_of_one_search_is_not_valid_for_another(program, people):
    bundle = program.bundle("Patient?_count=1")
    cursor = bundle["link"][-1]["url"].partition("?")[2]
    assert program.refused(f"Procedure?{cursor}", 400).startswith("_cursor: This link is not valid any more.")
    assert program.bundle(f"Patient?{cursor}")


def test_search_in_a_body_needs_a_form(program):
    assert program.post("/fhir/Patient/_search", {"name": "zolk"}).status_code == 415
    response = program.ask("POST", "/fhir/Patient/_search", raw=b"name=z", content_type=FORM)
    assert response.status_code == 400
    assert json.loads(response.content)["issue"][0]["diagnostics"] == "name: Send at least two letters."


# Pages


@pytest.mark.parametrize("kind", ["Patient", "MedicationAdministration", "Provenance"])
def test_pages_of_any_size_contain_every_resource_once(kind, program, people):
    builders.an_error(people.elsewhere, by=people.by)
    builders.undo_error(people.elsewhere, by=people.by)
    everything = ids(program.search(kind))
    assert len(everything) == len(set(everything)) > 2
    for size in (1, 3, 5000):
        assert ids(program.search(f"{kind}?_count={size}")) == everything


def test_everything_of_a_patient_comes_in_pages(program, people):
    whole = [(one["resourceType"], one["id"]) for one in program.search(f"Patient/{people.joined.pk}/$everything")]
    assert whole == [
        (one["resourceType"], one["id"]) for one in program.search(f"Patient/{people.main.pk}/$everything?_count=2")
    ]
    assert {kind for kind, _ in whole} == {
        "Patient", "Appointment", "Encounter", "Procedure", "MedicationAdministration", "Provenance"
    }  # fmt: skip
    assert whole.count(("Patient", str(people.other.pk))) == 0
    chosen = program.search(f"Patient/{people.main.pk}/$everything?_type=Procedure,Patient&_since=2020-01-01")
    assert [one["resourceType"] for one in chosen] == ["Patient"] * 2 + ["Procedure"] * 2
    assert program.search(f"Patient/{people.main.pk}/$everything?_since=2099-01-01") == []


def test_everything_says_what_its_reader_cannot_read(reader, people, staff):
    *found, outcome = reader(staff).search(f"Patient/{people.main.pk}/$everything")
    assert {one["resourceType"] for one in found} == {"Patient", "Appointment", "Encounter"}
    assert outcome["issue"][0]["details"]["text"] == (
        "This is not everything. You do not have permission to read: Procedure, MedicationAdministration, Provenance, "
        "Observation, AdverseEvent."
    )


@pytest.mark.parametrize("name", ["name", "identifier", "birthdate"])
@pytest.mark.parametrize("text", ["\x00", "a\u202eb", "x" * 1501, "", "%", "'; --", "1951-02-30"])
@pytest.mark.sample(3)
def test_hostile_term_is_found_nowhere_or_rejected(name, text, program, people):
    response = program.ask("POST", "/fhir/Patient/_search", raw=urlencode({name: text}).encode(), content_type=FORM)
    assert response.status_code in (200, 400)
    assert "entry" not in json.loads(response.content)


def test_adverse_event_is_found_by_the_day_it_began(program, people):
    event = builders.an_event(session=people.session, by=people.by, began_day=3)
    began = people.session.day_given + dt.timedelta(days=3)
    assert ids(program.search(f"AdverseEvent?date={began}")) == [str(event.pk)]
    assert ids(program.search(f"AdverseEvent?date=gt{began}")) == []


# Versions


def test_known_version_is_not_sent_again(program, people):
    path = f"/fhir/Patient/{people.other.pk}"
    first = program.get(path)
    tag = first["ETag"]
    assert tag == f'W/"{json.loads(first.content)["meta"]["versionId"]}"'
    for header in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = program.get(path, If_None_Match=header)
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    assert program.get(path, If_None_Match='W/"other"').status_code == 200
    people.other.phone = "020 7946 0000"
    people.other.save()
    changed = program.get(path, If_None_Match=tag)
    assert (changed.status_code, changed["ETag"] != tag) == (200, True)


@pytest.mark.parametrize("id_", ["0", "999999", "01", "1,2", "a", "9" * 40, "record-1", "1 ", "-1", "Patient"])
@pytest.mark.sample(3)
def test_unknown_id_is_not_found(id_, program, people):
    for kind in ("Patient", "Procedure", "MedicationAdministration"):
        assert program.refused(f"{kind}/{id_}", 404) == "This record or page does not exist."


def test_other_urls_and_methods_get_an_outcome(program, people):
    assert program.refused("Coverage", 404)
    assert program.refused(f"Patient/{people.main.pk}/", 404)
    for method in ("PUT", "PATCH", "POST", "DELETE"):
        response = program.ask(method, f"/fhir/Patient/{people.main.pk}")
        assert response.status_code == 405
        assert json.loads(response.content)["issue"][0]["code"] == "not-supported"


# Who, and what the audit trail says


def test_request_without_a_token_is_denied(program, people):
    program.headers = {}
    assert program.refused(f"Patient/{people.main.pk}", 401) == "Log in, or send a token."
    program.headers = {"Authorization": "Bearer collum_wrong"}
    assert program.refused(f"Patient/{people.main.pk}", 401).startswith("This token is unknown")


def test_token_reads_only_what_its_owner_ticked(reader, people):
    narrow = reader(people.by, {Permission.SEE_PATIENTS})
    assert narrow.search("Patient")
    assert narrow.refused("Procedure", 403)
    assert {one["resourceType"] for one in narrow.search(f"Patient/{people.main.pk}/$everything")} == {
        "Patient", "OperationOutcome"
    }  # fmt: skip


def test_read_leaves_one_entry_that_names_its_patients(program, people):
    before = last_entry()
    program.search(f"Procedure?patient={people.main.pk}")
    program.read(f"Procedure/{people.elsewhere.pk}")
    both = {people.main.pk, people.joined.pk}
    assert entries_since(before) == [("read", both), ("read", {people.other.pk})]
    entry = AuditEntry.objects.latest("pk")
    assert (entry.route, entry.actor) == ("fhir:procedure-detail", people.by)


def test_unchanged_version_is_a_read(program, people):
    before = last_entry()
    assert program.get(f"/fhir/Patient/{people.other.pk}", If_None_Match="*").status_code == 304
    assert entries_since(before) == [("read", {people.other.pk})]


def test_reading_the_audit_trail_is_recorded(reader, people, auditor):
    asks = reader(auditor)
    before = last_entry()
    asks.search(f"AuditEvent?patient={people.joined.pk}")
    (entry, *_) = asks.bundle("AuditEvent?_count=1")["entry"]
    asks.read(f"AuditEvent/{entry['resource']['id']}")
    assert asks.get(f"/fhir/AuditEvent/{entry['resource']['id']}", If_None_Match="*").status_code == 304
    assert entries_since(before) == [
        ("read the audit trail", {people.main.pk, people.joined.pk}), *[("read the audit trail", set())] * 3
    ]  # fmt: skip


def test_description_lists_what_can_be_searched(program):
    statement = program.read("metadata")
    listed = {each["type"]: {one["name"] for one in each["searchParam"]} for each in statement["rest"][0]["resource"]}
    assert listed == {kind: set(parameters_of(kind)) for kind in SOURCES}
    assert statement["fhirVersion"] == "4.0.1"
    codes = {one["code"] for each in statement["rest"][0]["resource"] for one in each["interaction"]}
    assert codes == {"read", "search-type"}
