"""Numbers as panes write them, and as they are read back when somebody types one."""

from __future__ import annotations

import math

from lessons.number import MAX_DECIMALS, WIDTH, element, fixed, kind, short, truth, whole

__all__ = ["MAX_DECIMALS", "WIDTH", "element", "fixed", "kind", "read", "short", "truth", "whole"]


def read(text: str) -> float | None:
    """The finite number that was typed, with a decimal point or comma; None for anything else."""
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in text else None
