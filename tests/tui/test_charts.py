"""Axes have round ticks that say what they mark, and plotext draws them where the panes expect them."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st
from rich.console import Console

from tui.charts import axis, figure, polyline, rows

values = st.floats(-1e6, 1e6, allow_nan=False)


@given(values, values, st.integers(2, 12))
def test_ticks_lie_on_the_axis_and_are_near_the_number_asked_for(low: float, high: float, most: int) -> None:
    assume(high - low > 1e-6 * max(1, abs(low), abs(high)))
    found = axis(low, high, most)
    slack = 1e-6 * (high - low)
    assert all(low - slack <= tick <= high + slack for tick in found.ticks)
    assert len(found.ticks) <= most + 1


@given(values, values, st.integers(2, 12))
def test_a_widened_axis_holds_everything_and_ends_on_ticks(low: float, high: float, most: int) -> None:
    assume(high - low > 1e-6 * max(1, abs(low), abs(high)))
    found = axis(low, high, most, widen=True)
    assert found.low <= low + 1e-6 * (high - low) and found.high >= high - 1e-6 * (high - low)
    assert math.isclose(found.ticks[0], found.low, abs_tol=1e-9) and math.isclose(
        found.ticks[-1], found.high, abs_tol=1e-9
    )


@given(st.floats(-1e4, 1e4), st.floats(1e-3, 1e4), st.integers(2, 12))
def test_labels_are_the_ticks_to_the_last_digit_that_differs(low: float, span: float, most: int) -> None:
    found = axis(low, low + span, most)
    assert len(set(found.labels)) == len(found.labels)
    assert all(abs(float(label) - tick) < span / 10 for tick, label in zip(found.ticks, found.labels, strict=True))


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_one_value_alone_has_an_axis_around_it(value: float) -> None:
    found = axis(value, value, 4, widen=True)
    assert found.low < value < found.high


def test_plotext_leaves_the_cells_that_the_margin_says() -> None:
    x, y = axis(-0.5, 1.5, 5, name="x1"), axis(-100, 1500, 5, name="x2")
    columns, height = 50 - y.margin, 16 - 3
    plot = figure(50, 16, x.inset(columns), y.inset(height), (175, 175, 175))
    plot.scatter([0], [0], marker=" ")
    text = ["".join(segment.text for segment in row) for row in rows(plot, Console())]
    assert len(text) == 16 and text[height].index("└") == y.margin - 1 and len(text[height].rstrip()) == 50


LINES = st.lists(st.tuples(st.floats(-0.2, 1.2), st.floats(-0.2, 1.2)), min_size=1, max_size=80)


@given(LINES, st.integers(20, 90), st.integers(6, 40))
def test_a_line_has_the_dots_of_plotexts_own(points: list[tuple[float, float]], width: int, height: int) -> None:
    ink, (x, y) = (1, 200, 3), (axis(0, 1, 5), axis(0, 1, 4))
    across, up = (np.array(each) for each in zip(*points, strict=True))
    theirs, ours = (figure(width, height, x, y, ink) for _ in range(2))
    theirs.plot(across.tolist(), up.tolist(), marker="braille", color=ink)
    polyline(ours, (across, up), x, y, (width - y.margin, height - 2), ink)
    assert rows(ours, Console()) == rows(theirs, Console())
