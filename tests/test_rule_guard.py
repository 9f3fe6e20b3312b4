"""The guard of the one rule: no code suggests, limits, copies or converts a dose, and the guard would find it."""

import importlib
import pkgutil
import re
from pathlib import Path

import pytest
from django import forms
from django.apps import apps
from django.conf import settings
from django.db import models
from django.test.utils import isolate_apps
from rest_framework import serializers

from clinic.backup.column_kinds import into_sqlite, kind_of, on_sqlite
from planning.catalogue.models.entry import Retirable
from planning.exports.everything import writer_of
from planning.models import AdverseEvent, Injection, Instrument, Response, Score
from planning.sessions.doses import DoseField, DoseFormField, DoseInput
from tests import builders, rule

ROOT = Path(settings.BASE_DIR)
LEFT_OUT = {".venv", "var", ".git", "vendor", "node_modules", "migrations", "tests", "__pycache__"}


# The numbers of the course: ranges and scores, and days after the injections. Of these models alone.
NUMBERS = {
    Instrument: {"lowest", "highest"},
    Score: {"value"},
    Response: {"onset_day", "peak_day", "wearing_off_day"},
    AdverseEvent: {"began_day", "ended_day"},
}


def numbers_of(model):
    """Those that a model, or its history, can contain."""
    return NUMBERS.get(getattr(model, "instance_type", model), set())


def our_files(*suffixes):
    """Sources of Collum itself: without packages, vendored libraries and tests."""
    return sorted(
        path
        for path in ROOT.rglob("*")
        if path.suffix in suffixes and path.is_file() and not LEFT_OUT & set(path.relative_to(ROOT).parts)
    )


def faulty(paths, faults_in):
    """The faults by file; and files were looked at."""
    assert paths
    found = {str(path.relative_to(ROOT)): faults_in(path.read_text()) for path in paths}
    return {path: faults for path, faults in found.items() if faults}


@pytest.fixture(scope="module")
def everything_imported():
    for app in rule.OUR_APPS:
        package = importlib.import_module(app)
        for module in pkgutil.walk_packages(package.__path__, f"{app}."):
            if "wsgi" not in module.name:
                importlib.import_module(module.name)


# Collum's own code


def test_no_model_suggests_or_limits_a_dose():
    found = [fault for model in apps.get_models(include_auto_created=True) for fault in rule.faults_of_model(model)]

    assert found == []
    assert [field.name for field in Injection._meta.fields if isinstance(field, DoseField)] == [
        "planned_dose",
        "given_dose",
    ]


def test_catalogue_has_no_number_but_its_order():
    catalogue = [model for model in apps.get_models() if issubclass(model, Retirable)]
    catalogue += [model.history.model for model in catalogue]

    found = [
        fault
        for model in catalogue
        for fault in rule.faults_of_numbers(
            model, allowed={"id", "order", "version", "history_id", *(numbers_of(model) & NUMBERS[Instrument])}
        )
    ]
    assert len(catalogue) >= 6
    assert found == []


def test_session_has_no_number_but_sites_and_counts():
    found = [
        fault
        for model in apps.get_app_config("planning").get_models()
        for fault in rule.faults_of_numbers(
            model, allowed={"id", "order", "version", "number", "sites", *numbers_of(model)}
        )
    ]

    assert found == []


def test_only_ranges_and_scores_have_fractions():
    found = {
        getattr(model, "instance_type", model)
        for model in apps.get_models()
        if any(isinstance(field, models.DecimalField | models.FloatField) for field in model._meta.concrete_fields)
    }

    assert found == {Instrument, Score}


def test_another_number_in_the_course_is_detected():
    assert rule.faults_of_numbers(Response, allowed={"id", "version", "onset_day", "peak_day"}) == [
        "Response.wearing_off_day is a number"
    ]
    assert numbers_of(Injection) == set()


