"""Windows: a few numbers of a tensor, however large it is, and never more work than for those few."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.looks.places import SIDE, Index, extent, flat, start, unravel
from engine.looks.records import Window
from engine.records import record


def window(tensor: Tensor, index: Index = ()) -> Window:
    """The numbers around the element at `index`, as rows of the last dimension."""
    rows, columns = extent(tensor.shape)
    row, column = divmod(flat(index, tensor.shape), max(columns, 1)) if index else (0, 0)
    top, left = start(row, rows), start(column, columns)
    picked = [_row(tensor, each)[left : left + SIDE] for each in range(top, min(rows, top + SIDE))]
    numbers = torch.stack(picked) if picked else tensor.new_zeros(0, min(columns, SIDE))
    dtype = str(tensor.dtype).removeprefix("torch.")
    shape, strides = tuple(tensor.shape), tuple(tensor.stride())
    return Window(shape, dtype, strides, tensor.is_contiguous(), record(numbers), top, left, (rows, columns))


def number(tensor: Tensor, index: Index) -> float:
    """One element, as a Python number."""
    return float(tensor.detach()[index])


def _row(tensor: Tensor, row: int) -> Tensor:
    """One row of the last dimension; the tensor is not copied, contiguous or not."""
    tensor = tensor.detach()
    return tensor.reshape(1) if tensor.dim() == 0 else tensor[unravel(row, tuple(tensor.shape[:-1]))]
