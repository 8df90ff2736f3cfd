"""The loss over two weights: a painted field whose levels bear digits, with the way of the descent on it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from engine.looks.records import SeenSurface
from tui.charts import Axis, Colour, Rows, axis, figure, rows
from tui.half_blocks import Marks, Samples, braille, paint, readable, style
from tui.panes.chart import ChartPane
from tui.panes.plot_curve import (
    ABOVE,
    NOW,
    TALL,
    Floats,
    Point,
    floats,
    legend,
    loss_name,
    number,
    title,
    training_set,
)
from tui.panes.plot_subject import written

START, EDIT, LOWEST = "○", "◇", "×"
BELOW = 2  # rows under the field: the line and its numbers; the names of the axes take one more
EVERY = (9, 3)  # columns and rows from one level's digit to the next
# From the lowest level to the highest, in colours that the palette of 256 has; for dark and for light themes.
LEVELS = {
    True: np.array([
        (0, 0, 95), (0, 0, 175), (0, 95, 175), (0, 95, 135), (0, 135, 135),
        (0, 135, 95), (95, 135, 0), (135, 135, 0), (175, 135, 0), (215, 175, 0),
    ], np.uint8),
    False: np.array([
        (95, 175, 255), (135, 215, 255), (175, 215, 255), (175, 255, 255), (175, 255, 215),
        (215, 255, 175), (255, 255, 175), (255, 215, 135), (255, 175, 135), (255, 135, 135),
    ], np.uint8),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Levels:
    """Level k begins at the k-th of `bounds`; each takes up about as much of the surface as the others."""

    bounds: Floats

    @classmethod
    def of(cls, losses: Floats) -> Levels:
        """Ten levels, or fewer where the surface is flat."""
        known = losses[np.isfinite(losses)]
        return cls(np.unique(np.quantile(known, np.arange(len(LEVELS[True])) / len(LEVELS[True]))))

    def __call__(self, losses: Floats) -> Samples:
        """The level of each loss; what is not finite is as high as can be."""
        found = np.searchsorted(self.bounds, np.nan_to_num(losses, nan=np.inf), side="right") - 1
        return found.clip(0, len(self.bounds) - 1).astype(np.uint8)


def chart(pane: ChartPane, seen: SeenSurface, now: Point | None, old: bool) -> Rows | None:
    """Rows of the pane; `now`: both values at present; `old`: of another moment. None: nothing is finite."""
    losses = floats(seen.losses)
    if not np.isfinite(losses).any():
        return None
    x, y = _axes(pane, seen)
    columns, height = inner(pane, y.margin)
    levels = Levels.of(losses)
    samples = levels(resampled(losses, columns, 2 * height))
    marks = _digits(samples)
    for put in (_way(seen, columns, height), _places(seen, losses, now, columns, height)):
        marks = np.where(put == "", marks, put)
    painted = paint(samples, LEVELS[pane.app.current_theme.dark], marks)
    around = _frame(pane, x, y, columns, height)
    beside = [
        [*Strip(left).crop_extend(0, y.margin, None), *inside] for left, inside in zip(around, painted, strict=False)
    ]
    above = [title(pane, seen, (seen.of.first, seen.of.second), y.margin, old), _marked(pane, seen, now, y.margin, old)]
    return [*above, *beside, *around[height:], _legend(pane, levels, y.margin)]


def inner(pane: ChartPane, margin: int) -> tuple[int, int]:
    """Columns and rows of cells that the field has: what title, axes and legend leave."""
    width, height = pane.size
    return max(1, width - margin), max(1, height - ABOVE - 1 - BELOW - (height >= TALL))


def _axes(pane: ChartPane, seen: SeenSurface) -> tuple[Axis, Axis]:
    width, height = pane.size
    names = (written(seen.of.first), written(seen.of.second)) if height >= TALL else ("", "")
    x = axis(*seen.x, max(2, min(9, width // 9)), name=names[0])
    return x, axis(*seen.y, max(2, min(9, height // 2)), name=names[1])


def _frame(pane: ChartPane, x: Axis, y: Axis, columns: int, height: int) -> Rows:
    plot = figure(pane.size.width, pane.size.height - ABOVE - 1, x.inset(columns), y.inset(height), pane.line_colour())
    plot.scatter([(x.low + x.high) / 2], [(y.low + y.high) / 2], marker=" ")  # no axes without data
    return rows(plot, pane.app.console)


# ---------------------------------------------------------------- the field
def resampled(losses: Floats, columns: int, height: int) -> Floats:
    """The losses, given at the corners and between them evenly, at the middle of each of columns x height samples."""
    losses = np.where(np.isfinite(losses), losses, np.nanmax(np.where(np.isfinite(losses), losses, np.nan)))
    for size in (height, columns):
        at = (np.arange(size) + 0.5) / size * (len(losses) - 1)
        low = np.minimum(at.astype(int), len(losses) - 2)
        part = (at - low)[:, None]
        losses = ((1 - part) * losses[low] + part * losses[low + 1]).T
    return losses


def _digits(samples: Samples) -> Marks:
    """Every few cells the digit of the level that both halves of the cell have, in rows that are set off."""
    top, bottom = samples[0::2], samples[1::2]
    down, across = np.indices(top.shape)
    chosen = (down % EVERY[1] == 1) & ((across + down // EVERY[1] * 4) % EVERY[0] == 4) & (top == bottom)
    return np.where(chosen, top.astype("<U1"), "")


# ---------------------------------------------------------------- on the field
def _way(seen: SeenSurface, columns: int, height: int) -> Marks:
    """The descent in braille, without a line where an edit led on."""
    dots = np.zeros((4 * height, 2 * columns), bool)
    path = floats(seen.path)
    places = [_at(seen, (float(x), float(y)), 2 * columns, 4 * height) for x, y in path]
    for step, (before, after) in enumerate(pairwise(places), 1):
        if before and after and step not in seen.jumps:
            for row, column in _line(before, after):
                dots[row, column] = True
    return braille(dots)


def _line(one: tuple[int, int], other: tuple[int, int]) -> npt.NDArray[np.int_]:
    count = max(abs(one[0] - other[0]), abs(one[1] - other[1])) + 1
    found: npt.NDArray[np.int_] = np.linspace(one, other, count).round().astype(int)
    return found


def _places(seen: SeenSurface, losses: Floats, now: Point | None, columns: int, height: int) -> Marks:
    """The lowest place that was looked at, where edits led, the start, and where it stands now."""
    marks = np.full((height, columns), "", "<U1")
    path = [(float(x), float(y)) for x, y in floats(seen.path)]
    points = [(LOWEST, lowest(seen, losses)), *((EDIT, path[jump]) for jump in seen.jumps)]
    points += [(START, path[0])] if path else []
    points += [(NOW, now)] if now else []
    for sign, point in points:
        if (at := _at(seen, point, columns, height)) is not None:
            marks[at] = sign
    return marks


def lowest(seen: SeenSurface, losses: Floats) -> Point:
    """Where the loss is least of all places that were looked at."""
    row, column = np.unravel_index(np.nanargmin(np.where(np.isfinite(losses), losses, np.nan)), losses.shape)
    across, down = np.linspace(*seen.x, losses.shape[1]), np.linspace(seen.y[1], seen.y[0], losses.shape[0])
    return float(across[column]), float(down[row])


def _at(seen: SeenSurface, point: Point, columns: int, height: int) -> tuple[int, int] | None:
    """The row and the column of a point; None outside, and for what is not finite."""
    across = (point[0] - seen.x[0]) / (seen.x[1] - seen.x[0])
    down = (seen.y[1] - point[1]) / (seen.y[1] - seen.y[0])
    if not (0 <= across <= 1 and 0 <= down <= 1):
        return None
    return min(height - 1, int(down * height)), min(columns - 1, int(across * columns))


# ---------------------------------------------------------------- what is written
def _marked(pane: ChartPane, seen: SeenSurface, now: Point | None, margin: int, old: bool) -> list[Segment]:
    """What the marks are, with their numbers."""
    items, losses = [], floats(seen.losses)
    if now is not None:
        here = f"({number(now[0])}, {number(now[1])})"
        name = loss_name(pane, seen.output)
        here = here if old else pane.say("plot.here", value=here, name=name, loss=number(seen.loss))
        items.append((NOW, "accent", here))
    items.append((LOWEST, "foreground", number(float(losses[np.isfinite(losses)].min()))))
    items.append((START, "foreground", pane.say("plot.start")))
    if seen.jumps:
        items.append((EDIT, "foreground", pane.say("plot.edit")))
    if seen.samples[1]:
        items.append(("·", "foreground", training_set(pane, seen.samples)))
    return legend(pane, items, margin)


def _legend(pane: ChartPane, levels: Levels, margin: int) -> list[Segment]:
    """As many levels as there is room for, each with the loss from which on it is."""
    ink = Style(color=pane.ink("foreground", 0.85).rich_color)
    word = pane.say("plot.levels")
    room, count = pane.size.width - margin - len(word), len(levels.bounds)
    stride = next((by for by in range(1, count) if -(-count // by) * 12 <= room), max(1, count))
    found = [Segment(" " * margin), Segment(word, ink)]
    for level in range(0, count, stride):
        bound = number(float(levels.bounds[level]))
        found += [Segment("  "), Segment(f" {level} ", _chip(pane, level)), Segment(f" {bound}", ink)]
    return list(Strip(found).crop_extend(0, pane.size.width, None))


def _chip(pane: ChartPane, level: int) -> Style:
    red, green, blue = LEVELS[pane.app.current_theme.dark][level]
    ground: Colour = (int(red), int(green), int(blue))
    return style(readable(ground), ground)
