"""What looking costs with 100 million parameters: frames of an iteration, phase by phase, beside the iteration."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator

import torch

from engine import messages as m
from engine.frames import Frames
from engine.looks.records import Operation
from engine.session import Session
from engine.spec import EXPERIMENT, Graph, Net
from tests.bench.figures import Line
from tests.bench.rivals import one_thread

UNITS, LAYERS = 4096, 5  # between the hidden layers 5 times 4096 x 4096 weights
WATCH = m.Watch(curve=160, field=(60, 40), looks=(Operation(),))


def big(quick: bool) -> Iterator[Line]:
    """One thread. A frame is made of every phase, with all tensors, metrics, field and the last operation in it."""
    rounds, units = (2, 2048) if quick else (5, UNITS)
    with one_thread():
        yield by_phase(rounds, units, "cpu")


def by_phase(rounds: int, units: int, device: str) -> Line:
    """Some iterations, phase by phase."""
    session = Session(net(units), device=device)
    frames = Frames(session)
    frames.frame(0, WATCH)
    _iteration(session, frames)
    found = [_iteration(session, frames) for _ in range(rounds)]
    memory = {"parameters": _size(session), "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10}
    looked, worked = [seconds for seconds, _ in found], [seconds for _, seconds in found]
    return Line("frames of an iteration by phase", "s", looked, "the iteration itself", worked, goal=0.05, also=memory)


def net(units: int) -> Graph | Net:
    """A deep net on the plane, with batches of 128."""
    hidden = [
        {"name": f"{kind}{number}", "kind": kind, **({"out": units} if kind == "linear" else {})}
        for number in range(LAYERS + 1)
        for kind in ("linear", "relu")
    ]
    return EXPERIMENT.validate_python(
        {"kind": "net", "seed": 1, "data": {"kind": "xor", "n": 2500, "noise": 0.1, "seed": 1, "test": 500},
         "layers": [*hidden, {"name": "out", "kind": "linear", "out": 1}], "loss": "bce_logits",
         "optimizer": {"kind": "sgd", "lr": 0.01}, "batch": {"size": 128, "order": "shuffle"}, "epochs": 1}
    )  # fmt: skip


def _iteration(session: Session, frames: Frames) -> tuple[float, float]:
    """Seconds that its frames took, and the phases themselves."""
    looked = worked = 0.0
    for _ in session.experiment.graph.phases:
        begin = time.perf_counter()
        session.apply(m.Advance("phase"))
        session.finish()
        _settled(session)
        done = time.perf_counter()
        frames.frame(0, WATCH)
        looked, worked = looked + time.perf_counter() - done, worked + done - begin
    return looked, worked


def _settled(session: Session) -> None:
    """Wait until a GPU has done what it was told."""
    if session.state.settings.device.type == "cuda":
        torch.cuda.synchronize(session.state.settings.device)


def _size(session: Session) -> int:
    return sum(tensor.numel() for tensor in session.state.parameters.values())
