"""The rows of a `plan`: each activation and each loss of a net as calls of torch's kernels that write into buffers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.kernels import binary_cross_entropy

Call = Callable[[], object]
_aten = torch.ops.aten
MEAN, NO_CLASS = 1, -100  # how aten numbers reductions; the class that a loss would ignore


# ---------------------------------------------------------------- operations: forward z -> a, backward g -> to
Forward = Callable[[Tensor, Tensor], Call]
Backward = Callable[[Tensor, Tensor, Tensor, Tensor], Call]
ACTIVATIONS: dict[str, tuple[Forward, Backward]] = {
    "tanh": (
        lambda z, a: partial(torch.tanh, z, out=a),
        lambda g, z, a, to: partial(_aten.tanh_backward.grad_input, g, a, grad_input=to),
    ),
    "sigmoid": (
        lambda z, a: partial(torch.sigmoid, z, out=a),
        lambda g, z, a, to: partial(_aten.sigmoid_backward.grad_input, g, a, grad_input=to),
    ),
    "relu": (
        lambda z, a: partial(torch.clamp_min, z, 0, out=a),  # torch.relu has no `out`; this is what it calls
        lambda g, z, a, to: partial(_aten.threshold_backward.grad_input, g, a, 0, grad_input=to),
    ),
    "leaky_relu": (
        lambda z, a: partial(_aten.leaky_relu.out, z, 0.01, out=a),
        lambda g, z, a, to: partial(_aten.leaky_relu_backward.grad_input, g, z, 0.01, False, grad_input=to),
    ),
    "gelu": (
        lambda z, a: partial(_aten.gelu.out, z, out=a),
        lambda g, z, a, to: partial(_aten.gelu_backward.grad_input, g, z, grad_input=to),
    ),
    "softmax": (
        lambda z, a: partial(_aten._softmax.out, z, 1, False, out=a),
        lambda g, z, a, to: partial(_aten._softmax_backward_data.out, g, a, 1, z.dtype, grad_input=to),
    ),
}


# ---------------------------------------------------------------- losses: of predictions p, of the targets' shape
def _bce_logits(p: Tensor, y: Tensor, g: Tensor, loss: Tensor) -> list[Call]:
    count = torch.tensor(float(g.numel()), dtype=p.dtype)  # on the CPU: a GPU divides by such a number as autograd does
    return [partial(torch.sigmoid, p, out=g), partial(g.sub_, y), partial(g.div_, count)]


def _bce(p: Tensor, y: Tensor, g: Tensor, loss: Tensor) -> list[Call]:
    return [partial(_aten.binary_cross_entropy_backward.grad_input, p.new_ones(()), p, y, None, MEAN, grad_input=g)]


def _mse(p: Tensor, y: Tensor, g: Tensor, loss: Tensor) -> list[Call]:
    return [partial(_aten.mse_loss_backward.grad_input, p.new_ones(()), p, y, MEAN, grad_input=g)]


def _half_sse(p: Tensor, y: Tensor, g: Tensor, loss: Tensor) -> list[Call]:
    return [partial(torch.sub, p, y, out=g)]


def _sse(p: Tensor, y: Tensor, g: Tensor, loss: Tensor) -> list[Call]:
    return [*_half_sse(p, y, g, loss), partial(g.mul_, 2)]


def _cross_entropy(p: Tensor, y: Tensor, g: Tensor, loss: Tensor) -> list[Call]:
    one, count, logs, above = p.new_ones(()), p.new_ones(()), torch.empty_like(p), torch.empty_like(p)
    where = {"output": loss, "total_weight": count}
    return [
        partial(torch._log_softmax, p, 1, False, out=logs),
        partial(_aten.nll_loss_forward.output, logs, y, None, MEAN, NO_CLASS, **where),
        partial(_aten.nll_loss_backward.grad_input, one, logs, y, None, MEAN, NO_CLASS, count, grad_input=above),
        partial(torch._log_softmax_backward_data, above, logs, 1, p.dtype, out=g),
    ]


# loss -> the gradient of p into g; one that is needed for it anyway is computed too
GRADIENTS: dict[str, Callable[[Tensor, Tensor, Tensor, Tensor], list[Call]]] = {
    "bce_logits": _bce_logits,
    "bce": _bce,
    "mse": _mse,
    "sse": _sse,
    "half_sse": _half_sse,
    "cross_entropy": _cross_entropy,
}


def _rows(loss: Callable[..., Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    """The mean of each iteration; along a row it has the same bits as alone."""
    return lambda p, y: loss(p, y, reduction="none").flatten(1).mean(1)


# loss -> the losses of many iterations, p and y (iterations, samples, ...), each as it is alone; of the others above
LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "bce_logits": _rows(F.binary_cross_entropy_with_logits),
    "bce": _rows(binary_cross_entropy),
    "mse": _rows(F.mse_loss),
    "sse": lambda p, y: ((p - y) ** 2).flatten(1).sum(1),
    "half_sse": lambda p, y: ((p - y) ** 2).flatten(1).sum(1) / 2,
}
