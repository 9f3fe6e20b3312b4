"""A date or a time is read as it was meant, or rejected: it is never reinterpreted."""

import datetime as dt
import re

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.urls import get_resolver, reverse

from clinic.records.date_fields import DayInput, TypedDateFormField, TypedDateInput, TypedTimeFormField
from clinic.records.typed_dates import UNREADABLE, UNREADABLE_TIME, read_date, read_time
from tests import rule

MARCH = dt.date(1966, 3, 5)
SEVERAL = "This date can mean "


@pytest.mark.parametrize(
    "typed",
    [
        "5 mar 1966", "5 March 1966", "05.03.1966", "5.3.1966", " 1966-03-05 ", "Mar 5, 1966", "5th MAR 1966",
        "1966 Mar 5", "1966/3/5", "19660305", "5-mar-1966",
    ],
)  # fmt: skip
def test_known_notations_of_a_date_are_read(typed):
    assert read_date(typed) == MARCH


@pytest.mark.parametrize(
    ("typed", "date"),
    [
        ("25031966", (1966, 3, 25)),
        ("25/3/1966", (1966, 3, 25)),
        ("3/25/1966", (1966, 3, 25)),
        ("5/5/1966", (1966, 5, 5)),
    ],
)
def test_date_with_one_meaning_is_read_in_either_order(typed, date):
    assert read_date(typed) == dt.date(*date)


@pytest.mark.parametrize(
    ("typed", "meanings"),
    [
        ("01/02/25", "2 Jan 1925 or 1 Feb 1925 or 2 Jan 2025 or 1 Feb 2025"),
        ("05031966", "5 Mar 1966 or 3 May 1966"),
        ("5/3/1966", "5 Mar 1966 or 3 May 1966"),
        ("5-3-1966", "5 Mar 1966 or 3 May 1966"),
        ("5.3.66", "5 Mar 1966 or 5 Mar 2066"),
        ("5 mar 66", "5 Mar 1966 or 5 Mar 2066"),
    ],
)
def test_ambiguous_date_is_rejected_with_its_meanings(typed, meanings):
    with pytest.raises(ValidationError, match=re.escape(f"{SEVERAL}{meanings}. Type the month in letters")):
        read_date(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "５.３.１９６６", "1966-０3-05", "٥.٣.١٩٦٦", "31.2.1966", "1966-02-30", "1966-W10-6", "1966-064", "3.25.1966",
        "yesterday", "1966", "mar 1966", "5.3.196", "5.3.19666", "0.3.1966", "1_0.3.1966", "+5.3.1966", "0000-01-01",
        "1966-03-05T00:00", "9" * 5000,
    ],
)  # fmt: skip
def test_other_text_is_no_date(typed):
    with pytest.raises(ValidationError, match=UNREADABLE):
        read_date(typed)


@pytest.mark.parametrize(("typed", "time"), [("14:30", (14, 30)), ("9:05", (9, 5)), (" 00:00 ", (0, 0))])
def test_time_is_read_in_24_hour_format(typed, time):
    assert read_time(typed) == TypedTimeFormField().clean(typed) == dt.time(*time)


@pytest.mark.parametrize(
    "typed", ["1430", "2:30 pm", "14.30", "24:00", "14:60", "14:30:15", "１４:３０", "14", "+9:00"]
)
def test_other_text_is_no_time(typed):
    with pytest.raises(ValidationError, match=UNREADABLE_TIME):
        TypedTimeFormField().clean(typed)


def test_every_form_reads_dates_and_times_strictly():
    assert get_resolver().url_patterns  # imports the views with their forms
    fields = [field for form in rule.all_forms() for field in getattr(form, "base_fields", {}).values()]
    dates = [field for field in fields if isinstance(field, forms.DateField)]
    times = [field for field in fields if isinstance(field, (forms.TimeField, forms.DateTimeField))]
    assert dates
    assert times
    assert [field.label for field in dates if not isinstance(field, TypedDateFormField)] == []
    assert [field.label for field in times if not isinstance(field, TypedTimeFormField)] == []
    assert {field.widget.input_type for field in times} == {"text"}


CHOSEN = {
    "day",
    "from_on",
    "on",
    "since",
    "until",
    "first_day",
    "last_day",
    "call_again_on",
}  # the browser's calendar helps to choose


def test_only_dates_that_are_chosen_have_the_browsers_calendar():
    assert get_resolver().url_patterns
    named = [pair for form in rule.all_forms() for pair in getattr(form, "base_fields", {}).items()]
    assert {name for name, field in named if isinstance(field.widget, DayInput)} == CHOSEN
    known = {name: field.widget.input_type for name, field in named if isinstance(field.widget, TypedDateInput)}
    assert known.keys() >= {
        "date_of_birth", "status_since", "given_on", "valid_until", "onset_on", "share_withdrawn_on", "reported_on",
    }  # fmt: skip
    assert set(known.values()) == {"text"}


def test_typed_date_is_repeated_in_full_by_its_field():
    class Form(forms.Form):
        on = TypedDateFormField()

    assert 'data-date="1966-03-05">Saturday 5 March 1966</output>' in str(Form({"on": "5.3.1966"}))
    stored = str(Form(initial={"on": MARCH}))
    assert 'value="5 Mar 1966"' in stored
    assert "Saturday 5 March 1966" in stored
    unreadable = str(Form({"on": "5.3.66"}))
    assert 'value="5.3.66"' in unreadable
    assert "data-date" not in unreadable
    assert not Form({"on": "5.3.1966"}, initial={"on": MARCH}).has_changed()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "shown"), [("5.3.1966", "Saturday 5 March 1966"), ("5.3.66", SEVERAL), ("x", UNREADABLE), ("", "")]
)
def test_server_repeats_a_typed_date(typed, shown, login, staff):
    response = login(staff).post(reverse("clinic:date-check"), {"field": "a-on", "a-on": typed})
    assert response.status_code == 200
    assert shown in response.content.decode()
