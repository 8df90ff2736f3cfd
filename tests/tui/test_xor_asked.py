"""What the lesson about XOR promises of its first goal and of its prediction, held against the engine."""

from __future__ import annotations

from engine import messages as m
from engine.begin import begin
from engine.expression import parse
from engine.queries import Questions
from engine.session import Session
from engine.stages import Walk
from lessons import catalog
from lessons.stages import begun, changes, target
from tui.opening import Opening, open_lesson


def xor() -> Opening:
    """The lesson."""
    return open_lesson(catalog.BUILT_IN / "xor")


def led(opening: Opening, step: int, stages: tuple[m.Stage, ...]) -> Session:
    """A session of the step's experiment, led through stages."""
    session = begin(opening.part(step).experiment, None, "cpu")
    Walk(session, stages).finish()
    return session


def test_the_last_hint_of_the_four_corners_is_enough() -> None:
    """What hint three says, and any `linear2.bias` in the range it describes."""
    opening = xor()
    for bias, right in ((-0.8, False), (-0.95, True), (-1.0, True), (-1.2, True), (-1.3, False)):
        here = led(opening, 0, ())
        edits = {"linear1.bias[1]": -1.5, "linear2.weight[0, 1]": -1, "linear2.bias[0]": bias}
        here.apply(m.Edit(changes(edits)))
        assert (Questions(here).metric("train_accuracy") == 1.0) == right, bias


def test_what_is_predicted_of_a_step_of_the_optimizer_changes_by_it() -> None:
    opening = xor()
    assert opening.lesson is not None
    number = [step.id for step in opening.lesson.steps].index("see-step")
    (exercise,) = opening.lesson.steps[number].ask
    stages = (begun(opening.lesson, number), target(opening.lesson, number))
    expect = parse(exercise.expect, queries=True)
    before, after = (Questions(led(opening, number, each)).answer(expect) for each in stages)
    assert before != after
