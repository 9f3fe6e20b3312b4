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


def test_the_catalogue_is_shipped_with_six_muscles_and_six_products_and_no_other():
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


def test_the_keys_that_the_migration_made_are_those_that_a_save_would_make():
    made = set(MuscleKey.objects.values_list("muscle", "key"))
    assert made == {(muscle.pk, key) for muscle in Muscle.objects.all() for key in muscle.keys() | muscle.code_keys()}


@pytest.mark.parametrize("model", [Muscle, Product])
def test_nothing_in_the_catalogue_is_a_number_but_the_order(model):
    numeric = (models.IntegerField, models.DecimalField, models.FloatField)
    typed = {field.name for field in model._meta.fields if isinstance(field, numeric) and field.editable}
    assert typed - {"id"} == {"order"}


def test_the_catalogue_is_shipped_with_nine_instruments_each_with_its_range_and_where_that_comes_from():
    shipped = Instrument.objects.select_related("part_of")
    assert [(str(one), str(one.part_of or ""), one.range_in_words(), one.allows_fractions) for one in shipped] == [
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


def test_an_instrument_has_no_number_but_its_order_and_its_range():
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
def test_a_name_of_another_muscle_is_refused_beside_its_field_whatever_case_and_accents(typed, field):
    typed = f"other, {typed}" if field == "synonyms" else typed
    muscle = Muscle(**{"name": "New", "short_name": "NEW", field: typed})

    said = refusals(muscle)[field]

    assert any("is already a name of Levator scapulae" in sentence for sentence in said)


def test_a_muscle_keeps_its_own_names_when_it_is_saved_again():
    muscle = builders.a_muscle("LS")
    muscle.synonyms = "Levator scapulae, lev scap"
    muscle.full_clean()
    muscle.save()
    codes = {"uberon:0005461", "fma:32519", "ta98:a04.3.01.009"}
    assert {key.key for key in muscle.name_keys.all()} == {"levator scapulae", "ls", "lev scap", *codes}


def test_a_name_given_up_is_free_again():
    muscle = builders.a_muscle("LS")
    muscle.short_name = "LEV"
    muscle.save()
    assert a_new_muscle(short_name="LS").pk


def test_a_name_without_a_letter_is_refused():
    assert "short_name" in refusals(Muscle(name="New", short_name="--"))


def test_the_database_refuses_a_second_owner_of_a_name():
    with pytest.raises(IntegrityError), transaction.atomic():
        Muscle(name="Other", short_name="scm").save()
    assert not Muscle.objects.filter(name="Other").exists()


def test_a_product_brand_stands_once_whatever_case_and_accents():
    said = refusals(Product(brand_name="bótox", nonproprietary_name="x"))
    assert said["brand_name"] == ["Botox (onabotulinumtoxinA) has this brand name."]


# Groups, sides, units, places


def test_a_part_is_not_a_group():
    anterior = builders.a_muscle("SCAL-A")
    assert "not itself a part" in refusals(Muscle(name="New", short_name="NEW", group=anterior))["group"][0]


def test_a_muscle_with_parts_does_not_become_a_part():
    scalene = builders.a_muscle("SCAL")
    scalene.group = builders.a_muscle("SCM")
    assert "Scalene, anterior is a part of this muscle" in refusals(scalene)["group"][0]


def test_a_muscle_is_not_its_own_group():
    muscle = builders.a_muscle("SCM")
    muscle.group = muscle
    assert "group" in refusals(muscle)


def test_a_side_in_use_is_not_taken_away():
    builders.a_planned_session(muscles=[("SCM", Side.RIGHT)])
    muscle = builders.a_muscle("SCM")
    muscle.sides = Sides.MIDLINE
    assert "Sessions use it on this side: right." in refusals(muscle)["sides"][0]
    muscle.sides = Sides.ANY
    muscle.full_clean()


def test_an_unknown_choice_of_sides_is_a_refusal_and_nothing_worse():
    muscle = builders.a_muscle("SCM")
    muscle.sides = "everywhere"
    assert "sides" in refusals(muscle)


def test_a_unit_in_use_is_not_changed():
    builders.a_planned_session(product="Botox")
    used, unused = builders.a_product("Botox"), builders.a_product("Xeomin")
    used.unit_label = unused.unit_label = "U"
    assert "A unit in use cannot be changed." in refusals(used)["unit_label"][0]
    unused.full_clean()


def test_a_place_on_the_neck_map_belongs_to_one_offered_muscle():
    said = refusals(Muscle(name="New", short_name="NEW", map_place=MapPlace.SCALENE))
    assert said["map_place"] == ["Scalene has this position on the neck map."]


# Instruments


def a_new_instrument(name="New", **details):
    return Instrument(**{"name": name, "lowest": 0, "highest": 3, **details})


@pytest.mark.parametrize("name", ["tsui", "TSUI", "Tsúi"])
def test_the_name_of_an_instrument_stands_once_whatever_case_and_accents(name):
    assert refusals(a_new_instrument(name))["name"] == ["Tsui has this name."]


def test_a_subscale_is_no_total():
    pain = builders.an_instrument("TWSTRS pain")
    said = "A subscale belongs to a total that is not itself a subscale."
    assert refusals(a_new_instrument(part_of=pain))["part_of"] == [said]
    tsui = builders.an_instrument("Tsui")
    tsui.part_of = tsui
    assert refusals(tsui)["part_of"] == [said]


def test_a_total_with_subscales_does_not_become_a_subscale():
    total = builders.an_instrument("TWSTRS total")
    total.part_of = builders.an_instrument("Tsui")
    assert refusals(total)["part_of"] == [
        "TWSTRS severity is a subscale of this, so this cannot become a subscale itself."
    ]


@pytest.mark.parametrize("bounds", [(0, 0), (5, 4)])
def test_the_highest_score_lies_above_the_lowest(bounds):
    lowest, highest = bounds
    said = refusals(a_new_instrument(lowest=lowest, highest=highest))
    assert said == {"__all__": ["The highest score must be above the lowest."]}


@pytest.mark.parametrize(
    "details",
    [
        {"levels": "none\nsome\nmuch"},
        {"levels": "a\nb\nc\nd\ne"},
        {"levels": "a\nb\nc\nd", "allows_fractions": True},
        {"levels": "a\nb\nc\nd", "lowest": Decimal("0.5"), "highest": Decimal("3.5")},
    ],
)
def test_each_whole_score_has_a_line_or_none_has(details):
    said = "A line for each whole score is needed, from the lowest to the highest."
    assert refusals(a_new_instrument(**details))["levels"] == [said]


def test_scores_that_have_words_are_chosen_by_them():
    instrument = a_new_instrument(lowest=1, highest=3, levels="none\nsome\nmuch")
    instrument.full_clean()
    assert instrument.choices() == [("1", "none"), ("2", "some"), ("3", "much")]
    assert a_new_instrument().choices() == []


@pytest.mark.parametrize(
    ("details", "field", "sentence"),
    [
        ({"higher_is_worse": False}, "higher_is_worse", "Stored scores would mean the opposite."),
        ({"highest": 19}, "highest", "Some stored scores are outside this range."),
        ({"lowest": 8}, "highest", "Some stored scores are outside this range."),
        ({"allows_fractions": False}, "allows_fractions", "Some stored scores are not whole numbers."),
    ],
)
def test_an_instrument_changes_nothing_that_stored_scores_would_not_bear(details, field, sentence):
    used, unused = builders.an_instrument("TWSTRS pain"), builders.an_instrument("TWSTRS total")
    for hour, value in ((9, "7.5"), (11, 20)):
        builders.an_assessment(visit=builders.an_arrived_visit(hour=hour), scores=[(used, Decimal(value))])
    for instrument in (used, unused):
        for name, value in details.items():
            setattr(instrument, name, value)

    assert refusals(used) == {field: [sentence]}
    unused.full_clean()
    wider = builders.an_instrument("TWSTRS pain")
    wider.highest, wider.lowest = Decimal("20.5"), Decimal("7.5")
    wider.full_clean()


@pytest.mark.parametrize(
    ("bound", "words"), [("0", "0"), ("20.00", "20"), ("12.50", "12.5"), ("-3.25", "-3.25"), ("100", "100")]
)
def test_a_bound_is_written_without_zeros_that_say_nothing(bound, words):
    assert in_figures(Decimal(bound)) == words


def test_an_instrument_says_which_way_is_worse():
    assert a_new_instrument().direction_in_words() == "higher is worse"
    assert a_new_instrument(higher_is_worse=False).direction_in_words() == "higher is better"


def test_retired_instruments_are_not_to_be_chosen(catalogue_manager):
    builders.retire(builders.an_instrument("Tsui"), by=catalogue_manager)
    assert "Tsui" not in {str(one) for one in Instrument.objects.to_choose_from()}
    assert len(Instrument.objects.to_choose_from()) == 8


# Retiring


@pytest.mark.parametrize(
    "find",
    [lambda: builders.a_muscle("LS"), lambda: builders.a_product("Botox"), lambda: builders.an_instrument("Tsui")],
)
def test_what_is_retired_is_not_offered_and_its_history_and_the_audit_say_who_did_it(find, catalogue_manager):
    entry = find()

    builders.retire(entry, by=catalogue_manager)

    entry = find()
    assert entry.is_retired
    assert not type(entry).objects.offered().filter(pk=entry.pk).exists()
    assert entry.history.latest().history_user == catalogue_manager
    trace = AuditEntry.objects.last()
    assert (trace.action, trace.actor, trace.object_id) == ("retired", catalogue_manager, entry.pk)


def test_restored_entry_is_offered_again(catalogue_manager):
    muscle = builders.retire(builders.a_muscle("LS"), by=catalogue_manager)
    builders.restore(muscle, by=catalogue_manager)
    assert builders.a_muscle("LS") in Muscle.objects.offered()
    assert AuditEntry.objects.last().action == "restored"


def test_retiring_twice_is_retiring_once(catalogue_manager):
    first = builders.retire(builders.a_muscle("LS"), by=catalogue_manager)
    again = builders.retire(first, by=catalogue_manager)
    assert (again.version, again.retired_at) == (first.version, first.retired_at)


def test_muscle_whose_place_is_taken_cannot_be_restored(catalogue_manager):
    # Given a retired muscle whose place on the map another has taken
    retired = builders.retire(builders.a_muscle("LS"), by=catalogue_manager)
    a_new_muscle(map_place=MapPlace.LEVATOR_SCAPULAE)

    # When it is restored, then the refusal names the other one
    with pytest.raises(Refused, match="Splenius capitis has this position on the neck map"):
        builders.restore(retired, by=catalogue_manager)
    assert builders.a_muscle("LS").is_retired


def test_the_name_of_a_retired_muscle_stays_taken(catalogue_manager):
    builders.retire(builders.a_muscle("LS"), by=catalogue_manager)
    assert "short_name" in refusals(Muscle(name="New", short_name="ls"))


def test_a_retired_muscle_is_still_named_in_the_session_that_has_it(catalogue_manager):
    session = builders.a_planned_session(muscles=[("LS", Side.RIGHT)])
    builders.retire(builders.a_muscle("LS"), by=catalogue_manager)
    assert [row["muscle"]["name"] for row in session.content()["injections"]] == ["Levator scapulae"]


# Deleting


def test_an_entry_in_use_says_where():
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


def test_the_page_shows_each_muscle_with_what_the_catalogue_knows(login, neurologist):
    a_new_muscle(synonyms="bandage muscle", source="An atlas", description="at the back", snomed_ct="12345")
    page = login(neurologist).get(reverse(PAGE)).content.decode()
    for told in ("musculus sternocleidomastoideus", "SCAL-A", "bandage muscle", "An atlas", "0001128", "12345",
                 "A04.3.01.009", "right and left", "Botox", "onabotulinumtoxinA", "units"):  # fmt: skip
        assert told in page


def test_parts_stand_below_their_group_and_once(login, neurologist):
    page = login(neurologist).get(reverse(PAGE)).content.decode()
    below = page[page.index('aria-label="Parts of Scalene"') :]
    assert below.index("Scalene, anterior") < below.index("Scalene, posterior") < below.index("Levator scapulae")
    assert page.count("m. scalenus anterior") == 1


def test_codes_that_are_not_there_are_not_shown(login, neurologist):
    assert "SNOMED" not in login(neurologist).get(reverse(PAGE)).content.decode()


def test_retired_entries_stand_in_a_section_of_their_own(login, neurologist, catalogue_manager):
    builders.retire(builders.a_muscle("SCAL-A"), by=catalogue_manager)
    builders.retire(builders.a_product("Dysport"), by=catalogue_manager)
    page = login(neurologist).get(reverse(PAGE)).content.decode()
    retired = page.index('id="retired"')
    assert page.index("m. scalenus anterior") > retired
    assert page.index("Dysport") > retired
    assert page.index("m. scalenus medius") < retired


def test_the_page_shows_each_instrument_with_its_range_and_which_way_is_worse(login, neurologist, catalogue_manager):
    builders.retire(builders.an_instrument("Tsui"), by=catalogue_manager)
    a_new_instrument("Walking", higher_is_worse=False, source="A paper").save()
    page = login(neurologist).get(reverse(PAGE)).content.decode()
    offered = page[page.index('id="instruments"') : page.index('id="retired"')]
    for told in ("TWSTRS total", "Toronto Western", "0 to 85", "fractions allowed", "part of TWSTRS total", "Guy W.",
                 "higher is worse", "Walking", "higher is better", "A paper", "4: Moderately ill"):  # fmt: skip
        assert told in offered
    retired = page[page.index('id="retired"') :]
    assert "Tsui score" in retired
    assert "Tsui score" not in offered


def test_an_offered_part_of_a_retired_group_is_still_shown(login, neurologist, catalogue_manager):
    builders.retire(builders.a_muscle("SCAL"), by=catalogue_manager)
    page = login(neurologist).get(reverse(PAGE)).content.decode()
    assert page.index("m. scalenus medius") < page.index('id="retired"')


@pytest.mark.parametrize(("person", "linked"), [("catalogue_manager", True), ("neurologist", False)])
def test_the_way_to_the_administration_is_shown_to_whom_it_is_open(person, linked, login, request):
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
def test_the_page_is_for_those_who_may_see_the_catalogue(person, status, login, request):
    assert login(request.getfixturevalue(person)).get(reverse(PAGE)).status_code == status


def test_the_page_asks_as_many_questions_for_fifty_muscles_as_for_five(login, catalogue_manager):
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
