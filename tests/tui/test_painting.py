"""What is painted: all that has changed, and no more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from textual.app import App, ComposeResult
from textual.content import Content
from textual.geometry import Region
from textual.widget import Widget

from engine.messages import Opened
from tests import records
from tests.tui.conftest import settle
from tui.widgets.line import Line


class Lines(App[None]):
    """One line."""

    def compose(self) -> ComposeResult:
        yield Line()


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> list[Widget]:
    """The widgets that were told to paint themselves."""
    found: list[Widget] = []
    refresh: Callable[..., Any] = Widget.refresh

    def noting(self: Widget, *regions: Any, **how: Any) -> Any:
        found.append(self)
        return refresh(self, *regions, **how)

    monkeypatch.setattr(Widget, "refresh", noting)
    return found


async def test_a_line_that_is_told_the_same_is_not_painted_again(painted: list[Widget]) -> None:
    async with Lines().run_test() as pilot:
        line = pilot.app.query_one(Line)
        line.tell(Content("here"), Content.styled("there", "bold"))
        painted.clear()
        line.tell(Content("here"), Content.styled("there", "bold"))
        assert line not in painted


async def test_a_line_of_which_only_the_colours_change_is_painted_again(painted: list[Widget]) -> None:
    async with Lines().run_test() as pilot:
        line = pilot.app.query_one(Line)
        line.tell(Content("here"))
        painted.clear()
        line.tell(Content.styled("here", "bold"))
        assert line in painted


@pytest.mark.parametrize(
    ("before", "after", "region"),
    [
        ("iter   41 · loss 0.51", "iter   42 · loss 0.51", Region(8, 0, 1, 1)),
        ("iter   41 · loss 0.51", "iter   42 · loss 0.49", Region(8, 0, 13, 1)),
        ("a line that goes on and on and on", "a line that goes on and on and up", None),
    ],
)
async def test_of_a_line_only_what_changed_is_painted(
    before: str, after: str, region: Region | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Lines().run_test(size=(24, 2)) as pilot:  # 22 cells for words
        line = pilot.app.query_one(Line)
        line.tell(Content(before))
        await pilot.pause()
        found: list[tuple[Region, ...]] = []
        monkeypatch.setattr(line, "refresh", lambda *regions: found.append(regions))
        line.tell(Content(after))
        assert found == [(region,) if region else ()]


async def test_a_frame_that_shows_the_same_paints_nothing(fake: Any, painted: list[Widget]) -> None:
    stage = fake("little-net")
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        frame = replace(records.xor().frame, generation=stage.app.generation)
        for report in (Opened(frame.generation, "cpu", 7), frame):
            stage.engine.report(report)
            await settle(pilot)
        painted.clear()
        stage.engine.report(replace(frame, seq=frame.seq + 1))
        await settle(pilot)
        assert [type(each).__name__ for each in painted] == []
