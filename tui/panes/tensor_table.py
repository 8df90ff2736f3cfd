"""Tensors as text: every value with its gradient beside it, in columns that stay where they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.arrays import corner_shape
from engine.messages import Array, Frame, Tensor
from tui import number
from tui.canvas import Canvas, Row, fit
from tui.language import say
from tui.masks import HIDDEN, NOTHING, Masks
from tui.view import numbers

STRIDE = number.WIDTH + 1
ROLES = {"parameter": 0, "input": 1, "node": 2, "data": 3}  # the order in which they stand
LOOKS = {"parameter": "parameter", "input": "leaf", "node": "title", "data": "leaf"}
ROWS = {"parameter": 8, "input": 8, "node": 4, "data": 4}  # as many rows are shown of one tensor
Numbers = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """One element of a named tensor, counted in row-major order."""

    name: str
    flat: int


@dataclass(frozen=True, eq=False)
class Beside:
    """What stands in the second column: its title, the sign of a row of it, and what then stands beside a name."""

    key: str
    mark: str
    facts: Mapping[str, str] = field(default_factory=dict)  # by name; of others dimensions, dtype and device


GRADIENTS = Beside("tensors.gradient", "∂")


@dataclass(frozen=True)
class Page:
    """What is drawn, and where the elements that can be edited stand: the first column and the row of each."""

    rows: tuple[Row, ...]
    cells: dict[Cell, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Block:
    """How one tensor is laid out: its numbers as a matrix, and the part of it that is shown."""

    tensor: Tensor
    value: Numbers | None  # (rows, columns)
    grad: Numbers | None
    inline: bool = False  # a number alone, on the line of its name
    stacked: bool = False  # long rows: the gradient stands under the value
    top: int = 0
    left: int = 0
    rows: int = 0
    columns: int = 0
    hidden: bool = False

    @property
    def cut(self) -> bool:
        """Is there more than what is shown?"""
        return not self.hidden and self._is_cut()

    def _is_cut(self) -> bool:
        return self.value is None or self.tensor.value.data is None or (self.rows, self.columns) != self.value.shape

    @property
    def height(self) -> int:
        """The rows that it takes on the screen."""
        return 1 if self.inline else 1 + self.rows * (1 + self.stacked) + self.cut


def in_order(frame: Frame) -> list[Tensor]:
    """The tensors as they stand in the pane: parameters, inputs, nodes, data."""
    return sorted(frame.tensors, key=lambda tensor: ROLES[tensor.role])


def draw(
    frame: Frame,
    language: str,
    width: int,
    cursor: Cell | None = None,
    masks: Masks = NOTHING,
    beside: Beside = GRADIENTS,
) -> Page:
    """The whole table, `width` columns wide; ? for what `masks` hides."""
    blocks = [_block(tensor, width, cursor, tensor.name in masks.shapes) for tensor in in_order(frame)]
    canvas = Canvas(width, 1 + sum(block.height for block in blocks))
    canvas.put(1, 0, fit(say(language, "tensors.value"), width // 2 - 1), "muted")
    canvas.put(width // 2 + 1, 0, fit(say(language, beside.key), width // 2 - 1), "muted")
    cells: dict[Cell, tuple[int, int]] = {}
    y = 1
    for block in blocks:
        _Painter(canvas, frame, language, block, y, cells, masks, beside).paint()
        y += block.height
    return Page(canvas.rows(), cells)


def _block(tensor: Tensor, width: int, cursor: Cell | None, hidden: bool) -> Block:
    if hidden:  # where the shape is asked, nothing may give it away
        return Block(tensor, None, None, hidden=True)
    value, grad = _matrix(tensor.value), _matrix(tensor.grad)
    half = width // 2
    if value is None:
        return Block(tensor, None, None)
    rows, columns = value.shape
    if not tensor.value.shape and len(tensor.name) + 2 + number.WIDTH < half:
        return Block(tensor, value, grad, inline=True, rows=1, columns=1)
    fitting = max(1, half // STRIDE)
    stacked = columns > fitting
    if stacked:
        fitting = max(1, width // STRIDE)
    shown_rows, shown_columns = min(rows, ROWS[tensor.role]), min(columns, fitting)
    at = divmod(cursor.flat, columns) if cursor and cursor.name == tensor.name and columns else (0, 0)
    # a tensor that is cut shows the part where the cursor is
    top = min(max(0, at[0] - shown_rows + 1), rows - shown_rows)
    left = min(max(0, at[1] - shown_columns + 1), columns - shown_columns)
    return Block(tensor, value, grad, False, stacked, top, left, shown_rows, shown_columns)


def _matrix(array: Array | None) -> Numbers | None:
    """The numbers as rows of the last dimension; a vector is one row. Of a large tensor those of its corner."""
    values = None if array is None else corner(array) if array.data is None else numbers(array)
    if values is None:
        return None
    columns = values.shape[-1] if values.shape else 1
    return values.reshape(values.size // columns if columns else 0, columns)


def corner(array: Array) -> Numbers | None:
    """The first elements of the first matrix of a tensor that was too large to be sent."""
    if array.corner is None:
        return None
    return np.frombuffer(array.corner, dtype=array.dtype).reshape(corner_shape(array.shape))


@dataclass(frozen=True)
class _Painter:
    """Draws one block from row `y` of the canvas on."""

    canvas: Canvas
    frame: Frame
    language: str
    block: Block
    y: int
    cells: dict[Cell, tuple[int, int]]
    masks: Masks = NOTHING
    beside: Beside = GRADIENTS

    @property
    def half(self) -> int:
        return self.canvas.width // 2

    @property
    def marks(self) -> tuple[bool, bool]:
        """Did the last command change the value, and the gradient?"""
        name, quiet = self.block.tensor.name, self.frame.running
        return not quiet and name in self.frame.touched_values, not quiet and name in self.frame.touched_grads

    def paint(self) -> None:
        block = self.block
        self._header()
        if block.inline:
            self._numbers(self.half - STRIDE, self.y, 0, block.value, self.marks[0], True)
            self._numbers(self.half + 1, self.y, 0, block.grad, self.marks[1], False)
            return
        y = self.y + 1
        for row in range(block.rows):
            self._row(y, block.top + row)
            y += 1 + block.stacked
        if block.cut:
            self._more(y)

    def _header(self) -> None:
        tensor, (value, grad) = self.block.tensor, self.marks
        self.canvas.put(0, self.y, "▸" if value or grad else " ", "touched-line")
        look = "touched-line" if value or grad else LOOKS[tensor.role]
        self.canvas.put(1, self.y, fit(tensor.name, self.canvas.width - 1), look)
        x, facts = len(tensor.name) + 2, self._facts(tensor)
        if self.block.inline:
            x = self.half + STRIDE + 2
        else:
            shape = HIDDEN if self.block.hidden else str(tensor.value.shape).replace(",)", ")")
            facts = f"{shape} {facts}"
        self.canvas.put(x, self.y, fit(facts, self.canvas.width - x), "muted")

    def _facts(self, tensor: Tensor) -> str:
        """`2-d float32 cpu`, and whether it lies in memory in another order."""
        if tensor.name in self.beside.facts:
            return self.beside.facts[tensor.name]
        hidden = self.block.hidden
        dimensions = HIDDEN if hidden else say(self.language, "tensors.ndim", count=len(tensor.value.shape))
        dtype = HIDDEN if tensor.name in self.masks.dtypes else tensor.value.dtype
        order = "" if tensor.contiguous or hidden else " " + say(self.language, "tensors.not_contiguous")
        return f"{dimensions} {dtype}{order} {tensor.device}"

    def _row(self, y: int, row: int) -> None:
        block, (value, grad) = self.block, self.marks
        self._numbers(0, y, row, block.value, value, True)
        self._numbers(*((0, y + 1) if block.stacked else (self.half, y)), row, block.grad, grad, False)
        if block.stacked:
            self.canvas.put(0, y + 1, self.beside.mark, "touched-line" if grad else "muted")

    def _numbers(self, x: int, y: int, row: int, values: Numbers | None, touched: bool, is_value: bool) -> None:
        """A row of the part that is shown; `touched` marks it."""
        block = self.block
        if values is None:
            self.canvas.put(x + STRIDE - 1, y, "·", "muted")
            return
        self.canvas.put(x, y, "▸" if touched else " ", "touched-line")
        for column in range(block.left, block.left + block.columns):
            at = x + 1 + (column - block.left) * STRIDE
            hidden = self._hidden(row, column, values.shape[1], is_value)
            text = number.element(values[row, column].item(), str(values.dtype))
            text = f" {HIDDEN}".ljust(len(text)) if hidden else text
            look = "touched-line" if touched else "" if is_value else "gradient"
            self.canvas.put(at, y, text, look)
            if is_value and block.tensor.editable and block.tensor.value.data is not None:
                self.cells[Cell(block.tensor.name, row * values.shape[1] + column)] = (at, y)

    def _hidden(self, row: int, column: int, columns: int, is_value: bool) -> bool:
        """Whether one element is what an exercise asks."""
        tensor, masks = self.block.tensor, self.masks
        if masks == NOTHING or not (masks.any_value if is_value else masks.any_grad)(tensor.name):
            return False
        shape = tensor.value.shape
        if tensor.value.data is None:
            index = ((0,) * (len(shape) - 2) + (row, column))[-len(shape) :]
        else:
            flat = row * columns + column
            index = tuple(int(i) for i in np.unravel_index(flat, shape)) if shape else ()
        return (masks.value if is_value else masks.grad)(tensor, index)

    def _more(self, y: int) -> None:
        """What is not shown, in a line: statistics of the value and of the gradient."""
        tensor, masks = self.block.tensor, self.masks
        self.canvas.put(1, y, "…", "muted")
        value = HIDDEN if masks.any_value(tensor.name) else self._summary(tensor.value, self.half - 4)
        self.canvas.put(3, y, value, "muted")
        if tensor.grad is not None:
            grad = HIDDEN if masks.any_grad(tensor.name) else self._summary(tensor.grad, self.half - 1)
            self.canvas.put(self.half + 1, y, grad, "muted")

    def _summary(self, array: Array, width: int) -> str:
        about = "≈" if array.sampled else ""
        least, most, mean, norm = (about + number.short(each).strip() for each in statistics(array))
        for key in ("tensors.statistics", "tensors.summary", "tensors.mean"):
            text = say(self.language, key, least=least, most=most, mean=mean, norm=norm)
            if len(text) <= width:
                break
        return fit(text, width)


def statistics(array: Array) -> tuple[float, float, float, float]:
    """Least, greatest, mean and 2-norm, from the numbers where they are there."""
    values = numbers(array)
    if values is None:
        return array.stats or (np.nan,) * 4
    wide = values.astype("float64")
    if not wide.size:
        return (np.nan,) * 3 + (0.0,)
    return float(wide.min()), float(wide.max()), float(wide.mean()), float(np.linalg.norm(wide))
