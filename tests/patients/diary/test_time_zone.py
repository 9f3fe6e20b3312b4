"""A new time zone of the clinic: how many visits it affects, and what becomes of them."""

import datetime as dt
import zoneinfo
from functools import partial

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from clinic.models import AuditEntry, Clinic
from patients.diary.actions.time_zone import apply_time_zone
from patients.diary.models.opening_hours import visits_to_be_moved
from patients.models import Absence, Visit
from tests import builders
from tests.parallel import before_commit
from tests.patients.people.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

TODAY, MONDAY = dt.date(2026, 11, 25), dt.date(2026, 12, 7)
ADDRESS = reverse("admin:clinic_clinic_change", args=[1])


@pytest.fixture(autouse=True)
def on_a_wednesday():
    with time_machine.travel(dt.datetime(2026, 11, 25, 9, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def diary(neurologist):
    """A visit of today, two that touch, one of yesterday, and an absence."""
    builders.hours(neurologist)
    builders.a_visit(clinician=neurologist, day=TODAY - dt.timedelta(days=1))
    builders.a_visit(clinician=neurologist, day=TODAY, hour=9)
    for minute in (0, 30):
        builders.a_visit(clinician=neurologist, day=MONDAY, hour=9, minute=minute)
    builders.an_absence(clinician=neurologist, first=MONDAY + dt.timedelta(days=1))


@pytest.fixture
def save(login, superuser):
    """`save(zone, answer)` changes the time zone on the clinic's page."""
    client = login(superuser)

    def saved(zone, answer=""):
        form = client.get(ADDRESS).context["adminform"].form
        sent = {name: form[name].value() or "" for name in form.fields}
        return client.post(ADDRESS, sent | {"time_zone": zone, "on_a_new_time_zone": answer})

    return saved


def clock_times(zone):
    with timezone.override(zone):
        return [
            f"{timezone.localtime(at):%d %H:%M}"
            for at in Visit.objects.order_by("pk").values_list("starts_at", flat=True)
        ]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Pacific/Auckland"])
def test_it_asks_and_keeps_the_clock_times(zone, diary, save, superuser):
    before = clock_times("Europe/London")
    response = save(zone)
    assert "The new time zone affects 3 upcoming visits and 1 absence. Choose whether" in text_of(response)
    assert response.context["adminform"].form["time_zone"].value() == zone
    assert Clinic.ours().time_zone == "Europe/London"

    assert save(zone, "clock").status_code == 302
    assert Clinic.ours().time_zone == zone
    # The visit of yesterday happened when it happened
    assert clock_times(zone)[1:] == before[1:]
    assert clock_times("Europe/London")[0] == before[0]
    visit = Visit.objects.latest("pk")
    assert (visit.version, visit.ends_at - visit.starts_at) == (2, dt.timedelta(minutes=30))
    assert visit.history.latest().history_user == superuser
    with timezone.override(zone):
        assert Absence.objects.get().as_text() == "8 Dec 2026"
        assert not visits_to_be_moved(TODAY).exists()
    assert AuditEntry.objects.filter(action="kept clock times in a new zone", actor=superuser).exists()


def test_points_in_time_can_be_preserved(diary, save):
    before = list(Visit.objects.values_list("pk", "starts_at", "version"))
    assert save("Europe/Berlin", "point").status_code == 302
    assert list(Visit.objects.values_list("pk", "starts_at", "version")) == before
    # Hours are local, so visits can be outside them now
    assert not visits_to_be_moved(TODAY).exists()
    assert save("America/New_York", "point").status_code == 302
    with timezone.override("America/New_York"):
        assert visits_to_be_moved(TODAY).count() == 3


def test_without_visits_or_without_a_new_zone_it_asks_nothing(save, neurologist):
    assert save("Europe/Berlin").status_code == 302
    builders.a_visit(clinician=neurologist, day=MONDAY)
    assert save("Europe/Berlin").status_code == 302


def test_overlapping_visits_are_named_next_to_the_choice(save, neurologist):
    # Given a visit of yesterday, at the time at which today's first visit takes place in Auckland
    builders.a_visit(clinician=neurologist, day=TODAY - dt.timedelta(days=1), hour=11)
    builders.a_visit(clinician=neurologist, day=TODAY, hour=0)
    before = clock_times("UTC")

    response = save("Pacific/Auckland", "clock")

    assert response.status_code == 200
    assert "Two visits would overlap in the new time zone. Move one of them first." in text_of(response)
    form = response.context["adminform"].form
    assert list(form.errors) == ["on_a_new_time_zone"]
    assert form["time_zone"].value() == "Pacific/Auckland"
    assert (Clinic.ours().time_zone, clock_times("UTC")) == ("Europe/London", before)


@pytest.mark.django_db(transaction=True)
def test_visit_booked_during_the_change_is_to_be_moved():
    # Given a booking that began before the clinic moved to a zone in which its time is at night
    clinician, zone = builders.hours(builders.a_clinician()), zoneinfo.ZoneInfo("America/New_York")
    book = partial(builders.a_visit, patient=builders.a_patient(), clinician=clinician, day=MONDAY, hour=9)

    def change():
        clinic = Clinic.ours()
        former, clinic.time_zone = clinic.zone, zone.key
        apply_time_zone(clinic=clinic, former=former, keeps_clock_times=False, by=clinician)

    visit, changed = before_commit(book, change)
    assert changed is None
    with timezone.override(zone):
        assert list(visits_to_be_moved(TODAY)) == [visit]
