"""Elapsed times go on while the page is open."""

import datetime as dt

import pytest
import time_machine
from playwright.sync_api import expect

from tests import builders

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.full
def test_waiting_time_on_today_counts_up(browse, neurologist):
    with time_machine.travel(builders.at(builders.today(), 10), tick=True) as clock:
        builders.an_arrived_visit(clinician=neurologist, hour=10)
        clock.shift(dt.timedelta(minutes=58))
        page = browse(neurologist)
        page.clock.install()
        page.goto("/")
        waiting = page.get_by_role("region", name="Waiting now")
        expect(waiting).to_contain_text("since 10:00 58 min")
        page.clock.fast_forward("03:05")
        expect(waiting).to_contain_text("1 h 1 min")
