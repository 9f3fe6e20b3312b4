"""The catalogue in the admin site: added, changed, retired, deleted."""

import pytest
from django.urls import reverse

from clinic.models import AuditEntry
from planning.models import Instrument, MapPlace, Muscle, Product, Side
from tests import builders
from tests.planning.catalogue.admin_pages import (
    CHANGE_INSTRUMENT,
    INSTRUMENTS,
    MUSCLES,
    NEW_INSTRUMENT,
    NEW_MUSCLE,
    change_address,
    errors_of,
    form_of,
)
from tests.posted_data import shown_version

pytestmark = pytest.mark.django_db


# Adding and changing


def test_manager_adds_a_muscle_and_it_is_audited(manager, catalogue_manager):
    sent = form_of(manager, reverse(NEW_MUSCLE)) | {"name": "Trapezius", "short_name": "TRAP"}
    assert manager.post(reverse(NEW_MUSCLE), sent).status_code == 302
    muscle = builders.a_muscle("TRAP")
    entry = AuditEntry.objects.last()
    assert (entry.action, entry.object_type, entry.object_id) == ("added", "planning.muscle", muscle.pk)
    assert (entry.actor, muscle.history.latest().history_user) == (catalogue_manager, catalogue_manager)


def test_manager_changes_a_muscle_and_it_is_audited(manager, catalogue_manager):
    muscle = builders.a_muscle("LS")
    sent = form_of(manager, change_address(muscle)) | {"synonyms": "levator anguli"}
    assert manager.post(change_address(muscle), sent).status_code == 302
    muscle = builders.a_muscle("LS")
    assert muscle.synonyms == "levator anguli"
    assert muscle.name_keys.filter(key="levator anguli").exists()
    assert (AuditEntry.objects.last().action, AuditEntry.objects.last().actor) == ("changed", catalogue_manager)


def test_used_name_is_rejected_by_field_and_stays_typed(manager):
    sent = form_of(manager, reverse(NEW_MUSCLE)) | {"name": "Neu", "short_name": "scm", "synonyms": "levator scapulae"}
    response = manager.post(reverse(NEW_MUSCLE), sent)
    assert errors_of(response) == {
        "short_name": ["“scm” is already a name of Sternocleidomastoid."],
        "synonyms": ["“levator scapulae” is already a name of Levator scapulae."],
    }
    assert 'value="scm"' in response.content.decode()


@pytest.mark.engine
@pytest.mark.parametrize("blind", [1, 3])
def test_concurrently_used_name_gets_the_same_message(blind, manager, monkeypatch):
    # Given a name that another user takes after this form was checked, or even after the action's check
    check = Muscle.clean
    left = iter([True] * blind)
    monkeypatch.setattr(Muscle, "clean", lambda muscle: None if next(left, False) else check(muscle))
    sent = form_of(manager, reverse(NEW_MUSCLE)) | {"name": "New", "short_name": "SCM"}

    # When the form is sent, then the action or the database rejects it, with the message of the check
    response = manager.post(reverse(NEW_MUSCLE), sent)
    assert errors_of(response) == {"short_name": ["“SCM” is already a name of Sternocleidomastoid."]}
    assert not Muscle.objects.filter(name="New").exists()


@pytest.mark.engine
@pytest.mark.parametrize("blind", [1, 3])
def test_name_used_during_a_change_is_rejected(blind, manager, monkeypatch):
    address = change_address(builders.a_muscle("LS"))
    sent = form_of(manager, address) | {"short_name": "SCM"}
    check = Muscle.clean
    left = iter([True] * blind)
    monkeypatch.setattr(Muscle, "clean", lambda muscle: None if next(left, False) else check(muscle))

    assert errors_of(manager.post(address, sent)) == {"short_name": ["“SCM” is already a name of Sternocleidomastoid."]}
    assert builders.a_muscle("LS").version == 1


def test_save_leaves_one_audit_entry_and_one_history_row(manager):
    before = AuditEntry.objects.count()
    sent = form_of(manager, reverse(NEW_MUSCLE)) | {"name": "Trapezius", "short_name": "TRAP"}
    manager.post(reverse(NEW_MUSCLE), sent)
    muscle = builders.a_muscle("TRAP")
    manager.post(change_address(muscle), form_of(manager, change_address(muscle)) | {"synonyms": "trapeze"})
    assert (AuditEntry.objects.count(), muscle.history.count()) == (before + 2, 2)


def test_unchanged_save_leaves_no_audit_entry(manager):
    muscle = builders.a_muscle("LS")
    before = AuditEntry.objects.count()
    assert manager.post(change_address(muscle), form_of(manager, change_address(muscle))).status_code == 302
    assert (AuditEntry.objects.count(), builders.a_muscle("LS").version) == (before, muscle.version)


