"""A sentence in a pane of rows, broken where it does not fit."""

from __future__ import annotations

from tui.canvas import Row


def paragraph(text: str, width: int) -> tuple[Row, ...]:
    """The words in muted rows of at most `width` cells."""
    rows, line = list[Row](), ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width - 2:
            rows.append(((f" {line}", "muted"),))
            line = ""
        line = f"{line} {word}" if line else word
    return (*rows, ((f" {line}", "muted"),))
