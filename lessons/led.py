"""An experiment that is led through a lesson's steps without a screen. Torch is imported when the first one begins."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.expression import parse
from engine.messages import Advance, Answer, Change, Edit, Stage
from engine.spec import Graph, Net
from engine.words import Refused

if TYPE_CHECKING:
    from engine.session import Session
    from engine.stages import Walk

SLICE = 0.05  # seconds between looks at the clock


class TooLong(Exception):
    """The time that a lesson may take is over."""


@dataclass(frozen=True)
class Patience:
    """How long a lesson may take: until `end` on `clock`."""

    end: float
    clock: Callable[[], float] = time.monotonic

    def check(self) -> None:
        """Raises TooLong when the time is over."""
        if self.clock() > self.end:
            raise TooLong


class Led:
    """A session that goes from step to step, each of which begins where the one before it ended.

    Raises Refused for what the engine cannot do, and TooLong when `patience` is over.
    """

    def __init__(self, given: Graph | Net, patience: Patience) -> None:
        from engine.begin import begin

        patience.check()
        self.given, self._patience = given, patience
        self.session: Session = begin(given, device="cpu")
        self.walk: Walk = self.lead()

    def lead(self, *stages: Stage) -> Walk:
        """Carry these stages out; the walk, which knows the state before them and what failed in the last one."""
        from engine.stages import Walk

        self.walk = Walk(self.session, stages)
        while not self.walk.done:
            self.walk.work(SLICE)
            self._patience.check()
        return self.walk

    def answers(self, texts: Iterable[str]) -> dict[str, Answer]:
        """What each of these expressions is here, as the screen would hear it."""
        from engine.asking import answered

        found = {}
        for text in texts:
            self._patience.check()
            found[text] = answered(self.walk, text)
        return found

    def holds(self, condition: str) -> bool:
        """Whether a condition holds here; what cannot be told does not."""
        from engine.queries import Questions

        try:
            return Questions(self.session, self.walk.before).holds(parse(condition, queries=True))
        except Refused:
            return False

    def reached_by(self, edits: Sequence[Change], condition: str, within: int) -> bool:
        """Whether the condition comes to hold after these edits: at once, in the iteration, or `within` so many.

        Afterwards the experiment stands where it stood before.
        """
        here = self.session.timeline.now
        try:
            self.session.apply(Edit(tuple(edits)))
            return any(self.holds(condition) for _ in self._onwards(within))
        finally:
            self.session.stop()
            self.session.stand(here)
            self.session.apply(Advance("op", 0))  # what was said of the trial is no longer true
            self.lead()

    def _onwards(self, within: int) -> Iterator[None]:
        """Operation by operation up to the end of an iteration, then `within` whole ones."""
        yield
        experiment = self.session.experiment
        for unit, count in (("op", experiment.length - experiment.trains), ("iteration", within)):
            for _ in range(count):
                self.session.apply(Advance(unit))  # type: ignore[arg-type]
                while self.session.busy:
                    self.session.work(SLICE)
                    self._patience.check()
                if self.session.outcome != "ok":
                    return
                yield

    def same_as(self, other: Led) -> bool:
        """Whether both stand at the same place with the same bits."""
        from engine.asking import same

        return same(self.session.look(), other.session.look())
