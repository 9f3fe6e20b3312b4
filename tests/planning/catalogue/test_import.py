"""An import as a write: in few statements, with history, versions and an audit entry for each entry."""

import time
from functools import partial

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.models import AuditEntry
from clinic.records.exceptions import Conflict
from planning.catalogue.actions.entries import change_entry
from planning.catalogue.actions.imports import import_entries
from planning.catalogue.csv_files import CsvFile
from planning.catalogue.exchange import columns_of
from planning.catalogue.import_plan import ImportPlan
from planning.models import Instrument, Muscle, Product
from tests import builders
from tests.clinic.web.test_busy_database import another_writer
from tests.parallel import at_once
from tests.planning.catalogue.test_exchange import INSTRUMENTS, MUSCLES, PRODUCTS, offer, save, stored

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


def file_of(text, model=Muscle):
    return CsvFile(text, columns=columns_of(model))


def plan_of(text, model=Muscle):
    return ImportPlan(model, file_of(text, model))


def imported(text, *, by, model=Muscle):
    return import_entries(model=model, file=file_of(text, model), by=by, digest=plan_of(text, model).digest)


def word(number):
    return "".join("abcdefghij"[int(digit)] for digit in str(number))


def many(rows, description="Anatomy"):
    """All but the first are parts of it."""
    lines = (
        f"Muscle {each},M-{each},musculus {each},other {each},{description},A{n:08},{'Muscle a' if n else ''}"
        for n, each in enumerate(map(word, range(rows)))
    )
    return "\n".join(["name,short_name,latin_name,synonyms,description,ta98,group", *lines])


def statements(call):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        call()
    return [query["sql"] for query in queries]


def test_preview_reads_in_two_statements_for_any_file(catalogue_manager):
    imported(many(3), by=catalogue_manager)
    for rows in (3, 60):
        asked = statements(lambda rows=rows: plan_of(many(rows, "Changed")))
        assert len(asked) == 2
        assert all(sql.startswith("SELECT") and "FOR " not in sql for sql in asked)


def test_import_of_sixty_rows_costs_as_many_statements_as_six(catalogue_manager):
    imported(many(1), by=catalogue_manager)
    counts = []
    for rows, description in ((6, "One"), (6, "Two"), (60, "Three"), (60, "Four")):
        text = many(rows, description)
        digest = plan_of(text).digest
        counts.append(
            len(statements(lambda text=text, digest=digest: import_entries(
                model=Muscle, file=file_of(text), by=catalogue_manager, digest=digest
            )))
        )  # fmt: skip
    assert counts[2] <= counts[0] + 20, "only what the engine cannot take in one statement"
    assert counts[3] <= counts[1] + 20


def test_imported_entries_have_keys_history_and_version(catalogue_manager):
    scalene = builders.a_muscle("LS")
    text = (
        "name,short_name,group,latin_name,order\n"
        "Levator scapulae,LEV,,m. levator scapulae,7\n"
        "Splenius,SPL,,,1\n"
        "Splenius capitis,SPLC,Splenius,,2\n"
    )
    imported(text, by=catalogue_manager)
    part = Muscle.objects.get(short_name="SPLC")
    assert part.group.name == "Splenius"
    assert part.history.get().group.name == "Splenius"
    changed = Muscle.objects.get(pk=scalene.pk)
    assert (changed.short_name, changed.order, changed.version) == ("LEV", 7, scalene.version + 1)
    assert changed.description == scalene.description
    for entry in (part, changed):
        assert {key.key for key in entry.name_keys.all()} == entry.unique_keys()
        past = entry.history.first()
        assert (past.history_user, past.history_change_reason) == (catalogue_manager, "Import")
        assert past.short_name == entry.short_name
    assert changed.history.first().history_type == "~"


def test_stored_entry_can_become_part_of_a_new_one(catalogue_manager):
    imported("name,short_name,group\nShoulder,SH,\nLevator scapulae,LS,Shoulder\n", by=catalogue_manager)
    levator = builders.a_muscle("LS")
    assert levator.group.name == levator.history.first().group.name == "Shoulder"


