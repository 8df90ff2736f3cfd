"""Axes with round ticks, and plotext's figures as rows of segments. plotext is imported when the first one is made."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rich.console import Console
from rich.segment import Segment
from rich.text import Text

if TYPE_CHECKING:
    from textual_plotext.plot import Plot

Colour = tuple[int, int, int]
Rows = list[list[Segment]]


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


def rows(plot: Plot, console: Console) -> Rows:
    """The figure as plotext draws it, a list of segments per row."""
    text = Text.from_ansi(plot.build().rstrip("\n"))
    return [list(line.render(console)) for line in text.split("\n")]
