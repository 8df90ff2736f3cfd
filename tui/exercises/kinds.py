"""The register of exercise kinds, by the names that lesson.yaml uses. A new kind is one file and one row."""

from __future__ import annotations

from typing import Any

from tui.exercises import (
    choice,
    complete,
    expression,
    fill,
    goal,
    match,
    number,
    order,
    outcome,
    predict,
    shape,
    spot,
    tensor,
    think,
)
from tui.exercises.kind import Kind

KINDS: dict[str, Kind] = {
    "number": number.KIND,
    "shape": shape.KIND,
    "choice": choice.KIND,
    "predict": predict.KIND,
    "goal": goal.KIND,
    "outcome": outcome.KIND,
    "tensor": tensor.KIND,
    "complete": complete.KIND,
    "expression": expression.KIND,
    "order": order.KIND,
    "match": match.KIND,
    "think": think.KIND,
    "fill": fill.KIND,
    "spot": spot.KIND,
}


def kind_of(exercise: Any) -> Kind:
    """The row of an exercise."""
    return KINDS[exercise.kind]
