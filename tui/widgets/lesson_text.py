"""The text of a lesson's step, in Markdown."""

from __future__ import annotations

from textual.widgets import Markdown


class LessonText(Markdown):
    """Shows one passage. Links are shown and not followed: a lesson reaches nothing outside its folder."""

    def __init__(self) -> None:
        super().__init__(open_links=False)
        self.passage = ""

    def tell(self, passage: str) -> None:
        """Show this passage, from its beginning."""
        if passage != self.passage:
            self.passage = passage
            self.update(passage)
            if self.parent is not None:
                self.parent.scroll_home(animate=False)  # type: ignore[attr-defined]
