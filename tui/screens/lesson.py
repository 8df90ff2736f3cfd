"""The lesson screen: owns the moment that is shown and the step that is read, and sets out text and panes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import work
from textual.app import ComposeResult
from textual.containers import Container, VerticalScroll
from textual.events import DescendantFocus, Resize
from textual.reactive import reactive
from textual.widgets import Static

from engine import messages as m
from tui import arrangement, reasons
from tui.keys import Key
from tui.screens import lesson_lines as lines
from tui.screens.base import TooSmall
from tui.screens.files import FilesScreen
from tui.widgets.key_bar import KeyBar
from tui.widgets.line import GAP, Line
from tui.widgets.pane_area import PaneArea

if TYPE_CHECKING:
    from tui.opening import Opening, Part
    from tui.panes.pane import Pane
    from tui.view import View

WIDE = 110  # columns from which on phases are joined by lines
PATIENCE = 0.3  # seconds after which Escape means the command that is under way, and not the lesson


class LessonScreen(FilesScreen):
    """`frame` and `cursor` are its state; everything on it is a function of them and of what was opened."""

    where = "lesson"

    enlarged: reactive[str] = reactive("")  # "text", "pane" or nothing

    def __init__(self, language: str, path: Path, first: bool = False) -> None:
        super().__init__(language)
        self.path = path
        self.first = first  # asked for on the command line: if it cannot be read, the tutor closes and says so there
        self._watched: m.Watch | None = None

    # ---------------------------------------------------------------- what it is made of
    def compose(self) -> ComposeResult:
        yield Line(id="status")
        yield Line(id="phases")
        yield Line(id="tabs")
        with Container(id="body"):
            with VerticalScroll(id="lesson"):
                yield Static(id="untold")
            yield PaneArea(self.tutor.choices.rates, id="panes")
        yield Line(id="happened")
        yield KeyBar()
        yield TooSmall()

    def on_mount(self) -> None:
        self.retell()
        self.call_after_refresh(self.read)
        self.set_interval(0.5, self._tell_time)

    def _tell_time(self) -> None:
        """A command that takes its time is told with it; at rest there is nothing to do."""
        if self.waiting > lines.LONG and not self.running:
            self.query_one("#happened", Line).tell(lines.happened(self))

    @work(thread=True)
    def read(self) -> None:
        """Read the lesson; in a thread, because it takes many modules that the first paint can do without."""
        from tui.opening import open_lesson

        opening = open_lesson(self.path)
        self.app.call_from_thread(self.begin, opening)  # type: ignore[arg-type]

    async def begin(self, opening: Opening) -> None:
        """The lesson is read: show it, and have the engine open its experiment."""
        if opening.lesson is None:
            self.tutor.show_broken(self, opening)
            return
        from tui.widgets.lesson_text import LessonText

        self.opening = opening
        await self.query_one("#untold").remove()
        await self.query_one("#lesson").mount(LessonText())
        found = self.find_place()
        self.open_experiment(*self.kept)
        self.enter(offering=not found, editing=not found)
        self.keep_often()
        self.retell()
        self.give_notice()

    def give_notice(self) -> None:
        """Say what is amiss with the lesson, though it opens: its language, its texts."""
        for notice in self.opening.notices(self.language) if self.opening else ():
            self.notify(notice, severity="warning", timeout=10, markup=False)

    def open_experiment(self, *kept: Any) -> None:
        """Begin the experiment of the present step, from its start or where it was left."""
        super().open_experiment(*kept)
        self._watched = None
        self.panes = self._area.names = self.part.panes if self.part else ()
        self._set_out()

    @property
    def part(self) -> Part | None:
        return self.opening.part(self.cursor) if self.opening else None

    @property
    def unit(self) -> m.Unit:
        return self.steps[self.cursor].by if self.opening else "phase"

    @property
    def current_pane(self) -> Pane | None:
        return self._area.pane(self.current)

    @property
    def _area(self) -> PaneArea:
        return self.query_one(PaneArea)

    def on_pane_needs_changed(self) -> None:
        self.call_after_refresh(self._tell_watch)

    def _tell_watch(self) -> None:
        watch = self.with_conditions(self._area.wanted())
        if watch != self._watched and self.opening is not None and self.is_attached:
            self._watched = watch
            self.send(watch)

    # ---------------------------------------------------------------- drawing
    @property
    def view(self) -> View | None:
        """What the panes are a function of."""
        if (part := self.part) is None or part.graph is None:
            return None
        from tui.view import View

        moment = self.frame, self.opened, self.language, self.masks, self.choice, self.baseline
        return View(part.experiment, part.graph, *moment, sparing=self.tutor.choices.rates.sparing)

    def retell(self) -> None:
        self._tell_text()
        self.redraw()

    def redraw(self) -> None:
        """Everything but the lesson's text."""
        if not self.is_mounted:
            return
        if (view := self.view) is not None:
            self._area.hand(view)
            self._tell_watch()
        self._tell_lines()

    def _tell_text(self) -> None:
        if self.opening is None:
            if self.is_mounted and self.query("#untold"):
                self.query_one("#untold", Static).update(self.say("lesson.loading"))
            return
        from tui.widgets.lesson_text import LessonText

        passage = self.opening.passage(self.cursor, self.language) or self.say("lesson.untold")
        self.query_one(LessonText).tell(passage, self._fill, self.language)
        self.tell_boxes()

    def _fill(self, expression: str, formula: bool) -> str:
        """A value in the lesson's text, unless an exercise asks for it."""
        from tui.masking import gives_away

        if gives_away(expression, self.masks):
            return r"\text{?}" if formula else "?"
        return self.known.written(expression, self.language, formula)

    def _tell_lines(self) -> None:
        self.query_one("#status", Line).tell(lines.title(self), *lines.circumstances(self))
        wide = self.size.width >= WIDE
        self.query_one("#phases", Line).tell(lines.phases(self, wide), *lines.work(self, wide))
        results = lines.results(self, wide)
        beside = min((each.cell_length + GAP for each in results), default=0)
        self.query_one("#tabs", Line).tell(lines.tabs(self, self._area.on_show, beside), *results)
        self.query_one("#happened", Line).tell(lines.happened(self))
        self.query_one(KeyBar).tell()

    # ---------------------------------------------------------------- layout
    def on_resize(self, event: Resize) -> None:
        room = arrangement.room(event.size.width, event.size.height)
        self.set_class(room == 1, "-one")
        self.set_class(room > 1, "-several")
        self._set_out()

    def _set_out(self) -> None:
        if self.opening is None or not self.panes:
            return
        wanted = self.steps[self.cursor].panes
        room = 1 if self.enlarged == "pane" else arrangement.room(self.size.width, self.size.height)
        if self.current not in self.panes:
            self.set_reactive(LessonScreen.current, self._first(wanted))
        names = arrangement.shown(wanted, self.panes, self.current, room or 1)
        if room == 1:
            names = (self.current,)
        self.call_next(self._put_on_show, names)

    def _first(self, wanted: Sequence[str]) -> str:
        """The first pane that a step wants and the experiment has; else the current one, or any."""
        others = (self.current, *self.panes)
        return next((name for name in (*wanted, *others) if name in self.panes), "")

    async def _put_on_show(self, names: tuple[str, ...]) -> None:
        if (view := self.view) is not None:
            await self._area.put_on_show(names, self.current, view)
            self._tell_lines()
            self.on_pane_needs_changed()

    def watch_current(self) -> None:
        """The tab answers the key; the pane, which is to be laid out and drawn, comes with the paint after that."""
        if self.is_mounted and self.opening is not None:
            self._tell_lines()
        self.call_after_refresh(self._set_out)

    def watch_enlarged(self) -> None:
        self.set_class(self.enlarged == "text", "-text-enlarged")
        self.set_class(self.enlarged == "pane", "-pane-enlarged")
        self._set_out()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        for ancestor in event.widget.ancestors_with_self:
            if name := self._area.name_of(ancestor):
                self.current = name

    # ---------------------------------------------------------------- keys
    def label(self, key: Key) -> str:
        if key.name == "next":
            return self.say(f"unit.{self.unit}")
        return self.say("key.run.pause") if key.name == "run" and self.running else super().label(key)

    def reason(self, key: Key) -> str:
        return reasons.reason(self, key)

    # ---------------------------------------------------------------- actions
    def action_weights(self) -> None:
        if "tensors" not in self.panes:
            return
        self.current = "tensors"
        self.enlarged = "" if self.enlarged == "text" else self.enlarged
        self._set_out()  # now: the cursor goes where the pane stands
        self.call_after_refresh(self._start_editing)

    def _start_editing(self) -> None:
        pane = self._area.pane("tensors")
        if pane is not None and pane.display:
            pane.start_editing(self.allows)  # type: ignore[attr-defined]

    def on_tensors_pane_edited(self, message: m.Edit) -> None:
        if self.may_edit(message.changes):
            self.send(m.Edit(tuple(message.changes)))

    def action_step(self, by: int) -> None:
        """Read the next or previous step. Where it works on another experiment, that one is opened."""
        if self.opening is None or self.opening.lesson is None:
            return
        if self.offer and by > 0:
            self.accept_offer()
            return
        before, lesson = self.cursor, self.opening.lesson
        self.cursor = max(0, min(len(self.steps) - 1, before + by))
        if self.cursor == before:
            return
        if self.opening.part(self.cursor) is not self.opening.part(before):
            self.left[lesson.used_at(before)] = self.kept
            self.take_kept(lesson.used_at(self.cursor))
            self.open_experiment(*self.kept)
        self.set_reactive(LessonScreen.current, self._first(self.steps[self.cursor].panes))
        self.enter(offering=by > 0)
        self.retell()
        self._set_out()
        self._tell_watch()

    def action_scroll_text(self, by: int) -> None:
        text = self.query_one("#lesson", VerticalScroll)
        text.scroll_relative(y=by * max(1, text.size.height - 2), animate=False)

    def action_pane(self, number: int) -> None:
        if number <= len(self.panes):
            self.current = self.panes[number - 1]
            self.enlarged = "" if self.enlarged == "text" else self.enlarged

    def action_maximise(self) -> None:
        in_text = self.focused is not None and self.focused.id == "lesson"
        self.enlarged = "" if self.enlarged else "text" if in_text else "pane"

    def action_leave(self) -> None:
        if self.enlarged:
            self.enlarged = ""
        elif self.waiting > PATIENCE and self.cancel():
            pass
        elif self.offer:
            self.refuse_offer()
        elif self.focused is not None:
            self.set_focus(None)
        else:
            self.tutor.leave_lesson()
