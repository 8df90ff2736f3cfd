"""Marking numbers: how they may be written, and which known mistake a wrong one is."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from lessons.exercises import Tolerance
from lessons.marking import near
from tui.exercises.progress import RIGHT, Verdict, unreadable

LONGEST = 40  # characters
_DECIMAL = re.compile(r"[+-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)(e[+-]?[0-9]{1,4})?")
_NAMED = {"nan": math.nan, "inf": math.inf, "infinity": math.inf, "infinito": math.inf, "∞": math.inf}


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
