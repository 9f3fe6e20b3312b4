"""The admin site: for whom it opens, what a stale or forestalled save meets, and what it never shows."""

import re

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from clinic.accounts.permissions import ROLES
from clinic.models import AuditEntry, Clinic, User
from planning.models import Instrument, MapPlace, Muscle, Product, Side
from tests import builders
from tests.seen import seen

pytestmark = pytest.mark.django_db

INDEX = "admin:index"
MUSCLES, NEW_MUSCLE, CHANGE_MUSCLE = (f"admin:planning_muscle_{view}" for view in ("changelist", "add", "change"))
INSTRUMENTS, NEW_INSTRUMENT, CHANGE_INSTRUMENT = (
    f"admin:planning_instrument_{view}" for view in ("changelist", "add", "change")
)
PEOPLE, NEW_PERSON, CHANGE_PERSON = (f"admin:clinic_user_{view}" for view in ("changelist", "add", "change"))


@pytest.fixture
def manager(login, catalogue_manager):
    return login(catalogue_manager)


@pytest.fixture
def administrator(login, superuser):
    return login(superuser)


def form_of(client, address):
    """What a browser would send back of the form at `address`, unchanged."""
    form = client.get(address).context["adminform"].form
    sent = {}
    for bound in form:
        value = bound.value()
        if isinstance(value, list):
            sent[bound.html_name] = [getattr(one, "pk", one) for one in value]
        elif value is not None and value is not False:
            sent[bound.html_name] = value
    return sent


def change_address(muscle):
    return reverse(CHANGE_MUSCLE, args=[muscle.pk])


def errors_of(response):
    return response.context["adminform"].form.errors


# For whom it opens


