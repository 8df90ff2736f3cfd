"""The part of the lesson's screen that keeps progress: what is answered and read goes to the disk at once."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import msgspec

from tui.exercises.progress import Progress
from tui.screens.returning import ReturningScreen, Taken

if TYPE_CHECKING:
    from tui.progress.records import Record, Visit

APART = 1e-3  # seconds that two things lie apart at least, so that the later one is the newer


class KeepingScreen(ReturningScreen):
    """`record` is what this session knows of the lesson; None where nothing is kept."""

    def __init__(self, language: str) -> None:
        super().__init__(language)
        self._on_disk: Record | None = None  # what was kept last
        self._visit: tuple[str, float, float] | None = None  # the step that is read, since when on both clocks
        self._keeps = False  # once the lesson was looked for; a preview never does

    @property
    def record(self) -> Record | None:
        """It outlives the screen, as what could not be kept must."""
        lesson = self.opening.lesson if self.opening else None
        return self.tutor.records.get(lesson.id) if lesson and self._keeps else None

    def _remember(self, record: Record) -> None:
        self.tutor.records[record.lesson] = record

    # ---------------------------------------------------------------- coming back
    def find_place(self) -> bool:
        """Take up what was answered, too."""
        self._find_progress()
        return super().find_place()

    def _find_progress(self) -> None:
        from tui.progress import store
        from tui.progress.outline import outline
        from tui.progress.records import Record, merged
        from tui.progress.restoring import progress_of

        if self.opening is None or self.opening.lesson is None:
            return
        lesson, self._keeps = self.opening.lesson, True
        found = merged(store.load(lesson.id), self.record or Record(lesson.id))
        now = outline(lesson, self.opening.prose, self.opening.path, max(time.time(), found.newest + APART))
        self._remember(msgspec.structs.replace(found, outline=now))
        known = ((name, kept, now.digests.get(name)) for name, kept in found.exercises.items())
        self.progress.clear()
        self.progress.update({name: progress_of(kept, digest) for name, kept, digest in known if digest})

    # ---------------------------------------------------------------- what happens
    def enter(self, offering: bool = True, editing: bool = True) -> None:
        super().enter(offering, editing)
        if self.record is not None and self.steps:
            self.note_reading()
            self._visit = self.steps[self.cursor].id, self._time(), time.monotonic()
            self._save_soon()

    def _keep(self, exercise: Any, progress: Progress) -> None:
        before = self.progress_of(exercise)
        super()._keep(exercise, progress)
        record = self.record
        if exercise.id in self._retries:
            return  # what was answered first is what counts
        if record is None or record.outline is None or exercise.id not in record.outline.digests:
            return
        from tui.progress.restoring import kept

        had = record.exercises.get(exercise.id)
        digest = record.outline.digests[exercise.id]
        now = kept(had.answers if had else (), before, progress, digest, self._time())
        self._remember(msgspec.structs.replace(record, exercises={**record.exercises, exercise.id: now}))
        self._save_soon()

    def _time(self) -> float:
        """Now; in any case after everything that is known, whatever the clocks of other machines say."""
        return max(time.time(), self.record.newest + APART if self.record else 0.0)

    def note_reading(self) -> None:
        """How long the step has been read, and where the learner stands."""
        record, lesson = self.record, self.opening.lesson if self.opening else None
        if record is None or lesson is None or self._visit is None:
            return
        from tui.progress.records import Left, Visit

        step, at, since = self._visit
        visit = Visit(at, round(time.monotonic() - since, 1))
        left = Left(self._time(), lesson.steps[self.cursor].id, self._iteration())
        had = tuple(each for each in record.steps.get(step, ()) if each.at != at)
        self._remember(msgspec.structs.replace(record, left=left, steps={**record.steps, step: _in_order(had, visit)}))

    def _iteration(self) -> int:
        """Iterations that are done: of the last frame, or of what was kept."""
        if self.frame is not None:
            return self.frame.moment.iterations_done
        log, graph = self.kept_log, self.part.graph if self.part else None
        return log.time // len(graph.atoms) if log is not None and graph is not None else 0

    # ---------------------------------------------------------------- keeping
    def on_unmount(self) -> None:
        self.note_reading()  # and then the part before this one keeps the place

    def _keep_in_background(self) -> None:
        self.note_reading()
        super()._keep_in_background()

    def take_place(self) -> Taken | None:
        return super().take_place() if self._keeps else None

    def write_place(self, taken: Taken) -> None:
        super().write_place(taken)
        self.save_progress()

    def keep_place(self) -> None:
        super().keep_place()
        self.save_progress()  # even of a place that was kept

    def _save_soon(self) -> None:
        """Write in a thread: a disk may take its time."""
        self.note_reading()
        if self.is_mounted:
            self.run_worker(self.save_progress, thread=True, group="progress")

    def save_progress(self) -> None:
        """Write what is new. Where that cannot be, say so once; it is tried again with the next answer."""
        from tui.progress import store

        with self._saving:
            record = self.record
            if record is None or record == self._on_disk:
                return
            try:
                store.keep(record)
                self._on_disk = record
            except OSError as error:
                self._tell_once(error.strerror or str(error))

    # ---------------------------------------------------------------- beginning again
    def action_begin_again(self) -> None:
        """From the first step, with nothing answered; asks first."""
        from tui.screens.asking import QuestionWindow

        self.app.push_screen(QuestionWindow(self.language, "begin_again"), self._begin_again)

    def _begin_again(self, sure: bool | None) -> None:
        from tui.progress import store

        if not sure or self.record is None:
            return
        name, at = self.record.lesson, self._time()
        with self._saving:
            try:
                self.tutor.records[name] = store.reset(name, at)
            except OSError as error:
                self.notify(self.say("place.not_reset", reason=error.strerror or str(error)), markup=False)
                return
            self._keeps, self._saved_at = False, math.inf  # what this screen still has is gone
        self.progress.clear()
        self.drafts.clear()
        self.tutor.open_again()


def _in_order(had: tuple[Visit, ...], visit: Visit) -> tuple[Visit, ...]:
    return tuple(sorted((*had, visit), key=lambda each: each.at))
