"""The neck map: which regions are buttons, which are filled, and their names."""

import re

import pytest

from planning.catalogue.neck_drawings import DRAWINGS, FRONT, VIEWS
from planning.catalogue.neck_map import LANDMARKS, regions_for_choosing, regions_of_content
from planning.models import Injection, MapPlace, Muscle, Side
from planning.sessions.actions.injections import add_injection, change_injection, remove_injection
from tests import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def planned(neurologist):
    return builders.a_planned_session(by=neurologist, muscles=())


def add(session, short_name, side):
    return add_injection(
        session=session, product=session.product, muscle=builders.a_muscle(short_name), side=side, by=session.planned_by
    )


def regions(session):
    """Every region by (place, side)."""
    rows = list(session.injections.active().select_related("muscle__group"))
    views = regions_for_choosing(list(Muscle.objects.offered()), rows)
    return flat(views)


def flat(views):
    return {(one.place, one.side): one for places in views.values() for pair in places.values() for one in pair}


def label(session, place, side):
    return regions(session)[place, side].label


def test_every_place_is_drawn_on_both_sides(planned):
    assert sorted(place for _, place in DRAWINGS) == sorted(MapPlace)
    assert len({outline for outline, _ in DRAWINGS.values()}) == len(MapPlace)
    builders.a_muscle_at_every_place()
    found = regions(planned)
    assert set(found) == {(place, side) for place in MapPlace for side in (Side.RIGHT, Side.LEFT)}
    assert len({region.label for region in found.values()}) == len(found)


def test_place_without_an_entry_is_not_drawn(planned):
    assert {place for place, _ in regions(planned)} == LANDMARKS
    Muscle.objects.create(name="Our trapezius", short_name="TRAP", map_place=MapPlace.TRAPEZIUS)
    assert {place for place, _ in regions(planned)} == {*LANDMARKS, MapPlace.TRAPEZIUS}
    assert label(planned, MapPlace.TRAPEZIUS, Side.LEFT) == "Our trapezius, left"


def test_every_place_is_drawn_on_the_page(client, neurologist, planned):
    client.force_login(neurologist)
    assert "Neck, back view, deeper" not in client.get(planned.get_absolute_url()).content.decode()
    builders.a_muscle_at_every_place()
    page = client.get(planned.get_absolute_url()).content.decode()
    assert page.count('role="button" data-muscle=') == 2 * len(MapPlace)
    assert "Neck, back view, deeper" in page


def test_every_region_is_a_button_with_name_and_side(planned):
    for region in regions(planned).values():
        assert region.muscle is not None
        assert region.label == f"{region.muscle.name}, {region.side}"


def test_chosen_region_is_marked_on_its_side_only(planned):
    add(planned, "SCM", Side.RIGHT)
    assert label(planned, "sternocleidomastoid", Side.RIGHT) == "Sternocleidomastoid, right, chosen"
    assert label(planned, "sternocleidomastoid", Side.LEFT) == "Sternocleidomastoid, left"


def test_part_fills_the_region_of_its_group(planned):
    add(planned, "SCAL-A", Side.LEFT)
    assert label(planned, "scalene", Side.LEFT) == "Scalene, left, a part chosen"
    assert label(planned, "scalene", Side.RIGHT) == "Scalene, right"


def test_removed_row_empties_its_region(planned):
    row = add(planned, "SCM", Side.RIGHT)
    remove_injection(injection=row, product=row.session.product, by=planned.planned_by, version=row.version)
    assert regions(planned)["sternocleidomastoid", Side.RIGHT].chosen == ""


def test_region_of_a_retired_muscle_is_not_a_button(planned):
    builders.retire(builders.a_muscle("SCM"), by=planned.planned_by)
    region = regions(planned)["sternocleidomastoid", Side.RIGHT]
    assert region.muscle is None
    assert region.name == "Sternocleidomastoid"


def test_new_muscle_replaces_a_retired_one_on_the_map(planned):
    builders.retire(builders.a_muscle("SCM"), by=planned.planned_by)
    Muscle.objects.create(name="Our own", short_name="OWN", map_place=MapPlace.STERNOCLEIDOMASTOID)
    assert label(planned, "sternocleidomastoid", Side.LEFT) == "Our own, left"


