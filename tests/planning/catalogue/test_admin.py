"""The admin site: who can open it, conflicts, history, people and the clinic."""

import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from clinic.accounts.permissions import ROLES
from clinic.models import AuditEntry, Clinic, User
from tests import builders
from tests.planning.catalogue.admin_pages import (
    CHANGE_PERSON,
    INDEX,
    INSTRUMENTS,
    MUSCLES,
    NEW_MUSCLE,
    NEW_PERSON,
    PEOPLE,
    change_address,
    errors_of,
    form_of,
)

pytestmark = pytest.mark.django_db


# Access


def test_site_contains_the_catalogue_users_and_clinic_only():
    assert {model._meta.label for model in admin.site._registry} == {
        "planning.Muscle",
        "planning.Product",
        "planning.Instrument",
        "planning.LetterTemplate",
        "planning.ReasonNotGiven",
        "clinic.User",
        "clinic.Clinic",
    }


@pytest.mark.parametrize(
    ("person", "muscles", "people"),
    [
        ("catalogue_manager", 200, 403),
        ("superuser", 403, 200),
        ("neurologist", 403, 403),
        ("trainee", 403, 403),
        ("staff", 403, 403),
        ("auditor", 403, 403),
    ],
)
def test_access_by_role_and_model(person, muscles, people, login, request):
    client = login(request.getfixturevalue(person))
    assert client.get(reverse(MUSCLES)).status_code == muscles
    assert client.get(reverse(NEW_MUSCLE)).status_code == muscles
    assert client.get(reverse(PEOPLE)).status_code == people
    assert client.get(reverse("admin:clinic_clinic_change", args=[1])).status_code == people


def test_index_shows_only_permitted_models(login, catalogue_manager, superuser):
    theirs = login(catalogue_manager).get(reverse(INDEX)).content.decode()
    assert "Muscles" in theirs
    assert "Users" not in theirs
    others = login(superuser).get(reverse(INDEX)).content.decode()
    assert "Users" in others
    assert "Muscles" not in others


def test_django_staff_flag_alone_gives_no_access(login):
    assert login(builders.a_person(is_staff=True)).get(reverse(INDEX)).status_code == 403


def test_admin_uses_the_login_page_of_collum(client, login, catalogue_manager, staff):
    assert client.get(reverse("admin:login")).url.startswith(reverse("account_login"))
    assert client.get(reverse(INDEX), follow=True).redirect_chain[-1][0].startswith(reverse("account_login"))
    assert login(catalogue_manager).get(reverse("admin:login")).url == reverse(INDEX)
    assert login(staff).get(reverse("admin:login")).status_code == 403


def test_logout_and_password_change_are_collums_pages(manager):
    assert manager.post(reverse("admin:logout")).url == reverse("account_logout")
    assert manager.get(reverse("admin:password_change")).url == reverse("account_change_password")
    page = manager.get(reverse(INDEX)).content.decode()
    assert f'action="{reverse("account_logout")}"' in page
    assert "Django" not in re.sub(r"<(script|link)[^>]*>", "", page)


def test_redirects_by_content_type_are_not_found(manager):
    patient = builders.a_patient()
    kind = ContentType.objects.get_for_model(patient)
    assert manager.get(f"/admin/r/{kind.pk}/{patient.pk}/").status_code == 404


@pytest.mark.parametrize("address", [MUSCLES, "admin:planning_product_changelist", INSTRUMENTS])
def test_every_catalogue_page_opens(manager, address):
    assert manager.get(reverse(address), {"q": "o", "state": "offered"}).status_code == 200
    assert manager.get(reverse(address), {"state": "nonsense"}).status_code == 200


# A stale save


@pytest.mark.engine
def test_stale_save_is_a_conflict_with_both_values(manager):
    # Given a form that was opened before another user changed the muscle
    muscle = builders.a_muscle("LS")
    sent = form_of(manager, change_address(muscle)) | {"latin_name": "mine", "synonyms": "also mine"}
    muscle.latin_name = "theirs"
    muscle.save()

    # When it is sent
    response = manager.post(change_address(muscle), sent)

    # Then it is rejected, and shows the stored values next to the typed ones
    errors = errors_of(response)
    assert errors["__all__"] == ["Another user has changed this. Read it again before you save."]
    assert "Stored now: theirs." in errors["latin_name"][0]
    page = response.content.decode()
    assert 'value="mine"' in page
    assert 'value="also mine"' in page
    assert builders.a_muscle("LS").latin_name == "theirs"

    # And sent again as shown there, it is saved
    sent["version_read"] = response.context["adminform"].form["version_read"].value()
    assert manager.post(change_address(muscle), sent).status_code == 302
    assert builders.a_muscle("LS").latin_name == "mine"


