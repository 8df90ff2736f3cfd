"""A formula in two dimensions, broken into lines where it is wider than its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tui.formulas.box import EMPTY, Box, beside, blank
from tui.formulas.layout import layout
from tui.formulas.reader import read
from tui.formulas.spacing import gaps, sides
from tui.formulas.tables import stack_rows
from tui.formulas.tree import Fenced, Node, Row, Space, Symbol, Table, Text, only

_INDENT = 2
_WIDE_SPACE = 3  # a \quad sets two statements apart
_AT_SPACE, _AT_RELATION, _AFTER_COMMA, _AT_SUM, _IN_TEXT, _AT_PRODUCT = range(6)  # places to break, the best first
_LINE = 1000  # a line more is worse than any break, but better than three breaks...
_IN_BRACKETS = 3000  # ...for each bracket around the place
_TOO_WIDE = 1_000_000
_SUMS = "+−±∓∪∨⊕⊖∖"


def display(latex: str, width: int | None = None) -> list[str]:
    """The rows of a formula, all of the same width; broken into lines where it is wider than `width` cells.

    What still does not fit stays whole. Raises FormulaError.
    """
    node = read(latex)
    box = layout(node)
    if width is not None and box.width > width:
        box = broken(only(node), width)
    return list(box.rows)


def broken(node: Node, width: int) -> Box:
    """The formula on several lines."""
    if isinstance(node, Table) and not node.opening and not node.closing and (node.paired or len(node.rows[0]) == 1):
        return stack_rows([_broken_row([item for cell in line for item in _items(cell)], width) for line in node.rows])
    return _broken_row(_items(node), width)


def _items(node: Node) -> list[Node]:
    return list(node.items) if isinstance(node, Row) else [node]


@dataclass(frozen=True, slots=True)
class _Piece:
    """What is never broken. `cost` of breaking before it, None where not allowed; `indent` of the line it begins."""

    box: Box
    gap: int
    cost: int | None
    indent: int


def _broken_row(items: Sequence[Node], width: int) -> Box:
    pieces = list(_pieces(items))
    if not pieces:
        return EMPTY
    starts = _starts(pieces, width)
    ends = [*starts[1:], len(pieces)]
    return stack_rows([_line(pieces[start:end]) for start, end in zip(starts, ends, strict=True)])


def _line(pieces: Sequence[_Piece]) -> Box:
    parts = [blank(pieces[0].indent), pieces[0].box]
    for piece in pieces[1:]:
        parts += [blank(piece.gap), piece.box]
    return beside(parts)


def _pieces(items: Sequence[Node]) -> Iterator[_Piece]:
    items = list(_opened(items))
    gap, depth, before = 0, 0, ""
    for item, own_gap, (left, right) in zip(items, gaps(items), sides(items), strict=True):
        if item == Row():
            continue
        gap += item.cells if isinstance(item, Space) else own_gap
        if isinstance(item, Space):
            continue
        depth -= left == right == "closing"
        cost = _cost(item, left, before, gap, max(depth, 0))
        goes_on = left in ("relation", "binary") if not before else cost != _AT_SPACE
        yield _Piece(layout(item), gap, cost, _INDENT * goes_on)
        depth += left == right == "opening"
        gap, before = 0, right


def _opened(items: Iterable[Node]) -> Iterator[Node]:
    """Texts word by word, and brackets that did not grow as signs, so that a line may end within them."""
    for item in items:
        if isinstance(item, Text):
            for place, word in enumerate(item.text.split(" ")):
                yield from [Space(1)] * (place > 0) + [Text(word)] * (word != "")
        elif isinstance(item, Fenced) and not item.middle and layout(item).height == 1:
            yield Symbol(item.opening, "opening")
            yield from _opened(_items(item.parts[0]))
            yield Symbol(item.closing, "closing")
        else:
            yield item


def _cost(item: Node, kind: str, before: str, gap: int, depth: int) -> int | None:
    """How bad it is to break before an item, in so many brackets; None where that is not allowed."""
    brackets = depth * _IN_BRACKETS
    if gap >= _WIDE_SPACE:
        return _AT_SPACE + brackets
    if kind == "relation":
        return _AT_RELATION + brackets
    if before == "punctuation":
        return _AFTER_COMMA + brackets
    if kind == "binary":
        return brackets + (_AT_SUM if isinstance(item, Symbol) and item.text in _SUMS else _AT_PRODUCT)
    return _IN_TEXT + brackets if gap and isinstance(item, Text) else None


def _starts(pieces: Sequence[_Piece], width: int) -> list[int]:
    """Where lines begin: as few lines as can be, and of these breaks the best ones."""
    breaks = [place for place, piece in enumerate(pieces) if place == 0 or piece.cost is not None]
    best = {0: (0, 0)}  # for each place: the least cost of setting all before it, and where its last line begins
    for count, end in enumerate([*breaks[1:], len(pieces)], 1):
        best[end] = _best_line(pieces, breaks[:count], end, width, best)
    starts, place = [], len(pieces)
    while place:
        place = best[place][1]
        starts.append(place)
    return starts[::-1]


def _best_line(
    pieces: Sequence[_Piece], starts: Sequence[int], end: int, width: int, best: Mapping[int, tuple[int, int]]
) -> tuple[int, int]:
    found: list[tuple[int, int]] = []
    cells, counted = 0, end
    for start in reversed(starts):
        cells += sum(piece.box.width + piece.gap for piece in pieces[start:counted])
        counted = start
        excess = cells - pieces[start].gap + pieces[start].indent - width
        if excess > 0 and found:
            break
        cost = best[start][0] + (pieces[start].cost or 0) + _LINE + max(excess, 0) * _TOO_WIDE
        if _cuts_statements(pieces, start, end):
            cost += 2 * _LINE
        found.append((cost, start))
    return min(found)


def _cuts_statements(pieces: Sequence[_Piece], start: int, end: int) -> bool:
    """Whether a line holds the end of one statement and a part of another, as wide spaces divide them."""
    whole = all(place in (0, len(pieces)) or pieces[place].cost == _AT_SPACE for place in (start, end))
    return not whole and any(piece.cost == _AT_SPACE for piece in pieces[start + 1 : end])
