"""Lines of the screen whose parts can be clicked, and that show on the right as much as there is room for."""

from __future__ import annotations

from textual.content import Content
from textual.events import Click
from textual.widget import Widget

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
            self._told = left, rights
            self.refresh()

    def render(self) -> Content:
        left, rights = self._told
        room = self.content_size.width
        for right in rights:
            space = room - left.cell_length - right.cell_length
            if space >= GAP:
                return Content.assemble(left, " " * space, right)
        return left
