"""Which panes a screen of some size has room for, and which of them are shown."""

from __future__ import annotations

from collections.abc import Sequence

SMALLEST = (61, 19)  # columns, rows
_ROOM = (
    (170, 50, 5),
    (110, 34, 3),
    (*SMALLEST, 1),
)  # from this many columns and rows on: so many panes beside the text


def room(columns: int, rows: int) -> int:
    """How many panes fit beside the text; 0 where not even the text can be read."""
    return next((panes for wide, high, panes in _ROOM if columns >= wide and rows >= high), 0)


def shown(wanted: Sequence[str], panes: Sequence[str], current: str, capacity: int) -> tuple[str, ...]:
    """The panes to show: the step's first, then the others in their order; the current one always."""
    here = [name for name in wanted if name in panes]
    first = [*here, *(name for name in panes if name not in here)][:capacity]
    if first and current in panes and current not in first:
        first[-1] = current
    return tuple(first)
