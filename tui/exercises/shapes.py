"""Marking shapes: how they may be written, and two mistakes that everybody makes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tui.exercises.progress import RIGHT, Verdict, unreadable, wrong

Shape = tuple[int, ...]
_SIZES = re.compile(r"[0-9]{1,9}(\s*[,x×*]\s*[0-9]{1,9}|\s+[0-9]{1,9})*\s*,?")
_BRACKETS = {"(": ")", "[": "]"}
MOST = 8  # dimensions


def read(text: str) -> Shape | None:
    """The shape that was written: (4, 2), 4,2, 4x2, (4,), (); None where it cannot be read."""
    inner = text.strip().lower().removeprefix("torch.size").strip()
    if inner[:1] in _BRACKETS:
        if inner[-1:] != _BRACKETS[inner[0]]:
            return None
        inner = read_inside = inner[1:-1].strip()
        if inner[:1] in _BRACKETS:
            return read(read_inside)
        if not inner:
            return ()
    if not _SIZES.fullmatch(inner):
        return None
    sizes = tuple(int(size) for size in re.findall(r"[0-9]+", inner))
    return sizes if len(sizes) <= MOST else None


def mark(text: str, answer: Shape, traps: Mapping[str, Shape] | None = None) -> Verdict:
    """Right, a trap of the lesson, or one of the mistakes that are known for every shape."""
    given = read(text)
    if given is None:
        return unreadable("ask.not_a_shape")
    if given == answer:
        return RIGHT
    sprung = next((name for name, shape in (traps or {}).items() if shape == given), None)
    if sprung is not None:
        return Verdict(trap=sprung)
    if given == answer[::-1]:
        return wrong("ask.transposed")
    if len(answer) > 1 and given == answer[1:]:
        return wrong("ask.no_batch", batch=answer[0])
    return Verdict() if len(given) == len(answer) else wrong("ask.dimensions", count=len(answer))


def written(shape: Shape) -> str:
    """As Python writes it: (4, 2), (4,), ()."""
    return str(tuple(shape))
