"""The chart of the course as SVG. Written without templates: a chart has hundreds of numbers.

The table below the chart shows the same, so the chart is hidden from screen readers and the keyboard.
"""

from django.utils.html import escape
from django.utils.safestring import mark_safe


def svg_of(drawn, *, has_links=True):
    """A `Timeline`; without links on paper."""
    parts = [
        *(_line("at-session", mark.x, mark.x, f"{drawn.top}", _short(mark.y)) for mark in drawn.sessions),
        *(_panel(panel, drawn, has_links) for panel in drawn.panels),
        *(_response(bar, has_links) for bar in drawn.responses),
        *(_session(mark, has_links) for mark in drawn.sessions),
        *(_line("lasting", bar.x, bar.end, f"{bar.y}", f"{bar.y}") for bar in drawn.event_bars),
        *(_event(mark, has_links) for mark in drawn.events),
        *(_tick(x, label, drawn.axis_at) for x, label in drawn.ticks),
    ]
    width = "narrow" if drawn.is_narrow else "wide"
    box = f'viewBox="0 0 {drawn.width} {drawn.height}"'
    svg = f'<svg class="timeline {width}" {box} aria-hidden="true" focusable="false">{"".join(parts)}</svg>'
    return mark_safe(svg)  # noqa: S308, every text is escaped where it is inserted


def _short(number):
    return f"{number:.1f}"


def _line(kind, x1, x2, y1, y2):
    return f'<line class="{kind}" x1="{_short(x1)}" x2="{_short(x2)}" y1="{y1}" y2="{y2}" />'


def _panel(panel, drawn, has_links):
    grid = "".join(
        f'<line class="grid" x1="{drawn.left}" x2="{drawn.right}" y1="{y}" y2="{y}" />'
        for y in (panel.top, panel.middle, panel.bottom)
    )
    bounds = "".join(
        f'<text class="bound" x="{drawn.left - 6}" y="{y + 4}">{escape(bound)}</text>'
        for y, bound in ((panel.top, panel.highest), (panel.bottom, panel.lowest))
    )
    name = f"{escape(panel.name)} <tspan>{escape(panel.direction)}</tspan>"
    marks = "".join(_link(mark, has_links, "", f"{_hit(mark)}{_dot(mark, '3.4')}") for mark in panel.marks)
    return (
        f'<g class="panel series-{panel.series}"><text class="name" x="{drawn.left}" y="{panel.top - 9}">{name}</text>'
        f'{grid}{bounds}<polyline points="{panel.line}" />{marks}</g>'
    )


def _response(bar, has_links):
    target = f'x="{_short(bar.target_x)}" y="{bar.y - 13}" width="{_short(bar.target_width)}" height="26"'
    shape = f'x="{_short(bar.x)}" y="{bar.y - 6}" width="{_short(bar.width)}" height="12" rx="6"'
    return _link(bar, has_links, "response", f'<rect class="hit" {target} /><rect {shape} />')


def _session(mark, has_links):
    return _link(mark, has_links, "session", f"{_hit(mark)}{_dot(mark, '4.8')}")


def _event(mark, has_links):
    shape = '<circle class="hit" r="13" /><path d="M0,-6 L6,5 L-6,5 Z" />'
    place = f' transform="translate({_short(mark.x)} {_short(mark.y)})"'
    return _link(mark, has_links, "event", shape, place)


def _link(mark, has_links, kind, shapes, place=""):
    href = f' href="{escape(mark.url)}"' if has_links else ""
    kinds = f' class="{kind} {mark.kind}"' if kind else ""
    return f'<a{href} tabindex="-1"{kinds}{place}><title>{escape(mark.text)}</title>{shapes}</a>'


def _hit(mark):
    return f'<circle class="hit" cx="{_short(mark.x)}" cy="{_short(mark.y)}" r="13" />'


def _dot(mark, radius):
    return f'<circle class="dot" cx="{_short(mark.x)}" cy="{_short(mark.y)}" r="{radius}" />'


def _tick(x, label, axis_at):
    mark = _line("tick", x, x, f"{axis_at - 16}", f"{axis_at - 12}")
    return f'{mark}<text class="when" x="{_short(x)}" y="{axis_at}">{escape(label)}</text>'
