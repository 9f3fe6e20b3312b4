"""What is measured on a page: axe's accessibility rules, sideways scrolling, the size of click targets."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings

from tests.extent import IS_WHOLE

PHONE, TABLET, DESK = 390, 1024, 1440
LEAST_PX, LEAST_FOR_FINGERS, NARROW = 24, 44, 768
AXE_URL = f"{settings.STATIC_URL}axe.js"  # tests/browser/conftest.py serves it
# What depends on the width of a page, unlike its colours and text.
OF_THE_LAYOUT = ["target-size", "scrollable-region-focusable", "region", "label", "link-name", "button-name"]
# Half of axe's time. A style has the same colours on every page, and SMALL_TARGETS measures targets, too.
COSTLY = ["color-contrast", "target-size"]
# Only violations: what else axe finds is long, and of no use here.
RUN_AXE = """([runOnly, rules]) => axe.run({runOnly, rules, resultTypes: ["violations"], preload: false}).then(answer =>
  answer.violations.flatMap(rule => rule.nodes.map(node => `axe ${rule.id}: ${node.target.join(" ")}`)))"""
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# Links within a message can be as high as their line. In the diary and in charts, time sets the height; the admin site
# (#container) and the documentation of the API are made for a desk. A box to tick is as large as it is with its label.
SMALL_TARGETS = """([dense, usual]) => {
  const seen = (element) => element.checkVisibility({visibilityProperty: true, opacityProperty: true});
  const boxOf = (element) => {
    const boxes = [element, ...(/checkbox|radio/.test(element.type) ? element.labels : [])]
      .map((each) => each.getBoundingClientRect());
    const left = Math.min(...boxes.map((box) => box.left)), right = Math.max(...boxes.map((box) => box.right));
    const top = Math.min(...boxes.map((box) => box.top)), bottom = Math.max(...boxes.map((box) => box.bottom));
    return {left, right, top, bottom, width: right - left, height: bottom - top};
  };
  const targets = "a[href]:not(p a, dd a, .notice a, .skip), button, summary, select, textarea, "
    + "input:not([type=hidden])";
  return [...document.querySelectorAll(targets)].filter(seen).map((element) => [element, boxOf(element)])
    .map(([element, box]) => [element, box, element.closest(".diary, svg, .swagger-ui, #container") ? dense : usual])
    .filter(([, box, least]) => box.width < least - 0.01 || box.height < least - 0.01)
    .map(([element, box]) =>
      `${element.tagName} “${(element.ariaLabel || element.textContent || element.name).replace(/\\s+/g, " ").trim()}” `
      + `${box.width.toFixed(1)} × ${box.height.toFixed(1)}`);
}"""

# The largest square, of points two pixels apart, in which every click reaches the region.
SIDE_OF_THE_LARGEST_SQUARE = """region => {
  region.scrollIntoView({block: "center", behavior: "instant"});
  const step = 2, box = region.getBoundingClientRect(), edge = 20;
  const columns = Math.ceil((box.width + 2 * edge) / step), rows = Math.ceil((box.height + 2 * edge) / step);
  let largest = 0, above = new Array(columns + 1).fill(0);
  for (let row = 0; row < rows; row++) {
    const line = [0];
    for (let column = 1; column <= columns; column++) {
      const at = document.elementFromPoint(box.left - edge + (column - 1) * step, box.top - edge + row * step);
      line[column] = at && region.contains(at)
        ? 1 + Math.min(line[column - 1], above[column], above[column - 1]) : 0;
      largest = Math.max(largest, line[column]);
    }
    above = line;
  }
  return (largest - 1) * step;
}"""


# Texts of forms and lists that are drawn over each other; each is compared with those that follow it.
OVERLAPS = """() => {
  const lines = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    return [...range.getClientRects()];
  };
  const meet = (one, other) => Math.min(one.right, other.right) - Math.max(one.left, other.left) > 2
    && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 4;
  const texts = [...document.querySelectorAll("main :is(label, legend, dt, dd, th, td)")]
    .filter((element) => element.checkVisibility({visibilityProperty: true, opacityProperty: true})
      && element.textContent.trim() && !element.closest(".visually-hidden, .diary, svg, .sheet > thead")
      && !element.matches(":has(.visually-hidden, td, details)"));
  return texts.flatMap((element, at) => texts.slice(at + 1, at + 4)
    .filter((other) => !element.contains(other)
      && lines(element).some((one) => lines(other).some((two) => meet(one, two))))
    .map((other) => `“${element.textContent.trim()}” is over “${other.textContent.trim()}”`));
}"""

# The banner and the save bar stay where they are while the page is scrolled. axe takes what is behind them for small.
NOTHING_COVERED = """() => {
  document.getElementById("savebar")?.style.setProperty("position", "static");
  window.scrollTo({ top: 0, behavior: "instant" });
}"""


def faults(page, watch, *, widths=(PHONE, DESK), closely=IS_WHOLE, whole=IS_WHOLE):
    """What is wrong with the page at these widths, each of which costs a layout; axe's own noise is not listened to.

    `closely`: axe looks at every width, not only at the largest, and asks its costly rules. `whole`: it asks all its
    rules at every width. `make full` does both.
    """
    found = []
    for width in sorted(widths, reverse=True):
        if page.viewport_size != {"width": width, "height": 900}:
            page.set_viewport_size({"width": width, "height": 900})
        faulty = [*sideways(page), *small_targets(page), *page.evaluate(OVERLAPS)]
        is_largest = width == max(widths)
        if closely or is_largest:
            with watch.away():
                faulty += axe(page, whole=whole or is_largest, without=() if closely else COSTLY)
        found += [f"at {width} px: {fault}" for fault in faulty]
    return found


def axe(page, *, whole=True, without=()):
    """Violations of axe's rules, or of those that depend on the layout; axe is loaded into the page once."""
    if not page.evaluate("() => 'axe' in window"):
        load_axe(page)
    page.evaluate(NOTHING_COVERED)
    only = {"type": "tag", "values": TAGS} if whole else {"type": "rule", "values": OF_THE_LAYOUT}
    return page.evaluate(RUN_AXE, [only, {rule: {"enabled": False} for rule in without}])


def load_axe(page):
    """From the server of the test, if the page has one: so Chromium keeps the script compiled for the next page."""
    if page.url.startswith("http"):
        page.add_script_tag(url=AXE_URL)
    else:
        page.evaluate(AXE_SCRIPT)


def sideways(page):
    wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"scrolls sideways by {wide}"] if wide > 0 else []


def small_targets(page):
    """A finger needs more than a pointer does."""
    narrow = page.viewport_size["width"] <= NARROW
    return page.evaluate(SMALL_TARGETS, [LEAST_PX, LEAST_FOR_FINGERS if narrow else LEAST_PX])


def assert_no_faults(found):
    """Fail with each fault on a line of its own."""
    lines = [f"{what}: {fault}" for what, faults_there in found.items() for fault in faults_there]
    if lines:
        pytest.fail("\n".join(lines), pytrace=False)
