"""A screen with one pane on it, for tests: what it is given and what can be read off it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Generic, TypeVar

import msgspec
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.strip import Strip

from engine.messages import Moment
from tui.panes.pane import Needs, Pane
from tui.themes import DARK, LIGHT
from tui.view import View

P = TypeVar("P", bound=Pane)


class Stage(App[None], Generic[P]):
    """The pane fills the screen; `asked` are the needs at each NeedsChanged."""

    def __init__(self, pane: P) -> None:
        super().__init__()
        self.pane = pane
        self.asked: list[Needs] = []

    def compose(self) -> ComposeResult:
        yield self.pane

    def on_mount(self) -> None:
        for theme in (DARK, LIGHT):
            self.register_theme(theme)
        self.theme = DARK.name

    def on_pane_needs_changed(self) -> None:
        self.asked.append(self.pane.needs())


@asynccontextmanager
async def on_stage(pane: P, view: View | None = None, size: tuple[int, int] = (44, 18)) -> AsyncIterator[Pilot[None]]:
    """The pane on a screen of that size, with that view drawn."""
    async with Stage(pane).run_test(size=size) as pilot:
        await pilot.pause()
        if view is not None:
            pane.view = view
            await pilot.pause()
        yield pilot


def strips(pane: Pane) -> list[Strip]:
    """The rows of the pane as they are painted."""
    return [pane.render_line(y) for y in range(pane.size.height)]


def text(pane: Pane) -> list[str]:
    """The rows of the pane without colours."""
    return [strip.text for strip in strips(pane)]


def with_frame(view: View, **changes: Any) -> View:
    """The view with another frame."""
    assert view.frame is not None
    return replace(view, frame=msgspec.structs.replace(view.frame, **changes))


def at(view: View, phase: str | None, op: str | None, completed: tuple[str, ...] = (), **changes: Any) -> View:
    """The view at another moment of the same iteration, which no single operation led to."""
    assert view.frame is not None
    next_phase = view.graph.phases[0] if phase is None else view.frame.moment.next_phase
    moment = Moment(0, 0, phase, op, next_phase, None, completed, 0)  # type: ignore[arg-type]
    return with_frame(view, **{"moment": moment, "edges": (), "touched_values": (), **changes})
