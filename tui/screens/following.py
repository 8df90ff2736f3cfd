"""The part of the lesson's screen that knows where the lesson stands, and leads back to it when asked to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from textual.reactive import reactive

from engine import messages as m
from tui.screens.experiment import ExperimentScreen

if TYPE_CHECKING:
    from lessons.schema import Step
    from tui.link import Ended
    from tui.opening import Opening

Hear = Callable[[m.Answers], None]
# What leaves the learner where they are; anything else they do is their own way.
QUIET = (m.Ack, m.Watch, m.Speed, m.Ask, m.Open)


class FollowingScreen(ExperimentScreen):
    """`offer` says that the learner stands elsewhere than the lesson, `reached` that the step's work is done."""

    cursor: reactive[int] = reactive(0)

    def __init__(self, language: str) -> None:
        super().__init__(language)
        self.opening: Opening | None = None
        self.offer = self.reached = False
        self._asked = 0  # questions that were put to the engine
        self._waiting: dict[int, Hear] = {}
        self._entering: tuple[int, Hear] | None = None  # until it is answered: of which experiment, and what then
        self._deeds = 0  # commands of the learner's
        self._looked = -1  # the frame of which it was asked whether the step is done
        self._told: tuple[str, ...] = ()  # the conditions that are watched
        self._sign = False
        self.variation: tuple[m.Change, ...] = ()  # other inputs with which this step is done once more

    @property
    def steps(self) -> Sequence[Step]:
        """The steps of the lesson, once it is read."""
        return self.opening.lesson.steps if self.opening and self.opening.lesson else ()

    # ---------------------------------------------------------------- questions to the engine
    def ask(
        self, stages: tuple[m.Stage, ...], expressions: tuple[str, ...], then: Hear, passed: bool = False
    ) -> None:
        """Have `then` called with the answers, if this experiment is still open when they come."""
        self._asked += 1
        self._waiting[self._asked] = then
        self.send(m.Ask(self._asked, stages, expressions, passed))

    def send(self, command: m.AnyCommand) -> None:
        if not isinstance(command, QUIET) and not (isinstance(command, m.Edit) and command.note):
            self._deeds += 1
            self.offer = False
        super().send(command)

    def hear(self, report: m.AnyReport | Ended) -> None:
        super().hear(report)
        if isinstance(report, m.Answers) and report.generation == self.generation:
            then = self._waiting.pop(report.number, None)
            if then is not None:
                then(report)
                self.redraw()
        elif isinstance(report, m.Opened) and report.generation == self.generation:
            self._enter_again()

    def _enter_again(self) -> None:
        """Another engine has come up: what the one before it was asked on entering the step, and did not answer."""
        if self._entering is not None and self._entering[0] != self.generation:
            self._ask_on_entering(self._entering[1])

    def _ask_on_entering(self, then: Hear) -> None:
        from lessons.stages import entered

        assert self.opening is not None and self.opening.lesson is not None
        self._entering = self.generation, then
        self.ask(entered(self.opening.lesson, self.cursor), (), then)

    def at_variation(self, stages: tuple[m.Stage, ...]) -> tuple[m.Stage, ...]:
        """The same stages, from the inputs with which the step is done now."""
        from lessons.stages import varied

        return varied(stages, self.variation)

    # ---------------------------------------------------------------- coming to a step
    def enter(self, offering: bool = True, editing: bool = True) -> None:
        """The learner came to this step: make the lesson's edits, and see whether they stand where it begins.

        `offering`: say so if they do not; who turns back wants to read, not to be moved. `editing` is False for a
        step that is found again as it was left: its edits have been made.
        """
        self.offer = self.reached = False
        self._entering = None
        self._looked, self.variation = -1, ()
        if self.opening is not None and self.opening.lesson is not None and self.part is not None and self.part.graph:
            self._ask_on_entering(partial(self._entered, self.cursor, self._deeds if offering else -1, editing))

    def _entered(self, step: int, deeds: int, editing: bool, answers: m.Answers) -> None:
        """`deeds`: how many there had been. Who has gone on meanwhile is not called back."""
        from lessons.stages import changes

        if step != self.cursor:
            return
        self._entering = None
        elsewhere = not answers.here and deeds == self._deeds
        wanted = changes(self.steps[step].set) if editing else ()
        edits = tuple(change for change in wanted if not self._is_so(change))
        if edits:
            self.send(m.Edit(edits))
        self.offer = elsewhere
        self._look()

    def _is_so(self, change: m.Change) -> bool:
        """Whether a value is already what an edit would make it."""
        import numpy as np  # here: the first paint can do without arrays

        from tui.view import numbers

        tensors = self.frame.tensors if self.frame else ()
        array = next((each.value for each in tensors if each.name == change.name), None)
        values = numbers(array) if array is not None else None
        if values is None:
            return False
        wanted = np.asarray(change.value, dtype=values.dtype)
        return np.array_equal(values if change.index is None else values[change.index], wanted)

    def accept_offer(self) -> None:
        """Go to where the lesson stands."""
        from lessons.stages import begun

        assert self.opening is not None and self.opening.lesson is not None
        self.send(m.Stand(self.at_variation(begun(self.opening.lesson, self.cursor))))
        self.redraw()

    def refuse_offer(self) -> None:
        """Stay here."""
        self.offer = False
        self.redraw()

    # ---------------------------------------------------------------- the end of a step
    @property
    def conditions(self) -> tuple[str, ...]:
        """Whose truth each frame should tell: that of the step's condition, first."""
        return (condition,) if (condition := self._condition) else ()

    @property
    def _condition(self) -> str | None:
        """The step's `until`, where it is a condition and no node."""
        step = self.steps[self.cursor] if self.steps else None
        if step is None or step.until is None or self.part is None or self.part.graph is None:
            return None
        graph = self.part.graph
        known = {leaf.name for leaf in graph.leaves} | {node.name for node in graph.nodes}
        return None if step.until.strip() in known else step.until

    def with_conditions(self, watch: m.Watch) -> m.Watch:
        """The watch with the present conditions, and one before them whose truth tells old frames from new ones."""
        if self.conditions != self._told:
            self._told, self._sign = self.conditions, not self._sign
        conditions = ("0 < 1" if self._sign else "1 < 0", *self._told) if self._told else ()
        return msgspec.structs.replace(watch, conditions=conditions)

    def held(self, condition: str) -> bool:
        """Whether a condition holds in the present frame."""
        told = self.frame.held if self.frame else ()
        if len(told) != len(self._told) + 1 or told[0] is not self._sign:
            return False  # a frame from before these conditions were watched
        return dict(zip(self._told, told[1:], strict=True)).get(condition) is True

    def _take_frame(self, frame: m.Frame) -> None:
        self.kept_log = frame.log or self.kept_log
        self.kept_memory = frame.memory or self.kept_memory
        if frame.losses is not None:
            del self.kept_losses[4 * frame.losses.first :]
            self.kept_losses += frame.losses.data
        super()._take_frame(frame)

    def watch_frame(self) -> None:
        self._look()
        super().watch_frame()

    def _look(self) -> None:
        """See whether the work of this step is done."""
        frame, step = self.frame, self.steps[self.cursor] if self.steps else None
        if frame is None or step is None or step.do == "show" or frame.running:
            return
        if self._condition is not None:
            self._see(self.cursor, self.held(self._condition))
        elif self._looked != frame.seq:
            from lessons.stages import target

            self._looked = frame.seq
            assert self.opening is not None and self.opening.lesson is not None
            goal = self.at_variation(target(self.opening.lesson, self.cursor))
            self.ask(goal, (), lambda a, at=self.cursor: self._see(at, a.here), self.awaited)  # type: ignore[misc]

    @property
    def awaited(self) -> bool:
        """Whether something waits for the step's work to be done, even where the learner has gone on beyond it."""
        return False

    def _see(self, step: int, reached: bool) -> None:
        if step == self.cursor and reached != self.reached:
            self.reached = reached
            self.on_reached()
            self.redraw()

    def on_reached(self) -> None:
        """The step's work is done, or undone."""
