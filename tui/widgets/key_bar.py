"""The footer: the keys that are wanted most, as many as the width has room for."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, cast

from textual.content import Content
from textual.events import MouseMove

from tui.keys import Key, explained, keycap, keys_of, of_action
from tui.widgets.line import GAP, Clickable

if TYPE_CHECKING:
    from tui.screens.base import TutorScreen


class KeyBar(Clickable):
    """Drawn from the key table for the screen it is on; each key can be clicked."""

    DEFAULT_CSS = "KeyBar { dock: bottom; }"

    _shown: Content | None = None

    def tell(self) -> None:
        """Draw it again if another key can be used now, or has another word."""
        if self._shown is None or not self._shown.is_same(self._keys()):
            self.refresh()

    def render(self) -> Content:
        self._shown = self._keys()
        return self._shown

    def _keys(self) -> Content:
        screen = cast("TutorScreen", self.screen)
        entries = {key: _entry(screen, key) for key in keys_of(screen.where) if key.footer}
        room, chosen, labels = self.content_size.width + GAP, set(), set()
        for key in sorted(entries, key=lambda key: key.footer):
            width = entries[key].cell_length + GAP
            if width <= room and screen.label(key) not in labels:  # where space does an operation, o need not be shown
                room -= width
                chosen.add(key)
                labels.add(screen.label(key))
        return Content(" " * GAP).join(entry for key, entry in entries.items() if key in chosen)

    def on_mouse_move(self, event: MouseMove) -> None:
        """Say about the key under the mouse what it does, and why not now."""
        screen = cast("TutorScreen", self.screen)
        key = of_action(screen.where, event.style.meta.get("@do", ""))
        tip = "" if key is None else "\n".join(filter(None, (explained(key, screen.language), screen.reason(key))))
        if tip != (self.tooltip or ""):
            self.tooltip = Content(tip) if tip else None


def _entry(screen: TutorScreen, key: Key) -> Content:
    return _told(keycap(key, screen.language), screen.label(key), screen.possible(key), f"@do={key.action}")


@lru_cache(256)
def _told(cap: str, label: str, possible: bool, click: str) -> Content:
    return Content.assemble(
        (cap, f"bold {'$footer-key-foreground' if possible else '$faint'} {click}"),
        (" ", click),
        (label, f"{'$footer-description-foreground' if possible else '$faint'} {click}"),
    )
