"""Marking predictions that are not numbers: the sign of a value, or where it goes."""

from __future__ import annotations

import math

from tui.exercises.progress import RIGHT, Verdict

SIGNS = ("positive", "zero", "negative")
DIRECTIONS = ("up", "same", "down")
SAME = 1e-6  # a relative difference that nobody sees


def sign(value: float) -> str | None:
    """One of SIGNS; None for what has none."""
    if math.isnan(value):
        return None
    return SIGNS[0] if value > 0 else SIGNS[2] if value < 0 else SIGNS[1]


def direction(before: float, after: float) -> str | None:
    """One of DIRECTIONS."""
    if math.isnan(before) or math.isnan(after):
        return None
    if before == after or abs(after - before) <= SAME * max(abs(before), abs(after)):
        return DIRECTIONS[1]
    return DIRECTIONS[0] if after > before else DIRECTIONS[2]


def mark(given: str, answer: str | None) -> Verdict:
    """Whether it came out so."""
    return RIGHT if given == answer else Verdict()
