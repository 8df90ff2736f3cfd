"""The baseline's boundary over the present field: dashes, so that it is told from the present line without colour."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.messages import Field
from tui.half_blocks import Marks, finer, resized

HALF = 127.5  # of a probability's 0..255
FLAT, STEEP = "╌", "╎"


def dashes(field: Field, columns: int, height: int) -> Marks:
    """A mark in each of columns x height cells that the baseline's boundary passes; "" in all others."""
    given = np.frombuffer(field.data, np.uint8).reshape(field.rows, field.columns)
    samples = resized(given, columns, 2 * height)
    if field.kind == "class":
        fine = samples.repeat(2, 0).repeat(2, 1)
        sides = [fine == each for each in np.unique(samples)[:-1]]
    else:
        sides = [finer(samples.astype(float)) > HALF]
    marks: Marks = np.full((height, columns), "", "<U1")
    for side in sides:
        marks = np.where(marks == "", _between(side), marks)
    return marks


def _between(side: npt.NDArray[np.bool_]) -> Marks:
    """Where True and False, which come four by two to a cell, meet: above each other or side by side."""
    above, beside = np.zeros(side.shape, int), np.zeros(side.shape, int)
    above[:-1] = side[:-1] != side[1:]
    beside[:, :-1] = side[:, :-1] != side[:, 1:]
    rows, columns = side.shape[0] // 4, side.shape[1] // 2
    flat, steep = (each.reshape(rows, 4, columns, 2).sum((1, 3)) for each in (above, beside))
    # A cell is two dots wide and four high: a line through it meets as many.
    found: Marks = np.where(flat + steep == 0, "", np.where(2 * flat >= steep, FLAT, STEEP))
    return found
