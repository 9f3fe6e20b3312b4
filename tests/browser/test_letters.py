"""A letter is written, signed off and printed in Chromium."""

import pytest
from playwright.sync_api import expect

from planning.letters.one_page import width_of
from tests import builders, letters
from tests.browser.scans import faults
from tests.browser.test_prints import print_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_letter_is_written_and_printed_on_one_sheet(browse, neurologist, watch):
    session = builders.a_signed_session(by=neurologist)
    page = browse(neurologist)
    page.goto(session.get_absolute_url())
    page.get_by_role("link", name="Write a letter").click()
    page.get_by_label("To required").fill("Dr Referrer\n1 High Street")
    page.get_by_role("button", name="Write the letter").click()
    expect(page.get_by_role("heading", name="Draft")).to_be_visible()
    assert faults(page, watch) == []

    page.get_by_role("button", name="Sign off").click()
    expect(page.get_by_role("heading", name="Signed off")).to_be_visible()
    assert faults(page, watch) == []

    (sheet,) = print_of(page, f"{page.url}print/")
    row = session.record().content["injections"][0]
    assert f"{row['muscle']['name']}, {row['side']}: {row['given_dose']}" in sheet
    assert "Dr Referrer" in sheet


SAMPLES = {
    "words": "Thank you for referring this patient, whom I saw today; the treatment was given as planned. " * 3,
    "narrow letters": "ill " * 300,
    "wide letters": "WWWWWW MMMM @@@@ " * 20,
    "a word longer than a line": "Wm" * 90,
    "other scripts": "Ż Ł Ö Ñ Щ Ж Ω 漢字 ひらがな 😀 … ½ ﬁ " * 6,
    "empty lines": "\n",
}


@pytest.mark.full
def test_full_letter_is_printed_on_one_sheet(browse, neurologist):
    session = builders.a_signed_session(by=neurologist)
    page = browse(neurologist)
    for name, sample in SAMPLES.items():
        letter = letters.filled(letters.a_letter(session=session, by=neurologist), by=neurologist, sample=sample)
        letter = letters.sign_off(letter, by=neurologist)
        sheets = print_of(page, f"{letter.get_absolute_url()}print/")
        assert len(sheets) == 1, name
        assert "Signed off by" in sheets[0], name


@pytest.mark.full
def test_longer_draft_is_printed_on_two_sheets(browse, neurologist):
    """So the number of sheets says something."""
    letter = letters.a_letter(session=builders.a_signed_session(by=neurologist), by=neurologist)
    letter = letters.filled(letter, by=neurologist, more="\nA line" * 8)
    assert len(print_of(browse(neurologist), f"{letter.get_absolute_url()}print/")) == 2


MEASURE = """([fonts, characters]) => {
  const context = document.createElement("canvas").getContext("2d");
  context.font = `100px ${fonts}`;
  return characters.map((each) => context.measureText(each).width * 10);
}"""


@pytest.mark.full
def test_no_character_is_wider_than_it_is_counted(browse, neurologist):
    page = browse(neurologist)
    page.goto("/")
    ranges = ((0x20, 0x7F), (0xA1, 0x180), (0x370, 0x500), (0x1E00, 0x1F00), (0x2010, 0x2028), (0x3041, 0x3100))
    characters = [chr(code) for first, end in ranges for code in range(first, end) if chr(code).isprintable()]
    characters += [*"漢字😀🙂…½ﬁ€№™"]
    for fonts in ('Arial, "Liberation Sans", Helvetica, sans-serif', '"DejaVu Sans"', "Verdana, sans-serif"):
        widths = page.evaluate(MEASURE, [fonts, characters])
        wider = {each: width for each, width in zip(characters, widths, strict=True) if width > width_of(each)}
        assert wider == {}, fonts
