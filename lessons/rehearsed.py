"""What is tried of each kind of exercise in its step's target state: answers, traps, tolerances, conditions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.messages import Answer
from lessons import grids, marking
from lessons.answers import OUTCOMES, numbers, outcome_of, shape_of
from lessons.exercises import (
    AskChoice,
    AskComplete,
    AskExpression,
    AskNumber,
    AskOutcome,
    AskPredict,
    AskShape,
    AskTensor,
    Tolerance,
)
from lessons.scene import Scene, spoken
from lessons.strict_yaml import Path


def check(scene: Scene, path: Path, exercise: Any) -> None:
    """Reports what is wrong with the exercise at `path`, now that its step has been gone."""
    CHECKS.get(exercise.kind, _nothing)(scene, path, exercise)


def _nothing(scene: Scene, path: Path, exercise: Any) -> None:
    """Its answer is written in the lesson, and reading has checked it."""


# ---------------------------------------------------------------- numbers
def _number(scene: Scene, path: Path, exercise: AskNumber) -> None:
    found = scene.number((*path, "expect"), exercise.expect)
    _check_traps(scene, path, exercise, found)
    if found is not None:
        _check_tolerance(scene, path, found[0], exercise.tol)


def _predict(scene: Scene, path: Path, exercise: AskPredict) -> None:
    found = scene.number((*path, "expect"), exercise.expect)
    if exercise.give == "number":
        _check_traps(scene, path, exercise, found)
        if found is not None:
            _check_tolerance(scene, path, found[0], exercise.tol)


def _check_traps(scene: Scene, path: Path, exercise: AskNumber | AskPredict, right: tuple[float, str] | None) -> None:
    """A trap is a number too, and not one that passes for the right one (None: not known), or for another trap."""
    known: dict[str, float] = {}
    for name, text in exercise.traps.items():
        place = (*path, "traps", name)
        trap = scene.number(place, text)
        if trap is None or right is None:
            continue
        if marking.near(trap[0], *right, exercise.tol):
            scene.say(place, "run.trap_passes", name=name, value=spoken(trap[0]), answer=spoken(right[0]))
        for other, value in known.items():
            if marking.near(trap[0], value, right[1], exercise.tol):
                scene.say(place, "lint.traps_alike", "warning", name=name, other=other)
                break
        known[name] = trap[0]


def _check_tolerance(scene: Scene, path: Path, answer: float, tolerance: Tolerance | None) -> None:
    """What lets 0, or the other sign, pass for an answer that is neither."""
    if tolerance is not None and answer and marking.allowed(answer, "float64", tolerance) >= abs(answer):
        scene.say((*path, "tol"), "lint.tolerance_hides_sign", "warning", answer=spoken(answer))


# ---------------------------------------------------------------- tensors
def _tensor(scene: Scene, path: Path, exercise: AskTensor) -> None:
    answer = scene.told((*path, "expect"), exercise.expect)
    if answer is None:
        return
    if answer.array is None or answer.array.data is None:
        scene.say((*path, "expect"), "run.not_a_tensor")
        return
    shape = tuple(answer.array.shape)
    if not grids.fits(shape):
        scene.say((*path, "expect"), "run.too_many_cells", shape=str(shape), side=grids.SIDE)
    for index, cell in enumerate(exercise.blank or ()):
        if len(cell) != len(shape) or not all(-size <= at < size for at, size in zip(cell, shape, strict=True)):
            scene.say((*path, "blank", index), "run.no_cell", cell=str(cell), shape=str(shape))
            return
    for name, text in exercise.traps.items():
        trap = scene.told((*path, "traps", name), text)
        if trap is not None and _passes(trap, answer, exercise):
            scene.say((*path, "traps", name), "run.trap_passes_everywhere", name=name)


def _passes(trap: Answer, answer: Answer, exercise: AskTensor | AskExpression) -> bool:
    """Whether the trap would be taken for the answer in every cell that is asked."""
    given, right = _cells(trap), _cells(answer)
    if given is None or right is None or given.shape != right.shape or answer.array is None:
        return False
    asked = getattr(exercise, "blank", None) or list(np.ndindex(right.shape))
    dtype = answer.array.dtype
    return all(marking.near(float(given[tuple(at)]), float(right[tuple(at)]), dtype, exercise.tol) for at in asked)


def _cells(answer: Answer) -> Any:
    return None if answer.array is None else numbers(answer.array)


def _complete(scene: Scene, path: Path, exercise: AskComplete) -> None:
    answer = scene.told((*path, "column"), exercise.column)
    shape = shape_of(answer)
    if answer is not None and (answer.array is None or shape is None or len(shape) != 1):
        scene.say((*path, "column"), "run.not_a_column", shape=str(shape or ()))
    elif shape is not None:
        if not grids.fits_column(shape):
            scene.say((*path, "column"), "run.too_many_rows", rows=shape[0], limit=grids.LONGEST)
        for index, row in enumerate(exercise.blank or ()):
            if not 0 <= row < shape[0]:
                scene.say((*path, "blank", index), "run.no_cell", cell=str(row), shape=str(shape))
    if exercise.then is not None:
        scene.number((*path, "then"), exercise.then)


def _shape(scene: Scene, path: Path, exercise: AskShape) -> None:
    answer = shape_of(scene.told((*path, "expect"), exercise.expect))
    if answer is None:
        return
    for name, text in exercise.traps.items():
        if shape_of(scene.told((*path, "traps", name), text)) == answer:
            scene.say((*path, "traps", name), "run.trap_passes_everywhere", name=name)


# ---------------------------------------------------------------- what holds at every input
def _expression(scene: Scene, path: Path, exercise: AskExpression) -> None:
    answer = scene.told((*path, "expect"), exercise.expect)
    if answer is None:
        return
    for name, text in exercise.traps.items():
        trap = scene.told((*path, "traps", name), text)
        if trap is None or not _passes(trap, answer, exercise):
            continue
        tries = scene.elsewhere((exercise.expect, text))
        if all(_passes(each[text], each[exercise.expect], exercise) for each in tries):
            scene.say((*path, "traps", name), "run.trap_passes_everywhere", name=name)


def _choice(scene: Scene, path: Path, exercise: AskChoice) -> None:
    if exercise.answer_when is None:
        return
    conditions = exercise.answer_when
    told = [scene.told((*path, "answer_when", name), text) for name, text in conditions.items()]
    if None not in told and not scene.holds_everywhere(tuple(conditions.values())):
        scene.say((*path, "answer_when"), "run.no_answer", on_key=True)


def _outcome(scene: Scene, path: Path, exercise: AskOutcome) -> None:
    answer = scene.answer(exercise.expect)
    if outcome_of(answer) is None and answer.refused is not None:
        scene.told((*path, "expect"), exercise.expect)
    elif outcome_of(answer) not in OUTCOMES:
        scene.say((*path, "expect"), "run.no_outcome")


CHECKS: dict[str, Callable[[Scene, Path, Any], None]] = {
    "number": _number,
    "predict": _predict,
    "tensor": _tensor,
    "complete": _complete,
    "shape": _shape,
    "expression": _expression,
    "choice": _choice,
    "outcome": _outcome,
}
