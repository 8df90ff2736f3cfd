"""What every screen of the tutor has: its keys from the table, its words in the learner's language, a footer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import BindingsMap
from textual.screen import Screen

from tui import keys
from tui.keys import Key
from tui.language import say
from tui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from tui.app import TutorApp


class TutorScreen(Screen[None]):
    """`where` names its rows in the key table. A subclass that shows words redraws them in `retell`."""

    AUTO_FOCUS = ""
    where: ClassVar[str]
    panes: tuple[str, ...] = ()  # that can be shown here, in the order of their numbers

    def __init__(self, language: str) -> None:
        super().__init__()
        self.language = language
        self._own_bindings = self._bindings
        self._describe_keys()

    @property
    def tutor(self) -> TutorApp:
        """The app, as what it is."""
        return self.app  # type: ignore[return-value]

    def say(self, key: str, **values: Any) -> str:
        """A sentence of the interface in the learner's language."""
        return say(self.language, key, **values)

    def label(self, key: Key) -> str:
        """The word for a key in the footer."""
        return keys.label(key, self.language)

    def possible(self, key: Key) -> bool:
        """Whether the key has something to do now; if not, it is shown greyed out."""
        return True

    def speak(self, language: str) -> None:
        """Go over to another language."""
        self.language = language
        self._describe_keys()
        self.retell()
        for bar in self.query(KeyBar):
            bar.refresh()

    def retell(self) -> None:
        """Redraw what is made of words."""

    def _describe_keys(self) -> None:
        # A binding's description is fixed when it is made, so another language means other bindings.
        self._bindings = BindingsMap.merge([keys.bindings(self.where, self.language), self._own_bindings])
