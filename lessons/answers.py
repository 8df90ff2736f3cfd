"""What the engine's answers to a lesson's expressions are: a number, a shape, a truth, or the failure they end in."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from engine.messages import Answer, Array

WORKS = "works"
ERRORS = ("shape", "dtype", "view", "index", "gradient")  # of torch, that a lesson may ask about
OUTCOMES = (WORKS, *ERRORS)


def numbers(array: Array) -> npt.NDArray[np.generic] | None:
    """The array that a record carries, read-only; None where it was too large to send."""
    return None if array.data is None else np.frombuffer(array.data, dtype=array.dtype).reshape(array.shape)


def alone(answer: Answer | None) -> tuple[float, str] | None:
    """The number of an answer that is one number, and its dtype."""
    if answer is None or answer.array is None or math.prod(answer.array.shape) != 1:
        return None
    values = numbers(answer.array)
    return None if values is None else (float(values.reshape(-1)[0].item()), answer.array.dtype)


def shape_of(answer: Answer | None) -> tuple[int, ...] | None:
    """The shape of an answer that is one, or that is a tensor."""
    if answer is None or answer.array is None:
        return None if answer is None or answer.shape is None else tuple(answer.shape)
    return tuple(answer.array.shape)


def outcome_of(answer: Answer | None) -> str | None:
    """"works" for what has a shape, or the kind of failure; None where neither is known."""
    if answer is None or answer.outcome is not None:
        return answer.outcome if answer is not None else None
    return None if shape_of(answer) is None else WORKS


def is_true(answer: Answer | None) -> bool:
    """Whether a condition holds, in every element."""
    values = numbers(answer.array) if answer is not None and answer.array is not None else None
    return values is not None and bool(np.asarray(values).astype(bool).all())
