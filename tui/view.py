"""What a pane is a function of: the frame, and what stays the same while an experiment is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from engine.graph import Graph
from engine.looks.records import Seen
from engine.messages import Baseline, Frame, Opened
from engine.spec import Graph as GraphSpec
from engine.spec import Net as NetSpec
from lessons.answers import numbers
from tui.choice import NO_CHOICE, Choice
from tui.masks import NOTHING, Masks

__all__ = ["View", "numbers"]
S = TypeVar("S", bound=Seen)


@dataclass(frozen=True, eq=False)
class View:
    """One moment of one experiment, in one language. `opened` is None until the engine has answered."""

    experiment: GraphSpec | NetSpec
    graph: Graph
    frame: Frame | None
    opened: Opened | None
    language: str
    masks: Masks = NOTHING  # what an exercise asks, and nobody may see
    choice: Choice = NO_CHOICE
    baseline: Baseline | None = None
    sparing: bool = False  # the line to the terminal is slow: fewer colours

    def seen(self, kind: type[S]) -> S | None:
        """What the engine has seen last of one kind; None before the first time."""
        found = self.frame.seen if self.frame is not None else ()
        return next((seen for seen in found if isinstance(seen, kind)), None)
