"""Where numbers stopped being finite: the first tensor that was not, found by replay."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch

from engine.state import State, Tensors


@dataclass(frozen=True)
class Culprit:
    """The first tensor that held a nan or an infinity, the iteration in which it did, and whether it is a gradient."""

    name: str
    iteration: int
    gradient: bool = False


def first_not_finite(
    state_at: Callable[[int], State], advance: Callable[[State], State], length: int, last: int
) -> Culprit | None:
    """The culprit, at or before iteration `last`; None where all is finite.

    `state_at(i)` is the state before iteration i, `advance` does one operation, of which an iteration has `length`.
    """
    low, high = 0, last  # the last iteration that begins with finite parameters lies between
    while low < high:
        middle = (low + high + 1) // 2
        if finite(state_at(middle).parameters):
            low = middle
        else:
            high = middle - 1
    state = state_at(low)
    for name in _not_finite(state.parameters):
        return Culprit(name, low)
    for _ in range(length):
        before, state = state, advance(state)
        for name in _not_finite(_new(before.values, state.values)):
            return Culprit(name, state.iteration)
        for name in _not_finite(_new(before.grads, state.grads)):
            return Culprit(name, state.iteration, gradient=True)
        for name in _not_finite(state.parameters):
            return Culprit(name, state.iteration)
    return None


def _new(before: Tensors, after: Tensors) -> Tensors:
    return {name: value for name, value in after.items() if value is not before.get(name)}


def finite(tensors: Tensors) -> bool:
    """Whether every number is one."""
    return next(_not_finite(tensors), None) is None


def _not_finite(tensors: Tensors) -> Iterator[str]:
    return (
        name
        for name, value in tensors.items()
        if value.is_floating_point() and not bool(torch.isfinite(value).all())
    )
