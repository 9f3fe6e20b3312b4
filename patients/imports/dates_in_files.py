"""Dates of a file, whose order of day and month the user names once."""

import datetime as dt
import re

from django.core.exceptions import ValidationError
from django.db import models

from clinic.records.partial_dates import PartialDate
from clinic.records.typed_dates import read_partial_date

_NUMERIC = re.compile(r"(\d{1,4})([./ -])\s?(\d{1,2})\2\s?(\d{1,4})")
_EIGHT_DIGITS = re.compile(r"\d{8}")
_TIME = re.compile(r"[T ]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s?(Z|UTC|[+-]\d\d:?\d\d)?\Z")


class DateOrder(models.TextChoices):
    DAY_FIRST = "dmy", "Day, month, year"
    MONTH_FIRST = "mdy", "Month, day, year"
    YEAR_FIRST = "ymd", "Year, month, day"


def has_an_order(text):
    """Whether this date means something else in another order; 1966-03-05 and 5 Mar 1966 do not."""
    text = _TIME.sub("", text.strip())
    match = _NUMERIC.fullmatch(text)
    return bool(_EIGHT_DIGITS.fullmatch(text)) or (match is not None and len(match[1]) < 4)


def read_date_in(text, order):
    """A PartialDate. Raises ValidationError if the text is no date in this order: it is not tried in another one."""
    text = _TIME.sub("", text.strip())
    if _EIGHT_DIGITS.fullmatch(text):
        parts = (text[:4], text[4:6], text[6:]) if order == DateOrder.YEAR_FIRST else (text[:2], text[2:4], text[4:])
        return _date_of(parts, order, text)
    match = _NUMERIC.fullmatch(text)
    if match is None:
        return read_partial_date(text)
    parts = (match[1], match[3], match[4])
    return _date_of(parts, DateOrder.YEAR_FIRST if len(match[1]) == 4 else order, text)


def _date_of(parts, order, text):
    if not order:
        raise ValidationError("Choose the order of day and month for this file.")
    figures = dict(zip(DateOrder(order).value, parts, strict=True))
    if len(figures["y"]) != 4 or len(figures["d"]) > 2:
        raise ValidationError(f"“{text}”: write the year with four digits.")
    try:
        return PartialDate(dt.date(*(int(figures[part]) for part in "ymd")).isoformat())
    except ValueError as error:
        name = DateOrder(order).label.lower()
        raise ValidationError(f"“{text}” is no date in the order {name}.") from error
