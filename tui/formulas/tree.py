"""The parts of a formula, as its reader finds them and its layouts draw them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# What an atom is to its neighbours, as in TeX: it decides the spaces between them. `large` is a sum or a limit,
# `inner` a fraction or a matrix, `prefix` a sign before one thing rather than between two.
Kind = Literal[
    "ordinary", "operator", "large", "binary", "relation", "opening", "closing", "punctuation", "inner", "prefix",
    "space",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Symbol:
    """One sign or one name. `limits`: its scripts stand above and below it where there is room."""

    text: str
    kind: Kind = "ordinary"
    limits: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """Words within a formula, spaces and all."""

    text: str


@dataclass(frozen=True, slots=True)
class Space:
    """Empty cells that the author asked for."""

    cells: int


@dataclass(frozen=True, slots=True)
class Row:
    """Atoms side by side."""

    items: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Fraction:
    """One thing over another; without a bar in a binomial."""

    above: Node
    below: Node
    bar: bool = True


@dataclass(frozen=True, slots=True)
class Root:
    """A square root, or one of another degree."""

    of: Node
    degree: Node | None = None


@dataclass(frozen=True, slots=True)
class Scripts:
    """A base with what stands low and high at its right. `primes` counts the primes."""

    base: Node
    low: Node | None = None
    high: Node | None = None
    primes: int = 0


@dataclass(frozen=True, slots=True)
class Accent:
    """A mark over its base, by the name of its command without `wide`: hat, bar, vec..."""

    base: Node
    mark: str


@dataclass(frozen=True, slots=True)
class Struck:
    """Something crossed out."""

    base: Node


@dataclass(frozen=True, slots=True)
class Boxed:
    """Something in a frame."""

    base: Node


@dataclass(frozen=True, slots=True)
class Brace:
    """A brace lying over or under its base; its script is the label."""

    base: Node
    over: bool


@dataclass(frozen=True, slots=True)
class Stacked:
    """A base with something over or under it."""

    base: Node
    over: Node | None = None
    under: Node | None = None


@dataclass(frozen=True, slots=True)
class Arrow:
    """An arrow as long as what stands over and under it."""

    head: Literal["→", "←"]
    over: Node
    under: Node | None = None


@dataclass(frozen=True, slots=True)
class Fenced:
    """Something between brackets that grow with it; "" is no bracket. `middle`: the bars between its parts."""

    opening: str
    parts: tuple[Node, ...]
    closing: str
    middle: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bracket:
    """A bracket of a given height in rows, `\\Big|`."""

    text: str
    rows: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Table:
    """Rows and columns. `columns` holds l, c or r for each column, the last one for all beyond.

    `paired`: columns come in pairs that touch, as in `aligned`. `tight`: for small print under a sum.
    `rules`: the columns with an upright line before them.
    """

    rows: tuple[tuple[Node, ...], ...]
    columns: str
    opening: str = ""
    closing: str = ""
    paired: bool = False
    tight: bool = False
    rules: tuple[int, ...] = ()


Node = (
    Symbol | Text | Space | Row | Fraction | Root | Scripts | Accent | Struck | Boxed | Brace | Stacked | Arrow | Fenced
    | Bracket | Table
)  # fmt: skip


def only(node: Node) -> Node:
    """What a group holds, if it is one thing."""
    while isinstance(node, Row) and len(node.items) == 1:
        node = node.items[0]
    return node
