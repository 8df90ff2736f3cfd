"""What the steps of a lesson do to an experiment, as the stages that the engine goes through."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence

import msgspec

from engine.messages import Change, Stage
from engine.spec import Graph, Number, Values
from lessons.schema import Lesson, Step

Edits = tuple[Change, ...]
_ELEMENT = re.compile(r"(?P<name>.+)\[(?P<index>-?\d+(\s*,\s*-?\d+)*)\]")
LIMIT = 5000  # units of a step with a condition that gives no limit
TRIES = 3  # other inputs at which conditions of a choice are tried


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


def drawn(vary: Mapping[str, Sequence[Number]], shapes: Mapping[str, tuple[int, ...]], name: str, turn: int) -> Edits:
    """New inputs for the exercise `name`: whole numbers between whole ends, else with two decimals."""
    draw = random.Random(f"{name} again {turn}")
    return changes({each: _filled(shapes.get(each, ()), ends, draw) for each, ends in vary.items()})


def _filled(shape: tuple[int, ...], ends: Sequence[Number], draw: random.Random) -> Values:
    if shape:
        return [_filled(shape[1:], ends, draw) for _ in range(shape[0])]
    low, high = ends
    if float(low).is_integer() and float(high).is_integer():
        return draw.randint(int(low), int(high))
    return round(draw.uniform(low, high), 2)


def varied(stages: tuple[Stage, ...], inputs: Edits) -> tuple[Stage, ...]:
    """The same stages with these inputs from the beginning; edits of the same names are left out."""
    if not inputs:
        return stages
    names = {change.name for change in inputs}
    kept = (
        msgspec.structs.replace(each, edits=tuple(edit for edit in each.edits if edit.name not in names))
        for each in stages
    )
    return (Stage("show", edits=inputs), *kept)


def _floats(experiment: Graph, name: str) -> bool:
    return experiment.input(name).dtype.startswith("float")


def _drawn(value: Values, draw: random.Random) -> Values:
    if isinstance(value, list):
        return [_drawn(each, draw) for each in value]
    return draw.choice((-1, 1)) * draw.randint(5, 60) / 8  # exact in every float
