"""Pages and API cannot drift: they do the same things by the same actions, and leave the same rows behind."""

import ast
import datetime as dt
import inspect
import json
from functools import cache
from itertools import count
from types import SimpleNamespace
from unittest import mock

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.db import transaction

from clinic.models import AuditEntry
from patients.models import Coverage, FollowUp, Patient, Therapy, Visit, WaitingEntry
from planning.models import Injection, InjectionSession, Vial
from tests import builders
from tests.api.interfaces import ApiInterface, PageInterface

pytestmark = pytest.mark.django_db

NINE = dt.datetime(2026, 5, 4, 9, tzinfo=dt.UTC)
# Of the signed content and its ids: those of PostgreSQL go on after a rollback.
HASHES = {"content_hash", "previous_hash", "hash", "mac"}
TEXTS_OF_IDS = {"content_text", "rows_as_signed"}
# Filled by migrations, and by no story.
REFERENCE = {"planning.muscle", "planning.product", "planning.instrument", "planning.reasonnotgiven",
             "planning.lettertemplate"}  # fmt: skip


class RolledBack(Exception):  # noqa: N818  (nothing went wrong)
    """Rolls a story back, so that it can be run again."""


class Story:
    """Runs a story through one of the interfaces; a minute passes after each step."""

    def __init__(self, way, people, clock):
        self.people, self.clock = people, clock
        self.ways = SimpleNamespace(**{name: way(person) for name, person in vars(people).items()})

    def __getattr__(self, who):
        """`story.desk("book", …)` does it as that person."""
        way = getattr(self.ways, who)

        def do(what, *args, **typed):
            getattr(way, what)(*args, **typed)
            self.clock.shift(60)

        return do


def last(model, **of):
    return model.objects.filter(**of).latest("pk")


# The stories


def records_of_a_patient(story, people):
    story.desk(
        "register", family_name="Zażółć", given_name="Gęślą", date_of_birth="1969-03-14", sex="female", phone="0555 1",
        note="A note\nof two lines",
    )  # fmt: skip
    patient = last(Patient)
    story.desk("change_patient", patient, phone="0555 2", email="z@example.org", agreed_to_reminders=True)
    coverage = {"payer": "Example Health", "decision": "approved", "valid_from": "2026-01-01", "sessions_authorised": 4}
    story.desk("add_record", patient, "coverage", **coverage, amount_charged="1.10 EUR")
    story.desk("change_record", last(Coverage), "coverage", valid_until="2026-12-31", plan="Second")
    story.desk("add_record", patient, "coverage", payer="Wrong")
    story.desk("mark_record", last(Coverage), "coverage", "Of somebody else")
    story.desk("add_record", patient, "therapies", kind="physical_therapy", started="spring", provider="A clinic")
    story.desk("change_record", last(Therapy), "therapies", stopped="summer", description="Twice a week")
    story.desk("mark_record", last(Therapy), "therapies", "Of somebody else")


def at_the_desk(story, people):
    patient = builders.a_patient(by=people.desk)
    doctor, today = people.doctor, builders.today()
    story.desk("book", patient, clinician=doctor, kind="injection", starts_at=builders.at(today, 10), minutes=20)
    story.desk("move", last(Visit), starts_at=builders.at(today, 11, 30))
    story.desk("visit_becomes", last(Visit), "arrived")
    story.doctor("visit_becomes", last(Visit), "finished", weeks=6)
    story.doctor(
        "arrange_follow_up",
        patient,
        due_on=today + dt.timedelta(days=30),
        clinician=people.trainee,
        kind="review",
        why="Look",
    )
    follow_up = last(FollowUp)
    story.desk("log_contact", follow_up, how="phone", outcome="no_answer", note="Rang twice")
    call = (today + dt.timedelta(days=2)).isoformat()
    story.desk("log_contact", follow_up, how="letter", outcome="sent", call_again_on=call)
    story.desk("book_follow_up", follow_up, starts_at=builders.at(today, 15))
    story.desk("visit_becomes", last(Visit), "no_show")
    story.desk("close", follow_up, "Moved away")
    other = FollowUp.objects.exclude(pk=follow_up.pk).get()
    day = builders.at(today + dt.timedelta(days=40), 9)
    story.desk("book", patient, clinician=doctor, kind="injection", starts_at=day, follow_up=other)
    story.desk("visit_becomes", last(Visit), "cancelled", reason="ill")


