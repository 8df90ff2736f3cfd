"""Marking that screen and check share: how near is near enough, and which edits a goal allows."""

from __future__ import annotations

import math
import re

import numpy as np

from engine.messages import Change
from lessons import number
from lessons.exercises import AskGoal, Tolerance

RELATIVE = 0.01  # of the answer, that an answer may be off
_SLACK = 1 + 1e-9  # 0.455 is not quite 0.45 + 0.005 in binary
_ELEMENT = re.compile(r"(?P<name>.+)\[(?P<index>[\d\s,]+)\]")


def allowed(answer: float, dtype: str, tolerance: Tolerance | None) -> float:
    """How far from `answer` is near enough: 1 %, or half a unit of the last digit that panes show it with."""
    if tolerance is not None:
        return max(tolerance.abs, tolerance.rel * abs(answer))
    return max(RELATIVE * abs(answer), _last_digit(answer, dtype) / 2)


def _last_digit(answer: float, dtype: str) -> float:
    """What one more in the last digit of the answer is worth, as panes write it."""
    mantissa, _, exponent = number.element(answer, dtype).strip().partition("e")
    decimals = len(mantissa.partition(".")[2])
    return float(10.0 ** (int(exponent or 0) - decimals))


def near(given: float, answer: float, dtype: str, tolerance: Tolerance | None) -> bool:
    """Whether `given` passes for `answer`. What is not finite must be the same."""
    if not (math.isfinite(given) and math.isfinite(answer)):
        return given == answer or (math.isnan(given) and math.isnan(answer))
    if abs(given - answer) <= allowed(answer, dtype, tolerance) * _SLACK:
        return True
    return number.kind(dtype) == "float" and _rounded(given, dtype) == answer


def _rounded(value: float, dtype: str) -> float:
    """The number as a tensor of that dtype holds it: 0.1 is not 0.1 in a float32."""
    with np.errstate(over="ignore"):
        return float(np.dtype(dtype).type(value))


def may_change(exercise: AskGoal, change: Change) -> bool:
    """Whether this edit is one of those that the goal allows: of a whole tensor, or of the elements it names."""
    for allowed in exercise.edit:
        element = _ELEMENT.fullmatch(allowed.strip())
        if element is None and allowed.strip() == change.name:
            return True
        if element and element["name"].strip() == change.name and change.index == _index(element["index"]):
            return True
    return False


def _index(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))
