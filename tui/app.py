"""The app: a course map, the lesson over it, and the line to the engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import App, SystemCommand
from textual.command import CommandPalette
from textual.content import Content
from textual.message import Message
from textual.screen import Screen

from engine.messages import Ack, Frame, Hello, Run
from engine.words import LANGUAGES
from tui import keys
from tui.language import say
from tui.link import Link
from tui.screens.base import TutorScreen
from tui.screens.course_map import CourseMap
from tui.themes import DARK, LIGHT

if TYPE_CHECKING:  # the first paint can do without these
    from tui.opening import Opening
    from tui.screens.lesson import LessonScreen


@dataclass(frozen=True, slots=True)
class Choices:
    """What the learner said on the command line."""

    language: str
    device: str = "auto"
    seed: int | None = None
    folders: Sequence[Path] = ()  # with more lessons


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
        self.engine_ready = False
        self.generation = 0
        self._describe_keys()
        for theme in (DARK, LIGHT):
            self.register_theme(theme)
        self.theme = DARK.name

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """What our screens use beyond Textual's own variables, for themes that do not have it."""
        return {name: DARK.variables[name] for name in ("muted", "faint")}

    def on_mount(self) -> None:
        if self.lesson is not None:
            self.open_lesson(self.lesson, first=True)
        else:
            self.push_screen(CourseMap(self.language, self.choices.folders))
        self.link.listen(lambda: self.post_message(self.EngineSpoke()))

    def open_lesson(self, path: Path, first: bool = False) -> None:
        """Show a lesson. `first`: it was asked for on the command line."""
        from tui.screens.lesson import LessonScreen

        self.open = LessonScreen(self.language, path, first)
        self.push_screen(self.open)

    def leave_lesson(self) -> None:
        """Go to the course map, which lies under the lesson unless that was asked for on the command line."""
        self.link.send(Run(False))
        self.open = None
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
                lambda now: Content.styled(say(now, "map.findings", name=name), "bold"),
                lambda now: Content("\n\n".join(opening.complaints(now))),
            )
        )

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
            self.engine_ready = self.engine_ready or isinstance(report, Hello)
            if self.open is not None:
                self.open.hear(report)
            elif isinstance(report, Frame):
                self.link.send(Ack(report.seq))  # else the engine would wait for it

    # ---------------------------------------------------------------- actions that hold everywhere
    def action_language(self) -> None:
        self.language = LANGUAGES[(LANGUAGES.index(self.language) + 1) % len(LANGUAGES)]
        self._describe_keys()
        for screen in self.screen_stack:
            if isinstance(screen, TutorScreen):
                screen.speak(self.language)

    def action_theme(self) -> None:
        self.theme = LIGHT.name if self.theme == DARK.name else DARK.name

    def action_help(self) -> None:
        from tui.screens.help import help_page

        if getattr(self.screen, "where", "") != "page":
            self.push_screen(help_page(self.language))

    def action_command_palette(self) -> None:
        if not CommandPalette.is_open(self):  # type: ignore[arg-type]
            self.push_screen(
                CommandPalette(placeholder=say(self.language, "palette.placeholder"), id="--command-palette")
            )

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The rows of the key table that hold on `screen`."""
        if not isinstance(screen, TutorScreen):
            return
        for key in keys.keys_of(screen.where):
            if key.name not in ("pane", "palette", "interrupt"):
                yield SystemCommand(
                    palette_title(screen, key),
                    keys.explained(key, self.language),
                    partial(self._run, screen, key.action),
                )
        for number, name in enumerate(screen.panes, 1):
            title = say(self.language, "palette.pane", name=say(self.language, f"pane.{name}"))
            yield SystemCommand(
                title,
                keys.explained(keys.PANE, self.language),
                partial(self._run, screen, f"screen.pane({number})"),
            )

    async def _run(self, screen: Screen[Any], action: str) -> None:
        await self.run_action(action, screen)

    def _describe_keys(self) -> None:
        self._bindings = keys.bindings("app", self.language)


def palette_title(screen: TutorScreen, key: keys.Key) -> str:
    """`Fase (espacio)`"""
    word = screen.label(key)
    cap = keys.keycap(key, screen.language)
    return f"{word[:1].upper()}{word[1:]}" + (f"  ({cap})" if cap else "")
