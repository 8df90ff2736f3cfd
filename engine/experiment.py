"""A running experiment: the graph on its data, advanced from one State to the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import cast

import torch

from engine import data, optimizers, parameters, stepper
from engine.graph import Atom, Graph, from_expressions, from_layers
from engine.kernels import TORCH_ERRORS
from engine.spec import Graph as GraphSpec
from engine.spec import Net
from engine.state import State, Tensors
from engine.words import Refused


class Failure(Exception):
    """An operation that torch refused: `op` and torch's own words. The state before it stands."""

    def __init__(self, op: str, reason: str) -> None:
        self.op, self.reason = op, reason
        super().__init__(f"{op}: {reason}")


class Experiment:
    """What stays the same while an experiment runs. States go in, new states come out; nothing here changes.

    Raises Refused for what cannot be built.
    """

    def __init__(self, given: GraphSpec | Net, seed: int | None = None, device: str = "cpu") -> None:
        self.spec = given
        self.device = torch.device(device)
        self.dataset: data.Dataset | None = None
        self.seed_gradient: torch.Tensor | None = None
        if isinstance(given, Net):
            self.seed = given.seed if seed is None else seed
            dataset = data.make(given.data, given.loss)
            targets = None if dataset.y.ndim == 1 else dataset.y.shape[1]
            self.graph: Graph = from_layers(given, dataset.x.shape[1], targets)
            if given.loss == "cross_entropy":
                data.check_classes(dataset, given.layers)
            self.dataset = dataset.to(self.device)
            size = len(dataset) if given.batch.size == "all" else min(given.batch.size, len(dataset))
            self.batch_size = size
            self.iterations_per_epoch = -(-len(dataset) // size)
            self.epochs: int | None = given.epochs
        else:
            self.seed = 0 if seed is None else seed
            self.graph = from_expressions(given)
            self.iterations_per_epoch = 1
            self.epochs = None
            self.seed_gradient = parameters.seed_gradient(given, self.graph, self.device)
        self.update = optimizers.update_rule(given.optimizer) if given.optimizer else None
        self._order: tuple[int, torch.Tensor | None] = (-1, None)  # of the epoch last asked for
        self._leaf_names = frozenset(leaf.name for leaf in self.graph.leaves)

    @property
    def length(self) -> int:
        """Operations in one iteration, the step included."""
        return len(self.graph.atoms)

    def epoch(self, iteration: int) -> int:
        """The epoch that `iteration` belongs to, from 0."""
        return iteration // self.iterations_per_epoch

    def initial(self) -> State:
        """The state before anything was done; weights as torch.manual_seed(seed) and torch.nn make them."""
        start = {
            name: value.to(self.device) for name, value in parameters.initial(self.spec, self.graph, self.seed).items()
        }
        lr = self.spec.optimizer.lr if self.spec.optimizer else 0.0
        return State(0, 0, start, {}, lr, self.batch(0))

    def batch(self, iteration: int) -> dict[str, torch.Tensor]:
        """x and y of one iteration; empty for graphs."""
        if self.dataset is None:
            return {}
        epoch, place = divmod(iteration, self.iterations_per_epoch)
        chosen = slice(place * self.batch_size, (place + 1) * self.batch_size)
        order = self.order(epoch)
        if order is None:
            return {"x": self.dataset.x[chosen], "y": self.dataset.y[chosen]}
        return {"x": self.dataset.x[order[chosen]], "y": self.dataset.y[order[chosen]]}

    def order(self, epoch: int) -> torch.Tensor | None:
        """Indices of the samples as `epoch` visits them; None for the order given."""
        net = cast(Net, self.spec)
        if self._order[0] != epoch:
            assert self.dataset is not None
            found = data.order(net.batch.order, len(self.dataset), self.seed, epoch)
            self._order = (epoch, None if found is None else found.to(self.device))
        return self._order[1]

    # ---------------------------------------------------------------- one operation
    def opened(self, state: State) -> State:
        """The state in which the next operation is done: a finished iteration gives way to the next."""
        if state.cursor < self.length:
            return state
        kept = {name: grad for name, grad in state.grads.items() if name in self._leaf_names}
        return State(
            state.iteration + 1, 0, state.parameters, state.slots, state.lr, self.batch(state.iteration + 1), grads=kept
        )

    def advance(self, state: State) -> State:
        """The state one operation later. Raises Failure, and Refused where backward cannot begin."""
        state = self.opened(state)
        atom = self.graph.atoms[state.cursor]
        try:
            return PHASES[atom.phase](self, state, atom)
        except TORCH_ERRORS as error:
            raise Failure(atom.op or "step", _reason(error)) from error

    def _forward(self, state: State, atom: Atom) -> State:
        node = self.graph.node(cast(str, atom.op))
        tape = stepper.forward(self.graph, node, self.leaves(state) | dict(state.values))
        values = {**state.values, node.name: tape.output.detach()}
        tapes = {**state.tapes, node.name: tape}
        return replace(state, cursor=state.cursor + 1, values=values, tapes=tapes, origin=state.start)

    def _backward(self, state: State, atom: Atom) -> State:
        name = cast(str, atom.op)
        grads: Tensors = state.grads
        if name == self.graph.backward_order[0]:  # zero_grad is the first thing backward does
            grads = {self.graph.output: stepper.seed(self.graph, state.values, self.seed_gradient)}
        upstream = grads.get(name)
        passed = () if upstream is None else stepper.backward(state.tapes[name], upstream)
        return replace(
            state,
            cursor=state.cursor + 1,
            grads=stepper.accumulate(grads, passed),
            contributions=(*state.contributions, *passed),
        )

    def _step(self, state: State, atom: Atom) -> State:
        values, slots = self.updated(state.parameters, state.slots, state.grads, state.lr)
        return replace(state, cursor=state.cursor + 1, parameters=values, slots=slots)

    def updated(
        self, values: Tensors, slots: Mapping[str, optimizers.Slots], grads: Tensors, lr: float
    ) -> tuple[dict, dict]:  # type: ignore[type-arg]
        """Parameters and slots after the optimizer's step; parameters without a gradient stay as they are."""
        assert self.update is not None and self.spec.optimizer is not None
        new_values, new_slots = dict(values), dict(slots)
        with torch.no_grad():
            for name in self.graph.parameters:
                grad = grads.get(name)
                if grad is not None:
                    new_values[name], new_slots[name] = self.update(
                        self.spec.optimizer, lr, values[name], grad, slots.get(name, {})
                    )
        return new_values, new_slots

    # ---------------------------------------------------------------- many iterations
    def train(self, state: State, iterations: int, on_loss: Callable[[float | None], bool]) -> tuple[State, State]:
        """Whole `iterations` from the start of one: the states at the start of the last of them, and after it.

        The same bits as operation by operation, without what is only needed to look inside. `on_loss` hears each loss
        before the step and says whether to go on; where it says no, that iteration is not done.
        """
        state = before = self.opened(state)
        assert state.cursor == 0 and self.update is not None
        for _ in range(iterations):
            try:
                nodes, grads = stepper.loss_and_gradients(
                    self.graph, self.leaves(state), self.graph.parameters, self.seed_gradient
                )
                output = nodes[self.graph.output]
                if not on_loss(float(output) if output.numel() == 1 else None):
                    break
                values, slots = self.updated(state.parameters, state.slots, grads, state.lr)
            except TORCH_ERRORS as error:
                raise Failure("iteration", _reason(error)) from error
            following = state.iteration + 1
            before, state = state, State(following, 0, values, slots, state.lr, self.batch(following), grads=grads)
        return before, state

    # ---------------------------------------------------------------- what stands in a state
    def leaves(self, state: State) -> dict[str, torch.Tensor]:
        """Everything that comes into the graph: parameters or inputs, and the batch."""
        return {**state.parameters, **state.batch}

    def loss(self, state: State) -> float | None:
        """The loss of the current batch (a graph's output), once it is known and a single number."""
        value = state.values.get(self.graph.output)
        return float(value) if value is not None and value.numel() == 1 else None

    def edited(self, state: State, changes: list[parameters.Checked]) -> State:
        """The state after edits: before forward on the same batch; on the next one after a finished iteration.

        The tape and all gradients belong to the old weights, so they are dropped.
        """
        state = self.opened(state)
        values, lr = parameters.apply(dict(state.parameters), state.lr, changes)
        return State(state.iteration, 0, values, state.slots, lr, state.batch)


PHASES: dict[str, Callable[[Experiment, State, Atom], State]] = {
    "forward": Experiment._forward,
    "loss": Experiment._forward,
    "backward": Experiment._backward,
    "step": Experiment._step,
}


def _reason(error: Exception) -> str:
    """Torch's own words, without the lines about where in its sources."""
    return str(error).strip().split("\n")[0]


def build(given: GraphSpec | Net, seed: int | None, device: str) -> Experiment:
    """The experiment on the device that `device` means here. Raises Refused."""
    from engine.devices import resolve

    try:
        return Experiment(given, seed, resolve(device, given))
    except torch.OutOfMemoryError as error:
        raise Refused("device.memory", reason=str(error).split("\n")[0]) from error
