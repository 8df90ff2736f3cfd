"""The register of exercise kinds, by the names that lesson.yaml uses. A new kind is one file and one row."""

from __future__ import annotations

from tui.exercises import choice, goal, later, number, predict, shape
from tui.exercises.kind import Kind

KINDS: dict[str, Kind] = {
    "number": number.KIND,
    "shape": shape.KIND,
    "choice": choice.KIND,
    "predict": predict.KIND,
    "goal": goal.KIND,
}


def kind_of(exercise: object) -> Kind:
    """The row of an exercise; of a kind that cannot be answered yet, one that says so."""
    return KINDS.get(getattr(exercise, "kind", ""), later.KIND)
