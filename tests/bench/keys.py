"""From a key to its paint, with training flat out and at rest."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import cycle

from tests.bench.figures import Line, ms, quantile
from tests.bench.probe import Probe
from tests.bench.screen import NUMBERS, TO_FULL_SPEED, tab, training
from tui.language import say
from tui.speeds import SPEEDS
from tui.widgets.numbers import rate

SHOWN = ("boundary", "loss", "tensors")
UNLIMITED = say("en", "status.speed_free")
LIMITED = say("en", "status.speed", rate=rate(SPEEDS[-2] or 0))
PAUSE = (0.05, 0.15)  # seconds between two keys


def delays(quick: bool) -> Iterator[Line]:
    """A light key (the speed, a word in one line) with each pane shown, and the key that changes the pane."""
    count = 20 if quick else 100
    running: dict[str, list[float]] = {}
    resting: dict[str, list[float]] = {}
    with training() as probe:
        probe.press(*TO_FULL_SPEED)
        probe.settle()
        for found in (resting, running):
            if found is running:
                probe.press("r")
                probe.drain(1.0)
            for pane in SHOWN:
                probe.press(NUMBERS[pane])
                probe.drain(1.0)
                found[pane] = _speed_key(probe, count)
            found["pane"] = _pane_key(probe, count)
    for name in running:
        what = "the key that changes the pane" if name == "pane" else f"the speed key, {name} shown"
        yield from _lines(what, running[name], resting[name])


def _speed_key(probe: Probe, count: int) -> list[float]:
    """Of the key that limits the speed, pressed where there is no limit."""
    found = []
    for _ in range(count):
        found.append(probe.delay("-", LIMITED))
        probe.delay("+", UNLIMITED)
        probe.drain(random.uniform(*PAUSE))
    return found


def _pane_key(probe: Probe, count: int) -> list[float]:
    """Of the keys that show another pane, whole."""
    found = []
    for _, pane in zip(range(count), cycle(SHOWN), strict=False):
        found.append(probe.delay(NUMBERS[pane], tab(pane)))
        probe.drain(random.uniform(*PAUSE))
    return found


def _lines(what: str, running: list[float], resting: list[float]) -> Iterator[Line]:
    for name, share, goal in (("p50", 0.5, None), ("p95", 0.95, 50.0), ("max", 1.0, None)):
        ours, rival = (ms([quantile(each, share)]) for each in (running, resting))
        also = {"keys": len(running)}
        yield Line(f"{what}: {name} while training flat out", "ms", ours, "at rest", rival, goal, "ours", also=also)
