"""What goes over the line to the terminal: nothing at rest, and over a slow line clearly less than usual."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.bench.lesson import ENDLESS
from tests.bench.probe import Probe
from tests.bench.screen import ITERATION, NUMBERS, training

pytestmark = pytest.mark.terminal

SECONDS = 4.0
SIZES = ((80, 24), (120, 40))


def written(probe: Probe, seconds: float) -> bytes:
    begin = probe.now()
    probe.drain(seconds)
    return probe.written(begin)


def while_it_trains(size: tuple[int, int], arguments: Sequence[str]) -> bytes:
    """What is written while the boundary moves and is shown; that it does train is seen too."""
    with training(size, ENDLESS, arguments, COLORTERM="truecolor") as probe:
        probe.press(NUMBERS["boundary"])
        probe.settle()
        probe.press("r")
        probe.wait(lambda _: (probe.last(ITERATION) or 0) > 0)
        before = probe.last(ITERATION) or 0
        data = written(probe, SECONDS)
        probe.wait(lambda _: (probe.last(ITERATION) or 0) > before)
        return data


@pytest.mark.parametrize("size", SIZES)
def test_a_slow_line_is_sent_clearly_less_and_in_colours_of_the_palette(size: tuple[int, int]) -> None:
    usual, low = (while_it_trains(size, arguments) for arguments in ([], ["--low-bandwidth"]))
    assert 0 < len(low) < 0.6 * len(usual)
    assert b"8;2;" in usual and b"8;2;" not in low and b"8;5;" in low


def test_nothing_is_sent_while_nothing_changes() -> None:
    with training() as probe:
        assert written(probe, 2.0) == b""
        probe.press("i")
        probe.settle(quiet=1.0)
        assert written(probe, 2.0) == b""
