"""What an outcome is answered with: options, and below them a line for the shape where it works."""

from __future__ import annotations

from collections.abc import Mapping

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from lessons.answers import WORKS
from tui.exercises import outcomes
from tui.exercises.fields import Answered, AnswerField, Options
from tui.language import say


class OutcomeField(Vertical):
    """Enter on an option gives it; on the first one it leads to the line for the shape, and Enter there gives both."""

    DEFAULT_CSS = "OutcomeField { & .shape-first { height: auto; color: $muted; } }"

    def __init__(self) -> None:
        super().__init__()
        self._options, self._shape = Options(outcomes.OUTCOMES), AnswerField()
        self._question = Static(classes="shape-first")
        self._given: Answered | None = None  # the answer that goes up

    def compose(self) -> ComposeResult:
        yield self._options
        yield self._question
        yield self._shape

    def on_mount(self) -> None:
        self._ask_shape(WORKS in self._options.chosen)

    def focus(self, scroll_visible: bool = True) -> OutcomeField:
        """Into the options."""
        self._options.focus(scroll_visible)
        return self

    def retell(self, texts: Mapping[str, str], language: str) -> None:
        """Show the options in `language`."""
        self._options.retell(texts, language)
        self._question.update(say(language, "ask.outcome.shape_first"))

    def restore(self, given: str) -> None:
        """Show an answer that was given before."""
        chosen, shape = outcomes.read(given)
        self._options.restore(chosen)
        self._shape.restore(shape)
        self._ask_shape(chosen == WORKS)

    def _ask_shape(self, wanted: bool) -> None:
        self._question.display = self._shape.display = wanted

    def on_answered(self, message: Answered) -> None:
        """What was chosen, or the shape that was written."""
        if message is self._given:
            return
        message.stop()
        if WORKS not in self._options.chosen:
            self._ask_shape(False)
            self._give(message.given)
        elif self._shape.has_focus:
            self._give(f"{WORKS} {message.given}")
        else:
            self._ask_shape(True)
            self.call_after_refresh(self._shape.focus)

    def _give(self, given: str) -> None:
        self._given = Answered(given)
        self.post_message(self._given)
