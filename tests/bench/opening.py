"""How soon something can be seen, how soon the engine is ready, and how long the screen stalls meanwhile."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Line, ms
from tests.bench.probe import Probe, importing_torch, times_to
from tests.bench.screen import BEGINNING, MAP, TUTOR
from tui.language import say

EMPTY = [sys.executable, str(Path(__file__).with_name("empty_app.py"))]
OTHER_MAP = say("es", "map.title")
TORCH_LOADS = 1.3  # of a bare import: the engine shares the machine with the screen


def first_frame(quick: bool) -> Iterator[Line]:
    """The course map against an empty app."""
    runs = [(times_to(TUTOR, MAP), times_to(EMPTY, "here it is")) for _ in range(3 if quick else 11)]
    against = "an empty Textual app"
    for number, what in enumerate(("first frame of the course map", "the screen's processor time until then")):
        ours, rival = ([each[side][number] for each in runs] for side in (0, 1))
        yield Line(what, "ms", ms(ours), against, ms(rival), goal=1.3)


def stall(quick: bool) -> Iterator[Line]:
    """The map told to change its language again and again, while torch is loading and after that."""
    ours, rival, keys = [], [], 0
    for _ in range(2 if quick else 7):
        loading = TORCH_LOADS * importing_torch()
        with Probe(TUTOR) as probe:
            probe.wait_for(MAP)
            during = _delays(probe, loading - probe.now())
            probe.settle()
            after = _delays(probe, loading)
        ours.append(max(during))
        rival.append(max(after))
        keys += len(during)
    what = "longest wait for a key's paint while torch loads"
    yield Line(what, "ms", ms(ours), "the same keys when it is loaded", ms(rival), 50, "ours", also={"keys": keys})


def _delays(probe: Probe, seconds: float) -> list[float]:
    """Of the key that changes the language, pressed 20 ms after each paint."""
    end = probe.now() + seconds
    found: list[float] = []
    while probe.now() < end or len(found) % 2:
        found.append(probe.delay("l", MAP if len(found) % 2 else OTHER_MAP))
        probe.drain(0.02)
    return found


def engine_ready(quick: bool) -> Iterator[Line]:
    """A lesson given on the command line, until its experiment stands on the screen."""
    rival, text, ready = [], [], []
    for _ in range(2 if quick else 7):
        rival.append(importing_torch())
        with Probe([*TUTOR, "xor"]) as probe:
            text.append(probe.wait_for(say("en", "lesson.step", number=1, count="").strip()))
            ready.append(probe.wait_for(BEGINNING))
    yield Line("the lesson's text", "ms", ms(text), "import torch", ms(rival))
    yield Line("the engine's first frame", "ms", ms(ready), "import torch", ms(rival), goal=1.15)