def test_no_form_suggests_or_limits_a_dose(everything_imported):
    forms_of_collum = rule.all_forms()

    assert len(forms_of_collum) > 5
    assert [fault for form in forms_of_collum for fault in rule.faults_of_form(form)] == []


def test_no_serializer_suggests_or_limits_a_dose(everything_imported):
    serializers_of_collum = rule.all_serializers()

    assert serializers_of_collum
    assert [fault for each in serializers_of_collum for fault in rule.faults_of_serializer(each)] == []


@pytest.mark.django_db
def test_row_form_suggests_and_limits_no_dose_in_either_phase(neurologist):
    from planning.sessions.forms.rows import row_form

    session = builders.a_planned_session(by=neurologist)
    for recording in (False, True):
        if recording:
            session = builders.record(session, by=neurologist)
        form = row_form(session.injections.first(), session=session, vials=[])
        doses = [name for name in form.fields if "dose" in name]

        assert doses == ["given_dose" if recording else "planned_dose"]
        assert rule.faults_of_form(form) == []
        html = str(form[doses[0]])
        assert rule.faults_in_html(html) == []
        assert "value=" not in html


def test_no_source_converts_or_writes_a_dose():
    sources = [path for path in our_files(".py") if path != ROOT / "planning" / "sessions" / "doses.py"]
    assert faulty(sources, rule.faults_in_python) == {}


def sources_in(*folders):
    return {path.name: path.read_text() for path in ROOT.joinpath(*folders).rglob("*.py")}


def conversions_in(sources):
    return {(name, match[0]) for name, source in sources.items() for match in rule.CONVERSIONS.finditer(source)}


def test_backup_copies_a_dose_as_text():
    """A restore is not an entry: it stores the text that was typed, and only escapes characters that no dose has."""
    kind = kind_of(DoseField())
    called = set(re.findall(r"([a-z]+)\(", on_sqlite("dose", kind)))

    assert (kind, called, into_sqlite(1, kind)) == ("text", {"replace", "char"}, "?1")
    # In a copy, a dose is a cell like others, so its modules convert nothing but the format and the numbers of rows.
    found = conversions_in(sources_in("clinic", "backup"))
    assert found == {("backup_file.py", "int("), ("drills.py", "int("), ("command_line.py", "round(")}


def test_exports_copy_a_dose_as_text():
    """A dose leaves as the string that was typed: no module of the exports converts anything, or adds doses."""
    sources = sources_in("planning", "exports")
    sources["read_an_export.py"] = (ROOT / "docs" / "examples" / "read_an_export.py").read_text()

    assert conversions_in(sources) == set()
    assert [name for name, source in sources.items() if "sum_of_typed" in source] == []
    assert {writer_of(field)("2.50") for field in (DoseField(), DoseField(blank=True))} == {"2.50"}


def test_fhir_writes_a_dose_as_it_was_typed():
    """Its modules convert no numbers, and only what is sealed in a URL is written with Python's numbers."""
    sources = sources_in("planning", "fhir")
    assert conversions_in(sources) == set()
    writes = re.compile(r"json\.dumps?\(|JsonResponse|JSONRenderer")
    assert [name for name, source in sources.items() if writes.search(source)] == ["opaque.py"]


def test_no_script_writes_or_converts_a_dose():
    assert faulty(our_files(".js", ".mjs"), rule.faults_in_script) == {}


def test_no_template_draws_or_converts_a_dose():
    assert faulty(our_files(".html", ".svg", ".txt"), rule.faults_in_template) == {}


def test_no_text_names_a_dose():
    texts = [*our_files(".md", ".py"), *sorted(ROOT.glob("*/migrations/0*.py"))]
    assert faulty(texts, rule.faults_in_text) == {}


