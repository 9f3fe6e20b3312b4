"""A scan finds each kind of fault that it looks for, at the widths where a page has it."""

import pytest

from tests.browser.scans import DESK, PHONE, faults

pytestmark = [pytest.mark.browser, pytest.mark.looks]

FAULTY = """<!doctype html><html lang="en"><title>Faulty</title><main>
<h1>Faulty</h1>
<p style="color: #aaa">Pale</p>
<img src="data:,">
<label>Named <input style="height: 40px"></label>
<input id="unnamed" style="height: 40px">
<button style="width: 20px; height: 20px; padding: 0">x</button>
<div style="width: 800px; height: 20px"></div>
<dl><dt style="float: left; width: 20px; white-space: nowrap">Longer than its column</dt><dd>Under it</dd></dl>
</main>"""
FAULTLESS = '<!doctype html><html lang="en"><title>Faultless</title><main><h1>Faultless</h1><p>Words</p></main>'


def test_each_page_fault_is_found_at_its_widths(page, watch):
    page.set_content(FAULTY)
    assert sorted(faults(page, watch, closely=True, whole=False)) == [
        f"at {DESK} px: BUTTON “x” 20.0 × 20.0",
        f"at {DESK} px: axe color-contrast: p",
        f"at {DESK} px: axe image-alt: img",
        f"at {DESK} px: axe label: #unnamed",
        f"at {DESK} px: “Longer than its column” is over “Under it”",
        f"at {PHONE} px: BUTTON “x” 20.0 × 20.0",
        f"at {PHONE} px: axe label: #unnamed",
        f"at {PHONE} px: scrolls sideways by 418",
        f"at {PHONE} px: “Longer than its column” is over “Under it”",
    ]


def test_less_close_scan_leaves_out_colours_and_axe_on_a_phone(page, watch):
    page.set_content(FAULTY)
    closely, less = (faults(page, watch, closely=closely, whole=False) for closely in (True, False))
    assert sorted({*closely} - {*less}) == [
        f"at {DESK} px: axe color-contrast: p",
        f"at {PHONE} px: axe label: #unnamed",
    ]


def test_whole_scan_asks_every_rule_on_a_phone_too(page, watch):
    page.set_content(FAULTY)
    closely, whole = (faults(page, watch, closely=True, whole=whole) for whole in (False, True))
    assert sorted({*whole} - {*closely}) == [
        f"at {PHONE} px: axe color-contrast: p",
        f"at {PHONE} px: axe image-alt: img",
    ]


def test_page_without_faults_reports_none(page, watch):
    page.set_content(FAULTLESS)
    assert faults(page, watch, closely=True) == []


def test_console_is_watched_again_after_a_scan(page, watch):
    watch.follow(page.context)
    page.set_content(FAULTLESS)
    faults(page, watch)
    page.evaluate("() => console.error('heard')")
    assert [complaint for complaint in watch.complaints() if "heard" in complaint] != []
    watch.expects("heard")