def test_place_on_the_map_is_unique(manager):
    sent = form_of(manager, reverse(NEW_MUSCLE)) | {"name": "N", "short_name": "N", "map_place": MapPlace.SCALENE}
    assert errors_of(manager.post(reverse(NEW_MUSCLE), sent)) == {
        "map_place": ["Scalene has this position on the neck map."]
    }


def test_part_is_not_offered_as_a_group(manager):
    groups = manager.get(reverse(NEW_MUSCLE)).context["adminform"].form.fields["group"].queryset
    assert builders.a_muscle("SCAL") in groups
    assert builders.a_muscle("SCAL-A") not in groups


# Instruments


def test_manager_adds_an_instrument_and_it_is_audited(manager, catalogue_manager):
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
    assert (made.part_of, made.range_text(), made.higher_is_worse) == (total, "0 to 4.5", True)
    entry = AuditEntry.objects.last()
    assert (entry.action, entry.object_type, entry.object_id) == ("added", "planning.instrument", made.pk)
    assert made.history.latest().history_user == catalogue_manager


def test_only_other_totals_are_offered_as_total(manager):
    total, part, other = (Instrument.objects.get(name=name) for name in ("TWSTRS total", "TWSTRS pain", "Tsui"))

    def offered(address):
        return set(manager.get(address).context["adminform"].form.fields["part_of"].queryset)

    for_new = offered(reverse(NEW_INSTRUMENT))
    assert {total, other} <= for_new
    assert part not in for_new
    assert for_new - offered(reverse(CHANGE_INSTRUMENT, args=[total.pk])) == {total}
    address = reverse(CHANGE_INSTRUMENT, args=[total.pk])
    assert "part_of" in errors_of(manager.post(address, form_of(manager, address) | {"part_of": total.pk}))


@pytest.mark.engine
@pytest.mark.parametrize("typed", ["2.9", "1_0", "１２", "1e1", "+7", "7.0", "abc", "70000"])
@pytest.mark.sample(3)
def test_order_in_other_notation_or_too_large_is_rejected(typed, manager):
    url = change_address(builders.a_muscle("LS"))
    response = manager.post(url, form_of(manager, url) | {"order": typed})
    assert errors_of(response).keys() == {"order"}
    assert f'value="{typed}"' in response.content.decode()
    assert builders.a_muscle("LS").version == 1


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"highest": "0"}, "highest", "The highest score must be above the lowest."),
        ({"highest": "NaN"}, "highest", "Cannot read this score as a number."),
        ({"highest": "12,5"}, "highest", "Cannot read this score as a number."),
        ({"highest": "1_2"}, "highest", "Cannot read this score as a number."),
        ({"highest": "1e1"}, "highest", "Cannot read this score as a number."),
        ({"highest": ""}, "highest", "This field is required."),
        ({"lowest": "0.001"}, "lowest", "at most two digits after it"),
        ({"name": "tsüi"}, "name", "Tsui has this name."),
        ({"levels": "low\nhigh"}, "levels", "A line for each whole score is needed"),
    ],
)
@pytest.mark.sample(2)
def test_invalid_instrument_is_rejected_by_field(typed, field, message, manager):
    new = {"name": "New", "lowest": "0", "highest": "9", **typed}
    response = manager.post(reverse(NEW_INSTRUMENT), form_of(manager, reverse(NEW_INSTRUMENT)) | new)
    assert message in errors_of(response)[field][0]
    assert not Instrument.objects.filter(lowest__lt=1, name__in=["New", "tsüi"]).exists()


def test_instrument_list_has_a_constant_query_count(manager, django_assert_max_num_queries):
    page = manager.get(reverse(INSTRUMENTS)).content.decode()
    for text in ("0 to 85", "higher is worse", "TWSTRS pain", "Offered"):
        assert text in page
    total = builders.an_instrument("Tsui")
    for number in range(50):
        Instrument.objects.create(name=f"Part {number}", part_of=total, lowest=0, highest=1)
    with django_assert_max_num_queries(12):
        manager.get(reverse(INSTRUMENTS))


def test_earlier_state_of_an_instrument_is_shown(manager):
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


# Retiring and deleting


def run_admin_action(client, action, *entries):
    address = reverse(f"admin:planning_{entries[0]._meta.model_name}_changelist")
    versions = {f"version-{entry.pk}": shown_version(entry)["version"] for entry in entries}
    sent = {"action": action, "_selected_action": [entry.pk for entry in entries], **versions}
    return client.post(address, sent, follow=True)


