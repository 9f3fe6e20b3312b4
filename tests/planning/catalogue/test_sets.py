"""My muscle sets: muscles and sides, saved by one user, added to a session as empty rows."""

import pytest
from django.db import models

from clinic.records.exceptions import Conflict, Refused
from planning.catalogue.actions.muscle_sets import make_set, remove_set, rename_set, take_from_set
from planning.models import MuscleSet, MuscleSetEntry
from planning.sessions.actions.injections import add_injection
from planning.sessions.actions.muscle_sets import add_set
from tests import builders
from tests.patients.people.pages import queries_of
from tests.posted_data import shown_version

pytestmark = [pytest.mark.django_db, pytest.mark.engine]


@pytest.fixture
def session(neurologist):
    return builders.a_planned_session(by=neurologist, muscles=[("SCM", "right")])


@pytest.fixture
def mine(neurologist):
    return builders.a_muscle_set(by=neurologist, muscles=(("SCM", ("right",)), ("LS", ("left", "right"))))


def muscles_of(session):
    return [(row.muscle.short_name, row.side) for row in session.injections.active().in_order()]


def test_set_contains_only_muscles_and_sides():
    fields = {field.name for field in MuscleSetEntry._meta.fields}
    assert fields == {"id", "muscle_set", "muscle", "side"}
    assert not any(isinstance(field, models.DecimalField) for field in MuscleSet._meta.fields)


def test_adding_a_set_adds_missing_rows_without_doses(session, mine, neurologist):
    added, left_out = add_set(session=session, product=session.product, muscle_set=mine, by=neurologist)
    assert muscles_of(session) == [("SCM", "right"), ("LS", "left"), ("LS", "right")]
    assert left_out == []
    for row in added:
        assert (row.planned_dose, row.given_dose, row.guidance, row.vial, row.sites, row.note) == (
            "", "", "", None, None, "",
        )  # fmt: skip


def test_retired_and_overlapping_muscles_are_left_out_and_named(session, neurologist):
    muscle_set = builders.a_muscle_set(by=neurologist, muscles=(("LS", ("left",)), ("SCAL", ("left",))))
    add_injection(
        session=session, product=session.product, muscle=builders.a_muscle("SCAL-A"), side="left", by=neurologist
    )
    builders.retire(builders.a_muscle("LS"), by=builders.a_person("catalogue manager"))
    added, left_out = add_set(session=session, product=session.product, muscle_set=muscle_set, by=neurologist)
    assert added == []
    assert len(left_out) == 2
    assert "retired" in left_out[0]
    assert "overlaps" in left_out[1]


def test_set_cannot_be_added_to_a_signed_session(mine, neurologist):
    session = builders.a_signed_session(by=neurologist)
    with pytest.raises(Refused, match="signed"):
        add_set(session=session, product=session.product, muscle_set=mine, by=neurologist)


def test_set_name_is_unique_per_owner_ignoring_case(mine, neurologist, other_neurologist):
    with pytest.raises(Refused, match="already"):
        make_set(name="USUAL", by=neurologist)
    make_set(name="Été", by=neurologist)
    with pytest.raises(Refused, match="already"):
        make_set(name="ÉTÉ", by=neurologist)
    make_set(name="Usual", by=other_neurologist)


def test_only_the_owner_can_use_or_change_a_set(session, mine, other_neurologist, login):
    for act in (
        lambda: add_set(session=session, product=session.product, muscle_set=mine, by=other_neurologist),
        lambda: rename_set(muscle_set=mine, name="x", by=other_neurologist, version=mine.version),
        lambda: remove_set(muscle_set=mine, by=other_neurologist, version=mine.version),
        lambda: take_from_set(muscle_set=mine, entry=mine.entries.first().pk, by=other_neurologist, version=1),
    ):
        with pytest.raises(Refused, match="another user"):
            act()
    client = login(other_neurologist)
    assert client.get(f"/muscle-sets/{mine.pk}/").status_code == 404
    assert client.post(f"/muscle-sets/{mine.pk}/remove/", {"version": mine.version}).status_code == 404
    assert "Usual" not in client.get("/muscle-sets/").content.decode()
    assert (
        client.post(f"/sessions/{session.pk}/set/", {"muscle_set": mine.pk, "product": session.product_id}).status_code
        == 422
    )


def test_stale_rename_and_removal_are_conflicts(mine, neurologist):
    rename_set(muscle_set=mine, name="Other", by=neurologist, version=mine.version)
    for act in (remove_set, lambda **typed: rename_set(name="Third", **typed)):
        with pytest.raises(Conflict):
            act(muscle_set=mine, by=neurologist, version=mine.version)


def test_set_is_managed_on_its_pages(login, neurologist):
    client = login(neurologist)
    key = {"submission_key": builders.a_submission_key()}
    address = client.post("/muscle-sets/", {**key, "name": "Twisters"}).url
    assert client.post("/muscle-sets/", {**key, "name": "Twisters"}).url == address
    client.post(f"{address}muscles/", {"typed": "scm b"})
    made = MuscleSet.objects.get()
    assert made.as_text() == "Sternocleidomastoid right · Sternocleidomastoid left" or made.entries.count() == 2
    assert "The catalogue has no muscle" in client.post(f"{address}muscles/", {"typed": "zzz r"}).content.decode()
    client.post(f"{address}muscles/{made.entries.first().pk}/remove/", shown_version(made))
    assert made.entries.count() == 1
    client.post(f"{address}name/", {"name": "Turners", **shown_version(made)})
    made.refresh_from_db()
    assert made.name == "Turners"
    client.post(f"{address}remove/", {"version": made.version})
    assert not MuscleSet.objects.exists()


def test_set_without_a_name_is_rejected(login, neurologist):
    sent = {"submission_key": builders.a_submission_key(), "name": "  "}
    assert "Enter a name for the set." in login(neurologist).post("/muscle-sets/", sent).content.decode()
    assert not MuscleSet.objects.exists()


def test_set_saved_from_a_session_has_no_typed_values(login, neurologist):
    session = builders.a_given_session(by=neurologist)
    key = f"s{session.pk}-set-"
    sent = {f"{key}submission_key": builders.a_submission_key(), f"{key}name": "As today"}
    login(neurologist).post(f"/sessions/{session.pk}/save-set/", sent)
    entries = MuscleSet.objects.get(name="As today").entries.all()
    assert [(entry.muscle.short_name, entry.side) for entry in entries] == [("SCM", "right"), ("LS", "right")]


def test_set_is_added_on_the_session_page(login, session, mine, neurologist):
    login(neurologist).post(f"/sessions/{session.pk}/set/", {"muscle_set": mine.pk, "product": session.product_id})
    assert len(muscles_of(session)) == 3


def test_list_of_sets_has_a_constant_query_count(login, neurologist):
    client, counts = login(neurologist), []
    for number in (5, 50):
        while MuscleSet.objects.count() < number:
            builders.a_muscle_set(by=neurologist, name=f"Set {MuscleSet.objects.count()}")
        counts.append(queries_of(client, "/muscle-sets/"))
    assert counts[0] == counts[1]
