"""Which cells of a row have changed, from the first to the last: no others need to go to the terminal again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from rich.cells import cell_len

Piece: TypeAlias = Sequence[object]  # text and its look; what else stands in it does not count
Letter = tuple[str, object]


def changed(before: Iterable[Piece], after: Iterable[Piece]) -> tuple[int, int] | None:
    """The cells, the last not included, in which two rows of pieces differ; None where they are the same.

    What a wide letter or an accent takes part in is never cut in two.
    """
    old, new = _letters(before), _letters(after)
    if old == new:
        return None
    begin = _common(old, new)
    while begin and any(begin < len(row) and not cell_len(row[begin][0]) for row in (old, new)):
        begin -= 1  # a sign without width belongs to the letter before it
    widths = _width(old), _width(new)
    end = max(widths)
    if widths[0] == widths[1]:
        same = min(_common(old[::-1], new[::-1]), len(old) - begin, len(new) - begin)
        while same and not cell_len(new[-same][0]):
            same -= 1
        end -= _width(new[len(new) - same :])
    return _width(new[:begin]), end


def _letters(row: Iterable[Piece]) -> list[Letter]:
    return [(letter, piece[1]) for piece in row for letter in str(piece[0])]


def _common(old: list[Letter], new: list[Letter]) -> int:
    """How many letters both begin with."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((place for place, (one, other) in pairs if one != other), min(len(old), len(new)))


def _width(letters: list[Letter]) -> int:
    return cell_len("".join(letter for letter, _ in letters))
