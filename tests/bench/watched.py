"""A hundred thousand iterations of XOR, watched with boundary, loss and tensors, beside the loop that courses teach."""

from __future__ import annotations

import time
from collections.abc import Iterator

from tests.bench.cores import can_have, on_cores
from tests.bench.figures import Line
from tests.bench.rivals import as_taught, one_thread
from tests.bench.screen import ITERATION, TO_FULL_SPEED, training
from tests.bench.training import ITERATIONS

WIDE = (120, 40)  # the three panes side by side
GOALS = {2: 14.0, 1: 12.0}  # times the loop, by cores


def watched(quick: bool) -> Iterator[Line]:
    """On two cores, and on one."""
    wanted = 10_000 if quick else 100_000
    for cores, goal in GOALS.items():
        if can_have(cores):
            with on_cores(cores):
                rival = [_taught() for _ in range(1 if quick else 3)]
                ours = [_watched(wanted) for _ in rival]
            what = f"{wanted} iterations of XOR, watched, on {cores} core{'s' * (cores > 1)}"
            against = "Dataset, DataLoader, autograd, torch.optim, unwatched"
            yield Line(what, "1/s", ours, against, rival, goal=goal, more=True)


def _taught() -> float:
    with one_thread():
        begin = time.perf_counter()
        as_taught()
    return ITERATIONS / (time.perf_counter() - begin)


def _watched(iterations: int) -> float:
    """From the key until the number on the screen."""
    with training(WIDE) as probe:
        probe.press(*TO_FULL_SPEED)
        probe.settle()
        begin = probe.press("r")
        at = probe.wait(lambda _: (probe.last(ITERATION) or 0) >= iterations)
        return (probe.last(ITERATION) or 0) / (at - begin)
