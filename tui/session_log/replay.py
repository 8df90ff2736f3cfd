"""An experiment where it was left, worked out in this process: the only part of the log that needs PyTorch."""

from __future__ import annotations

from dataclasses import dataclass

from engine import messages as m
from engine.spec import Graph, Net

CURVE = 140  # points of the loss curve
FIELD = (64, 22)  # samples of the boundary: columns, rows


@dataclass(frozen=True, eq=False)
class Reached:
    """What the screen would show there."""

    opened: m.Opened
    frame: m.Frame


def reached(experiment: Graph | Net, seed: int | None, log: m.Log, memory: m.Memory | None) -> Reached:
    """Where the experiment was left, with metrics, curve and field. Raises Refused where that is not possible here."""
    from engine.begin import begin
    from engine.frames import Frames
    from engine.memory import resume

    session = begin(experiment, seed)
    resume(session, log, memory)
    session.finish()
    frames = Frames(session)
    return Reached(frames.opened(), frames.frame(0, m.Watch(field=FIELD, curve=CURVE)))


def answers(
    experiment: Graph | Net, seed: int | None, stages: tuple[m.Stage, ...], expressions: tuple[str, ...]
) -> dict[str, m.Answer]:
    """What the expressions of a lesson's text are where its stages lead. Raises Refused."""
    from engine.asking import Asking
    from engine.begin import begin

    asking = Asking(lambda: begin(experiment, seed), begin(experiment, seed), 0)
    asking.ask(m.Ask(0, stages, expressions))
    while (found := asking.work(1.0)) is None:
        pass
    return dict(zip(expressions, found.answers, strict=True))
