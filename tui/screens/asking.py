"""A small window that asks whether something is meant."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Label, Static

from tui.language import say


class QuestionWindow(ModalScreen[bool]):
    """`name` is that of its words. Its result: Enter is yes, Esc is no."""

    BINDINGS = [("escape", "dismiss(False)"), ("enter", "dismiss(True)")]

    def __init__(self, language: str, name: str) -> None:
        super().__init__()
        self.language, self.asked = language, name

    def compose(self) -> ComposeResult:
        with Vertical(id="window"):
            yield Label(id="window-title")
            yield Static(id="window-question")
            yield Label(id="window-hint")

    def on_mount(self) -> None:
        self.speak(self.language)

    def speak(self, language: str) -> None:
        """Go over to another language."""
        self.language = language
        self.query_one("#window-title", Label).update(say(language, f"question.{self.asked}.title"))
        self.query_one("#window-question", Static).update(say(language, f"question.{self.asked}.text"))
        self.query_one("#window-hint", Label).update(say(language, "question.hint"))
