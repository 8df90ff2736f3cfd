"""A piece of the script with a gap, and below it the line to type what belongs there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from tui.exercises import code_forms, fills
from tui.exercises.fields import Answered, Drafted
from tui.exercises.program import Program

if TYPE_CHECKING:
    from tui.exercises.telling import Told

AROUND = 2  # lines that are shown before and after it


class CodeLine(Input):
    """One line, on which every letter is the program's."""

    def __init__(self) -> None:
        super().__init__(max_length=code_forms.LONGEST, select_on_focus=False, compact=True)
        self.add_class("answer", "code-line")


class FillField(Vertical):
    """Enter hands in."""

    DEFAULT_CSS = """
    FillField {
        height: auto; margin: 0 0 1 0;
        & > .script { height: auto; color: $muted; padding: 0 1; }
        & > .code-line { background: $surface; padding: 0 1; width: 100%; margin: 0; }
        & > .code-line:focus { background: $panel; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._script, self._line = Static(classes="script"), CodeLine()

    def compose(self) -> ComposeResult:
        yield self._script
        yield self._line

    def focus(self, scroll_visible: bool = True) -> FillField:
        """Into the line."""
        self._line.focus(scroll_visible)
        return self

    def retell(self, texts: Mapping[str, str], language: str) -> None:
        """Code is the same in every language."""

    def restore(self, given: str) -> None:
        """Show what was given or begun before."""
        self._line.value = given

    def tell(self, told: Told) -> None:
        """Show the lines around the gap."""
        self._script.update(around(told.known.program, told.exercise.line))

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(Drafted(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(Answered(event.value))


def around(program: Program, name: str) -> Content:
    """The line of that name with its gap, among its neighbours, less what indents all of them."""
    at = program.number(name)
    if at is None:
        return Content("")
    shown = range(max(1, at - AROUND), min(len(program.lines), at + AROUND) + 1)
    texts = [program.lines[number - 1].text.rstrip() for number in shown]
    indent = min(len(text) - len(text.lstrip()) for text in texts if text)
    rows = [
        Content.styled(fills.with_gap(text[indent:]), "bold $accent") if number == at else Content(text[indent:])
        for number, text in zip(shown, texts, strict=True)
    ]
    return Content("\n").join(rows)
