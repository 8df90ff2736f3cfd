"""What every pane is: a widget that draws one view and says what it needs from the engine for that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tui.view import View


@dataclass(frozen=True)
class Needs:
    """What the engine should compute for a pane. field: (columns, rows) of samples; curve: points at most."""

    field: tuple[int, int] | None = None
    curve: int = 0


class Pane(Widget):
    """One registered pane. A subclass sets `name_key` and draws in `watch_view`; its border title is kept here."""

    name_key: ClassVar[str]  # key of its title in the catalogue, "pane.graph"

    view: reactive[View | None] = reactive(None, layout=False)

    class NeedsChanged(Message):
        """The pane was shown, hidden or resized: what it needs may be another."""

    def needs(self) -> Needs:
        """What the engine should send for this pane at its present size."""
        return Needs()

    def on_resize(self) -> None:
        self.post_message(self.NeedsChanged())
