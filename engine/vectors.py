"""Many tensors in one piece of memory, each beginning where one of its own would.

How matrices are multiplied, and so the last bits, may depend on where in memory they begin.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from engine.recycling import Recycled

ALIGNED, ALIGNED_ON_GPU = 64, 512  # bytes: torch's own tensors begin at multiples of them


def _room(elements: int, like: Tensor) -> int:
    """The elements from the beginning of one tensor to that of the next."""
    step = (ALIGNED_ON_GPU if like.is_cuda else ALIGNED) // like.element_size()
    return -(-elements // step) * step


def side_by_side(like: Tensor, count: int, shape: tuple[int, ...]) -> Tensor:
    """(count, *shape), of the dtype and on the device of `like`; each of them begins where one of its own would."""
    size = math.prod(shape)
    return like.new_zeros(count, _room(size, like))[:, :size].unflatten(1, shape)


class Vector:
    """Named tensors as views of one vector, in the order of `like`. What lies between them stays 0."""

    def __init__(self, like: Mapping[str, Tensor]) -> None:
        self._like = dict(like)
        first = next(iter(like.values()))
        sizes = [_room(each.numel(), first) for each in like.values()]
        self._begins = [sum(sizes[:place]) for place in range(len(sizes))]
        self.flat = first.new_zeros(sum(sizes))
        self.views = self.apart(self.flat)
        self._memory = Recycled(self.flat)

    def apart(self, flat: Tensor) -> dict[str, Tensor]:
        """The tensors in a vector of this layout."""
        return {
            name: flat[begin : begin + each.numel()].view(each.shape)
            for begin, (name, each) in zip(self._begins, self._like.items(), strict=True)
        }

    def fill(self, tensors: Mapping[str, Tensor]) -> None:
        """Take over these values."""
        for name, view in self.views.items():
            view.copy_(tensors[name])

    def joined(self, tensors: Mapping[str, Tensor]) -> Tensor:
        """A vector of this layout with these values."""
        flat = torch.zeros_like(self.flat)
        for name, view in self.apart(flat).items():
            view.copy_(tensors[name])
        return flat

    def copies(self, flat: Tensor) -> dict[str, Tensor]:
        """The tensors in a copy of a vector of this layout."""
        return self.apart(self._memory.copy(flat))
