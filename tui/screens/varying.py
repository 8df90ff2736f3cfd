"""The part of the lesson's screen that asks an exercise once more, with other inputs."""

from __future__ import annotations

from functools import partial
from typing import Any

from engine import messages as m
from tui.exercises.progress import Progress
from tui.screens.answering import AnsweringScreen
from tui.screens.questioning import kind_of

DRAWS = 12  # inputs that are tried until a question is a good one


class VaryingScreen(AnsweringScreen):
    """The learner's experiment begins anew with the inputs drawn, where the step begins: panes and question agree.

    What was answered first stays what is kept; leaving the step, one finds the lesson's own inputs again.
    """

    def __init__(self, language: str) -> None:
        super().__init__(language)
        self._drawn = 0  # how often inputs were drawn here

    def action_vary(self) -> None:
        """Once more, with other inputs."""
        if (exercise := self.repeatable) is None or self.part is None or self.part.graph is None:
            return
        self._draw(exercise, DRAWS)

    def _draw(self, exercise: Any, left: int) -> None:
        """Draw inputs, and have the engine say whether they make a good question."""
        from lessons.stages import drawn, target, varied

        assert self.opening is not None and self.opening.lesson is not None and self.part and self.part.graph
        self._drawn += 1
        shapes = {leaf.name: leaf.shape or () for leaf in self.part.graph.leaves}
        inputs = drawn(exercise.vary, shapes, exercise.id, self._drawn)
        expressions = kind_of(exercise).asks(exercise)
        then = partial(self._judge, self.cursor, exercise, inputs, expressions, left - 1)
        self.ask(varied(target(self.opening.lesson, self.cursor), inputs), expressions, then)

    def _judge(
        self, step: int, exercise: Any, inputs: tuple[m.Change, ...], expressions: tuple[str, ...], left: int,
        answers: m.Answers,
    ) -> None:  # fmt: skip
        from tui.exercises.known import Known
        from tui.exercises.variations import good

        if step != self.cursor or exercise is not self.repeatable:
            return
        known = Known(dict(zip(expressions, answers.answers, strict=True)))
        same = inputs == self.variation or all(map(self._is_so, inputs))
        if left and (same or not good(exercise, known)):
            self._draw(exercise, left)
        else:
            self.call_next(self._put_again, exercise, inputs)

    async def _put_again(self, exercise: Any, inputs: tuple[m.Change, ...]) -> None:
        """Open the exercise once more, and stand where its step begins."""
        from lessons.stages import begun

        assert self.opening is not None and self.opening.lesson is not None
        self.variation, self._varied, self.reached = inputs, None, False
        self._retries[exercise.id] = Progress()
        self.drafts.pop(exercise.id, None)
        if (box := self._box(exercise)) is not None:
            await box.remove()  # with what was written in it
        self.send(m.Stand(self.at_variation(begun(self.opening.lesson, self.cursor))))
        self.ask_all()
        await self.set_boxes()
        self.retell()
        if (box := self._box(exercise)) is not None:
            box.followed = True
            self.call_after_refresh(box.bring_into_view)
