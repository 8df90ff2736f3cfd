"""What watching costs: iterations a second with a screen, and with a client that looks at nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator

from engine import messages as m
from tests.bench.figures import Line
from tests.bench.lesson import ENDLESS
from tests.bench.probe import Probe
from tests.bench.screen import ITERATION, NUMBERS, TO_FULL_SPEED, training
from tests.engine.conversation import Conversation

NOTHING = m.Watch(fps=0.1, field=None, curve=0, metrics=False)


def watching(quick: bool) -> Iterator[Line]:
    """Two engines, each in its process; while one trains, the other rests."""
    seconds, rounds = (1.5, 3) if quick else (3.0, 9)
    talk = Conversation()
    try:
        talk.open(ENDLESS)
        talk.send(NOTHING)
        with training() as probe:
            for pane in ("boundary", "loss", "tensors"):
                watched, unwatched = [], []
                probe.press(NUMBERS[pane])
                probe.settle()
                for _ in range(rounds):
                    probe.press("0")
                    talk.send(m.Travel("start"))
                    probe.settle()
                    probe.press(*TO_FULL_SPEED)  # going back has taken the speed back too
                    probe.settle()
                    unwatched.append(_unwatched(talk, seconds))
                    watched.append(_watched(probe, seconds))
                what = f"iterations a second, watched, {pane} shown"
                yield Line(what, "1/s", watched, "unwatched", unwatched, goal=0.95, more=True)
    finally:
        talk.client.stop()


def _watched(probe: Probe, seconds: float) -> float:
    """By the numbers on the screen."""
    probe.press("r")
    probe.drain(0.5)
    begin, first = _reading(probe)
    probe.drain(seconds)
    end, last = _reading(probe)
    probe.press("r")
    probe.settle()
    return (last - first) / (end - begin)


def _reading(probe: Probe) -> tuple[float, int]:
    probe.glass.painted.clear()
    at = probe.wait(lambda _: probe.last(ITERATION) is not None)
    return at, probe.last(ITERATION) or 0


def _unwatched(talk: Conversation, seconds: float) -> float:
    """By the frames that come when it begins and when it is paused."""
    begin, first = _told(talk, m.Run(True))
    time.sleep(seconds + 0.5)
    end, last = _told(talk, m.Run(False))
    return (last - first) / (end - begin)


def _told(talk: Conversation, command: m.Run) -> tuple[float, int]:
    count = len(talk.reports)
    talk.send(command)
    frame = talk.frame(lambda each: each.running == command.on, count)
    return time.perf_counter(), frame.moment.iterations_done
