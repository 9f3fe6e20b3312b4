"""A dose is the string that was typed: read strictly, stored byte for byte, summed exactly."""

from decimal import Decimal
from fractions import Fraction

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from planning.models import Injection
from planning.sessions.actions.injections import change_injection
from planning.sessions.actions.sessions import change_session
from planning.sessions.doses import UNREADABLE, DoseField, DoseFormField, sum_of_typed, validate_dose
from planning.sessions.models.injection import summary_of
from tests import builders

READABLE = [
    "0",
    "1",
    "0.0625",
    "50",
    "999999",
    "12345678901234567890.5",
    "2.50",
    "007",
    "0.0",
    "1" * 32,
    "1." + "0" * 30,
]
UNREADABLE_ONES = [
    "1e1",
    "1_0",
    "١٢",
    "१२",
    "１２",
    "2,5",
    ".5",
    "5.",
    ".",
    "7 8",
    "1 000",
    "1\u202f000",
    "NaN",
    "Infinity",
    "-1",
    "+1",
    "½",
    "²",
    "1\n",
    "\n1",
    "\t1",
    "1\x00",
    "1.2.3",
    "0x1",
    "1u",
    "1" * 33,
    "\u00a01\u00a0",
    "1\u00a0",
    "1\u200b",
    "1\u2028",
    "<b>1</b>",
]


class DoseForm(forms.Form):
    dose = DoseFormField(label="given")


def form_with(typed):
    return DoseForm({"dose": typed})


@pytest.mark.parametrize("dose", READABLE)
def test_digits_with_at_most_one_point_are_accepted(dose):
    validate_dose(dose)

    form = form_with(dose)
    assert form.is_valid()
    assert form.cleaned_data["dose"] == dose


@pytest.mark.parametrize("typed", UNREADABLE_ONES)
def test_unreadable_dose_is_rejected_and_stays_in_the_field(typed):
    form = form_with(typed)

    assert not form.is_valid()
    assert form.errors["dose"] == ["Cannot read this as a number."]
    assert form["dose"].value() == typed


@pytest.mark.parametrize("typed", UNREADABLE_ONES)
def test_model_rejects_it_with_the_same_message(typed):
    with pytest.raises(ValidationError) as refusal:
        DoseField().clean(typed, None)

    assert refusal.value.messages == [UNREADABLE]


@pytest.mark.parametrize("number", [1, 2.5, Decimal("2.50"), 1e22, True])
def test_number_is_not_accepted_as_a_dose(number):
    with pytest.raises(ValidationError):
        DoseField().clean(number, None)


@pytest.mark.parametrize("typed", [" 2.50", "2.50 ", "   2.50   "])
def test_only_surrounding_spaces_are_removed(typed):
    form = form_with(typed)

    assert form.is_valid()
    assert form.cleaned_data["dose"] == "2.50"


@pytest.mark.engine
@pytest.mark.parametrize("typed", ["", " ", None])
def test_empty_dose_stays_empty(typed):
    form = form_with(typed)

    assert form.is_valid()
    assert form.cleaned_data["dose"] == ""


def test_field_has_no_suggestion_limit_or_maximum_length():
    attributes = form_with("")["dose"].build_widget_attrs(dict(form_with("")["dose"].field.widget.attrs))
    html = str(form_with("")["dose"])

    assert attributes["autocomplete"] == "off"
    assert 'type="text"' in html
    assert "value=" not in html
    for name in ("placeholder", "maxlength", "inputmode", "min", "max", "step", "pattern", "list", "required"):
        assert name not in attributes
        assert f" {name}=" not in html


def test_form_field_of_the_model_is_the_dose_field():
    field = Injection._meta.get_field("given_dose").formfield()

    assert type(field) is DoseFormField
    assert field.validators == []
    assert field.initial is None
    assert field.help_text == ""


@pytest.mark.engine
@pytest.mark.django_db
@pytest.mark.parametrize("dose", READABLE)
def test_dose_is_stored_byte_for_byte_from_field_to_record(dose, neurologist):
    # Given a session with that dose, planned and given
    session = builders.a_planned_session(by=neurologist, muscles=[("SCM", "right")])
    row = session.injections.get()
    change_injection(injection=row, product=row.session.product, by=neurologist, version=row.version, planned_dose=dose)
    session = builders.record(session, by=neurologist)
    row.refresh_from_db()
    change_injection(injection=row, product=row.session.product, by=neurologist, version=row.version, given_dose=dose)
    session.refresh_from_db()
    change_session(session=session, by=neurologist, version=session.version, operator=neurologist)

    # Then the database contains that string
    with connection.cursor() as cursor:
        cursor.execute("SELECT planned_dose, given_dose FROM planning_injection WHERE id = %s", [row.pk])
        assert cursor.fetchone() == (dose, dose)

    # And the content and the signed record show it
    record = builders.sign(session, by=neurologist)
    assert f'"given_dose":"{dose}"' in record.content_text
    assert f'"planned_dose":"{dose}"' in record.content_text


doses = st.from_regex(r"[0-9]{1,16}(\.[0-9]{1,15})?", fullmatch=True)


@given(st.lists(doses, min_size=1, max_size=20))
def test_sum_is_exact_and_in_plain_notation(typed):
    total = sum_of_typed(typed)

    assert Fraction(total) == sum(Fraction(dose) for dose in typed)
    validate_dose_of_any_length(total)
    assert len(total.partition(".")[2]) == max(len(dose.partition(".")[2]) for dose in typed)


def validate_dose_of_any_length(text):
    whole, point, fraction = text.partition(".")
    assert whole.isascii()
    assert whole.isdigit()
    assert not point or (fraction.isascii() and fraction.isdigit())


@pytest.mark.parametrize(
    ("typed", "total"),
    [
        ([], None),
        (["", ""], None),
        (["0"], "0"),
        (["0.0"], "0.0"),
        (["2.50"], "2.50"),
        (["", "2.5", "2.50"], "5.00"),
        (["0.1", "0.2"], "0.3"),
        (["007"], "7"),
        (["0.001"], "0.001"),
        (["12345678901234567890.5", "0.0625"], "12345678901234567890.5625"),
        (["9" * 32] * 3, "299999999999999999999999999999997"),
    ],
)
def test_sum_has_as_many_decimals_as_the_longest_dose(typed, total):
    assert sum_of_typed(typed) == total
    assert sum_of_typed(iter(typed)) == total


def test_session_summary_has_counts_and_the_sum_given():
    rows = [("1.11", False), ("2.2", False), ("", True), ("", False)]

    assert summary_of(rows) == {"rows": 4, "given": 2, "not_given": 1, "without": 1, "sum": "3.31"}
    assert summary_of([])["sum"] is None
