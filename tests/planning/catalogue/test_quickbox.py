"""The quick box: the muscles that typed words select, and the messages for unknown and ambiguous words."""

import re

import pytest

from clinic.records.exceptions import Refused
from planning.catalogue import quick_box
from planning.models import Muscle, Side, Sides
from planning.sessions.actions.injections import remove_injection
from planning.sessions.forms.rows import row_prefix
from planning.sessions.forms.sessions import SessionForm
from tests import builders
from tests.planning.session_pages.sending import FETCH

pytestmark = pytest.mark.django_db

RIGHT, LEFT, MIDLINE = Side.RIGHT, Side.LEFT, Side.MIDLINE


def a_muscle(name, short_name, **details):
    return Muscle.objects.create(name=name, short_name=short_name, **details)


def offered():
    return list(Muscle.objects.offered().select_related("group"))


def meant(text):
    muscle, sides = quick_box.meant(text, offered())
    return muscle.short_name, sides


def refusal(text):
    with pytest.raises(Refused) as refused:
        quick_box.meant(text, offered())
    assert refused.value.field == "typed"
    return refused.value.message


@pytest.mark.parametrize(
    ("typed", "short_name", "sides"),
    [
        ("scm r", "SCM", [RIGHT]),
        ("SCM R", "SCM", [RIGHT]),
        ("  scm   right ", "SCM", [RIGHT]),
        ("scm, r.", "SCM", [RIGHT]),
        ("lev sca left", "LS", [LEFT]),
        ("sca lev l", "LS", [LEFT]),
        ("levator scapulae l", "LS", [LEFT]),
        ("ls b", "LS", [RIGHT, LEFT]),
        ("scal both", "SCAL", [RIGHT, LEFT]),
        ("both scal", "SCAL", [RIGHT, LEFT]),
        ("scal bilateral", "SCAL", [RIGHT, LEFT]),
        ("r levator", "LS", [RIGHT]),
        ("left lev", "LS", [LEFT]),
        ("scal-a r", "SCAL-A", [RIGHT]),
        ("scal a r", "SCAL-A", [RIGHT]),
        ("scala r", "SCAL-A", [RIGHT]),
        ("stern r", "SCM", [RIGHT]),
        ("ＳＣＭ r", "SCM", [RIGHT]),
        # Latin names, with and without what they begin with
        ("musculus scalenus anterior r", "SCAL-A", [RIGHT]),
        ("m. scalenus anterior r", "SCAL-A", [RIGHT]),
        ("M. Scalenus anterior, left", "SCAL-A", [LEFT]),
        ("m scalenus anterior r", "SCAL-A", [RIGHT]),
        ("r m. scalenus medius", "SCAL-M", [RIGHT]),
        ("left musculus scalenus post", "SCAL-P", [LEFT]),
        ("musc. scalenus med r", "SCAL-M", [RIGHT]),
        ("scalenus anterior r", "SCAL-A", [RIGHT]),
        ("musculi scaleni both", "SCAL", [RIGHT, LEFT]),
        ("mm. scaleni both", "SCAL", [RIGHT, LEFT]),
        ("sternocleidomastoideus l", "SCM", [LEFT]),
        ("m. sternocleidomast l", "SCM", [LEFT]),
        ("m. levator scapulae r", "LS", [RIGHT]),
        ("m. scm r", "SCM", [RIGHT]),
    ],
)
def test_words_name_a_muscle_and_its_sides(typed, short_name, sides):
    assert meant(typed) == (short_name, sides)


def test_exact_short_name_wins_over_prefixes():
    # Given muscles whose names begin like SCM and LS
    a_muscle("Scmaximus", "SCMX")
    a_muscle("Ls major", "LSM")
    a_muscle("Levis superior", "LEVS", synonyms="LS of the head")
    # Then the exact short names still mean their own
    assert meant("scm r") == ("SCM", [RIGHT])
    assert meant("ls l") == ("LS", [LEFT])
    assert meant("scmx r") == ("SCMX", [RIGHT])
    # And a beginning of several is ambiguous
    assert refusal("sc r").startswith("“sc” fits several: ")


