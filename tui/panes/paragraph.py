"""A sentence in a pane of rows, broken where it does not fit."""

from __future__ import annotations

from tui.canvas import Row
from tui.panes.chart import wrapped


def paragraph(text: str, width: int) -> tuple[Row, ...]:
    """The words in muted rows of at most `width` cells."""
    return tuple(((f" {line}", "muted"),) for line in wrapped(text, width - 2))
