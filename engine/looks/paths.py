"""All paths between two tensors of a graph: the factor on each edge, the product along each path, and their sum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import torch
from torch import Tensor

from engine.graph import Graph
from engine.looks.between import Between, batched, between, nodes_between
from engine.looks.records import Link, Path, Paths, SeenPaths
from engine.records import record
from engine.session import Session
from engine.state import State
from engine.stepper import Tape
from engine.words import Refused, Sentence

MOST = 64  # paths
LOCAL = 64  # elements of a local Jacobian that is sent
ROWS = 64  # elements of an output, each of which takes a derivative along every path
ELEMENTS = 4096  # of the products of an output that is no scalar
COUNTED = 2**53  # more paths than that are not told apart
Edge = tuple[str, int]  # the operation that has this input, and which of its inputs


def see(session: Session, look: Paths) -> SeenPaths:
    """The paths with their products, and what autograd says of the whole."""
    graph, state = session.experiment.graph, session.look()
    output = look.output or graph.output
    source = look.source or next((leaf.name for leaf in graph.leaves if leaf.differentiable), "")
    if output not in (node.name for node in graph.nodes):
        return SeenPaths(of=look, refused=Sentence("look.no_operation"))
    try:
        if source not in graph.differentiable:
            raise Refused("chain.no_gradient", name=source)
        found = between(graph, state, output, source, look.sample)
        if found.rows > ROWS or (found.rows > 1 and found.rows * found.columns > ELEMENTS):
            raise Refused("chain.too_large", output=output, rows=found.rows)
    except Refused as refused:
        return SeenPaths(of=look, output=output, source=source, refused=refused.sentence)
    return _Walk(graph, state, found, output, source).seen(look)


@dataclass(frozen=True, eq=False)
class _Reached:
    """A node on the way back from the output: what has come down to it, a gradient for each output element."""

    name: str
    rows: tuple[Tensor, ...]
    links: tuple[Edge, ...] = ()  # from the output down
    died: int | None = None  # how many of these are left when nothing is


class _Walk:
    """From the output back to the source and to the other leaves, edge by edge."""

    def __init__(self, graph: Graph, state: State, found: Between, output: str, source: str) -> None:
        self.graph, self.tapes, self.found = graph, state.tapes, found
        self.output, self.source = output, source
        self.zeros: set[Edge] = set()  # edges whose factor is 0
        self.batched = batched(graph)

    def seen(self, look: Paths) -> SeenPaths:
        found, numbers = self.found, dict[Edge, int]()
        own = list(islice(self.paths(), MOST))
        others = list(islice(self.from_other_leaves(), MOST - len(own)))
        for edge in (edge for path in own for edge in path.links):
            numbers.setdefault(edge, len(numbers))
        for edge in (edge for _, edges in others for edge in edges):
            numbers.setdefault(edge, len(numbers))
        links = tuple(self.link(edge) for edge in numbers)
        total = torch.stack([found.row(row) for row in range(found.rows)])
        return SeenPaths(
            of=look, output=self.output, source=self.source, links=links,
            paths=(*(self.told(path, numbers) for path in own),
                   *(Path(leaf, tuple(numbers[edge] for edge in edges), None) for leaf, edges in others)),
            count=count(self.graph, self.output, self.source), total=record(total),
            output_shape=found.output_shape, source_shape=found.source_shape,
            sample=found.sample, samples=found.samples,
        )  # fmt: skip

    # ---------------------------------------------------------------- the paths themselves
    def paths(self) -> Iterator[_Reached]:
        """Every path to the source with its product, in the order of the operations' inputs."""
        between = {node.name for node in nodes_between(self.graph, self.output, self.source)}
        waiting = [_Reached(self.output, self._basis())] if between else []
        while waiting:
            here = waiting.pop()
            if here.name == self.source:
                yield here
                continue
            inputs = self.graph.node(here.name).inputs
            waiting += [
                self._down(here, position)
                for position in reversed(range(len(inputs)))
                if inputs[position] == self.source or inputs[position] in between
            ]

    def from_other_leaves(self) -> Iterator[tuple[str, tuple[Edge, ...]]]:
        """Those from leaves that do not hang on the source: their first factor is 0. In nets there are too many."""
        inputs = self.graph.leaves if self.graph.loss is None else ()
        leaves = [leaf.name for leaf in inputs if leaf.differentiable]
        for leaf in leaves if self.source in leaves else ():
            if leaf != self.source:
                yield from ((leaf, edges) for edges in edges_between(self.graph, self.output, leaf))

    def _basis(self) -> tuple[Tensor, ...]:
        """A 1 at each element of the output; of a batch, of the one sample."""
        output, found = self.tapes[self.output].output.detach(), self.found
        start = found.sample * found.rows if found.sample is not None and not found.pick else 0
        rows = []
        for row in range(found.rows):
            basis = torch.zeros_like(output, memory_format=torch.contiguous_format)
            basis.view(-1)[start + row] = 1
            rows.append(basis)
        return tuple(rows)

    def _down(self, here: _Reached, position: int) -> _Reached:
        tape = self.tapes[here.name]
        rows = tuple(_passed(tape, position, row) for row in here.rows)
        links, died = (*here.links, (here.name, position)), here.died
        if died is None and not any(bool(row.any()) for row in rows):
            died = len(links)
        return _Reached(str(tape.node.inputs[position]), rows, links, died)

    # ---------------------------------------------------------------- as records
    def told(self, path: _Reached, numbers: dict[Edge, int]) -> Path:
        """The path from the source to the output."""
        product = torch.stack([self._of_sample(row).reshape(-1) for row in path.rows])
        zeros = {at for at, edge in enumerate(reversed(path.links)) if edge in self.zeros}
        if path.died is not None:
            zeros.add(len(path.links) - path.died)
        return Path(
            self.source, tuple(numbers[edge] for edge in reversed(path.links)), record(product), tuple(sorted(zeros))
        )

    def _of_sample(self, gradient: Tensor) -> Tensor:
        sampled = gradient.dim() > len(self.found.source_shape) and self.found.sample is not None
        return gradient[self.found.sample] if sampled else gradient

    def link(self, edge: Edge) -> Link:
        """One edge with its local Jacobian, of the sample where there is one."""
        tape, position = self.tapes[edge[0]], edge[1]
        given, source = tape.inputs[position], str(tape.node.inputs[position])
        assert isinstance(given, Tensor)
        rows, columns = self._elements(edge[0], tape.output), self._elements(source, given)
        local = None
        if rows * columns <= LOCAL:
            local = torch.stack([self._local_row(tape, position, row) for row in range(rows)])
            if not local.any():
                self.zeros.add(edge)
        return Link(source, edge[0], position, (rows, columns), None if local is None else record(local))

    def _elements(self, name: str, tensor: Tensor) -> int:
        return tensor.numel() // self.found.samples if self._sampled(name) else tensor.numel()

    def _sampled(self, name: str) -> bool:
        return self.found.sample is not None and name in self.batched

    def _local_row(self, tape: Tape, position: int, row: int) -> Tensor:
        """One row of a local Jacobian: (inputs,)."""
        name, source = tape.node.name, str(tape.node.inputs[position])
        basis = torch.zeros(tape.output.shape, dtype=tape.output.dtype, device=tape.output.device)
        first = (self.found.sample or 0) * self._elements(name, basis) if self._sampled(name) else 0
        basis.view(-1)[first + row] = 1
        found = _passed(tape, position, basis)
        return (found[self.found.sample] if self._sampled(source) else found).reshape(-1)


