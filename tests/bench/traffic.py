"""Bytes that go to the terminal while training is watched, usually and over a slow line, and at rest."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.bench.figures import Line
from tests.bench.probe import FRAME_BEGINS, Probe, frames
from tests.bench.screen import ITERATION, NUMBERS, steps_to_speed, training

SPEED = 200  # iterations a second
FPS = 10  # frames a second that a screen asks for
Size = tuple[int, int]
COLOURS: dict[str, dict[str, str | None]] = {
    "256 colours": {"COLORTERM": None},
    "truecolor": {"COLORTERM": "truecolor"},
}


@dataclass(frozen=True)
class Way:
    """How the tutor is started, and kB/s that it may write: by size, and by colours where that matters."""

    name: str
    arguments: Sequence[str]
    goals: Mapping[Size, Mapping[str, float]]


SMALL, LARGE = (80, 24), (120, 40)
WAYS = (
    Way("usual", (), {
        SMALL: {"256 colours": 40, "truecolor": 50},
        LARGE: {"256 colours": 90, "truecolor": 120},
    }),
    Way("--low-bandwidth", ("--low-bandwidth",), {
        SMALL: dict.fromkeys(COLOURS, 8.0),
        LARGE: dict.fromkeys(COLOURS, 16.0),
    }),
)  # fmt: skip
PANES = {SMALL: ("boundary", "loss", "tensors"), LARGE: ("boundary",)}  # of a large window: with loss and tensors


def traffic(quick: bool) -> Iterator[Line]:
    """Kilobytes a second, as written and as `ssh -C` would carry them."""
    for way in WAYS:
        for size, panes in PANES.items():
            for colours in COLOURS:
                with training(size, arguments=way.arguments, **COLOURS[colours]) as probe:
                    yield from (_measured(probe, way, size, colours, pane, quick) for pane in panes)


def _measured(probe: Probe, way: Way, size: Size, colours: str, pane: str, quick: bool) -> Line:
    seconds, rounds = (4.0, 1) if quick else (8.0, 3)  # charts of a slow line come every four
    written, compressed, shown, going = [], [], [], []
    probe.press(NUMBERS[pane])
    probe.settle()
    resting = _bytes(probe, 2.0)
    largest = _whole_screen(probe, size)
    for _ in range(rounds):
        probe.press("0")
        probe.settle()
        probe.press(*steps_to_speed(SPEED), "r")  # going back has taken the speed back too
        probe.drain(0.5)
        first = probe.last(ITERATION) or 0
        data = _bytes(probe, seconds)
        going.append(((probe.last(ITERATION) or 0) - first) / seconds)
        probe.press("r")
        probe.settle()
        written.append(len(data) / seconds / 1000)
        compressed.append(len(zlib.compress(data)) / seconds / 1000)
        shown.append(frames(data) / seconds)
    also = {
        "compressed": round(max(compressed), 1),
        "paints_a_second": round(max(shown), 1),
        "iterations_a_second": round(min(going)),
        "bytes_at_rest": len(resting),
    }
    what = f"to the terminal at {SPEED} it/s, {size[0]}x{size[1]}, {colours}, {pane}, {way.name}"
    against, whole = f"the whole screen {FPS} times a second", [largest * FPS / 1000] * rounds
    return Line(what, "kB/s", written, against, whole, way.goals[size][colours], "ours", also=also)


def _bytes(probe: Probe, seconds: float) -> bytes:
    """What is written during so many seconds."""
    begin = probe.now()
    probe.drain(seconds)
    return probe.written(begin)


def _whole_screen(probe: Probe, size: Size) -> int:
    """Bytes of the largest of the paints that another size brings."""
    begin = probe.now()
    probe.resize(size[0], size[1] + 1)
    probe.settle()
    probe.resize(*size)
    probe.settle()
    return max(map(len, probe.written(begin).split(FRAME_BEGINS)))
