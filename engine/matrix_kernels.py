"""Torch's backward of matrix products: which of dot, mv, mm and bmm autograd calls for which shapes.

As in torch's own LinearAlgebra.cpp and Linear.cpp: which way a product goes decides its last bits.
"""

from __future__ import annotations

import math

import numpy as np
from torch import Tensor


def _by_columns(matrix: Tensor) -> bool:
    """Whether the matrix lies in memory column by column; then autograd computes its gradient transposed."""
    return matrix.stride(0) == 1 and matrix.stride(1) == matrix.shape[0]


def _mm_first(upstream: Tensor, first: Tensor, second: Tensor) -> Tensor:
    return second.mm(upstream.t()).t() if _by_columns(first) else upstream.mm(second.t())


def _mm_second(upstream: Tensor, first: Tensor, second: Tensor) -> Tensor:
    return upstream.t().mm(first).t() if _by_columns(second) else first.t().mm(upstream)


# ---------------------------------------------------------------- matmul
def matmul_first(upstream: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """What `first @ second` passes to `first`, of any shapes that matmul takes; still to be summed to its shape."""
    if first.dim() > 2 or second.dim() > 2:
        return _batched(upstream, first, second)[0]
    if second.dim() == 1:  # dot and mv
        return upstream * second if first.dim() == 1 else upstream.ger(second)
    if first.dim() == 1:
        return _mm_first(upstream.unsqueeze(0), first.unsqueeze(0), second).squeeze(0)
    return _mm_first(upstream, first, second)


def matmul_second(upstream: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """What `first @ second` passes to `second`, as `matmul_first`."""
    if first.dim() > 2 or second.dim() > 2:
        return _batched(upstream, first, second)[1]
    if second.dim() == 1:
        return upstream * first if first.dim() == 1 else first.t().mv(upstream)
    if first.dim() == 1:
        return _mm_second(upstream.unsqueeze(0), first.unsqueeze(0), second)
    return _mm_second(upstream, first, second)


def _batched(upstream: Tensor, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """Both contributions where one side is a batch: as one large matrix product, or as many small ones."""
    if _folds(first, second):
        return _folded(upstream, first, second)
    if first.dim() == 3 == second.dim() and len(first) != len(second):  # one matrix against a batch of them
        if len(first) == 1 and first.requires_grad:
            alone, batch = _batched(upstream, first.squeeze(0), second)
            return alone.unsqueeze(0), batch
        if len(second) == 1 and second.requires_grad:
            batch, alone = _batched(upstream, first, second.squeeze(0))
            return batch, alone.unsqueeze(0)
    return _many(upstream, first, second)


def _folds(first: Tensor, second: Tensor) -> bool:
    """should_fold: only a batch against a vector or a single matrix."""
    ordered = first.dim() >= second.dim()
    batch, single = (first, second) if ordered else (second.mT, first)
    if batch.dim() < 3 or single.dim() > 2:
        return False
    if single.requires_grad:
        return True
    if first.dim() == 2:
        return False
    places = range(batch.dim() - 2)
    return not batch.numel() or all(batch.stride(n) == batch.stride(n + 1) * batch.shape[n + 1] for n in places)


def _folded(upstream: Tensor, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    swapped = second.dim() > first.dim()
    batch, single = (second.mT, first.t() if first.dim() == 2 else first) if swapped else (first, second)
    rows = batch.reshape(math.prod(batch.shape[:-1]), batch.shape[-1])
    if single.dim() == 1:
        above = upstream.reshape(len(rows))
        to_batch, to_single = above.ger(single), rows.t().mv(above)
    else:
        above = (upstream.mT if swapped else upstream).reshape(len(rows), single.shape[1])
        to_batch, to_single = _mm_first(above, rows, single), _mm_second(above, rows, single)
    to_batch = to_batch.reshape(batch.shape)
    if not swapped:
        return to_batch, to_single
    return (to_single.t() if single.dim() == 2 else to_single), to_batch.mT


def _many(upstream: Tensor, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    column = second.dim() == 1
    left, right = first, second.unsqueeze(1) if column else second
    rows = left.shape[-2] if left.dim() > 1 else 1
    batch = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    wide = (*batch, rows, left.shape[-1]), (*batch, *right.shape[-2:])
    many_left, many_right = (
        each.expand(shape).reshape(math.prod(batch), *shape[-2:])
        for each, shape in zip((left, right), wide, strict=True)
    )
    above = upstream.reshape(math.prod(batch), rows, right.shape[-1])
    to_left = above.bmm(many_right.transpose(1, 2)).reshape(wide[0])
    to_right = many_left.transpose(1, 2).bmm(above).reshape(wide[1])
    return to_left, to_right.sum_to_size(right.shape).squeeze(1) if column else to_right


# ---------------------------------------------------------------- linear
def _flat(given: Tensor, bias: Tensor | None) -> bool:
    """Whether F.linear took all rows as one matrix, with the bias in the same call."""
    return bias is not None and (given.dim() == 2 or given.is_contiguous())


def linear_input(upstream: Tensor, given: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """What `linear` passes to its input `given` (..., in); `upstream` (..., out), `weight` (out, in)."""
    if not _flat(given, bias):
        return matmul_first(upstream, given, weight.t())
    return _mm_first(_rows(upstream), _rows(given), weight.t()).reshape(given.shape)


def linear_weight(upstream: Tensor, given: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """What `linear` passes to its weight (out, in)."""
    if not _flat(given, bias):
        return matmul_second(upstream, given, weight.t()).t()
    return _mm_second(_rows(upstream), _rows(given), weight.t()).t()


def linear_bias(upstream: Tensor, given: Tensor, bias: Tensor) -> Tensor:
    """What `linear` passes to its bias (out): the upstream gradient, summed over the samples."""
    return _rows(upstream) if _flat(given, bias) else upstream


def _rows(tensor: Tensor) -> Tensor:
    return tensor if tensor.dim() == 2 else tensor.reshape(-1, tensor.shape[-1])
