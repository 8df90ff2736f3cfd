"""Puts what stands low and high at the right of a base."""

from __future__ import annotations

from collections.abc import Callable

from tui.formulas.alphabets import lowered, raised
from tui.formulas.box import Box, beside, column

_TALL = 3  # from this many rows on, scripts stand within the height of their base


def attach(base: Box, low: Box | None, high: Box | None, primes: str = "") -> Box:
    """The base with its scripts: small letters at its corners where Unicode has them, else boxes below and above it."""
    top, bottom = -base.baseline, base.below
    small_low, small_high = _small(low, lowered), _small(high, raised)
    rows = {0: "", bottom: small_low}  # by their distance from the baseline
    rows[top] = primes + rows.get(top, "") + small_high
    inside = int(base.height >= _TALL)
    if low is not None and not small_low:
        _write(rows, low, bottom + 1 - inside)
    if high is not None and not small_high:
        _write(rows, high, top - high.height + inside)
    first = min(rows)
    return beside([base, column([rows.get(row, "") for row in range(first, max(rows) + 1)], -first)])


def _small(script: Box | None, letters: Callable[[str], str | None]) -> str:
    """The script in small letters; empty where Unicode lacks one of them."""
    return "" if script is None or script.height > 1 else letters(script.rows[0]) or ""


def _write(rows: dict[int, str], box: Box, start: int) -> None:
    if box.width:
        for row, text in enumerate(box.rows, start):
            rows[row] = rows.get(row, "") + text
