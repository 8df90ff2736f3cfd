"""Whether inputs that were drawn make a question worth asking."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.messages import Answer
from lessons.answers import numbers, shape_of
from lessons.marking import near
from tui.exercises.kinds import kind_of
from tui.exercises.known import Known


def good(exercise: Any, known: Known) -> bool:
    """Whether it can be answered, and no known mistake comes to the answer."""
    kind = kind_of(exercise)
    if known.refusal(kind.asks(exercise), kind.failures) is not None:
        return False
    conditions = getattr(exercise, "answer_when", None)
    if conditions and not any(map(known.holds, conditions.values())):
        return False
    answer = known.answers.get(getattr(exercise, "expect", ""))
    traps = (known.answers.get(text) for text in getattr(exercise, "traps", {}).values())
    return answer is None or not any(_same(trap, answer, exercise) for trap in traps if trap is not None)


def _same(trap: Answer, answer: Answer, exercise: Any) -> bool:
    """Whether the trap would be taken for the answer."""
    given, right = (None if each.array is None else numbers(each.array) for each in (trap, answer))
    if given is None or right is None or answer.array is None:
        return shape_of(trap) == shape_of(answer)
    if given.shape != right.shape:
        return False
    dtype, tolerance = answer.array.dtype, getattr(exercise, "tol", None)
    pairs = zip(np.ravel(given).tolist(), np.ravel(right).tolist(), strict=True)
    return all(near(float(one), float(other), dtype, tolerance) for one, other in pairs)
