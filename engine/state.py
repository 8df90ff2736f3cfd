"""One moment of an experiment, as a record that is replaced and never changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch

from engine.optimizers import Slots
from engine.settings import Settings
from engine.stepper import Contribution, Tape

Tensors = Mapping[str, torch.Tensor]


@dataclass(frozen=True, eq=False)
class State:
    """Where the experiment stands: `cursor` operations of `iteration` are done.

    The lasting part (parameters, slots, settings) changes in the step phase and by edits alone; the rest
    belongs to one iteration.
    """

    iteration: int
    cursor: int
    # lasting
    parameters: Tensors  # a graph's inputs, a net's weights by their torch names
    slots: Mapping[str, Slots]  # the optimizer's memory of each parameter
    settings: Settings
    # of this iteration
    batch: Tensors = field(default_factory=dict)  # x, y
    values: Tensors = field(default_factory=dict)  # nodes that have been computed
    grads: Tensors = field(default_factory=dict)  # parameters keep theirs until the next backward begins
    tapes: Mapping[str, Tape] = field(default_factory=dict)
    contributions: tuple[Contribution, ...] = ()  # what backward passed on, in order
    origin: State | None = None  # the start of this iteration, once something of it is done

    @property
    def lr(self) -> float:
        """The learning rate."""
        return self.settings.lr

    @property
    def start(self) -> State:
        """The state in which this iteration began."""
        return self.origin or self
