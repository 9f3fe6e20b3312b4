"""The catalogue: its names, groups, sides and places, what is retired, and the page that shows it."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.urls import reverse

from clinic.models import AuditEntry
from clinic.records.exceptions import Refused
from planning.catalogue.models.instrument import in_figures
from planning.models import Instrument, MapPlace, Muscle, MuscleKey, Product, Side, Sides
from tests import builders
from tests.patients.people.pages import queries_of

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

PAGE = "planning:muscle-list"


def a_new_muscle(**details):
    muscle = Muscle(**{"name": "Splenius capitis", "short_name": "SPC", **details})
    muscle.full_clean()
    muscle.save()
    return muscle


def refusals(entry):
    with pytest.raises(ValidationError) as refused:
        entry.full_clean()
    return refused.value.message_dict


# As shipped


def test_shipped_catalogue_has_six_muscles_and_six_products():
    assert [(muscle.short_name, str(muscle.group or "")) for muscle in Muscle.objects.all()] == [
        ("SCM", ""),
        ("SCAL", ""),
        ("SCAL-A", "Scalene"),
        ("SCAL-M", "Scalene"),
        ("SCAL-P", "Scalene"),
        ("LS", ""),
    ]
    assert [str(product) for product in Product.objects.all()] == [
        "Botox (onabotulinumtoxinA)",
        "Dysport (abobotulinumtoxinA)",
        "Xeomin (incobotulinumtoxinA)",
        "Daxxify (daxibotulinumtoxinA)",
        "Myobloc (rimabotulinumtoxinB)",
        "NeuroBloc (rimabotulinumtoxinB)",
    ]


def test_keys_from_the_migration_match_those_from_a_save():
    made = set(MuscleKey.objects.values_list("muscle", "key"))
    assert made == {(muscle.pk, key) for muscle in Muscle.objects.all() for key in muscle.keys() | muscle.code_keys()}


@pytest.mark.parametrize("model", [Muscle, Product])
def test_order_is_the_only_number_of_the_catalogue(model):
    numeric = (models.IntegerField, models.DecimalField, models.FloatField)
    typed = {field.name for field in model._meta.fields if isinstance(field, numeric) and field.editable}
    assert typed - {"id"} == {"order"}


def test_shipped_catalogue_has_nine_instruments_with_sources():
    shipped = Instrument.objects.select_related("part_of")
    assert [(str(one), str(one.part_of or ""), one.range_text(), one.allows_fractions) for one in shipped] == [
        ("TWSTRS total", "", "0 to 85", True),
        ("TWSTRS severity", "TWSTRS total", "0 to 35", False),
        ("TWSTRS disability", "TWSTRS total", "0 to 30", False),
        ("TWSTRS pain", "TWSTRS total", "0 to 20", True),
        ("Tsui", "", "0 to 25", False),
        ("CDQ-24", "", "0 to 100", True),
        ("CGI-S", "", "1 to 7", False),
        ("CGI-I", "", "1 to 7", False),
        ("Pain 0–10", "", "0 to 10", False),
    ]
    assert all(one.source and one.higher_is_worse for one in shipped)
    assert {str(one) for one in shipped if one.levels} == {"CGI-S", "CGI-I"}
    for one in shipped:
        one.full_clean()


def test_instrument_has_no_number_but_order_and_range():
    numeric = (models.IntegerField, models.DecimalField, models.FloatField)
    typed = {field.name for field in Instrument._meta.fields if isinstance(field, numeric) and field.editable}
    assert typed - {"id"} == {"order", "lowest", "highest"}


# Names


@pytest.mark.parametrize("synonyms", ["a, b", "a,b", "a; b", "a;b", " a ,b, ", "a,,b"])
def test_synonyms_are_separated_by_commas_or_semicolons(synonyms):
    assert Muscle(name="N", short_name="S", synonyms=synonyms).names() == ["N", "S", "a", "b"]


@pytest.mark.parametrize(
    "typed", ["Levator scapulae", "LEVATOR SCAPULAE", "Lévator  scapulae", "levator-scapulae", "ls"]
)
@pytest.mark.parametrize("field", ["name", "short_name", "synonyms"])
def test_used_muscle_name_is_rejected_ignoring_case_and_accents(typed, field):
    typed = f"other, {typed}" if field == "synonyms" else typed
    muscle = Muscle(**{"name": "New", "short_name": "NEW", field: typed})

    errors = refusals(muscle)[field]

    assert any("is already a name of Levator scapulae" in message for message in errors)


def test_muscle_can_be_saved_again_with_its_own_names():
    muscle = builders.a_muscle("LS")
    muscle.synonyms = "Levator scapulae, lev scap"
    muscle.full_clean()
    muscle.save()
    codes = {"uberon:0005461", "fma:32519", "ta98:a04.3.01.009"}
    assert {key.key for key in muscle.name_keys.all()} == {"levator scapulae", "ls", "lev scap", *codes}


def test_former_name_is_available_again():
    muscle = builders.a_muscle("LS")
    muscle.short_name = "LEV"
    muscle.save()
    assert a_new_muscle(short_name="LS").pk


def test_name_without_a_letter_is_rejected():
    assert "short_name" in refusals(Muscle(name="New", short_name="--"))


def test_database_rejects_a_second_owner_of_a_name():
    with pytest.raises(IntegrityError), transaction.atomic():
        Muscle(name="Other", short_name="scm").save()
    assert not Muscle.objects.filter(name="Other").exists()


def test_product_brand_is_unique_ignoring_case_and_accents():
    errors = refusals(Product(brand_name="bótox", nonproprietary_name="x"))
    assert errors["brand_name"] == ["Botox (onabotulinumtoxinA) has this brand name."]


# Groups, sides, units, places


def test_part_cannot_be_a_group():
    anterior = builders.a_muscle("SCAL-A")
    assert "not itself a part" in refusals(Muscle(name="New", short_name="NEW", group=anterior))["group"][0]


def test_muscle_with_parts_cannot_become_a_part():
    scalene = builders.a_muscle("SCAL")
    scalene.group = builders.a_muscle("SCM")
    assert "Scalene, anterior is a part of this muscle" in refusals(scalene)["group"][0]


def test_muscle_cannot_be_its_own_group():
    muscle = builders.a_muscle("SCM")
    muscle.group = muscle
    assert "group" in refusals(muscle)


def test_side_in_use_cannot_be_removed():
    builders.a_planned_session(muscles=[("SCM", Side.RIGHT)])
    muscle = builders.a_muscle("SCM")
    muscle.sides = Sides.MIDLINE
    assert "Sessions use it on this side: right." in refusals(muscle)["sides"][0]
    muscle.sides = Sides.ANY
    muscle.full_clean()


def test_unknown_choice_of_sides_is_rejected():
    muscle = builders.a_muscle("SCM")
    muscle.sides = "everywhere"
    assert "sides" in refusals(muscle)


def test_unit_in_use_cannot_be_changed():
    builders.a_planned_session(product="Botox")
    used, unused = builders.a_product("Botox"), builders.a_product("Xeomin")
    used.unit_label = unused.unit_label = "U"
    assert "A unit in use cannot be changed." in refusals(used)["unit_label"][0]
    unused.full_clean()


def test_neck_map_place_belongs_to_one_offered_muscle():
    errors = refusals(Muscle(name="New", short_name="NEW", map_place=MapPlace.SCALENE))
    assert errors["map_place"] == ["Scalene has this position on the neck map."]


# Instruments


def a_new_instrument(name="New", **details):
    return Instrument(**{"name": name, "lowest": 0, "highest": 3, **details})


@pytest.mark.parametrize("name", ["tsui", "TSUI", "Tsúi"])
def test_instrument_name_is_unique_ignoring_case_and_accents(name):
    assert refusals(a_new_instrument(name))["name"] == ["Tsui has this name."]


def test_subscale_cannot_be_a_total():
    pain = builders.an_instrument("TWSTRS pain")
    errors = "A subscale belongs to a total that is not itself a subscale."
    assert refusals(a_new_instrument(part_of=pain))["part_of"] == [errors]
    tsui = builders.an_instrument("Tsui")
    tsui.part_of = tsui
    assert refusals(tsui)["part_of"] == [errors]


def test_total_with_subscales_cannot_become_a_subscale():
    total = builders.an_instrument("TWSTRS total")
    total.part_of = builders.an_instrument("Tsui")
    assert refusals(total)["part_of"] == [
        "TWSTRS severity is a subscale of this, so this cannot become a subscale itself."
    ]


@pytest.mark.parametrize("bounds", [(0, 0), (5, 4)])
def test_highest_score_must_be_above_the_lowest(bounds):
    lowest, highest = bounds
    errors = refusals(a_new_instrument(lowest=lowest, highest=highest))
    assert errors == {"highest": ["The highest score must be above the lowest."]}


@pytest.mark.parametrize(
    "details",
    [
        {"levels": "none\nsome\nmuch"},
        {"levels": "a\nb\nc\nd\ne"},
        {"levels": "a\nb\nc\nd", "allows_fractions": True},
        {"levels": "a\nb\nc\nd", "lowest": Decimal("0.5"), "highest": Decimal("3.5")},
    ],
)
def test_labels_are_needed_for_all_whole_scores_or_none(details):
    errors = "A line for each whole score is needed, from the lowest to the highest."
    assert refusals(a_new_instrument(**details))["levels"] == [errors]


def test_labelled_scores_are_chosen_by_label():
    instrument = a_new_instrument(lowest=1, highest=3, levels="none\nsome\nmuch")
    instrument.full_clean()
    assert instrument.choices() == [("1", "none"), ("2", "some"), ("3", "much")]
    assert a_new_instrument().choices() == []


@pytest.mark.parametrize(
    ("details", "field", "message"),
    [
        ({"higher_is_worse": False}, "higher_is_worse", "Stored scores would mean the opposite."),
        ({"highest": 19}, "highest", "Some stored scores are outside this range."),
        ({"lowest": 8}, "highest", "Some stored scores are outside this range."),
        ({"allows_fractions": False}, "allows_fractions", "Some stored scores are not whole numbers."),
    ],
)
def test_instrument_change_must_fit_stored_scores(details, field, message):
    used, unused = builders.an_instrument("TWSTRS pain"), builders.an_instrument("TWSTRS total")
    for hour, value in ((9, "7.5"), (11, 20)):
        builders.an_assessment(visit=builders.an_arrived_visit(hour=hour), scores=[(used, Decimal(value))])
    for instrument in (used, unused):
        for name, value in details.items():
            setattr(instrument, name, value)

    assert refusals(used) == {field: [message]}
    unused.full_clean()
    wider = builders.an_instrument("TWSTRS pain")
    wider.highest, wider.lowest = Decimal("20.5"), Decimal("7.5")
    wider.full_clean()


@pytest.mark.parametrize(
    ("bound", "words"), [("0", "0"), ("20.00", "20"), ("12.50", "12.5"), ("-3.25", "-3.25"), ("100", "100")]
)
def test_bound_is_shown_without_trailing_zeros(bound, words):
    assert in_figures(Decimal(bound)) == words


def test_instrument_states_which_direction_is_worse():
    assert a_new_instrument().direction_text() == "higher is worse"
    assert a_new_instrument(higher_is_worse=False).direction_text() == "higher is better"


def test_retired_instruments_cannot_be_chosen(catalogue_manager):
    builders.retire(builders.an_instrument("Tsui"), by=catalogue_manager)
    assert "Tsui" not in {str(one) for one in Instrument.objects.to_choose_from()}
    assert len(Instrument.objects.to_choose_from()) == 8


# Retiring


@pytest.mark.parametrize(
    "find",
    [lambda: builders.a_muscle("LS"), lambda: builders.a_product("Botox"), lambda: builders.an_instrument("Tsui")],
)
def test_retired_entry_is_not_offered_and_retiring_is_audited(find, catalogue_manager):
    entry = find()

    builders.retire(entry, by=catalogue_manager)

    entry = find()
    assert entry.is_retired
    assert not type(entry).objects.offered().filter(pk=entry.pk).exists()
    assert entry.history.latest().history_user == catalogue_manager
    audited = AuditEntry.objects.last()
    assert (audited.action, audited.actor, audited.object_id) == ("retired", catalogue_manager, entry.pk)


def test_restored_entry_is_offered_again(catalogue_manager):
    muscle = builders.retire(builders.a_muscle("LS"), by=catalogue_manager)
    builders.restore(muscle, by=catalogue_manager)
    assert builders.a_muscle("LS") in Muscle.objects.offered()
    assert AuditEntry.objects.last().action == "restored"


def test_retiring_twice_has_no_further_effect(catalogue_manager):
    first = builders.retire(builders.a_muscle("LS"), by=catalogue_manager)
    again = builders.retire(first, by=catalogue_manager)
    assert (again.version, again.retired_at) == (first.version, first.retired_at)


def test_muscle_whose_place_is_taken_cannot_be_restored(catalogue_manager):
    # Given a retired muscle whose place on the map another has taken
    retired = builders.retire(builders.a_muscle("LS"), by=catalogue_manager)
    a_new_muscle(map_place=MapPlace.LEVATOR_SCAPULAE)

    # When it is restored, then the error names the other one
    with pytest.raises(Refused, match="Splenius capitis has this position on the neck map"):
        builders.restore(retired, by=catalogue_manager)
    assert builders.a_muscle("LS").is_retired


def test_name_of_a_retired_muscle_stays_reserved(catalogue_manager):
    builders.retire(builders.a_muscle("LS"), by=catalogue_manager)
    assert "short_name" in refusals(Muscle(name="New", short_name="ls"))


def test_session_still_names_its_retired_muscle(catalogue_manager):
    session = builders.a_planned_session(muscles=[("LS", Side.RIGHT)])
    builders.retire(builders.a_muscle("LS"), by=catalogue_manager)
    assert [row["muscle"]["name"] for row in session.content()["injections"]] == ["Levator scapulae"]


# Deleting


def test_used_entry_lists_its_uses():
    builders.a_planned_session(product="Botox", muscles=[("SCM", Side.RIGHT), ("SCM", Side.LEFT)])
    assert builders.a_muscle("SCM").deletion_obstacle() == (
        "Sternocleidomastoid cannot be deleted: it is named in 1 session. Retire it instead."
    )
    assert "the group of 3 muscles" in builders.a_muscle("SCAL").deletion_obstacle()
    assert "named in 1 session" in builders.a_product("Botox").deletion_obstacle()
    assert builders.a_muscle("LS").deletion_obstacle() is None
    assert builders.a_product("Xeomin").deletion_obstacle() is None
    pain = builders.an_instrument("TWSTRS pain")
    builders.an_assessment(visit=builders.an_arrived_visit(hour=15), scores=[(pain, 3)])
    assert pain.deletion_obstacle() == ("TWSTRS pain cannot be deleted: it is named in 1 score. Retire it instead.")
    assert "the total of 3 subscales" in builders.an_instrument("TWSTRS total").deletion_obstacle()
    assert builders.an_instrument("Tsui").deletion_obstacle() is None


# The page


def test_page_shows_each_muscle_with_its_details(login, neurologist):
    a_new_muscle(synonyms="bandage muscle", source="An atlas", description="at the back", snomed_ct="12345")
    page = login(neurologist).get(reverse(PAGE)).content.decode()
    for text in ("musculus sternocleidomastoideus", "SCAL-A", "bandage muscle", "An atlas", "0001128", "12345",
                 "A04.3.01.009", "right and left", "Botox", "onabotulinumtoxinA", "units"):  # fmt: skip
        assert text in page


def test_parts_are_listed_once_below_their_group(login, neurologist):
    page = login(neurologist).get(reverse(PAGE)).content.decode()
    below = page[page.index('aria-label="Parts of Scalene"') :]
    assert below.index("Scalene, anterior") < below.index("Scalene, posterior") < below.index("Levator scapulae")
    assert page.count("m. scalenus anterior") == 1


def test_missing_codes_are_not_shown(login, neurologist):
    assert "SNOMED" not in login(neurologist).get(reverse(PAGE)).content.decode()


def test_retired_entries_are_in_a_separate_section(login, neurologist, catalogue_manager):
    builders.retire(builders.a_muscle("SCAL-A"), by=catalogue_manager)
    builders.retire(builders.a_product("Dysport"), by=catalogue_manager)
    page = login(neurologist).get(reverse(PAGE)).content.decode()
    retired = page.index('id="retired"')
    assert page.index("m. scalenus anterior") > retired
    assert page.index("Dysport") > retired
    assert page.index("m. scalenus medius") < retired


def test_page_shows_instruments_with_range_and_direction(login, neurologist, catalogue_manager):
    builders.retire(builders.an_instrument("Tsui"), by=catalogue_manager)
    a_new_instrument("Walking", higher_is_worse=False, source="A paper").save()
    page = login(neurologist).get(reverse(PAGE)).content.decode()
    offered = page[page.index('id="instruments"') : page.index('id="retired"')]
    for text in ("TWSTRS total", "Toronto Western", "0 to 85", "fractions allowed", "part of TWSTRS total", "Guy W.",
                 "higher is worse", "Walking", "higher is better", "A paper", "4: Moderately ill"):  # fmt: skip
        assert text in offered
    retired = page[page.index('id="retired"') :]
    assert "Tsui score" in retired
    assert "Tsui score" not in offered


def test_part_of_a_retired_group_is_still_shown(login, neurologist, catalogue_manager):
    builders.retire(builders.a_muscle("SCAL"), by=catalogue_manager)
    page = login(neurologist).get(reverse(PAGE)).content.decode()
    assert page.index("m. scalenus medius") < page.index('id="retired"')


@pytest.mark.parametrize(("person", "linked"), [("catalogue_manager", True), ("neurologist", False)])
def test_link_to_the_admin_site_needs_access_to_it(person, linked, login, request):
    page = login(request.getfixturevalue(person)).get(reverse(PAGE)).content.decode()
    assert ("Change in the administration" in page) is linked


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("neurologist", 200),
        ("trainee", 200),
        ("catalogue_manager", 200),
        ("staff", 403),
        ("auditor", 403),
        ("superuser", 403),
    ],
)
def test_page_needs_the_permission_to_see_the_catalogue(person, status, login, request):
    assert login(request.getfixturevalue(person)).get(reverse(PAGE)).status_code == status


def test_page_query_count_is_the_same_for_5_and_50_muscles(login, catalogue_manager):
    client = login(catalogue_manager)
    few = queries_of(client, reverse(PAGE))
    for number in range(50):
        group = a_new_muscle(name=f"Group {number}", short_name=f"G{number}")
        a_new_muscle(name=f"Part {number}", short_name=f"P{number}", group=group)
        retired = a_new_muscle(name=f"Old {number}", short_name=f"O{number}", group=group)
        builders.retire(retired, by=catalogue_manager)
        total = Instrument.objects.create(name=f"Total {number}", lowest=0, highest=9)
        part = Instrument.objects.create(name=f"Scale {number}", lowest=0, highest=9, part_of=total)
        if number % 2:
            builders.retire(part, by=catalogue_manager)
    assert queries_of(client, reverse(PAGE)) == few