def test_the_site_holds_the_catalogue_people_and_the_clinic_and_nothing_else():
    assert {model._meta.label for model in admin.site._registry} == {
        "planning.Muscle",
        "planning.Product",
        "planning.Instrument",
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
def test_the_catalogue_opens_to_its_managers_and_people_to_the_superuser(person, muscles, people, login, request):
    client = login(request.getfixturevalue(person))
    assert client.get(reverse(MUSCLES)).status_code == muscles
    assert client.get(reverse(NEW_MUSCLE)).status_code == muscles
    assert client.get(reverse(PEOPLE)).status_code == people
    assert client.get(reverse("admin:clinic_clinic_change", args=[1])).status_code == people


def test_the_index_shows_to_each_what_is_theirs(login, catalogue_manager, superuser):
    theirs = login(catalogue_manager).get(reverse(INDEX)).content.decode()
    assert "Muscles" in theirs
    assert "Users" not in theirs
    others = login(superuser).get(reverse(INDEX)).content.decode()
    assert "Users" in others
    assert "Muscles" not in others


def test_being_staff_in_djangos_sense_opens_nothing(login):
    assert login(builders.a_person(is_staff=True)).get(reverse(INDEX)).status_code == 403


def test_there_is_one_login_page(client, login, catalogue_manager, staff):
    assert client.get(reverse("admin:login")).url.startswith(reverse("account_login"))
    assert client.get(reverse(INDEX), follow=True).redirect_chain[-1][0].startswith(reverse("account_login"))
    assert login(catalogue_manager).get(reverse("admin:login")).url == reverse(INDEX)
    assert login(staff).get(reverse("admin:login")).status_code == 403


def test_logging_out_and_the_own_password_are_collums_pages(manager):
    assert manager.post(reverse("admin:logout")).url == reverse("account_logout")
    assert manager.get(reverse("admin:password_change")).url == reverse("account_change_password")
    page = manager.get(reverse(INDEX)).content.decode()
    assert f'action="{reverse("account_logout")}"' in page
    assert "Django" not in re.sub(r"<(script|link)[^>]*>", "", page)


def test_no_address_leads_from_a_number_to_a_record(manager):
    patient = builders.a_patient()
    kind = ContentType.objects.get_for_model(patient)
    assert manager.get(f"/admin/r/{kind.pk}/{patient.pk}/").status_code == 404


@pytest.mark.parametrize("address", [MUSCLES, "admin:planning_product_changelist", INSTRUMENTS])
def test_every_page_of_the_catalogue_answers(manager, address):
    assert manager.get(reverse(address), {"q": "o", "state": "offered"}).status_code == 200
    assert manager.get(reverse(address), {"state": "nonsense"}).status_code == 200


# Adding and changing


def test_a_manager_adds_a_muscle_and_it_is_audited(manager, catalogue_manager):
    sent = form_of(manager, reverse(NEW_MUSCLE)) | {"name": "Trapezius", "short_name": "TRAP"}
    assert manager.post(reverse(NEW_MUSCLE), sent).status_code == 302
    muscle = builders.a_muscle("TRAP")
    trace = AuditEntry.objects.last()
    assert (trace.action, trace.object_type, trace.object_id) == ("added", "planning.muscle", muscle.pk)
    assert (trace.actor, muscle.history.latest().history_user) == (catalogue_manager, catalogue_manager)


def test_a_manager_changes_a_muscle_and_it_is_audited(manager, catalogue_manager):
    muscle = builders.a_muscle("LS")
    sent = form_of(manager, change_address(muscle)) | {"synonyms": "levator anguli"}
    assert manager.post(change_address(muscle), sent).status_code == 302
    muscle = builders.a_muscle("LS")
    assert muscle.synonyms == "levator anguli"
    assert muscle.name_keys.filter(key="levator anguli").exists()
    assert (AuditEntry.objects.last().action, AuditEntry.objects.last().actor) == ("changed", catalogue_manager)


def test_a_taken_name_is_refused_beside_its_field_and_stays_typed(manager):
    sent = form_of(manager, reverse(NEW_MUSCLE)) | {"name": "Neu", "short_name": "scm", "synonyms": "levator scapulae"}
    response = manager.post(reverse(NEW_MUSCLE), sent)
    assert errors_of(response) == {
        "short_name": ["“scm” is already a name of Sternocleidomastoid."],
        "synonyms": ["“levator scapulae” is already a name of Levator scapulae."],
    }
    assert 'value="scm"' in response.content.decode()


@pytest.mark.engine
@pytest.mark.parametrize("blind", [1, 3])
def test_a_name_that_is_taken_in_the_same_moment_is_refused_with_the_same_sentence(blind, manager, monkeypatch):
    # Given a name that somebody else takes after this form was checked, or even after the action asked
    check = Muscle.clean
    left = iter([True] * blind)
    monkeypatch.setattr(Muscle, "clean", lambda muscle: None if next(left, False) else check(muscle))
    sent = form_of(manager, reverse(NEW_MUSCLE)) | {"name": "New", "short_name": "SCM"}

    # When the form is sent, then the action or the database refuses, and the sentence is that of the check
    response = manager.post(reverse(NEW_MUSCLE), sent)
    assert errors_of(response) == {"short_name": ["“SCM” is already a name of Sternocleidomastoid."]}
    assert not Muscle.objects.filter(name="New").exists()


@pytest.mark.engine
@pytest.mark.parametrize("blind", [1, 3])
def test_a_name_that_is_taken_while_another_entry_is_changed_is_refused_too(blind, manager, monkeypatch):
    address = change_address(builders.a_muscle("LS"))
    sent = form_of(manager, address) | {"short_name": "SCM"}
    check = Muscle.clean
    left = iter([True] * blind)
    monkeypatch.setattr(Muscle, "clean", lambda muscle: None if next(left, False) else check(muscle))

    assert errors_of(manager.post(address, sent)) == {"short_name": ["“SCM” is already a name of Sternocleidomastoid."]}
    assert builders.a_muscle("LS").version == 1


def test_each_save_of_an_entry_leaves_one_audit_entry_and_one_row_of_history(manager):
    before = AuditEntry.objects.count()
    sent = form_of(manager, reverse(NEW_MUSCLE)) | {"name": "Trapezius", "short_name": "TRAP"}
    manager.post(reverse(NEW_MUSCLE), sent)
    muscle = builders.a_muscle("TRAP")
    manager.post(change_address(muscle), form_of(manager, change_address(muscle)) | {"synonyms": "trapeze"})
    assert (AuditEntry.objects.count(), muscle.history.count()) == (before + 2, 2)


def test_a_save_that_changes_nothing_leaves_no_trace(manager):
    muscle = builders.a_muscle("LS")
    before = AuditEntry.objects.count()
    assert manager.post(change_address(muscle), form_of(manager, change_address(muscle))).status_code == 302
    assert (AuditEntry.objects.count(), builders.a_muscle("LS").version) == (before, muscle.version)


def test_two_muscles_do_not_share_a_place_on_the_map(manager):
    sent = form_of(manager, reverse(NEW_MUSCLE)) | {"name": "N", "short_name": "N", "map_place": MapPlace.SCALENE}
    assert errors_of(manager.post(reverse(NEW_MUSCLE), sent)) == {
        "map_place": ["Scalene has this position on the neck map."]
    }


def test_a_part_is_not_offered_as_a_group(manager):
    groups = manager.get(reverse(NEW_MUSCLE)).context["adminform"].form.fields["group"].queryset
    assert builders.a_muscle("SCAL") in groups
    assert builders.a_muscle("SCAL-A") not in groups


# Instruments


def test_a_manager_adds_an_instrument_and_it_is_audited(manager, catalogue_manager):
    total = builders.an_instrument("Tsui")
    sent = form_of(manager, reverse(NEW_INSTRUMENT)) | {
        "name": "Tsui tremor",
        "part_of": total.pk,
        "lowest": "0",
        "highest": "4.5",
        "allows_fractions": "on",
    }
    assert manager.post(reverse(NEW_INSTRUMENT), sent).status_code == 302
    made = builders.an_instrument("Tsui tremor")
    assert (made.part_of, made.range_in_words(), made.higher_is_worse) == (total, "0 to 4.5", True)
    trace = AuditEntry.objects.last()
    assert (trace.action, trace.object_type, trace.object_id) == ("added", "planning.instrument", made.pk)
    assert made.history.latest().history_user == catalogue_manager


def test_only_totals_are_offered_to_be_part_of_and_never_the_instrument_itself(manager):
    total, part, other = (Instrument.objects.get(name=name) for name in ("TWSTRS total", "TWSTRS pain", "Tsui"))

    def offered(address):
        return set(manager.get(address).context["adminform"].form.fields["part_of"].queryset)

    for_new = offered(reverse(NEW_INSTRUMENT))
    assert {total, other} <= for_new
    assert part not in for_new
    assert for_new - offered(reverse(CHANGE_INSTRUMENT, args=[total.pk])) == {total}
    address = reverse(CHANGE_INSTRUMENT, args=[total.pk])
    assert "part_of" in errors_of(manager.post(address, form_of(manager, address) | {"part_of": total.pk}))


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"highest": "0"}, "__all__", "The highest score must be above the lowest."),
        ({"highest": "NaN"}, "highest", "Enter a number."),
        ({"highest": "12,5"}, "highest", "Enter a number."),
        ({"highest": ""}, "highest", "This field is required."),
        ({"lowest": "0.001"}, "lowest", "no more than 2 decimal places"),
        ({"name": "tsüi"}, "name", "Tsui has this name."),
        ({"levels": "low\nhigh"}, "levels", "A line for each whole score is needed"),
    ],
)
def test_an_instrument_that_cannot_be_is_refused_beside_its_field(typed, field, sentence, manager):
    new = {"name": "New", "lowest": "0", "highest": "9", **typed}
    answer = manager.post(reverse(NEW_INSTRUMENT), form_of(manager, reverse(NEW_INSTRUMENT)) | new)
    assert sentence in errors_of(answer)[field][0]
    assert not Instrument.objects.filter(lowest__lt=1, name__in=["New", "tsüi"]).exists()


