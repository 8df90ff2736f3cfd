"""Numbers as they cross the pipe."""

from __future__ import annotations

import msgspec

CORNER = 8  # rows and columns


class Array(msgspec.Struct, frozen=True):
    """Numbers in row-major order, in the byte layout of their dtype; `data` is None above 4096 elements.

    Of such a large one there are statistics (`sampled`: estimated from some of its elements), and in `corner` the first
    elements, of shape `corner_shape(shape)`.
    """

    shape: tuple[int, ...]
    dtype: str  # float32, int64, bool, ... as torch and numpy both name them
    data: bytes | None
    stats: tuple[float, float, float, float] | None = None  # min, max, mean, 2-norm; where data is None
    sampled: bool = False
    corner: bytes | None = None


def corner_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of the corner that is sent of a large tensor: at most 8 x 8 of its first matrix."""
    return tuple(min(CORNER, length) for length in shape[-2:])