def test_map_shows_the_patients_own_sides():
    """From the front the patient's right is on the drawing's left half; from the back on its right half."""
    for (view, place), (outline, _) in DRAWINGS.items():
        xs = [float(x) for x in re.findall(r"(-?[\d.]+),-?[\d.]+", outline)]
        assert (max(xs) < 160) if view == FRONT else (min(xs) > 160), place
    regions = flat(regions_of_content({"injections": []}))
    assert {one.mirrored for one in regions.values() if one.side == Side.RIGHT} == {False}
    assert {one.mirrored for one in regions.values() if one.side == Side.LEFT} == {True}
    assert {view for view, _ in DRAWINGS} == set(VIEWS)


def test_record_map_shows_the_signed_content(neurologist):
    session = builders.a_given_session(by=neurologist, muscles=(("SCM", "right"), ("SCAL-M", "left")), doses=("1.11",))
    row = Injection.objects.get(session=session, muscle__short_name="SCAL-M")
    change_injection(
        injection=row,
        product=row.session.product,
        by=neurologist,
        version=row.version,
        not_given=True,
        not_given_reason="Pain",
    )
    content = builders.sign(session, by=neurologist).content
    # Renaming, moving on the map and retiring do not change it
    Muscle.objects.filter(short_name="SCM").update(name="Renamed", map_place="")
    found = flat(regions_of_content(content))
    assert found["sternocleidomastoid", "right"].label == "Sternocleidomastoid, right, chosen"
    assert found["scalene", "left"].label == "Scalene, left, not given"
    assert found["levator-scapulae", "right"].chosen == ""
    assert all(region.muscle is None for region in found.values())


def test_record_draws_a_place_whose_muscle_has_moved(neurologist):
    muscle = Muscle.objects.create(name="Our masseter", short_name="MASS", map_place=MapPlace.MASSETER)
    session = builders.a_given_session(by=neurologist, muscles=(("MASS", "left"),), doses=("1.11",))
    content = builders.sign(session, by=neurologist).content
    Muscle.objects.filter(pk=muscle.pk).update(map_place="")
    found = flat(regions_of_content(content))
    assert {place for place, _ in found} == {*LANDMARKS, MapPlace.MASSETER}
    assert (found["masseter", "left"].chosen, found["masseter", "right"].chosen) == ("chosen", "")


def test_regions_are_buttons_on_the_page_and_images_on_records(client, neurologist):
    client.force_login(neurologist)
    planned = builders.a_planned_session(by=neurologist)
    page = client.get(planned.get_absolute_url()).content.decode()
    assert page.count('role="button" data-muscle=') == 6
    assert page.count('tabindex="-1" role="button"') == 6
    assert 'aria-label="Levator scapulae, right, chosen"' in page
    assert "patient’s right" in page

    signed = builders.a_signed_session(by=neurologist, visit=builders.an_arrived_visit(clinician=neurologist, hour=14))
    page = client.get(signed.get_absolute_url()).content.decode()
    assert "data-muscle" not in page
    assert 'aria-label="Levator scapulae, right, chosen"' in page


def test_muscles_without_a_place_are_listed_below_the_map(client, neurologist):
    client.force_login(neurologist)
    Muscle.objects.create(name="Our own", short_name="OWN")
    retired = Muscle.objects.create(name="No longer", short_name="NOL")
    builders.retire(retired, by=neurologist)
    session = builders.a_planned_session(by=neurologist, muscles=(("SCAL-A", "right"),))
    entries = client.get(session.get_absolute_url()).context["off_the_map"]
    assert [entry["muscle"].name for entry in entries if entry["muscle"].group_id is None] == ["Our own"]
    assert {entry["muscle"].short_name for entry in entries} == {"SCAL-A", "SCAL-M", "SCAL-P", "OWN"}
    chosen = {(entry["muscle"].short_name, one["side"]) for entry in entries for one in entry["sides"] if one["chosen"]}
    assert chosen == {("SCAL-A", "right")}
