"""The lesson screen of someone who writes the lesson: read again on every save, at the same step and moment."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tui.saves import Saves
from tui.screens.lesson import LessonScreen

if TYPE_CHECKING:
    from lessons.findings import Finding
    from lessons.schema import Lesson, Step
    from tui.exercises.progress import Progress
    from tui.opening import Opening


class PreviewScreen(LessonScreen):
    """`findings` are those of the last save; what cannot be read leaves the version before it on the screen.

    Nothing of it is kept: neither the place in the lesson nor what was answered.
    """

    where = "preview"

    class Saved(Message):
        """A file of the lesson is another one."""

    def __init__(self, language: str, path: Path, first: bool = False) -> None:
        super().__init__(language, path, first)
        self.findings: tuple[Finding, ...] = ()
        self.refused = False  # the last save cannot be shown
        self._own_progress: dict[str, Progress] = {}
        self._reading = threading.Lock()  # one save after the other
        self._saves = Saves(path if path.is_dir() else path.parent, lambda: self.post_message(self.Saved()))

    def compose(self) -> ComposeResult:
        yield from super().compose()
        yield Static(id="amiss")

    def on_mount(self) -> None:
        self._saves.start()

    def on_unmount(self) -> None:
        self._saves.stop()

    # ---------------------------------------------------------------- what is not kept
    @property
    def progress(self) -> dict[str, Progress]:
        return self._own_progress

    def find_place(self) -> bool:
        return False

    def keep_often(self) -> None:
        pass

    def keep_place(self) -> None:
        pass

    # ---------------------------------------------------------------- reading
    def on_preview_screen_saved(self) -> None:
        self.read()

    @work(thread=True)
    def read(self) -> None:
        from tui.opening import open_lesson

        with self._reading:
            opening = open_lesson(self.path)
            self.app.call_from_thread(self.begin, opening)  # type: ignore[arg-type]

    async def begin(self, opening: Opening) -> None:
        """Show what was read, as far as it can be shown."""
        if not self.is_attached:
            return
        self.findings = opening.findings
        self.refused = opening.lesson is None or (self.opening is not None and _lacks_a_page(opening))
        if not self.refused and self.opening is None:
            await super().begin(opening)
        elif not self.refused:
            await self._go_over(opening)
            self.notify(self.say("preview.read"), timeout=2, markup=False)
        self.retell()

    async def _go_over(self, opening: Opening) -> None:
        """Another version of the lesson: the same step, and where its experiment is the same, the same moment."""
        before, lesson = self.opening, opening.lesson
        assert before is not None and before.lesson is not None and lesson is not None
        step, used, part = before.lesson.steps[self.cursor], before.lesson.used_at(self.cursor), self.part
        self.opening = opening = _with_same_parts(opening, before)
        self._forget(before.lesson, lesson)
        self.left = {name: left for name, left in self.left.items() if opening.parts.get(name) is before.parts[name]}
        self.cursor = _found_again(step, self.cursor, lesson)
        now = lesson.steps[self.cursor]
        if self.part is not part:
            if opening.parts.get(used) is part:
                self.left[used] = self.kept
            self.take_kept(lesson.used_at(self.cursor))
            self.open_experiment(*self.kept)
        if now.panes != step.panes:
            self.set_reactive(LessonScreen.current, self._first(now.panes))
        if any(box.told.exercise not in now.ask for box in self.boxes()):
            for box in self.boxes():
                await box.remove()
        self.enter(offering=self.part is not part, editing=self.part is not part or now.set != step.set)
        self._stay_in_text()
        self._set_out()

    def _forget(self, before: Lesson, now: Lesson) -> None:
        """What was answered to exercises that are others now, and what the engine said about the steps."""
        old, new = _exercises(before), _exercises(now)
        self._own_progress = {name: each for name, each in self._own_progress.items() if old.get(name) == new.get(name)}
        self._known.clear()
        self._waiting.clear()

    def _stay_in_text(self) -> None:
        """Have the text stay where it is scrolled to, though it is another one."""
        from tui.widgets.lesson_text import LessonText

        assert self.opening is not None
        self.query_one(LessonText).passage = self.opening.passage(self.cursor, self.language)

    # ---------------------------------------------------------------- what is wrong
    def give_notice(self) -> None:
        """The line below says what is wrong with the files."""

    def retell(self) -> None:
        super().retell()
        if self.is_mounted and self.query("#amiss"):
            self._tell_amiss()

    def _tell_amiss(self) -> None:
        line = self.query_one("#amiss", Static)
        line.display = bool(self.findings)
        if self.findings:
            from lessons.findings import brief

            worst = min(self.findings, key=lambda each: each.severity != "error")
            first = brief(replace(worst, file=Path(worst.file).name), self.language)
            key = "preview.refused" if self.refused and self.opening is not None else "preview.amiss"
            told = self.say(key, first=first, count=len(self.findings))
            line.update(Content.styled(f"⚠ {told}", "bold $error" if worst.severity == "error" else "bold $warning"))

    def _tell_text(self) -> None:
        super()._tell_text()
        if self.opening is None and self.findings and self.query("#untold"):
            self.query_one("#untold", Static).update(self._complaints(self.language))

    def _complaints(self, language: str) -> Content:
        from lessons.findings import render

        return Content("\n\n".join(render(finding, language) for finding in self.findings))

    def action_findings(self) -> None:
        """All that is wrong, on a page."""
        from tui.language import say
        from tui.screens.page import Page

        name = self.path.stem if self.path.is_dir() else self.path.parent.name
        title = lambda now, _: Content.styled(say(now, "map.findings", name=name), "bold")  # noqa: E731
        self.app.push_screen(Page(self.language, title, lambda now, _: self._complaints(now)))


def _lacks_a_page(opening: Opening) -> bool:
    """A language that the lesson promises cannot be read."""
    return opening.lesson is not None and not set(opening.lesson.languages) <= set(opening.prose)


def _with_same_parts(opening: Opening, before: Opening) -> Opening:
    """Experiments that are what they were stay the same ones."""
    parts = {
        name: before.parts[name] if name in before.parts and before.parts[name].spec == part.spec else part
        for name, part in opening.parts.items()
    }
    return replace(opening, parts=parts)


def _found_again(step: Step, at: int, lesson: Lesson) -> int:
    """The number of the step with the same id; where there is none, the one in its place."""
    ids = [each.id for each in lesson.steps]
    return ids.index(step.id) if step.id in ids else min(at, len(ids) - 1)


def _exercises(lesson: Lesson) -> dict[str, object]:
    return {each.id: each for step in lesson.steps for each in step.ask}
