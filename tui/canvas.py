"""A grid of cells to draw text on, each with a look; it becomes rows of spans."""

from __future__ import annotations

from itertools import groupby

from rich.cells import cell_len

Span = tuple[str, str]  # text, and the name of its look; "" is plain text
Row = tuple[Span, ...]


class Canvas:
    """Cells by column x and row y, from the top left; what is put outside of it is cut off."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.text = [[" "] * width for _ in range(height)]
        self.looks = [[""] * width for _ in range(height)]

    def put(self, x: int, y: int, text: str, look: str = "") -> None:
        """Write `text` from (x, y) to the right. A wide letter takes two cells."""
        if not 0 <= y < self.height:
            return
        for letter in text:
            size = cell_len(letter)
            if size and x >= 0 and x + size <= self.width:
                self.text[y][x : x + size] = [letter, *[""] * (size - 1)]
                self.looks[y][x : x + size] = [look] * size
            elif not size and 0 < x <= self.width:
                self.text[y][x - 1] += letter
            x += size

    def rows(self) -> tuple[Row, ...]:
        """The rows, top first, each cut into spans of one look."""
        return tuple(_spans(text, looks) for text, looks in zip(self.text, self.looks, strict=True))


def _spans(text: list[str], looks: list[str]) -> Row:
    cells = groupby(zip(text, looks, strict=True), key=lambda cell: cell[1])
    return tuple(("".join(letter for letter, _ in run), look) for look, run in cells)


def fit(text: str, width: int) -> str:
    """`text`, cut to `width` cells with … at its end where it is longer."""
    if cell_len(text) <= width:
        return text
    while text and cell_len(text) > width - 1:
        text = text[:-1]
    return text + "…" if width > 0 else ""
