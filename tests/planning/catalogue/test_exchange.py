"""The catalogue as CSV: exported, previewed, and imported completely or not at all."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from clinic.models import AuditEntry
from clinic.web.downloads import as_meant, harmless
from planning.catalogue.actions.entries import change_entry
from planning.catalogue.exchange import columns_of
from planning.models import Instrument, Muscle, Product
from tests import builders
from tests.spreadsheets import cells_of_xlsx, rows_of_xlsx

pytestmark = pytest.mark.django_db

MUSCLES, PRODUCTS, INSTRUMENTS = (f"/admin/planning/{kind}/" for kind in ("muscle", "product", "instrument"))


def offer(client, text, at=MUSCLES, encoding="utf-8"):
    """Choose a file, and look at the preview."""
    return client.post(f"{at}import/", {"file": SimpleUploadedFile("file.csv", text.encode(encoding))})


def confirm(client, text, at=MUSCLES):
    """Save what the preview shows."""
    plan = (offer(client, text, at=at).context or {}).get("plan")
    return save(client, text, digest=plan.digest if plan else "", at=at)


def save(client, text, *, digest, at=MUSCLES):
    return client.post(f"{at}import/", {"text": text, "digest": digest, "confirmed": "Save all changes"})


def messages_of(response):
    return [message for _, message in response.context["plan"].errors]


def stored():
    return [list(model.objects.order_by("pk").values()) for model in (Muscle, Product, Instrument)]


NEW = "name,short_name,sides\nSplenius capitis,SPL,lateral\nTrapezius,TRAP,lateral\n"


def test_preview_shows_changes_without_storing_them(manager):
    before = stored()
    text = "name,short_name,latin_name\nSplenius capitis,SPL,\nLevator scapulae,LS,musculus levator\n"
    page = offer(manager, text)
    assert stored() == before
    assert "1 new, 1 changed, 0 unchanged." in page.content.decode()
    assert "<del>m. levator scapulae</del> <ins>musculus levator</ins>" in page.content.decode()


def test_confirmed_import_is_stored_with_its_user(manager, catalogue_manager):
    response = confirm(manager, NEW)
    assert response.url == MUSCLES
    made = Muscle.objects.get(name="Trapezius")
    assert made.history.first().history_user == catalogue_manager
    assert AuditEntry.objects.filter(action="imported", actor=catalogue_manager).count() == 2


def test_importing_an_export_changes_no_entry(manager):
    for at, entries in ((MUSCLES, 6), (PRODUCTS, 6), (INSTRUMENTS, 9)):
        text = manager.get(f"{at}export/").content.decode("utf-8-sig")
        before = stored()
        page = offer(manager, text, at=at)
        assert page.context["plan"].totals_text() == f"0 new, 0 changed, {entries} unchanged."
        confirm(manager, text, at=at)
        assert stored() == before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,short_name,dose\nX,X,1\n", "Unknown columns: “dose”. Remove them from the file."),
        ("name\nX\n", "Missing columns: “short_name”. Add them to the file."),
        ("name,name,short_name\nX,X,X\n", "These columns appear twice: “name”."),
        ("name,short_name\n", "This file has no rows."),
        ('name,short_name\n"X,Y\n', "Row 2: this is not CSV (unexpected end of data)."),
        (f"name,short_name\nX,{'Y' * 200_000}\n", "Row 2: this is not CSV (field larger than field limit (131072))."),
    ],
)
def test_file_of_wrong_format_is_rejected_with_a_message(manager, text, message):
    before = stored()
    for response in (offer(manager, text), confirm(manager, text)):
        assert response.status_code == 200
        assert message in response.context["message"]
    assert stored() == before


@pytest.mark.parametrize("name", ["muscles.xlsx", "muscles.csv.exe", "csv"])
def test_file_of_another_kind_is_rejected_by_its_name(manager, name):
    response = manager.post(f"{MUSCLES}import/", {"file": SimpleUploadedFile(name, b"name,short_name\nX,X\n")})
    assert "must end with .csv" in response.context["message"]


def test_page_names_its_limits(manager):
    assert "At most 5000 rows and 20 MB." in manager.get(f"{MUSCLES}import/").content.decode()


def test_missing_file_is_an_error(manager):
    assert "Choose a file" in manager.post(f"{MUSCLES}import/").context["message"]


def test_byte_order_mark_is_accepted(manager):
    assert offer(manager, NEW, encoding="utf-8-sig").context["plan"].errors == []


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("Splenius,SPL\nSPLENIUS,SP2\n", "“SPLENIUS” is in row 3 already. Remove one of the two rows."),
        ("Splenius,SPL\nSplenius,SPL\n", "“Splenius” is in row 3 already. Remove one of the two rows."),
        ("Splenius,SPL\nOther,spl\n", "“spl” is already a name of Splenius. Compare it with row 3."),
        ("Splenius,SCM\n", "already a name of Sternocleidomastoid"),
        (",SPL\n", "name"),
        ("Splenius,\n", "short_name"),
        ("Sple\u202enius,SPL\n", "invisible character"),
    ],
)
def test_one_invalid_row_rejects_the_file(manager, rows, message):
    before = stored()
    text = f"name,short_name\nGood one,GO\n{rows}"
    for response in (offer(manager, text), confirm(manager, text)):
        assert message in " ".join(messages_of(response))
    assert stored() == before


def test_rejected_row_is_named_by_its_number(manager):
    page = offer(manager, "name,short_name\nGood one,GO\nSplenius,SCM\n")
    assert page.context["plan"].errors[0][0] == 3, "as in a spreadsheet, whose row 1 has the names of the columns"


def test_group_is_exported_before_its_parts(manager):
    text = "name,short_name,group\nSplenius,SPL,\nSplenius capitis,SPLC,Splenius\n"
    confirm(manager, text)
    assert Muscle.objects.get(name="Splenius capitis").group.name == "Splenius"
    page = offer(manager, "name,short_name,group\nA part,AP,Nobody\n")
    assert "The catalogue has no muscle called “Nobody”" in messages_of(page)[0]


def test_import_cannot_remove_a_side_or_unit_in_use(manager, neurologist):
    builders.a_signed_session(by=neurologist)
    page = offer(manager, "name,short_name,sides\nSternocleidomastoid,SCM,midline\n")
    assert "A side in use cannot be removed." in messages_of(page)[0]
    page = offer(manager, "brand_name,nonproprietary_name,unit_label\nBotox,onabotulinumtoxinA,U\n", at=PRODUCTS)
    assert "A unit in use cannot be changed." in messages_of(page)[0]


def test_import_cannot_rename_used_entries(manager, neurologist):
    builders.a_signed_session(by=neurologist)
    page = offer(manager, "brand_name,nonproprietary_name\nBotox,something\n", at=PRODUCTS)
    assert "is named in 1 signed session" in messages_of(page)[0]


def test_entry_added_after_the_preview_is_a_conflict(manager):
    digest = offer(manager, NEW).context["plan"].digest
    Muscle.objects.create(name="Another", short_name="TRAP")
    response = save(manager, NEW, digest=digest)
    assert "already a name of Another" in messages_of(response)[0]
    assert "The catalogue was changed after you opened this preview." in response.content.decode()
    assert not Muscle.objects.filter(name="Splenius capitis").exists()


def test_entry_changed_after_the_preview_is_a_conflict(manager, catalogue_manager):
    text = "name,short_name,latin_name\nLevator scapulae,LS,musculus levator\n"
    digest = offer(manager, text).context["plan"].digest
    muscle = builders.a_muscle("LS")
    change_entry(entry=muscle, by=catalogue_manager, version=muscle.version, description="Changed")
    response = save(manager, text, digest=digest)
    assert "The catalogue was changed" in response.context["message"]
    assert builders.a_muscle("LS").latin_name == muscle.latin_name
    assert save(manager, text, digest=response.context["plan"].digest).url == MUSCLES


def test_import_sent_twice_is_stored_once(manager):
    digest = offer(manager, NEW).context["plan"].digest
    before = Muscle.objects.count()
    for _ in range(2):
        assert save(manager, NEW, digest=digest).url == MUSCLES
    assert Muscle.objects.count() == before + 2
    assert Muscle.history.filter(name="Trapezius").count() == 1


def test_import_without_a_preview_is_a_conflict(manager):
    before = stored()
    assert "Check the changes" in save(manager, NEW, digest="").context["message"]
    assert stored() == before


@pytest.mark.parametrize("formula", ["=1+1", "+44", "-x", "@cmd", "\tx", "\uff1d1", "plain", "quoted", "", "it's"])
@pytest.mark.parametrize("apostrophes", ["", "'", "''"])
def test_formula_cells_are_escaped_and_imported_unchanged(apostrophes, formula):
    cell = apostrophes + formula
    assert not harmless(cell).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert as_meant(harmless(cell)) == cell


def test_exported_formula_is_text(manager):
    Muscle.objects.filter(short_name="LS").update(description="=HYPERLINK(1)", synonyms="@x")
    rows = rows_of_export(manager, MUSCLES, Muscle)
    row = next(row for row in rows if row["short_name"] == "LS")
    assert (row["description"], row["synonyms"]) == ("'=HYPERLINK(1)", "'@x")


def test_workbook_stores_every_code_as_text(manager):
    Muscle.objects.filter(short_name="LS").update(description="=HYPERLINK(1)", snomed_ct="00123456789012345678")
    heading, *rows = cells_of_xlsx(manager.get(f"{MUSCLES}export/xlsx/"))
    assert {kind for row in (heading, *rows) for _, kind in row} == {"s"}
    names = [columns_of(Muscle).name_of(title) for title, _ in heading]
    entries = (dict(zip(names, (text for text, _ in row), strict=True)) for row in rows)
    by_name = {entry["short_name"]: entry for entry in entries}
    assert by_name["LS"]["uberon"] == "0005461"
    assert by_name["LS"]["snomed_ct"] == "00123456789012345678"
    assert by_name["LS"]["description"] == "=HYPERLINK(1)"


def test_both_exports_contain_the_same_entries(manager):
    for at in (MUSCLES, PRODUCTS, INSTRUMENTS):
        rows = list(csv.reader(io.StringIO(manager.get(f"{at}export/").content.decode("utf-8-sig"))))
        assert rows_of_xlsx(manager.get(f"{at}export/xlsx/")) == rows
        assert f'href="{at}export/xlsx/"' in manager.get(at).content.decode()


@pytest.mark.parametrize("who", ["superuser", "neurologist", "staff"])
def test_only_catalogue_managers_can_import_and_export(login, who, request):
    client = login(request.getfixturevalue(who))
    for at in (MUSCLES, PRODUCTS, INSTRUMENTS):
        assert client.get(f"{at}import/").status_code == 403
        assert client.get(f"{at}export/").status_code == 403
        assert client.get(f"{at}export/xlsx/").status_code == 403
        assert confirm(client, NEW, at=at).status_code == 403


# Instruments


def rows_of_export(client, at=INSTRUMENTS, model=Instrument):
    """By the names of the columns; the file has their titles."""
    rows = csv.DictReader(io.StringIO(client.get(f"{at}export/").content.decode("utf-8-sig")))
    return [{columns_of(model).name_of(title): cell for title, cell in row.items()} for row in rows]


def test_template_has_the_titles_of_the_page(manager):
    template = manager.get(f"{PRODUCTS}template/").content.decode("utf-8-sig")
    assert template.strip().split(",")[:2] == ["Brand name", "Non-proprietary name"]
    page = manager.get(f"{PRODUCTS}add/").content.decode()
    assert all(f"{title}:" in page for title in template.strip().split(","))
    assert "Brand name" in manager.get(f"{PRODUCTS}import/").content.decode()


def test_columns_are_known_by_title_and_by_name(manager):
    confirm(manager, "NAME,Lowest score,highest\nA,0,9\n", at=INSTRUMENTS)
    assert builders.an_instrument("A").range_text() == "0 to 9"


def test_page_of_a_muscle_shows_where_it_is_used(manager, neurologist):
    builders.a_muscle_set(by=neurologist)
    visit = builders.an_arrived_visit(clinician=neurologist)
    builders.a_planned_session(by=neurologist, visit=visit, muscles=(("SCM", "right"),))
    muscle = Muscle.objects.get(short_name="SCM")
    assert muscle.usages()[-1] == "1 open session"
    assert ", ".join(muscle.usages()) in manager.get(f"{MUSCLES}{muscle.pk}/change/").content.decode()


NO_NUMBERS = ("NaN", "Infinity", "1e1", "1_0", "１２", "٢٥", "+7", "5.", ".5")


def instruments(text):
    return f"name,lowest,highest,allows_fractions,higher_is_worse,levels,part_of\n{text}\n"


def test_instrument_is_exported_with_numbers_and_labels(manager):
    by_name = {row["name"]: row for row in rows_of_export(manager)}
    pain = by_name["TWSTRS pain"]
    assert [pain[column] for column in ("part_of", "lowest", "highest", "allows_fractions", "higher_is_worse")] == [
        "TWSTRS total", "0", "20", "yes", "yes",
    ]  # fmt: skip
    assert by_name["Tsui"]["allows_fractions"] == "no"
    assert len(by_name["CGI-S"]["levels"].splitlines()) == 7


def test_total_is_exported_before_its_subscales(manager):
    Instrument.objects.filter(name="TWSTRS total").update(order=900)
    names = [row["name"] for row in rows_of_export(manager)]
    assert names.index("TWSTRS total") < names.index("TWSTRS severity")


def test_exported_instruments_can_be_imported_elsewhere(manager):
    text = manager.get(f"{INSTRUMENTS}export/").content.decode("utf-8-sig")
    what = ("name", "part_of__name", "lowest", "highest", "allows_fractions", "higher_is_worse", "levels", "order")
    before = list(Instrument.objects.values_list(*what))
    Instrument.objects.exclude(part_of=None).delete()
    Instrument.objects.all().delete()

    confirm(manager, text, at=INSTRUMENTS)

    assert list(Instrument.objects.values_list(*what)) == before
    assert AuditEntry.objects.filter(action="imported", object_type="planning.instrument").count() == 9


def test_browser_line_breaks_are_no_change(manager):
    text = manager.get(f"{INSTRUMENTS}export/").content.decode("utf-8-sig").replace("\r\n", "\n").replace("\n", "\r\n")
    assert offer(manager, text, at=INSTRUMENTS).context["plan"].unchanged == 9


@pytest.mark.parametrize(
    ("yes", "no"), [("yes", "no"), ("1", "0"), ("Yes", "NO"), ("TRUE", "FALSE"), (" true ", " false ")]
)
def test_exported_yes_and_no_are_imported(yes, no, manager):
    confirm(manager, instruments(f"A,0,9,{yes},{no},,\nB,0,9,{no},{yes},,"), at=INSTRUMENTS)
    read = {
        name: Instrument.objects.filter(name=name).values_list("allows_fractions", "higher_is_worse") for name in "AB"
    }
    assert [list(read["A"]), list(read["B"])] == [[(True, False)], [(False, True)]]


def test_missing_column_keeps_the_default_or_stored_value(manager):
    confirm(manager, "name,lowest,highest\nA,-2,2.5\nTWSTRS pain,0,20\n", at=INSTRUMENTS)
    made, stored = builders.an_instrument("A"), builders.an_instrument("TWSTRS pain")
    assert (made.range_text(), made.allows_fractions, made.higher_is_worse) == ("-2 to 2.5", False, True)
    assert (stored.allows_fractions, stored.part_of.name) == (True, "TWSTRS total")
    assert next(row for row in rows_of_export(manager) if row["name"] == "A")["lowest"] == "'-2"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("A,0,9,perhaps,yes,,", "Write yes or no, not “perhaps”."),
        ("A,0,9,no,,,", "Write yes or no, not “”."),
        ("A,nought,9,no,yes,,", "lowest: “nought” is not a number with"),
        ('A,0,"9,5",no,yes,,', "highest: “9,5” is not a number with"),
        *((f"A,0,{text},no,yes,,", f"“{text}” is not a number with") for text in NO_NUMBERS),
        ("A,0,1e30,no,yes,,", "highest"),
        ("A,0,,no,yes,,", "highest"),
        ("A,0,9.125,no,yes,,", "highest"),
        ("A,9,9,no,yes,,", "The highest score must be above the lowest."),
        ("A,0,2,no,yes,none,", "A line for each whole score is needed"),
        (
            "A,0,9,no,yes,,Nobody",
            "The catalogue has no instrument called “Nobody”. In the file, list a total before its parts.",
        ),
        ("A,0,9,no,yes,,TWSTRS pain", "A subscale belongs to a total that is not itself a subscale."),
        ("TSUI,0,9,no,yes,,", "Tsui has this name."),
        ("A\u202e,0,9,no,yes,,", "invisible character"),
        (",0,9,no,yes,,", "name"),
    ],
)
@pytest.mark.sample(3)
def test_invalid_instrument_is_rejected_with_a_message(row, message, manager):
    before = stored()
    for response in (
        offer(manager, instruments(row), at=INSTRUMENTS),
        confirm(manager, instruments(row), at=INSTRUMENTS),
    ):
        assert message in " ".join(messages_of(response))
    assert stored() == before


def test_unknown_columns_are_rejected(manager):
    page = offer(manager, "name,lowest,highest,items\nA,0,9,x\n", at=INSTRUMENTS)
    assert "Row 1: Unknown columns: “items”. Remove them from the file." in page.context["message"]
    page = offer(manager, "name,lowest\nA,0\n", at=INSTRUMENTS)
    assert "Row 1: Missing columns: “highest”. Add them to the file." in page.context["message"]


def test_imported_range_must_fit_stored_scores(manager):
    builders.an_assessment(scores=[(builders.an_instrument("Tsui"), 12)])
    page = offer(manager, instruments("Tsui,0,11,no,yes,,"), at=INSTRUMENTS)
    assert "Some stored scores are outside this range." in messages_of(page)[0]
    page = offer(manager, instruments("Tsui,0,25,no,no,,"), at=INSTRUMENTS)
    assert "Stored scores would mean the opposite." in messages_of(page)[0]