def on_the_waiting_list(story, people):
    patient, today = builders.a_patient(by=people.desk), builders.today()
    story.desk("add_to_waiting_list", patient, kind="review", from_on=today.isoformat(), note="Lives nearby")
    story.desk("change_waiting", last(WaitingEntry), clinician=people.doctor.pk, sunday=False, part_of_day="morning")
    later = builders.at(today + dt.timedelta(days=3), 10)
    story.desk("book", patient, clinician=people.doctor, kind="review", starts_at=later)
    story.desk("add_to_waiting_list", patient, kind="injection", from_on=today.isoformat())
    story.desk("remove_from_waiting_list", last(WaitingEntry), "No longer needed")


def a_plan(story, people, *, hour):
    """A planned session of an arrived visit, with two rows."""
    story.desk(
        "book", builders.a_patient(by=people.desk), clinician=people.doctor, kind="injection",
        starts_at=builders.at(builders.today(), hour),
    )  # fmt: skip
    story.desk("visit_becomes", last(Visit), "arrived")
    story.trainee("plan", last(Visit))
    session = last(InjectionSession)
    story.trainee("choose_product", session, builders.a_product())
    for short, side in (("SCM", "right"), ("LS", "left")):
        story.trainee("add", session, builders.a_muscle(short), side)
    return session, *session.injections.in_order()


def a_session(story, people):
    # It is planned
    session, first, second = a_plan(story, people, hour=10)
    story.doctor("type_row", first, planned_dose="2.50", sites=3, guidance="emg", note="upper third")
    story.doctor("choose_product", session, builders.a_product("Dysport"), confirmed=True)
    story.doctor("type_row", first, planned_dose="007")
    story.doctor("type_row", second, planned_dose="1.11")
    story.doctor("add", session, builders.a_muscle("SCAL"), "left")
    removed = last(Injection)
    story.doctor("type_row", removed, planned_dose="3.33")
    story.doctor("remove_row", removed)
    story.doctor("restore_row", removed)
    story.doctor("remove_row", removed)
    # It is recorded
    story.trainee("record", session)
    story.trainee("go_back_to_plan", session)
    story.doctor("note", session, notes="Said in planning")
    story.doctor("record", session)
    story.doctor("add_vial", session, lot_number="LOT-1", expiry="03/28", size="100", shared="no")
    vial = last(Vial)
    story.doctor("change_vial", vial, lot_number="LOT-2", diluent="saline, 2 ml", discarded="none")
    story.doctor("add_vial", session, lot_number="LOT-3")
    story.doctor("add_vial", session, lot_number="LOT-4")
    story.doctor("remove_vial", last(Vial))
    story.trainee("type_row", first, given_dose="2.50", vial=vial)
    story.doctor("type_row", second, not_given=True, not_given_reason="Pain")
    story.doctor("note", session, operator=people.trainee, complications="None", given_on=builders.today().isoformat())
    # It is signed, amended and signed again; another amendment is discarded
    story.doctor("sign", session, weeks=12)
    story.doctor("amend", session, kind="recorded_wrongly", reason="From the\nwrong sheet")
    story.doctor("type_row", first, given_dose="7.77")
    story.doctor("sign", session)
    story.doctor("amend", session, kind="given_otherwise", reason="One more")
    story.doctor("note", session, notes="Thought better of")
    story.doctor("discard_amendment", session)
    story.doctor("visit_becomes", session.visit, "finished")


def sessions_that_end_otherwise(story, people):
    session, *_ = a_plan(story, people, hour=10)
    story.doctor("end_as_not_done", session, reason="Felt unwell", none="Treated elsewhere")
    session, first, _ = a_plan(story, people, hour=11)
    story.doctor("type_row", first, planned_dose="1.11")
    story.doctor("mark_session", session, "Another patient’s")
    # A cancelled visit ends its plan, and a moved one takes it with it
    session, *_ = a_plan(story, people, hour=12)
    story.desk("visit_becomes", session.visit, "cancelled", reason="ill")
    story.desk(
        "book", builders.a_patient(by=people.desk), clinician=people.doctor, kind="injection",
        starts_at=builders.at(builders.today(), 13),
    )  # fmt: skip
    story.trainee("plan", last(Visit))
    story.desk("move", last(Visit), starts_at=builders.at(builders.today(), 14))
    story.desk("visit_becomes", last(Visit), "no_show")


