"""A request for a record that is not in the path shows nothing: the audit trail does not call it a read."""

import re

import pytest
from django.test import Client

from clinic.accounts.permissions import Permission
from clinic.models import AuditEntry
from tests import access, builders
from tests.api.conftest import Program
from tests.test_reads_audited import entries_since, last_entry
from tests.world import World

pytestmark = pytest.mark.django_db

# Records in the path of a session, a visit or a patient.
CHILDREN = {
    url.name: url
    for url in access.urls()
    if re.search(r"<int:\w+>.*<int:\w+>", url.route) and not re.search("same-person|muscle-sets", url.route)
}
METHODS = {(name, method) for name in CHILDREN for method in access.TABLE[name] if method != "HEAD"}


@pytest.fixture(scope="module")
def made_world(module_transaction):
    world = World()
    world.elsewhere = builders.a_given_session(by=world.clinician, muscles=(("SCAL", "left"),), doses=("3.33",))
    world.follow_up_elsewhere = builders.a_follow_up(patient=world.elsewhere.visit.patient)
    return world


def under_another_parent(world, route):
    """The path of a record of the world's patient, with another patient's record as its parent."""
    session = world.elsewhere
    parents = {"sessions": session.pk, "visits": session.visit_id, "patients": session.visit.patient_id}
    parents["follow-ups"] = world.follow_up_elsewhere.pk
    path = world.fill(route)
    return re.sub(
        r"/(sessions|visits|patients|follow-ups)/\d+/", lambda found: f"/{found[1]}/{parents[found[1]]}/", path, count=1
    )


@pytest.mark.parametrize(("name", "method"), sorted(METHODS))
def test_record_of_another_parent_is_not_a_read(name, method, world, client):
    client.force_login(world.clinician)
    path, before = under_another_parent(world, CHILDREN[name].route), last_entry()
    if CHILDREN[name].is_api:
        response = Program(client).ask(method, path, {"product": world.elsewhere.product_id})
    else:
        response = getattr(client, method.lower())(path)
    assert response.status_code == 404
    ((action, patients),) = entries_since(before)
    assert action == "not found"
    assert world.elsewhere.visit.patient_id in patients
    assert AuditEntry.objects.latest("pk").outcome == "refused"


def test_unknown_record_is_recorded_without_a_patient(world, client):
    client.force_login(world.clinician)
    before = last_entry()
    for path in ("/patients/999999/", "/sessions/999999/", "/api/v1/patients/999999/", "/api/v1/visits/999999/"):
        assert client.get(path).status_code == 404
    assert client.get("/no-such-page/").status_code == 404
    assert entries_since(before) == [("not found", set())] * 4


def test_redirect_is_not_a_read(world, client):
    client.force_login(world.clinician)
    before = last_entry()
    assert client.get(f"/sessions/{world.session.pk}/amend/").status_code == 302
    assert entries_since(before) == []


@pytest.mark.parametrize("headers", [{"HX-Request": "true"}, {"X-Requested-With": "fetch"}])
def test_script_without_a_login_leaves_an_entry(headers, world):
    before = last_entry()
    assert Client().get(f"/patients/{world.patient.pk}/", headers=headers).status_code == 401
    assert entries_since(before) == [("refused", set())]


def test_throttled_token_leaves_an_entry_with_its_owner(world, settings):
    settings.API_REQUESTS_PER_MINUTE = 0
    token = builders.a_token(by=world.clinician, permissions={Permission.SEE_PATIENTS})
    before, program = last_entry(), Program(Client(), {"Authorization": f"Bearer {token.secret}"})
    assert program.get(f"patients/{world.patient.pk}/").status_code == 429
    assert entries_since(before) == [("refused", set())]
    entry = AuditEntry.objects.latest("pk")
    assert (entry.actor, entry.roles) == (world.clinician, f"neurologist, token {token.pk}")
