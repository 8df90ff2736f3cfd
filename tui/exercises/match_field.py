"""Pairs to be found: each one on the left is given one of those on the right, by its number or with arrows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from tui.exercises import pairings
from tui.exercises.fields import Answered, Drafted, Option
from tui.widgets.formula_markdown import LessonMarkdown

if TYPE_CHECKING:
    from tui.exercises.telling import Told

NOTHING = "·"


class Pair(Horizontal):
    """One on the left, and what it was given."""

    def __init__(self, left: str) -> None:
        super().__init__()
        self.add_class("option", "pair")
        self.left = left

    def compose(self) -> ComposeResult:
        yield Static(classes="option-mark")
        yield LessonMarkdown(open_links=False)
        yield Static(classes="given")

    def show(self, pointer: str, number: str, sign: str, style: str) -> None:
        """Its pointer, the number of what it was given, and whether that was right."""
        self.query_one(".option-mark", Static).update(pointer)
        given = self.query_one(".given", Static)
        given.update(f"→ {number} {sign}")
        given.set_class(style == "-right", "-right")
        given.set_class(style == "-wrong", "-wrong")


class MatchField(Vertical, can_focus=True):
    """Right pairs stay once they were handed in; Enter hands in."""

    DEFAULT_CSS = """
    MatchField {
        height: auto;
        & .pair .option-mark { width: 2; }
        & .pair .given { width: 8; height: 1; }
        & .pair .-wrong { color: $error; }
        & .pair .-right { color: $success; }
        & .choices { height: auto; margin: 1 0 0 0; }
        & .choices .option-mark { width: 4; color: $muted; }
    }
    """

    def __init__(self, pairs: Mapping[str, str], choices: tuple[str, ...]) -> None:
        super().__init__(classes="answer")
        self.pairs, self.choices = pairs, choices
        self.chosen: dict[str, str] = {}
        self.handed_in: dict[str, str] = {}
        self.at = 0

    def compose(self) -> ComposeResult:
        for left in self.pairs:
            yield Pair(left)
        with Vertical(classes="choices"):
            for number, name in enumerate(self.choices, 1):
                yield Option(name, number)

    def on_mount(self) -> None:
        for option in self.query(Option):
            option.mark("")
        self._show()

    def retell(self, texts: Mapping[str, str], language: str) -> None:
        """Show both columns in `language`."""
        for row in (*self.query(Pair), *self.query(Option)):
            name = row.left if isinstance(row, Pair) else row.option
            page = row.query_one(LessonMarkdown)
            page.language = language
            page.update(texts.get(name, name))

    def restore(self, given: str) -> None:
        """Show pairs that were given or begun before."""
        self.chosen = pairings.read(given, self.pairs)
        self._show()

    def tell(self, told: Told) -> None:
        """Show which of the pairs that were handed in are right."""
        verdict = told.progress.verdict
        marked = verdict is not None and verdict.readable
        handed_in = pairings.read(told.progress.given, self.pairs) if marked else {}
        fresh, self.handed_in = handed_in != self.handed_in, handed_in
        if fresh and self.lefts:
            self.at = next((n for n, left in enumerate(self.lefts) if self._right(left) is False), self.at)
        self._show()

    @property
    def lefts(self) -> tuple[str, ...]:
        """Those on the left, from top to bottom."""
        return tuple(self.pairs)

    def _right(self, left: str) -> bool | None:
        """Whether what it was given is right; None where that was not handed in."""
        given = self.handed_in.get(left)
        return None if given is None or given != self.chosen.get(left) else given == self.pairs[left]

    # ---------------------------------------------------------------- keys
    def on_key(self, event: events.Key) -> None:
        if event.key in ("up", "down"):
            self.at = (self.at + (1 if event.key == "down" else -1)) % len(self.pairs)
        elif event.key in ("left", "right"):
            self._turn(1 if event.key == "right" else -1)
        elif event.character and event.character in "123456789" and int(event.character) <= len(self.choices):
            if self._choose(self.choices[int(event.character) - 1]):
                self._go_on()
        elif event.key in ("backspace", "delete"):
            self._choose(None)
        elif event.key == "enter":
            self.post_message(Answered(pairings.written(self.chosen)))
        else:
            return
        event.stop()
        event.prevent_default()
        self._show()

    def _turn(self, way: int) -> None:
        now = self.chosen.get(self.lefts[self.at])
        start = self.choices.index(now) if now in self.choices else (-1 if way > 0 else 0)
        self._choose(self.choices[(start + way) % len(self.choices)])

    def _choose(self, name: str | None) -> bool:
        """Give it to the pair at the pointer, unless that is known to be right."""
        left = self.lefts[self.at]
        if self._right(left):
            return False
        self.chosen = {**self.chosen, left: name} if name else {k: v for k, v in self.chosen.items() if k != left}
        self.post_message(Drafted(pairings.written(self.chosen)))
        return True

    def _go_on(self) -> None:
        """To the next one that has nothing yet, or what is known to be wrong."""
        count = len(self.pairs)
        round_ = [(self.at + step) % count for step in range(1, count)]
        open_ = (n for n in round_ if self.lefts[n] not in self.chosen or self._right(self.lefts[n]) is False)
        self.at = next(open_, self.at)

    def on_click(self, event: events.Click) -> None:
        for place, row in enumerate(self.query(Pair)):
            if event.widget is row or (event.widget is not None and row in event.widget.ancestors):
                self.focus()
                self.at = place
                self._show()

    def on_focus(self) -> None:
        self._show()

    def on_blur(self) -> None:
        self._show()

    def _show(self) -> None:
        for place, row in enumerate(self.query(Pair)):
            if not row.is_mounted:
                continue
            here, right = place == self.at and self.has_focus, self._right(row.left)
            chosen = self.chosen.get(row.left)
            number = str(self.choices.index(chosen) + 1) if chosen in self.choices else NOTHING
            sign, style = ("", "") if right is None else ("✓", "-right") if right else ("✗", "-wrong")
            row.show("▸" if here else " ", number, sign, style)
            row.set_class(here, "-at")
