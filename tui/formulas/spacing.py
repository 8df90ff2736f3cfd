"""How many empty cells stand between neighbours, by what they are to one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tui.formulas.tree import (
    Accent,
    Arrow,
    Boxed,
    Brace,
    Bracket,
    Fenced,
    Fraction,
    Kind,
    Node,
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

# A minus after or before these has one side only.
_BEFORE_SIGN = ("opening", "binary", "relation", "punctuation", "operator", "large", "prefix", "space")
_AFTER_SIGN = ("closing", "relation", "punctuation")
# Pairs that have a space between them; "*" is any kind. Binary signs and relations have one on each side.
_SPACED: frozenset[tuple[str, str]] = frozenset(
    [
        ("punctuation", "*"),
        ("operator", "ordinary"), ("operator", "operator"), ("operator", "large"), ("operator", "inner"),
        ("operator", "prefix"),
        ("large", "*"),
        ("ordinary", "operator"), ("closing", "operator"), ("inner", "operator"),
        ("ordinary", "large"), ("closing", "large"), ("inner", "large"),
        ("ordinary", "inner"), ("inner", "ordinary"), ("inner", "inner"),
        ("closing", "inner"), ("inner", "opening"), ("prefix", "inner"),
    ]
)  # fmt: skip
_NEVER = frozenset(
    [("punctuation", "closing"), ("large", "closing"), ("large", "punctuation"), ("punctuation", "punctuation")]
)


def kinds(node: Node) -> tuple[Kind, Kind]:
    """What a node is to its left neighbour, and to its right one."""
    match node:
        case Symbol(kind=kind) | Bracket(kind=kind):
            return kind, kind
        case Space():
            return "space", "space"
        case Text(text=text):
            return "space" if text[:1] == " " else "ordinary", "space" if text[-1:] == " " else "ordinary"
        case Arrow():
            return "relation", "relation"
        case Fenced(opening=opening, closing=closing):
            return "opening" if opening else "inner", "closing" if closing else "inner"
        case Fraction() | Table() | Boxed() | Brace():
            return "inner", "inner"
        case Scripts(base=base) | Stacked(base=base):
            left, right = kinds(only(base))
            return left, "large" if right == "operator" and _has_limits(node) else right
        case Struck(base=base):
            return kinds(only(base))
        case Row(items=items) if items:
            return _outer(kinds(items[0])[0]), _outer(kinds(items[-1])[1])
        case Accent(base=base) if kinds(only(base))[0] == "inner":
            return "inner", "inner"
    return "ordinary", "ordinary"


def _outer(kind: Kind) -> Kind:
    """A group is one ordinary thing, but what is tall stays so."""
    return kind if kind in ("inner", "large", "operator") else "ordinary"


def _has_limits(node: Scripts | Stacked) -> bool:
    """Whether something stands over or under it, so that what follows needs a space."""
    base = only(node.base)
    return isinstance(node, Stacked) or (isinstance(base, Symbol) and base.limits)


def sides(nodes: Sequence[Node]) -> list[tuple[Kind, Kind]]:
    """The kinds of neighbours in a row, where a sign that has one side is a prefix and a lonely one ordinary."""
    found = [kinds(node) for node in nodes]
    solid = [place for place, node in enumerate(nodes) if not isinstance(node, Space)]
    for at, place in enumerate(solid):
        if found[place][0] != "binary":
            continue
        before = found[solid[at - 1]][1] if at else None
        after = found[solid[at + 1]][0] if at + 1 < len(solid) else None
        if after is None or after in _AFTER_SIGN:
            found[place] = ("ordinary", "ordinary")
        elif before is None or before in _BEFORE_SIGN:
            found[place] = ("prefix", "prefix")
    return found


def gaps(nodes: Sequence[Node], script: bool = False) -> Iterator[int]:
    """The empty cells before each node. In scripts everything stands close."""
    left: Kind | None = None
    for kind in sides(nodes):
        yield 0 if left is None else _gap(left, kind[0], script)
        left = kind[1]


def _gap(left: Kind, right: Kind, script: bool) -> int:
    if "space" in (left, right):
        return 0
    if script:
        return int((left, right) in (("inner", "inner"), ("operator", "ordinary"), ("ordinary", "operator")))
    if (left, right) in _NEVER:
        return 0
    if "relation" in (left, right):
        return int(left != "opening" and right not in ("closing", "punctuation"))
    if "binary" in (left, right):
        return 1
    return int((left, right) in _SPACED or (left, "*") in _SPACED)
