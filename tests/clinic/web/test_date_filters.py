"""Dates and times in templates are as Django writes them."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.template import Context, Template, defaultfilters
from django.utils import timezone

from clinic.templatetags import date_filters

TEXTS = [file.read_text() for file in (settings.BASE_DIR / "templates").rglob("*.html")]
FORMATS = sorted({found for text in TEXTS for found in re.findall(r'\|(date|time):"([^"]*)"', text)})
TIMES = (
    dt.datetime(2026, 12, 1, 9, 5, 7, tzinfo=dt.UTC),
    dt.datetime(2026, 7, 31, 23, 59, tzinfo=ZoneInfo("Europe/Berlin")),
    dt.datetime(2026, 9, 3, 0, 0),  # noqa: DTZ001, naive
)
VALUES = (*TIMES, *(time.date() for time in TIMES), dt.date(964, 5, 3), dt.time(7, 4), None, "", "text", 5)


def test_formats_of_the_templates_are_found():
    assert len(FORMATS) > 10
    assert {form for _, form in FORMATS} >= set(date_filters.OF_A_TIMESTAMP)


@pytest.mark.parametrize("name", ["date", "time"])
def test_each_value_is_written_as_by_django(name):
    forms = {form for _, form in FORMATS} | {None, "d"}
    for form, value in [(form, value) for form in sorted(forms, key=str) for value in VALUES]:
        found, expected = (written(vars(filters)[name], value, form) for filters in (date_filters, defaultfilters))
        assert found == expected, (name, form, value)


def written(of, value, form):
    try:
        return of(value, form)
    except TypeError as error:  # a date has no time
        return repr(error)


def test_templates_use_them_in_the_clinics_time_zone():
    template = Template('{{ at|date:"j M Y, H:i" }} {{ at|time:"H:i" }}')
    with timezone.override(ZoneInfo("Asia/Tokyo")):
        assert template.render(Context({"at": TIMES[0]})) == "1 Dec 2026, 18:05 18:05"
    assert Template("{{ at|date }}").compile_nodelist()[0].filter_expression.filters[0][0] is date_filters.date
