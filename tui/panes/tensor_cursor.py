"""Where the cursor of the tensor pane goes: from element to element, and on into the next tensor that can be edited."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.messages import Change, Frame, Tensor
from tui.panes.tensor_table import Cell, in_order


def editable(frame: Frame) -> list[Tensor]:
    """The tensors that can be edited and whose numbers are known, as they stand in the pane."""
    return [t for t in in_order(frame) if t.editable and t.value.data]


def first(frame: Frame, wanted: Callable[[Change], bool] = lambda _: True) -> Cell | None:
    """The first element whose edit is wanted, else the first that can be edited; None where there is none."""
    tensors = editable(frame)
    for tensor in tensors:
        for flat, index in enumerate(np.ndindex(tensor.value.shape)):
            if wanted(Change(tensor.name, 0.0, index or None)):
                return Cell(tensor.name, flat)
    return Cell(tensors[0].name, 0) if tensors else None


def moved(frame: Frame, cell: Cell, direction: str) -> Cell:
    """The element to the left or right of `cell`, above or below it; at the ends of all tensors, `cell` itself."""
    tensors = editable(frame)
    at = next((i for i, tensor in enumerate(tensors) if tensor.name == cell.name), None)
    if at is None:
        return first(frame) or cell
    sideways, ahead = direction in ("left", "right"), direction in ("right", "down")
    columns = _columns(tensors[at])
    flat = cell.flat + (1 if sideways else columns) * (1 if ahead else -1)
    if 0 <= flat < _size(tensors[at]):
        return Cell(cell.name, flat)
    to = at + (1 if ahead else -1)
    if not 0 <= to < len(tensors):
        return cell
    row_start = 0 if ahead else _size(tensors[to]) - _columns(tensors[to])
    column = min(cell.flat % columns, _columns(tensors[to]) - 1)
    if sideways:
        column = 0 if ahead else _columns(tensors[to]) - 1
    return Cell(tensors[to].name, row_start + column)


def _columns(tensor: Tensor) -> int:
    return tensor.value.shape[-1] if tensor.value.shape else 1


def _size(tensor: Tensor) -> int:
    return int(np.prod(tensor.value.shape))
