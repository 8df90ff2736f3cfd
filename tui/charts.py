"""Axes with round ticks, and plotext's figures as rows of segments. plotext is imported when the first one is made."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.segment import Segment
from rich.text import Text

if TYPE_CHECKING:
    from textual_plotext.plot import Plot

Floats = npt.NDArray[np.float64]
Colour = tuple[int, int, int]
Rows = list[list[Segment]]
BRAILLE = np.array([[0x40, 0x04, 0x02, 0x01], [0x80, 0x20, 0x10, 0x08]], np.uint8)  # by column, and row from below


@dataclass(frozen=True, slots=True)
class Axis:
    """From low to high, with ticks at these places and a label for each."""

    low: float
    high: float
    ticks: tuple[float, ...]
    labels: tuple[str, ...]
    width: int  # of the widest label
    name: str = ""

    @property
    def margin(self) -> int:
        """Columns that plotext gives to the labels and the line, where the axis stands upright."""
        return self.width + 1

    def inset(self, cells: int) -> Axis:
        """From the middle of the first of so many cells to the middle of the last: what plotext calls its limits."""
        half = (self.high - self.low) / cells / 2
        kept = [
            pair for pair in zip(self.ticks, self.labels, strict=True) if self.low + half <= pair[0] <= self.high - half
        ]
        ticks, labels = zip(*kept, strict=True) if kept else ((), ())
        return replace(self, low=self.low + half, high=self.high - half, ticks=ticks, labels=labels)


def axis(low: float, high: float, most: int, widen: bool = False, whole: bool = False, name: str = "") -> Axis:
    """About `most` round ticks in low..high. `widen`: the ends move out to ticks; `whole`: whole numbers only."""
    if not high > low:
        room = abs(low) * 0.1 or 1.0
        low, high = low - room, high + room
    step = round_up((high - low) / max(1, most - 1))
    step = max(1.0, step) if whole else step
    if widen:
        low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    ticks = tuple(index * step for index in range(first, last + 1))
    labels = tuple(_label(tick, step) for tick in ticks)
    return Axis(low, high, ticks, labels, max(map(len, labels), default=0), name)


def round_up(value: float, steps: Sequence[float] = (1, 2, 5, 10)) -> float:
    """The next of 1, 2, 5 times a power of ten that is not below `value` (above 0)."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in steps if step * power >= value * (1 - 1e-9))


def _label(value: float, step: float) -> str:
    if value and not 1e-4 <= max(abs(value), step) < 1e5:
        return f"{value:.1e}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")
    return f"{value + 0.0:.{max(0, -math.floor(math.log10(step) + 1e-9))}f}"


def load() -> None:
    """Import plotext, so that the first chart need not wait for it."""
    from textual_plotext import plot  # noqa: F401


def figure(width: int, height: int, x: Axis, y: Axis, ink: Colour) -> Plot:
    """An empty plotext figure of that many cells: two lines with ticks, and names if there are any."""
    from textual_plotext.plot import Plot

    plot = Plot()
    plot.theme("clear")
    plot.plotsize(width, height)
    plot._set_size(width, height)  # plotext trusts the terminal's size otherwise; textual-plotext does the same
    plot.ticks_color(ink)
    plot.xaxes(True, False)
    plot.yaxes(True, False)
    plot.xlim(x.low, x.high)
    plot.ylim(y.low, y.high)
    plot.xticks(list(x.ticks), list(x.labels))
    plot.yticks(list(y.ticks), [label.rjust(y.width) for label in y.labels])
    if x.name:
        plot.xlabel(x.name)
        plot.ylabel(y.name)
    return plot


def polyline(plot: Plot, points: tuple[Floats, Floats], x: Axis, y: Axis, cells: tuple[int, int], ink: Colour) -> None:
    """A line in braille through points, in a canvas of so many cells: the very dots that plotext's own line has.

    Plotext is handed a sign for each cell. Its own way, dot by dot, takes most of the time of a chart.
    """
    if not len(points[0]):
        return
    fine = 2 * cells[0], 4 * cells[1]
    ends = np.stack([_dots(values, axis, many) for values, axis, many in zip(points, (x, y), fine, strict=True)])
    gaps = np.diff(ends)
    steps = np.abs(gaps).max(0).astype(int)  # from each point to the next
    first = np.repeat(np.arange(len(steps)), steps)  # of each dot between, the point before it
    along = np.arange(len(first)) - np.repeat(np.cumsum(steps) - steps, steps)
    between = np.trunc(ends[:, first] + along * (gaps / np.maximum(steps, 1))[:, first])
    dots = np.append(between, ends[:, -1:], axis=1).astype(int)
    signs = np.zeros(cells, np.uint8)
    inside = (dots >= 0).all(0) & (dots[0] < fine[0]) & (dots[1] < fine[1])
    across, up = dots[:, inside]
    np.bitwise_or.at(signs, (across // 2, up // 4), BRAILLE[across % 2, up % 4])
    columns, heights = np.nonzero(signs)
    places = (_places(at, axis, many) for at, axis, many in zip((columns, heights), (x, y), cells, strict=True))
    marks = [chr(0x2800 + sign) for sign in signs[columns, heights].tolist()]
    plot.scatter(*places, marker=marks, color=ink)  # type: ignore[arg-type]  # plotext takes one for each point


def _dots(values: Floats, axis: Axis, many: int) -> Floats:
    """The dot of each value, of so many along the axis; rounded as plotext does it."""
    return np.floor(np.round(0.5 + (many - 1) * (values - axis.low) / (axis.high - axis.low), 8))


def _places(dots: npt.NDArray[np.int64], axis: Axis, many: int) -> list[float]:
    """Values that have these dots."""
    found: list[float] = (axis.low + dots / max(1, many - 1) * (axis.high - axis.low)).tolist()
    return found


def rows(plot: Plot, console: Console) -> Rows:
    """The figure as plotext draws it, a list of segments per row."""
    text = Text.from_ansi(plot.build().rstrip("\n"))
    return [list(line.render(console)) for line in text.split("\n")]
