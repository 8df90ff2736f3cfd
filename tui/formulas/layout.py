"""Lays the parts of a formula out in two dimensions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rich.cells import cell_len

from tui.formulas.alphabets import LINES, STRIKE, accented, lined, primes
from tui.formulas.box import EMPTY, Box, above_one_another, beside, blank
from tui.formulas.brackets import bracket
from tui.formulas.line import line
from tui.formulas.scripts import attach
from tui.formulas.spacing import gaps
from tui.formulas.tables import table
from tui.formulas.tree import (
    Accent,
    Arrow,
    Boxed,
    Brace,
    Bracket,
    Fenced,
    Fraction,
    Node,
    Root,
    Row,
    Scripts,
    Space,
    Stacked,
    Struck,
    Symbol,
    Table,
    Text,
    only,
)  # fmt: skip

_WIDE_MARKS = {
    "hat": "^", "tilde": "~", "check": "ˇ", "breve": "˘", "dot": "˙", "ddot": "¨", "acute": "´", "grave": "`",
}  # fmt: skip


def layout(node: Node, script: bool = False) -> Box:
    """The box of a node. `script`: it stands small beside, over or under something, so its parts stand close."""
    return _DRAWN[type(node)](node, script)


def row(node: Row, script: bool) -> Box:
    """Atoms side by side, with the spaces that belong between them."""
    return beside(pieces(node, script))


def pieces(node: Row, script: bool = False) -> list[Box]:
    """The boxes of a row, each with the space before it."""
    return [
        beside([blank(gap), layout(item, script)]) if gap else layout(item, script)
        for gap, item in zip(gaps(node.items, script), node.items, strict=True)
    ]


def fraction(node: Fraction, script: bool) -> Box:
    """A bar, longer than the bars within it, over its denominator and under its numerator."""
    if script and node.bar:
        return Box((line(node, script),))  # as people write it in an exponent
    above, below = layout(node.above, script), layout(node.below, script)
    widest = max(above.width, below.width, 1)
    nested = any("─" in text for box in (above, below) for text in box.rows)
    width = widest + 2 if nested or widest == 1 else widest
    middle = Box(("─" * width,)) if node.bar else blank(width)
    return above_one_another([above, middle, below], 1)


def root(node: Root, script: bool) -> Box:
    """A root sign whose line covers what is under it."""
    inside = layout(node.of, script)
    degree = attach(EMPTY, None, layout(node.degree, True)) if node.degree else EMPTY
    if inside.height == 1 and inside.width == 1:
        return beside([degree, Box(("√",)), inside])
    rows = [f" ┌{'─' * inside.width}", *(f" │{text}" for text in inside.rows[:-1]), f"╲│{inside.rows[-1]}"]
    if degree.height == 1 and degree.width:  # it stands in the hook
        room = " " * (degree.width - 1)
        rows = [room + text for text in rows]
        rows[-2] = degree.rows[0] + rows[-2][degree.width :]
        degree = EMPTY
    return beside([degree, Box(tuple(rows), inside.baseline + 1)])


def scripts(node: Scripts, script: bool) -> Box:
    """Small letters where Unicode has them, else boxes raised and lowered; limits over and under."""
    base = only(node.base)
    high = layout(node.high, True) if node.high else None
    low = layout(node.low, True) if node.low else None
    if isinstance(base, Symbol) and base.limits and not node.primes:
        return _stacked(layout(base), high, low)
    return attach(layout(base, script), low, high, primes(node.primes))


def _stacked(base: Box, over: Box | None, under: Box | None) -> Box:
    boxes = [box for box in (over, base, under) if box is not None]
    return above_one_another(boxes, 0 if over is None else 1)


def accent(node: Accent, script: bool) -> Box:
    """A mark on one letter, or a row of its own over or under more."""
    base = layout(node.base, script)
    if base.height == 1 and base.width == 1 and (script or node.mark != "vec"):  # few fonts have the combining arrow
        return Box((accented(base.rows[0], node.mark),))
    if node.mark == "underline":
        return above_one_another([base, Box(("‾" * base.width,))], 0)
    mark = "_" * base.width if node.mark in LINES else _WIDE_MARKS.get(node.mark, "")
    if node.mark == "vec":
        mark = "─" * (base.width - 1) + "→"
    return above_one_another([Box((mark or "^",)), base], 1)


def struck(node: Struck, script: bool) -> Box:
    """Every letter crossed; lines are left alone."""
    base = layout(node.base, script)
    return Box(tuple("".join(map(_strike, text)) for text in base.rows), base.baseline)


def _strike(letter: str) -> str:
    drawn = letter.isspace() or "─" <= letter <= "╿" or "⎛" <= letter <= "⎭" or not cell_len(letter)
    return letter if drawn else lined(letter, STRIKE)


def boxed(node: Boxed, script: bool) -> Box:
    """Something in a frame."""
    base = layout(node.base, script)
    edge = "─" * (base.width + 2)
    return Box((f"┌{edge}┐", *(f"│ {inside} │" for inside in base.rows), f"└{edge}┘"), base.baseline + 1)


def brace(node: Brace, script: bool) -> Box:
    """A lying brace, open to its label."""
    base = layout(node.base, script)
    width = max(base.width, 3)
    half = (width - 2) // 2
    left, right = "─" * half, "─" * (width - 3 - half)
    drawn = Box((f"╭{left}┴{right}╮" if node.over else f"╰{left}┬{right}╯",))
    return above_one_another([drawn, base] if node.over else [base, drawn], 1 if node.over else 0)


def stacked(node: Stacked, script: bool) -> Box:
    """Something over or under a base."""
    over = layout(node.over, True) if node.over else None
    under = layout(node.under, True) if node.under else None
    return _stacked(layout(node.base, script), over, under)


def arrow(node: Arrow, script: bool) -> Box:
    """An arrow under, and perhaps over, its labels."""
    over = layout(node.over, True)
    under = layout(node.under, True) if node.under else None
    shaft = "─" * (max(over.width, under.width if under else 0) + 1)
    return _stacked(Box((f"{shaft}→" if node.head == "→" else f"←{shaft}",)), over, under)


def fenced(node: Fenced, script: bool) -> Box:
    """Brackets that grow with what is between them."""
    parts = [layout(part, script) for part in node.parts]
    whole = beside(parts)
    signs = [bracket(sign, whole.height, whole.baseline) for sign in (node.opening, *node.middle, node.closing)]
    boxes = [signs[0]]
    for before, part, after in zip(signs, parts, signs[1:], strict=False):
        boxes += [*_between(before, part, after), after]
    return beside(boxes)


def _between(before: Box, part: Box, after: Box) -> list[Box]:
    """A part of a pair of brackets, kept off them where the bar of a fraction would touch one."""
    middle = part.rows[part.baseline]
    touches = part.height > 1 and (middle[:1] == "─" or middle[-1:] == "─")
    return [blank(int(touches and before.width > 0)), part, blank(int(touches and after.width > 0))]


def big(node: Bracket, script: bool) -> Box:
    """A bracket of a given height."""
    return bracket(node.text, node.rows, node.rows // 2)


_DRAWN: dict[type, Callable[[Any, bool], Box]] = {
    Symbol: lambda node, script: Box((node.text,)),
    Text: lambda node, script: Box((node.text,)),
    Space: lambda node, script: blank(node.cells),
    Row: row,
    Fraction: fraction,
    Root: root,
    Scripts: scripts,
    Accent: accent,
    Struck: struck,
    Boxed: boxed,
    Brace: brace,
    Stacked: stacked,
    Arrow: arrow,
    Fenced: fenced,
    Bracket: big,
    Table: lambda node, script: table(node, [[layout(cell, script) for cell in cells] for cells in node.rows]),
}
