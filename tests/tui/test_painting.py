"""What is painted: all that has changed, and no more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.content import Content
from textual.widget import Widget

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
