"""A small window that asks for the name of a file: one to be written, or one to be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from tui.language import say

Purpose = Literal["export", "save", "load"]
SUFFIXES = {"export": ".py", "save": ".pt", "load": ".pt"}


class FileWindow(ModalScreen[Path | None]):
    """Its result is the file, or None where the learner thought better of it. What is there is not written over."""

    BINDINGS = [("escape", "dismiss(None)")]

    def __init__(self, language: str, purpose: Purpose, stem: str) -> None:
        super().__init__()
        self.language, self.purpose = language, purpose
        first = Path(stem + SUFFIXES[purpose])
        self.proposed = first if purpose == "load" else free(first)
        self._complaint: tuple[str, dict[str, Any]] | None = None

    def compose(self) -> ComposeResult:
        with Vertical(id="window"):
            yield Label(id="window-title")
            yield Input(str(self.proposed), select_on_focus=False)
            yield Label(id="window-hint")

    def on_mount(self) -> None:
        self.speak(self.language)

    def speak(self, language: str) -> None:
        """Go over to another language."""
        self.language = language
        self.query_one("#window-title", Label).update(say(language, f"file.{self.purpose}"))
        key, values = self._complaint or (f"file.{self.purpose}_hint", {})
        self.query_one("#window-hint", Label).update(say(language, key, **values), layout=True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        path = _read(event.value, SUFFIXES[self.purpose])
        if path is None:
            self._complain("file.empty")
        elif self.purpose == "load":
            self._existing(path)
        else:
            self._new(path)

    def _existing(self, path: Path) -> None:
        if path.is_dir():
            self._complain("file.is_folder", name=path.name)
        elif not path.exists():
            self._complain("file.absent", name=path.name)
        else:
            self.dismiss(path)

    def _new(self, path: Path) -> None:
        if not path.parent.is_dir():
            self._complain("file.no_folder", name=str(path.parent))
        elif path.exists():
            field = self.query_one(Input)
            field.value = str(free(Path(field.value.strip()).expanduser().with_name(path.name)))
            field.cursor_position = len(field.value)
            self._complain("file.exists", name=path.name)
        else:
            self.dismiss(path)

    def _complain(self, key: str, **values: str) -> None:
        self._complaint = key, values
        self.speak(self.language)


def _read(text: str, suffix: str) -> Path | None:
    """The whole path that was typed, with the usual suffix where it has none; None for nothing."""
    try:
        path = Path(text.strip()).expanduser().absolute()
    except RuntimeError:  # the home of somebody who is not here
        path = Path(text.strip()).absolute()
    if not text.strip() or not path.name:
        return None
    return path if path.suffix or path.exists() else path.with_name(path.name + suffix)


def free(path: Path) -> Path:
    """This path, or the first of `name-2`, `name-3`, ... at which there is nothing yet."""
    number, found = 1, path
    while found.exists():
        number += 1
        found = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return found
