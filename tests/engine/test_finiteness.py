"""Where numbers stop being finite, the tensor and the iteration are named, as a walk by operations finds them."""

from __future__ import annotations

import pytest
import torch

from engine import messages as m
from engine.session import Session
from engine.spec import EXPERIMENT
from tests.engine.test_session import SMALL, do


def culprit_by_walking(spec: dict) -> tuple[str, int]:  # type: ignore[type-arg]
    """The oracle: one operation after another, everything looked at."""
    session = Session(EXPERIMENT.validate_python(spec))
    while True:
        do(session, m.Advance("op"))
        state = session.look()
        for group in (state.values, state.grads, state.parameters):
            for name, value in group.items():
                if not bool(torch.isfinite(value).all()):
                    return name, state.iteration


DIVERGING = [
    {**SMALL, "loss": "sse", "optimizer": {"kind": "sgd", "lr": 1e3}},
    {**SMALL, "loss": "sse", "optimizer": {"kind": "sgd", "lr": 1e6}},
    {**SMALL, "loss": "mse", "optimizer": {"kind": "sgd", "lr": 40.0, "momentum": 0.9}},
    {"kind": "graph", "inputs": {"a": 2.0}, "nodes": {"u": "a ** 3", "J": "u * u"}, "parameters": ["a"],
     "optimizer": {"kind": "sgd", "lr": 0.5}},
    {"kind": "graph", "inputs": {"a": 1.0}, "nodes": {"J": "log(a)"}, "parameters": ["a"],
     "optimizer": {"kind": "sgd", "lr": 0.3}},
]  # fmt: skip


@pytest.mark.parametrize("spec", DIVERGING, ids=range(len(DIVERGING)))
def test_a_run_names_what_stopped_being_finite_first_and_where(spec: dict) -> None:  # type: ignore[type-arg]
    session = Session(EXPERIMENT.validate_python(spec))
    session.apply(m.Run(True))
    session.work(5.0, 500)
    assert session.outcome == "not_finite" and session.message is not None
    name, iteration = culprit_by_walking(spec)
    assert session.message.values == {"name": name, "iteration": iteration}


def test_what_was_finite_stays_within_reach() -> None:
    session = Session(EXPERIMENT.validate_python(DIVERGING[0]))
    do(session, m.Run(True))
    do(session, m.Travel("back"))
    assert all(bool(torch.isfinite(value).all()) for value in session.look().parameters.values())
