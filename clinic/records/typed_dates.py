"""Dates and times as people type them: `5 mar 1966`, `5.3.1966`, `1966-03-05`; `14:30`."""

import datetime as dt
import re

from django.core.exceptions import ValidationError

from clinic.records.dates import format_date
from clinic.records.partial_dates import UNKNOWN, PartialDate

UNREADABLE = "Cannot read this date. Type it as 5 Mar 1966, 5.3.1966 or 1966-03-05."
UNREADABLE_PARTIAL = (
    "Cannot read this date. Type it as 5 Mar 1966, 5.3.1966 or 1966-03-05. If a part is unknown, leave it out: "
    "Mar 1966, 1966, or unknown."
)
UNREADABLE_TIME = "Cannot read this time. Type it in 24-hour format, as 14:30."

MONTHS = {
    name[:length]: number
    for number, name in enumerate(
        ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
         "november", "december"),
        start=1,
    )
    for length in {3, 4, len(name)}
}  # fmt: skip
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"

# 14 Mar 1969, 14.Mar.69; March 14th, 1969; 1969-Mar-14.
SPELLED_DATES = [
    (re.compile(rf"(?<!\w){_DAY}[\s./-]*({_MONTH})[\s.,/-]*(\d{{4}}|\d{{2}})(?!\w)"), ("day", "month", "year")),
    (re.compile(rf"(?<!\w)({_MONTH})[\s./-]*{_DAY}[\s,/-]+(\d{{4}})(?!\w)"), ("month", "day", "year")),
    (re.compile(rf"(?<!\w)(\d{{4}})[\s./-]*({_MONTH})[\s./-]*{_DAY}(?!\w)"), ("year", "month", "day")),
]
# Mar 1969, 1969-Mar.
SPELLED_MONTHS = [
    (re.compile(rf"(?<!\w)({_MONTH})[\s.,/-]*(\d{{4}})(?!\w)"), ("month", "year")),
    (re.compile(rf"(?<!\w)(\d{{4}})[\s./-]*({_MONTH})(?!\w)"), ("year", "month")),
]
_NUMERIC_MONTH = re.compile(r"(\d{1,2})\s*[./-]\s*(\d{4})")
_NUMERIC_DATE = re.compile(r"(\d{1,4})([\s./-]+)(\d{1,2})\2(\d{1,4})")
_EIGHT_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")


def spelled_dates(match, order):
    parts = dict(zip(order, match.groups(), strict=True))
    return dates_of(parts["year"], MONTHS[parts["month"]], parts["day"])


def numeric_dates(one, two, three):
    """The dates that 1969-03-14, 14.3.1969 or 3/14/69 can mean: 3/4/1969 is in March or in April."""
    if len(one) == 4:
        return dates_of(one, two, three)
    if len(three) in (2, 4):
        return dates_of(three, two, one) + dates_of(three, one, two)
    return []


def dates_of(year, month, day):
    """One for each century if the year has two digits; [] if there is no such date."""
    years = (f"19{year}", f"20{year}") if len(year) == 2 else (year,)
    found = []
    for full in years:
        try:
            found.append(dt.date(int(full), int(month), int(day)))
        except (ValueError, OverflowError):
            continue
    return found


def spelled_month(match, order):
    parts = dict(zip(order, match.groups(), strict=True))
    return partial_date(parts["year"], MONTHS[parts["month"]])


def partial_date(year, month):
    """None if there is no such month."""
    try:
        return PartialDate(f"{year}-{int(month):02}")
    except ValueError:
        return None


def read_partial_date(typed):
    """As read_date(), but the day, the month and the year can be unknown."""
    text = typed.strip().lower()
    try:
        found = _partial(text) if text.isascii() else None
        return found or PartialDate(read_date(typed).isoformat())
    except ValueError:
        pass
    except ValidationError as error:
        if error.code == "ambiguous":
            raise
    raise ValidationError(UNREADABLE_PARTIAL, code="invalid")


def _partial(text):
    if text == UNKNOWN or re.fullmatch(r"\d{4}(-\d\d)?", text):
        return PartialDate(text)
    for pattern, order in SPELLED_MONTHS:
        if match := pattern.fullmatch(text):
            return spelled_month(match, order)
    match = _NUMERIC_MONTH.fullmatch(text)
    return match and partial_date(match[2], match[1])


def read_date(typed):
    """The one date that was typed. Raises ValidationError if the text is no date, or can mean several."""
    text = typed.strip().lower()
    found = sorted(set(_meanings(text))) if text.isascii() else []
    if len(found) > 1:
        several = " or ".join(map(format_date, found))
        raise ValidationError(
            f"This date can mean {several}. Type the month in letters and the year in four digits.", code="ambiguous"
        )
    if not found:
        raise ValidationError(UNREADABLE, code="invalid")
    return found[0]


def _meanings(text):
    for pattern, order in SPELLED_DATES:
        if match := pattern.fullmatch(text):
            return spelled_dates(match, order)
    if match := _EIGHT_DIGITS.fullmatch(text):
        return dates_of(*match.groups()) + numeric_dates(text[:2], text[2:4], text[4:])
    if match := _NUMERIC_DATE.fullmatch(text):
        one, separator, two, three = match.groups()
        if "." in separator and len(one) < 4:
            return dates_of(three, two, one) if len(three) in (2, 4) else []  # the month is never first
        return numeric_dates(one, two, three)
    return []


def read_time(typed):
    """Raises ValidationError if the text is no time in 24-hour format."""
    if match := _TIME.fullmatch(typed.strip()):
        return dt.time(*map(int, match.groups()))
    raise ValidationError(UNREADABLE_TIME, code="invalid")
