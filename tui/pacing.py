"""Which panes are handed the present moment now, and which wait until it is their turn again."""

from __future__ import annotations

import time
from collections.abc import Callable

from tui.rates import Kind, Rates
from tui.view import View

EARLY = 0.5  # of the time between two frames: one that comes a little early must not wait for the next


class Pacing:
    """`due` says so for one pane after another; what it is asked about is taken as handed where it says yes."""

    def __init__(self, rates: Rates, clock: Callable[[], float] = time.monotonic) -> None:
        self.rates, self._clock = rates, clock
        self._handed: dict[str, tuple[float, View]] = {}

    def due(self, name: str, kind: Kind, view: View) -> bool:
        """Whether the pane `name` is to show this now: at rest, in its turn, or where more than the frame differs."""
        now, before = self._clock(), self._handed.get(name)
        running = view.frame is not None and view.frame.running
        if before is None or not running or not _goes_on(before[1], view) or self._turn(now - before[0], kind):
            self._handed[name] = now, view
            return True
        return False

    def forget(self) -> None:
        """Every pane is handed what comes next."""
        self._handed.clear()

    def _turn(self, waited: float, kind: Kind) -> bool:
        return waited >= self.rates.pause(kind) - EARLY * self.rates.pause("numbers")


def _goes_on(before: View, now: View) -> bool:
    """Whether only the frame is another, of the same run."""
    if before.frame is None or now.frame is None or before.frame.generation != now.frame.generation:
        return False
    fields = ("experiment", "graph", "opened", "baseline")
    same = all(getattr(before, each) is getattr(now, each) for each in fields)
    equal = all(getattr(before, each) == getattr(now, each) for each in ("language", "masks", "choice", "sparing"))
    return same and equal