STORIES = [records_of_a_patient, at_the_desk, on_the_waiting_list, a_session, sessions_that_end_otherwise]


# What they leave behind


def left_behind():
    """Every row of patients and planning, as values; an id is its place among the rows of its kind."""
    kinds = [*apps.get_app_config("patients").get_models(), *apps.get_app_config("planning").get_models()]
    kinds = [kind for kind in kinds if kind._meta.label_lower.replace("historical", "") not in REFERENCE]
    places = {kind: {pk: place for place, pk in enumerate(_ids(kind))} for kind in kinds}
    return {
        kind._meta.label: [_values(row, places) for row in kind._base_manager.order_by(kind._meta.pk.name)]
        for kind in kinds
    }


def _ids(kind):
    return kind._base_manager.order_by("pk").values_list("pk", flat=True)


def _values(row, places):
    values = {}
    for field in row._meta.concrete_fields:
        value = field.value_from_object(row)
        kind = _refers_to(field)
        if field.name in HASHES:
            value = "a hash" if value else ""
        elif field.name in TEXTS_OF_IDS:
            value = _without_ids(json.loads(value))
        elif kind in places and value is not None:
            value = places[kind].get(value)
        values[field.name] = value
    return values


def _refers_to(field):
    """The kind of the id in the field; None where there is none."""
    if field.is_relation:
        return field.related_model
    if field.primary_key:
        return field.model
    history_of = getattr(field.model, "instance_type", None)
    return history_of if history_of is not None and field.name == history_of._meta.pk.name else None


def _without_ids(content):
    """The same, where every id and every name that is one is left out."""
    if isinstance(content, list):
        return [_without_ids(one) for one in content]
    if not isinstance(content, dict):
        return content
    left = {name: value for name, value in content.items() if name not in ("id", "vial", "session", "visit")}
    by_id = all(name.isdecimal() for name in left)
    return [_without_ids(one) for one in left.values()] if by_id else {
        name: _without_ids(value) for name, value in left.items()
    }  # fmt: skip


def audit_entries():
    """The audit entries: the action, its user, and the number of patients."""
    entries = AuditEntry.objects.exclude(action__in=("read", "logged in")).order_by("pk").prefetch_related("patients")
    return [
        (entry.at, entry.actor_id, entry.action, entry.object_type, entry.outcome, entry.patients.count())
        for entry in entries
    ]


@pytest.fixture(scope="module")
def people(module_transaction):
    return SimpleNamespace(
        doctor=builders.a_person("neurologist", printed_name="Dr A. Morgan"),
        trainee=builders.a_person("trainee", printed_name="Dr T. Young"),
        desk=builders.a_person("clinic staff", printed_name="Sam Desk"),
    )


@pytest.fixture(scope="module")
def left_by(people):
    """`left_by(story, way)`: what a story leaves behind; each is run once."""
    return cache(lambda story, way: run(story, way, people))


def run(story, way, people):
    """What a story leaves behind; then it is taken back."""
    try:
        numbers = mock.patch.object(builders.of_people, "_numbers", count(10_000))
        with time_machine.travel(NINE, tick=False) as clock, transaction.atomic(), numbers:
            story(Story(way, people, clock), people)
            rows, trail = left_behind(), audit_entries()
            raise RolledBack
    except RolledBack:
        return rows, trail


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_pages_and_api_leave_the_same_rows_behind(story, left_by):
    by_pages, audited_by_pages = left_by(story, PageInterface)
    by_api, audited_by_api = left_by(story, ApiInterface)
    for name, rows in by_pages.items():
        assert by_api[name] == rows, name
    assert audited_by_api == audited_by_pages
    assert sum(map(len, by_pages.values())) > 15


