"""Training as a flat list of torch's kernels: the same bits as autograd with torch.optim, without what they cost.

An iteration of a net is a chain, so nothing has to be recorded to find the way back: the kernels of forward are called
in order, then those of backward in the opposite order, each into a buffer that is used again and again. Parameters and
gradients lie in one vector each, so that the optimizer's step is a single update. A net with an operation that has no
row here is trained by autograd (`Experiment.train`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from engine import optimizers, spec
from engine.graph import Graph, Node
from engine.optimizers import Slots

Call = Callable[[], object]
_aten = torch.ops.aten
MEAN, NO_CLASS = 1, -100  # how aten numbers reductions; the class that a loss would ignore
SAME = ("identity", "flatten")  # of samples that are vectors: nothing is done


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
        lambda z, a: partial(_aten.relu.out, z, out=a),
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
def _bce_logits(p: Tensor, y: Tensor, g: Tensor) -> list[Call]:
    return [partial(torch.sigmoid, p, out=g), partial(g.sub_, y), partial(g.div_, g.numel())]


def _bce(p: Tensor, y: Tensor, g: Tensor) -> list[Call]:
    return [partial(_aten.binary_cross_entropy_backward.grad_input, p.new_ones(()), p, y, None, MEAN, grad_input=g)]


def _mse(p: Tensor, y: Tensor, g: Tensor) -> list[Call]:
    return [partial(_aten.mse_loss_backward.grad_input, p.new_ones(()), p, y, MEAN, grad_input=g)]


def _half_sse(p: Tensor, y: Tensor, g: Tensor) -> list[Call]:
    return [partial(torch.sub, p, y, out=g)]


def _sse(p: Tensor, y: Tensor, g: Tensor) -> list[Call]:
    return [*_half_sse(p, y, g), partial(g.mul_, 2)]


def _cross_entropy(p: Tensor, y: Tensor, g: Tensor) -> list[Call]:
    one, count, logs, above = p.new_ones(()), p.new_tensor(float(len(p))), torch.empty_like(p), torch.empty_like(p)
    return [
        partial(_aten._log_softmax.out, p, 1, False, out=logs),
        partial(_aten.nll_loss_backward.grad_input, one, logs, y, None, MEAN, NO_CLASS, count, grad_input=above),
        partial(_aten._log_softmax_backward_data.out, above, logs, 1, p.dtype, out=g),
    ]


# loss -> the gradient of p into g
GRADIENTS: dict[str, Callable[[Tensor, Tensor, Tensor], list[Call]]] = {
    "bce_logits": _bce_logits,
    "bce": _bce,
    "mse": _mse,
    "sse": _sse,
    "half_sse": _half_sse,
    "cross_entropy": _cross_entropy,
}


def _each_alone(loss: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    return lambda p, y: torch.stack([loss(*each) for each in zip(p, y, strict=True)])


def _rows(loss: Callable[..., Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    """The mean of each iteration; along a row it has the same bits as alone."""
    return lambda p, y: loss(p, y, reduction="none").flatten(1).mean(1)


# loss -> the losses of many iterations, p and y (iterations, samples, ...), each as it is alone
LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "bce_logits": _rows(F.binary_cross_entropy_with_logits),
    "bce": _rows(F.binary_cross_entropy),
    "mse": _rows(F.mse_loss),
    "sse": lambda p, y: ((p - y) ** 2).flatten(1).sum(1),
    "half_sse": lambda p, y: ((p - y) ** 2).flatten(1).sum(1) / 2,
    "cross_entropy": _each_alone(F.cross_entropy),
}


# ---------------------------------------------------------------- one iteration, as calls
class Vector:
    """Named tensors as views of one vector, in the order of `like`.

    Each begins where a tensor of its own would, at a multiple of 64 bytes: how matrices are multiplied, and so the last
    bits, may depend on it. What lies between stays 0.
    """

    ALIGNED = 64

    def __init__(self, like: Mapping[str, Tensor]) -> None:
        self._like = dict(like)
        first = next(iter(like.values()))
        step = self.ALIGNED // first.element_size()
        sizes = [-(-each.numel() // step) * step for each in like.values()]
        self._begins = [sum(sizes[:place]) for place in range(len(sizes))]
        self.flat = first.new_zeros(sum(sizes))
        self.views = self.apart(self.flat)

    def apart(self, flat: Tensor) -> dict[str, Tensor]:
        """The tensors in a vector of this layout."""
        return {
            name: flat[begin : begin + each.numel()].view(each.shape)
            for begin, (name, each) in zip(self._begins, self._like.items(), strict=True)
        }

    def joined(self, tensors: Mapping[str, Tensor]) -> Tensor:
        """A vector of this layout with these values."""
        flat = torch.zeros_like(self.flat)
        for name, view in self.apart(flat).items():
            view.copy_(tensors[name])
        return flat

    def copies(self, flat: Tensor) -> dict[str, Tensor]:
        """The tensors in a vector of this layout, each with memory of its own."""
        return {name: view.clone() for name, view in self.apart(flat).items()}


class Pass:
    """Forward and backward of an iteration with batches of one size, on buffers of its own."""

    KEPT = 1 << 18  # elements of predictions that are kept until their losses are computed

    def __init__(self, graph: Graph, parameters: Vector, gradients: Vector, x: Tensor, y: Tensor) -> None:
        self.x, self.y, self.loss = torch.empty_like(x), torch.empty_like(y), graph.node(graph.output)
        self._parameters, self._gradients = parameters.views, gradients.views
        self._backward: list[list[Call]] = []  # of each operation, to be called in the opposite order
        self.calls: list[Call] = []
        z, g = self.x, self.x  # a buffer of values, and that of its gradient; nobody wants that of the samples
        for node in graph.nodes[:-1]:
            if node.op == "linear":
                z, g = self._linear(node, z, g)
            elif node.op not in SAME:
                z, g = self._activation(node, z, g)
        self.predictions, g = (z.squeeze(-1), g.squeeze(-1)) if self.loss.squeeze else (z, g)
        self.calls += GRADIENTS[self.loss.op](self.predictions, self.y, g)
        self.calls += [call for calls in reversed(self._backward) for call in calls]
        self.most = max(1, self.KEPT // self.predictions.numel())  # iterations between two calls of `losses`
        self._kept = self.predictions.new_empty(self.most, *self.predictions.shape)
        self._targets: list[Tensor] = []
        self._places: list[int] = []

    def _linear(self, node: Node, z: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
        weight, bias = (self._parameters[name] for name in node.sources[1:])
        to_weight, to_bias = (self._gradients[name] for name in node.sources[1:])
        out, passed = (z.new_empty(len(z), len(weight)) for _ in range(2))
        self.calls.append(partial(torch.addmm, bias, z, weight.t(), out=out))
        back: list[Call] = [partial(torch.mm, passed.t(), z, out=to_weight), partial(torch.sum, passed, 0, out=to_bias)]
        self._backward.append(back if z is self.x else [*back, partial(torch.mm, passed, weight, out=g)])
        return out, passed

    def _activation(self, node: Node, z: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
        forward, backward = ACTIVATIONS[node.op]
        out, passed = torch.empty_like(z), torch.empty_like(z)
        self.calls.append(forward(z, out))
        self._backward.append([backward(passed, z, out, g)])
        return out, passed

    def run(self, x: Tensor, y: Tensor, place: int) -> bool:
        """Gradients for one batch. Its loss is computed later, as number `place`; returns whether it is time to."""
        self.x.copy_(x)
        self.y.copy_(y)
        for call in self.calls:
            call()
        self._kept[len(self._places)].copy_(self.predictions)
        self._targets.append(y)
        self._places.append(place)
        return len(self._places) == self.most

    def losses(self, into: Tensor) -> None:
        """The losses that wait, each at its place."""
        if self._places:
            found = LOSSES[self.loss.op](self._kept[: len(self._places)], torch.stack(self._targets))
            into[self._places] = found
            self._places, self._targets = [], []


# ---------------------------------------------------------------- many iterations
@dataclass(frozen=True, eq=False)
class Weights:
    """What an iteration begins with, or ends with: gradients are those of the iteration before."""

    parameters: dict[str, Tensor]
    slots: dict[str, Slots]
    grads: dict[str, Tensor]


class Plan:
    """The training of one net with one optimizer. Raises KeyError for a net that it cannot train (see `suits`)."""

    def __init__(self, graph: Graph, parameters: Mapping[str, Tensor], optimizer: spec.Optimizer) -> None:
        like = {name: parameters[name] for name in graph.parameters}
        self.graph, self.optimizer = graph, optimizer
        self._parameters, self._gradients = Vector(like), Vector(like)
        self._passes: dict[tuple[int, ...], Pass] = {}

    @staticmethod
    def suits(graph: Graph, x: Tensor) -> bool:
        """Whether every operation of this net has a row here: layers on vectors, a linear one first."""
        *layers, loss = (node.op for node in graph.nodes)
        known = all(op == "linear" or op in ACTIVATIONS or op in SAME for op in layers)
        first = next((op for op in layers if op not in SAME), None)
        return graph.loss is not None and known and first == "linear" and loss in GRADIENTS and x.dim() == 2

    def run(
        self, begin: Weights, lr: float, batches: Iterable[tuple[Tensor, Tensor]], count: int
    ) -> tuple[Weights, Weights, Tensor]:
        """`count` iterations: with what the last one began, with what it ended, and all losses (count)."""
        update = optimizers.update_rule(self.optimizer)
        self._parameters.flat.copy_(self._parameters.joined(begin.parameters))
        slots, before, losses = self._joined(begin.slots), begin, torch.empty(count)
        flat, gradient = self._parameters.flat, self._gradients.flat
        with torch.no_grad():
            for place, (x, y) in zip(range(count), batches, strict=False):  # no more of them is taken than is needed
                if place == count - 1 and place:
                    before = self._weights(slots)
                one = self._pass(x, y)
                if one.run(x, y, place):
                    one.losses(losses)
                new, slots = update(self.optimizer, lr, flat, gradient, slots)
                flat.copy_(new)
            for each in self._passes.values():
                each.losses(losses)
        return before, self._weights(slots), losses

    def _pass(self, x: Tensor, y: Tensor) -> Pass:
        found = self._passes.get(x.shape)
        if found is None:
            found = self._passes[x.shape] = Pass(self.graph, self._parameters, self._gradients, x, y)
        return found

    def _weights(self, slots: Slots) -> Weights:
        layout = self._parameters
        parts = {
            name: layout.copies(value) if isinstance(value, Tensor) else dict.fromkeys(layout.views, value)
            for name, value in slots.items()
        }
        apart: dict[str, Slots] = {name: {slot: part[name] for slot, part in parts.items()} for name in layout.views}
        return Weights(layout.copies(layout.flat), apart if parts else {}, layout.copies(self._gradients.flat))

    def _joined(self, slots: Mapping[str, Slots]) -> Slots:
        """The optimizer's memory of all parameters as that of the one vector."""
        first = slots.get(self.graph.parameters[0], {})
        joined: dict[str, Tensor | int] = {}
        for slot, value in first.items():
            each = {name: slots[name][slot] for name in self.graph.parameters}
            joined[slot] = self._parameters.joined(each) if isinstance(value, Tensor) else value  # type: ignore[arg-type]
        return joined
