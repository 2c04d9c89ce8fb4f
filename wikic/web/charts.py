"""Charts as SVG, made here: no script, no style attributes, colours by class. Each has a title and a description; the
numbers stand in a list or table beside it too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final

from markupsafe import Markup

_ROW: Final = 30
_LABEL_WIDTH: Final = 216
_BAR_WIDTH: Final = 374
_NUMBER_WIDTH: Final = 64


@dataclass(frozen=True, slots=True)
class Bar:
    """One number of a chart."""

    label: Annotated[str, "What is counted."]
    value: Annotated[int, "How many."]
    shown: Annotated[str, "The number as it is written."]
    tone: Annotated[str, "The colour: essential, key, emerging, optional, other, knowledge, added, removed, changed."]


@dataclass(frozen=True, slots=True)
class Node:
    """A concept in a neighbourhood."""

    name: str
    address: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Branch:
    """What lies on one side of a concept; `total` counts those that are not drawn too."""

    title: str
    total: int
    nodes: Sequence[Node] = field(default_factory=tuple)


def bars(title: str, rows: Sequence[Bar], *, whole: int = 0) -> Markup:
    """Horizontal bars, one a row, with label and number; the number stands before its bar, where a narrow screen shows it without scrolling. `whole`: what a
    bar of full length stands for, such as 100 percent; else the largest number."""
    most = whole or max((row.value for row in rows), default=0) or 1
    start = _LABEL_WIDTH + _NUMBER_WIDTH
    width, height = _LABEL_WIDTH + _BAR_WIDTH + _NUMBER_WIDTH, _ROW * len(rows)
    parts = [_opening(title, "; ".join(f"{row.label}: {row.shown}" for row in rows), width, height, "bars")]
    for number, row in enumerate(rows):
        top = number * _ROW
        length = max(3, round(row.value / most * _BAR_WIDTH)) if row.value else 0
        parts.append(
            Markup(
                '<text class="label" x="{}" y="{}" text-anchor="end">{}</text>'
                '<rect class="tone-{}" x="{}" y="{}" width="{}" height="18" rx="3"/>'
                '<text class="value" x="{}" y="{}" text-anchor="end">{}</text>'
            ).format(
                _LABEL_WIDTH - 12, top + 20, _short(row.label, 26), row.tone, start, top + 6, length,
                start - 12, top + 20, row.shown,
            )
        )
    parts.append(Markup("</svg>"))
    return Markup("").join(parts)


def stack(title: str, rows: Sequence[Bar]) -> Markup:
    """One bar cut into parts; the legend is the page's."""
    total = sum(row.value for row in rows) or 1
    width, height, gap = 720, 40, 2
    parts = [_opening(title, "; ".join(f"{row.label}: {row.shown}" for row in rows), width, height, "stack")]
    shown = [row for row in rows if row.value]
    free = width - gap * (len(shown) - 1)
    left = 0.0
    for row in shown:
        length = row.value / total * free
        parts.append(
            Markup('<rect class="tone-{}" x="{:.1f}" y="0" width="{:.1f}" height="{}" rx="3"/>').format(
                row.tone, left, length, height
            )
        )
        if length > 34:
            parts.append(
                Markup('<text class="on-tone" x="{:.1f}" y="26" text-anchor="middle">{}</text>').format(
                    left + length / 2, row.shown
                )
            )
        left += length + gap
    parts.append(Markup("</svg>"))
    return Markup("").join(parts)


