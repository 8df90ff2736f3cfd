"""Tensors as they cross the pipe: small ones whole, of large ones statistics and a corner."""

from __future__ import annotations

import math
from collections.abc import MutableMapping

import torch
from torch.utils.weak import WeakTensorKeyDictionary

from engine import messages as m
from engine.arrays import corner_shape

WHOLE = 4096  # elements up to which a tensor is sent whole
EXACT = 65536  # elements up to which all of them are measured
SAMPLE = 4096  # elements of a larger one that are
# What was found of large tensors, with the version they had then. A state's tensors are replaced and never changed, so
# that what stays from frame to frame is measured once.
_found: MutableMapping[torch.Tensor, tuple[int, m.Array]] = WeakTensorKeyDictionary()


def record(tensor: torch.Tensor, limit: float = WHOLE) -> m.Array:
    """A tensor as it crosses the pipe: whole up to `limit` elements, above that four statistics and a corner."""
    if tensor.numel() <= limit:
        return m.Array(tuple(tensor.shape), _dtype(tensor), _bytes(tensor.detach()))
    version, found = _found.get(tensor, (-1, None))
    if found is None or version != tensor._version:
        found = _large(tensor.detach())
        _found[tensor] = (tensor._version, found)
    return found


def _large(tensor: torch.Tensor) -> m.Array:
    sampled = tensor.numel() > EXACT
    stats = sampled_statistics(tensor) if sampled else statistics(tensor)
    return m.Array(tuple(tensor.shape), _dtype(tensor), None, stats, sampled, _bytes(_corner(tensor)))


def _dtype(tensor: torch.Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _bytes(tensor: torch.Tensor) -> bytes:
    return tensor.cpu().contiguous().numpy().tobytes()


def _corner(tensor: torch.Tensor) -> torch.Tensor:
    """The first elements of the first matrix."""
    lengths = corner_shape(tuple(tensor.shape))
    return tensor[(0,) * (tensor.ndim - len(lengths)) + tuple(slice(length) for length in lengths)]


# ---------------------------------------------------------------- statistics
def statistics(tensor: torch.Tensor) -> tuple[float, float, float, float]:
    """min, max, mean and 2-norm of a tensor."""
    real = tensor.float()
    return (float(real.min()), float(real.max()), float(real.mean()), float(real.norm()))


def sampled_statistics(tensor: torch.Tensor) -> tuple[float, float, float, float]:
    """The same of elements at equal distances, always the same ones; the norm as all would have it if they were alike.

    The least and the greatest are those of the sample.
    """
    sample = _sample(tensor).double()
    square = (sample * sample).mean() * tensor.numel()
    least, most, mean, norm = torch.stack([sample.min(), sample.max(), sample.mean(), square.sqrt()]).tolist()
    return (least, most, mean, norm)


def _sample(tensor: torch.Tensor) -> torch.Tensor:
    """About SAMPLE elements, without copying the tensor: as they lie in memory, whatever their order."""
    for dim in reversed(range(tensor.ndim)):
        if tensor.stride(dim) == 0:  # one number that is seen many times
            tensor = tensor.select(dim, 0)
    inwards = sorted(range(tensor.ndim), key=tensor.stride, reverse=True)
    dense = tensor.permute(inwards)
    flat = dense.view(-1) if dense.is_contiguous() else dense.reshape(-1)
    return flat[:: _distance(flat.numel(), dense.shape[-1] if dense.ndim else 1)]


def _distance(count: int, width: int) -> int:
    """From one sample to the next. It has no divisor in common with the rows' width: else all fell into few columns."""
    step = max(1, count // SAMPLE)
    while math.gcd(step, width) > 1:
        step += 1
    return step
