"""The catalogue for programs: to read, for those who may see it, in pages."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from clinic.api import router
from planning.api import MuscleViewSet
from planning.models import Muscle
from tests import builders

pytestmark = pytest.mark.django_db

ADDRESSES = ["/api/v1/muscles/", "/api/v1/products/"]


@pytest.fixture
def as_person(request):
    def client_of(name):
        client = APIClient()
        client.force_login(request.getfixturevalue(name))
        return client

    return client_of


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("person", ["neurologist", "trainee", "catalogue_manager"])
def test_who_may_see_the_catalogue_reads_the_list_and_each_entry(address, person, as_person):
    client = as_person(person)
    listed = client.get(address)
    assert listed.status_code == 200
    entry = listed.json()["results"][0]
    assert client.get(f"{address}{entry['id']}/").json() == entry


@pytest.mark.parametrize("address", [*ADDRESSES, "/api/v1/muscles/1/", "/api/v1/products/1/"])
@pytest.mark.parametrize("person", ["staff", "auditor", "superuser"])
def test_others_are_refused(address, person, as_person):
    assert as_person(person).get(address).status_code == 403


@pytest.mark.parametrize("address", ADDRESSES)
def test_whoever_has_not_logged_in_is_refused(address):
    assert APIClient().get(address).status_code in {401, 403}


@pytest.mark.parametrize("address", [*ADDRESSES, "/api/v1/muscles/1/", "/api/v1/products/1/"])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_is_written_through_it(address, method, as_person):
    before = Muscle.objects.count()
    client = as_person("catalogue_manager")
    assert getattr(client, method)(address, {"name": "New"}, format="json").status_code in {403, 405}
    assert Muscle.objects.count() == before


def test_an_action_that_is_not_listed_is_refused(as_person, monkeypatch):
    monkeypatch.setattr(MuscleViewSet, "permissions", {"list": MuscleViewSet.permissions["list"]})
    client = as_person("neurologist")
    assert client.get("/api/v1/muscles/").status_code == 200
    assert client.get(f"/api/v1/muscles/{builders.a_muscle().pk}/").status_code == 403


def test_every_viewset_lists_its_permissions():
    for _, viewset, _ in router.registry:
        assert viewset.permissions


def test_what_is_not_there_is_not_found(as_person):
    assert as_person("neurologist").get("/api/v1/muscles/999999/").status_code == 404


def test_an_entry_says_what_the_catalogue_knows_and_whether_it_is_retired(as_person):
    muscle = builders.a_muscle("SCAL-A")
    muscle.retire()
    muscle.save()
    entry = as_person("neurologist").get(f"/api/v1/muscles/{muscle.pk}/").json()
    assert entry["retired"] is True
    assert (entry["short_name"], entry["group"]) == ("SCAL-A", builders.a_muscle("SCAL").pk)
    assert not [name for name in entry if "dose" in name]


def test_pages_have_at_most_a_hundred_rows_and_lead_through_all(as_person):
    Muscle.objects.bulk_create(Muscle(name=f"Muscle {n}", short_name=f"M{n}", order=n) for n in range(150))
    client = as_person("neurologist")

    first = client.get("/api/v1/muscles/").json()
    second = client.get(first["next"]).json()

    assert len(first["results"]) == 100
    assert second["next"] is None
    found = [entry["id"] for entry in first["results"] + second["results"]]
    assert len(found) == len(set(found)) == Muscle.objects.count()


def test_nobody_asks_for_larger_pages(as_person):
    Muscle.objects.bulk_create(Muscle(name=f"Muscle {n}", short_name=f"M{n}") for n in range(150))
    assert len(as_person("neurologist").get("/api/v1/muscles/", {"page_size": "1000"}).json()["results"]) == 100


def test_a_page_of_fifty_takes_as_many_queries_as_a_page_of_five(as_person):
    client = as_person("neurologist")
    client.get("/api/v1/muscles/")

    def asked():
        with CaptureQueriesContext(connection) as queries:
            client.get("/api/v1/muscles/")
        return len(queries)

    few = asked()
    Muscle.objects.bulk_create(
        Muscle(name=f"Muscle {n}", short_name=f"M{n}", group=builders.a_muscle("SCAL")) for n in range(50)
    )
    assert asked() == few