@pytest.mark.parametrize("version", [None, "", "0", "nonsense"])
def test_save_without_a_version_is_rejected(manager, version):
    muscle = builders.a_muscle("LS")
    sent = form_of(manager, change_address(muscle)) | {"latin_name": "mine"}
    sent.pop("version_read")
    if version is not None:
        sent["version_read"] = version
    assert "__all__" in errors_of(manager.post(change_address(muscle), sent))
    assert builders.a_muscle("LS").latin_name != "mine"


def test_stale_save_of_a_user_is_a_conflict(administrator, neurologist):
    address = reverse(CHANGE_PERSON, args=[neurologist.pk])
    sent = form_of(administrator, address) | CONFIRMED | {"printed_name": "Dr Mine"}
    neurologist.groups.add(Group.objects.get(name="auditor"))
    errors = errors_of(administrator.post(address, sent))
    assert "Stored now: auditor, neurologist." in errors["groups"][0]
    neurologist.refresh_from_db()
    assert neurologist.printed_name == "Dr A. Morgan"


def test_stale_save_of_the_clinic_is_a_conflict(administrator):
    address = reverse("admin:clinic_clinic_change", args=[1])
    sent = form_of(administrator, address) | {"name": "Mine"}
    Clinic.objects.update(name="Theirs")
    assert "Stored now: Theirs." in errors_of(administrator.post(address, sent))["name"][0]
    assert Clinic.ours().name == "Theirs"


# History


def test_history_shows_changes_and_users(manager, catalogue_manager):
    muscle = builders.a_muscle("LS")
    for latin in ("first", "second"):
        manager.post(change_address(muscle), form_of(manager, change_address(muscle)) | {"latin_name": latin})
    page = manager.get(reverse("admin:planning_muscle_history", args=[muscle.pk])).content.decode()
    assert "second" in page
    assert str(catalogue_manager) in page


def test_earlier_state_is_read_only(manager):
    muscle = builders.a_muscle("LS")
    manager.post(change_address(muscle), form_of(manager, change_address(muscle)) | {"latin_name": "first"})
    manager.post(change_address(muscle), form_of(manager, change_address(muscle)) | {"latin_name": "second"})
    earlier = muscle.history.get(latin_name="first")
    address = reverse("admin:planning_muscle_simple_history", args=[muscle.pk, earlier.pk])
    page = manager.get(address).content.decode()
    assert "first" in page
    assert '<input type="text"' not in page
    assert manager.post(address, form_of(manager, change_address(muscle))).status_code == 409
    assert builders.a_muscle("LS").latin_name == "second"


# People

CONFIRMED = {"your_password": builders.PASSWORD}


def a_new_person(**details):
    return {
        "username": "newcomer",
        "printed_name": "Dr N. Ewcomer",
        "groups": [Group.objects.get(name="trainee").pk],
        "password1": "a-first-password",
        "password2": "a-first-password",
        **CONFIRMED,
        **details,
    }


def test_new_user_must_change_the_first_password(administrator, client):
    page = administrator.get(reverse(NEW_PERSON)).content.decode()
    assert "The user must choose a new one at the next login." in page

    administrator.post(reverse(NEW_PERSON), a_new_person())

    person = User.objects.get(username="newcomer")
    assert person.must_change_password
    assert person.check_password("a-first-password")
    assert (person.role_names, person.printed_name) == (["trainee"], "Dr N. Ewcomer")
    assert AuditEntry.objects.filter(action="added", object_type="clinic.user", object_id=person.pk).exists()
    client.force_login(person)
    assert client.get(reverse("planning:today")).url == reverse("account_change_password")


@pytest.mark.engine
@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"printed_name": " "}, "printed_name"),
        ({"username": "PERSON-A"}, "username"),
        ({"password1": "short", "password2": "short"}, "password2"),
        ({"password2": "another-one-entirely"}, "password2"),
        ({"groups": ["999999"]}, "groups"),
    ],
)
def test_user_needs_a_unique_name_and_a_password(details, field, administrator):
    builders.a_person(username="person-a")
    assert field in errors_of(administrator.post(reverse(NEW_PERSON), a_new_person(**details)))
    assert not User.objects.filter(printed_name="Dr N. Ewcomer").exists()


def test_only_the_five_roles_are_offered(administrator, neurologist):
    Group.objects.create(name="friends")
    for address in (reverse(NEW_PERSON), reverse(CHANGE_PERSON, args=[neurologist.pk])):
        groups = administrator.get(address).context["adminform"].form.fields["groups"].queryset
        assert {group.name for group in groups} == set(ROLES)


