"""The part of the lesson's screen that remembers: where the learner left the lesson is kept, and found again."""

from __future__ import annotations

import math
import time
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from tui.screens.experiment import Kept
from tui.screens.varying import VaryingScreen

if TYPE_CHECKING:
    from tui.places import Place

EVERY = 3.0  # seconds between two looks whether there is something new to keep
A_MEGABYTE = 10.0  # seconds that training goes on for each megabyte of losses before they are written again
RARELY = 60.0  # seconds; never longer than this


class Taken(NamedTuple):
    """A place as it was at one moment, to be written whenever there is time."""

    now: object  # what tells it from others
    at: float  # of time.monotonic
    lesson: str
    place: Place


class ReturningScreen(VaryingScreen):
    """`left` is where each of the lesson's experiments was left, by name."""

    def __init__(self, language: str) -> None:
        super().__init__(language)
        self.left: dict[str, Kept] = {}
        self._saving = Lock()  # of what is written to the disk, one thing after another
        self._saved: object = None  # what was kept last
        self._saved_at = -math.inf
        self._cannot_keep = False  # said once

    def take_kept(self, name: str) -> None:
        """Go over to what was kept of another experiment."""
        self.kept_log, self.kept_memory, self.baseline = self.left.get(name, (None, None, None))
        self.kept_losses = bytearray(self.kept_log.losses if self.kept_log else b"")

    # ---------------------------------------------------------------- coming back
    def find_place(self) -> bool:
        """Stand at the step, and in the experiments, that were kept; whether there were any.

        What has changed since begins again.
        """
        from tui import places

        if self.opening is None or self.opening.lesson is None:
            return False
        place = places.load(self.opening.lesson.id)
        if place is None:
            return False
        known = {name: left for name, left in place.experiments.items() if left.description == self._description(name)}
        self.left = {name: (left.log, left.memory, left.baseline) for name, left in known.items()}
        ids = [step.id for step in self.opening.lesson.steps]
        self.cursor = ids.index(place.step) if place.step in ids else 0
        self.take_kept(self.opening.lesson.used_at(self.cursor))
        log = self.kept_log
        if len(known) < len(place.experiments):
            self.notify(self.say("place.changed"), markup=False)
        elif log is not None and log.time and self.part is not None and self.part.graph is not None:
            done = log.time // len(self.part.graph.atoms)
            self.notify(self.say("place.back", iteration=done), markup=False)
        return True

    def _description(self, name: str) -> str:
        from tui import places

        part = self.opening.parts.get(name) if self.opening else None
        return places.describe(part.spec, self.tutor.choices.seed) if part else ""

    # ---------------------------------------------------------------- keeping
    def keep_often(self) -> None:
        """Keep the place from now on, whenever it is another one."""
        self.set_interval(EVERY, self._keep_in_background)

    def on_unmount(self) -> None:
        self.keep_place()

    def _keep_in_background(self) -> None:
        pause = min(RARELY, A_MEGABYTE * len(self.kept_losses) / 1e6) if self.running else 0.0
        if self._saving.locked():
            return  # the disk takes its time
        if time.monotonic() - self._saved_at >= pause and (taken := self.take_place()) is not None:
            self.run_worker(partial(self.write_place, taken), thread=True, exclusive=True, group="place")

    def _now(self) -> object:
        return self.cursor, self.baseline.number if self.baseline else 0, self.kept_log, len(self.kept_losses)

    def keep_place(self) -> None:
        """Keep it now."""
        if (taken := self.take_place()) is not None:
            self.write_place(taken)

    def take_place(self) -> Taken | None:
        """The place as it is; None where nothing is to be kept, or no more than was kept last."""
        from tui import places

        now = self._now()
        if self.opening is None or self.opening.lesson is None or now == self._saved:
            return None
        lesson = self.opening.lesson
        kept = {**self.left, lesson.used_at(self.cursor): self.kept}
        experiments = {name: places.Left(self._description(name), *each) for name, each in kept.items()}
        return Taken(now, time.monotonic(), lesson.id, places.Place(lesson.steps[self.cursor].id, experiments))

    def write_place(self, taken: Taken) -> None:
        """Write it, from any thread. Where that cannot be, say so once and go on."""
        from tui import places

        with self._saving:
            if taken.at < self._saved_at:
                return  # a newer one is there
            self._saved_at = taken.at
            try:
                places.save(taken.lesson, taken.place)
                self._saved = taken.now
            except OSError as error:
                self._tell_once(error.strerror or str(error))

    def _tell_once(self, reason: str) -> None:
        if self._cannot_keep:
            return
        self._cannot_keep = True
        self.notify(self.say("place.not_kept", reason=reason), severity="warning", markup=False)  # from any thread
