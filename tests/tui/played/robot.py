"""A robot learner: goes through a lesson on the real screen, answers what is asked, and takes every step."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot

from engine import messages as m
from lessons.stages import changes, target
from tests.tui.conftest import Stage, send_key, settle
from tests.tui.played import answers
from tests.tui.test_asking import said
from tui.exercises import formulas
from tui.exercises.box import ExerciseBox
from tui.exercises.choice import options
from tui.exercises.known import PENDING, REFUSED
from tui.exercises.progress import Progress
from tui.screens.questioning import kind_of

PATIENCE = 30  # keys that are pressed for the work of one step; what takes more is run


class Robot:
    """`errs`: gives the known mistakes and other wrong answers first, and reads every hint."""

    def __init__(self, pilot: Pilot[str], stage: Stage, errs: bool) -> None:
        self.pilot, self.stage, self.errs = pilot, stage, errs

    @property
    def screen(self) -> Any:
        """The lesson's."""
        return self.stage.lesson

    async def play(self, until: str | None = None) -> None:
        """The whole lesson, or as far as the step `until`, its work done."""
        await settle(self.pilot)
        assert self.screen.opening.findings == ()
        for number in range(len(self.screen.steps)):
            if number:
                await self._press("n")
            assert self.screen.cursor == number
            if self.screen.offer:
                await self._press("enter")
            assert not self.screen.offer
            self._look()
            while (exercise := self.screen.asked) is not None:
                await self._exercise(exercise)
            await self._take()
            self._look()
            if self.screen.steps[number].id == until:
                return
        assert until is None, until

    def _look(self) -> None:
        """What the step shows is there, and every number in its text is known."""
        step, screen = self.screen.steps[self.screen.cursor], self.screen
        assert set(step.panes) <= set(screen.panes) and set(screen._area.on_show) <= set(screen.panes)
        texts = [text for box in screen.query(ExerciseBox) for text in box.shown.values()]
        for text in texts:
            assert PENDING not in text.replace(f"({PENDING})", "") and REFUSED not in text and "{{" not in text, text

    # ---------------------------------------------------------------- answers
    def _progress(self, exercise: Any) -> Progress:
        return self.screen.progress_of(exercise)

    async def _exercise(self, exercise: Any) -> None:
        kind, known = kind_of(exercise), self.screen.known
        assert known.has(kind.asks(exercise)), exercise.id
        assert known.refusal(kind.asks(exercise), kind.failures) is None, exercise.id
        self._check_traps(exercise)
        if self.errs:
            await self._hints(exercise)
            for given in answers.wrong(exercise, known, self._options(exercise)):
                if not self._progress(exercise).done:
                    await self._give(exercise, given)
                    await self._wrong(exercise, given)
        if not self._progress(exercise).done:
            await self._right(exercise)
        assert self._progress(exercise).done and said(self.stage, exercise.id), exercise.id

    def _options(self, exercise: Any) -> tuple[str, ...]:
        passage = self.screen.opening.passage_of(exercise.id, self.screen.language)
        return options(exercise, passage) if exercise.kind == "choice" else tuple(passage.options)

    def _check_traps(self, exercise: Any) -> None:
        """Each known mistake is known for what it is."""
        passage = self.screen.opening.passage_of(exercise.id, self.screen.language)
        for name, given in answers.trapped(exercise, self.screen.known):
            verdict = kind_of(exercise).mark(exercise, given, self.screen.known)
            assert (verdict.right, verdict.trap) == (False, name), (exercise.id, given)
            assert passage.traps[name]

    async def _hints(self, exercise: Any) -> None:
        passage = self.screen.opening.passage_of(exercise.id, self.screen.language)
        for number in range(1, len(passage.hints) + 1):
            await self._press("h")
            assert self._progress(exercise).hints == number

    async def _give(self, exercise: Any, given: str) -> None:
        """Hand in what its field would."""
        (box,) = [each for each in self.screen.query(ExerciseBox) if each.told.exercise is exercise]
        box.post_message(ExerciseBox.Given(exercise.id, given))
        await self._rest()
        if self._progress(exercise).locked:
            await self._take()

    async def _wrong(self, exercise: Any, given: str) -> None:
        progress = self._progress(exercise)
        assert not progress.solved and progress.attempts, (exercise.id, given)
        assert said(self.stage, exercise.id), "something is said of every wrong answer"

    async def _right(self, exercise: Any) -> None:
        if exercise.kind == "goal" and exercise.witness:
            self.screen.send(m.Edit(changes(exercise.witness)))
            await self._rest()
            for unit in ("phase",) * 4 + ("iteration",) * (exercise.within or 0):
                if not self._progress(exercise).done:
                    self.screen.send(m.Advance(unit))
                    await self.pilot.pause(0)
        elif exercise.kind == "expression" and formulas.repeats(exercise.expect, exercise.expect):
            await self._press("s", "s")  # the lesson has no formula that could be handed in
            assert self._progress(exercise).given_up
            return
        else:
            await self._give(exercise, answers.right(exercise, self.screen.known))
        assert self._progress(exercise).solved, (exercise.id, self._progress(exercise))

    # ---------------------------------------------------------------- steps
    async def _press(self, *keys: str) -> None:
        for key in keys:
            send_key(self.stage.app, key)
            await self._rest()

    async def _rest(self) -> None:
        """Until every message has been heard, those sent meanwhile too. (The engine works in this process.)"""
        for _ in range(3):
            await self.pilot.pause(0)

    async def _take(self) -> None:
        """Do the work of the step."""
        step = self.screen.steps[self.screen.cursor]
        if step.do == "show":
            return
        for _ in range(PATIENCE):
            if self.screen.reached:
                return
            await self._press("space")
        self.screen.send(m.Stand(target(self.screen.opening.lesson, self.screen.cursor)))
        await self._rest()
        assert self.screen.reached, step.id
