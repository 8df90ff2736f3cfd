"""From the key of one operation to its paint, in a net of 2-64-64-1 with batches of 128, with each pane on it shown."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import cycle
from typing import Any

from engine.words import say as engine_says
from tests.bench.figures import Line, ms, quantile
from tests.bench.lesson import XOR
from tests.bench.screen import training

NET: dict[str, Any] = {
    **XOR,
    "layers": [
        {"name": "linear1", "kind": "linear", "out": 64},
        {"name": "act1", "kind": "tanh"},
        {"name": "linear2", "kind": "linear", "out": 64},
        {"name": "act2", "kind": "tanh"},
        {"name": "linear3", "kind": "linear", "out": 1},
    ],
}
SHOWN = {"graph": "1", "tensors": "2", "operation": "6", "jacobian": "7"}
SEEN = 24  # letters of the sentence that are waited for
PAUSE = (0.15, 0.25)  # seconds between two keys


def steps(quick: bool) -> Iterator[Line]:
    """Operation after operation, forward and backward, against the same operations without a screen."""
    said, bare = _alone()
    count = len(said) * (1 if quick else 8)
    for pane, number in SHOWN.items():
        found = []
        with training(experiment=NET) as probe:
            probe.press(number)
            probe.drain(1.0)
            for _, sentence in zip(range(count), cycle(said), strict=False):
                found.append(probe.delay("o", sentence))
                probe.drain(random.uniform(*PAUSE))
        for name, share, goal in (("p50", 0.5, None), ("p95", 0.95, 50.0), ("max", 1.0, None)):
            ours, rival = ms([quantile(found, share)]), ms([quantile(bare, share)])
            also = {"keys": count}
            what = f"one operation, {pane} shown: {name}"
            yield Line(what, "ms", ours, "without a screen", rival, goal, "ours", also=also)


def _alone() -> tuple[list[str], list[float]]:
    """What the screen says of each operation of an iteration, and the seconds that it takes in a session."""
    import time

    import torch

    from engine import messages as m
    from engine import telling
    from engine.begin import begin
    from engine.spec import EXPERIMENT

    torch.set_num_threads(1)
    session = begin(EXPERIMENT.validate_python(NET), None, "cpu")
    said, seconds = [], []
    for turn in range(len(session.experiment.graph.atoms) * 2):
        start = time.perf_counter()
        session.apply(m.Advance("op"))
        session.finish()
        seconds.append(time.perf_counter() - start)
        if turn < len(session.experiment.graph.atoms):
            said.append(engine_says(telling.sentence(session, telling.touched(session)), "en")[:SEEN])
    return said, seconds[len(said) :]
