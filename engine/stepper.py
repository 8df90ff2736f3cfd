"""One node forward, one node backward, as pure functions on live tensors; for whole graphs, autograd's ordinary way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.graph import Graph, Node
from engine.kernels import apply
from engine.spec import Number
from engine.words import Refused

LOCAL_LIMIT = 4096  # elements of a Jacobian


@dataclass(frozen=True, eq=False)
class Tape:
    """One node done forward on leaves of its own: what its backward needs, and nothing of the nodes around it."""

    node: Node
    inputs: tuple[Tensor | Number, ...]  # in argument order; x * x has two leaves
    output: Tensor  # with its grad_fn; the node's value is `output.detach()`


@dataclass(frozen=True, eq=False)
class Contribution:
    """What `source` passes back to one of its inputs: upstream times the local derivative."""

    source: str
    target: str
    position: int  # which of the source's inputs
    upstream: Tensor  # of the shape of the source's value
    value: Tensor  # of the shape of the target's value


# ---------------------------------------------------------------- one node
def forward(graph: Graph, node: Node, values: Mapping[str, Tensor]) -> Tape:
    """The node computed from `values`. Raises one of kernels.TORCH_ERRORS where shapes or dtypes do not fit."""
    inputs = tuple(_leaf(graph, name, values[name]) if isinstance(name, str) else name for name in node.inputs)
    with torch.enable_grad():
        return Tape(node, inputs, apply(node, inputs))


def backward(tape: Tape, upstream: Tensor) -> tuple[Contribution, ...]:
    """What the node passes to each differentiable input, in argument order. `upstream` has the output's shape."""
    places = _differentiable(tape)
    if not places:
        return ()
    gradients = torch.autograd.grad(tape.output, list(places.values()), upstream, retain_graph=True)
    return tuple(
        Contribution(tape.node.name, str(tape.node.inputs[position]), position, upstream, gradient)
        for position, gradient in zip(places, gradients, strict=True)
    )


def accumulate(grads: Mapping[str, Tensor], contributions: Iterable[Contribution]) -> dict[str, Tensor]:
    """The gradients with these contributions added, each in its turn: the sum's order decides its last bits."""
    summed = dict(grads)
    for arrival in contributions:
        before = summed.get(arrival.target)
        summed[arrival.target] = arrival.value if before is None else before + arrival.value
    return summed


def local(tape: Tape, position: int, limit: int = LOCAL_LIMIT) -> Tensor | None:
    """The Jacobian J[out..., in...] of the output to one input, row by row with the kernel that backward uses.

    None where it would have more than `limit` elements, or where no gradient goes to this input.
    """
    source, output = _differentiable(tape).get(position), tape.output
    if source is None or output.numel() * source.numel() > limit:
        return None
    jacobian = source.new_zeros(output.numel(), source.numel())
    for row in range(output.numel()):
        basis = torch.zeros_like(output).flatten()
        basis[row] = 1
        (gradient,) = torch.autograd.grad(output, source, basis.reshape(output.shape), retain_graph=True)
        jacobian[row] = gradient.flatten()
    return jacobian.reshape((*output.shape, *source.shape))


def seed(graph: Graph, values: Mapping[str, Tensor], given: Tensor | None = None) -> Tensor:
    """The gradient that backward starts from at the output: 1 for a scalar, else the `given` seed gradient.

    Raises Refused where there is no such gradient, or no way back from the output.
    """
    if not graph.backward_order:
        raise Refused("backward.nothing", name=graph.output)
    output = values[graph.output]
    if given is not None and given.shape == output.shape:
        return given.to(output)
    if given is not None or output.numel() != 1:
        raise Refused("backward.seed", name=graph.output, shape=str(tuple(output.shape)))
    return torch.ones_like(output)


def _leaf(graph: Graph, name: str, value: Tensor) -> Tensor:
    """The value cut off from whatever computed it."""
    return value.detach().requires_grad_(name in graph.differentiable and value.is_floating_point())


def _differentiable(tape: Tape) -> dict[int, Tensor]:
    """The inputs that a gradient goes to, by their position."""
    if not tape.output.requires_grad:
        return {}
    return {
        position: given
        for position, given in enumerate(tape.inputs)
        if isinstance(given, Tensor) and given.requires_grad
    }


# ---------------------------------------------------------------- the whole graph
def evaluate(graph: Graph, values: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The values of the leaves as given, and of all nodes, without gradients."""
    known = dict(values)
    with torch.no_grad():
        for node in graph.nodes:
            known[node.name] = _computed(node, known)
    return known


def loss_and_gradients(
    graph: Graph, values: Mapping[str, Tensor], wanted: Sequence[str], given: Tensor | None = None
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The values of all nodes, and the gradients of the `wanted` leaves and nodes that get one, by one autograd run.

    `given` is the seed gradient, as in `seed`. Raises Refused where an output that is no scalar has none.
    """
    known = {leaf.name: _leaf(graph, leaf.name, values[leaf.name]) for leaf in graph.leaves}
    with torch.enable_grad():
        for node in graph.nodes:
            value = _computed(node, known)
            known[node.name] = value.detach() if node.name in graph.cut else value
    nodes = {node.name: known[node.name].detach() for node in graph.nodes}
    sources = {name: known[name] for name in wanted if known[name].requires_grad}
    if not sources or not graph.backward_order:
        return nodes, {}
    start = seed(graph, nodes, given)
    found = torch.autograd.grad(known[graph.output], list(sources.values()), start, allow_unused=True)
    return nodes, {name: gradient for name, gradient in zip(sources, found, strict=True) if gradient is not None}


def _computed(node: Node, known: Mapping[str, Tensor]) -> Tensor:
    return apply(node, [known[name] if isinstance(name, str) else name for name in node.inputs])
