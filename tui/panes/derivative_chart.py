"""The error of finite differences over their step h, both in powers of ten: rounding on the left, truncation right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.geometry import Size

from engine.looks.records import SeenDifferenceErrors
from tui.canvas import fit
from tui.charts import Axis, Colour, Rows, figure, rows
from tui.language import say
from tui.panes.derivative_table import power

if TYPE_CHECKING:
    from textual_plotext.plot import Plot

EXACT = -18  # where an error of 0 is drawn: below what float64 tells apart
NOW = "●"
POINT = "▼"
ABOVE = 4  # rows above the axes
MARKS = {"forward": "+", "precise": "∘", "central": "•"}  # drawn in this order


@dataclass(frozen=True, slots=True)
class Inks:
    """The colours of lines and marks."""

    line: Colour
    central: Color
    precise: Color
    forward: Color
    here: Color

    def of(self, name: str) -> Color:
        """The colour of one curve."""
        return {"central": self.central, "precise": self.precise, "forward": self.forward}[name]


def chart(seen: SeenDifferenceErrors, h: float, size: Size, language: str, inks: Inks, console: Console) -> Rows:
    """Title, legend, the three regions, and the axes."""
    curves, height = curves_of(seen), size.height - ABOVE
    y = _axis(curves, height)
    x = _decades(math.log10(seen.steps[0]), math.log10(seen.steps[-1]), max(2, size.width // 8))
    plot = figure(size.width, height, x, y, inks.line)
    across = [math.log10(step) for step in seen.steps]
    for name, errors in curves.items():
        plot.scatter(across, [_power(each) for each in errors], marker=MARKS[name], color=inks.of(name).rgb)
    _mark(plot, seen, h, inks)
    room = size.width - y.margin
    ink = Style(color=Color(*inks.line).rich_color)
    title = [Segment(fit(_title(seen, h, language), size.width), ink)]
    above = [
        Segment(" " * y.margin + text, ink) for text in (_regions(seen, language, room), _best(seen, language, room))
    ]
    return [title, _legend(seen, curves, language, inks, size.width), *([each] for each in above), *rows(plot, console)]


def curves_of(seen: SeenDifferenceErrors) -> dict[str, Sequence[float]]:
    """The errors by name; those in float64 only where the graph has another dtype."""
    every = {name: getattr(seen, name) for name in MARKS}
    return {name: errors for name, errors in every.items() if name != "precise" or seen.dtype != "float64"}


def _power(error: float) -> float:
    return math.log10(error) if error > 10.0**EXACT else EXACT


def _axis(curves: dict[str, Sequence[float]], height: int) -> Axis:
    powers = [_power(each) for errors in curves.values() for each in errors if math.isfinite(each)]
    return _decades(min(powers, default=EXACT), max(powers, default=0.0), max(2, height // 2))


def _decades(low: float, high: float, most: int) -> Axis:
    """An axis of powers of ten."""
    first, last = math.floor(low), max(math.ceil(high), math.floor(low) + 1)
    step = next((each for each in (1, 2, 3, 4, 6) if (last - first) / each < most), 6)
    ticks = tuple(float(each) for each in range(first, last + 1) if each % step == 0)
    labels = tuple("0" if each == EXACT else f"1e{each:.0f}" for each in ticks)
    return Axis(float(first), float(last), ticks, labels, max(map(len, labels), default=0))


def _mark(plot: Plot, seen: SeenDifferenceErrors, h: float, inks: Inks) -> None:
    """The present h, on the curve of central differences."""
    at = _nearest(seen, h)
    if math.isfinite(seen.central[at]):
        plot.scatter([math.log10(seen.steps[at])], [_power(seen.central[at])], marker=NOW, color=inks.here.rgb)


def _nearest(seen: SeenDifferenceErrors, h: float) -> int:
    return min(range(len(seen.steps)), key=lambda place: abs(math.log10(seen.steps[place] / h)))


# ---------------------------------------------------------------- in words
def _title(seen: SeenDifferenceErrors, h: float, language: str) -> str:
    error = seen.central[_nearest(seen, h)]
    return say(language, "derivatives.chart", mark=NOW, h=power(h), error=f"{error:.1e}")


def _legend(
    seen: SeenDifferenceErrors, curves: dict[str, Sequence[float]], language: str, inks: Inks, width: int
) -> list[Segment]:
    found: list[Segment] = []
    for name in reversed(curves):
        key, dtype = ("central", "float64") if name == "precise" else (name, seen.dtype)
        text = f"{MARKS[name]} {say(language, f'derivatives.{key}', dtype=dtype.replace('float', 'f'))}  "
        if sum(len(each.text) for each in found) + len(text) <= width:
            found.append(Segment(text, Style(color=inks.of(name).rich_color)))
    return found


def _regions(seen: SeenDifferenceErrors, language: str, room: int) -> str:
    """Left of the best h it is too small, right of it too large: where there is anything."""
    small = say(language, "derivatives.too_small") if seen.best > seen.steps[0] else ""
    large = say(language, "derivatives.too_large") if seen.best < seen.steps[-1] else ""
    return small + large.rjust(room - len(small)) if len(small) + len(large) + 2 <= room else fit(small, room)


def _best(seen: SeenDifferenceErrors, language: str, room: int) -> str:
    """The best h, with a point over its place."""
    low, high = math.log10(seen.steps[0]), math.log10(seen.steps[-1])
    column = round((math.log10(seen.best) - low) / (high - low) * (room - 1))
    text = say(language, "derivatives.best", h=power(seen.best))
    if len(text) + 1 <= column:
        return f"{text} {POINT}".rjust(column + 1)
    return fit(" " * column + f"{POINT} {text}", room)