def test_the_list_of_instruments_tells_range_and_direction_and_asks_no_more_for_many(
    manager, django_assert_max_num_queries
):
    page = manager.get(reverse(INSTRUMENTS)).content.decode()
    for told in ("0 to 85", "higher is worse", "TWSTRS pain", "Offered"):
        assert told in page
    total = builders.an_instrument("Tsui")
    for number in range(50):
        Instrument.objects.create(name=f"Part {number}", part_of=total, lowest=0, highest=1)
    with django_assert_max_num_queries(12):
        manager.get(reverse(INSTRUMENTS))


def test_an_earlier_state_of_an_instrument_is_read(manager):
    address = reverse(CHANGE_INSTRUMENT, args=[builders.an_instrument("CGI-S").pk])
    manager.post(address, form_of(manager, address) | {"source": "first"})
    manager.post(address, form_of(manager, address) | {"source": "second"})
    instrument = builders.an_instrument("CGI-S")
    earlier = instrument.history.get(source="first")
    page = manager.get(
        reverse("admin:planning_instrument_simple_history", args=[instrument.pk, earlier.pk])
    ).content.decode()
    assert "first" in page
    assert '<input type="text"' not in page


# A stale save


@pytest.mark.engine
def test_a_stale_save_is_refused_with_both_values_and_nothing_typed_is_lost(manager):
    # Given a form that was read before somebody else changed the muscle
    muscle = builders.a_muscle("LS")
    sent = form_of(manager, change_address(muscle)) | {"latin_name": "mine", "synonyms": "also mine"}
    muscle.latin_name = "theirs"
    muscle.save()

    # When it is sent
    response = manager.post(change_address(muscle), sent)

    # Then it is refused, and says what is stored beside what was typed
    errors = errors_of(response)
    assert errors["__all__"] == ["Another user has changed this. Read it again before you save."]
    assert "Stored now: theirs." in errors["latin_name"][0]
    page = response.content.decode()
    assert 'value="mine"' in page
    assert 'value="also mine"' in page
    assert builders.a_muscle("LS").latin_name == "theirs"

    # And sent again as it stands there, it is saved
    sent["version_read"] = response.context["adminform"].form["version_read"].value()
    assert manager.post(change_address(muscle), sent).status_code == 302
    assert builders.a_muscle("LS").latin_name == "mine"


