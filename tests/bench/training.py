"""A hundred epochs of XOR: our run beside the loops that one would write."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from engine import messages as m
from engine.session import Session
from engine.spec import EXPERIMENT
from tests.bench.figures import Line
from tests.bench.lesson import XOR
from tests.bench.rivals import as_taught, one_thread, with_slices

ITERATIONS = 2000


def training(quick: bool) -> Iterator[Line]:
    """One thread each, one after another, several times."""
    found: dict[Callable[[], object], list[float]] = {ours: [], as_taught: [], with_slices: []}
    with one_thread():
        for _ in range(2 if quick else 7):
            for run, seconds in found.items():
                begin = time.perf_counter()
                run()
                seconds.append(time.perf_counter() - begin)
    for rival, against in ((as_taught, "Dataset, DataLoader, autograd, torch.optim"), (with_slices, "tensor slices")):
        yield Line("100 epochs of XOR, with every loss and history", "s", found[ours], against, found[rival])


def ours() -> None:
    """The session's run, with its history."""
    session = Session(EXPERIMENT.validate_python(XOR))
    session.apply(m.Run(True))
    session.finish()
    assert session.state.iteration + 1 == ITERATIONS  # the end of the last one
