"""How PostgreSQL would find what the pages show, in a database of some size: by an index, never by reading a table."""

import datetime as dt

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.api.pagination import Ordering
from clinic.models import AuditEntry, User
from patients.models import Coverage, FollowUp, Patient, PossibleDuplicate, Therapy, Visit, VisitState
from planning.demo.crowd import CrowdCourse
from planning.models import InjectionSession, LotSpelling, SignedLot, SignedRecord, Vial
from planning.reports.overview_figures import Span, overview_of
from tests import builders

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="plans of PostgreSQL"),
]

PATIENTS = 2_500
# Tables that grow over the years; the others (users, catalogue, clinic) can be read completely.
# A recall compares with each spelling of a lot: there are far fewer of them than vials.
GROWING = {model._meta.db_table for model in (*CrowdCourse.MODELS, Coverage, Therapy, PossibleDuplicate)} - {
    LotSpelling._meta.db_table
}
# Indexes that contain only open tasks.
OF_WHAT_IS_OPEN = {
    "patients_duplicate_undecided",
    "patients_followup_not_closed",
    "patients_patient_expected",
    "patients_visit_to_be_done",
    "planning_session_open",
    "planning_amendment_is_open_once",
}


@pytest.fixture(scope="module")
def crowd(module_transaction):
    call_command("seed", patients=PATIENTS, verbosity=0)
    _add_records()


def _add_records():
    """Each patient has a coverage, until one day or another, and a therapy."""
    by, today = User.objects.get(username="desk"), builders.today()
    patients = list(Patient.objects.order_by("pk").values_list("pk", flat=True))
    Coverage.objects.bulk_create(
        Coverage(patient_id=pk, payer="Example Health", valid_until=today + dt.timedelta(days=pk % 200), recorded_by=by)
        for pk in patients
    )
    Therapy.objects.bulk_create(Therapy(patient_id=pk, kind="physical_therapy", recorded_by=by) for pk in patients)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def arrived():
    """Today's visit of the first neurologist, whose patient was treated before."""
    return Visit.objects.filter(state=VisitState.ARRIVED, clinician__username="neurologist").earliest("pk")


