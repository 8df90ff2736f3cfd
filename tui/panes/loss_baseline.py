"""The baseline's curve under the present one: dashes of letters, pale, in cells of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tui.charts import Axis, Colour

if TYPE_CHECKING:
    from textual_plotext.plot import Plot

    from tui.panes.loss import Band

FLAT, STEEP = "╌", "╎"
DOTS = 4  # of braille, one above the other in a cell


class Dash(NamedTuple):
    """One cell of the line, by the middle of its place on the axes."""

    x: float
    y: float
    mark: str


def dashes(band: Band, x: Axis, y: Axis, columns: int, rows: int) -> list[Dash]:
    """The middle of the band as cells of a chart: one a column, and as many as it takes where it is steep."""
    wide, high = (x.high - x.low) / max(1, columns - 1), (y.high - y.low) / max(1, rows - 1)
    across = x.low + wide * np.arange(columns)
    across = across[(across >= band.iterations[0]) & (across <= band.iterations[-1])]
    if not len(across):
        across = band.iterations[:1]
    middle = np.interp(across, band.iterations, (band.low + band.high) / 2)
    part = (middle - y.low) / (y.high - y.low)
    level = np.round(part * (DOTS * rows - 1)).astype(int) // DOTS  # the cell in which braille would stand
    found = []
    for place, here, before in zip(across, level, [level[0], *level[:-1]], strict=True):
        steps = _between(int(before), int(here))
        found += [Dash(float(place), y.low + high * row, STEEP) for row in steps[:-1]]
        found.append(Dash(float(place), y.low + high * int(here), STEEP if len(steps) > 1 else FLAT))
    return found


def _between(before: int, here: int) -> list[int]:
    """The rows that a line passes on the way, the last one `here`."""
    by = 1 if here > before else -1
    return [*range(before + by, here, by), here]


def draw(plot: Plot, cells: list[Dash], ink: Colour) -> None:
    """Put the dashes on a figure."""
    for mark, chosen in _by_mark(cells):
        plot.scatter([each.x for each in chosen], [each.y for each in chosen], marker=mark, color=ink)


def _by_mark(cells: list[Dash]) -> Iterator[tuple[str, list[Dash]]]:
    for mark in (FLAT, STEEP):
        if chosen := [each for each in cells if each.mark == mark]:
            yield mark, chosen
