"""Marking tensors: which cells are asked, a whole tensor that is a known mistake, and one that is transposed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from lessons.exercises import Tolerance
from lessons.grids import asked, matrix_shape
from tui.exercises import cells
from tui.exercises.progress import RIGHT, Verdict, wrong

Numbers = npt.NDArray[np.generic]
Blank = Sequence[Sequence[int]] | None


def matrix(values: Numbers) -> npt.NDArray[np.float64]:
    """As rows and columns: a vector is one row, a number one cell."""
    return values.astype("float64").reshape(matrix_shape(values.shape))


def of_cells(values: Numbers, blank: Blank) -> list[float]:
    """The numbers of the cells that are asked, in the order of reading."""
    table = matrix(values)
    return [float(table[place]) for place in asked(values.shape, blank)]


def marks(given: str, answer: Numbers, blank: Blank, tolerance: Tolerance | None = None) -> list[bool]:
    """Of each asked cell whether it is right; nothing where the answer cannot be read."""
    wanted = of_cells(answer, blank)
    found = cells.read(given, len(wanted))
    return [] if isinstance(found, Verdict) else cells.all_near(found, wanted, str(answer.dtype), tolerance)


def mark(
    given: str,
    answer: Numbers,
    blank: Blank = None,
    tolerance: Tolerance | None = None,
    traps: Mapping[str, Numbers] | None = None,
) -> Verdict:
    """Right in every cell; a trap in every cell; transposed; or so many cells wrong."""
    wanted, dtype = of_cells(answer, blank), str(answer.dtype)
    found = cells.read(given, len(wanted))
    if isinstance(found, Verdict):
        return found
    near = cells.all_near(found, wanted, dtype, tolerance)
    if all(near):
        return RIGHT
    for name, trap in (traps or {}).items():
        if trap.shape == answer.shape and all(cells.all_near(found, of_cells(trap, blank), dtype, tolerance)):
            return Verdict(trap=name)
    whole = blank is None or len(set(matrix(answer).shape)) == 1
    if whole and all(cells.all_near(found, of_cells(transposed(answer), blank), dtype, tolerance)):
        return wrong("ask.cells_transposed")
    return cells.some_wrong(near)


def transposed(answer: Numbers) -> Numbers:
    """The transpose, written row by row into the answer's own cells."""
    return np.ascontiguousarray(matrix(answer).T).reshape(answer.shape)
