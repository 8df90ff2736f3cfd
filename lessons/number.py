"""Numbers as text of a fixed width, so that nothing moves when a value changes; it says how near an answer must be."""

from __future__ import annotations

import math
from collections.abc import Callable

WIDTH = 7  # a sign, and six characters: " 0.5153", "-12.345", " 1.2e-5"
MAX_DECIMALS = 4


def fixed(value: float, width: int = WIDTH) -> str:
    """`value` in `width` (7 or more) characters, right-aligned, with a decimal point.

    Too big or too small a number is written with an exponent. The sign has a column of its own,
    which stays empty for what is not negative.
    """
    sign = "-" if math.copysign(1, value) < 0 and not math.isnan(value) else " "
    return (sign + _digits(abs(value), width - 1)).rjust(width)


def short(value: float, width: int = WIDTH) -> str:
    """As `fixed`, for a number that stands alone: left-aligned after the sign, without zeros at its end: `-2.0`."""
    text = fixed(value, width)
    sign, digits = ("-" if "-" in text[: -len(text.lstrip(" -"))] else " "), text.lstrip(" -")
    if "e" not in digits and "." in digits:
        digits = digits.rstrip("0")
        digits += "0" if digits.endswith(".") and len(digits) + 2 <= width else ""
    return (sign + digits).ljust(width)


def whole(value: float, width: int = WIDTH) -> str:
    """A whole number without a point, or as `fixed` writes it where it is too long."""
    text = f"{int(value):>{width}d}"
    return text if len(text) <= width - (value >= 0) + text.startswith(" ") else fixed(float(value), width)


def truth(value: float, width: int = WIDTH) -> str:
    """True or False, as Python and torch write it."""
    return str(bool(value)).rjust(width)


def element(value: float, dtype: str, width: int = WIDTH) -> str:
    """One element of a tensor of this dtype, in `width` characters."""
    return _OF_KIND[kind(dtype)](value, width)


def kind(dtype: str) -> str:
    """`float`, `int` or `bool`: what the numbers of a dtype are."""
    return dtype.rstrip("0123456789").removeprefix("u")


_OF_KIND: dict[str, Callable[[float, int], str]] = {"float": fixed, "int": whole, "bool": truth}


def _digits(size: float, room: int) -> str:
    """A number that is not negative, in at most `room` characters."""
    if not math.isfinite(size):
        return str(size)
    for decimals in range(MAX_DECIMALS, -1, -1):
        text = f"{size:.{decimals}f}" + ("." if not decimals else "")
        if len(text) <= room:
            enough = size == 0 or size >= 10.0 ** (1 - MAX_DECIMALS)
            return text if enough else _exponent(size, room)
    return _exponent(size, room)


def _exponent(size: float, room: int) -> str:
    for decimals in range(3, -1, -1):
        mantissa, exponent = f"{size:.{decimals}e}".split("e")
        text = f"{mantissa}{'' if decimals else '.'}e{int(exponent)}"
        if len(text) <= room:
            return text
    return text.replace(".", "")  # a float64 beyond 1e-99: seven characters with the point
