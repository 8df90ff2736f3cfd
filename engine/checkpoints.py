"""States kept to go back to: one every few iterations, thinned when they outgrow their bytes. Replay does the rest."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

import torch

from engine.state import State

REPLAY_SECONDS = 0.02  # a step back should not replay for longer than this


@dataclass(frozen=True, order=True)
class Key:
    """The start of `iteration`, while entry `entry` of the timeline was being done (an edit: right after it)."""

    entry: int
    iteration: int


class Checkpoints:
    """Start-of-iteration states by Key. The first one is never dropped, so every moment stays within reach.

    Tensors are shared with the states they come from, never copied: states are replaced, not changed.
    """

    def __init__(self, first: State, budget: int) -> None:
        self.budget = budget  # bytes
        self._keys = [Key(-1, 0)]
        self._states = [first]
        self._complete = [True]  # the beginning, or right after an edit: no older gradient was visible then
        self.interval = 1  # iterations between two checkpoints, until their time is known
        self._bytes = 0

    def timed(self, seconds: float, iterations: int) -> None:
        """Hear how long some iterations took, to choose the interval."""
        if iterations and seconds > 0:
            self.interval = max(1, min(5000, int(REPLAY_SECONDS * iterations / seconds)))

    def due(self, iteration: int) -> int:
        """The iteration at whose start the next checkpoint is wanted, after `iteration`."""
        return max(iteration + 1, self._keys[-1].iteration + self.interval)

    def keep(self, key: Key, state: State, complete: bool = False) -> None:
        """Keep `state`, the start of an iteration. `complete`: right after an edit, where no gradient is visible."""
        if self._keys[-1] >= key:
            return
        bare = State(state.iteration, 0, state.parameters, state.slots, state.lr)
        self._keys.append(key)
        self._states.append(bare)
        self._complete.append(complete)
        self._bytes += size(bare)
        while self._bytes > self.budget and len(self._keys) > 2:
            self._thin()

    def cut(self, entry: int, iteration: int) -> None:
        """Forget what lies after this place, where the future was cut."""
        count = max(1, bisect_right(self._keys, Key(entry, iteration)))
        self._bytes -= sum(size(state) for state in self._states[count:])
        del self._keys[count:], self._states[count:], self._complete[count:]

    def nearest(self, entry: int, iteration: int) -> tuple[int, State]:
        """The last kept state from which replay brings back all that was visible in `iteration`, older gradients too.

        With it the entry of the timeline at which replay begins.
        """
        at = bisect_right(self._keys, Key(entry, iteration)) - 1
        while at > 0 and self._keys[at].iteration >= iteration and not self._complete[at]:
            at -= 1
        return self._keys[at].entry + self._complete[at], self._states[at]

    def _thin(self) -> None:
        for at in range(len(self._keys) - 2, 0, -2):
            self._bytes -= size(self._states[at])
            del self._keys[at], self._states[at], self._complete[at]


def size(state: State) -> int:
    """Bytes of the lasting part of a state."""
    tensors = [*state.parameters.values()]
    tensors += [value for slots in state.slots.values() for value in slots.values() if isinstance(value, torch.Tensor)]
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)
