"""Torch's own backward kernel for each row of the operation table: the same bits as autograd, without its graph.

The rows follow torch's derivatives.yaml and FunctionsManual.cpp, in whose terms they are written. Where autograd keeps
something from forward (the places of a maximum, a loss's log-probabilities), it is computed here once more.
Every differentiable row has an entry: where torch itself composes an operation (`sse`, `half_sse`, `cross_entropy`,
`matmul`, `linear`), its kernels are those of the parts, in the order in which autograd goes through them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from engine import loss_kernels as loss
from engine import matrix_kernels as matrix
from engine.graph import Node
from engine.kernels import lifted
from engine.spec import Number

_aten = torch.ops.aten


@dataclass(frozen=True, eq=False, slots=True)
class Done:
    """A node done forward, and the gradient that came back to it."""

    node: Node
    a: Any  # the inputs as the kernel takes them: tensors, and numbers where it takes those
    b: Any
    c: Any
    output: Tensor
    upstream: Tensor  # of the output's shape


Kernel = Callable[[Done], Tensor]  # what goes to one input, before it is summed to that input's shape


def contributions(
    node: Node, inputs: Sequence[Tensor | Number], output: Tensor, upstream: Tensor, wanted: Sequence[int] | None = None
) -> tuple[Tensor, ...]:
    """What the node passes to the inputs at the `wanted` positions, in argument order: the bits that autograd gives.

    Without `wanted` they are the inputs that require a gradient. `upstream` has the output's shape. How torch
    multiplies batches of matrices, and so the last bits, depends on which inputs require a gradient: leave them so.
    """
    if wanted is None:
        wanted = [place for place, each in enumerate(inputs) if isinstance(each, Tensor) and each.requires_grad]
    with torch.no_grad():
        given = lifted(node, inputs)
        if node.squeeze:
            given = (given[0].squeeze(-1), *given[1:])
        a, b, c = (*given, None, None)[:3]
        done = Done(node, a, b, c, output, upstream)
        return tuple(_arrived(BACKWARD[node.op][place](done), given[place], inputs[place]) for place in wanted)


def _arrived(gradient: Tensor, given: Tensor, source: Tensor | Number) -> Tensor:
    """The gradient as autograd hands it on: summed over what was broadcast, then in the input's dtype."""
    assert isinstance(source, Tensor)
    return _summed(gradient, given).reshape(source.shape)


def _summed(gradient: Tensor, like: Tensor) -> Tensor:
    return gradient.sum_to_size(like.shape).to(like.dtype) if gradient.shape != like.shape else gradient.to(like.dtype)


# ---------------------------------------------------------------- one element at a time
def _div_second(d: Done) -> Tensor:
    if isinstance(d.a, Tensor):
        return -d.upstream * ((d.a / d.b) / d.b)
    inverse = d.b.reciprocal()  # `2 / x` is x.reciprocal() * 2
    return -(d.upstream * d.a) * (inverse * inverse)


def _pow_first(d: Done) -> Tensor:
    u, base, exponent = d.upstream, d.a, d.b
    if isinstance(exponent, Tensor):
        return torch.where(exponent == 0.0, u.new_zeros(()), u * (exponent * base.pow(exponent - 1)))
    return torch.zeros_like(base) if exponent == 0 else u * (float(exponent) * base.pow(float(exponent) - 1))


def _pow_second(d: Done) -> Tensor:
    u, base, exponent, zero = d.upstream, d.a, d.b, d.upstream.new_zeros(())
    if isinstance(base, Tensor):
        logarithm = base.to(torch.result_type(base, exponent)).log()
        return u * torch.where((base == 0) & (exponent >= 0), zero, d.output * logarithm)
    if base == 0:
        return u * torch.where(exponent >= 0, zero, d.output * -math.inf)
    return u * (d.output * (math.log(base) if base > 0 else math.nan))


def _leaky_relu_first(d: Done) -> Tensor:
    if isinstance(d.b, Tensor):
        return _prelu(d)[0]
    return _aten.leaky_relu_backward(d.upstream, d.a, 0.01 if d.b is None else d.b, False)


def _leaky_relu_second(d: Done) -> Tensor:
    """The slopes' gradient: summed to how they are laid over the input, one per channel."""
    return _summed(_prelu(d)[1], _slopes(d)).reshape(d.b.shape)


def _prelu(d: Done) -> tuple[Tensor, Tensor]:
    found: tuple[Tensor, Tensor] = _aten._prelu_kernel_backward(d.upstream, d.a, _slopes(d))
    return found


def _slopes(d: Done) -> Tensor:
    count: Tensor = d.b
    return count if count.dim() == d.a.dim() else count.reshape([-1 if n == 1 else 1 for n in range(d.a.dim())])


def _passes(first: bool, greater: bool) -> Kernel:
    """`max` and `min` of two inputs: all to the one that was taken, halves where they tie."""

    def kernel(d: Done) -> Tensor:
        lost = d.a < d.b if first == greater else d.a > d.b
        return torch.where(d.a == d.b, d.upstream / 2, d.upstream).masked_fill_(lost, 0)

    return kernel


# ---------------------------------------------------------------- reductions
def _stretched(reduced: Tensor, d: Done) -> Tensor:
    """What was reduced along `dim`, laid over the input again."""
    return reduced if d.node.dim is None or not d.a.dim() else reduced.unsqueeze(d.node.dim)