def edges_between(graph: Graph, output: str, source: str) -> Iterator[tuple[Edge, ...]]:
    """Every path from `source` to `output`, as its edges in this order."""
    between = {node.name for node in nodes_between(graph, output, source)}
    waiting: list[tuple[str, tuple[Edge, ...]]] = [(output, ())] if between else []
    while waiting:
        name, edges = waiting.pop()
        if name == source:
            yield edges
            continue
        for position, given in reversed(tuple(enumerate(graph.node(name).inputs))):
            if given == source or given in between:
                waiting.append((str(given), ((name, position), *edges)))


def count(graph: Graph, output: str, source: str) -> int:
    """The paths from `source` to `output`; x * x counts as two. Never more than 2**53."""
    ways = {source: 1}
    for node in nodes_between(graph, output, source):
        ways[node.name] = min(COUNTED, sum(ways.get(given, 0) for given in node.sources))
    return ways.get(output, 0) if output != source else 0


def _passed(tape: Tape, position: int, upstream: Tensor) -> Tensor:
    given = tape.inputs[position]
    assert isinstance(given, Tensor)
    if not (tape.output.requires_grad and given.requires_grad):
        return torch.zeros_like(given)
    (found,) = torch.autograd.grad(tape.output, given, upstream, retain_graph=True)
    return found
