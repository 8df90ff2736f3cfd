"""States kept to go back to: one every few iterations, thinned when they outgrow their bytes. Replay does the rest."""

from __future__ import annotations

import os
from bisect import bisect_right, insort
from dataclasses import dataclass, replace

import torch

from engine.state import State
from engine.words import Sentence

REPLAY_SECONDS = 0.02  # a step back should not replay for longer than this
REPLAY_MOST = 0.05  # the same where states are so large that to keep one takes more than
KEEPING = 0.01  # of the time from one to the next
RECENT = 1000  # iterations that are kept densely, if there is room; before them the less, the longer ago
MOST = 600  # states
CPU = torch.device("cpu")


def room(device: torch.device = CPU) -> int:
    """Bytes that history may take: a sixteenth of the memory of the machine, or of the GPU; a gigabyte at most."""
    if device.type == "cuda":
        return min(1 << 30, torch.cuda.mem_get_info(device)[1] // 16)
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):  # not told on this system
        memory = 4 << 30
    return min(1 << 30, memory // 16)


@dataclass(frozen=True, eq=False)
class Kept:
    """The start of an iteration, less its batch, while entry `entry` was being done (an edit: right after it)."""

    entry: int
    state: State
    first: int  # the entry at which replay begins from here
    complete: bool  # it holds all that was visible then; else gradients of the iteration before are missing

    @property
    def place(self) -> tuple[int, int]:
        """Its order in time."""
        return (self.entry, self.state.iteration)


class Checkpoints:
    """Start-of-iteration states in the order of time. The first one is never dropped: every moment stays within reach.

    Tensors are shared with the states they come from, never copied: states are replaced, not changed.
    """

    def __init__(self, first: State, budget: int, gradients: bool = False) -> None:
        self.budget = budget  # bytes
        self.gradients = gradients  # whether the next iteration adds to those of the one before
        self.interval = 1  # iterations between two checkpoints, until their time is known
        self._replay = REPLAY_SECONDS
        self._to_keep = 0.0  # seconds that it takes to keep a state
        self.bytes = 0
        self._room = MOST  # states that fit the budget, once it was full
        self._said: set[str] = set()  # what of the lack of room was told
        self._lack = ""  # what there is to be told of it
        self._kept = [Kept(-1, first, 0, True)]

    def timed(self, seconds: float, iterations: int) -> None:
        """Hear how long some iterations took, to choose the interval."""
        if iterations and seconds > 0:
            self._replay = min(REPLAY_MOST, max(REPLAY_SECONDS, self._to_keep / KEEPING))
            self.interval = max(1, min(5000, int(self._replay * iterations / seconds)))

    def took(self, seconds: float) -> None:
        """Hear how long it took to copy and keep a state; one that took long by chance counts little."""
        self._to_keep += (seconds - self._to_keep) / 4

    def within(self, seconds: float) -> int:
        """About how many iterations can be done in so many seconds; one at least."""
        return max(1, int(self.interval * seconds / self._replay))

    def due(self, entry: int, iteration: int) -> int:
        """The iteration, after this one, at whose start the next checkpoint is wanted."""
        at = bisect_right(self._kept, (entry, iteration), key=_place) - 1
        return max(iteration + 1, self._kept[at].state.iteration + self.interval)

    def keep(self, entry: int, state: State, first: int, complete: bool = False) -> None:
        """Keep `state`, the start of an iteration, unless one is kept there."""
        place = (entry, state.iteration)
        at = bisect_right(self._kept, place, key=_place)
        if self._kept[at - 1].place == place:
            return
        state = replace(state, batch={}, grads=state.grads if complete or self.gradients else {})
        insort(self._kept, Kept(entry, state, first, complete), key=_place)
        self.bytes += size(state)
        if self.bytes > self.budget:
            self._lack = "large" if 2 * size(state) > self.budget else "thinned"
            self._room = self.budget // max(1, size(state))
        while (self.bytes > self.budget or len(self._kept) > MOST) and len(self._kept) > 2:
            self._thin()

    def news(self) -> Sentence | None:
        """That there was no room for all of it, once: states were let go, or not even two find room."""
        if not self._lack or self._lack in self._said:
            return None
        self._said.add(self._lack)
        values: dict[str, str | int | float] = {"limit": self.budget >> 20}
        if self._lack == "thinned":
            recent = self._recent()
            key = "thinned" if recent == RECENT else "last" if recent > 1 else "last_one"
            return Sentence(f"history.{key}", {**values, "count": recent})
        if self.interval == 1:
            return Sentence("history.large_one", values)
        return Sentence("history.large", {**values, "count": self.interval})

    def cut(self, entry: int, iteration: int) -> None:
        """Forget what lies after this place, where the future was cut."""
        count = max(1, bisect_right(self._kept, (entry, iteration), key=_place))
        self.bytes -= sum(size(each.state) for each in self._kept[count:])
        del self._kept[count:]

    def nearest(self, entry: int, iteration: int) -> Kept:
        """The last kept state from which replay brings back all that was visible in `iteration`."""
        at = bisect_right(self._kept, (entry, iteration), key=_place) - 1
        while at > 0 and self._kept[at].state.iteration >= iteration and not self._kept[at].complete:
            at -= 1
        return self._kept[at]

    def _recent(self) -> int:
        """How many of the last iterations are kept densely: as many as half of the states are enough for."""
        return max(1, min(RECENT, self._room * self.interval // 2))

    def _thin(self) -> None:
        """Drop an eighth of them, no two neighbours: those whose absence makes the smallest gap for its age.

        Those of the last iterations come last.
        """
        at, recent = [kept.state.iteration for kept in self._kept], self._recent()
        ages = [(at[-1] - each) / recent for each in at]
        missed = {n: (ages[n] <= 1, (at[n + 1] - at[n - 1]) / max(1.0, ages[n])) for n in range(1, len(at) - 1)}
        dropped: set[int] = set()
        for n in sorted(missed, key=missed.__getitem__):
            if len(dropped) < max(1, len(at) // 8) and not {n - 1, n + 1} & dropped:
                dropped.add(n)
        self.bytes -= sum(size(self._kept[n].state) for n in dropped)
        self._kept = [kept for n, kept in enumerate(self._kept) if n not in dropped]


def _place(kept: Kept) -> tuple[int, int]:
    return kept.place


def size(state: State) -> int:
    """Bytes of the tensors that a start-of-iteration state holds."""
    tensors = [*state.parameters.values(), *state.grads.values()]
    tensors += [value for slots in state.slots.values() for value in slots.values() if isinstance(value, torch.Tensor)]
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)
