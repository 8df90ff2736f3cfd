"""Tensors as they cross the pipe."""

from __future__ import annotations

import torch

from engine import messages as m

WHOLE = 4096  # elements up to which a tensor is sent whole


def record(tensor: torch.Tensor, limit: float = WHOLE) -> m.Array:
    """A tensor as it crosses the pipe: whole up to `limit` elements, above that four statistics."""
    shape, dtype = tuple(tensor.shape), str(tensor.dtype).removeprefix("torch.")
    tensor = tensor.detach()
    if tensor.numel() <= limit:
        return m.Array(shape, dtype, tensor.cpu().contiguous().numpy().tobytes())
    return m.Array(shape, dtype, None, statistics(tensor))


def statistics(tensor: torch.Tensor) -> tuple[float, float, float, float]:
    """min, max, mean and 2-norm of a tensor."""
    real = tensor.float()
    return (float(real.min()), float(real.max()), float(real.mean()), float(real.norm()))