def test_difference_is_detected(people, left_by):
    class Otherwise(ApiInterface):
        def note(self, session, **typed):
            super().note(session, **{**typed, **({"notes": typed["notes"] + " "} if "notes" in typed else {})})

        def type_row(self, row, **typed):
            super().type_row(row, **{**typed, **({"sites": 4} if "sites" in typed else {})})

    by_pages, _ = left_by(a_session, PageInterface)
    otherwise, _ = run(a_session, Otherwise, people)
    assert {name for name, rows in by_pages.items() if otherwise[name] != rows} >= {
        "planning.Injection", "planning.SignedRecord",
    }  # fmt: skip


def test_pages_and_api_have_the_same_steps():
    def what(way):
        return {
            name: list(inspect.signature(do).parameters)
            for name, do in vars(way).items()
            if inspect.isfunction(do) and not name.startswith("_")
        }

    pages, program = what(PageInterface), what(ApiInterface)
    sending = {"send", "send_form", "patch", "remove"}
    assert {name: words for name, words in pages.items() if name not in sending} == {
        name: words for name, words in program.items() if name not in sending
    }


def test_steps_cover_every_operation_that_writes(left_by):
    """Of what is compared there are rows, but for what no program writes."""
    seen = set()
    for story in STORIES:
        rows, _ = left_by(story, ApiInterface)
        seen |= {name for name, there in rows.items() if there}
    models_of_them = {name for name in rows if not name.split(".")[1].startswith("Historical")}
    unaudited = models_of_them - seen
    assert unaudited <= {
        "planning.ReviewRequest", "planning.Letter", "planning.LetterSending", "planning.DataExport",
        "planning.ScannedGtin", "planning.SessionElsewhere", "patients.ReminderRun",
        "patients.PatientIdentifier", "patients.ImportBatch", "patients.ImportFile", "patients.ImportRow",
        "patients.ImportedRecord", "patients.ColumnMatch",
        "patients.Absence", "patients.CalendarFeed", "patients.Closure", "patients.WorkingHours", "patients.Reminder",
        "patients.SlipText", "patients.Delay",
        "patients.ReminderText", "patients.ChangeMessage", "patients.SamePerson", "patients.SamePerson_visits_moved",
        "patients.SamePerson_follow_ups_moved", "patients.SamePerson_waiting_moved",
        "patients.NotSamePerson", "patients.PossibleDuplicate",
        "planning.MuscleSet", "planning.MuscleSetEntry", "planning.Consent", "planning.InformationGiven",
        "planning.Assessment", "planning.PostureFinding", "planning.SymptomFinding", "planning.Score",
        "planning.Response", "planning.AdverseEvent",
    }  # fmt: skip


# By the same actions

WRITES = {
    "save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "acreate",
    "asave", "adelete", "aupdate", "save_base", "raw", "execute", "set", "add", "remove", "clear", "perform_create",
    "perform_update", "perform_destroy", "store",
}  # fmt: skip
STORING = {"store", "store_new", "assign"}
OF_SETS = {"add", "remove", "set", "clear", "update"}  # also of Python's own


def modules():
    for app in ("clinic", "patients", "planning"):
        yield from sorted((settings.BASE_DIR / app).glob("*/api.py"))
        yield from sorted((settings.BASE_DIR / app).glob("**/api/*.py"))


def writes_in(tree):
    """Calls by which a model would be written, with their lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            owner = ast.unparse(node.func.value)
            if node.func.attr not in OF_SETS or "objects" in owner or owner.endswith("_set"):
                yield node.lineno, f"{owner}.{node.func.attr}"
        if isinstance(node, ast.ImportFrom) and node.module == "clinic.records.actions":
            yield from ((node.lineno, name.name) for name in node.names if name.name in STORING)


def test_api_modules_do_not_write_to_the_database():
    found = {path.relative_to(settings.BASE_DIR).as_posix(): path.read_text() for path in modules()}
    assert len(found) > 15
    assert {name: writes for name, code in found.items() if (writes := list(writes_in(ast.parse(code))))} == {}


@pytest.mark.parametrize(
    "code",
    [
        "patient.save()", "Patient.objects.create(a=1)", "Patient.objects.filter(a=1).update(b=2)", "row.delete()",
        "Vial.objects.bulk_create(rows)", "serializer.save()", "from clinic.records.actions import store",
        "session.injections.create(a=1)", "cursor.execute('UPDATE x')",
    ],
)  # fmt: skip
def test_write_in_a_module_is_detected(code):
    assert list(writes_in(ast.parse(code))) != []
