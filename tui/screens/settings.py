"""A window with the settings that can be changed while an experiment runs; each change is sent at once, as an edit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Static

from engine.messages import Setting
from tui.language import say
from tui.number import read
from tui.speeds import FREE

ORDERS = ("given", "shuffle", "random")
OPTIMIZERS = ("sgd", "adam")
RATES = (1e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, "all")
MOMENTA = (0.0, 0.5, 0.9, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class Row:
    """One setting. Left and right go through `choices`; with `typed`, another value may be written."""

    name: str
    choices: tuple[Setting, ...]
    typed: bool = False

    def beside(self, value: Setting, by: int) -> Setting:
        """The choice before or after `value`, which need not be among them."""
        if value in self.choices:
            at = self.choices.index(value) + by
        elif self.typed and isinstance(value, int | float):
            below = sum(isinstance(each, int | float) and each < value for each in self.choices)
            at = below if by > 0 else below - 1
        else:
            at = 0
        return self.choices[max(0, min(len(self.choices) - 1, at))]


def rows(devices: tuple[str, ...], speeds: tuple[Setting, ...], themes: tuple[str, ...]) -> tuple[Row, ...]:
    """All settings that there can be, in the order in which they stand."""
    return (
        Row("lr", RATES, typed=True),
        Row("optimizer.kind", OPTIMIZERS),
        Row("optimizer.momentum", MOMENTA, typed=True),
        Row("batch.size", SIZES, typed=True),
        Row("batch.order", ORDERS),
        Row("run.seed", tuple(range(100)), typed=True),
        Row("run.device", devices),
        Row("run.speed", speeds),
        Row("screen.theme", themes),
    )


class SettingsWindow(ModalScreen[None]):
    """`now` tells the present values by name, `change` has one set; both belong to the screen below."""

    AUTO_FOCUS = ""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,comma", "leave"),
        Binding("up", "move(-1)"),
        Binding("down", "move(1)"),
        Binding("left", "turn(-1)"),
        Binding("right", "turn(1)"),
        Binding("enter", "write"),
    ]

    def __init__(
        self,
        language: str,
        table: tuple[Row, ...],
        now: Callable[[], Mapping[str, Setting]],
        change: Callable[[str, Any], None],
    ) -> None:
        super().__init__()
        self.language, self.now, self.change = language, now, change
        self.table = tuple(row for row in table if row.name in now() and len(row.choices) > 1)
        self.at = 0
        self.complaint = ""

    def compose(self) -> ComposeResult:
        with Vertical(id="window"):
            yield Label(id="window-title")
            yield Static(id="settings")
            yield Input(id="written", max_length=12)
            yield Label(id="window-hint")

    def on_mount(self) -> None:
        self.query_one(Input).display = False
        self.set_interval(0.2, self.tell)  # the engine answers an edit with a frame; the values follow it
        self.tell()

    def speak(self, language: str) -> None:
        """Go over to another language."""
        self.language, self.complaint = language, ""
        self.tell()

    def tell(self) -> None:
        """Show the values as they are now."""
        values = self.now()
        self.query_one("#window-title", Label).update(say(self.language, "settings.title"))
        lines = [self._line(row, values.get(row.name), number == self.at) for number, row in enumerate(self.table)]
        self.query_one("#settings", Static).update(Content("\n").join(lines))
        self.query_one("#window-hint", Label).update(self.complaint or say(self.language, "settings.hint"))

    def _line(self, row: Row, value: Setting, chosen: bool) -> Content:
        mark = "▸" if chosen else " "
        left, right = ("◂", "▸") if chosen else (" ", " ")
        name = say(self.language, f"settings.{row.name.replace('.', '_')}")
        text = f"{mark} {name:<24} {left} {written(value, self.language):>10} {right}"
        return Content.styled(text, "bold $accent" if chosen else "")

    # ---------------------------------------------------------------- actions
    def action_move(self, by: int) -> None:
        self.at = (self.at + by) % len(self.table)
        self.complaint = ""
        self.tell()

    def action_turn(self, by: int) -> None:
        row = self.table[self.at]
        value = self.now().get(row.name)
        wanted = row.beside(value, by)
        if wanted != value:
            self.change(row.name, wanted)
        self.tell()

    def action_write(self) -> None:
        if not self.table[self.at].typed:
            return
        field = self.query_one(Input)
        field.value, field.display = "", True
        field.placeholder = written(self.now().get(self.table[self.at].name), self.language)
        field.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        row = self.table[self.at]
        number = read(event.value)
        if number is None:
            self.complaint = say(self.language, "settings.not_a_number")
        else:
            whole = row.name in ("batch.size", "run.seed") and number == int(number)
            self.change(row.name, int(number) if whole else number)
            self.complaint = ""
        self._close_field()

    def action_leave(self) -> None:
        if self.query_one(Input).display:
            self._close_field()
        else:
            self.dismiss(None)

    def _close_field(self) -> None:
        self.query_one(Input).display = False
        self.set_focus(None)
        self.tell()


def written(value: Setting, language: str) -> str:
    """A setting's value as people read it."""
    if value == FREE:
        return say(language, "settings.no_limit")
    if isinstance(value, str) and f"settings.value_{value}" in WORDS:
        return say(language, f"settings.value_{value}")
    return f"{value:g}" if isinstance(value, float) else str(value)


WORDS = tuple(f"settings.value_{word}" for word in ("all", "given", "shuffle", "random", "dark", "light"))
