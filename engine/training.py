"""Many iterations at once: by the flat plan where every operation of the net has a row in it, else by autograd."""

from __future__ import annotations

import math
import weakref
from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol
from weakref import ref

import torch

from engine import stepper
from engine.kernels import TORCH_ERRORS
from engine.messages import Way
from engine.plan import Plan
from engine.settings import Settings
from engine.spec import Optimizer
from engine.state import State

if TYPE_CHECKING:
    from engine.experiment import Experiment, Failure


class Run(Protocol):
    """Training from one state on, without what is only needed to look inside; the same bits as by operations."""

    @property
    def iteration(self) -> int:
        """The one that comes next."""

    def go(self, count: int) -> list[float | None]:
        """Do up to `count` iterations; their losses, None where the output is no single number.

        After a loss that is not finite the run is at an end; what it then stands at is of no use. Raises Failure.
        """

    def state(self, gradients: bool = True) -> State:
        """The start of the iteration that comes next; without `gradients` those of the last one may be missing."""


class Training:
    """Trains one experiment, while that is there. The plan of the settings last used is kept, with its buffers."""

    def __init__(self, experiment: Experiment) -> None:
        self.experiment: Experiment = weakref.proxy(experiment)  # which has this one: both are gone at once
        self.used: Way | None = None  # how the last ones were trained
        self._plan: tuple[object, Plan | None] = (None, None)

    def way(self, settings: Settings) -> Way:
        """How whole iterations are done."""
        dataset, graph, mutation = self.experiment.dataset, self.experiment.graph, self.experiment.mutation
        usual = mutation is None or not mutation.in_training
        return "plan" if dataset is not None and usual and Plan.suits(graph, dataset.x) else "autograd"

    def run(self, state: State) -> Run:
        """Training that begins with `state`, the start of an iteration."""
        plan = self._plan_for(state)
        self.used = "autograd" if plan is None else "plan"
        return ByAutograd(self.experiment, state) if plan is None else ByPlan(self, plan, state)

    def _plan_for(self, state: State) -> Plan | None:
        settings = state.settings
        key = (settings.optimizer, settings.device)
        if self._plan[0] != key:
            assert settings.optimizer is not None
            suits = self.way(settings) == "plan"
            plan = self._plan_of(state, settings.optimizer) if suits else None
            self._plan = (key, plan)
        return self._plan[1]

    def _plan_of(self, state: State, optimizer: Optimizer) -> Plan:
        samples = self.experiment.data_on(state.settings.device)
        return Plan(self.experiment.graph, state.parameters, optimizer, samples.x, samples.y)

    def orders(self, iteration: int, count: int, settings: Settings) -> Iterator[torch.Tensor]:
        """The indices of the samples of `count` iterations from this one on, as many at once as lie in one epoch."""
        experiment, last = self.experiment, iteration + count
        size, per_epoch = experiment.batch_size(settings), experiment.iterations_per_epoch(settings)
        while iteration < last:
            epoch = experiment.epoch(iteration, settings)
            order = experiment.order(epoch, settings)
            begin = experiment.epoch_begin(epoch, settings)
            end = min(last, begin + per_epoch)
            chosen = slice((iteration - begin) * size, (end - begin) * size)
            yield self._as_given(settings)[chosen] if order is None else order[chosen]
            iteration = end

    def _as_given(self, settings: Settings) -> torch.Tensor:
        samples = self.experiment.data_on(settings.device)
        return torch.arange(len(samples), device=samples.x.device)


class ByPlan:
    """Training by the flat plan. Where another run wants the plan, this one leaves it and takes it up again later."""

    def __init__(self, training: Training, plan: Plan, state: State) -> None:
        self._training, self._plan, self._state = training, plan, state
        self.iteration = state.iteration  # the one that comes next
        self._known = True  # whether `_state` is that of `iteration`

    def go(self, count: int) -> list[float | None]:
        """See `Run`."""
        self._take_the_plan()
        settings = self._state.settings
        orders = self._training.orders(self.iteration, count, settings)
        rows = self._training.experiment.batch_size(settings)
        try:
            losses: list[float | None] = [*self._plan.run(orders, rows, settings.lr, count)]
        except TORCH_ERRORS as error:
            raise _failure(error) from error
        self.iteration, self._known = self.iteration + count, False
        return losses

    def state(self, gradients: bool = True) -> State:
        """See `Run`."""
        if self._known:
            return self._state
        now, settings = self._plan.weights(gradients), self._state.settings
        batch = self._training.experiment.batch(self.iteration, settings)
        found = State(self.iteration, 0, now.parameters, now.slots, settings, batch, grads=now.grads)
        if gradients:
            self._state, self._known = found, True
        return found

    def _take_the_plan(self) -> None:
        user = self._plan.user()
        if user is not self:
            if isinstance(user, ByPlan):
                user.state()
            self._plan.put(self._state.parameters, self._state.slots)
            self._plan.user = ref(self)


class ByAutograd:
    """Training by autograd and the optimizer's update of each parameter."""

    def __init__(self, experiment: Experiment, state: State) -> None:
        self._experiment, self._state = experiment, state

    @property
    def iteration(self) -> int:
        """The one that comes next."""
        return self._state.iteration

    def go(self, count: int) -> list[float | None]:
        """See `Run`."""
        losses: list[float | None] = []
        for _ in range(count):
            try:
                losses.append(self._iteration())
            except TORCH_ERRORS as error:
                raise _failure(error) from error
            if losses[-1] is not None and not math.isfinite(losses[-1]):
                break
        return losses

    def state(self, gradients: bool = True) -> State:
        """See `Run`."""
        return self._state

    def _iteration(self) -> float | None:
        experiment, state, graph = self._experiment, self._state, self._experiment.graph
        nodes, grads = stepper.loss_and_gradients(
            graph, experiment.leaves(state), graph.parameters, experiment.seed_gradient
        )
        kept = experiment.added_up(state, grads)
        values, slots = experiment.updated(state, kept)
        following = state.iteration + 1
        batch = experiment.batch(following, state.settings)
        self._state = State(following, 0, values, slots, state.settings, batch, grads=kept)
        output = nodes[graph.output]
        return float(output) if output.numel() == 1 else None


def _failure(error: Exception) -> Failure:
    from engine.experiment import Failure

    return Failure("iteration", str(error).strip().split("\n")[0])
