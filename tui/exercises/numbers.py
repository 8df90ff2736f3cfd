"""Marking numbers: how they may be written, and how near is near enough."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

import numpy as np

from lessons.exercises import Tolerance
from tui import number
from tui.exercises.progress import RIGHT, Verdict, unreadable

LONGEST = 40  # characters
RELATIVE = 0.01  # of the answer, that an answer may be off
_DECIMAL = re.compile(r"[+-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)(e[+-]?[0-9]{1,4})?")
_NAMED = {"nan": math.nan, "inf": math.inf, "infinity": math.inf, "infinito": math.inf, "∞": math.inf}
_SLACK = 1 + 1e-9  # 0.455 is not quite 0.45 + 0.005 in binary


def read(text: str) -> float | None:
    """The number that was written: 0.45, 0,45, 9/20, -2, 1e-3, inf, nan; None where it cannot be read."""
    if len(text) > LONGEST:
        return None
    above, slash, below = text.strip().replace("−", "-").lower().partition("/")
    top, bottom = _decimal(above), _decimal(below) if slash else 1.0
    if top is None or bottom is None or (slash and not (bottom and math.isfinite(top) and math.isfinite(bottom))):
        return None
    return top / bottom


def _decimal(text: str) -> float | None:
    text = text.strip()
    if _DECIMAL.fullmatch(text):
        value = float(text.replace(",", "."))
        return value if math.isfinite(value) else None  # 1e999 is a slip, not infinity
    sign, name = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
    return sign * _NAMED[name] if name in _NAMED else None


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


def mark(
    text: str, answer: float, dtype: str, tolerance: Tolerance | None = None, traps: Mapping[str, float] | None = None
) -> Verdict:
    """Right, or the trap that was stepped into: what is right is never a trap."""
    given = read(text)
    if given is None:
        return unreadable("ask.not_a_number")
    if near(given, answer, dtype, tolerance):
        return RIGHT
    sprung = (name for name, value in (traps or {}).items() if near(given, value, dtype, tolerance))
    return Verdict(trap=next(sprung, None))
