"""The part of the lesson's screen that has questions: what the engine must answer for them, and what they hide."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from engine import messages as m
from tui.exercises.progress import Progress
from tui.screens.following import FollowingScreen

if TYPE_CHECKING:
    from tui.exercises.kind import Kind
    from tui.exercises.known import Known
    from tui.exercises.program import Program
    from tui.link import Ended
    from tui.masks import Masks


class QuestioningScreen(FollowingScreen):
    """`progress` is that of every exercise of the lesson, by id; it outlives the screen."""

    def __init__(self, language: str) -> None:
        super().__init__(language)
        self._known: dict[int, Known] = {}  # by step
        self._varied: Known | None = None  # of this step with the inputs of its variation
        self._retries: dict[str, Progress] = {}  # of exercises that are done once more, with other inputs
        self._programs: dict[int, Program] = {}  # by the part of the lesson
        self._first_iterations: int | None = None  # that were done when the step was come to; None until it is known

    # ---------------------------------------------------------------- what is asked
    @property
    def progress(self) -> dict[str, Progress]:
        """How far the learner is with each exercise."""
        name = self.opening.lesson.id if self.opening and self.opening.lesson else ""
        return self.tutor.progress.setdefault(name, {})

    def progress_of(self, exercise: Any) -> Progress:
        """How far the learner is with this one."""
        return self._retries.get(exercise.id) or self.progress.get(exercise.id, Progress())

    @property
    def exercises(self) -> Sequence[Any]:
        """Those of the step."""
        return self.steps[self.cursor].ask if self.steps else ()

    @property
    def asked(self) -> Any | None:
        """The exercise that is asked now: the first that is not done and can be answered."""
        return next((each for each in self.exercises if self._is_open(each)), None)

    @property
    def known(self) -> Known:
        """What the engine has answered about the step."""
        return self._known_of(self.cursor)

    def known_for(self, exercise: Any) -> Known:
        """The same; for one that was done before the inputs were changed, what was known then."""
        if self._varied is None or exercise.id in self._retries or self._is_open(exercise):
            return self.known
        return self._known.get(self.cursor) or self.known

    def _known_of(self, step: int) -> Known:
        from tui.exercises.known import Known  # here, as elsewhere: the first paint can do without

        found = self._varied if self.variation and step == self.cursor else self._known.get(step)
        return found or Known(program=self._program_of(step))

    def _program_of(self, step: int) -> Program:
        """The script of the step's experiment, with the seed that it runs with."""
        from engine.code import seeded
        from tui.exercises.program import Program, program_of

        part = self.opening.part(step) if self.opening and self.opening.lesson else None
        if part is None or part.graph is None:
            return Program()
        if (found := self._programs.get(id(part))) is None:
            given = seeded(part.experiment, self.tutor.choices.seed)
            found = self._programs[id(part)] = program_of(given, part.graph)
        return found

    def _is_open(self, exercise: Any) -> bool:
        return not self.progress_of(exercise).done

    def _shown(self) -> list[Any]:
        """The exercises that are there to be read: up to the one that is asked now."""
        found = []
        for exercise in self.exercises:
            found.append(exercise)
            if self._is_open(exercise):
                break
        return found

    # ---------------------------------------------------------------- what the engine is asked
    def hear(self, report: m.AnyReport | Ended) -> None:
        super().hear(report)
        if isinstance(report, m.Opened) and report.generation == self.generation:
            self.ask_all()

    def enter(self, offering: bool = True, editing: bool = True) -> None:
        self._first_iterations = self.frame.moment.iterations_done if self.frame else None
        self._varied, self._retries = None, {}
        super().enter(offering, editing)
        if self.opened is not None:
            self.ask_all()

    def ask_all(self) -> None:
        """Have the engine answer all that this step's text and exercises ask, unless it has."""
        from lessons.stages import begun, target

        done = self._varied is not None if self.variation else self.cursor in self._known
        if self.opening is None or self.opening.lesson is None or self.part is None or done:
            return
        lesson, number = self.opening.lesson, self.cursor
        expressions = (*self._of_exercises("asks"), *self.opening.expressions(number))
        if not expressions:
            return
        goal = self.at_variation(target(lesson, number))
        self._put(number, goal, expressions, lambda known, found: replace(known, answers=found))
        if any(kind_of(each).when == "after the step" for each in self.exercises):
            asked = self._of_exercises("asks")
            start = self.at_variation(begun(lesson, number))
            self._put(number, start, asked, lambda known, found: replace(known, before=found))
        conditions = self._of_exercises("elsewhere")
        for stages in self._other_ways(goal) if conditions else ():
            self._put(number, stages, conditions, _elsewhere)

    def _other_ways(self, goal: tuple[m.Stage, ...]) -> list[tuple[m.Stage, ...]]:
        """What leads to the same place from other inputs."""
        from lessons.stages import TRIES, at_other_inputs

        experiment, name = self.part.experiment if self.part else None, self.steps[self.cursor].id
        if experiment is None or experiment.kind != "graph":
            return []
        return [at_other_inputs(goal, experiment, name, turn) for turn in range(TRIES)]

    def ask_also(self, expressions: tuple[str, ...], then: Callable[[], None]) -> None:
        """Have the engine answer what a learner wrote, here and at other inputs, and call `then`."""
        from lessons.stages import target

        assert self.opening is not None and self.opening.lesson is not None
        step, goal = self.cursor, self.at_variation(target(self.opening.lesson, self.cursor))
        self._put(step, goal, expressions, lambda known, found: replace(known, answers={**known.answers, **found}))
        for turn, stages in enumerate(self._other_ways(goal)):
            self._put(step, stages, expressions, partial(_also, turn))
        self.ask(goal, (), lambda answers: then() if step == self.cursor else None)  # questions keep their order

    def _of_exercises(self, what: str) -> tuple[str, ...]:
        found = (text for each in self.exercises for text in getattr(kind_of(each), what)(each))
        return tuple(dict.fromkeys(found))

    def _put(
        self, step: int, stages: tuple[m.Stage, ...], expressions: tuple[str, ...],
        keep: Callable[[Known, dict[str, m.Answer]], Known],
    ) -> None:  # fmt: skip
        self.ask(stages, expressions, partial(self._answered, step, self.variation, expressions, keep))

    def _answered(
        self, step: int, variation: tuple[m.Change, ...], expressions: tuple[str, ...],
        keep: Callable[[Known, dict[str, m.Answer]], Known], answers: m.Answers,
    ) -> None:  # fmt: skip
        from tui.exercises.known import Known

        found = dict(zip(expressions, answers.answers, strict=True))
        if not variation:
            before = self._known.get(step) or Known(program=self._program_of(step))
            self._known[step] = keep(before, found)
        elif step == self.cursor and variation == self.variation:
            self._varied = keep(self._known_of(step), found)
        if step == self.cursor:
            self.retell()

    # ---------------------------------------------------------------- what is hidden
    @property
    def masks(self) -> Masks:
        """What the open exercises of this step hide."""
        from tui.masking import masks
        from tui.masks import NOTHING

        graph = self.part.graph if self.part else None
        hiding = [(kind_of(each), each) for each in self._hiding()]
        hidden = [text for kind, each in hiding for text in kind.hides(each)]
        lines = frozenset(name for kind, each in hiding for name in kind.hides_lines(each))
        formulas = any(kind.hides_formulas for kind, _ in hiding)
        if graph is None or not (hidden or lines or formulas):
            return NOTHING
        moved = self.part is not None and self.part.trains and self.iterations_here > 0
        return replace(masks(hidden, graph, moved), lines=lines, formulas=formulas)

    @property
    def iterations_here(self) -> int:
        """Iterations that were done since the learner came to this step."""
        if self.frame is None or self._first_iterations is None:
            return 0
        return self.frame.moment.iterations_done - self._first_iterations

    def watch_frame(self) -> None:
        if self.frame is not None and self._first_iterations is None:
            self._first_iterations = self.frame.moment.iterations_done
        super().watch_frame()

    def _hiding(self) -> Iterator[Any]:
        for each in self.exercises:
            kind = kind_of(each)
            if self._is_open(each) and self.known.refusal(kind.asks(each), kind.failures) is None:
                yield each


def kind_of(exercise: Any) -> Kind:
    """The kind of an exercise. (Imported when a lesson is open: the first paint can do without fields.)"""
    from tui.exercises.kinds import kind_of

    return kind_of(exercise)


def _elsewhere(known: Known, found: dict[str, m.Answer]) -> Known:
    return replace(known, elsewhere=(*known.elsewhere, found))


def _also(turn: int, known: Known, found: dict[str, m.Answer]) -> Known:
    """More that was found at the other inputs number `turn`."""
    elsewhere = tuple({**each, **found} if n == turn else each for n, each in enumerate(known.elsewhere))
    return replace(known, elsewhere=elsewhere)