PAGES = {
    "search by a beginning": ("desk", lambda: ("/patients/", {"q": "testm"})),
    "possible duplicates": ("desk", lambda: "/patients/possible-duplicates/"),
    "search by two words": ("desk", lambda: ("/patients/", {"q": "testman ada"})),
    "search by a record number": ("desk", lambda: ("/patients/", {"q": arrived().patient.record_number})),
    "search by a birth date": ("desk", lambda: ("/patients/", {"q": arrived().patient.date_of_birth})),
    "today, everybody’s": ("desk", lambda: f"/?day={arrived().day}"),
    "today, one’s own": ("neurologist", lambda: f"/?day={arrived().day}"),
    "patient": ("neurologist", lambda: arrived().patient.get_absolute_url()),
    "visit": ("neurologist", lambda: arrived().get_absolute_url()),
    "session": ("neurologist", lambda: arrived().sessions.get().get_absolute_url()),
    "read-back": ("neurologist", lambda: f"{arrived().sessions.get().get_absolute_url()}sign/"),
    "record": ("neurologist", lambda: SignedRecord.objects.first().get_absolute_url()),
    "follow-ups": ("desk", lambda: "/follow-ups/"),
    "follow-ups never contacted": ("desk", lambda: "/follow-ups/?only=uncontacted"),
    "a follow-up": ("desk", lambda: f"/follow-ups/{FollowUp.objects.filter(closed_at=None).first().pk}/"),
    "diary, a day": ("desk", lambda: f"/visits/?day={arrived().day}"),
    "diary, a week": ("desk", lambda: f"/visits/?view=week&day={arrived().day}"),
    "to be moved": ("desk", lambda: "/visits/to-move/"),
    "past visits without an outcome": ("desk", lambda: "/visits/unsettled/"),
    "not authorised": ("desk", lambda: "/visits/not-authorised/"),
    "coverage": ("desk", lambda: f"/patients/{arrived().patient_id}/coverage/"),
    "book a visit": ("desk", lambda: f"/patients/{arrived().patient_id}/visits/new/?kind=injection"),
    "move a visit": ("desk", lambda: f"/visits/{Visit.objects.filter(state=VisitState.BOOKED).first().pk}/move/"),
    "a lot": ("neurologist", lambda: f"/lots/?lot={SignedLot.objects.first().lot_number.lower()}"),
    "a part of a lot": ("neurologist", lambda: f"/lots/?lot={SignedLot.objects.first().lot_number[1:].lower()}"),
    "to sign": ("neurologist", lambda: "/to-sign/"),
    "audit": ("auditor", lambda: "/audit/"),
    "audit of a patient": ("auditor", lambda: ("/audit/", {"record_number": arrived().patient.record_number})),
    "audit of a user": ("auditor", lambda: ("/audit/", {"person": User.objects.get(username="desk").pk})),
    "audit of a day": ("auditor", lambda: ("/audit/", {"since": arrived().day, "until": arrived().day})),
    "audit of failed logins": ("auditor", lambda: "/audit/?action=failed-logins"),
    "audit of prints": ("auditor", lambda: "/audit/?action=prints"),
    "audit of an action": ("auditor", lambda: ("/audit/", {"action": "did signed", "outcome": "done"})),
    "API: visits": ("desk", lambda: "/api/v1/visits/"),
    "API: visits, far behind": ("desk", lambda: f"/api/v1/visits/?cursor={halfway('starts_at')}"),
    "API: visits backwards": ("desk", lambda: f"/api/v1/visits/?ordering=-starts_at&cursor={halfway('-starts_at')}"),
    "API: visits by id": ("desk", lambda: f"/api/v1/visits/?ordering=id&cursor={halfway('id')}"),
    "API: visits of a day": ("desk", lambda: f"/api/v1/visits/?day={arrived().day}"),
    "API: visits since a day": ("desk", lambda: f"/api/v1/visits/?from={arrived().day}&clinician=1"),
    "API: visits of a patient": ("desk", lambda: f"/api/v1/visits/?patient={arrived().patient_id}"),
    "API: visits still booked": ("desk", lambda: "/api/v1/visits/?state=booked"),
    "API: a visit": ("desk", lambda: f"/api/v1/visits/{arrived().pk}/"),
    "API: patients": ("desk", lambda: "/api/v1/patients/"),
    "API: patients found": ("desk", lambda: ("/api/v1/patients/search/", {"search": arrived().patient.record_number})),
    "API: patients changed": ("desk", lambda: "/api/v1/patients/?updated_since=2020-01-01T00:00:00Z"),
    "API: follow-ups": ("desk", lambda: "/api/v1/follow-ups/?state=open"),
    "API: follow-ups overdue": ("desk", lambda: "/api/v1/follow-ups/?overdue=true"),
    "API: sessions": ("neurologist", lambda: "/api/v1/sessions/"),
    "API: sessions of a patient": ("neurologist", lambda: f"/api/v1/sessions/?patient={arrived().patient_id}"),
    "API: sessions to be signed": ("neurologist", lambda: "/api/v1/sessions/?state=given"),
    "API: sessions planned": ("neurologist", lambda: "/api/v1/sessions/?state=planned"),
    "API: a session": ("neurologist", lambda: f"/api/v1/sessions/{arrived().sessions.get().pk}/"),
    "API: a record": ("neurologist", lambda: f"/api/v1/records/{SignedRecord.objects.first().pk}/"),
    "API: a lot": ("neurologist", lambda: f"/api/v1/lots/?lot={SignedLot.objects.first().lot_number.lower()}"),
    "API: a part of a lot": ("neurologist", lambda: "/api/v1/lots/?lot=emo0&match=possible"),
    "API: audit": ("auditor", lambda: "/api/v1/audit/"),
    "API: audit of a patient": ("auditor", lambda: f"/api/v1/audit/?patient={arrived().patient_id}"),
}


