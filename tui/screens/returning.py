"""The part of the lesson's screen that remembers: where the learner left the lesson is kept, and found again."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from tui.screens.experiment import Kept
from tui.screens.varying import VaryingScreen

if TYPE_CHECKING:
    from tui.places import Place

EVERY = 3.0  # seconds between two looks whether there is something new to keep
A_MEGABYTE = 10.0  # seconds that training goes on for each megabyte of losses before they are written again
RARELY = 60.0  # seconds; never longer than this


class ReturningScreen(VaryingScreen):
    """`left` is where each of the lesson's experiments was left, by name."""

    def __init__(self, language: str) -> None:
        super().__init__(language)
        self.left: dict[str, Kept] = {}
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
        if self._now() != self._saved and time.monotonic() - self._saved_at >= pause:
            self.run_worker(self.keep_place, thread=True, exclusive=True, group="place")

    def _now(self) -> object:
        log, number = self.kept_log, self.baseline.number if self.baseline else 0
        return (self.cursor, number, log.entry, log.time, len(log.entries)) if log else (self.cursor, number)

    def keep_place(self) -> None:
        """Keep it now. Where that cannot be, say so once and go on."""
        from tui import places

        now = self._now()  # before what is kept is taken: a frame may come between
        found = self._place()
        if found is None or now == self._saved:
            return
        self._saved_at = time.monotonic()
        try:
            places.save(*found)
            self._saved = now
        except OSError as error:
            self._tell_once(error.strerror or str(error))

    def _place(self) -> tuple[str, Place] | None:
        from tui import places

        if self.opening is None or self.opening.lesson is None:
            return None
        lesson = self.opening.lesson
        kept = {**self.left, lesson.used_at(self.cursor): self.kept}
        experiments = {name: places.left(self._description(name), *each) for name, each in kept.items()}
        return lesson.id, places.Place(lesson.steps[self.cursor].id, experiments)

    def _tell_once(self, reason: str) -> None:
        if self._cannot_keep:
            return
        self._cannot_keep = True
        self.notify(self.say("place.not_kept", reason=reason), severity="warning", markup=False)  # from any thread
