"""What a pane is a function of: the frame, and what stays the same while an experiment is open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.graph import Graph
from engine.messages import Array, Frame, Opened
from engine.spec import Graph as GraphSpec
from engine.spec import Net as NetSpec
from tui.masks import NOTHING, Masks


@dataclass(frozen=True, eq=False)
class View:
    """One moment of one experiment, in one language. `opened` is None until the engine has answered."""

    experiment: GraphSpec | NetSpec
    graph: Graph
    frame: Frame | None
    opened: Opened | None
    language: str
    masks: Masks = NOTHING  # what an exercise asks, and nobody may see


def numbers(array: Array) -> npt.NDArray[np.generic] | None:
    """The array that a record carries, read-only; None where it was too large to send."""
    return None if array.data is None else np.frombuffer(array.data, dtype=array.dtype).reshape(array.shape)
