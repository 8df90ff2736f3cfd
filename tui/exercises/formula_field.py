"""A line to type a formula into, and below it the formula as it is written by hand, or where it cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from engine.expression import ExpressionError, parse
from engine.words import say as engine_says
from tui.exercises import formulas
from tui.exercises.fields import Answered, Drafted
from tui.formulas import FormulaError, display
from tui.formulas.expressions import latex

if TYPE_CHECKING:
    from tui.exercises.telling import Told

PENDING = "…"


class FormulaLine(Input):
    """One line, on which every letter is the formula's."""

    def __init__(self) -> None:
        super().__init__(max_length=formulas.LONGEST, select_on_focus=False, compact=True)
        self.add_class("answer", "formula")


class FormulaField(Vertical):
    """Enter hands in. What cannot be read gets its caret then, and not while it is being written."""

    DEFAULT_CSS = """
    FormulaField {
        height: auto; margin: 0 0 1 0;
        & > .formula { background: $surface; padding: 0 1; width: 100%; margin: 0; }
        & > .formula:focus { background: $panel; }
        & > .preview { height: auto; padding: 0 1; color: $text-accent; }
        & > .preview.-unreadable { color: $text-error; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._line, self._preview = FormulaLine(), Static(classes="preview")
        self._refused = ""  # what was handed in and could not be read
        self._language = "en"

    def compose(self) -> ComposeResult:
        yield self._line
        yield self._preview

    def focus(self, scroll_visible: bool = True) -> FormulaField:
        """Into the line."""
        self._line.focus(scroll_visible)
        return self

    def retell(self, texts: Mapping[str, str], language: str) -> None:
        """What is said of a place that cannot be read."""
        self._language = language
        self._show()

    def restore(self, given: str) -> None:
        """Show a formula that was given or begun before."""
        self._line.value = given
        self._show()

    def tell(self, told: Told) -> None:
        """Once it is handed in, show where it cannot be read."""
        verdict = told.progress.verdict
        self._refused = told.progress.given if verdict is not None and not verdict.readable else ""
        self._show()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._show()
        self.post_message(Drafted(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(Answered(event.value))

    def _show(self) -> None:
        text = self._line.value
        found = formulas.problem(text) if text.strip() else None
        pointed = found is not None and text == self._refused
        self._preview.set_class(pointed, "-unreadable")
        if found is not None:
            self._preview.update(Content(_pointed(found, self._language)) if pointed else PENDING)
        else:
            self._preview.update(Content(written(text)))


def written(text: str) -> str:
    """The formula laid out; as it was typed where it cannot be."""
    if not text.strip():
        return ""
    try:
        return "\n".join(display(latex(parse(formulas.tidy(text), queries=True))))
    except (ExpressionError, FormulaError):
        return text


def _pointed(found: formulas.Problem, language: str) -> str:
    """A caret under the place, and why."""
    return f"{' ' * found.column}^\n{engine_says(found.sentence, language)}"
