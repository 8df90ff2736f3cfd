"""One number of the graph as a function of some elements of its tensors, all else as it stands."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import torch

from engine import stepper
from engine.experiment import Experiment
from engine.graph import Graph, Node
from engine.kernels import TORCH_ERRORS, apply
from engine.looks.records import Element
from engine.state import State, Tensors
from engine.words import Refused

SAMPLES = 4096  # of a batch or a training set at most
FEWEST = 64  # and at least
WORK = 2e7  # multiplications that one point may take: a few milliseconds


class Landscape:
    """`output` over `elements` of leaves or nodes; an element that is a node's is set, whatever computed it.

    Raises Refused for what there is not, for an output that is no single number, and where torch refuses.
    """

    def __init__(self, graph: Graph, values: Tensors, elements: tuple[Element, ...], output: str = "") -> None:
        self.output = output or graph.output
        self.elements = elements
        if self.output not in (node.name for node in graph.nodes):
            raise Refused("look.no_operation")
        self.graph = replace(graph, output=self.output)
        try:
            self.present = stepper.evaluate(self.graph, values)
        except TORCH_ERRORS as error:
            raise Refused("look.not_computed", reason=str(error).strip().split("\n")[0]) from error
        if self.present[self.output].numel() != 1:
            raise Refused("look.not_scalar", name=self.output, shape=str(tuple(self.present[self.output].shape)))
        for element in elements:
            check(self.graph, self.present, element)
        self._nodes = downstream(self.graph, {element.name for element in elements})

    def value(self, element: Element) -> float:
        """The present value of an element."""
        return float(self.present[element.name][element.index])

    @property
    def loss(self) -> float:
        """The output as it stands."""
        return float(self.present[self.output])

    def at(self, *numbers: float) -> float:
        """The output where the elements have these values, one each; nan where torch refuses."""
        known = dict(self.present)
        for element, number in zip(self.elements, numbers, strict=True):
            tensor = known[element.name].clone()
            tensor[element.index] = number
            known[element.name] = tensor
        try:
            return self._computed(known)
        except TORCH_ERRORS:
            return math.nan

    def _computed(self, known: dict[str, torch.Tensor]) -> float:
        with torch.no_grad():
            for node in self._nodes:
                known[node.name] = apply(node, [known[x] if isinstance(x, str) else x for x in node.inputs])
        return float(known[self.output])

    def slope(self, element: Element) -> float | None:
        """The derivative of the output with respect to an element, as autograd gives it; None where it gives none."""
        leaves = {leaf.name: self.present[leaf.name] for leaf in self.graph.leaves}
        try:
            _, found = stepper.loss_and_gradients(self.graph, leaves, [element.name])
        except (*TORCH_ERRORS, Refused):
            return None
        return float(found[element.name][element.index]) if element.name in found else None


def check(graph: Graph, values: Mapping[str, torch.Tensor], element: Element) -> None:
    """Raises Refused unless there is such an element, and a gradient can reach it."""
    if element.name not in values:
        raise Refused("look.no_tensor", name=element.name)
    if element.name not in graph.differentiable:
        raise Refused("look.not_differentiable", name=element.name)
    tensor = values[element.name]
    fits = len(element.index) == tensor.ndim
    if not fits or not all(0 <= at < size for at, size in zip(element.index, tensor.shape, strict=True)):
        shape = str(tuple(tensor.shape))
        raise Refused("edit.index", name=element.name, index=str(list(element.index)), shape=shape)


def downstream(graph: Graph, names: set[str]) -> tuple[Node, ...]:
    """The nodes that are computed from these, in order; not these themselves."""
    reached, found = set(names), []
    for node in graph.nodes:
        if node.name not in names and reached.intersection(node.sources):
            reached.add(node.name)
            found.append(node)
    return tuple(found)


# ---------------------------------------------------------------- of which samples
def batch(experiment: Experiment, state: State) -> dict[str, torch.Tensor]:
    """The leaves on the present batch, or on some of it where it is large."""
    leaves = experiment.leaves(state)
    if experiment.dataset is None:
        return leaves
    return leaves | some(leaves["x"], leaves["y"], state.parameters)


def training_set(experiment: Experiment, state: State) -> dict[str, torch.Tensor]:
    """The leaves on the whole training set, or on some of it where it is large; as they are for a graph."""
    if experiment.dataset is None:
        return experiment.leaves(state)
    data = experiment.data_on(state.settings.device)
    return dict(state.parameters) | some(data.x, data.y, state.parameters)


def some(x: torch.Tensor, y: torch.Tensor, weights: Tensors) -> dict[str, torch.Tensor]:
    """x and y of all samples, or of as many as can be computed in a few milliseconds, evenly chosen."""
    size = sum(tensor.numel() for tensor in weights.values())
    most = max(FEWEST, min(SAMPLES, int(WORK / max(1, size))))
    if len(x) <= most:
        return {"x": x, "y": y}
    chosen = torch.linspace(0, len(x) - 1, most, dtype=torch.float64, device=x.device).long()
    return {"x": x[chosen], "y": y[chosen]}


# ---------------------------------------------------------------- over which range
def around(value: float, wider: int) -> tuple[float, float]:
    """A range about a value with round ends, so that it stays while the value moves a little."""
    if not math.isfinite(value):
        value = 0.0
    half = _round_up(2 * max(1.0, abs(value))) * 2.0**wider
    middle = round(value / (half / 4)) * (half / 4)
    return middle - half, middle + half


def containing(given: tuple[float, float], values: list[float]) -> tuple[float, float]:
    """The range, made so wide that these finite values lie well inside."""
    low, high = min(values, default=given[0]), max(values, default=given[1])
    room = (max(high, given[1]) - min(low, given[0])) / 20
    return (given[0] if given[0] < low else low - room), (given[1] if given[1] > high else high + room)


def _round_up(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 4, 5, 8, 10) if step * power >= value * (1 - 1e-9))
