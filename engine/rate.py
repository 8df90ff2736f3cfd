"""How fast a run goes, and how fast it may go."""

from __future__ import annotations

import time

OVER = 0.5  # seconds over which it is counted
AHEAD = 0.05  # seconds for which iterations may be owed at most


class Rate:
    """Iterations a second."""

    def __init__(self) -> None:
        self.begin()
        self.limit(None)

    def begin(self) -> None:
        """Another run."""
        self.per_second, self._owed = 0.0, 0.0
        self._since = self._looked = time.perf_counter()
        self._count = 0

    def limit(self, per_second: float | None) -> None:
        """How many there may be; None: as many as there can be."""
        self._limit, self._owed = per_second, 0.0

    def count(self, iterations: int) -> None:
        """Some more iterations are done."""
        self._count += iterations
        self._owed -= iterations
        now = time.perf_counter()
        if now - self._since > OVER:
            self.per_second, self._since, self._count = self._count / (now - self._since), now, 0

    def allowed(self) -> int | None:
        """Iterations that may be done now; None where there is no limit."""
        if self._limit is None:
            return None
        before, self._looked = self._looked, time.perf_counter()
        self._owed = min(self._owed + (self._looked - before) * self._limit, max(1.0, self._limit * AHEAD))
        return int(self._owed)
