"""A formula on one line."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from rich.cells import cell_len

from tui.formulas.alphabets import LINES, STRIKE, accented, lined, lowered, primes, raised
from tui.formulas.reader import read
from tui.formulas.spacing import gaps, kinds, sides
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

_DIFFERENTIALS = ("∂", "d", "Δ", "δ", "∇")
_APART = ("binary", "relation", "punctuation", "space", "large")
_WIDEST_SPACE = 2
_OPEN_SCRIPT = re.compile(r"[_^][^\s()\[\]{}]$")


def inline(latex: str) -> str:
    """The formula on one line: fractions as a/b, scripts in small letters or as ^(...), _(...). Raises FormulaError."""
    return line(read(latex)).strip()


def line(node: Node, script: bool = False) -> str:
    """The text of a node. `script`: its parts stand close."""
    return _WRITTEN[type(node)](node, script)


def _row(node: Row, script: bool) -> str:
    text, before = "", ""
    for item, gap, (_, right) in zip(node.items, gaps(node.items, script), sides(node.items), strict=True):
        added = line(item, script)
        if before == "prefix":
            gap = 0
        elif not gap and _OPEN_SCRIPT.search(text) and added[:1].isalnum():
            gap = 1  # y_a b is not y_ab
        text += " " * gap + added
        before = right
    return text


def _fraction(node: Fraction, script: bool) -> str:
    above, below = line(node.above, script), line(node.below, script)
    over = f"({above})" if _is_sum(node.above) else above
    under = below if _is_one(node.below) else f"({below})"
    return f"{over}/{under}" if node.bar else f"{above} {below}"


def _items(node: Node) -> tuple[Node, ...]:
    node = only(node)
    return node.items if isinstance(node, Row) else (node,)


def _is_sum(node: Node) -> bool:
    """Whether it falls apart beside a / or a script."""
    items = _items(node)
    depth = 0
    for item, (left, right) in zip(items, sides(items), strict=True):
        depth += (left == right == "opening") - (left == right == "closing")
        if depth <= 0 and (left in _APART or _falls_apart(item)):
            return True
    return False


def _falls_apart(node: Node) -> bool:
    return isinstance(node, Fraction) or (isinstance(node, Text) and " " in node.text)


def _is_one(node: Node) -> bool:
    """Whether it stays together under a /: one thing, a number, ∂x, or d(...)."""
    items = _items(node)
    if len(items) == 1:
        return not _is_sum(node)
    if all(isinstance(item, Symbol) and (item.text.isdigit() or item.text in ".,") for item in items):
        return True
    if not (isinstance(items[0], Symbol) and items[0].text in _DIFFERENTIALS):
        return False
    return len(items) == 2 or (sides(items)[1][0] == "opening" and sides(items)[-1][1] == "closing")


def _together(node: Node, script: bool) -> str:
    """The text of a base, in brackets unless it is one thing."""
    text = line(node, script)
    one = len(_items(node)) == 1 and not _is_sum(node)
    return text if one or not text or _is_name(node) else f"({text})"


def _is_name(node: Node) -> bool:
    """Whether it is one sign, or the name of a function in several words."""
    items = _items(node)
    return (len(items) == 1 and isinstance(items[0], Symbol)) or all(kinds(item)[0] == "operator" for item in items)


def _scripts(node: Scripts, script: bool) -> str:
    return _together(node.base, script) + primes(node.primes) + _scripted(node.low, node.high)


def _scripted(low: Node | None, high: Node | None) -> str:
    """Small letters first, so that they stand at their base."""
    down, up = (line(part, True) if part else "" for part in (low, high))
    small_down, small_up = lowered(down), raised(up)
    written = (small_down or "") + (small_up or "")
    written += _marked("_", down) if small_down is None else ""
    return written + (_marked("^", up) if small_up is None else "")


def _marked(mark: str, text: str) -> str:
    bracketed = text[0] + text[-1] in ("()", "[]", "{}") and not any(sign in text[1:-1] for sign in "()[]{}")
    return mark + text if cell_len(text) == 1 or bracketed else f"{mark}({text})"


def _accent(node: Accent, script: bool) -> str:
    text = line(node.base, script)
    if cell_len(text) <= 1 and text:
        return accented(text, node.mark)
    if node.mark in LINES:
        return lined(text, "overline" if node.mark == "bar" else node.mark)
    middle = (len(text) + 1) // 2
    return accented(text[:middle], node.mark) + text[middle:]


def _struck(node: Struck, script: bool) -> str:
    return "".join(letter if letter == " " else letter + STRIKE for letter in line(node.base, script))


def _root(node: Root, script: bool) -> str:
    degree = _scripted(None, node.degree) if node.degree else ""
    return f"{degree}√{_together(node.of, script)}"


def _stacked(node: Stacked, script: bool) -> str:
    base = node.base.base if isinstance(node.base, Brace) else node.base
    return _together(base, script) + _scripted(node.under, node.over)


def _arrow(node: Arrow, script: bool) -> str:
    label = line(node.over, True) + (f"[{line(node.under, True)}]" if node.under else "")
    return f"─{label}→" if node.head == "→" else f"←{label}─"


def _fenced(node: Fenced, script: bool) -> str:
    signs = (*node.middle, node.closing)
    return node.opening + "".join(line(part, script) + sign for part, sign in zip(node.parts, signs, strict=True))


def _table(node: Table, script: bool) -> str:
    between = "" if node.paired else ", "
    rows = (between.join(_cell(cell, node.paired, script) for cell in cells) for cells in node.rows)
    whole = "; ".join(row.strip() for row in rows)
    closing = node.closing or ("}" if node.opening else "")
    return f"{node.opening or ('{' if closing else '')}{whole}{closing}"


def _cell(cell: Node, paired: bool, script: bool) -> str:
    text = line(cell, script)
    return text if paired else text.strip(" ,")


_WRITTEN: dict[type, Callable[[Any, bool], str]] = {
    Symbol: lambda node, script: node.text,
    Text: lambda node, script: node.text,
    Space: lambda node, script: " " * min(node.cells, _WIDEST_SPACE),
    Row: _row,
    Fraction: _fraction,
    Root: _root,
    Scripts: _scripts,
    Accent: _accent,
    Struck: _struck,
    Boxed: lambda node, script: f"[{line(node.base, script)}]",
    Brace: lambda node, script: line(node.base, script),
    Stacked: _stacked,
    Arrow: _arrow,
    Fenced: _fenced,
    Bracket: lambda node, script: node.text,
    Table: _table,
}