def test_shipped_catalogue_has_no_figures_but_codes():
    shipped = importlib.import_module("planning.migrations.0002_catalogue")

    for name, latin, short, group, description, *_codes in shipped.MUSCLES:
        assert not any(character.isdigit() for character in f"{name}{latin}{short}{group}{description}")
    assert not any(character.isdigit() for row in shipped.PRODUCTS for text in row for character in text)


# What the guard would see

PLANTED_FIELDS = {
    "is no DoseField": lambda: models.CharField(max_length=32, blank=True),
    "has a default": lambda: DoseField(default="1.11"),
    "has a default of the database": lambda: DoseField(db_default="1.11"),
    "has a validator": lambda: DoseField(validators=[lambda value: None]),
    "offers choices": lambda: DoseField(choices=[("1.11", "1.11")]),
    "may be null": lambda: DoseField(null=True),
    "has figures in its words": lambda: DoseField(help_text="for example 1.11"),
}


def a_model(meta=None, **fields):
    with isolate_apps("planning"):
        return type(
            "Planted",
            (models.Model,),
            {"__module__": "planning.models", "Meta": type("Meta", (), meta or {}), **fields},
        )


@pytest.mark.parametrize("fault", PLANTED_FIELDS)
@pytest.mark.parametrize("name", ["given_dose", "DOSE2"])
def test_guard_finds_a_field_that(fault, name):
    assert f"Planted.{name} {fault}" in rule.faults_of_model(a_model(**{name: PLANTED_FIELDS[fault]()}))


def test_guard_finds_a_dose_by_its_class_or_its_label():
    assert rule.faults_of_model(a_model(amount=DoseField(default="1.11")))
    assert rule.faults_of_model(a_model(amount=models.DecimalField("usual dose", max_digits=5, decimal_places=2)))
    assert rule.faults_of_model(a_model(amount=DoseField())) == []


LENGTH_OF_A_DOSE = models.functions.Length("given_dose")

PLANTED_META = {
    "a check": {"constraints": [models.CheckConstraint(name="x", condition=models.Q(given_dose__lt="9"))]},
    "a check of another column": {
        "constraints": [models.CheckConstraint(name="x", condition=models.Q(note=models.F("given_dose")))]
    },
    "a negated check": {
        "constraints": [models.CheckConstraint(name="x", condition=~models.Q(models.Q(note=""), given_dose="0"))]
    },
    "a check by an expression": {
        "constraints": [
            models.CheckConstraint(name="x", condition=models.Q(models.lookups.LessThan(LENGTH_OF_A_DOSE, 4)))
        ]
    },
    "the allowed check, made stricter": {
        "constraints": [
            models.CheckConstraint(
                name="planning_injection_not_given_has_no_given_dose",
                condition=models.Q(not_given=False) | models.Q(given_dose="0"),
            )
        ]
    },
    "a unique dose": {"constraints": [models.UniqueConstraint(fields=["given_dose"], name="x")]},
    "an index": {"indexes": [models.Index(fields=["given_dose"], name="x")]},
    "an ordering": {"ordering": ["-given_dose"]},
}


@pytest.mark.parametrize("planted", PLANTED_META)
def test_guard_finds_in_a_table(planted):
    model = a_model(
        PLANTED_META[planted], given_dose=DoseField(), note=models.TextField(), not_given=models.BooleanField()
    )

    assert len(rule.faults_of_model(model)) == 1


@pytest.mark.parametrize(
    "number", [models.DecimalField(max_digits=5, decimal_places=1), models.FloatField(), models.PositiveIntegerField()]
)
def test_guard_finds_a_number_in_the_catalogue(number):
    assert rule.faults_of_numbers(a_model(strength=number), allowed={"order"}) == ["Planted.strength is a number"]
    assert rule.faults_of_numbers(a_model(order=models.IntegerField()), allowed={"order"}) == []


def a_dose_field(**changes):
    field = DoseFormField()
    for name, value in changes.items():
        setattr(field, name, value)
    return field


