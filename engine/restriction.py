"""One number of a graph as a function of one tensor, all else as it stands: what there is to differentiate."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from engine import stepper
from engine.graph import Graph, Node
from engine.kernels import TORCH_ERRORS, apply
from engine.words import Refused

Index = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Restriction:
    """`output` as a function of `source`, a leaf or a node; a node counts as given, whatever computed it."""

    graph: Graph
    output: str
    source: str
    nodes: tuple[Node, ...]  # that compute the output, in order; nothing from before the source
    known: Mapping[str, Tensor]  # the leaves, and all nodes
    dtype: torch.dtype | None = None  # in which everything is computed; None: as the graph has it

    @classmethod
    def of(cls, graph: Graph, leaves: Mapping[str, Tensor], output: str = "", source: str = "") -> Restriction:
        """Empty names are the graph's output, and the first leaf that a gradient reaches from it.

        Raises Refused for what there is not, for an output of more than one number, and where torch refuses.
        """
        output = output or graph.output
        if output not in (node.name for node in graph.nodes):
            raise Refused("look.no_operation")
        source = source or _first(graph, output)
        try:
            known = stepper.evaluate(graph, leaves)
        except TORCH_ERRORS as error:
            raise Refused("look.not_computed", reason=str(error).strip().split("\n")[0]) from error
        if known[output].numel() != 1:
            raise Refused("look.many_numbers", name=output, shape=str(tuple(known[output].shape)))
        if source not in known:
            raise Refused("look.no_tensor", name=source)
        if source not in graph.differentiable or not known[source].is_floating_point() or not known[source].numel():
            raise Refused("look.not_differentiable", name=source)
        return cls(graph, output, source, _behind(graph, output, source), known)

    @property
    def value(self) -> Tensor:
        """The source as it stands."""
        return self.known[self.source]

    def place(self, index: Index) -> Index:
        """The element that an index means; the first one for (). Raises Refused where there is none."""
        shape = tuple(self.value.shape)
        place = index or (0,) * len(shape)
        if len(place) != len(shape) or not all(0 <= at < size for at, size in zip(place, shape, strict=True)):
            raise Refused("edit.index", name=self.source, index=str(list(index)), shape=str(shape))
        return place

    @property
    def on_the_way(self) -> tuple[Node, ...]:
        """The operations through which the source reaches the output, and a gradient comes back."""
        reached, found = {self.source}, []
        for node in self.nodes:
            if node.name in self.graph.differentiable and reached.intersection(node.sources):
                reached.add(node.name)
                found.append(node)
        return tuple(found)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The leaves that the output depends on and a gradient can reach."""
        used = {name for node in self.nodes for name in node.sources}
        return tuple(
            leaf.name
            for leaf in self.graph.leaves
            if leaf.name in used and leaf.differentiable and self.known[leaf.name].is_floating_point()
        )

    @property
    def count(self) -> int:
        """How many numbers these parameters hold."""
        return sum(math.prod(self.known[name].shape) for name in self.parameters)

    # ---------------------------------------------------------------- computing
    def at(self, value: Tensor) -> Tensor:
        """The output, a single number, for another value of the source."""
        with torch.no_grad():
            return self._computed({**self.known, self.source: value}).detach()

    def gradients(self, names: Iterable[str]) -> dict[str, Tensor]:
        """The derivatives with respect to the source and these leaves by one autograd run; 0 where nothing arrives."""
        wanted = tuple(dict.fromkeys((self.source, *names)))
        leaves = {name: self.known[name].detach().requires_grad_() for name in wanted}
        with torch.enable_grad():
            output = self._computed({**self.known, **leaves})
        if not output.requires_grad:
            return {name: torch.zeros_like(leaf) for name, leaf in leaves.items()}
        found = torch.autograd.grad(output, list(leaves.values()), allow_unused=True)
        pairs = zip(leaves.items(), found, strict=True)
        return {name: torch.zeros_like(leaf) if grad is None else grad for (name, leaf), grad in pairs}

    def precise(self) -> Restriction:
        """The same function in float64, from the numbers as they are."""
        nodes = tuple(self._without_cast(node) for node in self.nodes)
        known = {name: _to(value, torch.float64) for name, value in self.known.items()}
        found = replace(self, nodes=nodes, known=known, dtype=torch.float64)
        with torch.no_grad():
            found._computed(known)  # so that the nodes' values, too, are those of float64
        return found

    def _computed(self, known: dict[str, Tensor]) -> Tensor:
        for node in self.nodes:
            found = apply(node, [known[name] if isinstance(name, str) else name for name in node.inputs])
            known[node.name] = found if self.dtype is None else _to(found, self.dtype)
        return known[self.output].reshape(())

    def _without_cast(self, node: Node) -> Node:
        """`float` leaves float64."""
        given = node.inputs[0]
        cast = node.op == "float" and isinstance(given, str) and self.known[given].is_floating_point()
        return replace(node, op="identity") if cast else node


def _to(value: Tensor, dtype: torch.dtype) -> Tensor:
    return value.to(dtype) if value.is_floating_point() else value


def _behind(graph: Graph, output: str, source: str) -> tuple[Node, ...]:
    wanted, found = {output}, []
    for node in reversed(graph.nodes):
        if node.name in wanted and node.name != source:
            found.append(node)
            wanted.update(node.sources)
    return tuple(reversed(found))


def _first(graph: Graph, output: str) -> str:
    wanted = {name for node in _behind(graph, output, "") for name in node.sources}
    found = [leaf.name for leaf in graph.leaves if leaf.name in wanted and leaf.differentiable]
    if not found:
        raise Refused("backward.nothing", name=output)
    return found[0]