@pytest.mark.parametrize("version", [None, "", "0", "nonsense"])
def test_a_save_without_a_version_is_refused(manager, version):
    muscle = builders.a_muscle("LS")
    sent = form_of(manager, change_address(muscle)) | {"latin_name": "mine"}
    sent.pop("version_read")
    if version is not None:
        sent["version_read"] = version
    assert "__all__" in errors_of(manager.post(change_address(muscle), sent))
    assert builders.a_muscle("LS").latin_name != "mine"


def test_a_stale_save_of_a_person_is_refused_too(administrator, neurologist):
    address = reverse(CHANGE_PERSON, args=[neurologist.pk])
    sent = form_of(administrator, address) | {"printed_name": "Dr Mine"}
    neurologist.groups.add(Group.objects.get(name="auditor"))
    errors = errors_of(administrator.post(address, sent))
    assert "Stored now: auditor, neurologist." in errors["groups"][0]
    neurologist.refresh_from_db()
    assert neurologist.printed_name == "Dr A. Morgan"


def test_a_stale_save_of_the_clinic_is_refused_too(administrator):
    address = reverse("admin:clinic_clinic_change", args=[1])
    sent = form_of(administrator, address) | {"name": "Mine"}
    Clinic.objects.update(name="Theirs")
    assert "Stored now: Theirs." in errors_of(administrator.post(address, sent))["name"][0]
    assert Clinic.ours().name == "Theirs"


# History


def test_the_history_says_what_changed_and_who_did_it(manager, catalogue_manager):
    muscle = builders.a_muscle("LS")
    for latin in ("first", "second"):
        manager.post(change_address(muscle), form_of(manager, change_address(muscle)) | {"latin_name": latin})
    page = manager.get(reverse("admin:planning_muscle_history", args=[muscle.pk])).content.decode()
    assert "second" in page
    assert str(catalogue_manager) in page


def test_an_earlier_state_is_read_and_never_written(manager):
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


# Retiring and deleting


def press(client, action, *entries):
    address = reverse(f"admin:planning_{entries[0]._meta.model_name}_changelist")
    versions = {f"version-{entry.pk}": seen(entry)["version"] for entry in entries}
    sent = {"action": action, "_selected_action": [entry.pk for entry in entries], **versions}
    return client.post(address, sent, follow=True)


