"""A tiny app that shows one pane and keeps the messages it posts."""

from __future__ import annotations

from typing import Generic, TypeVar

from textual.app import App, ComposeResult
from textual.message import Message

from tui.panes.pane import Pane
from tui.view import View

P = TypeVar("P", bound=Pane)


class PaneApp(App[None], Generic[P]):
    """The pane fills the screen inside a border, as it does in a lesson."""

    CSS = "Pane { border: round white; }"

    def __init__(self, pane: P, view: View | None) -> None:
        super().__init__()
        self.pane, self.first_view = pane, view
        self.posted: list[Message] = []

    def compose(self) -> ComposeResult:
        yield self.pane

    def on_mount(self) -> None:
        self.pane.view = self.first_view
        self.pane.focus()

    def on_tensors_pane_edited(self, message: Message) -> None:
        self.posted.append(message)

    def lines(self) -> list[str]:
        """What the pane shows, row by row."""
        return [self.pane.render_line(y).text for y in range(self.pane.size.height)]

    def text(self) -> str:
        return "\n".join(self.lines())
