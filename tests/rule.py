"""The one rule as a reviewer applies it: anything that could suggest, limit, copy or convert a dose is a fault.

Each function takes one thing and returns its faults as messages; an empty result means no fault. What can be read
from a class or a text is read here; what a page answers is for the tests of the pages.
"""

import ast
import json
import re
from html.parser import HTMLParser
from inspect import isclass

from django import forms
from django.core.validators import MaxLengthValidator
from django.db import models
from rest_framework import serializers

from planning.sessions.doses import LONGEST, DoseField, DoseFormField, DoseInput

OUR_APPS = ("clinic", "patients", "planning")
SIDES = {"right", "left", "midline"}
FORBIDDEN_ATTRIBUTES = {
    "inputmode", "placeholder", "min", "max", "step", "pattern", "list", "maxlength", "minlength", "required", "title",
    "aria-valuemin", "aria-valuemax", "aria-valuenow", "aria-placeholder", "data-default", "data-initial",
}  # fmt: skip
# A figure with a unit is a dose; demo data can contain 1.11, 2.22, 3.33 and the like.
FIGURE = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s*(?:units?\b|U\b|IU\b|mouse units\b)")
ARTIFICIAL = re.compile(r"(\d)\.\1\1")
TYPED_DOSE = re.compile(r"""(?:planned|given)_dose["']?\s*[=:]\s*["'](\d+(?:\.\d+)?)["']""")
ALLOWED_CHECK = ("planning_injection_not_given_has_no_given_dose", models.Q(not_given=False) | models.Q(given_dose=""))


def speaks_of_a_dose(*names):
    return any("dose" in str(name).lower() for name in names if name)


# Models


def faults_of_model(model):
    faults = []
    doses = [field for field in model._meta.fields if _is_dose(field)]
    for field in doses:
        faults += [f"{model.__name__}.{field.name} {fault}" for fault in _faults_of_model_field(field)]
    names = {field.name for field in doses}
    for constraint in model._meta.constraints:
        if not names & _fields_named_by(constraint):
            continue
        if (constraint.name, getattr(constraint, "condition", None)) != ALLOWED_CHECK:
            faults.append(f"{model.__name__}: the constraint {constraint.name} looks at a dose")
    for index in model._meta.indexes:
        if names & set(index.fields):
            faults.append(f"{model.__name__}: the index {index.name} orders by a dose")
    if any(str(part).lstrip("-") in names for part in model._meta.ordering):
        faults.append(f"{model.__name__} is ordered by a dose")
    return faults


def _is_dose(field):
    return isinstance(field, DoseField) or speaks_of_a_dose(field.name, field.verbose_name)


def _faults_of_model_field(field):
    if type(field) is not DoseField:
        return ["is no DoseField"]
    own = [validator for validator in field.validators if not _is_djangos_length(validator)]
    checks = {
        "has a default": field.has_default() and field.default != "",
        "has a default of the database": field.has_db_default(),
        "has a validator": bool(own),
        "offers choices": bool(field.choices),
        "may be null": field.null,
        "must be filled": not field.blank,
        "has figures in its words": bool(re.search(r"\d", f"{field.help_text}{field.verbose_name}")),
    }
    return [fault for fault, found in checks.items() if found]


def _is_djangos_length(validator):
    return type(validator) is MaxLengthValidator and validator.limit_value == LONGEST


def _fields_named_by(constraint):
    named = set(getattr(constraint, "fields", ()))
    condition = getattr(constraint, "condition", None)
    if condition is not None:
        named |= {name.split("__")[0] for name in _names_in(condition)}
    for expression in getattr(constraint, "expressions", ()):
        parts = [expression] if isinstance(expression, models.F) else expression.flatten()
        named |= {part.name for part in parts if isinstance(part, models.F)}
    return named


def _names_in(condition):
    for child in condition.children:
        if isinstance(child, models.Q):
            yield from _names_in(child)
        elif isinstance(child, tuple):
            yield child[0]
            if isinstance(child[1], models.F):
                yield child[1].name
        else:
            yield from (part.name for part in child.flatten() if isinstance(part, models.F))


def faults_of_numbers(model, *, allowed):
    """Numeric fields of `model` beyond keys and those that are allowed by name."""
    numeric = (models.IntegerField, models.FloatField, models.DecimalField, models.DurationField)
    return [
        f"{model.__name__}.{field.name} is a number"
        for field in model._meta.concrete_fields
        if isinstance(field, numeric) and not field.primary_key and not field.is_relation and field.name not in allowed
    ]


# Forms and serializers


def all_forms():
    """Every form class of Collum; import its modules first."""
    return [form for form in _below(forms.BaseForm) if form.__module__.split(".")[0] in OUR_APPS]


def all_serializers():
    """But those that are only built on, and name no model yet."""
    ours = (each for each in _below(serializers.Serializer) if each.__module__.split(".")[0] in OUR_APPS)
    return [each for each in ours if hasattr(each, "Meta") or not issubclass(each, serializers.ModelSerializer)]