PLANTED_FORM_FIELDS = {
    "is no dose field": lambda: forms.DecimalField(),
    "has another widget": lambda: a_dose_field(widget=forms.NumberInput({"autocomplete": "off"})),
    "proposes a value": lambda: a_dose_field(initial="1.11"),
    "has a validator": lambda: a_dose_field(validators=[lambda value: None]),
    "must be filled": lambda: a_dose_field(required=True),
    "is localised": lambda: a_dose_field(localize=True),
    "has help with figures": lambda: a_dose_field(help_text="up to 1.11"),
    "may be completed": lambda: a_dose_field(widget=DoseInput({"autocomplete": "on"})),
    **{
        f"has {name}": lambda name=name: a_dose_field(widget=DoseInput({name: "1"}))
        for name in sorted(rule.FORBIDDEN_ATTRIBUTES)
    },
}


@pytest.mark.parametrize("fault", PLANTED_FORM_FIELDS)
def test_guard_finds_a_form_field_that(fault):
    planted = type("Planted", (forms.Form,), {"given_dose": PLANTED_FORM_FIELDS[fault]()})

    assert rule.faults_of_form(planted) == [f"Planted.given_dose {fault}"]
    assert rule.faults_of_form(planted()) == [f"Planted.given_dose {fault}"]


def test_guard_finds_a_dose_in_a_form_by_its_label():
    planted = type("Planted", (forms.Form,), {"amount": forms.IntegerField(label="Dose")})

    assert rule.faults_of_form(planted) == ["Planted.amount is no dose field"]


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ("is no text", lambda: serializers.DecimalField(max_digits=5, decimal_places=2)),
        ("is no text", lambda: serializers.FloatField()),
        ("has a default", lambda: serializers.CharField(default="1.11")),
        ("proposes a value", lambda: serializers.CharField(initial="1.11")),
        ("has figures in its help", lambda: serializers.CharField(help_text="1.11")),
        ("has limits", lambda: serializers.IntegerField(max_value=9)),
    ],
)
def test_guard_finds_a_serializer_field_that(fault, field):
    planted = type("Planted", (serializers.Serializer,), {"given_dose": field()})

    assert f"Planted.given_dose {fault}" in rule.faults_of_serializer(planted)


GOOD_INPUT = (
    '<input type="text" class="dose form-control" name="s1-i2-given_dose" autocomplete="off" '
    'aria-label="Given, Levator scapulae, right" value="1.11">'
)

PLANTED_HTML = {
    "is no text field": GOOD_INPUT.replace('"text"', '"number"'),
    "may be completed": GOOD_INPUT.replace('autocomplete="off"', ""),
    "has a name that other sessions or rows could have": GOOD_INPUT.replace("s1-i2-", "i2-"),
    "does not say muscle and side": GOOD_INPUT.replace("Levator scapulae, right", ""),
    "appears more than once": GOOD_INPUT * 2,
    "a datalist": GOOD_INPUT + "<datalist id='x'><option>1.11</option></datalist>",
    "a dose: 50 units": GOOD_INPUT + "<p>Usually 50 units</p>",
    "has placeholder": GOOD_INPUT.replace(" name", ' placeholder="1.11" name'),
    **{f"has {name}": GOOD_INPUT.replace(" name", f' {name}="1" name') for name in sorted(rule.FORBIDDEN_ATTRIBUTES)},
}


def test_guard_accepts_a_plain_dose_field():
    assert rule.faults_in_html(GOOD_INPUT) == []
    assert rule.faults_in_html("<p>1.11 units</p>") == []
    assert rule.faults_in_html("<p>50 units</p>", typed=["50"]) == []
    assert rule.faults_in_html('<input type="number" name="weeks" min="1">') == []


@pytest.mark.parametrize("fault", PLANTED_HTML)
def test_guard_finds_in_a_page(fault):
    found = rule.faults_in_html(PLANTED_HTML[fault])

    assert len(found) == 1
    assert fault in found[0]


