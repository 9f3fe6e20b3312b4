"""Forms drawn as strings are the forms that Django's templates would draw, also with text that HTML would read."""

import re
from contextlib import contextmanager
from uuid import uuid4

import pytest
from allauth.core.context import request_context
from django import forms
from django.contrib import admin
from django.http import QueryDict
from django.template import engines
from django.test.signals import template_rendered
from django.urls import get_resolver
from django.utils.html import escape

from clinic.accounts.lockout import ChangePasswordForm, LoginForm
from clinic.accounts.second_factor.login import CodeForm, PasskeyLoginForm
from clinic.models import Clinic
from clinic.web import form_renderer
from patients.diary.forms import LengthsForm
from patients.models import VisitLength
from tests import builders
from tests.extent import some
from tests.rule import all_forms

pytestmark = pytest.mark.django_db

HOSTILE = "\n\"><script>alert('1')</script>&amp; {{ x }}"
KEY = str(uuid4())
# The layout of a field, as a template.
FIELD = """
<div class="field field-{{ field.name }}{% if field.errors %} has-error{% endif %}">
  {% if field.widget_type == "checkbox" %}
    <div class="form-check">{{ field }} {{ field.label_tag }}</div>
  {% elif field.use_fieldset %}
    <fieldset>
      {{ field.legend_tag }}
      {% for choice in field %}
        <label class="form-check" for="{{ choice.id_for_label }}">{{ choice.tag }} {{ choice.choice_label }}</label>
      {% endfor %}
    </fieldset>
  {% else %}
    <label class="form-label" for="{{ field.id_for_label }}">{{ field.label }}REQUIRED</label> {{ field }}
  {% endif %}
  {% if field.help_text %}<p class="hint" id="{{ field.auto_id }}_helptext">{{ field.help_text }}</p>{% endif %}
  {{ field.errors }}
</div>
""".replace("REQUIRED", '{% if field.field.required %} <span class="required">required</span>{% endif %}')
# HTML ignores spaces next to these tags, and all but one after an input.
SPACE_AROUND = re.compile(r"\s*(</?(?:div|fieldset|label|legend|ul|li|p|select|option|optgroup)\b[^>]*>)\s*")
SPACES_AFTER_INPUT = re.compile(r"(<input\b[^>]*>)\s+")


@contextmanager
def drawn_by_templates():
    layout = engines["django"].from_string(FIELD)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(form_renderer, "STRINGS", {})
        patch.setattr(form_renderer.Field, "as_field_group", lambda field: layout.render({"field": field}))
        yield


def html_of(form):
    """All that pages draw of a form."""
    drawn = [str(form), str(form.non_field_errors())]
    for field in form:
        drawn += [field.label_tag(), field.legend_tag()]
        if isinstance(field.field.widget, forms.widgets.ChoiceWidget):
            drawn += [html for part in field for html in (str(part), part.tag())]
    return [SPACE_AROUND.sub(r"\1", SPACES_AFTER_INPUT.sub(r"\1 ", html)).strip() for html in drawn]


def leaves():
    """Form classes that no other builds on, which have the fields of all. Those of models are the admin site's."""
    assert get_resolver().url_patterns  # imports the views with their forms
    found = {form for form in all_forms() if not form.__subclasses__() and not issubclass(form, forms.ModelForm)}
    return sorted(found, key=lambda form: (form.__module__, form.__name__))


# Arguments without which these forms can be built, but not validated.
OPTIONAL = {LoginForm: "request", ChangePasswordForm: "user", CodeForm: "user", PasskeyLoginForm: "user"}


@pytest.fixture
def request_of_admin(rf):
    request = rf.get("/")
    request.user = builders.a_person(is_superuser=True)
    request.clinic = Clinic.ours()
    with request_context(request):
        yield request


@pytest.fixture
def given(world, request_of_admin):
    """The arguments of forms, by name."""
    world.clinician.changed_in = request_of_admin
    return {
        "session": world.session, "visit": world.visit, "patient": world.patient, "other": world.same, "data": {},
        "injection": world.row, "vial": world.vial, "vials": [world.vial, world.vial], "review": world.review,
        "about": "record", "recipient": "Dr Referrer",
        "follow_up": world.follow_up, "assessment": world.assessment, "by": world.clinician, "user": world.clinician,
        "delay": world.delay, "entry": world.waiting, "with_clinician": world.clinician.pk,
        "counted_from": builders.today(), "request": request_of_admin, "secret": "A" * 32,
        "batch": world.batch, "noted": world.gtin,
    }  # fmt: skip


