"""From a key to its paint, with training flat out and at rest."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import cycle

from tests.bench.cores import can_have, on_cores
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


GOALS = {2: {"p50": 15.0, "p95": 50.0, "max": 150.0}, 1: {"p95": 60.0}}  # ms, by cores


def delays(quick: bool) -> Iterator[Line]:
    """A light key (the speed, a word in one line) with each pane shown, and the key that changes the pane."""
    for cores, goals in GOALS.items():
        if can_have(cores):
            with on_cores(cores):
                resting, running = _measured(20 if quick else 125)
            for name in running:
                what = "the key that changes the pane" if name == "pane" else f"the speed key, {name} shown"
                where = f"{what}, on {cores} core{'s' * (cores > 1)}"
                yield from _lines(where, running[name], resting[name], goals)


def _measured(count: int) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """The delays by pane, at rest and while training."""
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
    return resting, running


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


def _lines(what: str, running: list[float], resting: list[float], goals: dict[str, float]) -> Iterator[Line]:
    for name, share in (("p50", 0.5), ("p95", 0.95), ("max", 1.0)):
        ours, rival = (ms([quantile(each, share)]) for each in (running, resting))
        also, goal = {"keys": len(running)}, goals.get(name)
        yield Line(f"{what}: {name} while training flat out", "ms", ours, "at rest", rival, goal, "ours", also=also)
