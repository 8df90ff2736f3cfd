"""How often something dear is computed for the screen: seldom enough to take little of the time."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType

CHEAP = 0.02  # seconds; up to this it is computed every time
BEARABLE = 1.0  # the same while nothing else is under way
SHARE = 0.01  # of the time that anything dearer takes


class Pace:
    """`with pace:` around the computation measures it; `due` says whether it is time for the next one.

    `expected`: seconds, as long as it has not been measured. Until then what is dear waits as if it had just been done.
    """

    def __init__(self, expected: float = 0.0, clock: Callable[[], float] = lambda: time.perf_counter()) -> None:
        self._clock, self.seconds = clock, expected
        self._ended = clock()

    def due(self, busy: bool) -> bool:
        """Whether to compute it now; `busy`: while training goes on."""
        if self.seconds < (CHEAP if busy else BEARABLE):
            return True
        return self._clock() - self._ended > self.seconds / SHARE

    def __enter__(self) -> None:
        self._begun = self._clock()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended = self._clock()
        self.seconds = self._ended - self._begun
