"""The footer: the keys that are wanted most, as many as the width has room for."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual.content import Content

from tui.keys import Key, keycap, keys_of
from tui.widgets.line import GAP, Clickable

if TYPE_CHECKING:
    from tui.screens.base import TutorScreen


class KeyBar(Clickable):
    """Drawn from the key table for the screen it is on; each key can be clicked."""

    DEFAULT_CSS = "KeyBar { dock: bottom; }"

    def render(self) -> Content:
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


def _entry(screen: TutorScreen, key: Key) -> Content:
    possible = screen.possible(key)
    click = f"@do={key.action}"
    return Content.assemble(
        (keycap(key, screen.language), f"bold {'$footer-key-foreground' if possible else '$faint'} {click}"),
        (" ", click),
        (screen.label(key), f"{'$footer-description-foreground' if possible else '$faint'} {click}"),
    )
