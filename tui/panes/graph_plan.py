"""Which drawing of a graph fits a pane: boxes from left to right, boxes downwards, or a list with rails."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from tui import number
from tui.graph_layout import Layout, layered
from tui.graph_rails import rails
from tui.graph_shown import Item, Shown
from tui.panes.graph_text import Texts

FRAME, MARK = 2, 1  # cells of a box's two borders, and of the mark before its title
TALL, FLAT = 4, 3  # rows of a box with two lines in it, and of one with its title in the border
ARM, ACROSS_GAP = 4, 9  # cells of an arrow; of one with a number on it
WIDE, MIDDLE, NARROW = 44, 24, 16  # cells that a title may take


@dataclass(frozen=True, slots=True)
class Style:
    """One way to draw. `side`: rows of a leaf that stands beside what it feeds, 0 where it stands in a layer."""

    title: int
    across: bool = False
    side: int = 0
    even: bool = True  # all boxes of a kind of the same width


STYLES = (
    Style(WIDE, across=True),
    *(Style(title, False, side, even) for side in (TALL, FLAT) for even in (True, False) for title in (WIDE, MIDDLE)),
    Style(NARROW, False, FLAT, False),
)
GAPS = (3, 2, 1)  # cells between layers that stand one under the other


@dataclass(frozen=True)
class Plan:
    """A layout and how it is to be drawn. `style` is None for rails; `width` then counts the text beside them."""

    texts: Texts
    layout: Layout
    style: Style | None
    width: int
    room: int = 0  # rows of the pane
    title: int = 0  # rails: cells of the titles
    spare: int = 0  # rails: cells left to the right for more

    @property
    def height(self) -> int:
        return self.layout.height


@lru_cache(maxsize=16)
def plan(texts: Texts, width: int, height: int) -> Plan:
    """The first drawing that fits into `width` x `height` cells; else the list, to be scrolled."""
    for style in STYLES:
        drawn = boxes(texts, style, ARM, 1)
        if drawn.width <= width and drawn.height <= height:
            arm = min(ARM + width - drawn.width, 2 * ACROSS_GAP)
            for gap in GAPS:
                roomy = boxes(texts, style, arm, gap)
                if roomy.width <= width and roomy.height <= height:
                    return Plan(texts, roomy, style, width, height)
            return Plan(texts, drawn, style, width, height)
    return listed(texts, width, height)


def boxes(texts: Texts, style: Style, arm: int, gap: int) -> Layout:
    """The layout in boxes. `arm`: cells of the arrows from leaves that stand beside; `gap`: rows between layers."""
    shown = texts.shown
    beside = shown.beside() if style.side else {}
    aside = {name for names in beside.values() for name in names}
    sizes = {
        name: flat_size(texts, item) if name in aside and style.side == FLAT else tall_size(texts, item, style.title)
        for name, item in shown.items.items()
    }
    if style.even:
        for group in (aside, sizes.keys() - aside):
            widest = max((sizes[name][0] for name in group), default=0)
            sizes |= {name: (widest, sizes[name][1]) for name in group}
    return layered(sizes, shown.edges, style.across, ACROSS_GAP if style.across else gap, beside, arm)


def tall_size(texts: Texts, item: Item, title: int) -> tuple[int, int]:
    """Two lines: title and value; label, or mean, and gradient."""
    first = len(item.title(title)) + 1 + texts.value_width
    below = len(texts.label(item)) + 1 + number.WIDTH if texts.scalar else 2 + number.WIDTH + 2 + texts.gradient_width
    return FRAME + MARK + max(first, below), TALL


def flat_size(texts: Texts, item: Item) -> tuple[int, int]:
    """The title in the border; value and gradient on one line."""
    line = texts.value_width + 2 + texts.gradient_width
    return max(FRAME + MARK + line, len(item.titles[0]) + FRAME + 2), FLAT


def listed(texts: Texts, width: int, height: int) -> Plan:
    """The list: rails, then titles, values and gradients in columns."""
    shown: Shown = texts.shown
    names = list(shown.items)
    nodes = {name for name, item in shown.items.items() if item.role == "node"}
    for airy in (set(names), nodes, set()):  # what is followed by an empty row
        layout = rails(names, shown.edges, airy)
        if layout.height <= height:
            break
    if layout.height > height:
        width -= 1  # a scroll bar
    columns = layout.width + 1 + MARK + 1 + texts.value_width + 1 + texts.gradient_width
    longest = max(len(item.titles[0]) for item in shown.items.values())
    title = max(min(longest, width - columns), min(8, longest))
    return Plan(texts, layout, None, max(width, columns + title), height, title, max(0, width - columns - title))
