"""Partial paints in few bytes: of a span only its own cells, and of a style only what is another than just before.

Textual paints a span from where its widget begins, and takes every style back before the next one.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from rich.color import ColorSystem
from rich.console import Console
from rich.control import Control
from rich.style import Style
from textual._compositor import ChopsUpdate

RESET = "\x1b[0m"


class Look(NamedTuple):
    """What a terminal is told of a style: codes of its attributes, its ink and its ground; "" where it has none."""

    attributes: str = ""
    ink: str = ""
    ground: str = ""


PLAIN = Look()


class Pen:
    """Writes text in styles, and remembers in which look the terminal is."""

    def __init__(self, colours: ColorSystem) -> None:
        self._colours = colours
        self._look = PLAIN

    def write(self, text: str, style: Style | None) -> str:
        """The text, with what changes the look before it."""
        if style is not None and style.link:
            return self.rest() + style.render(text, color_system=self._colours)
        before, self._look = self._look, PLAIN if style is None else look(style, self._colours)
        return change(before, self._look) + text

    def rest(self) -> str:
        """Back to the look of a terminal at rest."""
        before, self._look = self._look, PLAIN
        return change(before, PLAIN)


def change(before: Look, after: Look) -> str:
    """What leads from one look to another. Nothing that is left out is taken back but by a reset."""
    if before == after:
        return ""
    if after == PLAIN:
        return RESET
    lost = any(had and not has for had, has in zip(before, after, strict=True))
    if lost or (before.attributes and before.attributes != after.attributes):
        return f"\x1b[{';'.join(('0', *filter(None, after)))}m"
    return f"\x1b[{';'.join(has for had, has in zip(before, after, strict=True) if has != had)}m"


@lru_cache(maxsize=4096)
def look(style: Style, colours: ColorSystem) -> Look:
    """The codes of a style, in as many colours as there are."""
    bare = style.without_color.render("x", color_system=colours)
    ink, ground = (
        ";".join(colour.downgrade(colours).get_ansi_codes(foreground)) if colour is not None else ""
        for colour, foreground in ((style.color, True), (style.bgcolor, False))
    )
    return Look(bare[2 : bare.index("m")] if bare.startswith("\x1b[") else "", ink, ground)


class Thrifty(ChopsUpdate):
    """The same spans of the same screen as the update that it is made of."""

    @classmethod
    def of(cls, update: object) -> object:
        """The thrifty form of a partial paint; anything else as it is."""
        return cls(update.chops, update.spans, update.chop_ends) if type(update) is ChopsUpdate else update

    def render_segments(self, console: Console) -> str:
        """What is written to the terminal."""
        pen = Pen(console._color_system or ColorSystem.TRUECOLOR)
        written: list[str] = []
        for y, left, right in self.spans:
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                begin, stop = max(x, left), min(end, right)
                if strip is not None and begin < stop:
                    written.append(Control.move_to(begin, y).segment.text)
                    written += [pen.write(text, style) for text, style, _ in strip.crop(begin - x, stop - x)]
        return "".join((*written, pen.rest()))
