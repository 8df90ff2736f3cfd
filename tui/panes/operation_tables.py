"""The numbers of an operation as small tables: its value, and the gradient from above; only a window of large ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from engine.looks.records import Window
from tui import number
from tui.canvas import Row, Span
from tui.masks import HIDDEN
from tui.panes.operation_text import Part

STRIDE = number.WIDTH + 1


def table_rows(part: Part) -> Iterator[Row]:
    """The result, what arrived from above, and what was passed on, one under another."""
    taken, output = part.taken, part.output
    if part.alone:
        return
    value, upstream = taken.value, taken.upstream
    yield from _table(part, part.node.name, value, part.veil.out, "")
    yield from _table(part, f"∂{output}/∂{part.node.name}", upstream, part.veil.upstream, "gradient")
    for position, argument in enumerate(taken.arguments):
        name = f"→ ∂{output}/∂{part.formulas.name(argument.name)}"
        yield from _table(part, name, argument.contribution, part.veil.passed(position), "contribution")


def _table(part: Part, title: str, window: Window | None, hidden: bool, look: str) -> Iterator[Row]:
    if window is None or 0 in window.numbers.shape or window.numbers.shape == (1, 1):
        return
    columns = min(window.numbers.shape[1], max(1, (part.width - 2) // STRIDE))
    yield (())
    yield (
        (f" {title} ", look or "title"),
        (f"{HIDDEN if part.veil.shapes else _shape(window)}{_cut(part, window, columns)}", "muted"),
    )
    if part.veil.shapes:
        return
    for row in numbers(window)[:, :columns]:
        texts = [element(each, window.dtype, hidden) for each in row.tolist()]
        yield ((" " + " ".join(texts), look),)


def element(value: float, dtype: str, hidden: bool) -> str:
    """One number of a table, or ? in its place."""
    return f" {HIDDEN}".ljust(number.WIDTH) if hidden else number.element(value, dtype)


def numbers(window: Window) -> Any:
    """The numbers of a window, (rows, columns)."""
    assert window.numbers.data is not None
    return np.frombuffer(window.numbers.data, dtype=window.numbers.dtype).reshape(window.numbers.shape)


def _shape(window: Window) -> str:
    return f"({', '.join(map(str, window.shape))})"


def _cut(part: Part, window: Window, columns: int) -> str:
    """Which rows and columns these are, where there are more."""
    rows, all_rows, all_columns = window.numbers.shape[0], *window.count
    texts: list[Span] = []
    if rows < all_rows:
        texts.append((part.say("rows", first=window.top, last=window.top + rows - 1, count=all_rows), ""))
    if columns < all_columns:
        last = window.left + columns - 1
        texts.append((part.say("columns", first=window.left, last=last, count=all_columns), ""))
    return "".join(f" · {text}" for text, _ in texts)
