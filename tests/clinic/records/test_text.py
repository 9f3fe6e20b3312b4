"""One policy for typed text, and names that are found in any spelling."""

from itertools import combinations

import pytest
from django import forms
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from clinic.models import Clinic
from clinic.records.text import cleaned, key_in_any_order, keys_alike, pairs_alike, search_key, words_of

INVISIBLE = {
    "direction override": "\u202e",
    "zero width space": "\u200b",
    "byte order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "left-to-right mark": "\u200e",
    "isolate": "\u2066",
    "bell": "\a",
    "null": "\x00",
    "delete": "\x7f",
    "line separator": "\u2028",
    "half a character": "\ud800",
}


@pytest.mark.parametrize("character", INVISIBLE.values(), ids=INVISIBLE.keys())
def test_invisible_character_is_rejected_with_its_position(character):
    with pytest.raises(ValidationError) as refused:
        cleaned(f"Ingrid{character}Berg")
    assert refused.value.messages == [
        f"After “Ingrid” there is an invisible character (U+{ord(character):04X}). Delete it there."
    ]


def test_letter_with_too_many_marks_is_rejected():
    assert cleaned("o\u0302\u0301") == "\u1ed1"
    assert cleaned("a" + "\u0301" * 30) == "\u00e1" + "\u0301" * 29
    with pytest.raises(ValidationError) as refused:
        cleaned("Ingrid" + "\u0301" * 200_000 + "\u0327" * 200_000)  # in order after minutes
    assert refused.value.messages == ["After “Ingrid” one letter has more than 30 marks. Delete some there."]


def test_message_at_the_start_names_no_preceding_text():
    with pytest.raises(ValidationError, match="At the beginning there is an invisible character"):
        cleaned("\u202eIngrid")


@pytest.mark.parametrize("name", ["علی‌رضا", "ශ්‍රී", "O’Neill", "Nuñez-Łuczak", "李小龍", "נועה", "Ng", "👩"])
def test_names_in_all_scripts_are_accepted_as_typed(name):
    assert cleaned(name) == name


def test_two_unicode_forms_of_a_name_are_equal():
    assert cleaned("Jose\u0301") == cleaned("Jos\u00e9") == "José"


def test_surrounding_spaces_are_removed_and_others_normalised():
    assert cleaned("  Anna\u00a0Maria\u2003Berg ") == "Anna Maria Berg"


def test_line_breaks_are_normalised_in_multiline_text():
    assert cleaned("one\r\ntwo\rthree\n\tfour\n", lines=True) == "one\ntwo\nthree\n\tfour"
    with pytest.raises(ValidationError):
        cleaned("one\ntwo")


@pytest.mark.parametrize("blank", ["\u200d", "\u200c \u200d", "\u3164", "\u2800", "\ufe0f", "\u034f\u115f"])
def test_text_needs_a_visible_character(blank):
    for lines in (False, True):
        with pytest.raises(ValidationError, match="no visible character"):
            cleaned(f" {blank} ", lines=lines)
        assert cleaned(f"Ng{blank}", lines=lines).startswith("Ng")


def test_empty_text_stays_empty():
    assert cleaned(" \u00a0 ") == ""


@pytest.mark.django_db
def test_models_and_forms_share_the_text_policy():
    # Given a form made from a model
    form = forms.modelform_factory(Clinic, fields=["name", "address", "phone", "time_zone"])

    # Then it cleans and rejects as the model does
    sent = {"name": " Jose\u0301 ", "address": "a\r\nb", "phone": "1\u202e2", "time_zone": "Europe/London"}
    typed = form(sent, instance=Clinic.ours())
    assert set(typed.errors) == {"phone"}
    assert typed.cleaned_data["name"] == "José"
    assert typed.cleaned_data["address"] == "a\nb"
    with pytest.raises(ValidationError) as refused:
        Clinic(name="x", phone="1\u202e2").full_clean(validate_constraints=False)
    assert set(refused.value.message_dict) == {"phone"}


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Söderström", "soderstrom"),
        ("İstanbul", "istanbul"),
        ("ISTANBUL", "istanbul"),
        ("Łódź", "lodz"),
        ("Großmann", "grossmann"),
        ("Nguyễn", "nguyen"),
        ("Ærø", "aero"),
        ("Þórður", "thordur"),
        ("Đorđe", "dorde"),
        ("O’Neill", "oneill"),
        ("O'Neill", "oneill"),
        ("Müller", "muller"),
    ],
)
def test_search_key_is_the_text_people_type(name, key):
    assert search_key(name) == key


def test_marks_separate_words():
    assert words_of("Nuñez-Łuczak, Ana_María") == ["nunez", "luczak", "ana", "maria"]


def names_alike(one, other):
    return keys_alike(key_in_any_order(one), key_in_any_order(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna Berg", "Berg Anna"),
        ("Anna Berg", "Ana Berg"),
        ("Anna Berg", "Anne Berg"),
        ("Jörg Maier", "Jorg Meier"),
        ("O’Neill", "Oneill"),
        ("Li", "Lí"),
    ],
)
def test_similar_names_are_similar(one, other):
    assert names_alike(one, other)
    assert names_alike(other, one)


@pytest.mark.parametrize(("one", "other"), [("Anna Berg", "Otto Berg"), ("Li", "Lo"), ("Anna Berg", "Anna Bergmann")])
def test_different_names_are_not_similar(one, other):
    assert not names_alike(one, other)
    assert not names_alike(other, one)


@given(st.lists(st.text("ab é", max_size=7), max_size=12))
def test_pairs_among_many_names_match_the_pairwise_comparison(names):
    pairs = pairs_alike({number: key_in_any_order(name) for number, name in enumerate(names)})
    assert pairs == {
        (one, other) for one, other in combinations(range(len(names)), 2) if names_alike(names[one], names[other])
    }
