"""Matrices as text: a title with the shape, labels of rows and columns, and every number coloured by sign and size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tui import number
from tui.canvas import Canvas, fit
from tui.masks import HIDDEN

CELL = number.WIDTH + 1
LARGE = 0.5  # of the largest number in sight; what is as large stands out
GAP = 4  # cells between two matrices, for the sign
TITLE = 6  # cells that a title has at least
Numbers = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Matrix:
    """Some rows and columns of a matrix of `shape`, and their labels. Without `values` they are ?."""

    title: str
    shape: tuple[int, int]
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: Numbers | None  # (rows, columns)

    @property
    def margin(self) -> int:
        """The cells that the labels of the rows take."""
        return max((len(row) for row in self.rows), default=0) + 1

    @property
    def size(self) -> str:
        """`2 × 3`"""
        return f"{self.shape[0]} × {self.shape[1]}"

    @property
    def heading(self) -> str:
        """The title, cut where it is much longer than the matrix is wide, and the shape."""
        return f"{fit(self.title, self.width - len(self.size) - 2)}  {self.size}"

    @property
    def width(self) -> int:
        return max(self.margin + CELL * len(self.columns), len(self.size) + 2 + TITLE)

    @property
    def height(self) -> int:
        return 2 + len(self.rows)

    @property
    def transposed(self) -> Matrix:
        """Rows for columns."""
        values = None if self.values is None else self.values.T
        return Matrix(self.title, self.shape[::-1], self.columns, self.rows, values)

    def cut(self, rows: int, columns: int) -> Matrix:
        """The first of its rows and columns."""
        values = None if self.values is None else self.values[:rows, :columns]
        return Matrix(self.title, self.shape, self.rows[:rows], self.columns[:columns], values)


def put(
    canvas: Canvas, x: int, y: int, matrix: Matrix, heading: bool = True, columns: bool = True, wide: bool = False
) -> None:
    """Draw the matrix with its top left corner there; `wide`: the heading in full."""
    if heading:
        title = f"{matrix.title}  {matrix.size}" if wide else matrix.heading
        canvas.put(x, y, fit(title, max(0, canvas.width - x)), "title")
        y += 1
    if columns:
        for place, label in enumerate(matrix.columns):
            canvas.put(x + matrix.margin + CELL * place, y, f" {fit(label, number.WIDTH)}", "muted")
        y += 1
    _put_numbers(canvas, x, y, matrix)


def _put_numbers(canvas: Canvas, x: int, y: int, matrix: Matrix) -> None:
    most = largest(matrix.values)
    for row, label in enumerate(matrix.rows):
        canvas.put(x, y + row, label, "muted")
        for column in range(len(matrix.columns)):
            text, look = f" {HIDDEN}", "muted"
            if matrix.values is not None:
                value = float(matrix.values[row, column])
                text, look = written(value), look_of(value, most)
            canvas.put(x + matrix.margin + CELL * column, y + row, text, look)


def product(matrices: Sequence[Matrix], width: int) -> Canvas:
    """first · second = third: beside each other where there is room, else below each other."""
    return _beside(matrices, width) if beside(matrices, width) else _below(matrices, width)


def extent(matrices: Sequence[Matrix], width: int, beside_only: bool = False) -> tuple[int, int]:
    """The columns and rows that a product takes where it has that width."""
    if beside_only or beside(matrices, width):
        return sum(matrix.width + GAP for matrix in matrices) - GAP, max(matrix.height for matrix in matrices)
    return 2 + max(matrix.width for matrix in matrices), sum(_height_below(matrix) for matrix in matrices)


def beside(matrices: Sequence[Matrix], width: int) -> bool:
    """Whether they stand beside each other in that width."""
    return sum(matrix.width + GAP for matrix in matrices) - GAP <= width


def _beside(matrices: Sequence[Matrix], width: int) -> Canvas:
    canvas, x = Canvas(width, max(matrix.height for matrix in matrices)), 0
    for matrix, sign in zip(matrices, ("·", "=", ""), strict=True):
        put(canvas, x, 0, matrix)
        x += matrix.width + GAP
        canvas.put(x - 3, 2, sign, "contribution")
    return canvas


def _below(matrices: Sequence[Matrix], width: int) -> Canvas:
    canvas, y = Canvas(width, sum(_height_below(matrix) for matrix in matrices)), 0
    for matrix, sign in zip(matrices, (" ", "·", "="), strict=True):
        canvas.put(0, y, sign, "contribution")
        put(canvas, 2, y, matrix, columns=_labelled(matrix), wide=True)
        y += _height_below(matrix)
    return canvas


def _labelled(matrix: Matrix) -> bool:
    """A row alone needs no labels: those of the matrix below or above hold for it."""
    return len(matrix.rows) > 1 and any(label.strip() for label in matrix.columns)


def _height_below(matrix: Matrix) -> int:
    return 1 + _labelled(matrix) + len(matrix.rows)


def written(value: float) -> str:
    """A number in the width of a cell; nothing but 0 is 0."""
    return " 0".ljust(number.WIDTH) if value == 0 else number.fixed(value)


def look_of(value: float, most: float) -> str:
    """The look of a number by its sign and its size beside the largest."""
    if value == 0 or value != value:
        return "rule" if value == 0 else "error"
    sign = "positive" if value > 0 else "negative"
    return f"large-{sign}" if abs(value) >= LARGE * most else sign


def largest(values: Numbers | None) -> float:
    """The size of the largest finite number."""
    if values is None:
        return 0.0
    sizes = np.abs(values[np.isfinite(values)])
    return float(sizes.max()) if sizes.size else 0.0


def labels(name: str, shape: tuple[int, ...], first: int, count: int) -> tuple[str, ...]:
    """The elements of a tensor from number `first` on: `[0,1]`; of a single number its name."""
    size = int(np.prod(shape))
    if not shape or (size == 1 and len(shape) == 1):
        return (name.rpartition(".")[2],) * min(count, 1)
    places = (np.unravel_index(place, shape) for place in range(first, min(first + count, size)))
    return tuple(f"[{','.join(str(int(i)) for i in place)}]" for place in places)