def halfway(ordering):
    """The cursor of a page in the middle of all visits."""
    visits = Ordering(ordering, Visit.objects.all())
    return visits.cursor_behind(visits.sort(Visit.objects.all())[Visit.objects.count() // 2])


@pytest.mark.parametrize("name", PAGES)
def test_page_finds_its_rows_by_indexes(crowd, name):
    who, path = PAGES[name]
    client = Client()
    address = path()
    # On a weekend, the seeded day is the next Monday.
    with time_machine.travel(arrived().starts_at):
        client.force_login(User.objects.get(username=who))
        with CaptureQueriesContext(connection) as asked:
            assert opened(client, address).status_code == 200

    assert len(statements(asked)) > 2  # besides the login and its user
    assert tables_read_whole(asked) == {}


def test_overview_reads_only_its_period(crowd):
    # The default of twelve months contains almost all rows of this crowd.
    span = Span(1, builders.today())
    with CaptureQueriesContext(connection) as asked:
        overview_of(span)
    assert len(statements(asked)) == 5
    assert tables_read_whole(asked) == {}


def statements(asked):
    return [query["sql"] for query in asked if query["sql"].startswith(("SELECT", "WITH"))]


def tables_read_whole(asked):
    return {statement: tables for statement in statements(asked) if (tables := read_whole(statement))}


def opened(client, address):
    """A search is sent as a form, or to the API as JSON."""
    if isinstance(address, str):
        return client.get(address)
    path, typed = address
    return client.post(path, typed, **({"content_type": "application/json"} if path.startswith("/api/") else {}))


def read_whole(statement):
    """The growing tables that this statement reads completely, for any size.

    PostgreSQL reads a small table completely despite an index, so sequential scans are made expensive here, and
    its memory is limited.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        for way in ("seqscan", "hashjoin", "mergejoin"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute("SET LOCAL work_mem = '64kB'")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}")
        plan = cursor.fetchone()[0][0]["Plan"]
    return set(_read_whole(plan, limited=False))


def _read_whole(node, *, limited):
    kind, table = node["Node Type"], node.get("Relation Name")
    limited = limited or kind == "Limit"
    by_no_condition = kind.startswith("Index") and "Index Cond" not in node and not limited
    if table in GROWING and (kind == "Seq Scan" or by_no_condition) and node.get("Index Name") not in OF_WHAT_IS_OPEN:
        yield table
    for child in node.get("Plans", ()):
        yield from _read_whole(child, limited=limited)


def test_full_table_scan_is_detected(crowd):
    assert read_whole("SELECT * FROM planning_injection WHERE note = 'x'") == {"planning_injection"}
    assert read_whole("SELECT * FROM planning_vial ORDER BY id") == {"planning_vial"}
    assert read_whole("SELECT * FROM planning_vial ORDER BY id LIMIT 5") == set()


def test_spellings_of_lots_are_few(crowd):
    assert LotSpelling.objects.count() < Vial.objects.count() / 20


def test_seeded_data_is_realistic(crowd):
    """The rows have what Collum's actions would create, and nothing that they would refuse."""
    assert Patient.objects.count() == PATIENTS
    assert Visit.objects.count() > 2 * PATIENTS
    records = SignedRecord.objects.select_related("session__visit__patient")
    for record in records[:50]:
        assert record.is_intact()
        assert [lot.lot_number for lot in record.lots.all()] == [vial["lot_number"] for vial in record.content["vials"]]
        assert record.content == record.session.content()
        assert record.session.signed_at == dt.datetime.fromisoformat(record.signed_at)
    assert (
        records.count()
        == InjectionSession.objects.signed().count()
        == AuditEntry.objects.filter(action="signed").count()
    )
    assert FollowUp.objects.open().filter(patient__visits__in=Visit.objects.ahead()).exists() is False
    for patient in Patient.objects.order_by("?")[:20]:
        assert patient in Patient.objects.found_by(patient.record_number)
        patient.full_clean()


def test_patient_registered_after_seeding_gets_a_new_number(crowd):
    assert builders.a_patient().record_number == f"CD-{PATIENTS + 1:06d}"
