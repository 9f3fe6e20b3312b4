"""What every page reads: the login, its user with their roles and the clinic, and the counts of the navigation."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.accounts.permissions import ROLES
from clinic.models import AuditEntry, Clinic, User
from tests import builders
from tests.parallel import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

PAGE, PATIENTS, URLS = "/account/preferences/", "/test/shows/7/", "tests.clinic.records.urls"
MOST = 3  # the login session; the user, their roles and the clinic; the counts


def asked(client, path):
    client.get(path)  # what a process asks only once, and that the login is in use
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return [query["sql"] for query in queries]


@pytest.mark.parametrize("role", ROLES)
def test_page_without_content_asks_at_most_three_times(login, role):
    statements = asked(login(builders.a_person(role)), PAGE)
    assert len(statements) <= MOST
    assert all(sql.startswith("SELECT") for sql in statements)


@pytest.mark.urls(URLS)
def test_audit_entry_is_one_statement_or_one_transaction(login, neurologist):
    """The counts of the navigation are missing on this page."""
    _, _, *audit = asked(login(neurologist), PATIENTS)
    if connection.vendor == "postgresql":
        assert len(audit) == 1
    else:
        # Outside a test, these are BEGIN and COMMIT.
        assert [sql.split()[0] for sql in audit] == ["SAVEPOINT", "INSERT", "INSERT", "RELEASE"]


@pytest.mark.urls(URLS)
def test_one_entry_has_the_values_of_one_among_several(login, neurologist):
    login(neurologist).get(PATIENTS)
    login(neurologist).get("/test/shows-many/")
    one, other = AuditEntry.objects.filter(action="read").order_by("pk")
    several = AuditEntry.objects.bulk_create([AuditEntry(actor=neurologist, action="read", outcome="done")])[0]
    several.refresh_from_db()
    assert [row.patient_id for row in one.patients.all()] == [7]
    assert sorted(row.patient_id for row in other.patients.all()) == [1, 2, 3]
    assert (one.actor, one.roles, one.action, one.outcome) == (neurologist, "neurologist", "read", "done")
    assert (one.object_type, one.object_id, one.seal_number, one.seal_digits) == ("", None, None, "")
    assert one.at.tzinfo == several.at.tzinfo
    assert one.at < other.at < several.at


def test_user_and_clinic_are_as_the_models_read_them(client, neurologist):
    neurologist.groups.add(Group.objects.get(name="auditor"))
    client.login(username=neurologist.username, password=builders.PASSWORD)
    request = client.get(PAGE).wsgi_request
    for read, stored in ((request.user, User.objects.get(pk=neurologist.pk)), (request.clinic, Clinic.ours())):
        for field in stored._meta.concrete_fields:
            assert getattr(read, field.attname) == getattr(stored, field.attname), field
            assert type(getattr(read, field.attname)) is type(getattr(stored, field.attname)), field
    assert request.user.role_names == ["auditor", "neurologist"]


def test_user_without_a_role_can_log_in(login):
    assert login(builders.a_person()).get(PAGE).wsgi_request.user.role_names == []


def elsewhere(change):
    """The change is made by another connection, as by another process."""
    (result,) = at_once(change)
    assert not isinstance(result, Exception), result


def remove_roles(user):
    user.groups.clear()


def deactivate(user):
    User.objects.filter(pk=user.pk).update(is_active=False)


def change_password(user):
    user.set_password("quite-another-password")
    user.save()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("change", "path", "status"),
    [(remove_roles, "/muscles/", 403), (deactivate, PAGE, 302), (change_password, PAGE, 302)],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_change_elsewhere_takes_effect_on_the_next_request(change, path, status, neurologist):
    client = Client()
    client.force_login(neurologist)
    assert client.get(path).status_code == 200
    elsewhere(lambda: change(User.objects.get(pk=neurologist.pk)))
    assert client.get(path).status_code == status


def set_zone(name):
    clinic = Clinic.ours()
    clinic.time_zone = name
    clinic.save()


@pytest.mark.urls(URLS)
@pytest.mark.django_db(transaction=True)
def test_time_zone_set_elsewhere_applies_to_the_next_request(neurologist):
    client = Client()
    client.force_login(neurologist)

    def zone():
        return client.get("/test/time-zone/").content.decode()

    def set_and_undo():
        with transaction.atomic():
            set_zone("Asia/Tokyo")
            transaction.set_rollback(True)

    assert zone() == "Europe/London"
    elsewhere(set_and_undo)
    assert zone() == "Europe/London"
    elsewhere(lambda: set_zone("Asia/Tokyo"))
    assert zone() == "Asia/Tokyo"
