"""The course map: the units with their lessons, how far the learner is with each, one of which can be opened."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.content import Content
from textual.events import Key as KeyPressed
from textual.events import Resize
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from engine.words import Refused
from tui.keys import Key
from tui.screens.base import TooSmall, TutorScreen
from tui.widgets.key_bar import KeyBar
from tui.widgets.line import Line

if TYPE_CHECKING:
    from tui.course_list import Course

MOVES = {"up": "cursor_up", "down": "cursor_down", "pageup": "page_up", "pagedown": "page_down"}  # from the field


class CourseMap(TutorScreen):
    """Lists what is found in the catalog and in `folders`, read after the first paint and again on coming back."""

    where = "map"
    AUTO_FOCUS = "#lessons"

    def __init__(self, language: str, folders: Sequence[Path]) -> None:
        super().__init__(language)
        self.folders = folders
        self.course: Course | None = None

    def compose(self) -> ComposeResult:
        yield Line(id="status")
        yield Input(id="search")
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
        """Read lessons and progress; in a thread, because that takes modules that the first paint can do without."""
        from lessons.words import say as lessons_say
        from tui.course import read

        known = dict(self.tutor.records)
        try:
            course = read(self.folders, known)
        except Refused as refused:  # a folder was there when the tutor was opened, and is not any more
            course = read((), known)
            reason = lessons_say(refused.sentence, self.language)
            self.app.call_from_thread(self.notify, self.say("notice.folders", reason=reason), markup=False)
        self.app.call_from_thread(self.show_course, course)

    def show_course(self, course: Course) -> None:
        """Show these lessons."""
        self.course = course
        self.retell()
        self.query_one(KeyBar).tell()

    # ---------------------------------------------------------------- drawing
    def retell(self) -> None:
        title = Content.assemble((self.say("app.title"), "bold $accent"), ("  ", ""), (self.say("map.title"), "bold"))
        self.query_one("#status", Line).tell(title, Content.styled(self.say("app.subtitle"), "$muted"), Content(""))
        self._field.placeholder = self.say("map.search")
        self._tell_lessons()

    def on_resize(self, event: Resize) -> None:
        if self.course is not None:
            self._tell_lessons()

    def _tell_lessons(self) -> None:
        options = self._list
        at = options.highlighted_option.id if options.highlighted_option else None
        options.clear_options()
        if self.course is None or not self.course.entries:
            options.add_option(Option(self.say("map.loading" if self.course is None else "map.empty"), disabled=True))
            self._tell_about()
            return
        from tui.course_list import options as rows

        options.add_options(rows(self.course, self.language, self.size.width, self._field.value))
        if not options.option_count:
            options.add_option(Option(Content.styled(self.say("map.nothing"), "$muted"), disabled=True))
        options.highlighted = self._row_for(at)
        self._tell_about()

    def _row_for(self, chosen: str | None) -> int | None:
        """The row that was chosen; at first the one to go on with, then the one that is recommended, then any."""
        from tui.course_list import CONTINUE

        assert self.course is not None
        following = self.course.named(self.course.next or "")
        rows = {option.id: number for number, option in enumerate(self._list.options) if not option.disabled}
        wanted = (chosen, CONTINUE, str(following.path) if following else None)
        return next((rows[each] for each in wanted if each in rows), next(iter(rows.values()), None))

    def _tell_about(self) -> None:
        if self.course is None:
            self.query_one("#about", Static).update(self.say("map.intro"))
            return
        from tui.course_list import about

        chosen = self._list.highlighted_option
        told = about(self.course, chosen.id if chosen else None, self.language, self._field.display)
        self.query_one("#about", Static).update(told)

    @property
    def _list(self) -> OptionList:
        return self.query_one("#lessons", OptionList)

    @property
    def _field(self) -> Input:
        return self.query_one("#search", Input)

    # ---------------------------------------------------------------- searching
    def action_search(self) -> None:
        self._field.display = True
        self._field.focus()
        self._tell_about()

    def action_unsearch(self) -> None:
        """All lessons are there again, and the keys mean the map."""
        self._field.value = ""
        self._field.display = False
        self._list.focus()
        self._tell_about()

    def on_input_changed(self) -> None:
        if self.course is not None:
            self._tell_lessons()

    def on_input_submitted(self) -> None:
        self.action_open()

    def on_key(self, event: KeyPressed) -> None:
        """What is typed goes into the field; arrows still move in the list."""
        if self._field.has_focus and event.key in MOVES:
            event.stop()
            getattr(self._list, f"action_{MOVES[event.key]}")()

    # ---------------------------------------------------------------- keys
    def reason(self, key: Key) -> str:
        course = self.course
        if key.name in ("open", "search") and (course is None or not course.entries):
            return self.say("reason.no_lesson")
        if key.name == "continue" and (course is None or course.continuing is None):
            return self.say("reason.nothing_left")
        return self.say("reason.no_search") if key.name == "unsearch" and not self._field.display else ""

    def on_option_list_option_highlighted(self) -> None:
        self._tell_about()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        entry = self.course.entry(event.option_id or "") if self.course else None
        if entry is not None:
            self.tutor.open_lesson(entry.path)
        else:
            self.action_continue()

    def action_open(self) -> None:
        self._list.action_select()

    def action_continue(self) -> None:
        if self.course is not None and self.course.continuing is not None:
            self.tutor.open_lesson(self.course.continuing.entry.path)
