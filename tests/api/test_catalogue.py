"""The catalogue for programs: read with the permission to see it, and maintained by its managers."""

import pytest

from clinic.models import AuditEntry
from planning.models import Instrument, Muscle, Product
from tests import builders

pytestmark = pytest.mark.django_db

LISTS = ["muscles/", "products/", "instruments/"]
NEW = {
    "muscles/": {"name": "Splenius capitis", "short_name": "SPC"},
    "products/": {"brand_name": "Exemplarin", "nonproprietary_name": "exemplotoxinum", "unit_label": "units"},
    "instruments/": {"name": "Exemplar scale", "lowest": "0", "highest": "12.5", "allows_fractions": True},
}
MODELS = {"muscles/": Muscle, "products/": Product, "instruments/": Instrument}


@pytest.fixture
def manager(api, catalogue_manager):
    return api(catalogue_manager)


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize("person", ["neurologist", "trainee", "catalogue_manager"])
def test_list_and_entries_are_readable_with_the_permission(address, person, api, request):
    reader = api(request.getfixturevalue(person))
    entry = reader.get(address).json()["results"][0]
    assert reader.get(f"{address}{entry['id']}/").json() == entry


@pytest.mark.parametrize("address", LISTS)
def test_retired_entry_is_marked_as_retired(address, api, neurologist, manager):
    entry = manager.get(address).json()["results"][0]
    retired = manager.post(f"{address}{entry['id']}/retire/", {"version": entry["version"]}).json()
    assert (entry["retired"], retired["retired"]) == (False, True)
    assert api(neurologist).get(f"{address}{entry['id']}/").json() == retired
    assert retired in api(neurologist).get(address).json()["results"]

    back = manager.post(f"{address}{entry['id']}/restore/", {"version": retired["version"]}).json()
    assert back["retired"] is False


@pytest.mark.parametrize("address", LISTS)
def test_manager_adds_an_entry_with_its_history(address, manager, catalogue_manager):
    response = manager.post(address, NEW[address])
    assert response.status_code == 201
    entry = response.json()
    assert {name: entry[name] for name in NEW[address]} == NEW[address]
    made = MODELS[address].objects.get(pk=entry["id"])
    assert made.history.get().history_user == catalogue_manager
    assert AuditEntry.objects.filter(action="added", object_id=made.pk, actor=catalogue_manager).count() == 1
    assert not [name for name in entry if "dose" in name]


def test_rejected_entry_names_the_field(manager):
    response = manager.post("muscles/", {"name": "scm", "short_name": "NEW"})
    assert response.status_code == 400
    assert response.json()["errors"] == {"name": ["“scm” is already a name of Sternocleidomastoid."]}


def test_renaming_a_used_entry_needs_a_reason(manager, neurologist):
    builders.a_planned_session(by=neurologist)
    muscle = builders.a_muscle()
    path, sent = f"muscles/{muscle.pk}/", {"name": "Sternomastoid", "version": muscle.version}
    assert set(manager.patch(path, sent).json()["errors"]) == {"meaning"}
    assert set(manager.patch(path, {**sent, "meaning": "another"}).json()["errors"]) == {"meaning"}
    assert set(manager.patch(path, {**sent, "meaning": "spelling"}).json()["errors"]) == {"reason"}
    response = manager.patch(path, {**sent, "meaning": "spelling", "reason": "As written elsewhere"})
    assert (response.status_code, response.json()["name"]) == (200, "Sternomastoid")
    assert muscle.history.first().history_change_reason == "As written elsewhere"


def test_stale_change_returns_the_stored_entry(manager):
    muscle = builders.a_muscle()
    path = f"muscles/{muscle.pk}/"
    assert manager.patch(path, {"synonyms": "One", "version": muscle.version}).status_code == 200
    response = manager.patch(path, {"synonyms": "Two", "version": muscle.version})
    assert (response.status_code, response.json()["current"]["synonyms"]) == (409, "One")
    assert manager.post(f"{path}retire/", {"version": muscle.version}).status_code == 409
    muscle.refresh_from_db()
    assert (muscle.synonyms, muscle.is_retired) == ("One", False)


def test_range_bound_is_never_rounded(manager):
    for wrong in (12.5, True, "12,5", "1e1", None, ["1"]):
        response = manager.post("instruments/", {**NEW["instruments/"], "highest": wrong})
        assert (response.status_code, set(response.json()["errors"])) == (400, {"highest"})
    assert manager.post("instruments/", {**NEW["instruments/"], "highest": 12}).json()["highest"] == "12"


def test_entries_cannot_be_deleted(manager):
    assert manager.delete(f"muscles/{builders.a_muscle().pk}/").status_code == 405
