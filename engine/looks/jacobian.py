"""The Jacobian of one tensor with respect to another: a window of it, in the form that takes the fewest numbers."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.looks.between import Between, between, first_source, upstream
from engine.looks.operation import last_operation
from engine.looks.records import Jacobian, JacobianKind, SeenJacobian
from engine.looks.reveals import read_off
from engine.operations import OPERATIONS
from engine.records import record
from engine.session import Session
from engine.state import State
from engine.words import Refused, Sentence

SIDE = 64  # rows and columns of a window at most: as many derivatives of one output are taken as it has rows


def see(session: Session, look: Jacobian) -> SeenJacobian:
    """The window, and the upstream gradient times the Jacobian once it has arrived."""
    graph, state = session.experiment.graph, session.look()
    output = look.output or last_operation(session)
    if output not in (node.name for node in graph.nodes):
        return SeenJacobian(of=look, output=output, refused=Sentence("look.no_operation"))
    try:
        source = look.source or first_source(graph, output)
        if source not in {*(leaf.name for leaf in graph.leaves), *(node.name for node in graph.nodes)}:
            raise Refused("chain.no_gradient", name=source)
        found = between(graph, state, output, source, look.sample)
    except Refused as refused:
        return SeenJacobian(of=look, output=output, source=look.source, refused=refused.sentence)
    arrived = upstream(graph, state, output)
    start = arrived if arrived is None or found.sample is None or found.pick else arrived[found.sample]
    return _Window(look, state, found, output, source, start).seen()


class _Window:
    """One Jacobian, and which of its rows and columns are wanted."""

    def __init__(
        self, look: Jacobian, state: State, found: Between, output: str, source: str, start: Tensor | None
    ) -> None:
        self.look, self.state, self.found, self.start = look, state, found, start
        self.output, self.source = output, source
        self.kind = _kind(found, output, source)
        rows, columns = self.extent()
        self.row = min(max(look.row, 0), max(0, rows - 1))
        self.column = min(max(look.column, 0), max(0, columns - 1))

    def extent(self) -> tuple[int, int]:
        """What the window moves over: the Jacobian, or in its place the matrix that makes it up."""
        if self.kind == "kronecker":
            return self.found.source_shape[0], self.found.source_shape[1]
        return self.found.rows, self.found.columns

    def seen(self) -> SeenJacobian:
        found = self.found
        passed = None if self.start is None else found.passed(self.start)
        return SeenJacobian(
            of=self.look, output=self.output, source=self.source, kind=self.kind,
            output_shape=found.output_shape, source_shape=found.source_shape,
            sample=found.sample, samples=found.samples, part=found.part, row=self.row, column=self.column,
            matrix=None if self.kind == "none" else record(_MATRICES[self.kind](self)),
            upstream=None if self.start is None else record(self._upstream(self.start)),
            passed=None if passed is None else record(self._passed(passed)),
            factors=read_off(found.nodes),
        )  # fmt: skip

    def _upstream(self, start: Tensor) -> Tensor:
        """Of the window's rows; for kronecker (samples, rows)."""
        if self.kind == "kronecker":
            return start.reshape(-1, self.found.source_shape[0])[:SIDE, self.row : self.row + SIDE]
        return start.reshape(-1)[self.row : self.row + SIDE]

    def _passed(self, passed: Tensor) -> Tensor:
        if self.kind == "kronecker":
            return passed[self.row : self.row + SIDE, self.column : self.column + SIDE]
        return passed.reshape(-1)[self.column : self.column + SIDE]

    def dense(self) -> Tensor:
        """Row by row, each by one derivative of one output element."""
        rows = range(self.row, min(self.row + SIDE, self.found.rows))
        return torch.stack([self.found.row(row)[self.column : self.column + SIDE] for row in rows])

    def diagonal(self) -> Tensor:
        """All derivatives at once: each output element hangs on one source element alone."""
        slopes = self.found.passed(torch.ones_like(self.found.output)).reshape(-1)
        bottom, right = (min(start + SIDE, self.found.rows) for start in (self.row, self.column))
        window = slopes.new_zeros(bottom - self.row, right - self.column)
        for place in range(max(self.row, self.column), min(bottom, right)):
            window[place - self.row, place - self.column] = slopes[place]
        return window

    def weight(self) -> Tensor:
        """Of a linear layer to its input: the weight, (out, in)."""
        weight = self.state.tapes[self.output].inputs[1]
        assert isinstance(weight, Tensor)
        return weight.detach()[self.row : self.row + SIDE, self.column : self.column + SIDE]

    def kronecker(self) -> Tensor:
        """Of a linear layer to its weight: the input (samples, in), which is all that there is in it."""
        given = self.state.tapes[self.output].inputs[0]
        assert isinstance(given, Tensor)
        given = given.detach() if self.found.sample is None else given.detach()[self.found.sample]
        return given.reshape(-1, self.found.source_shape[1])[:SIDE, self.column : self.column + SIDE]


_MATRICES = {
    "dense": _Window.dense, "diagonal": _Window.diagonal, "weight": _Window.weight, "kronecker": _Window.kronecker,
}  # fmt: skip


def _kind(found: Between, output: str, source: str) -> JacobianKind:
    if not found.connected:
        return "none"
    if found.rows > 1 and len(found.shapes) == 1 and all(OPERATIONS[node.op].elementwise for node in found.nodes):
        return "diagonal"
    node = found.nodes[-1] if len(found.nodes) == 1 else None
    if node is not None and node.op == "linear" and node.sources.count(source) == 1:
        if node.sources[1] == source:
            return "kronecker"
        if node.sources[0] == source and len(found.source_shape) == 1:
            return "weight"
    return "dense"
