"""The app: a course map, the lesson over it, and the line to the engine."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.actions import ActionParseResult
from textual.app import App
from textual.content import Content
from textual.dom import DOMNode
from textual.message import Message
from textual.screen import Screen

from engine.messages import Ack, Frame, Hello, Run
from engine.words import LANGUAGES, Sentence
from engine.words import say as engine_says
from tui import keys
from tui.garbage import Garbage
from tui.language import say
from tui.link import Ended, Link
from tui.rates import USUAL, Rates
from tui.revival import Deaths
from tui.screens.base import Speaker, TutorScreen
from tui.screens.course_map import CourseMap
from tui.themes import DARK, LIGHT, LIGHT_16
from tui.thrift import Thrifty

if TYPE_CHECKING:  # the first paint can do without these
    from rich.console import RenderableType

    from tui.exercises.progress import Progress
    from tui.opening import Opening
    from tui.progress.records import Record
    from tui.screens.lesson import LessonScreen


CLOSING = 1.0  # seconds until all of a lesson's screen that was left is gone


@dataclass(frozen=True, slots=True)
class Choices:
    """What the learner said on the command line."""

    language: str
    device: str = "auto"
    seed: int | None = None
    folders: Sequence[Path] = ()  # with more lessons
    few_colours: bool = False  # the terminal has only 16
    preview: bool = False  # the lesson that was asked for is being written: it is read again when it is saved
    rates: Rates = USUAL


class TutorApp(App[str], inherit_bindings=False):
    """Its result is what to say on stderr after it has closed, if there is something."""

    CSS_PATH = "styles/app.tcss"
    TITLE = "dltutor"

    class EngineSpoke(Message):
        """Reports wait in the link."""

    def __init__(self, link: Link, choices: Choices, lesson: Path | None = None) -> None:
        super().__init__()
        self.link, self.choices, self.language = link, choices, choices.language
        self.lesson = lesson
        self.open: LessonScreen | None = None  # the lesson that is open, whatever lies over it
        self.progress: dict[str, dict[str, Progress]] = {}  # of each lesson's exercises, by their ids
        self.records: dict[str, Record] = {}  # what of that is to be kept, and was found kept
        self.drafts: dict[str, dict[str, str]] = {}  # answers to them that were begun
        self.engine_ready = False
        self.garbage = Garbage()
        self.deaths = Deaths()
        self.devices: tuple[str, ...] = ("cpu",)  # of the engine's machine, once it has told
        self.generation = 0
        self._describe_keys()
        self.light = LIGHT_16 if choices.few_colours else LIGHT
        for theme in (DARK, self.light):
            self.register_theme(theme)
        self.theme = DARK.name
        if choices.rates.sparing:
            self.animation_level = "none"

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """What our screens use beyond Textual's own variables, for themes that do not have it."""
        return {name: DARK.variables[name] for name in ("muted", "faint")}

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Textual's own, with partial paints in fewer bytes."""
        super()._display(screen, Thrifty.of(renderable))  # type: ignore[arg-type]

    def get_default_screen(self) -> Screen[Any]:
        """The course map at once: pushed over an empty screen it would take a tenth longer to the first frame."""
        return CourseMap(self.language, self.choices.folders) if self.lesson is None else Screen()

    def on_mount(self) -> None:
        if self.lesson is not None:
            self.open_lesson(self.lesson, first=True)
        with suppress(NotImplementedError, RuntimeError, ValueError, AttributeError):  # in the main thread of some
            loop = asyncio.get_running_loop()
            end = partial(self.exit, return_code=128 + signal.SIGTERM)  # so that the terminal is left as it was found
            loop.add_signal_handler(signal.SIGTERM, end)
            loop.add_signal_handler(signal.SIGHUP, self._hang_up)
        self.link.listen(lambda: self.post_message(self.EngineSpoke()))
        if not self.link.started:  # the map is there sooner when nothing else is loaded meanwhile
            self.call_after_refresh(self._start_engine)
        self.call_after_refresh(self.garbage.begin)

    def _hang_up(self) -> None:
        """The line has dropped: keep where the learner stands, and end as a program does whose terminal is gone."""
        if self.open is not None:
            self.open.keep_place()
        self.link.stop()
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGHUP)

    def open_lesson(self, path: Path, first: bool = False) -> None:
        """Show a lesson. `first`: it was asked for on the command line."""
        from tui.screens.lesson import LessonScreen
        from tui.screens.preview import PreviewScreen

        if not first and not self.link.started:
            self.restart_engine()
        kind = PreviewScreen if first and self.choices.preview else LessonScreen
        self.open = kind(self.language, path, first)
        self.push_screen(self.open)

    def open_again(self) -> None:
        """Open the lesson that is open as one that was not."""
        if self.open is not None:
            path = self.open.path
            self.leave_lesson()
            self.open_lesson(path)

    def leave_lesson(self) -> None:
        """Go to the course map, which lies under the lesson unless that was asked for on the command line."""
        self.link.send(Run(False))
        if self.open is not None:
            self.open.note_reading()  # the map tells it before the lesson's screen is gone
        self.open = None
        self.set_timer(CLOSING, self.garbage.left)
        if isinstance(self.screen_stack[-2], CourseMap):
            self.pop_screen()
        else:
            self.switch_screen(CourseMap(self.language, self.choices.folders))

    def show_broken(self, screen: LessonScreen, opening: Opening) -> None:
        """A lesson could not be read. If it was asked for on the command line, the tutor closes and says so there."""
        name, complaints = opening.path.name, opening.complaints(self.language)
        if screen.first:
            self.exit(
                "\n".join((say(self.language, "cli.broken_lesson", name=name, count=len(complaints)), *complaints))
            )
            return
        from tui.screens.page import Page

        self.leave_lesson()
        self.push_screen(
            Page(
                self.language,
                lambda now, _: Content.styled(say(now, "map.findings", name=name), "bold"),
                lambda now, _: Content("\n\n".join(opening.complaints(now))),
            )
        )

    def _start_engine(self) -> None:
        if not self.link.started:  # a lesson may have been opened meanwhile
            self.link.start()

    def restart_engine(self) -> None:
        """Start another engine in place of the one that has ended."""
        self.engine_ready = False
        self.link.start()

    def next_generation(self) -> int:
        """A number for an experiment that is about to be opened; frames bear it."""
        self.generation += 1
        return self.generation

    def on_tutor_app_engine_spoke(self) -> None:
        for report in self.link.take():
            if isinstance(report, Hello):
                self._meet(report)
            if self.open is not None:
                self.open.hear(report)
            elif isinstance(report, Frame):
                self.link.send(Ack(report.seq))  # else the engine would wait for it
            elif isinstance(report, Ended):
                if self.deaths.again():
                    self.restart_engine()
                else:
                    self.link.stop()  # the next lesson starts another one, and tells what becomes of it

    def _meet(self, engine: Hello) -> None:
        """The engine is up. Where the device that was asked for is not there, the tutor closes and says so."""
        self.engine_ready, self.devices = True, engine.devices
        wanted, found = self.choices.device, engine.devices
        if wanted not in ("auto", *found, *(device.partition(":")[0] for device in found)):
            absent = Sentence("device.absent", {"device": wanted, "found": ", ".join(found)})
            self.exit(engine_says(absent, self.language))

    # ---------------------------------------------------------------- actions that hold everywhere
    def action_language(self) -> None:
        self.language = LANGUAGES[(LANGUAGES.index(self.language) + 1) % len(LANGUAGES)]
        self._describe_keys()
        self.clear_notifications()  # they are in the other language
        for screen in self.screen_stack:
            if isinstance(screen, Speaker):
                screen.speak(self.language)
        if self.open is not None:
            self.open.give_notice()

    def action_theme(self) -> None:
        """The other theme; in a lesson its history keeps it."""
        self.change_theme()
        if self.open is not None:
            self.open.set_down("screen.theme", "dark" if self.current_theme.dark else "light")

    def change_theme(self) -> None:
        """Go over to the other theme."""
        self.theme = self.light.name if self.theme == DARK.name else DARK.name

    def action_help(self) -> None:
        from tui.screens.help import help_page

        if getattr(self.screen, "where", "") != "page":
            self.push_screen(help_page(self.language))

    def action_command_palette(self) -> None:
        from tui.screens.palette import Palette

        screen = self.screen
        if isinstance(screen, TutorScreen):

            async def do(action: str | None) -> None:
                if action is not None:
                    await self.run_action(action, screen)

            self.push_screen(Palette(screen), do)

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Do what a key, a click or the palette asks for; where that cannot be done now, say why."""
        screen = self.screen
        if isinstance(screen, TutorScreen) and isinstance(action, str):
            key = keys.of_action(screen.where, action)
            if key is not None and key.name not in keys.QUIET and (reason := screen.reason(key)):
                self.clear_notifications()
                self.notify(reason, markup=False)
                return True
        return await super().run_action(action, default_namespace, namespaces)

    def _describe_keys(self) -> None:
        self._bindings = keys.bindings("app", self.language)
