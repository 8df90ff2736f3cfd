"""The text of a lesson's step: Markdown with formulas, and the values that belong in it."""

from __future__ import annotations

from tui.filling import Fill, filled
from tui.widgets.formula_markdown import LessonMarkdown


class LessonText(LessonMarkdown):
    """Shows one passage. Links are shown and not followed: a lesson reaches nothing outside its folder."""

    def __init__(self) -> None:
        super().__init__(open_links=False)
        self.passage = ""  # as the lesson has it
        self.shown = ""  # with its values

    def tell(self, passage: str, fill: Fill, language: str) -> None:
        """Show this passage, another one from its beginning; a value that changes leaves the text where it is."""
        shown = filled(passage, fill)
        if shown != self.shown or language != self.language:
            self.shown, self.language = shown, language
            self.update(shown)
        if passage != self.passage:
            self.passage = passage
            if self.parent is not None:
                self.parent.scroll_home(animate=False)  # type: ignore[attr-defined]
