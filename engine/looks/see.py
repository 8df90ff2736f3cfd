"""Carries looks out: quick ones with the frame, long ones afterwards in slices, each once for each state."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import Any

from engine.looks import derivatives, difference, jacobian, operation, paths, surface, sweep
from engine.looks.records import (
    AnyLook,
    AnySeen,
    Derivatives,
    Difference,
    DifferenceErrors,
    Jacobian,
    Look,
    Operation,
    Paths,
    Surface,
    Sweep,
    SymbolicDerivative,
)
from engine.session import Session
from engine.state import State

Long = Generator[None, None, Any]  # yields every few milliseconds, and returns what was seen
QUICK: dict[type[Look], Callable[[Session, Any], Any]] = {
    Operation: operation.see,
    Jacobian: jacobian.see,
    Paths: paths.see,
    Derivatives: derivatives.see,
    Difference: difference.see,
}
LONG: dict[type[Look], Callable[[Session, Any], Long]] = {
    Sweep: sweep.see,
    Surface: surface.see,
    SymbolicDerivative: derivatives.see_symbolic,
    DifferenceErrors: derivatives.see_errors,
}
SHARE = 0.05  # of the time while training that quick looks may take
AT_ONCE = 0.002  # seconds; quicker looks are always carried out


class Looks:
    """The looks of one session. What has been seen of a state is not computed again."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._state_of: dict[AnyLook, State] = {}  # in which each was last carried out
        self._cost: dict[AnyLook, tuple[float, float]] = {}  # when it ended, and the seconds that it took
        self._work: tuple[AnyLook, State, Long] | None = None
        self._found: list[AnySeen] = []  # of long looks, not sent yet

    def quick(self, wanted: tuple[AnyLook, ...]) -> tuple[AnySeen, ...]:
        """What is seen of the present state, where it has not been seen yet; and what long looks have found."""
        self._forget(wanted)
        found, self._found = self._found, []
        state = self.session.look()
        for look in wanted:
            if type(look) in QUICK and self._state_of.get(look) is not state and self._affordable(look):
                begin = time.perf_counter()
                found.append(QUICK[type(look)](self.session, look))
                end = time.perf_counter()
                self._state_of[look], self._cost[look] = state, (end, end - begin)
        return tuple(found)

    def work(self, wanted: tuple[AnyLook, ...], seconds: float) -> bool:
        """Go on with a long look for about `seconds`, at rest only; whether something was found just now."""
        if self._work is None or self._work[1] is not self.session.state or self._work[0] not in wanted:
            self._work = self._begin(wanted)
        if self._work is None:
            return False
        look, state, steps = self._work
        begin = time.perf_counter()
        try:
            next(steps)
            while time.perf_counter() - begin < seconds:
                next(steps)
        except StopIteration as end:
            self._found.append(end.value)
            self._state_of[look], self._work = state, None
            return True
        return False

    def pending(self, wanted: tuple[AnyLook, ...]) -> bool:
        """Whether a long look has still to be carried out."""
        return not self.session.busy and self._first(wanted) is not None

    def _first(self, wanted: tuple[AnyLook, ...]) -> AnyLook | None:
        state = self.session.state
        return next((look for look in wanted if type(look) in LONG and self._state_of.get(look) is not state), None)

    def _begin(self, wanted: tuple[AnyLook, ...]) -> tuple[AnyLook, State, Long] | None:
        look = None if self.session.busy else self._first(wanted)
        if look is None:
            return None
        return look, self.session.look(), LONG[type(look)](self.session, look)

    def _affordable(self, look: AnyLook) -> bool:
        ended, seconds = self._cost.get(look, (0.0, 0.0))
        rested = time.perf_counter() - ended > seconds / SHARE
        return seconds < AT_ONCE or rested or not self.session.busy

    def _forget(self, wanted: tuple[AnyLook, ...]) -> None:
        """What is no longer wanted; wanted again, it is carried out again."""
        for kept in (self._state_of, self._cost):
            for look in kept.keys() - set(wanted):
                del kept[look]
        self._found = [seen for seen in self._found if seen.of in wanted]