def _sum(d: Done) -> Tensor:
    return _stretched(d.upstream, d).expand(d.a.shape)


def _mean(d: Done) -> Tensor:
    along = d.node.dim is not None and d.a.dim() > 0
    return _sum(d) / (d.a.shape[d.node.dim] if along else d.a.numel())


def _extreme(greater: bool) -> Kernel:
    """`max` and `min`: evenly among all that tie, but along a dimension all to one of them."""
    pair, reduce = _passes(True, greater), torch.max if greater else torch.min

    def kernel(d: Done) -> Tensor:
        if d.b is not None:
            return pair(d)
        nothing = torch.zeros(d.a.shape, dtype=d.upstream.dtype, device=d.a.device)
        if d.node.dim is None:
            taken = d.a.isnan() if d.output.isnan() else d.a == d.output
            return nothing.masked_fill_(taken, d.upstream / taken.sum())
        places = _stretched(reduce(d.a, d.node.dim).indices, d)
        return nothing.scatter_(d.node.dim, places, _stretched(d.upstream, d))

    return kernel


def _norm(d: Done) -> Tensor:
    norm = _stretched(d.output, d)
    return _stretched(d.upstream, d) * (d.a / norm).masked_fill_(norm == 0, 0)


def _along(kernel: Any) -> Kernel:
    return lambda d: kernel(d.upstream, d.output, -1 if d.node.dim is None else d.node.dim, d.a.dtype)


# ---------------------------------------------------------------- the table
BACKWARD: dict[str, tuple[Kernel, ...]] = {  # one per differentiable input, in argument order
    "add": (lambda d: d.upstream, lambda d: d.upstream),
    "sub": (lambda d: d.upstream, lambda d: -d.upstream),
    "mul": (lambda d: d.upstream * d.b, lambda d: d.upstream * d.a),
    "div": (lambda d: d.upstream / d.b, _div_second),
    "pow": (_pow_first, _pow_second),
    "matmul": (
        lambda d: matrix.matmul_first(d.upstream, d.a, d.b),
        lambda d: matrix.matmul_second(d.upstream, d.a, d.b),
    ),
    "neg": (lambda d: -d.upstream,),
    "identity": (lambda d: d.upstream,),
    "relu": (lambda d: _aten.threshold_backward(d.upstream, d.output, 0),),
    "leaky_relu": (_leaky_relu_first, _leaky_relu_second),
    "tanh": (lambda d: _aten.tanh_backward(d.upstream, d.output),),
    "sigmoid": (lambda d: _aten.sigmoid_backward(d.upstream, d.output),),
    "gelu": (lambda d: _aten.gelu_backward(d.upstream, d.a),),
    "exp": (lambda d: d.upstream * d.output,),
    "log": (lambda d: d.upstream / d.a,),
    "sin": (lambda d: d.upstream * d.a.cos(),),
    "cos": (lambda d: d.upstream * -d.a.sin(),),
    "sqrt": (lambda d: d.upstream / (2 * d.output),),
    "abs": (lambda d: d.upstream * d.a.sgn(),),
    "float": (lambda d: d.upstream,),
    "sum": (_sum,),
    "mean": (_mean,),
    "max": (_extreme(greater=True), _passes(first=False, greater=True)),
    "min": (_extreme(greater=False), _passes(first=False, greater=False)),
    "norm": (_norm,),
    "dot": (lambda d: d.upstream * d.b, lambda d: d.upstream * d.a),
    "softmax": (_along(_aten._softmax_backward_data),),
    "log_softmax": (_along(_aten._log_softmax_backward_data),),
    "transpose": (lambda d: d.upstream.transpose(-2, -1) if d.a.dim() > 1 else d.upstream,),
    "reshape": (lambda d: d.upstream.reshape(d.a.shape),),
    "view": (lambda d: d.upstream.reshape(d.a.shape),),
    "flatten": (lambda d: d.upstream.reshape(d.a.shape),),
    "linear": (
        lambda d: matrix.linear_input(d.upstream, d.a, d.b, d.c),
        lambda d: matrix.linear_weight(d.upstream, d.a, d.b, d.c),
        lambda d: matrix.linear_bias(d.upstream, d.a, d.c),
    ),
    "mse": (lambda d: loss.mse(d.upstream, d.a, d.b), lambda d: loss.mse(d.upstream, d.b, d.a)),
    "sse": (lambda d: loss.sse(d.upstream, d.a, d.b), lambda d: -loss.sse(d.upstream, d.a, d.b)),
    "half_sse": (lambda d: loss.sse(d.upstream / 2, d.a, d.b), lambda d: -loss.sse(d.upstream / 2, d.a, d.b)),
    "bce": (lambda d: loss.bce(d.upstream, d.a, d.b), lambda d: loss.bce_targets(d.upstream, d.a, d.b)),
    "bce_logits": (
        lambda d: loss.bce_logits(d.upstream, d.a, d.b),
        lambda d: loss.bce_logits_targets(d.upstream, d.a),
    ),
    "cross_entropy": (
        lambda d: loss.cross_entropy(d.upstream, d.a, d.b),
        lambda d: loss.cross_entropy_targets(d.upstream, d.a),
    ),
}
