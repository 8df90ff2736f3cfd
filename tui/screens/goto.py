"""A small window that asks for an iteration to go to."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from tui.language import say


class GotoWindow(ModalScreen[int | None]):
    """Its result is the iteration, or None where the learner thought better of it."""

    BINDINGS = [("escape", "dismiss(None)")]

    def __init__(self, language: str, iteration: int) -> None:
        super().__init__()
        self.language, self.iteration = language, iteration

    def compose(self) -> ComposeResult:
        with Vertical(id="window"):
            yield Label(say(self.language, "goto.title"), id="window-title")
            yield Input(type="integer", placeholder=str(self.iteration), max_length=9)
            yield Label(say(self.language, "goto.hint"), id="window-hint")

    def speak(self, language: str) -> None:
        """Go over to another language."""
        self.language = language
        self.query_one("#window-title", Label).update(say(language, "goto.title"))
        self.query_one("#window-hint", Label).update(say(language, "goto.hint"))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.value.strip().isdigit():
            self.dismiss(int(event.value))
        else:
            self.query_one("#window-hint", Label).update(say(self.language, "goto.wrong"))
