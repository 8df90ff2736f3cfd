"""A baseline: one moment of a session kept apart from its history, so that another run can be compared with it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch

from engine import evaluation, telling
from engine import messages as m
from engine.curves import thinned
from engine.losses import Numbers
from engine.memory import LARGE, log
from engine.records import record
from engine.session import Session
from engine.settings import told
from engine.state import Tensors
from engine.words import Refused

POINTS = 4096  # of its curve as it is drawn


@dataclass(frozen=True, eq=False)
class Baseline:
    """`told` is what crosses the pipe. parameters share their memory with the state that they come from."""

    told: m.Baseline
    parameters: Tensors
    losses: Numbers  # of every iteration up to where it was marked


def mark(session: Session) -> None:
    """Make the present moment the baseline; one that was marked before is let go. Training goes on undisturbed."""
    state, losses = session.look(), session.timeline.losses().copy()
    session.marks += 1
    loss = session.experiment.loss(state)
    told_of_it = m.Baseline(
        session.marks,
        telling.moment(session).iterations_done,
        float(losses[-1]) if loss is None and len(losses) else loss,
        evaluation.metrics(session.experiment, state),
        told(state.settings),
        thinned(losses, POINTS),
        log(session),
        *_kept(state.parameters, losses),
    )
    session.baseline = Baseline(told_of_it, dict(state.parameters), losses)


def _kept(parameters: Tensors, losses: Numbers) -> tuple[dict[str, m.Array], bytes, bool]:
    """Parameters and losses, whole unless they are too large to be kept by the screen; and whether they are."""
    cost = losses.nbytes + sum(each.numel() * each.element_size() for each in parameters.values())
    if cost > LARGE:
        return {name: record(each) for name, each in parameters.items()}, b"", False
    return {name: record(each, math.inf) for name, each in parameters.items()}, losses.tobytes(), True


def drop(session: Session) -> None:
    """Have no baseline any more."""
    session.baseline = None


def take_up(session: Session, kept: m.Baseline) -> None:
    """Have the baseline that another engine had. Raises Refused where it does not fit the experiment."""
    forms = {name: _form(each) for name, each in session.state.parameters.items()}
    if not kept.whole or {name: (each.shape, each.dtype) for name, each in kept.parameters.items()} != forms:
        raise Refused("baseline.not_kept")
    parameters = {name: _tensor(each) for name, each in kept.parameters.items()}
    session.marks = max(session.marks, kept.number)
    session.baseline = Baseline(kept, parameters, np.frombuffer(kept.losses, np.float32))


def _form(tensor: torch.Tensor) -> tuple[tuple[int, ...], str]:
    return tuple(tensor.shape), str(tensor.dtype).removeprefix("torch.")


def _tensor(kept: m.Array) -> torch.Tensor:
    numbers = np.frombuffer(kept.data or b"", dtype=kept.dtype).reshape(kept.shape)
    return torch.from_numpy(numbers.copy())


# ---------------------------------------------------------------- now and then
def difference(value: torch.Tensor, then: torch.Tensor) -> torch.Tensor:
    """value - then, in the dtype of both; of truths -1, 0 or 1."""
    then = then.to(value.device)
    return value.to(torch.int8) - then.to(torch.int8) if value.dtype == torch.bool else value - then


def norm(tensor: torch.Tensor) -> float:
    """The 2-norm of all elements, in float64."""
    return float(torch.linalg.vector_norm(tensor.to(torch.float64)))


class Comparing:
    """What a frame tells of the baseline; weights are compared once for each moment that has others."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._of: tuple[object, int] | None = None
        self._weights = (False, 0.0)

    def compared(self) -> m.Comparison | None:
        """Whether the bits are the same; None where there is no baseline, and while training goes on."""
        baseline = self.session.baseline
        if baseline is None or self.session.busy:
            return None
        same, distance = self._compare_weights(baseline)
        there = telling.moment(self.session).iterations_done == baseline.told.iteration
        curves = same_losses(self.session.timeline.losses(), baseline.losses)
        return m.Comparison(baseline.told.number, curves, same if there else None, distance)

    def _compare_weights(self, baseline: Baseline) -> tuple[bool, float]:
        now = self.session.state.parameters
        if self._of is None or self._of[0] is not now or self._of[1] != baseline.told.number:
            pairs = [(now[name], then) for name, then in baseline.parameters.items()]
            same = all(torch.equal(value, then.to(value.device)) for value, then in pairs)
            distance = math.hypot(*(norm(difference(value, then)) for value, then in pairs))
            self._of, self._weights = (now, baseline.told.number), (same, distance)
        return self._weights


def same_losses(now: Numbers, then: Numbers) -> bool | None:
    """Whether the iterations that both have lost the same, to the bit; None where they have none in common."""
    count = min(len(now), len(then))
    return bool(np.array_equal(now[:count].view(np.int32), then[:count].view(np.int32))) if count else None
