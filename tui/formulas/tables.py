"""Puts the boxes of a table into rows and columns."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from tui.formulas.box import EMPTY, Box, above_one_another, beside, blank, widened
from tui.formulas.brackets import bracket
from tui.formulas.tree import Table

_BETWEEN = 2  # cells between columns
_BETWEEN_PAIRS = 4


def table(node: Table, cells: Sequence[Sequence[Box]]) -> Box:
    """The table of these cells, between its brackets."""
    fenced = bool(node.opening or node.closing)
    count = max(map(len, cells))
    full = [[*line, *[EMPTY] * (count - len(line))] for line in cells]
    widths = [max(line[place].width for line in full) for place in range(count)]
    rows = [_row(node, line, widths) for line in full]
    between = _row(node, [EMPTY] * len(widths), widths)
    body = stack_rows(rows, even=fenced and not node.tight, between=between)
    if not fenced:
        return body
    pad = blank(int(body.height > 1))
    opening, closing = (bracket(sign, body.height, body.baseline) for sign in (node.opening, node.closing))
    return beside([opening, *([pad] if node.opening else []), body, *([pad] if node.closing else []), closing])


def _row(node: Table, cells: Sequence[Box], widths: Sequence[int]) -> Box:
    tallest = beside([blank(1), *cells])
    parts: list[Box] = []
    for place, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        parts += [blank(_gap(node, place)), widened(cell, width, _alignment(node, place))]
        if place in node.rules:
            parts.insert(-1, Box(("│ ",) * tallest.height, tallest.baseline))
    if len(widths) in node.rules:
        parts.append(Box((" │",) * tallest.height, tallest.baseline))
    return beside(parts)


def _gap(node: Table, place: int) -> int:
    if place == 0:
        return 0
    if node.paired:
        return 0 if place % 2 else _BETWEEN_PAIRS
    return 1 if place in node.rules else _BETWEEN


def _alignment(node: Table, place: int) -> str:
    return node.columns[place % 2] if node.paired else node.columns[min(place, len(node.columns) - 1)]


def stack_rows(rows: Sequence[Box], even: bool = False, between: Box = EMPTY) -> Box:
    """Rows from top to bottom, one `between` those that would touch. The baseline is in the middle.

    `even`: two rows are set apart, so that there is a middle.
    """
    boxes, middles = [rows[0]], [0]
    for above, box in pairwise(rows):
        if above.below + box.baseline > 0 or (even and len(rows) == 2):
            boxes.append(between)
        middles.append(len(boxes))
        boxes.append(box)
    half = len(rows) // 2
    main = middles[half] if len(rows) % 2 else (middles[half - 1] + middles[half]) // 2
    return above_one_another(boxes, main, "l")
