"""A page of text that can be scrolled, and left with Escape: help, and what is wrong with a lesson."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.widgets import Static

from tui.screens.base import TooSmall, TutorScreen
from tui.widgets.key_bar import KeyBar
from tui.widgets.line import Line

WIDEST = 100  # columns of the text
Tell = Callable[[str, int], Content]  # language, columns -> what to say in it


class Page(TutorScreen):
    """A title over a text; both are told again when the language or the width changes."""

    where = "page"
    AUTO_FOCUS = "VerticalScroll"

    def __init__(self, language: str, title: Tell, text: Tell) -> None:
        super().__init__(language)
        self._title, self._text = title, text

    def compose(self) -> ComposeResult:
        yield Line(id="status")
        with VerticalScroll(id="page"):
            yield Static(id="text")
        yield KeyBar()
        yield TooSmall()

    def on_resize(self, event: Resize) -> None:
        self.retell()

    def retell(self) -> None:
        if not self.is_mounted:
            return
        columns = max(20, min(WIDEST, self.size.width - 5))  # less padding and scroll bar
        self.query_one("#status", Line).tell(self._title(self.language, columns))
        self.query_one("#text", Static).update(self._text(self.language, columns))

    def action_close(self) -> None:
        self.dismiss()
