"""While training goes on, numbers, tables and charts are painted at rates of their own; at rest, at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from msgspec.structs import replace as frame_with

from engine.messages import Watch
from tests import records
from tests.tui.conftest import Stage, settle
from tui.app import Choices
from tui.arguments import UsageError, read
from tui.choice import Choice
from tui.pacing import Pacing
from tui.rates import LOW_BANDWIDTH, USUAL, Rates, rates
from tui.view import View
from tui.widgets.pane_area import PaneArea

FRAMES = 10  # a second


class Clock:
    """Stands still until it is told to go on."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def view(running: bool = True) -> View:
    shown = records.xor()
    assert shown.frame is not None
    return replace(shown, frame=frame_with(shown.frame, running=running))


def handed(pacing: Pacing, clock: Clock, kind: str, seconds: int, late: float = 0.0) -> int:
    """How often a pane is handed a frame when ten come in each second, every other one a little late."""
    first, count = view(), 0
    for number in range(seconds * FRAMES):
        clock.now = 100 + (number + late * (number % 2)) / FRAMES
        count += pacing.due("pane", kind, replace(first, frame=frame_with(first.frame)))  # type: ignore[arg-type, type-var]
    return count


@pytest.mark.parametrize("late", [0.0, 0.3])
@pytest.mark.parametrize(("kind", "times"), [("numbers", 100), ("tables", 50), ("charts", 20)])
def test_each_kind_has_its_rate(kind: str, times: int, late: float) -> None:
    clock = Clock()
    assert handed(Pacing(USUAL, clock), clock, kind, 10, late) == times


def test_at_rest_every_moment_is_shown() -> None:
    pacing = Pacing(LOW_BANDWIDTH, Clock())
    assert pacing.due("pane", "charts", view())
    assert pacing.due("pane", "charts", view(running=False)) and pacing.due("pane", "charts", view(running=False))


@pytest.mark.parametrize("change", [{"language": "en"}, {"choice": Choice("J")}, {"sparing": True}, {"opened": None}])
def test_what_a_key_changes_does_not_wait(change: dict[str, object]) -> None:
    pacing, before = Pacing(USUAL, Clock()), replace(view(), language="es")
    assert pacing.due("pane", "tables", before)
    assert not pacing.due("pane", "tables", replace(before))
    assert pacing.due("pane", "tables", replace(before, **change))  # type: ignore[arg-type]


def test_each_pane_waits_for_itself() -> None:
    pacing = Pacing(USUAL, Clock())
    assert pacing.due("one", "tables", view()) and pacing.due("other", "tables", view())
    pacing.forget()
    assert pacing.due("one", "tables", view())


# ---------------------------------------------------------------- what the command line asks for
def test_fps_scales_all_rates() -> None:
    assert rates(None, False) == Rates(10, 5, 2) and rates(20, False) == Rates(20, 10, 4)
    assert rates(5, False).pause("charts") == 1.0


def test_low_bandwidth_paints_less_of_everything_and_fps_scales_it_too() -> None:
    low = rates(None, True)
    assert low.sparing and all(getattr(low, kind) < getattr(USUAL, kind) for kind in ("numbers", "tables", "charts"))
    assert rates(8, True).tables == 2 * low.tables


async def test_the_engine_is_told_the_rates(fake: Callable[[str], Stage]) -> None:
    stage = fake("little-net")
    given: Choices = stage.app.choices
    stage.app.choices = replace(given, rates=Rates(4, 2, 0.5))
    async with stage.app.run_test() as pilot:
        await settle(pilot)
        told = stage.engine.said(Watch)[-1]
        assert (told.fps, told.field_fps, told.curve_fps) == (4, 2, 0.5)


async def test_panes_are_all_handed_the_moment_in_which_a_run_ends(local: Callable[[str], Stage]) -> None:
    stage = local("little-net")
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        area = stage.lesson.query_one(PaneArea)
        await pilot.press("r")
        await settle(pilot)
        await pilot.press("r")
        await settle(pilot)
        frame = stage.lesson.frame
        assert frame is not None and not frame.running and frame.moment.iterations_done > 0
        assert {area.pane(name).view.frame is frame for name in area.on_show} == {True}  # type: ignore[union-attr]


@pytest.mark.parametrize("given", ["0", "61", "ten", "-1"])
def test_fps_is_a_whole_number_up_to_60(given: str) -> None:
    assert read(["--fps", "60", "--low-bandwidth", "xor"]).given == {"fps": 60, "low_bandwidth": True}
    with pytest.raises(UsageError) as refused:
        read(["--fps", given])
    assert refused.value.key == "bad_value" and refused.value.values["value"] == "fps"
