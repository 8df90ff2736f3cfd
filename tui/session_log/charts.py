"""Charts as plain text, without colours: the loss curve by plotext, the boundary in shades with the points' marks."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from rich.text import Text

from engine.messages import Curve, Field, Opened
from tui.charts import axis, figure, polyline, round_up
from tui.panes.boundary import MARKS, Plane
from tui.panes.loss import BELOW, X_STEPS, Band

WIDTH, HEIGHT = 72, 16
INK = (128, 128, 128)  # is not kept
SHADES = " ░▒▓█"  # of a probability from 0 to 1
LETTERS = "·abcdefghijklmnopqrstuvwxyz"  # of classes


def loss_chart(curve: Curve | None) -> list[str]:
    """The loss of every iteration; nothing where there is none that is finite."""
    band = Band.of(curve) if curve is not None else None
    if band is None or not len(band.iterations):
        return []
    low, high = float(band.low.min()), float(band.high.max())
    y = axis(0.0 if 0 <= low < high / 2 else low, high, 6, widen=True)
    x = axis(0, round_up(max(float(band.iterations[-1]), 1.0), X_STEPS), 8, whole=True)
    plot = figure(WIDTH, HEIGHT, x, y, INK)
    polyline(plot, band.outline(2 * WIDTH), x, y, (WIDTH - y.margin, HEIGHT - BELOW), INK)
    return _lines(Text.from_ansi(plot.build()).plain.split("\n"))


def boundary_chart(field: Field | None, opened: Opened) -> list[str]:
    """The net over the plane, in a frame with the plane's corners; nothing where it has no plane."""
    plane = Plane.of(opened)
    if field is None or not field.data or plane is None:
        return []
    samples = np.frombuffer(field.data, np.uint8).reshape(field.rows, field.columns)
    shown = _letters(samples) if field.kind == "class" else _shades(samples)
    marks = plane.marks(field.columns, field.rows)
    x0, x1, y0, y1 = (f"{each:.3g}" for each in plane.extent)
    beside = [y1, *[""] * (field.rows - 2), y0]
    width = max(map(len, beside))
    rows = ["".join(row) for row in np.where(marks == "", shown, marks)]
    body = [f"{label:>{width}} │{row}│" for label, row in zip(beside, rows, strict=True)]
    line, margin = "─" * field.columns, " " * (width + 1)
    below = f"{margin} {x0}{x1:>{field.columns - len(x0)}}"
    return _lines([f"{margin}┌{line}┐", *body, f"{margin}└{line}┘", below])


def _shades(samples: np.ndarray) -> np.ndarray:
    steps = np.minimum(samples.astype(int) * len(SHADES) // 256, len(SHADES) - 1)
    return np.array(list(SHADES))[steps]


def _letters(samples: np.ndarray) -> np.ndarray:
    return np.array(list(LETTERS))[samples % len(LETTERS)]


def legend(field: Field, opened: Opened) -> list[tuple[str, str, int]]:
    """For each class its mark, what its side looks like, and its number."""
    plane = Plane.of(opened)
    classes = plane.classes if plane is not None else 2
    sides = LETTERS if field.kind == "class" else SHADES[0] + SHADES[-1]
    return [(MARKS[k % len(MARKS)], sides[k % len(sides)], k) for k in range(classes)]


def _lines(rows: Sequence[str]) -> list[str]:
    kept = [row.rstrip() for row in rows]
    while kept and not kept[-1]:
        kept.pop()
    return kept


def finite(value: float | None) -> bool:
    """Whether there is a number to show."""
    return value is not None and math.isfinite(value)
