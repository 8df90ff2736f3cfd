"""A pane that is a list of rows of styled text: it scrolls, and repaints only the cells that changed."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size, Spacing
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.canvas import Row
from tui.changed import changed
from tui.panes.pane import Pane
from tui.rates import Kind
from tui.view import View

LOOKS = (
    "muted", "line", "title", "leaf", "parameter", "gradient", "contribution", "flow",
    "touched", "touched-line", "cursor", "field", "hint", "error", "rule",
    "positive", "negative", "large-positive", "large-negative",
)  # fmt: skip


class RowsPane(Pane, ScrollView, can_focus=True):
    """A subclass calls `show_rows` with all it has to show; colours are looked up when a row is painted."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {f"rows--{look}" for look in LOOKS}
    DEFAULT_CSS = """
    RowsPane {
        width: 1fr; height: 1fr; overflow: auto auto; scrollbar-size: 1 1;
        & > .rows--muted { color: $foreground 60%; }
        & > .rows--line { color: $foreground 55%; }
        & > .rows--title { text-style: bold; }
        & > .rows--leaf { color: $success; }
        & > .rows--parameter { color: $success; text-style: bold; }
        & > .rows--gradient { color: $primary; }
        & > .rows--contribution { color: $accent; text-style: bold; }
        & > .rows--flow { color: $accent; }
        & > .rows--touched { color: $accent; text-style: bold reverse; }
        & > .rows--touched-line { color: $accent; text-style: bold; }
        & > .rows--cursor { background: $primary; color: auto; text-style: bold; }
        & > .rows--field { background: $surface-lighten-2; text-style: bold underline; }
        & > .rows--hint { background: $panel; }
        & > .rows--error { color: $error; text-style: bold; }
        & > .rows--rule { color: $foreground 30%; }
        & > .rows--positive { color: $primary; }
        & > .rows--negative { color: $accent; }
        & > .rows--large-positive { color: $primary; text-style: bold; }
        & > .rows--large-negative { color: $accent; text-style: bold; }
    }
    """

    view: reactive[View | None] = reactive(None, repaint=False)  # a new view repaints what `show_rows` finds changed
    paced: ClassVar[Kind] = "tables"
    rows: tuple[Row, ...] = ()
    pinned: int = 0  # rows at the top that do not scroll away
    foot: Row = ()  # stands over the last row where there is one

    def show_rows(self, rows: tuple[Row, ...], width: int, foot: Row = ()) -> None:
        """Show these rows; `width` is that of the widest. `foot` stays at the bottom whatever is scrolled."""
        before, self.rows, feet, self.foot = self.rows, rows, self.foot, foot
        size = Size(width, len(rows) + bool(foot))
        if self.virtual_size != size:
            self._take_size(size)
            return
        for y, (old, new) in enumerate(zip(before, rows, strict=False)):
            if old != new and (cells := changed(old, new)):
                self._refresh_cells(y, *cells)
        if feet != foot:
            self.refresh(Region(0, self.size.height - 1, self.size.width, 1))

    def _take_size(self, size: Size) -> None:
        """Scroll over an area of this size. Set as a reactive it would lay out the whole screen, each time; only a
        scrollbar that comes or goes needs that, and asks for it itself.
        """
        self.set_reactive(ScrollView.virtual_size, size)
        self._scroll_update(size)
        self.scroll_x, self.scroll_y = min(self.scroll_x, self.max_scroll_x), min(self.scroll_y, self.max_scroll_y)
        self.refresh()

    def _refresh_cells(self, y: int, begin: int, end: int) -> None:
        """Paint again the cells of row `y` that can be seen, the last not included."""
        left, top = self.scroll_offset
        region = Region(begin - left, y if y < self.pinned else y - top, end - begin, 1)
        if visible := region.intersection(self.size.region):
            self.refresh(visible)

    def keep_in_view(self, region: Region) -> None:
        """Scroll no further than needed for the region to be seen."""
        spacing = Spacing(top=self.pinned, bottom=bool(self.foot))
        self.scroll_to_region(region, spacing=spacing, animate=False, force=True, immediate=True)

    def render_line(self, y: int) -> Strip:
        x, top = self.scroll_offset
        index = y if y < self.pinned else top + y
        row = self.rows[index] if index < len(self.rows) else ()
        if self.foot and y == self.size.height - 1:
            row, x = self.foot, 0
        strip = Strip([Segment(text, self.look(name)) for text, name in row])
        return strip.crop_extend(x, x + self.size.width, self.rich_style)

    def look(self, name: str) -> Style:
        """The style of a look in the present theme."""
        return self.get_component_rich_style(f"rows--{name}") if name else self.rich_style
