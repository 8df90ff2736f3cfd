"""What every pane is: a widget that draws one view and says what it needs from the engine for that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from engine.looks.records import AnyLook
from tui.choice import Choice
from tui.rates import Kind
from tui.view import View


@dataclass(frozen=True)
class Needs:
    """What the engine should compute for a pane. field: (columns, rows) of samples; curve: points at most."""

    field: tuple[int, int] | None = None
    curve: int = 0
    looks: tuple[AnyLook, ...] = ()


class Chosen(Message):
    """The learner chose, on a pane, what to look at."""

    def __init__(self, choice: Choice) -> None:
        self.choice = choice
        super().__init__()


class Pane(Widget):
    """One registered pane. A subclass sets `name_key` and draws in `watch_view`; its border title is kept here.

    What keys can do on the current pane it says with `has_views` (v), `turns` (< and >) and `folds` (f).
    """

    name_key: ClassVar[str]  # key of its title in the catalogue, "pane.graph"
    paced: ClassVar[Kind] = "tables"  # how often it is handed another moment while training goes on
    has_views: ClassVar[bool] = False
    turns: ClassVar[bool] = False
    folds: ClassVar[bool] = False

    view: reactive[View | None] = reactive(None, layout=False)

    class NeedsChanged(Message):
        """The pane was shown, hidden, resized or turned: what it needs may be another."""

    def needs(self) -> Needs:
        """What the engine should send for this pane at its present size, for its present view."""
        return Needs()

    def on_resize(self) -> None:
        self.post_message(self.NeedsChanged())

    def other_view(self) -> None:
        """Show the same in the next of the ways that this pane has."""

    def turn(self, by: int) -> None:
        """A little less, or more, of what this pane lets one turn."""

    def fold(self) -> None:
        """Open what is folded, or fold it."""