def test_exact_synonym_selects_its_muscle():
    a_muscle("Splenius capitis", "SPL", synonyms="bandage muscle, SPLC")
    assert meant("splc r") == ("SPL", [RIGHT])
    assert meant("bandage muscle l") == ("SPL", [LEFT])


def test_side_of_a_midline_muscle_is_optional():
    a_muscle("Interspinalis", "ISP", sides=Sides.MIDLINE)
    a_muscle("Anywhere", "ANY", sides=Sides.ANY)
    assert meant("isp") == ("ISP", [MIDLINE])
    assert meant("any m") == ("ANY", [MIDLINE])
    assert "Which side of Anywhere?" in refusal("any")


def test_muscle_named_like_a_side_is_found_alone():
    a_muscle("Rhomboideus", "R")
    assert meant("r l") == ("R", [LEFT])
    assert "Which side of Rhomboideus?" in refusal("r")


def test_missing_part_is_named():
    assert refusal("scm") == "Which side of Sternocleidomastoid? Add r, l or both."
    assert refusal("") == "Type a muscle and a side, for example its short name and r."
    assert refusal("  . ") == "Type a muscle and a side, for example its short name and r."


def test_unknown_word_gets_a_message():
    assert refusal("xyzzy r") == "The catalogue has no muscle called “xyzzy”. Ask a catalogue manager to add it."
    assert (
        refusal("lev xyzzy r") == "The catalogue has no muscle called “lev xyzzy”. Ask a catalogue manager to add it."
    )


def test_ambiguous_word_lists_its_matches():
    message = refusal("sca r")
    assert message.startswith("“sca” fits several: Scalene; Scalene, anterior; ")
    assert message.endswith("Type more of the name.")


def test_beginning_of_several_latin_names_is_ambiguous():
    for typed in ("scalenus r", "m. scalenus r", "m scalenus r", "musculus scalenus r"):
        assert "fits several: Scalene, anterior; Scalene, middle; Scalene, posterior." in refusal(typed).replace(
            "Scalene, middle; Scalene, anterior;", "Scalene, anterior; Scalene, middle;"
        )


def test_m_before_a_name_can_be_musculus_or_the_middle_one():
    assert "fits several: Scalene, middle; Scalene." in refusal("m scal r")


def test_m_with_a_period_is_no_side():
    a_muscle("Anywhere", "ANY", latin_name="m. ubique", sides=Sides.ANY)
    assert "Which side of Anywhere?" in refusal("m. ubique")
    assert meant("m ubique") == ("ANY", [MIDLINE])
    assert meant("m. ubique m") == ("ANY", [MIDLINE])


def test_each_typed_word_matches_a_different_word():
    """*lev lev* is not *Levator scapulae*."""
    assert "The catalogue has no muscle" in refusal("lev lev r")


def test_retired_muscle_is_not_found(neurologist):
    builders.retire(builders.a_muscle("LS"), by=neurologist)
    assert "The catalogue has no muscle" in refusal("levator r")


def test_accents_and_case_do_not_matter():
    a_muscle("Crânio-teste", "CRT")
    assert meant("cranio teste r") == ("CRT", [RIGHT])
    assert meant("CRÂNIO l") == ("CRT", [LEFT])


# On the page


@pytest.fixture
def planned(neurologist):
    return builders.a_planned_session(by=neurologist, muscles=())


@pytest.fixture
def doctor(client, neurologist):
    client.force_login(neurologist)
    return client


def type_in(client, session, text, headers=None):
    return client.post(
        f"/sessions/{session.pk}/injections/", {"typed": text, "product": session.product_id}, headers=headers
    )


def sides_of(session):
    return [(row.muscle.short_name, row.side) for row in session.injections.active().in_order()]


