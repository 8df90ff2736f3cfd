"""Runs a lesson without a screen, as a learner would go through it, and finds what does not work out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from engine import mutations
from engine.graph import Graph as Lowered
from engine.messages import Answer, Stage
from engine.spec import Graph, Net
from engine.words import Refused
from lessons import giveaway, rehearsed
from lessons.exercises import AskGoal
from lessons.findings import Finding, Place
from lessons.led import Led, Patience, TooLong
from lessons.loader import Loaded
from lessons.marking import may_change
from lessons.prose import Prose
from lessons.report import Report
from lessons.scene import Scene
from lessons.schema import Lesson, Step
from lessons.stages import TRIES, at_other_inputs, changes, drawn, stage, target, varied
from lessons.strict_yaml import Document, Path

SECONDS = 20.0  # that the rehearsal of one lesson may take
_STILL = ("show", "forward", "loss", "backward")  # steps that train nothing


def rehearse(loaded: Loaded, seconds: float = SECONDS, clock: Callable[[], float] = time.monotonic) -> list[Finding]:
    """What is wrong with a lesson that has been loaded, found by going through it. Imports torch."""
    assert loaded.lesson is not None and loaded.document is not None
    rehearsal = Rehearsal(loaded.lesson, loaded.document, loaded.prose, Patience(clock() + seconds, clock))
    rehearsal.run()
    return [*rehearsal.report.findings, *rehearsal.in_prose]


class Rehearsal:
    """One lesson: a session for each of its experiments, led from step to step."""

    def __init__(self, lesson: Lesson, document: Document, prose: dict[str, Prose], patience: Patience) -> None:
        self.lesson, self.prose, self.patience = lesson, prose, patience
        self.report, self.in_prose = Report(document), list[Finding]()
        self._led: dict[str, Led] = {}
        self._stopped: set[str] = set()  # experiments that cannot go on: what follows would only be noise

    def run(self) -> None:
        """Every step in its order, as far as time and the engine allow."""
        for number, step in enumerate(self.lesson.steps):
            used = self.lesson.used_at(number)
            if used in self._stopped:
                continue
            try:
                if (led := self._begun(used)) is not None:
                    self._go(number, step, led)
            except TooLong:
                self.report.value(("steps", number, "do"), "run.too_long")
                return
            except Refused as refused:
                self.report.add(self.report.document.value(_place(number, step, refused)), refused.sentence)
                self._stopped.add(used)

    # ---------------------------------------------------------------- experiments
    def _begun(self, used: str) -> Led | None:
        """The session of an experiment; None, with a finding, where it cannot begin."""
        if used not in self._led:
            given = self.lesson.named_experiments[used]
            path: Path = ("experiments", used) if used else ("experiment",)
            try:
                self._led[used] = Led(given, self.patience)
                self._check_mutation(given, path)
            except Refused as refused:
                self._stopped.add(used)
                on = "mutation" if refused.sentence.key.startswith("mutation.") else None
                self.report.add(self.report.document.value((*path, on) if on else path), refused.sentence)
                return None
        return self._led[used]

    def _check_mutation(self, given: Graph | Net, path: Path) -> None:
        """A wrong variant that comes to the same numbers cannot be found by anybody."""
        if not isinstance(given, Net) or given.mutation is None:
            return
        if not differ(Led(given, self.patience), Led(mutations.right(given), self.patience)):
            self.report.value((*path, "mutation"), "run.mutation_invisible", name=given.mutation)

    # ---------------------------------------------------------------- steps
    def _go(self, number: int, step: Step, led: Led) -> None:
        path: Path = ("steps", number)
        if step.set:
            led.lead(Stage("show", edits=changes(step.set)))
        else:
            led.lead()
        before = led.answers(_expectations(step))
        self._check_goals(path, step, led)
        walk = led.lead(msgspec.structs.replace(stage(step), edits=()))
        scene = Scene(
            self.report, path, step, before, lambda text: led.answers([text])[text],
            lambda texts: self._elsewhere(number, led.given, texts),
        )  # fmt: skip
        if walk.failure is not None and not scene.fails_knowingly:
            scene.say((*path, "do"), "lint.step_fails", "warning", kind=walk.failure.kind)
        for index, exercise in enumerate(step.ask):
            place = (*path, "ask", index)
            rehearsed.check(scene, place, exercise)
            giveaway.check(scene, place, exercise, _leaves(led.session.experiment.graph))
            for prose in self.prose.values():
                self.in_prose += giveaway.in_words(scene, exercise, prose)
            self._check_vary(number, exercise, led, scene)
        self._check_slots(number, step, scene)

    def _elsewhere(self, number: int, given: Graph | Net, texts: tuple[str, ...]) -> list[dict[str, Answer]]:
        """The same step from other inputs; a net is not tried elsewhere."""
        found: list[dict[str, Answer]] = []
        if not isinstance(given, Graph):
            return found
        for turn in range(TRIES):
            led = Led(given, self.patience)
            try:
                led.lead(*at_other_inputs(target(self.lesson, number), given, self.lesson.steps[number].id, turn))
            except Refused:
                continue  # there it cannot be told
            found.append(led.answers(texts))
        return found

    def _check_vary(self, number: int, exercise: Any, led: Led, scene: Scene) -> None:
        """With some of the inputs that `vary` draws the exercise can be answered too."""
        asked = [exercise.expect] if getattr(exercise, "expect", None) else []
        if not exercise.vary or not asked or scene.answer(exercise.expect).refused is not None:
            return
        shapes = {leaf.name: leaf.shape or () for leaf in led.session.experiment.graph.leaves}
        for turn in range(1, TRIES + 1):
            inputs = drawn(exercise.vary, shapes, exercise.id, turn)
            other = Led(led.given, self.patience)
            try:
                other.lead(*varied(target(self.lesson, number), inputs))
            except Refused:
                continue
            if all(answer.refused is None for answer in other.answers(asked).values()):
                return
        scene.say((*scene.path, "ask", scene.step.ask.index(exercise), "vary"), "run.vary_refused", count=TRIES)

    def _check_slots(self, number: int, step: Step, scene: Scene) -> None:
        """Every value in the text of the step and its exercises can be told where the step leads."""
        names: set[str | None] = {step.id, *(each.id for each in step.ask)} | ({None} if number == 0 else set())
        for prose in self.prose.values():
            for slot in prose.slots:
                if slot.passage in names and (refused := scene.answer(slot.expression.strip()).refused) is not None:
                    place = Place(slot.line, slot.column, slot.column + len(slot.expression.split("\n")[0]))
                    self.in_prose.append(prose.source.told(place, refused))

    # ---------------------------------------------------------------- goals
    def _check_goals(self, path: Path, step: Step, led: Led) -> None:
        for index, exercise in enumerate(step.ask):
            if isinstance(exercise, AskGoal):
                self._check_goal((*path, "ask", index), step, exercise, led)

    def _check_goal(self, path: Path, step: Step, goal: AskGoal, led: Led) -> None:
        if led.holds(goal.reach) or (step.do in _STILL and led.reached_by((), goal.reach, 0)):
            self.report.value((*path, "reach"), "run.goal_met")
            return
        for name, change in zip(goal.witness, changes(goal.witness), strict=True):
            if not may_change(goal, change):
                self.report.key((*path, "witness", name), "run.witness_not_allowed", name=name)
        if goal.witness and not led.reached_by(changes(goal.witness), goal.reach, goal.within or 0):
            self.report.key((*path, "witness"), "run.goal_not_reached")


def differ(one: Led, other: Led, iterations: int = 3) -> bool:
    """Whether two experiments come to different weights, gradients or failures in a few iterations."""
    walks = [each.lead(Stage("iteration", times=iterations)) for each in (one, other)]
    return walks[0].failure != walks[1].failure or not one.same_as(other)


def _expectations(step: Step) -> Iterator[str]:
    for exercise in step.ask:
        text: Any = getattr(exercise, "expect", None)
        if text is not None:
            yield text


def _leaves(graph: Lowered) -> tuple[str, ...]:
    return tuple(leaf.name for leaf in graph.leaves)


def _place(number: int, step: Step, refused: Refused) -> Path:
    """Where a step that the engine refuses says what cannot be done."""
    if refused.sentence.key == "stage.limit":
        return ("steps", number, "until")
    if refused.sentence.key.startswith(("edit.", "settings.", "data.")) and step.set:
        return ("steps", number, "set")
    return ("steps", number, "do")
