"""A whole number is read in the digits 0 to 9, or rejected: it is never reinterpreted."""

import pytest
from django import forms
from django.apps import apps
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import get_resolver
from rest_framework.serializers import IntegerField

from clinic.api.fields import QueryNumber, Sent, WholeNumberField
from clinic.records.numbers import LARGEST_ID, UNREADABLE, Count, CountFormField, whole_number
from planning.models import Instrument, Muscle, Product
from tests import rule

MISREAD = ["1_0", "１２", "٢٥", "+7", "-7", "5.", "7.0", "2.9", "1e1", "0x1f", "1 000", "1,000", "½", "abc", "9" * 5000]


@pytest.mark.parametrize("typed", MISREAD)
def test_other_notations_of_a_number_are_rejected(typed):
    assert whole_number(typed) is None
    for field in (CountFormField(), Count()):
        with pytest.raises(ValidationError, match=UNREADABLE):
            field.clean(typed, None) if isinstance(field, Count) else field.clean(typed)


@pytest.mark.parametrize(("typed", "number"), [("0", 0), ("7", 7), (" 12 ", 12), ("007", 7), (7, 7)])
def test_digits_are_a_number(typed, number):
    assert CountFormField().clean(typed) == Count().clean(typed, None) == number


@pytest.mark.parametrize("value", [True, 2.9, 2.0])
def test_another_type_is_no_whole_number(value):
    with pytest.raises(ValidationError, match=UNREADABLE):
        Count().clean(value, None)


def test_number_beyond_what_a_database_stores_is_rejected():
    assert (whole_number(str(LARGEST_ID)), whole_number(str(LARGEST_ID + 1))) == (LARGEST_ID, None)


@pytest.mark.engine
@pytest.mark.parametrize("number", [32768, 70000, -1])
def test_limits_are_the_same_on_every_engine(number):
    for field in (Muscle, Product, Instrument):
        with pytest.raises(ValidationError, match="Ensure this value"):
            field._meta.get_field("order").clean(number, None)


def whole_number_fields(form):
    """Django's other number fields inherit from that for whole numbers."""
    others = (forms.FloatField, forms.DecimalField)
    fields = form.base_fields.values()
    return [field for field in fields if isinstance(field, forms.IntegerField) and not isinstance(field, others)]


@pytest.fixture
def every_form(rf, catalogue_manager):
    """Of pages and of the catalogue in the admin site."""
    assert get_resolver().url_patterns  # imports the views with their forms
    request = rf.get("/")
    request.user = catalogue_manager
    of_admin = [admin.site.get_model_admin(model).get_form(request) for model in (Muscle, Product, Instrument)]
    return [form for form in (*rule.all_forms(), *of_admin) if hasattr(form, "base_fields")]


@pytest.mark.django_db
def test_every_form_reads_whole_numbers_strictly(every_form):
    fields = [(form.__name__, field) for form in every_form for field in whole_number_fields(form)]
    assert {name for name, _ in fields} > {"BookForm", "GivenRowForm", "AuditForm", "ReminderTextForm"}
    assert [name for name, field in fields if not isinstance(field, CountFormField)] == []
    assert [name for name, field in fields if getattr(field.widget, "input_type", "") == "number"] == []


def test_every_request_body_reads_whole_numbers_strictly():
    bodies = [each() for each in rule.all_serializers() if issubclass(each, Sent)]
    fields = [field for body in bodies for field in body.fields.values() if isinstance(field, IntegerField)]
    assert fields
    assert [str(field) for field in fields if not isinstance(field, (WholeNumberField, QueryNumber))] == []


def test_every_number_that_is_typed_is_a_count():
    fields = [field for app in rule.OUR_APPS for model in apps.get_app_config(app).get_models()
              for field in model._meta.fields if field.editable and not field.primary_key]  # fmt: skip
    numbers = [field for field in fields if isinstance(field, models.IntegerField) and hasattr(field.model, "details")]
    assert {str(field) for field in numbers} > {"planning.Injection.sites", "patients.Visit.minutes"}
    assert [str(field) for field in numbers if not isinstance(field, Count)] == []