@pytest.fixture
def build(given, world):
    def built(form, **arguments):
        """The form with the arguments that it turns out to need."""
        if form in OPTIONAL:
            arguments[OPTIONAL[form]] = given[OPTIONAL[form]]
        try:
            return form(**arguments)
        except TypeError as error:
            missing = re.findall(r"'(\w+)'", str(error).partition("missing")[2])
            if not missing:
                raise
            return built(form, **{name: values_for(form)[name] for name in missing}, **arguments)

    def values_for(form):
        model = getattr(getattr(form, "_meta", None), "model", None)
        record = (model.objects.first() or model.ours()) if model else world.patient
        return given | {"record": record, "stored": VisitLength.objects.all() if form is LengthsForm else world.hours}

    return built


def sent(form, value_of):
    data = QueryDict(mutable=True)
    for field in form:
        values = value_of(field)
        data.setlist(field.html_name, values if isinstance(values, list) else [values])
    return data


def plausible(field):
    """What the form shows, and where that is empty, something of the right kind."""
    if value := field.value():
        return value
    if choices := [value for value, label in getattr(field.field, "choices", ()) if value]:
        return choices[-1]
    kinds = {forms.BooleanField: "on", forms.DateField: "2026-03-05", forms.TimeField: "10:30", forms.UUIDField: KEY}
    return next((text for kind, text in kinds.items() if isinstance(field.field, kind)), "7")


def hostile(form):
    """Its texts contain what HTML would read, and its choices contain a group."""
    for name, field in form.fields.items():
        field.label = field.help_text = HOSTILE
        field.widget.attrs["title"] = HOSTILE
        if hasattr(field.widget, "choices"):
            field.widget.choices = [*field.widget.choices, (HOSTILE, [(HOSTILE, HOSTILE), (None, 7)])]
        else:
            form.initial[name] = HOSTILE
    if form.is_bound:
        form.add_error(None, HOSTILE)
        for name in form.fields:
            form.add_error(name, HOSTILE)
    return form


def test_label_without_its_tag_is_escaped():
    label = form_renderer.STRINGS["django/forms/label.html"]
    assert label(label=HOSTILE, attrs={}, use_tag=False, tag="label") == escape(HOSTILE)


def assert_same_html(form):
    strings = html_of(form)
    with drawn_by_templates():
        for ours, djangos in zip(strings, html_of(form), strict=True):
            assert ours == djangos
    return strings


@pytest.mark.parametrize("form", some(leaves(), one_of=2), ids=lambda form: form.__name__)
@pytest.mark.sample(2)
def test_every_form_is_drawn_as_by_templates(form, build, rendered):
    shown = build(form)
    html_of(shown)
    assert rendered <= {"_fragments/_form.html", "_fragments/_form_errors.html"}

    assert_same_html(shown)
    assert_same_html(build(form, data=sent(shown, plausible)))
    assert_same_html(build(form, data=sent(shown, lambda field: "")))
    for state in (shown, build(form, data=sent(shown, lambda field: HOSTILE))):
        assert "<script" not in "".join(assert_same_html(hostile(state)))


@pytest.fixture
def rendered():
    names = set()

    def note(template, **_):
        names.add(template.name)

    template_rendered.connect(note)
    yield names
    template_rendered.disconnect(note)


def test_forms_of_the_admin_site_are_drawn_as_by_templates(request_of_admin):
    for model_admin in admin.site._registry.values():
        form = model_admin.get_form(request_of_admin)
        for state in (form(), form(data={})):
            assert_same_html(state)


def test_plausible_values_are_valid_in_most_forms(build):
    found = [form for form in leaves() if build(form, data=sent(build(form), plausible)).is_valid()]
    assert len(found) > len(leaves()) / 2


def test_other_widgets_come_from_their_templates():
    class Form(forms.Form):
        number = forms.IntegerField()
        file = forms.FileField()

    drawn = assert_same_html(Form())[0]
    assert '<input type="number" name="number" required id="id_number">' in drawn
    assert '<input type="file" name="file" required id="id_file">' in drawn
