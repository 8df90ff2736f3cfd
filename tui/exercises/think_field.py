"""A small page to write thoughts on, and a place below it that hands them in."""

from __future__ import annotations

from collections.abc import Mapping

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static, TextArea

from tui.exercises.fields import Answered, Drafted
from tui.language import say

MOST = 4000  # characters
HAND_IN = ("ctrl+enter", "ctrl+j")  # the second is what many terminals make of the first


class HandIn(Static, can_focus=True):
    """Enter or space on it hands in."""

    def on_key(self, event: events.Key) -> None:
        if event.key in ("enter", "space"):
            event.stop()
            event.prevent_default()
            self.post_message(Answered(""))

    def on_click(self) -> None:
        self.post_message(Answered(""))


class Page(TextArea):
    """Several lines; Enter begins another one."""

    def on_key(self, event: events.Key) -> None:
        if event.key in HAND_IN:
            event.stop()
            event.prevent_default()
            self.post_message(Answered(self.text))
        elif event.is_printable and len(self.text) >= MOST:
            event.stop()
            event.prevent_default()


class ThinkField(Vertical):
    """Ctrl+Enter hands in, or Tab and then Enter."""

    DEFAULT_CSS = """
    ThinkField {
        height: auto;
        & > Page { height: 6; background: $surface; border: none; padding: 0 1; margin: 0; }
        & > Page:focus { background: $panel; border: none; }
        & > HandIn { width: auto; height: 1; padding: 0 1; color: $muted; }
        & > HandIn:focus { color: $accent; text-style: bold reverse; }
    }
    """

    def __init__(self) -> None:
        super().__init__(classes="answer")
        self._page = Page(soft_wrap=True, tab_behavior="focus", compact=True, highlight_cursor_line=False)
        self._hand_in = HandIn()
        self._given: Answered | None = None  # the answer that goes up

    def compose(self) -> ComposeResult:
        yield self._page
        yield self._hand_in

    @property
    def _written(self) -> str:
        return self._page.text[:MOST]

    def focus(self, scroll_visible: bool = True) -> ThinkField:
        """Onto the page."""
        self._page.focus(scroll_visible)
        return self

    def retell(self, texts: Mapping[str, str], language: str) -> None:
        """The word on the place that hands in."""
        self._hand_in.update(Content(say(language, "ask.hand_in")))

    def restore(self, given: str) -> None:
        """Show what was written before."""
        if given != self._page.text:
            self._page.load_text(given)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.post_message(Drafted(self._written))

    def on_answered(self, message: Answered) -> None:
        """Whoever hands in, what is handed in is the page."""
        if message is not self._given:
            message.stop()
            self._given = Answered(self._written)
            self.post_message(self._given)
