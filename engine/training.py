"""Many iterations at once: by the flat plan where every operation of the net has a row in it, else by autograd."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import torch

from engine import stepper
from engine.kernels import TORCH_ERRORS
from engine.messages import Way
from engine.plan import Plan, Weights
from engine.settings import Settings
from engine.state import State

if TYPE_CHECKING:
    from engine.experiment import Experiment

Hear = Callable[[float | None], bool]


class Training:
    """Trains one experiment. The plan of the settings last used is kept, with its buffers."""

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment
        self.used: Way | None = None  # how the last ones were trained
        self._plan: tuple[object, Plan | None] = (None, None)
        self._epoch: tuple[object, torch.Tensor, torch.Tensor] | None = None  # the samples in the order of one epoch

    def way(self, settings: Settings) -> Way:
        """How whole iterations are done."""
        dataset, graph, mutation = self.experiment.dataset, self.experiment.graph, self.experiment.mutation
        usual = mutation is None or not mutation.in_training
        return "plan" if dataset is not None and usual and Plan.suits(graph, dataset.x) else "autograd"

    def run(self, state: State, iterations: int, on_loss: Hear) -> tuple[State, State]:
        """Whole `iterations` from the start of one: the states at the start of the last of them, and after it.

        The same bits as operation by operation, without what is only needed to look inside. `on_loss` hears each loss
        before the step and says whether to go on; where it says no, that iteration is not done. Raises Failure.
        """
        plan = self._plan_for(state)
        self.used = "autograd" if plan is None else "plan"
        if plan is None:
            return self._by_autograd(state, iterations, on_loss)
        return self._by_plan(plan, state, iterations, on_loss)

    # ---------------------------------------------------------------- by the plan
    def _plan_for(self, state: State) -> Plan | None:
        settings = state.settings
        key = (settings.optimizer, settings.device)
        if self._plan[0] != key:
            assert settings.optimizer is not None
            suits = self.way(settings) == "plan"
            plan = Plan(self.experiment.graph, state.parameters, settings.optimizer) if suits else None
            self._plan = (key, plan)
        return self._plan[1]

    def _by_plan(self, plan: Plan, state: State, iterations: int, on_loss: Hear) -> tuple[State, State]:
        begin = Weights(dict(state.parameters), dict(state.slots), dict(state.grads))
        batches = self._batches(state.iteration, state.settings)
        before, after, losses = plan.run(begin, state.lr, batches, iterations)
        for place, loss in enumerate(losses.tolist()):
            if not on_loss(loss):  # the ones before it once more, since the plan has gone past it
                return self._by_plan(plan, state, place, lambda loss: True) if place else (state, state)
        last = state if iterations == 1 else self._state(before, state.iteration + iterations - 1, state.settings)
        return last, self._state(after, state.iteration + iterations, state.settings)

    def _state(self, weights: Weights, iteration: int, settings: Settings) -> State:
        batch = self.experiment.batch(iteration, settings)
        return State(iteration, 0, weights.parameters, weights.slots, settings, batch, grads=weights.grads)

    def _batches(self, iteration: int, settings: Settings) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """x and y of this iteration and of all that follow."""
        experiment = self.experiment
        while True:
            epoch = experiment.epoch(iteration, settings)
            x, y = self._samples(epoch, settings)
            begin, size = experiment.epoch_begin(epoch, settings), experiment.batch_size(settings)
            for place in range(iteration - begin, experiment.iterations_per_epoch(settings)):
                chosen = slice(place * size, (place + 1) * size)
                yield x[chosen], y[chosen]
                iteration += 1

    def _samples(self, epoch: int, settings: Settings) -> tuple[torch.Tensor, torch.Tensor]:
        samples, order = self.experiment.data_on(settings.device), self.experiment.order(epoch, settings)
        if order is None:
            return samples.x, samples.y
        if self._epoch is None or self._epoch[0] is not order:
            self._epoch = (order, samples.x[order], samples.y[order])
        return self._epoch[1:]

    # ---------------------------------------------------------------- by autograd
    def _by_autograd(self, state: State, iterations: int, on_loss: Hear) -> tuple[State, State]:
        from engine.experiment import Failure

        experiment, graph, before = self.experiment, self.experiment.graph, state
        for _ in range(iterations):
            try:
                nodes, grads = stepper.loss_and_gradients(
                    graph, experiment.leaves(state), graph.parameters, experiment.seed_gradient
                )
                output = nodes[graph.output]
                if not on_loss(float(output) if output.numel() == 1 else None):
                    break
                kept = experiment.added_up(state, grads)
                values, slots = experiment.updated(state, kept)
            except TORCH_ERRORS as error:
                raise Failure("iteration", str(error).strip().split("\n")[0]) from error
            following = state.iteration + 1
            batch = experiment.batch(following, state.settings)
            before, state = state, State(following, 0, values, slots, state.settings, batch, grads=kept)
        return before, state
