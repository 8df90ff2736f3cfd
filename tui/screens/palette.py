"""The command palette: every action by its name, to be found by typing; those that cannot be done now say why."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui import keys
from tui.language import say
from tui.screens.base import TutorScreen

UNLISTED = ("pane", "palette", "interrupt", "language_anywhere")  # the panes have rows of their own, with their names


@dataclass(frozen=True, slots=True)
class Action:
    """One row. `reason` says why it cannot be done now; "" where it can."""

    title: str
    sentence: str
    action: str
    reason: str


def actions(screen: TutorScreen) -> list[Action]:
    """The rows of the key table that hold on `screen`, and its panes, in its language."""
    language = screen.language
    rows = [
        Action(_title(screen, key), keys.explained(key, language), key.action, screen.reason(key))
        for key in keys.keys_of(screen.where)
        if key.name not in UNLISTED
    ]
    panes = [
        Action(
            say(language, "palette.pane", name=say(language, f"pane.{name}")),
            keys.explained(keys.PANE, language),
            f"screen.pane({number})",
            "",
        )
        for number, name in enumerate(screen.panes, 1)
    ]
    return rows + panes


def _title(screen: TutorScreen, key: keys.Key) -> str:
    """`Fase  (espacio)`"""
    word = screen.label(key)
    cap = keys.keycap(key, screen.language)
    return f"{word[:1].upper()}{word[1:]}" + (f"  ({cap})" if cap else "")


def matching(rows: list[Action], typed: str) -> list[Action]:
    """The rows that have every typed word, whatever its accents; first those that have them in their title."""
    words = _plain(typed).split()
    found = [row for row in rows if all(word in _plain(f"{row.title} {row.sentence}") for word in words)]
    return sorted(found, key=lambda row: not all(word in _plain(row.title) for word in words))


def _plain(text: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(each))


class Palette(ModalScreen[str | None]):
    """Lies over `below`, whose actions it lists. Its result is the action to do, or None."""

    AUTO_FOCUS = "Input"
    BINDINGS = [
        Binding("escape", "dismiss(None)", show=False),
        *(
            Binding(key, f"list('{action}')", show=False)
            for key, action in {
                "up": "cursor_up", "down": "cursor_down", "pageup": "page_up", "pagedown": "page_down",
            }.items()
        ),
    ]  # fmt: skip

    def __init__(self, below: TutorScreen) -> None:
        super().__init__()
        self.below = below
        self.shown: list[Action] = []

    def compose(self) -> ComposeResult:
        with Vertical(id="palette"):
            yield Input()
            yield OptionList(id="actions")
            yield Static(id="palette-hint")

    def on_mount(self) -> None:
        self.query_one(OptionList).can_focus = False  # what is typed goes into the field
        self.speak(self.below.language)

    def speak(self, language: str) -> None:
        """Go over to another language, after the screen below has."""
        self.query_one(Input).placeholder = say(language, "palette.placeholder")
        self.query_one("#palette-hint", Static).update(say(language, "palette.hint"))
        self._list()

    def on_input_changed(self) -> None:
        self._list()

    def _list(self) -> None:
        language, options = self.below.language, self.query_one(OptionList)
        self.shown = matching(actions(self.below), self.query_one(Input).value)
        options.clear_options()
        options.add_options(Option(_prompt(row, language), disabled=bool(row.reason)) for row in self.shown)
        if not self.shown:
            options.add_option(Option(Content.styled(say(language, "palette.none"), "$muted"), disabled=True))
        options.action_first()

    def action_list(self, action: str) -> None:
        """Move in the list, from within the field."""
        getattr(self.query_one(OptionList), f"action_{action}")()

    def on_input_submitted(self) -> None:
        self.query_one(OptionList).action_select()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self.shown[event.option_index].action)


def _prompt(row: Action, language: str) -> Content:
    below = say(language, "palette.impossible", reason=row.reason) if row.reason else row.sentence
    return Content.assemble((row.title, "" if row.reason else "bold"), "\n  ", (below, "$muted" if row.reason else ""))