def _below(parent):
    for child in parent.__subclasses__():
        yield child
        yield from _below(child)


def faults_of_form(form):
    """A form class, or a form."""
    fields = form.base_fields if isclass(form) else form.fields
    name = form.__name__ if isclass(form) else type(form).__name__
    return [
        f"{name}.{field_name} {fault}"
        for field_name, field in fields.items()
        if isinstance(field, DoseFormField) or speaks_of_a_dose(field_name, field.label)
        for fault in faults_of_form_field(field)
    ]


def faults_of_form_field(field):
    if type(field) is not DoseFormField:
        return ["is no dose field"]
    checks = {
        "has another widget": type(field.widget) is not DoseInput,
        "proposes a value": field.initial not in (None, ""),
        "has a validator": bool(field.validators),
        "must be filled": field.required,
        "is localised": field.localize,
        "has help with figures": bool(re.search(r"\d", str(field.help_text))),
        "may be completed": field.widget.attrs.get("autocomplete") != "off",
    }
    faults = [fault for fault, found in checks.items() if found]
    return faults + [f"has {name}" for name in sorted(FORBIDDEN_ATTRIBUTES & field.widget.attrs.keys())]


def faults_of_serializer(serializer):
    faults = []
    for name, field in serializer().fields.items():
        if not speaks_of_a_dose(name, field.label, field.source):
            continue
        checks = {
            "is no text": not isinstance(field, serializers.CharField),
            "has a default": field.default is not serializers.empty and field.default != "",
            "proposes a value": field.initial not in (None, ""),
            "has figures in its help": bool(re.search(r"\d", str(field.help_text or ""))),
            "has limits": any(
                getattr(field, limit, None) is not None for limit in ("min_value", "max_value", "choices")
            ),
        }
        faults += [f"{serializer.__name__}.{name} {fault}" for fault, found in checks.items() if found]
    return faults


# Pages


class _Inputs(HTMLParser):
    def __init__(self):
        super().__init__()
        self.inputs, self.datalists = [], 0

    def handle_starttag(self, tag, attrs):
        attrs = {name: value or "" for name, value in attrs}
        if tag == "datalist":
            self.datalists += 1
        if tag in {"input", "textarea", "select", "button", "output", "meter"}:
            self.inputs.append((tag, attrs))


def _is_dose_input(attrs):
    return "dose" in attrs.get("class", "").split() or speaks_of_a_dose(
        attrs.get("name"), attrs.get("id"), attrs.get("data-field")
    )


def faults_in_html(html, *, typed=()):
    """What in a page could suggest or limit a dose; `typed` are figures that the page shows because they were typed."""
    page = _Inputs()
    page.feed(html)
    doses = [(tag, attrs) for tag, attrs in page.inputs if _is_dose_input(attrs)]
    faults = ["a datalist"] if page.datalists else []
    for tag, attrs in doses:
        name = attrs.get("name") or attrs.get("id") or tag
        faults += [f"{name} {fault}" for fault in _faults_of_input(tag, attrs)]
    names = [attrs.get("name") for _, attrs in doses]
    faults += [f"{name} appears more than once" for name in sorted({n for n in names if n and names.count(n) > 1})]
    return faults + faults_in_text(html, typed=typed)


def _faults_of_input(tag, attrs):
    checks = {
        "is no text field": (tag, attrs.get("type")) != ("input", "text"),
        "may be completed": attrs.get("autocomplete") != "off",
        "has a name that other sessions or rows could have": len(re.findall(r"\d+", attrs.get("name", ""))) < 2,
        "does not say muscle and side": not _says_muscle_and_side(attrs.get("aria-label", "")),
    }
    return [fault for fault, found in checks.items() if found] + [
        f"has {name}" for name in sorted(FORBIDDEN_ATTRIBUTES & attrs.keys())
    ]


def _says_muscle_and_side(label):
    words = set(re.findall(r"[^\W\d_]+", label.lower()))
    return bool(words & SIDES) and bool(words - SIDES - {"planned", "given", "dose", "side", "units", "u", "in"})


# Texts


def faults_in_text(text, *, typed=()):
    """Figures with a unit, but the obviously artificial ones and those that were typed."""
    figures = [match for match in FIGURE.finditer(text) if match[1] not in typed]
    return [f"a dose: {match[0]}" for match in figures if not ARTIFICIAL.fullmatch(match[1])]


def _near_a_dose(text, pattern, *, lines_around=2):
    """Matches of `pattern` within so many lines of the word *dose*."""
    lines = text.splitlines()
    found = []
    for number, line in enumerate(lines):
        around = "\n".join(lines[max(0, number - lines_around) : number + lines_around + 1])
        if speaks_of_a_dose(around):
            found += [f"line {number + 1}: {match[0]} near a dose" for match in pattern.finditer(line)]
    return found


CONVERSIONS = re.compile(r"\b(?:float|int|Decimal|Fraction|round|fsum)\(")


