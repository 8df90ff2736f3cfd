"""The lines of a program, numbered, one of which is chosen with arrows or by its number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual import events
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from tui.exercises.fields import Answered
from tui.exercises.program import Program

if TYPE_CHECKING:
    from tui.exercises.telling import Told

FAR = 5  # lines that Page up and Page down go
NARROW = 60  # columns below which a step of indentation takes one


class CodeRow(Static):
    """One line of the program."""

    def __init__(self, number: int) -> None:
        super().__init__(classes="row")
        self.number = number


class SpotField(Vertical, can_focus=True):
    """Enter hands in the line. Digits that follow one another are one number."""

    DEFAULT_CSS = """
    SpotField {
        height: auto; margin: 0 0 1 0;
        & > .row { height: 1; width: 1fr; text-wrap: nowrap; text-overflow: ellipsis; }
        & > .row.-at { background: $panel; text-style: bold; height: auto; text-wrap: wrap; text-overflow: fold; }
    }
    """

    def __init__(self) -> None:
        super().__init__(classes="answer")
        self._program = Program()
        self.at = 1
        self._typed = ""
        self._wished = 0

    def retell(self, texts: Mapping[str, str], language: str) -> None:
        """Code is the same in every language."""

    def restore(self, given: str) -> None:
        """Stand at the line that was given before."""
        self._wished = int(given) if given.isdecimal() else 0

    def tell(self, told: Told) -> None:
        """Show the program, once."""
        if told.known.program == self._program:
            return
        self._program = told.known.program
        self.remove_children()
        self.mount_all(CodeRow(number) for number in range(1, len(self._program.lines) + 1))
        first = next((number for number in self._numbers if self._program.lines[number - 1].phase), 1)
        self.at = self._wished if self._wished in self._numbers else first
        self.call_after_refresh(self._show)

    @property
    def _numbers(self) -> list[int]:
        """The lines in which something stands."""
        return [number for number in range(1, len(self._program.lines) + 1) if self._program.line(number)]

    def on_key(self, event: events.Key) -> None:
        ways = {"up": -1, "down": 1, "pageup": -FAR, "pagedown": FAR}
        if event.key in ways:
            self._step(ways[event.key])
        elif event.character and event.character in "0123456789":
            self._type(event.character)
        elif event.key == "enter":
            self.post_message(Answered(str(self.at)))
        else:
            return
        event.stop()
        event.prevent_default()

    def _step(self, by: int) -> None:
        self._typed, numbers = "", self._numbers
        if self.at in numbers:
            place = max(0, min(len(numbers) - 1, numbers.index(self.at) + by))
            self._go(numbers[place])

    def _type(self, digit: str) -> None:
        """A digit more, or where there is no such line the first of another number."""
        for typed in (self._typed + digit, digit):
            if int(typed) in self._numbers:
                self._typed = typed
                self._go(int(typed))
                return
        self._typed = digit

    def _go(self, number: int) -> None:
        self.at = number
        self._show()

    def on_click(self, event: events.Click) -> None:
        row = event.widget if isinstance(event.widget, CodeRow) else None
        if row is not None and row.number in self._numbers:
            self.focus()
            self._go(row.number)

    def on_focus(self) -> None:
        self._show()

    def on_blur(self) -> None:
        self._typed = ""
        self._show()

    def on_resize(self) -> None:
        self._show()

    def _narrowed(self, text: str) -> str:
        """The line, indented less where there is little room."""
        inner = text.lstrip()
        return inner.rjust(len(inner) + (len(text) - len(inner)) // 4) if self.size.width < NARROW else text

    def _show(self) -> None:
        width = len(str(len(self._program.lines)))
        for row in self.query(CodeRow):
            here = row.number == self.at and self.has_focus
            text = self._narrowed(self._program.lines[row.number - 1].text)
            number = Content.styled(f"{'▸' if here else ' '}{row.number:>{width}} ", "$accent" if here else "$muted")
            row.update(number + Content(text))
            row.set_class(here, "-at")
            if here:
                self.call_after_refresh(row.scroll_visible, animate=False)  # when it is as high as it will be
