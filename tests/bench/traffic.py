"""Bytes that go to the terminal while training is watched, and at rest."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from tests.bench.figures import Line
from tests.bench.probe import FRAME_BEGINS, Probe, frames
from tests.bench.screen import steps_to_speed, training

SPEED = 200  # iterations a second
FPS = 10  # frames a second that a screen asks for
COLOURS: dict[str, dict[str, str | None]] = {
    "256 colours": {"COLORTERM": None},
    "truecolor": {"COLORTERM": "truecolor"},
}


def traffic(quick: bool) -> Iterator[Line]:
    """Kilobytes a second, as written and as `ssh -C` would carry them."""
    seconds, rounds = (2.0, 1) if quick else (5.0, 3)
    for size in ((80, 24), (120, 40)):
        for colours, env in COLOURS.items():
            yield _measured(f"{size[0]}x{size[1]}, {colours}", size, env, seconds, rounds)


def _measured(where: str, size: tuple[int, int], env: dict[str, str | None], seconds: float, rounds: int) -> Line:
    written, compressed, shown, whole = [], [], [], []
    with training(size, **env) as probe:
        resting = _bytes(probe, 1.0)
        largest = _whole_screen(probe, size)
        probe.press(*steps_to_speed(SPEED))
        for _ in range(rounds):
            probe.press("0", "r")
            probe.drain(0.5)
            data = _bytes(probe, seconds)
            probe.press("r")
            probe.settle()
            written.append(len(data) / seconds / 1000)
            compressed.append(len(zlib.compress(data)) / seconds / 1000)
            shown.append(frames(data) / seconds)
            whole.append(largest * FPS / 1000)
    also = {
        "compressed": round(max(compressed), 1),
        "paints_a_second": round(max(shown), 1),
        "bytes_at_rest": len(resting),
    }
    against = f"the whole screen {FPS} times a second"
    return Line(f"to the terminal at {SPEED} it/s, {where}", "kB/s", written, against, whole, also=also)


def _bytes(probe: Probe, seconds: float) -> bytes:
    """What is written during so many seconds."""
    begin = probe.now()
    probe.drain(seconds)
    return probe.written(begin)


def _whole_screen(probe: Probe, size: tuple[int, int]) -> int:
    """Bytes of the largest of the paints that another size brings."""
    begin = probe.now()
    probe.resize(size[0], size[1] + 1)
    probe.settle()
    probe.resize(*size)
    probe.settle()
    return max(map(len, probe.written(begin).split(FRAME_BEGINS)))
