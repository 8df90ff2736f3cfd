"""Lines of the screen whose parts can be clicked, and that show on the right as much as there is room for."""

from __future__ import annotations

from textual.content import Content
from textual.events import Click
from textual.geometry import Region
from textual.widget import Widget

from tui.changed import changed

GAP = 2


class Clickable(Widget):
    """A widget whose contents have actions in their styles, as `@do=screen.next`. (Textual underlines `@click=`.)"""

    ALLOW_SELECT = False
    DEFAULT_CSS = "Clickable { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }"

    async def on_click(self, event: Click) -> None:
        if action := event.style.meta.get("@do"):
            event.stop()
            await self.run_action(action)


class Line(Clickable):
    """Draws what it was last told."""

    def __init__(self, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._told: tuple[Content, tuple[Content, ...]] = (Content(""), ())

    @property
    def told(self) -> str:
        """What stands on the line now, without its colours."""
        return self.render().plain.rstrip()

    def tell(self, left: Content, *rights: Content) -> None:
        """Show `left`, and the first of `rights` that fits beside it."""
        before, now = [self._told[0], *self._told[1]], [left, *rights]
        if len(before) != len(now) or not all(map(Content.is_same, before, now)):  # `==` does not see the colours
            old, self._told = self.render(), (left, rights)
            self._paint(old, self.render())

    def _paint(self, old: Content, new: Content) -> None:
        """Paint what has changed; all of it where more stands there than one row has room for."""
        if max(old.cell_length, new.cell_length) > self.content_size.width or "\n" in old.plain + new.plain:
            self.refresh()
        elif cells := changed(_pieces(old), _pieces(new)):
            self.refresh(Region(cells[0], 0, cells[1] - cells[0], 1))

    def render(self) -> Content:
        left, rights = self._told
        room = self.content_size.width
        for right in rights:
            space = room - left.cell_length - right.cell_length
            if space >= GAP:
                return Content.assemble(left, " " * space, right)
        return left


def _pieces(content: Content) -> list[tuple[str, tuple[object, ...]]]:
    """Each letter with the styles that it has."""
    looks: list[tuple[object, ...]] = [()] * len(content.plain)
    for span in content.spans:
        for place in range(max(0, span.start), min(span.end, len(looks))):
            looks[place] += (span.style,)
    return list(zip(content.plain, looks, strict=True))
