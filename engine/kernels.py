"""How torch computes each row of the operation table, with the calls that people write."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.graph import Node
from engine.operations import OPERATIONS
from engine.spec import Number

Kernel = Callable[..., Tensor]
# What torch raises when shapes, dtypes or dims do not fit.
TORCH_ERRORS = (RuntimeError, ValueError, TypeError, IndexError)


# Every kernel uses each input once, so that one node sends one contribution along each of its edges.
def _leaky_relu(z: Tensor, slope: Number | Tensor = 0.01) -> Tensor:
    return F.prelu(z, slope) if isinstance(slope, Tensor) else F.leaky_relu(z, slope)


def _heaviside(z: Tensor) -> Tensor:
    return (z > 0).to(z.dtype)


def _transpose(x: Tensor) -> Tensor:
    return x.transpose(-2, -1) if x.dim() > 1 else x


def _sse(predictions: Tensor, targets: Tensor) -> Tensor:
    return ((predictions - targets) ** 2).sum()


# On a CPU torch raises where an input is out of range. On a GPU the kernel then ends every further use of the device,
# so that it gets no such input: the same on a CPU says what is wrong.
def probabilities(p: Tensor) -> bool:
    """Whether all of `p` are between 0 and 1."""
    return bool(((p >= 0) & (p <= 1)).all())


def classes(numbers: Tensor, count: int, ignored: int | None = None) -> bool:
    """Whether each is one of `count` classes, or the one that is `ignored`."""
    known = (numbers >= 0) & (numbers < count)
    return bool((known if ignored is None else known | (numbers == ignored)).all())


def binary_cross_entropy(p: Tensor, y: Tensor, reduction: str = "mean") -> Tensor:
    """torch's own."""
    if p.is_cuda and not probabilities(p):
        p, y = p.cpu(), y.cpu()
    return F.binary_cross_entropy(p, y, reduction=reduction)


def _cross_entropy(scores: Tensor, targets: Tensor) -> Tensor:
    numbered = scores.is_cuda and scores.dim() and not targets.is_floating_point()
    if numbered and not classes(targets, scores.shape[min(1, scores.dim() - 1)], -100):
        scores, targets = scores.cpu(), targets.cpu()
    return F.cross_entropy(scores, targets)


def _one_hot(numbers: Tensor, count: int) -> Tensor:
    return F.one_hot(numbers if not numbers.is_cuda or classes(numbers, count) else numbers.cpu(), count)


def _reduction(reduce: Kernel) -> Kernel:
    """Over all elements, or along `dim`: for torch two different functions of one name."""
    return lambda x, dim=None: reduce(x) if dim is None else reduce(x, dim)


def _along(function: Kernel) -> Kernel:
    """Along a dimension, which is the last one when it is not given."""
    return lambda x, dim=None: function(x, dim=-1 if dim is None else dim)


def _extreme(reduce: Kernel, elementwise: Kernel) -> Kernel:
    """`max(x)`, `max(x, dim=1)` and, element by element, `max(x, y)`."""

    def kernel(x: Tensor, other: Tensor | None = None, dim: int | None = None) -> Tensor:
        if other is not None:
            return elementwise(x, other)
        return reduce(x) if dim is None else reduce(x, dim).values  # type: ignore[return-value]

    return kernel


KERNELS: dict[str, Kernel] = {
    "add": operator.add,  # the operators take numbers on either side: 2 * b, 2 ** x
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "pow": operator.pow,
    "matmul": operator.matmul,
    "neg": operator.neg,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
    "eq": operator.eq,
    "ne": operator.ne,
    "identity": lambda x: x,
    "relu": torch.relu,
    "leaky_relu": _leaky_relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "heaviside": _heaviside,
    "gelu": F.gelu,
    "exp": torch.exp,
    "log": torch.log,
    "sin": torch.sin,
    "cos": torch.cos,
    "sqrt": torch.sqrt,
    "abs": torch.abs,
    "float": Tensor.float,
    "int": Tensor.long,
    "sum": _reduction(torch.sum),
    "mean": _reduction(torch.mean),
    "max": _extreme(torch.max, torch.maximum),
    "min": _extreme(torch.min, torch.minimum),
    "norm": torch.linalg.vector_norm,
    "dot": torch.dot,
    "softmax": _along(torch.softmax),
    "log_softmax": _along(torch.log_softmax),
    "transpose": _transpose,
    "reshape": Tensor.reshape,
    "view": Tensor.view,
    "flatten": lambda x: torch.flatten(x, 1),  # as torch.nn.Flatten: the batch dimension stays
    "one_hot": _one_hot,
    "linear": F.linear,
    "mse": F.mse_loss,
    "sse": _sse,
    "half_sse": lambda predictions, targets: _sse(predictions, targets) / 2,
    "bce": binary_cross_entropy,
    "bce_logits": F.binary_cross_entropy_with_logits,
    "cross_entropy": _cross_entropy,
}
# The rest of the table takes tensors only, so a written number becomes one: max(z, 0), mse(p, 1).
_TAKE_NUMBERS = {"leaky_relu", *(r.name for r in OPERATIONS.values() if r.numbers_from is not None or not r.callable)}


def apply(node: Node, inputs: Sequence[Tensor | Number]) -> Tensor:
    """The node's operation on its inputs, in argument order. The result is a new tensor, perhaps a view of an input.

    Raises one of TORCH_ERRORS where shapes, dtypes or dims do not fit.
    """
    given = lifted(node, inputs)
    if len(set(node.sources)) < len(node.sources):
        given = _apart(given)
    if node.squeeze:
        given = (given[0].squeeze(-1), *given[1:])
    keywords = {"dim": node.dim} if node.dim is not None else {}
    result = KERNELS[node.op](*given, **keywords)
    # Torch returns the input itself where there is nothing to do (float of a float32). As one tensor of two names it
    # would collect the gradients of both at once, and add them up in another order.
    return result.view_as(result) if any(result is each for each in given) else result


def lifted(node: Node, inputs: Sequence[Tensor | Number]) -> tuple[Any, ...]:
    """The inputs as the node's kernel takes them: some want numbers as tensors, of the dtype that `x * number` has."""
    if len(node.sources) == len(inputs) or node.op in _TAKE_NUMBERS:
        return tuple(inputs)
    first = next(each for each in inputs if isinstance(each, Tensor))

    def tensor(number: Number) -> Tensor:
        return torch.tensor(number, dtype=torch.result_type(first, number), device=first.device)

    return tuple(each if isinstance(each, Tensor) else tensor(each) for each in inputs)


def _apart(inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """For `x * x` an alias per place, made last place first: autograd then sends the contributions in argument order.

    Without it the order is each kernel's own affair (linear sends its bias's first), and so would be the last bits.
    """
    aliases = [each.view_as(each) if isinstance(each, Tensor) else each for each in reversed(inputs)]
    return tuple(reversed(aliases))
