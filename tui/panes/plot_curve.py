"""The loss over one weight, drawn in plotext's axes: the curve, the point where it stands, and the tangent there."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from engine.arrays import Array
from engine.looks.records import Element, SeenSurface, SeenSweep
from tui.charts import Axis, Rows, axis, figure, rows
from tui.number import fixed
from tui.panes.chart import ChartPane
from tui.panes.plot_subject import written
from tui.view import numbers

if TYPE_CHECKING:
    from textual_plotext.plot import Plot

Floats = npt.NDArray[np.float64]
Point = tuple[float, float]
NOW, TANGENT, BATCH, TRAIN = "●", "·", "⠤⠤", "⠄⠠"
REACH = 0.22  # of the range, to each side: how far the tangent goes
ABOVE = 2  # rows over the axes: the title, and the legend with its numbers
TALL = 12  # rows from which on the axes bear their names
OLD = 0.45  # strength of a curve that is not of the present moment


def floats(array: Array | None) -> Floats:
    """The numbers that a record carries; none where it carries none."""
    found = numbers(array) if array is not None else None
    return np.zeros(0) if found is None else found.astype(float)


def chart(pane: ChartPane, seen: SeenSweep, now: Point | None, old: bool) -> Rows | None:
    """Rows of the pane; `now`: value and loss at present; `old`: of another moment. None: nothing is finite."""
    width, height = pane.size
    at, losses, train = (floats(each) for each in (seen.at, seen.losses, seen.train))
    known = np.concatenate([losses, train, [now[1]] if now else []])
    known = known[np.isfinite(known)]
    if not len(known):
        return None
    x, y = _axes(pane, seen, at, known, now)
    plot = figure(width, height - ABOVE, x, y, pane.line_colour())
    strength = OLD if old else 1.0
    _dotted(plot, at, train, pane.ink("secondary", strength).rgb)
    _line(plot, at, losses, pane.ink("primary", strength).rgb)
    if now is not None:
        if not old:
            _tangent(plot, seen, x, y, width - y.margin, pane.ink("accent").rgb)
        plot.scatter([now[0]], [now[1]], marker=NOW, color=pane.ink("accent").rgb)
    above = [title(pane, seen, (seen.of.element,), y.margin, old), _legend(pane, seen, now, y.margin, old)]
    return [*above, *rows(plot, pane.app.console)]


def _axes(pane: ChartPane, seen: SeenSweep, at: Floats, known: Floats, now: Point | None) -> tuple[Axis, Axis]:
    width, height = pane.size
    low, high = float(known.min()), float(known.max())
    low = 0.0 if 0 <= low < high / 2 else low
    tall = height >= TALL
    y = axis(low, high, min(6, max(2, height // 3)), widen=True, name=loss_name(pane, seen.output) if tall else "")
    ends = [float(at.min()), float(at.max()), *([now[0]] if now else [])]
    return axis(min(ends), max(ends), max(2, width // 9), name=written(seen.of.element) if tall else ""), y


def _line(plot: Plot, at: Floats, losses: Floats, colour: tuple[int, int, int]) -> None:
    """A line through what is finite, broken where it is not."""
    kept = np.isfinite(losses)
    for part in np.split(np.arange(len(losses)), np.flatnonzero(np.diff(kept.astype(int))) + 1):
        if len(part) and kept[part[0]]:
            plot.plot(at[part].tolist(), losses[part].tolist(), marker="braille", color=colour)


def _dotted(plot: Plot, at: Floats, losses: Floats, colour: tuple[int, int, int]) -> None:
    """Dots, so that it is told from the line without colour."""
    kept = np.isfinite(losses)
    if kept.any():
        plot.scatter(at[: len(losses)][kept].tolist(), losses[kept].tolist(), marker="braille", color=colour)


def _tangent(plot: Plot, seen: SeenSweep, x: Axis, y: Axis, columns: int, colour: tuple[int, int, int]) -> None:
    """A dot in every second column, so that the curve is seen under it."""
    if seen.slope is None or not math.isfinite(seen.slope) or not math.isfinite(seen.loss):
        return
    cell = (x.high - x.low) / max(1, columns)
    reach = max(1, int(REACH * columns / 2))
    across = seen.value + 2 * cell * np.arange(-reach, reach + 1)
    up = seen.loss + seen.slope * (across - seen.value)
    kept = (up >= y.low) & (up <= y.high) & (across >= x.low) & (across <= x.high)
    if kept.any():
        plot.scatter(across[kept].tolist(), up[kept].tolist(), marker=TANGENT, color=colour)


def loss_name(pane: ChartPane, output: str) -> str:
    """The loss of a net by that word, a graph's output by its name."""
    graph = pane.view.graph if pane.view else None
    return pane.say("loss.name") if graph is None or graph.loss == output else output


def _legend(pane: ChartPane, seen: SeenSweep, now: Point | None, margin: int, old: bool) -> list[Segment]:
    items = []
    if now is not None:
        here = pane.say("plot.here", value=number(now[0]), name=loss_name(pane, seen.output), loss=number(now[1]))
        items.append((NOW, "accent", here))
        if not old and seen.slope is not None:
            items.append((TANGENT * 2, "accent", pane.say("plot.slope", value=number(seen.slope))))
    if seen.train is not None:
        items += [(BATCH, "primary", pane.say("plot.batch")), (TRAIN, "secondary", training_set(pane, seen.samples))]
    return legend(pane, items, margin)


def training_set(pane: ChartPane, samples: tuple[int, int]) -> str:
    """The training set, and how much of it where it is not all."""
    some, every = samples
    return pane.say("plot.train") if some == every else pane.say("plot.sample", count=some, all=every)


def title(
    pane: ChartPane, seen: SeenSweep | SeenSurface, elements: tuple[Element, ...], margin: int, old: bool
) -> list[Segment]:
    """What is drawn over what; and, where it is of another moment, of which."""
    text = pane.say("plot.over", name=loss_name(pane, seen.output), weight=" × ".join(map(written, elements)))
    if old:
        text += f" · {pane.say('plot.iteration', iteration=seen.iterations)}"
    ink = Style(color=pane.ink("foreground", 0.85).rich_color)
    margin = margin if margin + len(text) <= pane.size.width else 0
    return [Segment(" " * margin), Segment(text, ink)]


def legend(pane: ChartPane, items: list[tuple[str, str, str]], margin: int) -> list[Segment]:
    """Sign, ink and word of as many of the items as there is room for, the first ones first."""
    ink = Style(color=pane.ink("foreground", 0.85).rich_color)
    margin = margin if margin + sum(len(sign) + len(word) + 3 for sign, _, word in items) <= pane.size.width else 0
    found, room = [Segment(" " * margin)], pane.size.width - margin
    for sign, colour, word in items:
        if len(sign) + 1 + len(word) <= room:
            found += [Segment(sign, Style(color=pane.ink(colour).rich_color)), Segment(f" {word}  ", ink)]
            room -= len(sign) + 3 + len(word)
    return list(Strip(found).crop_extend(0, pane.size.width, None))


def number(value: float) -> str:
    """A number as it stands in a sentence."""
    return fixed(value).strip()
