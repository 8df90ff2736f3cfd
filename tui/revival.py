"""Whether an engine that has ended is started again by itself: not if they die one after another."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

DEATHS = 3  # so many within WITHIN seconds, and the learner is asked
WITHIN = 60.0


class Deaths:
    """When engines have ended."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times: deque[float] = deque(maxlen=DEATHS)

    def again(self) -> bool:
        """Another one has ended: whether one more may be started unasked."""
        now = self._clock()
        self._times.append(now)
        return len(self._times) < DEATHS or now - self._times[0] > WITHIN

    def forgive(self) -> None:
        """The learner has asked for another one: counting begins anew."""
        self._times.clear()
