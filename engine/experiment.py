"""A running experiment: the graph on its data, advanced from one State to the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import torch

from engine import data, mutations, optimizers, parameters, spec, stepper
from engine.explaining import Explained, explain, no_gradient
from engine.graph import Atom, Graph, Node, from_expressions, from_layers
from engine.kernels import TORCH_ERRORS
from engine.settings import NAMES, Settings, changed
from engine.spec import Graph as GraphSpec
from engine.spec import Net
from engine.state import State, Tensors
from engine.training import Run, Training
from engine.words import Refused, Sentence


class Failure(Exception):
    """An operation that torch refused, with what is known of the reason. The state before it stands."""

    def __init__(self, op: str, reason: str, explained: Explained | None = None) -> None:
        self.op, self.reason = op, reason
        plain = Sentence("outcome.failed", {"op": op, "reason": reason})
        self.explained = explained or Explained("failed", plain)
        super().__init__(f"{op}: {reason}")


class Experiment:
    """What stays the same while an experiment runs. States go in, new states come out; nothing here changes.

    Raises Refused for what cannot be built.
    """

    def __init__(self, given: GraphSpec | Net, seed: int | None = None, device: str = "cpu") -> None:
        self.mutation = mutations.of(given) if isinstance(given, Net) else None
        given = mutations.wrong(given) if isinstance(given, Net) else given
        self.spec = given
        self.dataset: data.Dataset | None = None
        self.seed_gradient: torch.Tensor | None = None
        own_seed = given.seed if isinstance(given, Net) else 0
        batch = given.batch if isinstance(given, Net) else spec.Batch()
        lr = given.optimizer.lr if given.optimizer else 0.0
        self.settings = Settings(lr, given.optimizer, batch, own_seed if seed is None else seed, torch.device(device))
        self.epochs = given.epochs if isinstance(given, Net) else None
        if isinstance(given, Net):
            dataset = data.make(given.data, given.loss)
            targets = None if dataset.y.ndim == 1 else dataset.y.shape[1]
            self.graph: Graph = from_layers(given, dataset.x.shape[1], targets)
            if given.loss == "cross_entropy":
                data.check_classes(dataset, given.layers)
            self.dataset = dataset.to(self.settings.device)
        else:
            self.graph = from_expressions(given)
            self.seed_gradient = parameters.seed_gradient(given, self.graph, self.settings.device)
        if given.optimizer:
            optimizers.update_rule(given.optimizer)
        self._order: tuple[object, torch.Tensor | None] = (None, None)  # of the epoch last asked for
        self._elsewhere: dict[torch.device, data.Dataset] = {}  # the dataset on devices that were chosen later
        self.training = Training(self)
        self._leaf_names = frozenset(leaf.name for leaf in self.graph.leaves)

    @property
    def length(self) -> int:
        """Operations in one iteration, the step included."""
        return len(self.graph.atoms)

    @property
    def trains(self) -> bool:
        """Whether it has an optimizer's step."""
        return self.graph.has_step

    @property
    def keeps_gradients(self) -> bool:
        """Whether backward adds to the gradients of the iteration before."""
        return self.mutation is not None and self.mutation.keeps_gradients

    # ---------------------------------------------------------------- epochs and batches
    def iterations_per_epoch(self, settings: Settings) -> int:
        """How many iterations visit all the data once. A graph has one iteration per epoch."""
        return 1 if self.dataset is None else -(-len(self.dataset) // self.batch_size(settings))

    def batch_size(self, settings: Settings) -> int:
        """How many samples a whole batch has."""
        assert self.dataset is not None
        size = settings.batch.size
        return len(self.dataset) if size == "all" else min(size, len(self.dataset))

    def epoch(self, iteration: int, settings: Settings) -> int:
        """The epoch that `iteration` belongs to, from 0."""
        return settings.first_epoch + (iteration - settings.first_iteration) // self.iterations_per_epoch(settings)

    def epoch_begin(self, epoch: int, settings: Settings) -> int:
        """The iteration with which `epoch` begins."""
        return settings.first_iteration + (epoch - settings.first_epoch) * self.iterations_per_epoch(settings)

    def batch(self, iteration: int, settings: Settings) -> dict[str, torch.Tensor]:
        """x and y of one iteration; empty for graphs."""
        if self.dataset is None:
            return {}
        epoch, size = self.epoch(iteration, settings), self.batch_size(settings)
        place = iteration - self.epoch_begin(epoch, settings)
        chosen = slice(place * size, (place + 1) * size)
        order, samples = self.order(epoch, settings), self.data_on(settings.device)
        if order is not None:
            return {"x": samples.x[order[chosen]], "y": samples.y[order[chosen]]}
        # Copies: how matrices are multiplied, and so the last bits, may depend on where in memory they begin.
        return {"x": samples.x[chosen].clone(), "y": samples.y[chosen].clone()}

    def order(self, epoch: int, settings: Settings) -> torch.Tensor | None:
        """Indices of the samples as `epoch` visits them; None for the order given."""
        assert self.dataset is not None
        key = (epoch, settings.seed, settings.batch.order, settings.device)
        if self._order[0] != key:
            found = data.order(settings.batch.order, len(self.dataset), settings.seed, epoch)
            self._order = (key, None if found is None else found.to(settings.device, non_blocking=True))
        return self._order[1]

    def data_on(self, device: torch.device) -> data.Dataset:
        """The dataset on a device; it is copied there the first time."""
        assert self.dataset is not None
        if device == self.settings.device:
            return self.dataset
        if device not in self._elsewhere:
            self._elsewhere[device] = self.dataset.to(device)
        return self._elsewhere[device]

    def initial(self) -> State:
        """The state before anything was done; weights as torch.manual_seed(seed) and torch.nn make them."""
        return State(0, 0, self._first_values(self.settings), {}, self.settings, self.batch(0, self.settings))

    def _first_values(self, settings: Settings) -> dict[str, torch.Tensor]:
        values = parameters.initial(self.spec, self.graph, settings.seed)
        return {name: value.to(settings.device) for name, value in values.items()}

    # ---------------------------------------------------------------- one operation
    def opened(self, state: State) -> State:
        """The state in which the next operation is done: a finished iteration gives way to the next."""
        if state.cursor < self.length:
            return state
        kept = {name: grad for name, grad in state.grads.items() if name in self._leaf_names}
        following = state.iteration + 1
        batch = self.batch(following, state.settings)
        return State(following, 0, state.parameters, state.slots, state.settings, batch, grads=kept)

    def advance(self, state: State) -> State:
        """The state one operation later. Raises Failure, and Refused where backward cannot begin."""
        state = self.opened(state)
        atom = self.graph.atoms[state.cursor]
        try:
            return PHASES[atom.phase](self, state, atom)
        except TORCH_ERRORS as error:
            raise self._failure(state, atom, _reason(error)) from error

    def _failure(self, state: State, atom: Atom, reason: str) -> Failure:
        if atom.op is None:
            return Failure("step", reason)
        node, known = self.graph.node(atom.op), self.leaves(state) | dict(state.values)
        given = [known[each] if isinstance(each, str) else each for each in node.inputs]
        return Failure(atom.op, reason, explain(node, given, reason))

    def _forward(self, state: State, atom: Atom) -> State:
        node = self.graph.node(cast(str, atom.op))
        self._check_gradients(node, state)
        tape = stepper.forward(self.graph, node, self.leaves(state) | dict(state.values))
        values = {**state.values, node.name: tape.output.detach()}
        tapes = {**state.tapes, node.name: tape}
        return replace(state, cursor=state.cursor + 1, values=values, tapes=tapes, origin=state.start)

    def _check_gradients(self, node: Node, state: State) -> None:
        """Torch gives no gradient to whole numbers, however much the experiment asks for one."""
        for leaf in self.graph.leaves:
            if leaf.differentiable and leaf.name in node.sources:
                value = self.leaves(state)[leaf.name]
                if not value.is_floating_point() and (explained := no_gradient(leaf.name, value)) is not None:
                    raise Failure(node.name, str(explained.sentence.values["reason"]), explained)

    def _backward(self, state: State, atom: Atom) -> State:
        name = cast(str, atom.op)
        grads: Tensors = state.grads
        if name == self.graph.backward_order[0]:  # zero_grad is the first thing backward does
            kept = state.grads if self.keeps_gradients else {}
            grads = {**kept, self.graph.output: stepper.seed(self.graph, state.values, self.seed_gradient)}
        upstream = grads.get(name)
        passed = () if upstream is None else stepper.backward(state.tapes[name], upstream)
        return replace(
            state,
            cursor=state.cursor + 1,
            grads=stepper.accumulate(grads, passed),
            contributions=(*state.contributions, *passed),
        )

    def _step(self, state: State, atom: Atom) -> State:
        if self.graph.step_first:  # zero_grad comes before it, and backward after it
            state = replace(state, grads={})
        values, slots = self.updated(state, state.grads)
        return replace(state, cursor=state.cursor + 1, parameters=values, slots=slots)

    @property
    def backward_end(self) -> int | None:
        """The cursor at which backward is complete; None where nothing goes backward."""
        ends = (n + 1 for n, atom in enumerate(self.graph.atoms) if atom.phase == "backward")
        return max(ends, default=None)

    def again(self, state: State) -> State:
        """Backward once more without zero_grad, as torch does it on a graph that was retained.

        The new gradients are summed up by themselves and then added to the old ones, those of the nodes between as
        those of the leaves (`retain_grad`). Raises Refused where backward is not complete, or the step is done.
        """
        if state.cursor != self.backward_end:
            raise Refused("again.not_now")
        order = self.graph.backward_order
        once = replace(state, cursor=state.cursor - len(order), grads={}, contributions=())
        for _ in order:
            once = self.advance(once)
        grads = {name: state.grads[name] + grad for name, grad in once.grads.items()}
        return replace(state, grads=grads, contributions=once.contributions)

    def added_up(self, state: State, grads: Tensors) -> Tensors:
        """The gradients that backward leaves, where it begins with those of `state`: new ones, unless they add up."""
        if not self.keeps_gradients:
            return grads
        return {name: state.grads[name] + grad if name in state.grads else grad for name, grad in grads.items()}

    def updated(
        self, state: State, grads: Tensors
    ) -> tuple[dict[str, torch.Tensor], dict[str, optimizers.Slots]]:
        """Parameters and slots after the optimizer's step; parameters without a gradient stay as they are."""
        settings, mutation = state.settings, self.mutation
        if mutation is not None and (mutation.step_first or not mutation.steps):
            return dict(state.parameters), dict(state.slots)
        climbs = mutation is not None and mutation.climbs
        assert settings.optimizer is not None
        update = optimizers.update_rule(settings.optimizer)
        values, slots = dict(state.parameters), dict(state.slots)
        with torch.no_grad():
            for name in self.graph.parameters:
                grad = grads.get(name)
                if grad is not None:
                    values[name], slots[name] = update(
                        settings.optimizer, settings.lr, values[name], -grad if climbs else grad,
                        slots.get(name, {}), False,
                    )  # fmt: skip
        return values, slots

    # ---------------------------------------------------------------- many iterations
    def train(self, state: State) -> Run:
        """Whole iterations from `state` on, the start of one or the end of the one before: see `Run`."""
        state = self.opened(state)
        assert state.cursor == 0 and self.trains
        return self.training.run(state)

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

        The tape and all gradients belong to the old weights, so they are dropped. Where zero_grad is missing, those
        that the iteration began with stay, as they do in torch.
        """
        state = self.opened(state)
        settings, values, slots = state.settings, dict(state.parameters), dict(state.slots)
        grads = dict(state.start.grads) if self.keeps_gradients else {}
        for change in changes:
            if change.name not in NAMES:
                values[change.name] = parameters.applied(values[change.name], change)
                continue
            before, settings = settings, changed(settings, change.name, change.value)
            if change.name == "run.seed":
                values, slots, grads = self._first_values(settings), {}, {}
            elif settings.optimizer != before.optimizer:
                slots = {}
            elif settings.batch.size != before.batch.size:
                settings = self._new_epoch(state.iteration, before, settings)
            elif settings.device != before.device:
                values = {name: value.to(settings.device) for name, value in values.items()}
                slots = {name: optimizers.moved(each, settings.device) for name, each in slots.items()}
                grads = {name: grad.to(settings.device) for name, grad in grads.items()}
        return State(state.iteration, 0, values, slots, settings, self.batch(state.iteration, settings), grads=grads)

    def _new_epoch(self, iteration: int, before: Settings, after: Settings) -> Settings:
        """Batches of another size begin an epoch of their own, unless one begins here anyway."""
        epoch = self.epoch(iteration, before)
        begun = self.epoch_begin(epoch, before) < iteration
        return replace(after, first_iteration=iteration, first_epoch=epoch + begun)


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