def test_entries_are_retired_and_restored_from_the_list(manager, catalogue_manager):
    muscle, product = builders.a_muscle("LS"), builders.a_product("Botox")
    run_admin_action(manager, "retire", builders.an_instrument("Tsui"))
    assert builders.an_instrument("Tsui").is_retired
    assert "Retired: Levator scapulae." in run_admin_action(manager, "retire", muscle).content.decode()
    run_admin_action(manager, "retire", product)
    assert builders.a_muscle("LS").is_retired
    assert builders.a_product("Botox").is_retired
    assert builders.a_muscle("LS").history.latest().history_user == catalogue_manager
    assert "Retired on" in manager.get(reverse(MUSCLES), {"state": "retired"}).content.decode()
    run_admin_action(manager, "restore", muscle)
    assert not builders.a_muscle("LS").is_retired


def test_restoring_names_who_has_the_place_and_continues(manager, catalogue_manager):
    retired = [builders.retire(builders.a_muscle(name), by=catalogue_manager) for name in ("LS", "SCM")]
    Muscle.objects.create(name="Other", short_name="OTH", map_place=MapPlace.LEVATOR_SCAPULAE)
    response = run_admin_action(manager, "restore", *retired)
    assert response.status_code == 200
    assert "Other has this position on the neck map." in response.content.decode()
    assert builders.a_muscle("LS").is_retired
    assert not builders.a_muscle("SCM").is_retired


def test_used_entry_is_not_deleted_and_its_uses_are_named(manager):
    session = builders.a_planned_session(product="Botox", muscles=[("SCM", Side.RIGHT)])
    instrument = builders.an_instrument("Tsui")
    builders.an_assessment(visit=session.visit, scores=[(instrument, 3)])
    for entry, noun in (
        (builders.a_muscle("SCM"), "session"),
        (builders.a_product("Botox"), "session"),
        (instrument, "score"),
    ):
        address = reverse(f"admin:planning_{entry._meta.model_name}_delete", args=[entry.pk])
        for response in (manager.get(address, follow=True), manager.post(address, {"post": "yes"}, follow=True)):
            page = response.content.decode()
            assert f"it is named in 1 {noun}. Retire it instead." in page
            assert "Family" not in page
        assert type(entry).objects.filter(pk=entry.pk).exists()


@pytest.mark.engine
def test_entry_used_during_deletion_is_not_deleted(manager, monkeypatch):
    builders.a_planned_session(product="Botox")
    obstacles = iter([None])
    obstacle = Product.deletion_obstacle
    monkeypatch.setattr(Product, "deletion_obstacle", lambda product: next(obstacles, obstacle(product)))
    monkeypatch.setattr("django.contrib.admin.options.get_deleted_objects", lambda *args: ([], {}, set(), []))
    product = builders.a_product("Botox")
    address = reverse("admin:planning_product_delete", args=[product.pk])
    assert "named in 1 session" in manager.post(address, {"post": "yes"}, follow=True).content.decode()


def test_unused_entry_is_deleted_and_audited(manager):
    muscle = builders.a_muscle("LS")
    address = reverse("admin:planning_muscle_delete", args=[muscle.pk])
    assert manager.get(address).status_code == 200
    manager.post(address, {"post": "yes"})
    assert not Muscle.objects.filter(pk=muscle.pk).exists()
    entry = AuditEntry.objects.last()
    assert (entry.action, entry.object_id) == ("deleted", muscle.pk)


def test_deleting_a_missing_entry_redirects(manager):
    address = reverse("admin:planning_muscle_delete", args=[999_999])
    assert manager.get(address).status_code == 302


def test_entries_are_not_deleted_in_bulk(manager):
    assert "delete_selected" not in manager.get(reverse(MUSCLES)).content.decode()
    run_admin_action(manager, "delete_selected", builders.a_muscle("LS"))
    assert builders.a_muscle("LS").pk


def test_muscle_page_shows_its_position_on_both_sides(manager):
    muscle = builders.a_muscle("SCM")
    page = " ".join(manager.get(change_address(muscle)).content.decode().split())
    assert page.count('class="region chosen"') == 2
    for side in ("right", "left"):
        assert f'aria-label="{muscle.name}, {side}, position of this entry"' in page
    assert "data-muscle" not in page  # nothing can be selected here


def test_muscle_page_without_a_position_says_so(manager):
    muscle = Muscle.objects.create(name="Nowhere", short_name="NOW")
    page = manager.get(change_address(muscle)).content.decode()
    assert "No position. Choose one above, and save." in page
    assert 'class="region' not in page
