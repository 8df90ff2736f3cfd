"""What lies between two tensors of a graph, computed again from a leaf of its own: for derivatives of any in any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.graph import Atom, Graph, Node
from engine.kernels import apply
from engine.spec import Number
from engine.state import State
from engine.stepper import Tape
from engine.words import Refused


@dataclass(frozen=True, eq=False)
class Between:
    """`source` is a leaf, `output` was computed from it by `nodes`; `sample`: the one of the batch that both are of.

    Where only the source is of one sample (a loss puts all of them together), `pick` takes its part of the gradient.
    """

    nodes: tuple[Node, ...]
    shapes: frozenset[tuple[int, ...]]  # of everything between
    source: Tensor
    output: Tensor
    output_shape: tuple[int, ...]
    source_shape: tuple[int, ...]
    samples: int = 0  # of the batch
    sample: int | None = None
    pick: bool = False
    part: bool = False  # of a parameter's gradient, what comes from this sample

    @property
    def rows(self) -> int:
        """The elements of the output."""
        return _size(self.output_shape)

    @property
    def columns(self) -> int:
        """The elements of the source."""
        return _size(self.source_shape)

    @property
    def connected(self) -> bool:
        """Whether a gradient gets from the output to the source."""
        return self.output.requires_grad

    def passed(self, upstream: Tensor) -> Tensor:
        """upstream x Jacobian, in the shape of the source; `upstream` has the output's shape, or its elements."""
        if not self.connected:
            return torch.zeros(self.source_shape, dtype=self.source.dtype, device=self.source.device)
        start = upstream.reshape(self.output.shape).to(self.output)
        (found,) = torch.autograd.grad(self.output, self.source, start, retain_graph=True)
        return (found[self.sample] if self.pick else found).reshape(self.source_shape)

    def row(self, row: int) -> Tensor:
        """One row of the Jacobian: (columns,)."""
        basis = torch.zeros(self.rows, dtype=self.output.dtype, device=self.output.device)
        basis[row] = 1
        return self.passed(basis).reshape(-1)


def between(graph: Graph, state: State, output: str, source: str, sample: int = 0) -> Between:
    """The way from `source` to `output` with the numbers of this iteration; of nets one `sample`, round and round.

    The numbers come from the tapes: after the step the parameters are others. Raises Refused before they are known.
    """
    nodes = nodes_between(graph, output, source)
    given = _given(state, source)
    if output not in state.tapes or given is None:
        raise Refused("chain.not_yet", name=source if output in state.tapes else output)
    if not given.is_floating_point():
        raise Refused("chain.no_gradient", name=source)
    of_batch = batched(graph)
    samples = next((len(each) for name, each in ((source, given), (output, state.tapes[output].output))
                    if name in of_batch), 0)  # fmt: skip
    place = sample % samples if samples else None
    cut = place if output in of_batch else None
    leaf = _sliced(given, cut if source in of_batch else None).detach().requires_grad_()
    known = _computed(nodes, state.tapes, {source: leaf}, cut, of_batch)
    end = known.get(output, _sliced(state.tapes[output].output.detach(), cut))
    end = end.view_as(end)
    pick = source in of_batch and output not in of_batch
    return Between(
        nodes, frozenset(tuple(each.shape) for each in known.values()), leaf, end,
        tuple(end.shape)[0 if cut is None else 1 :],
        tuple(leaf.shape)[1 if pick or (cut is not None and source in of_batch) else 0 :],
        samples, place, pick, cut is not None and source not in of_batch,
    )  # fmt: skip


def nodes_between(graph: Graph, output: str, source: str) -> tuple[Node, ...]:
    """The operations that hang on `source` and that `output` hangs on, in the order they are computed."""
    after, before = {source}, {output}
    for node in graph.nodes:
        if after.intersection(node.sources):
            after.add(node.name)
    for node in reversed(graph.nodes):
        if node.name in before and node.name != source:
            before.update(node.sources)
    return tuple(node for node in graph.nodes if node.name in after & before and node.name != source)


def batched(graph: Graph) -> frozenset[str]:
    """The tensors of a net that have a row for each sample: all but the parameters and the loss."""
    if graph.loss is None:
        return frozenset()
    data = (leaf.name for leaf in graph.leaves if leaf.role == "data")
    return frozenset((*data, *(node.name for node in graph.nodes if node.name != graph.loss)))


def upstream(graph: Graph, state: State, output: str) -> Tensor | None:
    """The gradient of the graph's output with respect to `output`, once all of it has arrived."""
    if output not in graph.backward_order or state.cursor < graph.atoms.index(Atom("backward", output)):
        return None
    return state.grads.get(output)


def first_source(graph: Graph, output: str) -> str:
    """The first input of an operation that a gradient can reach. Raises Refused where there is none."""
    found = next((name for name in graph.node(output).sources if name in graph.differentiable), None)
    if found is None:
        raise Refused("chain.no_inputs", name=output)
    return found


def _given(state: State, name: str) -> Tensor | None:
    """The value as an operation of this iteration took it, or gave it."""
    if name in state.tapes:
        return state.tapes[name].output.detach()
    for tape in state.tapes.values():
        if name in tape.node.inputs:
            taken = tape.inputs[tape.node.inputs.index(name)]
            assert isinstance(taken, Tensor)
            return taken.detach()
    return state.parameters.get(name, state.batch.get(name))  # a leaf that nothing hangs on


def _computed(
    nodes: tuple[Node, ...],
    tapes: Mapping[str, Tape],
    known: dict[str, Tensor],
    cut: int | None,
    of_batch: frozenset[str],
) -> dict[str, Tensor]:
    """The nodes from what is `known`; everything beside them as the tapes have it."""
    for node in nodes:
        inputs: list[Tensor | Number] = []
        for name, taken in zip(node.inputs, tapes[node.name].inputs, strict=True):
            if name in known:
                inputs.append(known[str(name)])
            elif isinstance(taken, Tensor):
                inputs.append(_sliced(taken.detach(), cut if name in of_batch else None))
            else:
                inputs.append(taken)
        with torch.enable_grad():
            known[node.name] = apply(node, inputs)
    return known


def _sliced(tensor: Tensor, sample: int | None) -> Tensor:
    return tensor if sample is None else tensor[sample : sample + 1]


def _size(shape: tuple[int, ...]) -> int:
    count = 1
    for length in shape:
        count *= length
    return count