def test_entries_are_retired_and_restored_from_the_list(manager, catalogue_manager):
    muscle, product = builders.a_muscle("LS"), builders.a_product("Botox")
    press(manager, "retire", builders.an_instrument("Tsui"))
    assert builders.an_instrument("Tsui").is_retired
    assert "Retired: Levator scapulae." in press(manager, "retire", muscle).content.decode()
    press(manager, "retire", product)
    assert builders.a_muscle("LS").is_retired
    assert builders.a_product("Botox").is_retired
    assert builders.a_muscle("LS").history.latest().history_user == catalogue_manager
    assert "Retired on" in manager.get(reverse(MUSCLES), {"state": "retired"}).content.decode()
    press(manager, "restore", muscle)
    assert not builders.a_muscle("LS").is_retired


def test_restoring_names_who_has_the_place_and_continues(manager, catalogue_manager):
    retired = [builders.retire(builders.a_muscle(name), by=catalogue_manager) for name in ("LS", "SCM")]
    Muscle.objects.create(name="Other", short_name="OTH", map_place=MapPlace.LEVATOR_SCAPULAE)
    answer = press(manager, "restore", *retired)
    assert answer.status_code == 200
    assert "Other has this position on the neck map." in answer.content.decode()
    assert builders.a_muscle("LS").is_retired
    assert not builders.a_muscle("SCM").is_retired


def test_an_entry_in_use_is_not_deleted_and_the_message_says_where(manager):
    session = builders.a_planned_session(product="Botox", muscles=[("SCM", Side.RIGHT)])
    instrument = builders.an_instrument("Tsui")
    builders.an_assessment(visit=session.visit, scores=[(instrument, 3)])
    for entry, noun in (
        (builders.a_muscle("SCM"), "session"),
        (builders.a_product("Botox"), "session"),
        (instrument, "score"),
    ):
        address = reverse(f"admin:planning_{entry._meta.model_name}_delete", args=[entry.pk])
        for answer in (manager.get(address, follow=True), manager.post(address, {"post": "yes"}, follow=True)):
            page = answer.content.decode()
            assert f"it is named in 1 {noun}. Retire it instead." in page
            assert "Family" not in page
        assert type(entry).objects.filter(pk=entry.pk).exists()


@pytest.mark.engine
def test_an_entry_that_comes_into_use_while_it_is_deleted_is_not_deleted(manager, monkeypatch):
    builders.a_planned_session(product="Botox")
    told = iter([None])
    obstacle = Product.deletion_obstacle
    monkeypatch.setattr(Product, "deletion_obstacle", lambda product: next(told, obstacle(product)))
    monkeypatch.setattr("django.contrib.admin.options.get_deleted_objects", lambda *args: ([], {}, set(), []))
    product = builders.a_product("Botox")
    address = reverse("admin:planning_product_delete", args=[product.pk])
    assert "named in 1 session" in manager.post(address, {"post": "yes"}, follow=True).content.decode()


def test_an_unused_entry_is_deleted_and_it_is_audited(manager):
    muscle = builders.a_muscle("LS")
    address = reverse("admin:planning_muscle_delete", args=[muscle.pk])
    assert manager.get(address).status_code == 200
    manager.post(address, {"post": "yes"})
    assert not Muscle.objects.filter(pk=muscle.pk).exists()
    trace = AuditEntry.objects.last()
    assert (trace.action, trace.object_id) == ("deleted", muscle.pk)


def test_deleting_what_is_not_there_leads_back(manager):
    address = reverse("admin:planning_muscle_delete", args=[999_999])
    assert manager.get(address).status_code == 302


def test_entries_are_not_deleted_in_bulk(manager):
    assert "delete_selected" not in manager.get(reverse(MUSCLES)).content.decode()
    press(manager, "delete_selected", builders.a_muscle("LS"))
    assert builders.a_muscle("LS").pk


# People


def a_new_person(**details):
    return {
        "username": "newcomer",
        "printed_name": "Dr N. Ewcomer",
        "groups": [Group.objects.get(name="trainee").pk],
        "password1": "a-first-password",
        "password2": "a-first-password",
        **details,
    }


