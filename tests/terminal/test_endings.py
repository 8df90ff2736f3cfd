"""Ways in which the tutor ends, or its engine, or its window changes: nothing is left over, nothing is lost."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.terminal.terminal import Terminal
from tests.terminal.tutor import LARGE, beginning, count_of, lesson, tutor, wait_for_numbers, wait_until_gone
from tui.language import say

pytestmark = pytest.mark.terminal

SOON = 2.0  # seconds within which no process may be left
ENDINGS: dict[str, tuple[Callable[[Terminal], None], int]] = {
    "q": (lambda t: t.press("q"), 0),
    "ctrl+c": (lambda t: t.press("ctrl+c"), 0),
    "SIGTERM": (lambda t: t.signal(signal.SIGTERM), 128 + signal.SIGTERM),
    "closed window": (lambda t: t.hang_up(), -signal.SIGHUP),
    "SIGKILL": (lambda t: t.signal(signal.SIGKILL), -signal.SIGKILL),
}
CLEAN = ("q", "ctrl+c", "SIGTERM")  # endings that the program sees coming


@pytest.mark.parametrize("ending", ENDINGS)
def test_however_the_tutor_ends_no_process_is_left(ending: str) -> None:
    end, status = ENDINGS[ending]
    with lesson("xor") as t:
        t.press("r")
        t.wait_for("▶")
        engines = t.descendants()
        assert engines
        end(t)
        assert t.wait_exit() == status
        assert not wait_until_gone(engines, SOON)
        if ending in CLEAN:
            assert t.screen.main is None and not t.screen.cursor.hidden, "the terminal as it was found"


def test_an_engine_that_was_killed_is_replaced_and_the_screen_says_so_and_goes_on() -> None:
    with lesson("graph-j") as t:
        t.press("space")
        wait_for_numbers(t, {"h = 2·b": 2.0})
        (engine,) = t.descendants()
        os.kill(engine, signal.SIGKILL)
        t.wait_for(say("es", "revival.again", iteration=0).split(";")[0])
        wait_for_numbers(t, {"h = 2·b": 2.0, "g = a + h": None})
        t.press("space")
        wait_for_numbers(t, {"g = a + h": 5.0})
        assert t.descendants() not in ([], [engine])


def test_the_window_may_change_its_size_while_training_goes_on() -> None:
    with lesson("xor") as t:
        t.press("r")
        t.wait_for("▶")
        t.resize(*LARGE)
        t.wait_for(" ── ")
        t.resize(50, 12)
        t.wait_for("50 × 12")
        t.resize(80, 24)
        t.wait_until(lambda screen: "▶" in screen and " ── " not in screen and count_of("iteration", screen, "es"))
        before = count_of("iteration", t.text(), "es")
        t.wait_until(
            lambda screen: (count_of("iteration", screen, "es") or 0) > (before or 0), what="another iteration"
        )


def test_a_line_that_drops_costs_nothing_the_next_start_stands_at_the_same_operation(own_state: Path) -> None:
    env = {"XDG_STATE_HOME": str(own_state)}
    with tutor("graph-j", env=env) as t:
        t.wait_for(beginning("es"))
        t.press("space")
        wait_for_numbers(t, {"h = 2·b": 2.0, "g = a + h": None})
        t.hang_up()
        assert t.wait_exit() == -signal.SIGHUP
    with tutor("graph-j", env=env) as t:
        wait_for_numbers(t, {"h = 2·b": 2.0, "g = a + h": None})
