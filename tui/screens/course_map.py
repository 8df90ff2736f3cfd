"""The course map: the units with their lessons, one of which can be opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from engine.words import Refused
from tui.keys import Key
from tui.screens.base import TooSmall, TutorScreen
from tui.widgets.key_bar import KeyBar
from tui.widgets.line import Line

if TYPE_CHECKING:
    from lessons.catalog import Entry

TITLE = 56  # columns of a lesson's title at most


class CourseMap(TutorScreen):
    """Lists what is found in the catalog and in `folders`, read after the first paint and again on coming back."""

    where = "map"
    AUTO_FOCUS = "#lessons"

    def __init__(self, language: str, folders: Sequence[Path]) -> None:
        super().__init__(language)
        self.folders = folders
        self.entries: tuple[Entry, ...] | None = None
        self.units: dict[str, dict[str, str]] = {}

    def compose(self) -> ComposeResult:
        yield Line(id="status")
        yield OptionList(id="lessons")
        yield Static(id="about")
        yield KeyBar()
        yield TooSmall()

    def on_mount(self) -> None:
        self.retell()

    def on_screen_resume(self) -> None:
        self.call_after_refresh(self.look)

    @work(thread=True, exclusive=True)
    def look(self) -> None:
        """Read the lessons; in a thread, because that takes modules that the first paint can do without."""
        from lessons.catalog import entries, units
        from lessons.words import say as lessons_say

        try:
            found = entries(self.folders)
        except Refused as refused:  # a folder was there when the tutor was opened, and is not any more
            found = entries()
            reason = lessons_say(refused.sentence, self.language)
            self.app.call_from_thread(self.notify, self.say("notice.folders", reason=reason), markup=False)
        self.app.call_from_thread(self.show_lessons, tuple(found), {unit.id: unit.titles for unit in units()})

    def show_lessons(self, entries: tuple[Entry, ...], units: dict[str, dict[str, str]]) -> None:
        """Show these lessons, under the titles of their units."""
        self.entries, self.units = entries, units
        self.retell()

    # ---------------------------------------------------------------- drawing
    def retell(self) -> None:
        title = Content.assemble((self.say("app.title"), "bold $accent"), ("  ", ""), (self.say("map.title"), "bold"))
        self.query_one("#status", Line).tell(title, Content.styled(self.say("app.subtitle"), "$muted"), Content(""))
        self._tell_lessons()
        self._tell_about()

    def _tell_lessons(self) -> None:
        options = self.query_one("#lessons", OptionList)
        at = options.highlighted
        options.clear_options()
        if not self.entries:
            options.add_option(Option(self.say("map.loading" if self.entries is None else "map.empty"), disabled=True))
            return
        options.add_options(self._options(self.entries))
        options.highlighted = 1 if at is None else at

    def _options(self, entries: tuple[Entry, ...]) -> Iterator[Option]:
        unit = None
        for entry in entries:
            if entry.unit != unit:
                titles = self.units.get(entry.unit) or self.units.get("other", {})
                if unit is not None:
                    yield Option("", disabled=True)
                yield Option(Content.styled(titles.get(self.language, entry.unit), "bold $accent"), disabled=True)
                unit = entry.unit
            yield Option(self._row(entry), id=str(entry.path))

    def _row(self, entry: Entry) -> Content:
        if entry.error is not None:
            return Content.assemble((f" ✗ {entry.id}", "$error"), "   ", (self.say("map.broken"), "$muted"))
        minutes = self.say("map.minutes", minutes=entry.minutes) if entry.minutes else ""
        details = f"{minutes:>8}   {' '.join(entry.languages)}"
        width = max(20, min(TITLE, self.size.width - len(details) - 9))
        return Content.assemble(f" ○ {entry.title(self.language):<{width}.{width}}", details)

    def _tell_about(self) -> None:
        self.query_one("#about", Static).update(self.say("map.intro"))

    # ---------------------------------------------------------------- keys
    def reason(self, key: Key) -> str:
        return self.say("reason.no_lesson") if key.name == "open" and not self.entries else ""

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        entry = next(each for each in self.entries or () if str(each.path) == event.option_id)
        self.tutor.open_lesson(entry.path)

    def action_open(self) -> None:
        self.query_one("#lessons", OptionList).action_select()