@pytest.mark.parametrize(
    "label", ["", "Given", "Given, right", "Given, Levator scapulae", "right", "Planned dose, left side"]
)
def test_guard_finds_a_label_without_muscle_or_side(label):
    assert rule.faults_in_html(GOOD_INPUT.replace("Given, Levator scapulae, right", label))


@pytest.mark.parametrize("tag", ["<select name='s1-i2-dose'>", "<textarea id='dose'>", "<input data-field=given_dose>"])
def test_guard_finds_a_dose_in_another_element(tag):
    assert "is no text field" in " ".join(rule.faults_in_html(tag))


@pytest.mark.parametrize("text", ["50 units", "2.5U", "100 U of Botox", "give 1 unit", "12.5 units"])
def test_guard_finds_a_dose_in_a_text(text):
    assert rule.faults_in_text(text)


@pytest.mark.parametrize("text", ["1.11 units", "2.22 U", "3 injections", "unit", "A04.2.01.008 Units", "24 pixels"])
def test_guard_accepts(text):
    assert rule.faults_in_text(text) == []


@pytest.mark.parametrize(
    "source",
    [
        "total = float(row.given_dose)",
        "x = row.given_dose\ny = Decimal(x)",
        "def dose(x):\n    return int(x)",
        'row = Injection(given_dose="50")',
        'row = {"planned_dose": "2.5"}',
    ],
)
def test_guard_finds_in_a_source(source):
    assert rule.faults_in_python(source)


@pytest.mark.parametrize(
    "source",
    [
        '"""Never a dose."""\n\nx = 1\ny = 2\nn = int("7")',
        'row = Injection(given_dose="1.11")',
        "# float(dose)",
        'row = Injection(given_dose="")',
    ],
)
def test_guard_accepts_the_source(source):
    assert rule.faults_in_python(source) == []


@pytest.mark.parametrize(
    "source",
    [
        "given.value = planned.value;",
        'document.querySelector(".dose").value = "1.11";',
        "input.value += 1",
        "input.value = stored[input.name]",
        "input.stepUp()",
        'input.setAttribute("value", x)',
        "localStorage.setItem(input.name, input.value)",
        "const dose = parseFloat(input.value)",
        "const dose = input.value;\nif (Number(input.value) > 1) warn();",
        "input.defaultValue = x",
    ],
)
def test_guard_finds_in_a_script(source):
    assert rule.faults_in_script(source)


@pytest.mark.parametrize(
    "source",
    [
        'box.value = "";',
        "if (old.value !== input.value) old.value = input.value;",
        'form.querySelector("[name$=version]").value = answer.version;',
        "const weeks = Number(typed);",
        'row.querySelector("input.dose")?.focus();',
        "if (input.value === other.value) x();",
    ],
)
def test_guard_accepts_the_script(source):
    assert rule.faults_in_script(source) == []


@pytest.mark.parametrize(
    "source",
    [
        '<input name="given_dose" value="{{ row.planned_dose }}">',
        '<input class="form-control dose">',
        "<datalist id='x'></datalist>",
        "{{ row.given_dose|floatformat:2 }}",
        '{{ row.given_dose|default:"1.11" }}',
        "{% if row.given_dose > row.planned_dose %}!{% endif %}",
        "{% if row.given_dose != row.planned_dose %}!{% endif %}",
        "<p>for example 50 units</p>",
    ],
)
def test_guard_finds_in_a_template(source):
    assert rule.faults_in_template(source)


@pytest.mark.parametrize(
    "source",
    [
        "{{ row.given_dose }} {{ unit }}",
        "{% if row.given_dose %}{{ row.given_dose }}{% else %}not recorded{% endif %}",
        "{{ form.given_dose }}",
        '{{ row.given_dose|default:"not recorded" }}',
    ],
)
def test_guard_accepts_the_template(source):
    assert rule.faults_in_template(source) == []
