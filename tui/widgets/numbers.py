"""Numbers as the status lines write them: of fixed width, so that nothing jumps about."""

from __future__ import annotations

import math


def loss(value: float) -> str:
    """Seven places: `0.6931`, `-10.000`, `1.2e+06`."""
    if not math.isfinite(value):
        return str(value)
    if value and not 1e-4 <= abs(value) < 1e5:
        return f"{value:.1e}"
    digits = 4 if abs(value) < 100 else 2
    return f"{value:.{digits}f}"


def percent(share: float) -> str:
    """A share of 1 as `97.5 %`, in seven places."""
    return f"{100 * share:5.1f} %"


def rate(per_second: float) -> str:
    """`200`, `1.3k`, `25.3k`."""
    if per_second >= 1000:
        return f"{per_second / 1000:.1f}k"
    return f"{per_second:.0f}" if per_second >= 10 else f"{per_second:.1f}"
