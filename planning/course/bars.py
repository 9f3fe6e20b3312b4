"""Bar charts, drawn on the server: positions, heights and labels."""

from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import mark_safe

WIDE, NARROW = 640, 340
HEIGHT, TOP, BELOW = 200, 18, 38
DIGIT = 8  # the width of a digit in the drawing's text
GAP = 0.2  # of the width of a bar
STEPS = (1, 2, 5)
MOST_LINES = 4


@dataclass(frozen=True)
class Entry:
    """A count and its name: `label` if there is space for each, else `sparse`; `under` is below either."""

    count: int
    label: str
    sparse: str = ""
    under: str = ""


@dataclass(frozen=True)
class Bar:
    x: str
    y: str
    width: str
    height: str
    middle: str
    above: str
    count: str
    label: str
    under: str

    def svg(self, drawing):
        texts = ((self.above, self.count), (drawing.label_y, self.label), (drawing.under_y, self.under))
        return f'<rect x="{self.x}" y="{self.y}" width="{self.width}" height="{self.height}"></rect>' + "".join(
            f'<text x="{self.middle}" y="{y}">{escape(text)}</text>' for y, text in texts if text
        )


@dataclass(frozen=True)
class BarLine:
    y: str
    text_y: str
    text: str

    def svg(self, drawing):
        return (
            f'<line x1="{drawing.left}" x2="{drawing.width}" y1="{self.y}" y2="{self.y}"></line>'
            f'<text class="scale" x="{drawing.left - 6}" y="{self.text_y}">{self.text}</text>'
        )


@dataclass(frozen=True)
class Drawing:
    """One width of the chart."""

    kind: str
    width: int
    left: int
    bars: list[Bar]
    lines: list[BarLine]
    height: int = HEIGHT
    label_y: int = HEIGHT - BELOW + 16
    under_y: int = HEIGHT - BELOW + 32

    def svg(self):
        """Written without a template: the bars of a page have hundreds of numbers."""
        shapes = (shape.svg(self) for shape in (*self.lines, *self.bars))
        return mark_safe("".join(shapes))  # noqa: S308, every text is escaped where it is inserted


def drawings(entries):
    if not any(entry.count for entry in entries):
        return []
    return [_drawing("on-desk", WIDE, entries), _drawing("on-phone", NARROW, entries)]


def _drawing(kind, width, entries):
    highest = max(entry.count for entry in entries)
    step = _step(highest)
    top = step * -(-highest // step)
    left = DIGIT * len(str(top)) + 8
    room = (width - left) / len(entries)
    labelled = room >= DIGIT * max(len(each.label) for each in entries) + 2
    counted = room >= DIGIT * max(len(str(each.count)) for each in entries) + 2
    return Drawing(
        kind=kind,
        width=width,
        left=left,
        bars=[
            _bar(entry, left + place * room, room, top, labelled=labelled, counted=counted)
            for place, entry in enumerate(entries)
        ],
        lines=[_line(count, top) for count in range(0, top + 1, step)],
    )


def _step(highest):
    size = 1
    while True:
        for step in STEPS:
            if step * size * MOST_LINES >= highest:
                return step * size
        size *= 10


def _y(count, top):
    return TOP + (HEIGHT - TOP - BELOW) * (1 - count / top)


def _line(count, top):
    y = _y(count, top)
    return BarLine(y=f"{y:.1f}", text_y=f"{y + 4:.1f}", text=str(count))


def _bar(entry, x, room, top, *, labelled, counted):
    """`labelled`, `counted`: there is room for the labels of all bars, and for their counts."""
    y = _y(entry.count, top)
    return Bar(
        x=f"{x + room * GAP / 2:.1f}",
        y=f"{y:.1f}",
        width=f"{room * (1 - GAP):.1f}",
        height=f"{_y(0, top) - y:.1f}",
        middle=f"{x + room / 2:.1f}",
        above=f"{y - 4:.1f}",
        count=str(entry.count) if counted and entry.count else "",
        label=entry.label if labelled else entry.sparse,
        under=entry.under,
    )