def test_enter_adds_a_row_for_each_side(doctor, planned):
    assert type_in(doctor, planned, "scal both").status_code == 302
    assert type_in(doctor, planned, "r levator").status_code == 302
    assert sides_of(planned) == [("SCAL", "right"), ("SCAL", "left"), ("LS", "right")]


def test_both_sides_are_added_or_none(doctor, planned):
    # Given a part of the scalenes on the left
    type_in(doctor, planned, "scal-a l")
    # When both scalenes are typed, then the left cannot be, and the right is not added either
    response = type_in(doctor, planned, "scal both", FETCH)
    assert response.status_code == 409
    assert "Remove that row first." in response.json()["errors"]["typed"][0]
    assert sides_of(planned) == [("SCAL-A", "left")]


@pytest.mark.parametrize("typed", ["xyzzy r", "sca r", "scm", "", "   ", "x" * 10_000, "scm r" + " " * 10_000 + "l"])
@pytest.mark.sample(2)
def test_unreadable_text_is_reported_at_the_box_and_stays(doctor, planned, typed):
    response = type_in(doctor, planned, typed)
    page = response.content.decode()
    box = page[page.index('id="quick-box"') :].split(">")[0]
    if response.status_code == 422:
        assert f'value="{typed}"' in box
        assert type_in(doctor, planned, typed, FETCH).json()["errors"]["typed"][0].strip()
    assert response.status_code == 422
    assert sides_of(planned) == []


@pytest.mark.parametrize("typed", ["scm\x00 r", "scm\x07 r", "\u202escm r", "%s %d {} <b>", "'\"><script>", "­scm r"])
@pytest.mark.sample(3)
def test_unusual_characters_cause_no_server_error(doctor, planned, typed):
    for headers in (None, FETCH):
        assert type_in(doctor, planned, typed, headers).status_code in {200, 302, 422}
        response = doctor.post(f"/sessions/{planned.pk}/muscles/", {"typed": typed}, headers=headers)
        assert response.status_code == 200
        assert "<script>" not in response.content.decode()


def test_matches_are_shown_while_typing(doctor, planned):
    def matches(typed):
        return " ".join(doctor.post(f"/sessions/{planned.pk}/muscles/", {"typed": typed}).content.decode().split())

    assert "Sternocleidomastoid, right <small>SCM</small>" in matches("scm r")
    assert "Scalene, right and left" in matches("scal both")
    assert matches("lev").count("<li>") == 1
    assert "Scalene, anterior, right <small>SCAL-A</small>" in matches("m. scalenus ant r")
    assert matches("scalenus").count("<li>") == 3
    assert "The catalogue has no muscle called “xyzzy”. Ask a catalogue manager to add it" in matches("xyzzy")
    assert matches("") == ""
    assert "The catalogue has no muscle" in matches("x" * 10_000)


def test_unknown_muscle_leads_to_a_note(doctor, planned, neurologist):
    def link():
        response = doctor.post(f"/sessions/{planned.pk}/muscles/", {"typed": "xyzzy"})
        return re.search(r'<a href="#([^"]+)">([^<]+)</a>', response.content.decode()).groups()

    def is_on_the_page(field):
        return f'id="{field}"' in doctor.get(planned.get_absolute_url()).content.decode()

    # Given rows, it is the note of the last one
    type_in(doctor, planned, "scm both")
    row = planned.injections.active().in_order().last()
    assert link() == (f"id_{row_prefix(row)}-note", "note of the last row")
    assert is_on_the_page(link()[0])

    # Without a row, it is the notes of the session
    for each in planned.injections.active():
        remove_injection(injection=each, product=planned.product, by=neurologist, version=each.version)
    assert link() == (SessionForm(session=planned)["notes"].id_for_label, "notes of this session")
    assert is_on_the_page(link()[0])


def test_retired_muscles_are_not_offered_while_typing(doctor, planned, neurologist):
    builders.retire(builders.a_muscle("SCM"), by=neurologist)
    assert "SCM" not in doctor.post(f"/sessions/{planned.pk}/muscles/", {"typed": "s"}).content.decode()
