"""What the steps of a lesson do to an experiment, as the stages that the engine goes through."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping

from engine.messages import Change, Stage
from engine.spec import Graph, Values
from lessons.schema import Lesson, Step

_ELEMENT = re.compile(r"(?P<name>.+)\[(?P<index>-?\d+(\s*,\s*-?\d+)*)\]")
LIMIT = 5000  # units of a step with a condition that gives no limit


def changes(edits: Mapping[str, Values]) -> tuple[Change, ...]:
    """The edits of `set`, `edit` or `witness`: `linear1.weight[0, 1]: 0.5` is one element."""
    return tuple(_change(name, value) for name, value in edits.items())


def _change(name: str, value: Values) -> Change:
    number = value if isinstance(value, list) else float(value)
    element = _ELEMENT.fullmatch(name.strip())
    if element is None:
        return Change(name.strip(), number)
    return Change(element["name"].strip(), number, tuple(int(part) for part in element["index"].split(",")))


def stage(step: Step) -> Stage:
    """One step of the lesson."""
    return Stage(step.do, step.times or 1, step.until, step.limit or LIMIT, changes(step.set))


def entered(lesson: Lesson, number: int) -> tuple[Stage, ...]:
    """What leads to where step `number` begins, before its own edits: all steps before it on the same experiment."""
    used = lesson.used_at(number)
    return tuple(stage(lesson.steps[each]) for each in range(number) if lesson.used_at(each) == used)


def target(lesson: Lesson, number: int) -> tuple[Stage, ...]:
    """What leads to where step `number` ends."""
    return (*entered(lesson, number), stage(lesson.steps[number]))


def begun(lesson: Lesson, number: int) -> tuple[Stage, ...]:
    """What leads to where step `number` begins, with its own edits."""
    edits = changes(lesson.steps[number].set)
    return (*entered(lesson, number), *((Stage("show", edits=edits),) if edits else ()))


def at_other_inputs(stages: tuple[Stage, ...], experiment: Graph, name: str, turn: int) -> tuple[Stage, ...]:
    """The same stages from other inputs, drawn for the exercise `name`: numbers that are not 0, and not all alike."""
    draw = random.Random(f"{name} {turn}")
    drawn = {
        each: _drawn(experiment.input(each).value, draw) for each in experiment.inputs if _floats(experiment, each)
    }
    kept = tuple(Stage(each.do, each.times, each.until, each.limit) for each in stages)
    return (Stage("show", edits=changes(drawn)), *kept)


def _floats(experiment: Graph, name: str) -> bool:
    return experiment.input(name).dtype.startswith("float")


def _drawn(value: Values, draw: random.Random) -> Values:
    if isinstance(value, list):
        return [_drawn(each, draw) for each in value]
    return draw.choice((-1, 1)) * draw.randint(5, 60) / 8  # exact in every float