def neighbourhood(title: str, centre: str, above: Branch, below: Branch, left: Branch, right: Branch) -> Markup:
    """A concept in the middle, what is broader above, narrower below, what leads to it at the left, and what it leads to
    at the right. Empty sides take no room."""
    side = 214
    middle_x = 240 if left.nodes else 0
    width = middle_x + 260 + (240 if right.nodes else 0)
    rows = max(len(left.nodes), len(right.nodes), 1)
    block = max(rows * 44 + 22, 66)
    top = 84 if above.nodes else 0
    height = top + block + (84 if below.nodes else 0)
    cx, cy = middle_x + 130, top + block // 2
    told = [f"{branch.title}: {branch.total}" for branch in (above, left, right, below) if branch.nodes]
    parts = [_opening(title, "; ".join(told), width, height, "neighbourhood", group=True)]
    parts += _column(left, 0, side, cx - 118, cy, top, block, leftwards=True)
    parts += _column(right, width - side, side, cx + 118, cy, top, block, leftwards=False)
    parts += _row(above, cx, cy - 26, 0, width, over=True)
    parts += _row(below, cx, cy + 26, height - 62, width, over=False)
    parts.append(
        Markup(
            '<rect class="centre" x="{}" y="{}" width="236" height="52" rx="8"/>'
            '<text class="centre-name" x="{}" y="{}" text-anchor="middle">{}</text></svg>'
        ).format(cx - 118, cy - 26, cx, cy + 5, _short(centre, 25))
    )
    return Markup("").join(parts)


def _column(
    branch: Branch, x: int, width: int, edge: int, cy: int, top: int, block: int, *, leftwards: bool
) -> list[Markup]:
    if not branch.nodes:
        return []
    first = top + (block - len(branch.nodes) * 44 - 22) // 2 + 22
    anchor = x + width if leftwards else x
    parts = [_heading(branch, x, first - 6)]
    for number, node in enumerate(branch.nodes):
        y = first + number * 44
        bend = (anchor + edge) // 2
        parts.append(
            Markup('<path class="edge" d="M{} {}C{} {} {} {} {} {}"/>').format(
                anchor, y + 18, bend, y + 18, bend, cy, edge, cy
            )
        )
        parts.append(_node(node, x, y, width))
    return parts


def _row(branch: Branch, cx: int, edge: int, y: int, width: int, *, over: bool) -> list[Markup]:
    if not branch.nodes:
        return []
    count = len(branch.nodes)
    each = min(214, (width - 12 * (count - 1)) // count)
    start = min(max(cx - (each * count + 12 * (count - 1)) // 2, 0), width - each * count - 12 * (count - 1))
    parts = [_heading(branch, start, y + 14)]
    for number, node in enumerate(branch.nodes):
        x = start + number * (each + 12)
        end = y + 58 if over else y + 22
        middle = (end + edge) // 2
        parts.append(
            Markup('<path class="edge" d="M{} {}C{} {} {} {} {} {}"/>').format(
                x + each // 2, end, x + each // 2, middle, cx, middle, cx, edge
            )
        )
        parts.append(_node(node, x, y + 22, each))
    return parts


def _heading(branch: Branch, x: int, y: int) -> Markup:
    more = f" ({branch.total})" if branch.total > len(branch.nodes) else ""
    return Markup('<text class="side" x="{}" y="{}">{}</text>').format(x, y, f"{branch.title}{more}")


def _node(node: Node, x: int, y: int, width: int) -> Markup:
    box = Markup(
        '<title>{}</title><rect class="node kind-{}" x="{}" y="{}" width="{}" height="36" rx="6"/>'
        '<text class="name" x="{}" y="{}">{}</text>'
    ).format(node.name, node.kind, x, y, width, x + 12, y + 23, _short(node.name, max(6, (width - 22) // 8)))
    return Markup('<a href="{}">{}</a>').format(node.address, box) if node.address else box


def _opening(title: str, told: str, width: int, height: int, name: str, *, group: bool = False) -> Markup:
    # A picture with links in it is a group: what is inside an image cannot be reached.
    role = "group" if group else "img"
    return Markup(
        '<svg class="chart chart-{}" role="{}" aria-label="{}" viewBox="-2 -2 {} {}" width="{}" height="{}">'
    ).format(name, role, f"{title}. {told}", width + 4, height + 4, width + 4, height + 4)


def _short(text: str, most: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else f"{flat[: most - 1].rstrip()}…"
