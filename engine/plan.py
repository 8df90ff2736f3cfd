"""Training as a flat list of torch's kernels: the same bits as autograd with torch.optim, without what they cost.

An iteration of a net is a chain, so nothing has to be recorded to find the way back: the kernels of forward are called
in order, then those of backward in the opposite order, each into a buffer that is used again and again. The samples of
many batches are brought at once, and their losses computed at once. Parameters and gradients lie in one vector each, so
that the optimizer's step is a single update. A net with an operation that has no row here is trained by autograd
(`engine.training`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain

import torch
from torch import Tensor

from engine import optimizers, spec
from engine.flat_kernels import ACTIVATIONS, GRADIENTS, LOSSES, Call
from engine.graph import Graph, Node
from engine.optimizers import Slots
from engine.vectors import Vector, side_by_side

SAME = ("identity", "flatten")  # of samples that are vectors: nothing is done


# ---------------------------------------------------------------- iterations, as calls
class Window:
    """Some batches of `rows` of the samples x and y, each with the calls of its iteration: forward, loss, backward.

    Every iteration leaves its gradients in the same place, and uses the same buffers between the first layer's input
    and the predictions.
    """

    MOST = 64  # iterations
    ELEMENTS = 1 << 18  # of samples, targets and predictions

    def __init__(self, graph: Graph, parameters: Vector, gradients: Vector, x: Tensor, y: Tensor, rows: int) -> None:
        *self._layers, self.loss = (node for node in graph.nodes if node.op not in SAME)
        self._parameters, self._gradients = parameters.views, gradients.views
        widths = _widths(self._layers, self._parameters, x.shape[1])
        self._between = {node.name: x.new_empty(rows, width) for node, width in zip(self._layers, widths, strict=True)}
        self._passed = {name: torch.empty_like(values) for name, values in self._between.items()}
        shapes = (rows, *x.shape[1:]), (rows, *y.shape[1:]), (rows, widths[-1])
        most = min(self.MOST, self.ELEMENTS // sum(math.prod(shape) for shape in shapes))
        self.size, self.rows, self.used = max(1, most), rows, 0
        self.x, self.y, self.predictions = (
            side_by_side(like, self.size, shape) for like, shape in zip((x, y, x), shapes, strict=True)
        )
        self._samples = (x, self.x), (y, self.y)
        self.losses = x.new_empty(self.size)
        self._iterations: list[list[Call]] = []  # as many as were ever used
        self._waiting: list[tuple[int, int]] = []  # iterations whose losses are still to be computed, as ranges

    def _iteration(self, place: int) -> list[Call]:
        forward: list[Call] = []
        backward: list[list[Call]] = []  # of each layer, to be called in the opposite order
        z, g = self.x[place], None  # a buffer of values, and that of its gradient; nobody wants that of the samples
        for node in self._layers:
            out = self.predictions[place] if node is self._layers[-1] else self._between[node.name]
            passed = self._passed[node.name]
            call, back = (self._linear if node.op == "linear" else _activation)(node, z, out, passed, g)
            forward.append(call)
            backward.append(back)
            z, g = out, passed
        assert g is not None
        p, g = (z.squeeze(-1), g.squeeze(-1)) if self.loss.squeeze else (z, g)
        loss = GRADIENTS[self.loss.op](p, self.y[place], g, self.losses[place])
        return [*forward, *loss, *chain.from_iterable(reversed(backward))]

    def _linear(self, node: Node, z: Tensor, out: Tensor, passed: Tensor, g: Tensor | None) -> tuple[Call, list[Call]]:
        weight, bias = (self._parameters[name] for name in node.sources[1:])
        to_weight, to_bias = (self._gradients[name] for name in node.sources[1:])
        back: list[Call] = [partial(torch.mm, passed.t(), z, out=to_weight), partial(torch.sum, passed, 0, out=to_bias)]
        if g is not None:
            back.append(partial(torch.mm, passed, weight, out=g))
        return partial(torch.addmm, bias, z, weight.t(), out=out), back

    def take(self, order: Tensor, number: int) -> list[list[Call]]:
        """The calls of as many iterations on these samples as there is room for; `number` is that of the first."""
        begin, count = self.used, min(len(order) // self.rows, self.size - self.used)
        self.used += count
        chosen = order[: count * self.rows]
        for samples, place in self._samples:
            found = samples.index_select(0, chosen)
            place[begin : self.used].copy_(found.view(count, self.rows, *found.shape[1:]))
        self._waiting.append((number, number + count))
        while len(self._iterations) < self.used:
            self._iterations.append(self._iteration(len(self._iterations)))
        return self._iterations[begin : self.used]

    def empty(self, losses: Tensor) -> None:
        """Compute the losses that wait, each into the place of its number; there is room again."""
        if not self.used:
            return
        found, together = self.losses[: self.used], LOSSES.get(self.loss.op)
        if together is not None:
            p, y = self.predictions[: self.used], self.y[: self.used]
            p = p.squeeze(-1) if self.loss.squeeze else p
            found = torch.cat([together(*each) for each in zip(*self._apart(p, y), strict=True)])
        lengths = [end - begin for begin, end in self._waiting]
        for (begin, end), part in zip(self._waiting, found.split(lengths), strict=True):
            losses[begin:end] = part
        self.forget()

    def forget(self) -> None:
        """Let go what is in it."""
        self.used, self._waiting = 0, []

    def _apart(self, *tensors: Tensor) -> Iterator[tuple[Tensor, ...]]:
        """All iterations at once; one by one on a GPU, where the last bits of a sum depend on how many there are."""
        return (each.split(1 if each.is_cuda else max(1, len(each))) for each in tensors)


def _activation(node: Node, z: Tensor, out: Tensor, passed: Tensor, g: Tensor | None) -> tuple[Call, list[Call]]:
    forward, backward = ACTIVATIONS[node.op]
    assert g is not None  # the first layer is linear
    return forward(z, out), [backward(passed, z, out, g)]


def _widths(layers: list[Node], parameters: Mapping[str, Tensor], features: int) -> list[int]:
    """How many units each layer has."""
    found = [features]
    for node in layers:
        found.append(len(parameters[node.sources[1]]) if node.op == "linear" else found[-1])
    return found[1:]


# ---------------------------------------------------------------- many iterations
@dataclass(frozen=True, eq=False)
class Weights:
    """What an iteration leaves."""

    parameters: Mapping[str, Tensor]
    slots: Mapping[str, Slots]
    grads: Mapping[str, Tensor]


class Plan:
    """The training of one net on the samples x and y with one optimizer, from the weights that were `put` in.

    `suits` says for which nets. Nothing here is ever differentiated: torch's inference mode saves asking whether.
    """

    @torch.inference_mode()
    def __init__(
        self, graph: Graph, parameters: Mapping[str, Tensor], optimizer: spec.Optimizer, x: Tensor, y: Tensor
    ) -> None:
        like = {name: parameters[name] for name in graph.parameters}
        self.graph, self.optimizer, self.x, self.y = graph, optimizer, x, y
        self.user: Callable[[], object] = lambda: None  # who has put weights in, while it is there
        self._parameters, self._gradients = Vector(like), Vector(like)
        self._slots: Slots = {}
        self._update = optimizers.update_rule(optimizer)
        self._windows: dict[int, Window] = {}  # by samples in a batch

    @staticmethod
    def suits(graph: Graph, x: Tensor) -> bool:
        """Whether every operation of this net has a row here: layers on vectors, a linear one first."""
        *layers, loss = (node.op for node in graph.nodes)
        known = all(op == "linear" or op in ACTIVATIONS or op in SAME for op in layers)
        first = next((op for op in layers if op not in SAME), None)
        return graph.loss is not None and known and first == "linear" and loss in GRADIENTS and x.dim() == 2

    @torch.inference_mode()
    def put(self, parameters: Mapping[str, Tensor], slots: Mapping[str, Slots]) -> None:
        """Begin with these; they are copied."""
        self._parameters.fill(parameters)
        self._slots = self._joined(slots)

    def weights(self, gradients: bool = True) -> Weights:
        """Copies of what there is now, on request without gradients."""
        layout = self._parameters
        parts = {
            name: layout.copies(value) if isinstance(value, Tensor) else dict.fromkeys(layout.views, value)
            for name, value in self._slots.items()
        }
        apart: dict[str, Slots] = {name: {slot: part[name] for slot, part in parts.items()} for name in layout.views}
        grads = layout.copies(self._gradients.flat) if gradients else {}
        return Weights(layout.copies(layout.flat), apart if parts else {}, grads)

    @torch.inference_mode()
    def run(self, orders: Iterable[Tensor], rows: int, lr: float, count: int) -> list[float]:
        """`count` iterations; their losses. What torch raises ends them; the weights are then of no use.

        Each order has the indices of the samples of some batches, `rows` in each; only the last one may be smaller.
        """
        losses, done = self._parameters.flat.new_empty(count), 0
        try:
            for order in orders:
                whole = len(order) // rows * rows
                done = self._train(order[:whole], rows, lr, done, losses)
                done = self._train(order[whole:], len(order) - whole, lr, done, losses)
            for window in self._windows.values():
                window.empty(losses)
        except BaseException:
            for window in self._windows.values():
                window.forget()
            raise
        return losses.tolist()

    def _train(self, order: Tensor, rows: int, lr: float, done: int, losses: Tensor) -> int:
        """The batches of `rows` samples in this order; how many iterations are `done` after them."""
        flat, gradient, optimizer, update, slots = (
            self._parameters.flat, self._gradients.flat, self.optimizer, self._update, self._slots,
        )  # fmt: skip
        while len(order):
            window = self._window(rows)
            if window.used == window.size:
                window.empty(losses)
            iterations = window.take(order, done)
            for calls in iterations:
                for call in calls:
                    call()
                _, slots = update(optimizer, lr, flat, gradient, slots, True)
            done += len(iterations)
            order = order[len(iterations) * rows :]
        self._slots = slots
        return done

    def _window(self, rows: int) -> Window:
        found = self._windows.get(rows)
        if found is None:
            found = self._windows[rows] = Window(self.graph, self._parameters, self._gradients, self.x, self.y, rows)
        return found

    def _joined(self, slots: Mapping[str, Slots]) -> Slots:
        """The optimizer's memory of all parameters as that of the one vector."""
        first = slots.get(self.graph.parameters[0], {})
        joined: dict[str, Tensor | int] = {}
        for slot, value in first.items():
            each = {name: slots[name][slot] for name in self.graph.parameters}
            joined[slot] = self._parameters.joined(each) if isinstance(value, Tensor) else value  # type: ignore[arg-type]
        return joined
