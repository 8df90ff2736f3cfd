"""Each frame tells how whole iterations were trained: by the plan where the net suits it, else by autograd."""

from __future__ import annotations

from typing import Any

import pytest

from engine import messages as m
from engine import stepper
from engine.frames import Frames
from engine.session import Session
from engine.spec import Graph, Net
from tests.engine.examples import NET, graph, net

ACTIVATION_FIRST = [{"name": "squashed", "kind": "tanh"}, *NET["layers"]]
DESCENDING = graph({"w": 3.0}, {"J": "w * w"}, parameters=["w"], optimizer={"kind": "sgd", "lr": 0.1})
EXPERIMENTS: dict[str, tuple[Net | Graph, str]] = {
    "layers that the plan knows": (net(), "plan"),
    "the same with Adam": (net(optimizer={"kind": "adam", "lr": 0.01}), "plan"),
    "a layer of another order": (net(layers=ACTIVATION_FIRST), "autograd"),
    "a loop without zero_grad": (net(mutation="drop_zero_grad"), "autograd"),
    "a graph": (DESCENDING, "autograd"),
}


@pytest.fixture
def backwards(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The iterations that autograd has done."""
    found: list[object] = []
    whole = stepper.loss_and_gradients

    def noting(*given: Any) -> Any:
        found.append(given)
        return whole(*given)

    monkeypatch.setattr(stepper, "loss_and_gradients", noting)
    return found


def told(session: Session) -> str | None:
    return Frames(session).frame(0, m.Watch()).way


@pytest.mark.parametrize("kind", EXPERIMENTS)
def test_the_frame_tells_which_one_ran(kind: str, backwards: list[object]) -> None:
    given, way = EXPERIMENTS[kind]
    session = Session(given)
    session.apply(m.Advance("iteration", 4))
    session.finish()
    assert (told(session), len(backwards)) == (way, {"plan": 0, "autograd": 3}[way])  # the last one by operations


def test_operation_by_operation_it_is_neither() -> None:
    session = Session(net())
    assert told(session) is None
    for _ in range(session.experiment.length + 1):
        session.apply(m.Advance("op"))
        session.finish()
    assert told(session) is None


def test_it_stays_told_after_the_run() -> None:
    session = Session(net())
    for command in (m.Advance("iteration", 2), m.Advance("op"), m.Edit((m.Change("lr", 0.2),))):
        session.apply(command)
        session.finish()
    assert told(session) == "plan"