def faults_in_python(source):
    """Conversions near a dose, and doses that a program writes; docstrings and comments are ignored."""
    code = _without_words(source)
    written = [f"a dose is written: {match[0]}" for match in TYPED_DOSE.finditer(source)]
    return _near_a_dose(code, CONVERSIONS) + [fault for fault in written if not ARTIFICIAL.search(fault)]


def _without_words(source):
    lines = [re.sub(r"#.*", "", line) for line in source.splitlines()]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            for number in range(node.lineno - 1, node.end_lineno):
                lines[number] = ""
    return "\n".join(lines)


# Of the values that a script sets: none, a tick, the token, a version (a button can have it), the product that the
# page shows, what was read from the scanned code of a vial, the same field of a fresh copy of the page, a rejected text
# that returns to the quick box, and the reason that was chosen for a row that is not given.
SETS_A_VALUE = re.compile(r"[^\n;]*\.value\s*(?:=(?!=)|\+=)[^\n;]*")
HARMLESS = re.compile(
    r"""\.value\s*=\s*(?:""|''|"on"|'on')\s*$"""
    r"""|name\$=(?:version|text_on_page|lot_number|expiry)\]"\)\.value\s*=|versionOf\(\w+\)\.value\s*="""
    r"""|\.value\s*=\s*(?:token\(\)|page\.dataset\.ofProduct|versions\[place\]\?\.value \?\? input\.value)\s*$"""
    r"""|\bold\.value\s*=\s*input\.value\s*$|\b(?:box\(\)|reason)\.value\s*=\s*text\s*$"""
    r"""|querySelector\(`button\[.*\.value\s*=\s*button\.value\s*$"""
)
OTHER_WAYS = re.compile(
    r"valueAs\w+|stepUp|stepDown|setRangeText|execCommand|defaultValue\s*=(?!=)|setAttribute\(\s*[\"']value"
    r"|localStorage|sessionStorage(?!\.removeItem)|indexedDB"
)
# The separator of a scanned code, into the lot field of a vial.
SEPARATOR = r'input.setRangeText("\u001d", input.selectionStart, input.selectionEnd, "end")'
SCRIPT_CONVERSIONS = re.compile(r"\b(?:parseFloat|parseInt|Number|Math\.\w+|toFixed|toLocaleString)\(")


def faults_in_script(source):
    """A reader's check: values that a script sets to something new, and conversions near a dose."""
    source = source.replace(SEPARATOR, "")
    sets = [match[0].strip() for match in SETS_A_VALUE.finditer(source)]
    return (
        [f"sets a value: {line}" for line in sets if not HARMLESS.search(line)]
        + [f"uses {match[0]}" for match in OTHER_WAYS.finditer(source)]
        + _near_a_dose(source, SCRIPT_CONVERSIONS)
        + faults_in_text(source)
    )


DRAWN_BY_HAND = re.compile(
    r"<(?:input|textarea|select|datalist|meter|progress)\b(?:[^>]|(?<=%)>)*dose[^>]*>|<datalist\b"
)
TEMPLATE_CONVERSIONS = re.compile(
    r"\|\s*(?:floatformat|add:|stringformat|widthratio|intcomma|localize|default:\s*[\"']?\d|length_is)|{%\s*widthratio"
)


def faults_in_template(source):
    """Dose fields that are drawn by hand instead of by the field, filters that convert, and figures."""
    return (
        [f"draws by hand: {match[0]}" for match in DRAWN_BY_HAND.finditer(source)]
        + [
            f"line {number}: converts or compares a dose"
            for number, line in enumerate(source.splitlines(), start=1)
            if re.search(r"{[{%][^}]*dose[^}]*", line) and (TEMPLATE_CONVERSIONS.search(line) or COMPARES.search(line))
        ]
        + faults_in_text(source)
    )


COMPARES = re.compile(r"{%\s*(?:el)?if[^%]*dose\w*\s*(?:[<>]|[=!]=\s*[^\"'\s])")


# FHIR

# Elements whose number would be a dose, an amount of toxin, or calculated from one. The value of a score is no dose.
AMOUNTS = {"dose", "doseQuantity", "rateQuantity", "rateRatio", "strength", "amount", "quantity", "maxDosePerPeriod"}


def faults_in_fhir(text, *, typed):
    """Numbers of doses in the JSON of a resource or a Bundle that are not, byte for byte, what a clinician typed."""
    return list(_faults_in_node(json.loads(text, parse_float=_Written, parse_int=_Written), typed, inside=False))


class _Written(str):
    """A number as it is written."""


def _faults_in_node(node, typed, *, inside):
    if isinstance(node, _Written) and inside and node not in typed:
        yield f"a dose that nobody typed: {node}"
    if isinstance(node, list):
        for inner in node:
            yield from _faults_in_node(inner, typed, inside=inside)
    for name, inner in node.items() if isinstance(node, dict) else ():
        yield from _faults_in_node(inner, typed, inside=inside or name in AMOUNTS)