def test_djangos_permissions_have_no_effect(administrator, neurologist):
    page = administrator.get(reverse(CHANGE_PERSON, args=[neurologist.pk])).content.decode()
    assert "is_staff" not in page
    assert "user_permissions" not in page
    assert "is_superuser" in page


def test_password_set_by_an_administrator_must_be_changed(administrator, neurologist):
    address = reverse("admin:auth_user_password_change", args=[neurologist.pk])
    assert "The user must choose a new one at the next login." in administrator.get(address).content.decode()
    sent = {"password1": "another-long-one", "password2": "another-long-one", **CONFIRMED}
    assert administrator.post(address, sent).status_code == 302
    neurologist.refresh_from_db()
    assert neurologist.must_change_password
    assert neurologist.check_password("another-long-one")
    assert AuditEntry.objects.last().action == "changed"
    assert administrator.post(address, {"password1": "", "password2": ""}).status_code == 200


def test_user_list_shows_roles_with_constant_query_count(administrator, django_assert_max_num_queries):
    for role in [*ROLES] * 5:
        builders.a_person(role)
    with django_assert_max_num_queries(20):
        assert "catalogue manager" in administrator.get(reverse(PEOPLE)).content.decode()


def test_users_are_deactivated_and_not_deleted(administrator, neurologist):
    assert administrator.get(reverse("admin:clinic_user_delete", args=[neurologist.pk])).status_code == 403
    assert "delete_selected" not in administrator.get(reverse(PEOPLE)).content.decode()
    address = reverse(CHANGE_PERSON, args=[neurologist.pk])
    sent = form_of(administrator, address) | CONFIRMED
    del sent["is_active"]
    assert administrator.post(address, sent).status_code == 302
    neurologist.refresh_from_db()
    assert not neurologist.is_active


def accounts_forms(administrator, person):
    """Each form that changes an account, as sent without the administrator's password."""
    change = reverse(CHANGE_PERSON, args=[person.pk])
    return {
        change: form_of(administrator, change) | {"email": "other@example.org"},
        reverse(NEW_PERSON): a_new_person(),
        reverse("admin:auth_user_password_change", args=[person.pk]): {
            "password1": "another-long-one",
            "password2": "another-long-one",
        },
    }


@pytest.mark.engine
@pytest.mark.parametrize(
    ("typed", "message"),
    [({}, "Type your own password to confirm this."), ({"your_password": "wrong"}, "This is not your password.")],
)
def test_change_of_an_account_needs_the_own_password(typed, message, administrator, neurologist):
    for address, sent in accounts_forms(administrator, neurologist).items():
        response = administrator.post(address, {**sent, "your_password": "", **typed})
        assert response.status_code == 200
        form = response.context.get("form") or response.context["adminform"].form
        assert form.errors["your_password"] == [message]
        page = response.content.decode()
        assert "wrong" not in page
        assert all(f'name="{field.html_name}"' in page for field in form)
    neurologist.refresh_from_db()
    assert neurologist.email == ""
    assert neurologist.check_password(builders.PASSWORD)
    assert not User.objects.filter(username="newcomer").exists()

    # And a wrong one counts as at a login
    assert AuditEntry.objects.filter(outcome="failed").count() == (3 if typed else 0)


@pytest.mark.parametrize("power", ["is_active", "is_superuser"])
def test_administrators_cannot_remove_their_own_access(power, administrator, superuser):
    address = reverse(CHANGE_PERSON, args=[superuser.pk])
    sent = form_of(administrator, address) | CONFIRMED
    del sent[power]
    assert "Ask another administrator" in errors_of(administrator.post(address, sent))[power][0]


def test_new_role_applies_from_the_next_request(administrator, staff):
    address = reverse(CHANGE_PERSON, args=[staff.pk])
    sent = form_of(administrator, address) | {"groups": [Group.objects.get(name="catalogue manager").pk]}
    administrator.post(address, sent | CONFIRMED)
    administrator.force_login(User.objects.get(pk=staff.pk))
    assert administrator.get(reverse(MUSCLES)).status_code == 200


# The clinic


def test_clinic_details_are_changed_and_audited(administrator, superuser):
    assert administrator.get(reverse("admin:clinic_clinic_changelist")).url.endswith("/1/change/")
    address = reverse("admin:clinic_clinic_change", args=[1])
    administrator.post(address, form_of(administrator, address) | {"name": "Neck clinic", "phone": "0555 1"})
    assert (Clinic.ours().name, Clinic.ours().phone) == ("Neck clinic", "0555 1")
    assert Clinic.ours().history.latest().history_user == superuser
    assert AuditEntry.objects.last().action == "changed"
    assert administrator.get(reverse("admin:clinic_clinic_add")).status_code == 403
    assert administrator.get(reverse("admin:clinic_clinic_delete", args=[1])).status_code == 403
