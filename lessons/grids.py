"""Tensors that are asked cell by cell: which of them a screen has room for, and which of their cells are asked."""

from __future__ import annotations

import math
from collections.abc import Sequence

SIDE = 6  # rows and columns of a tensor, at most
LONGEST = 12  # rows of a table's column, at most
Shape = Sequence[int]
Blank = Sequence[Sequence[int]] | None
Place = tuple[int, int]


def matrix_shape(shape: Shape) -> Place:
    """Rows and columns: a vector is one row, a number one cell."""
    rows, columns = (1, 1, *shape)[-2:]
    return rows, columns


def fits(shape: Shape) -> bool:
    """Whether a tensor can be asked cell by cell."""
    return len(shape) <= 2 and all(0 < size <= SIDE for size in shape)


def fits_column(shape: Shape) -> bool:
    """Whether a tensor can be the column of a table."""
    return len(shape) == 1 and 0 < shape[0] <= LONGEST


def has_cells(shape: Shape, blank: Blank) -> bool:
    """Whether the tensor has all these cells. An index below 0 counts from the end."""
    return all(
        len(index) == len(shape) and all(-size <= at < size for at, size in zip(index, shape, strict=True))
        for index in blank or ()
    )


def asked(shape: Shape, blank: Blank = None) -> tuple[Place, ...]:
    """Row and column of the cells that are asked, in the order of reading: all, or those of `blank`."""
    rows, columns = matrix_shape(shape)
    if blank is None:
        return tuple(divmod(cell, columns) for cell in range(math.prod((rows, columns))))
    places = ((0, 0, *index)[-2:] for index in blank)
    return tuple(sorted({(y % rows, x % columns) for y, x in places}))


def rows_asked(length: int, blank: Sequence[int] | None = None) -> tuple[int, ...]:
    """The rows of a column that are asked: all, or those of `blank`."""
    return tuple(range(length)) if blank is None else tuple(sorted(set(blank)))
