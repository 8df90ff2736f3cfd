"""The derivatives that people write, computed: what a node passes back by its formula and not by torch's kernel.

They differ from autograd in the last bits, and where a function has no derivative: there torch has a convention of its
own (the norm's at 0 is 0), and a formula mostly nan.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine.derivatives import Counts, formula
from engine.expression import Call, Constant, Expression, Name
from engine.graph import Node
from engine.kernels import apply
from engine.spec import Number

_KEEPING = ("sum", "mean", "max", "min", "norm")  # along a dimension these keep it here, so that they stretch again


def passed(
    node: Node, inputs: Sequence[Tensor | Number], output: Tensor, upstream: Tensor, position: int
) -> Tensor | None:
    """What the node passes to its input at `position`, of that input's shape; None where that gets no gradient."""
    with torch.no_grad():
        known = _laid(node, inputs, output, upstream)
        tree = formula(node, position, counts(node, inputs))
        if tree is None:
            return None
        function = FUNCTIONS.get(node.op)
        found = function(node, known) if function is not None else None
        found = evaluated(tree, known) if found is None else found
        source, given = inputs[position], known["abc"[position]]
        assert isinstance(source, Tensor)
        shape = np.broadcast_shapes(found.shape, given.shape)
        summed = torch.as_tensor(found).broadcast_to(shape).sum_to_size(given.shape)
        if node.op == "cross_entropy" and source.dim() > 2:
            summed = summed.movedim(-1, 1)
        return summed.reshape(source.shape).to(source.dtype)


def counts(node: Node, inputs: Sequence[Tensor | Number]) -> Counts:
    """The numbers that the inputs' shapes give to the node's formulas."""
    first = inputs[0]
    if not isinstance(first, Tensor):
        return Counts()
    if node.op == "cross_entropy":
        classes = first.shape[0 if first.dim() == 1 else 1]
        targets = inputs[1]
        alike = isinstance(targets, Tensor) and targets.shape == first.shape
        return Counts(first.numel() // max(classes, 1), classes, probabilities=alike)
    if node.op == "mse" and isinstance(inputs[1], Tensor):
        squeezed = first.squeeze(-1) if node.squeeze else first
        return Counts(math.prod(np.broadcast_shapes(squeezed.shape, inputs[1].shape)))
    whole = node.dim is None or not first.dim()
    return Counts(first.numel() if whole else first.shape[node.dim or 0], shape=tuple(first.shape))


# ---------------------------------------------------------------- evaluating
def evaluated(tree: Expression, known: Mapping[str, Any]) -> Any:
    """The value of an expression over the `known` tensors and numbers. Raises one of kernels.TORCH_ERRORS."""
    match tree:
        case Name(name=name):
            return known[name]
        case Constant(value=value):
            return value
        case Call(op=op, arguments=arguments, dim=dim):
            return _operation(op, [evaluated(each, known) for each in arguments], dim)
    raise ValueError(type(tree).__name__)


def _operation(op: str, inputs: list[Any], dim: int | None) -> Tensor:
    if not any(isinstance(each, Tensor) for each in inputs):
        inputs[0] = torch.tensor(inputs[0], dtype=torch.float64)
    places = tuple(f"input {n}" if isinstance(each, Tensor) else each for n, each in enumerate(inputs))
    found = apply(Node(op, op, places, dim), inputs)
    if found.dtype == torch.bool:  # it counts as 0 or 1, as precisely as what was compared
        found = found.to(torch.result_type(*inputs))
    return found.unsqueeze(dim) if dim is not None and op in _KEEPING and inputs[0].dim() else found


# ---------------------------------------------------------------- as the formulas have it
def _laid(node: Node, inputs: Sequence[Tensor | Number], output: Tensor, upstream: Tensor) -> dict[str, Any]:
    """What a, b, c, out and u stand for: the tensors, laid out as the formulas of the row take them."""
    known: dict[str, Any] = {**dict(zip("abc", inputs, strict=False)), "out": output, "u": upstream}
    if node.op == "leaky_relu":
        known = {"b": 0.01, **known}
        slope = known["b"]
        if isinstance(slope, Tensor) and slope.dim() == 1 < known["a"].dim():  # one per channel
            known["b"] = slope.reshape(-1, *(1 for _ in known["a"].shape[2:]))
    if node.squeeze:
        known["a"] = known["a"].squeeze(-1)
    if node.dim is not None and known["a"].dim() and len(inputs) == 1 and output.dim() < known["a"].dim():
        known |= {name: known[name].unsqueeze(node.dim) for name in ("out", "u")}
    return LAID[node.op](known) if node.op in LAID else known


def _as_matrices(known: dict[str, Any]) -> dict[str, Any]:
    first, second, upstream = known["a"], known["b"], known["u"]
    if second.dim() == 1:
        second, upstream = second.unsqueeze(-1), upstream.unsqueeze(-1)
    if first.dim() == 1:
        first, upstream = first.unsqueeze(0), upstream.unsqueeze(-2)
    return {**known, "a": first, "b": second, "u": upstream}


def _as_rows(known: dict[str, Any]) -> dict[str, Any]:
    return {**known, **{name: known[name].reshape(-1, known[name].shape[-1]) for name in ("a", "u")}}


def _classes_last(known: dict[str, Any]) -> dict[str, Any]:
    first, targets = known["a"], known["b"]
    if first.dim() < 3:
        return known
    moved = targets.movedim(1, -1) if targets.shape == first.shape else targets
    return {**known, "a": first.movedim(1, -1), "b": moved}


LAID: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "matmul": _as_matrices,
    "linear": _as_rows,
    "cross_entropy": _classes_last,
}


# ---------------------------------------------------------------- where the text alone does not reach
def _gelu(node: Node, known: Mapping[str, Any]) -> Tensor:
    """With the normal's distribution function itself: the text's `out / a` is 0 / 0 at 0."""
    a = known["a"]
    density = torch.exp(-(a**2) / 2) / math.sqrt(2 * math.pi)
    return known["u"] * ((1 + torch.erf(a / math.sqrt(2))) / 2 + a * density)


def _along(reduce: Any) -> Callable[[Node, Mapping[str, Any]], Tensor | None]:
    """Along a dimension torch chooses one among those that tie, which no text can say; elsewhere the text is right."""

    def function(node: Node, known: Mapping[str, Any]) -> Tensor | None:
        if node.dim is None or not known["a"].dim():
            return None
        chosen = reduce(known["a"], node.dim, True).indices
        return torch.zeros_like(known["a"]).scatter(node.dim, chosen, known["u"])

    return function


FUNCTIONS: dict[str, Callable[[Node, Mapping[str, Any]], Tensor | None]] = {
    "gelu": _gelu,
    "max": _along(torch.max),
    "min": _along(torch.min),
}
