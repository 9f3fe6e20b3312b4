"""A letter fits on one A4 page before it is signed off; tests/browser/test_letters.py counts the sheets."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from clinic.models import Clinic
from clinic.records.exceptions import Refused
from planning.letters import pdf
from planning.letters.layout import signed_off_text
from planning.letters.one_page import LINES, WIDTH, Room, room_for, width_of
from planning.models import Letter
from tests import builders, letters

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter(neurologist):
    return letters.a_letter(session=builders.a_signed_session(by=neurologist), by=neurologist)


def test_shipped_template_leaves_room(letter, neurologist):
    text = signed_off_text(letter, clinic=Clinic.ours(), by=neurologist, at=letter.recorded_at)
    assert room_for(text).left > 10


def test_letter_that_fills_the_page_is_signed_off(letter, neurologist):
    letter = letters.sign_off(letters.filled(letter, by=neurologist), by=neurologist)
    assert room_for(letter.full_text).left == 0


def test_letter_with_one_line_too_many_is_rejected(letter, neurologist):
    letter = letters.filled(letter, by=neurologist, more="\nOne more line")
    with pytest.raises(Refused) as refused:
        letters.sign_off(letter, by=neurologist)
    assert refused.value.message == (
        f"The letter is too long for one page: it needs {LINES + 1} lines, and a page has {LINES}. "
        "Shorten it by 1, save it, and sign it off then."
    )
    assert not Letter.objects.get(pk=letter.pk).is_signed_off


def test_page_shows_how_much_room_is_left(login, letter, neurologist):
    client = login(neurologist)
    page = client.get(letter.get_absolute_url())
    room = page.context["room"]
    body = " ".join(page.content.decode().split())
    assert f"needs {room.needed} of the {LINES} lines of a page" in body
    assert f"{room.left} lines left" in body
    assert "sign-off/" in body

    letters.filled(letter, by=neurologist, more="\nOne more line")
    body = client.get(letter.get_absolute_url()).content.decode()
    assert "The letter is too long for one page" in body
    assert "sign-off/" not in body


def test_lines_are_counted_as_a_browser_breaks_them():
    longest = "a" * (WIDTH // width_of("a"))
    assert [room_for(text).needed for text in ("", "a", "a\n\nb", longest, longest + "a", f"{longest} a")] == [
        1, 1, 3, 1, 2, 2,
    ]  # fmt: skip
    assert room_for(f"a {longest}").needed == 2  # a word that does not fit begins a new line


def test_accents_and_composed_characters_count_by_their_parts():
    assert width_of("é") == width_of("e") == width_of("e\u0301")
    assert width_of("…") == 3 * width_of(".")
    assert width_of("漢") > width_of("a")


@given(st.text(max_size=300), st.text(max_size=50))
def test_more_text_never_needs_fewer_lines(text, more):
    text, more = text.strip().replace("\n", " "), more.replace("\n", " ").strip()
    assert room_for(f"x{text}{more}").needed >= room_for(f"x{text}").needed


def test_room_names_what_is_too_much():
    assert Room(LINES).obstacle is None
    assert "Shorten it by 2" in Room(LINES + 2).obstacle


@pytest.mark.full
def test_pdf_of_a_full_letter_has_one_page(letter, neurologist):
    if not pdf.is_available():
        pytest.skip("WeasyPrint, or Pango, which it needs from the system, is not installed")
    letter = letters.sign_off(letters.filled(letter, by=neurologist), by=neurologist)
    (page,) = PdfReader(io.BytesIO(pdf.rendered(letter.full_text, title="A letter"))).pages
    assert (round(page.mediabox.width), round(page.mediabox.height)) == (595, 842)
    text = " ".join(page.extract_text().split())
    assert "1.11 units Botox" in text
    assert "Signed off by" in text
