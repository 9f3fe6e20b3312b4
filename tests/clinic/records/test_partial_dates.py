"""A birth date with an unknown part: how it is typed, stored and shown, and the age that follows from it."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from clinic.records.date_fields import PartialDateFormField
from clinic.records.partial_dates import PartialDate
from clinic.records.typed_dates import UNREADABLE_PARTIAL, read_partial_date

TODAY = dt.date(2026, 11, 29)


@pytest.mark.parametrize(
    ("typed", "stored", "words"),
    [
        ("1932", "1932", "1932 (day and month unknown)"),
        ("March 1932", "1932-03", "Mar 1932 (day unknown)"),
        ("mar 1932", "1932-03", "Mar 1932 (day unknown)"),
        ("1932 mar", "1932-03", "Mar 1932 (day unknown)"),
        ("3.1932", "1932-03", "Mar 1932 (day unknown)"),
        ("03/1932", "1932-03", "Mar 1932 (day unknown)"),
        ("1932-03", "1932-03", "Mar 1932 (day unknown)"),
        ("14.3.1932", "1932-03-14", "14 Mar 1932"),
        ("Unknown", "unknown", "unknown"),
    ],
)
def test_partial_date_is_typed_stored_and_shown(typed, stored, words):
    date = read_partial_date(typed)
    assert (date, date.as_text()) == (stored, words)
    # What the field shows of the stored date is what it reads.
    field = PartialDateFormField()
    assert field.clean(field.widget.format_value(date)) == date


@pytest.mark.parametrize(
    "typed", ["32", "mar 32", "１９３２", "1932-13", "13.1932", "0000", "193", "19320", "spring 1932"]
)
def test_other_text_is_no_partial_date(typed):
    with pytest.raises(ValidationError, match=UNREADABLE_PARTIAL):
        read_partial_date(typed)


@pytest.mark.parametrize("text", ["", "32", "1932-3", "1932-02-30", "1932-00", "1932-03-14T00", "１９３２"])
def test_other_text_is_not_stored(text):
    with pytest.raises(ValueError, match=r"date|month|day"):
        PartialDate(text)


@pytest.mark.parametrize(
    ("born", "age"),
    [
        ("1969-11-29", "57 years"),
        ("1969-11-30", "56 years"),
        ("2024-11-29", "2 years"),
        ("2024-11-30", "23 months"),
        ("2025-10-29", "13 months"),
        ("2026-10-29", "1 month"),
        ("2026-11-20", "0 months"),
        ("1932", "93 or 94 years"),
        ("1932-03", "94 years"),
        ("1932-11", "93 or 94 years"),
        ("2024", "22 to 34 months"),
        ("2026", "0 to 10 months"),
        ("unknown", "age unknown"),
    ],
)
def test_age_is_in_months_below_two_years(born, age):
    assert PartialDate(born).age_text(TODAY) == age


@pytest.mark.parametrize(
    ("one", "other", "can"),
    [
        ("1932", "1932-03-14", True),
        ("1932-03", "1932", True),
        ("unknown", "1932-03-14", True),
        ("1932-03", "1932-04-01", False),
        ("1932", "1933", False),
    ],
)
def test_two_partial_dates_can_be_the_same(one, other, can):
    assert PartialDate(one).can_be(PartialDate(other)) is can