def test_each_changed_entry_has_an_audit_entry(catalogue_manager):
    imported(
        "brand_name,nonproprietary_name\nNeck,collotoxin\nBotox,onabotulinumtoxinA\n",
        by=catalogue_manager,
        model=Product,
    )
    entry = AuditEntry.objects.get(action="imported")
    assert (entry.actor, entry.object_type) == (catalogue_manager, "planning.product")
    assert entry.object_id == Product.objects.get(brand_name="Neck").pk


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("name,short_name\nSplenius,SPL\nOther,SPL\n", Muscle),
        ("brand_name,nonproprietary_name\nNeck,x\nNECK,y\n", Product),
        ("name,lowest,highest\nA,0,1\nB,1,0\n", Instrument),
    ],
)
def test_file_with_an_error_is_not_stored(text, model, catalogue_manager):
    before = stored(), AuditEntry.objects.count()
    with pytest.raises(Conflict):
        imported(text, by=catalogue_manager, model=model)
    assert (stored(), AuditEntry.objects.count()) == before


def test_name_taken_at_the_same_time_is_a_conflict(catalogue_manager, monkeypatch):
    text = "name,short_name\nSplenius,SPL\n"
    digest = plan_of(text).digest
    Muscle.objects.create(name="Another", short_name="SPL")
    monkeypatch.setattr(Muscle, "owners", classmethod(lambda cls, stored: {}))
    before = stored(), AuditEntry.objects.count()
    with pytest.raises(Conflict):
        import_entries(model=Muscle, file=file_of(text), by=catalogue_manager, digest=digest)
    assert (stored(), AuditEntry.objects.count()) == before


@pytest.mark.django_db(transaction=True)
def test_preview_does_not_wait_for_a_write():
    with transaction.atomic():
        Muscle.objects.update(order=9)
        (plan,) = at_once(lambda: plan_of(many(3)))
    assert plan.totals_text() == "3 new, 0 changed, 0 unchanged."


@pytest.mark.django_db(transaction=True)
def test_import_during_a_change_is_a_conflict():
    people = [builders.a_person("catalogue manager") for _ in range(2)]
    for number in range(5):
        read = builders.a_muscle("LS")
        text = f"name,short_name,source\nLevator scapulae,LS,Book {number}\n"
        change = partial(change_entry, entry=read, by=people[0], version=read.version, description=f"Text {number}")
        digest, file = plan_of(text).digest, file_of(text)
        made = at_once(change, partial(import_entries, model=Muscle, file=file, by=people[1], digest=digest))
        assert [type(one) for one in made].count(Conflict) == 1, made
        assert builders.a_muscle("LS").version == read.version + 1


@pytest.mark.django_db(transaction=True)
def test_busy_database_is_a_503_and_a_preview_goes_on(catalogue_manager):
    client = Client(raise_request_exception=False)
    client.force_login(catalogue_manager)
    text = "name,short_name,source\nLevator scapulae,LS,A book\n"
    digest = offer(client, text).context["plan"].digest
    with another_writer(builders.a_muscle("LS")):
        assert offer(client, text).context["plan"].totals_text() == "0 new, 1 changed, 0 unchanged."
        response = save(client, text, digest=digest)
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert builders.a_muscle("LS").source != "A book"
    assert save(client, text, digest=digest).url == MUSCLES


@pytest.mark.parametrize("at", [MUSCLES, PRODUCTS, INSTRUMENTS])
@pytest.mark.parametrize("kind", ["export/", "export/xlsx/"])
def test_export_has_an_audit_entry(at, kind, login, catalogue_manager):
    login(catalogue_manager).get(f"{at}{kind}")
    entry = AuditEntry.objects.get(action="exported")
    assert (entry.actor, entry.object_id) == (catalogue_manager, None)
    assert f"/admin/{entry.object_type.replace('.', '/')}/" == at


@pytest.mark.full
def test_five_thousand_rows_take_at_most_ten_seconds(login, catalogue_manager):
    client = login(catalogue_manager)
    for description in ("Anatomy", "Changed"):
        text = many(5_000, description)
        began = time.process_time()
        page = offer(client, text)
        previewed = time.process_time()
        assert save(client, text, digest=page.context["plan"].digest).url == MUSCLES
        assert previewed - began < 10
        assert time.process_time() - previewed < 10
    assert Muscle.objects.filter(description="Changed").count() == 5_000
