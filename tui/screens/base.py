"""What every screen of the tutor has: keys from the table, words in the learner's language, a least size, a footer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

from textual.binding import BindingsMap
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Static

from tui import arrangement, keys
from tui.keys import Key
from tui.language import say
from tui.widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from tui.app import TutorApp


@runtime_checkable
class Speaker(Protocol):
    """What lies on the screen and has words: also the small windows, which have no rows in the key table."""

    def speak(self, language: str) -> None:
        """Go over to another language."""


class TutorScreen(Screen[None]):
    """`where` names its rows in the key table. A subclass that shows words redraws them in `retell`.

    Among what it is made of it has `TooSmall`, which covers the rest where the window is too small for it.
    """

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

    def reason(self, key: Key) -> str:
        """Why the key has nothing to do now, as a sentence; "" where it has."""
        return ""

    def possible(self, key: Key) -> bool:
        """Whether the key has something to do now; if not, it is shown greyed out."""
        return not self.reason(key)

    def speak(self, language: str) -> None:
        """Go over to another language."""
        self.language = language
        self._describe_keys()
        self.retell()
        self._tell_size()
        for bar in self.query(KeyBar):
            bar.refresh()

    def retell(self) -> None:
        """Redraw what is made of words."""

    def on_resize(self, event: Resize) -> None:
        self.set_class(arrangement.room(*event.size) == 0, "-too-small")
        self._tell_size()

    def _tell_size(self) -> None:
        for notice in self.query(TooSmall):
            notice.tell(self.language)

    def _describe_keys(self) -> None:
        # A binding's description is fixed when it is made, so another language means other bindings.
        self._bindings = BindingsMap.merge([keys.bindings(self.where, self.language), self._own_bindings])


class TooSmall(Static):
    """Says how large the window is and how large it has to be. Shown while it is too small, over everything else."""

    def __init__(self) -> None:
        super().__init__(id="too-small")

    def tell(self, language: str) -> None:
        """Say it, with the present size."""
        wanted, high = arrangement.SMALLEST
        here = self.app.size
        self.update(
            say(language, "app.too_small", columns=here.width, rows=here.height, least_columns=wanted, least_rows=high)
        )
