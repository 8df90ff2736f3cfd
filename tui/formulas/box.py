"""Blocks of text with a baseline, and the ways to put them together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len


@dataclass(frozen=True, slots=True)
class Box:
    """Rows of the same width; row number `baseline`, from 0, lies on the formula's line."""

    rows: tuple[str, ...]
    baseline: int = 0

    @property
    def width(self) -> int:
        return cell_len(self.rows[0])

    @property
    def height(self) -> int:
        return len(self.rows)

    @property
    def below(self) -> int:
        """Rows under the baseline."""
        return self.height - 1 - self.baseline


EMPTY = Box(("",))


def blank(width: int) -> Box:
    """One row of spaces."""
    return Box((" " * width,))


def padded(text: str, width: int, align: str = "c") -> str:
    """The text in `width` cells, aligned l, c or r."""
    room = width - cell_len(text)
    left = {"l": 0, "c": room // 2, "r": room}[align]
    return " " * left + text + " " * (room - left)


def beside(boxes: Sequence[Box]) -> Box:
    """Boxes from left to right, their baselines on one line."""
    boxes = [box for box in boxes if box.rows != ("",)]
    if not boxes:
        return EMPTY
    above = max(box.baseline for box in boxes)
    below = max(box.below for box in boxes)
    grown = [grow(box, above - box.baseline, below - box.below).rows for box in boxes]
    return Box(tuple("".join(parts) for parts in zip(*grown, strict=True)), above)


def grow(box: Box, above: int, below: int) -> Box:
    """The box with empty rows above and below."""
    if not above and not below:
        return box
    empty = (" " * box.width,)
    return Box(empty * above + box.rows + empty * below, box.baseline + above)


def above_one_another(boxes: Sequence[Box], main: int, align: str = "c") -> Box:
    """Boxes from top to bottom; the baseline is that of box number `main`."""
    width = max(box.width for box in boxes)
    rows = tuple(padded(row, width, align) for box in boxes for row in box.rows)
    return Box(rows, sum(box.height for box in boxes[:main]) + boxes[main].baseline)


def widened(box: Box, width: int, align: str = "c") -> Box:
    """The box in `width` cells."""
    return Box(tuple(padded(row, width, align) for row in box.rows), box.baseline)


def column(rows: Sequence[str], baseline: int = 0) -> Box:
    """A box of these rows, which may differ in width."""
    width = max(map(cell_len, rows))
    return Box(tuple(padded(row, width, "l") for row in rows), baseline)