def test_an_administrator_adds_a_person_whose_first_password_is_changed_at_the_first_login(administrator, client):
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
def test_a_person_needs_a_name_of_their_own_and_a_password(details, field, administrator):
    builders.a_person(username="person-a")
    assert field in errors_of(administrator.post(reverse(NEW_PERSON), a_new_person(**details)))
    assert not User.objects.filter(printed_name="Dr N. Ewcomer").exists()


def test_the_five_roles_are_offered_and_no_other_group(administrator, neurologist):
    Group.objects.create(name="friends")
    for address in (reverse(NEW_PERSON), reverse(CHANGE_PERSON, args=[neurologist.pk])):
        groups = administrator.get(address).context["adminform"].form.fields["groups"].queryset
        assert {group.name for group in groups} == set(ROLES)


def test_what_djangos_permissions_would_say_is_not_asked(administrator, neurologist):
    page = administrator.get(reverse(CHANGE_PERSON, args=[neurologist.pk])).content.decode()
    assert "is_staff" not in page
    assert "user_permissions" not in page
    assert "is_superuser" in page


def test_a_password_set_later_is_changed_at_the_next_login(administrator, neurologist):
    address = reverse("admin:auth_user_password_change", args=[neurologist.pk])
    assert "The user must choose a new one at the next login." in administrator.get(address).content.decode()
    sent = {"password1": "another-long-one", "password2": "another-long-one"}
    assert administrator.post(address, sent).status_code == 302
    neurologist.refresh_from_db()
    assert neurologist.must_change_password
    assert neurologist.check_password("another-long-one")
    assert AuditEntry.objects.last().action == "changed"
    assert administrator.post(address, {"password1": "", "password2": ""}).status_code == 200


def test_the_list_names_roles_and_asks_no_more_for_many_people(administrator, django_assert_max_num_queries):
    for role in [*ROLES] * 5:
        builders.a_person(role)
    with django_assert_max_num_queries(20):
        assert "catalogue manager" in administrator.get(reverse(PEOPLE)).content.decode()


def test_people_are_deactivated_and_not_deleted(administrator, neurologist):
    assert administrator.get(reverse("admin:clinic_user_delete", args=[neurologist.pk])).status_code == 403
    assert "delete_selected" not in administrator.get(reverse(PEOPLE)).content.decode()
    address = reverse(CHANGE_PERSON, args=[neurologist.pk])
    sent = form_of(administrator, address)
    del sent["is_active"]
    assert administrator.post(address, sent).status_code == 302
    neurologist.refresh_from_db()
    assert not neurologist.is_active


@pytest.mark.parametrize("power", ["is_active", "is_superuser"])
def test_an_administrator_does_not_lock_the_door_from_outside(power, administrator, superuser):
    address = reverse(CHANGE_PERSON, args=[superuser.pk])
    sent = form_of(administrator, address)
    del sent[power]
    assert "Ask another administrator" in errors_of(administrator.post(address, sent))[power][0]


def test_a_new_role_counts_from_the_next_request_on(administrator, staff):
    address = reverse(CHANGE_PERSON, args=[staff.pk])
    sent = form_of(administrator, address) | {"groups": [Group.objects.get(name="catalogue manager").pk]}
    administrator.post(address, sent)
    administrator.force_login(User.objects.get(pk=staff.pk))
    assert administrator.get(reverse(MUSCLES)).status_code == 200


# The clinic


def test_the_clinics_details_are_changed_and_audited(administrator, superuser):
    assert administrator.get(reverse("admin:clinic_clinic_changelist")).url.endswith("/1/change/")
    address = reverse("admin:clinic_clinic_change", args=[1])
    administrator.post(address, form_of(administrator, address) | {"name": "Neck clinic", "phone": "0555 1"})
    assert (Clinic.ours().name, Clinic.ours().phone) == ("Neck clinic", "0555 1")
    assert Clinic.ours().history.latest().history_user == superuser
    assert AuditEntry.objects.last().action == "changed"
    assert administrator.get(reverse("admin:clinic_clinic_add")).status_code == 403
    assert administrator.get(reverse("admin:clinic_clinic_delete", args=[1])).status_code == 403
