"""The losses that a session has computed, one after another; what is told of them is only what is new."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from engine import messages as m

Numbers = npt.NDArray[np.float32]
AT_ONCE = 4_000_000  # that are told in one message at most
ROOM = 1_000_000  # to begin with (what is not used takes no memory); doubled as often as it is full


class Losses:
    """float32 numbers; the last of them can be cut off. What was handed out as a view does not survive that."""

    def __init__(self, room: int = ROOM) -> None:
        self._room: Numbers = np.empty(room, np.float32)
        self._count = self._told = 0
        self._cut_since = True  # told of none yet

    def __len__(self) -> int:
        return self._count

    def extend(self, numbers: Sequence[float] | Numbers) -> None:
        """Some more."""
        count = self._count + len(numbers)
        if count > len(self._room):
            room: Numbers = np.empty(max(count, 2 * len(self._room)), np.float32)
            room[: self._count] = self._room[: self._count]
            self._room = room
        with np.errstate(over="ignore"):  # a float64 that is too large for float32 is infinite in the curve
            self._room[self._count : count] = numbers
        self._count = count

    def cut(self, count: int) -> None:
        """Keep the first `count`."""
        self._count = min(self._count, count)
        if self._told > self._count:
            self._told, self._cut_since = self._count, True

    def part(self, first: int, end: int) -> Numbers:
        """Those from number `first` to before `end`, as a view."""
        return self._room[first : min(end, self._count)]

    @property
    def all_told(self) -> bool:
        """Whether there is no news."""
        return self._told == self._count and not self._cut_since

    def news(self) -> m.Losses | None:
        """What was not told yet; None where that is nothing. There can be one listener only."""
        if self.all_told:
            return None
        first, self._told, self._cut_since = self._told, min(self._count, self._told + AT_ONCE), False
        return m.Losses(first, self.part(first, self._told).tobytes())
