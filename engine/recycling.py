"""Vectors in memory that is used again: pages that were never touched cost more than the copy that goes into them."""

from __future__ import annotations

import weakref

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

FROM = 1 << 20  # bytes of a vector; for a smaller one torch finds memory soon enough


class Recycled:
    """Makes vectors like one. Where a vector and all its views are gone, its next one lies in their memory."""

    def __init__(self, like: Tensor) -> None:
        self._like = like
        self._recycles = like.device.type == "cpu" and like.numel() * like.element_size() >= FROM
        self._free: list[npt.NDArray[np.uint8]] = []

    def copy(self, flat: Tensor) -> Tensor:
        """A vector with these values."""
        return self._vector().copy_(flat)

    def _vector(self) -> Tensor:
        if not self._recycles:
            return torch.empty_like(self._like)
        place = self._free.pop() if self._free else torch.empty_like(self._like).view(torch.uint8).numpy()
        numbers = place[:]  # an array that the vector's memory belongs to, and that is gone when nobody needs that
        weakref.finalize(numbers, _take_back, weakref.ref(self), place).atexit = False
        return torch.from_numpy(numbers).view(self._like.dtype)


def _take_back(owner: weakref.ref[Recycled], place: npt.NDArray[np.uint8]) -> None:
    """The place is free again; without anybody to use it, it is freed."""
    if (found := owner()) is not None:
        found._free.append(place)
