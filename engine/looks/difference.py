"""How far inputs and weights are from those of the baseline, tensor by tensor."""

from __future__ import annotations

import torch

from engine.baseline import difference, norm
from engine.looks.records import Difference, Distant, SeenDifference
from engine.records import record
from engine.session import Session


def see(session: Session, look: Difference) -> SeenDifference:
    """Every input and weight; none where the baseline is another one by now."""
    baseline, now = session.baseline, session.state.parameters
    if baseline is None or baseline.told.number != look.baseline:
        return SeenDifference(of=look)
    pairs = ((name, now[name], then) for name, then in baseline.parameters.items())
    return SeenDifference(of=look, tensors=tuple(_distant(*pair) for pair in pairs))


def _distant(name: str, value: torch.Tensor, then: torch.Tensor) -> Distant:
    apart = difference(value, then)
    return Distant(name, record(apart), norm(apart), torch.equal(value, then.to(value.device)))
