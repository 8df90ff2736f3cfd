"""Places in tensors: indices, their order, and how shapes stretch to each other. No numbers, no torch."""

from __future__ import annotations

import math
from typing import Any

SIDE = 8  # rows and columns of a window at most
Index = tuple[int, ...]
Shape = tuple[int, ...]


def extent(shape: Shape) -> tuple[int, int]:
    """Rows and columns of a tensor read as rows of its last dimension."""
    size = 1
    for each in shape[:-1]:
        size *= each
    return size, shape[-1] if shape else 1


def start(place: int, size: int) -> int:
    """Where a window on `size` things begins so that it holds the one at `place`, with some before it."""
    return max(0, min(place - SIDE // 2, size - SIDE))


def flat(index: Index, shape: Shape) -> int:
    """The place of an element in row-major order."""
    found = 0
    for at, size in zip(index, shape, strict=True):
        found = found * size + at
    return found


def unravel(place: int, shape: Shape) -> Index:
    """The index of the element at `place` in row-major order."""
    found: list[int] = []
    for size in reversed(shape):
        place, at = divmod(place, size)
        found.append(at)
    return tuple(reversed(found))


# ---------------------------------------------------------------- broadcasting
def broadcast(first: Shape, second: Shape) -> Shape:
    """The shape that two shapes come to together."""
    size = max(len(first), len(second))
    pairs = zip(padded(first, size), padded(second, size), strict=True)
    return tuple(other if one == 1 else one for one, other in pairs)


def padded(shape: Shape, size: int) -> Shape:
    """The shape with ones in front: shapes are aligned from the right."""
    return (1,) * (size - len(shape)) + shape


def stretched_from(index: Index, shape: Shape) -> Index:
    """Which element of a tensor of this shape stands at `index` of the stretched one."""
    return tuple(0 if size == 1 else at for at, size in zip(index[len(index) - len(shape) :], shape, strict=True))


def stretched_to(place: Index, shape: Shape, wide: Shape) -> tuple[tuple[Index, ...], int]:
    """Where the element at `place` stands in the stretched tensor: the first few places, and how many there are."""
    fixed, own = padded(shape, len(wide)), (0,) * (len(wide) - len(shape)) + place
    free = tuple(size if one == 1 else 1 for one, size in zip(fixed, wide, strict=True))
    count = math.prod(free)
    offsets = (unravel(each, free) for each in range(min(count, SIDE)))
    return tuple(tuple(map(sum, zip(own, each, strict=True))) for each in offsets), count


def without(shape: Shape, dim: int) -> Shape:
    """A shape or an index with one dimension left out."""
    return (*shape[:dim], *shape[dim + 1 :])


def put(index: Index, dim: int, at: Any) -> tuple[Any, ...]:
    """An index with one more dimension, in which it is `at` or, as slice(None), everywhere."""
    return (*index[:dim], at, *index[dim:])
