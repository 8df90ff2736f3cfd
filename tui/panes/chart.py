"""A pane that is a chart: a title and rows of segments, of which only what changed is painted again."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.color import Color, ColorParseError
from textual.geometry import Region
from textual.reactive import reactive
from textual.strip import Strip

from tui.changed import changed
from tui.charts import Colour, Rows, load
from tui.language import say
from tui.panes.pane import Pane
from tui.rates import Kind
from tui.view import View

LEAST = (18, 6)  # columns and rows in which a chart can be read
IDLE = 0.1  # seconds after it is mounted


class ChartPane(Pane):
    """A subclass draws in `draw`, which is called for a new view, size or theme."""

    DEFAULT_CSS = "ChartPane { width: 1fr; height: 1fr; }"
    paced: ClassVar[Kind] = "charts"

    view: reactive[View | None] = reactive(None, layout=False, repaint=False)

    def __init__(self) -> None:
        super().__init__()
        self._strips: list[Strip] = []

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda theme: self.draw())
        self.set_timer(IDLE, load)  # while the engine starts, and the text is there to be read

    def on_resize(self) -> None:
        self.draw()

    def watch_view(self) -> None:
        if self.is_mounted and self.size:
            self.draw()

    def draw(self) -> None:
        """Say with `show` or `show_sentence` what stands here now."""

    @property
    def small(self) -> bool:
        """There is no room for axes."""
        return self.size.width < LEAST[0] or self.size.height < LEAST[1]

    def say(self, key: str, **values: object) -> str:
        """The sentence `key` in the view's language."""
        return say(self.view.language if self.view else "en", key, **values)

    def show(self, rows: Rows) -> None:
        """Show these rows, from the top."""
        before, self._strips = self._strips, [Strip(row) for row in rows]
        if len(before) != len(rows):
            self.refresh()
            return
        for y, (old, new) in enumerate(zip(before, self._strips, strict=True)):
            if old != new and (cells := changed(old, new)):
                self.refresh(Region(cells[0], y, cells[1] - cells[0], 1))

    def show_sentence(self, text: str) -> None:
        """Show a sentence in the middle instead of a chart."""
        width, height = self.size
        lines = wrapped(text, max(1, width - 2))[:height]
        style = Style(color=self.ink("foreground", 0.7).rich_color)
        above: Rows = [[] for _ in range((height - len(lines)) // 2)]
        self.show(above + [[Segment(line.center(width).rstrip(), style)] for line in lines])

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        strip = self._strips[y] if y < len(self._strips) else Strip([])
        return strip.crop_extend(0, width, None).apply_style(self.rich_style)

    def ink(self, name: str, strength: float = 1.0) -> Color:
        """A colour of the theme, mixed with the background, as the palette of 256 colours has it."""
        variables = self.app.theme_variables
        colour, ground = (_parsed(variables.get(each, "")) for each in (name, "background"))
        return _of_palette(ground.blend(colour, strength))

    def line_colour(self) -> Colour:
        """Of axes, ticks and numbers."""
        return self.ink("foreground", 0.65).rgb


def _parsed(text: str) -> Color:
    try:
        return Color.parse(text)
    except ColorParseError:  # "auto 87%" and its like
        return Color.parse("#808080")


def _of_palette(colour: Color) -> Color:
    """The nearest of the 6 x 6 x 6 cube and the greys, which every terminal with 256 colours shows alike."""
    return Color(*colour.rich_color.downgrade(ColorSystem.EIGHT_BIT).get_truecolor())


def wrapped(text: str, width: int) -> list[str]:
    """The words in lines of that many cells."""
    lines = [""]
    for word in text.split():
        if lines[-1] and cell_len(lines[-1]) + 1 + cell_len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
