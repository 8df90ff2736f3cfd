"""The half of a lesson's screen that talks to the engine: commands go out, the newest frame is kept."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Literal

import msgspec
from textual.reactive import reactive

from engine import messages as m
from engine.words import Sentence
from engine.words import say as engine_says
from tui.link import Ended, merged
from tui.screens.base import TutorScreen
from tui.speeds import FIRST_SPEED, SPEEDS, nearest, noted
from tui.widgets.phase_bar import steps_to

if TYPE_CHECKING:
    from tui.opening import Part

Kept = tuple[m.Log | None, m.Memory | None, m.Baseline | None]
LOSSES = 32 << 20  # bytes of losses that are kept at most (they go to another engine, and to the disk): 8 M iterations
ANSWER = 1.0  # seconds within which the engine says whether it runs; until then the screen shows what was asked


class ExperimentScreen(TutorScreen):
    """Has one experiment open. A subclass says which (`part`) and what space does (`unit`), and draws in `redraw`."""

    frame: reactive[m.Frame | None] = reactive(None, repaint=False)  # panes and lines paint what differs

    def __init__(self, language: str) -> None:
        super().__init__(language)
        self.opened: m.Opened | None = None
        self.generation = -1
        self.ended: Ended | None = None
        self.speed: int = FIRST_SPEED
        self._notes_before: dict[str, m.Setting] = {}  # speed and theme before the first edit of them
        self._notes_told: dict[str, m.Setting] = {}  # what history was told, or told last
        self._asked_to_note: dict[str, m.Setting] = {}  # what it was told, until a frame says so
        self.asked_to_run: bool | None = None  # what r last asked for, until the engine has answered
        self._came_to_rest = -math.inf  # when training last ended by itself
        self.heard = 0  # how many reports have come
        self._sent_at, self._sent_after = 0.0, -1  # when the last command went, and how many had come by then
        self.kept_log: m.Log | None = None  # of the newest frame that told; its losses are these:
        self.kept_losses = bytearray()  # float32, of the log's advances one after another
        self.kept_memory: m.Memory | None = None
        self.baseline: m.Baseline | None = None
        self.refusal: Sentence | None = None  # the last one, until the next command; of opening: for good

    @property
    def part(self) -> Part | None:
        """The experiment; None until the lesson is read."""
        raise NotImplementedError

    @property
    def kept(self) -> Kept:
        """Of the present experiment, what brings it back."""
        log, losses = self.kept_log, bytes(self.kept_losses) if len(self.kept_losses) <= LOSSES else b""
        return (msgspec.structs.replace(log, losses=losses) if log else None, self.kept_memory, self.baseline)

    @property
    def running(self) -> bool:
        """Whether training goes on, or was just asked to."""
        if self.asked_to_run is not None:
            return self.asked_to_run
        return self.frame is not None and self.frame.running

    @property
    def unit(self) -> m.Unit:
        """What the space key advances by."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Show what has changed."""
        raise NotImplementedError

    def open_experiment(
        self, log: m.Log | None = None, memory: m.Memory | None = None, baseline: m.Baseline | None = None
    ) -> None:
        """Have the engine begin the experiment, from its start or where `log`, `memory` and `baseline` left it."""
        part = self.part
        if part is None:
            return
        self.generation, self.frame, self.opened = self.tutor.next_generation(), None, None
        self.refusal, self.asked_to_run, self.baseline = part.refused, None, baseline
        self._asked_to_note, self._notes_before, self._notes_told = {}, self._notes(), self._notes()
        choices = self.tutor.choices
        if part.graph is not None:
            self.send(m.Open(part.spec, choices.device, choices.seed, self.generation, log, memory, baseline))
            self.send(m.Speed(SPEEDS[self.speed]))

    # ---------------------------------------------------------------- to and from the engine
    def send(self, command: m.AnyCommand) -> None:
        """Hand a command to the engine; while it is starting, commands wait in the pipe."""
        if self.refusal is not None and self.opened is not None and not isinstance(command, m.Ack | m.Watch):
            self.refusal = None
            self.redraw()
        if isinstance(command, m.Travel | m.Goto | m.Stand):
            self._asked_to_note = {}  # from now on history says what holds
        if not isinstance(command, m.Ack | m.Watch | m.Ask | m.Speed):
            self._sent_at, self._sent_after = time.monotonic(), self.heard
        self.tutor.link.send(command)

    @property
    def waiting(self) -> float:
        """Seconds that the engine has been at work on the last command; 0 where it is not."""
        busy = self.frame is not None and self.frame.running
        if self.ended is not None or self.opened is None or not (busy or self._sent_after == self.heard):
            return 0.0
        return max(1e-3, time.monotonic() - self._sent_at)

    def hear(self, report: m.AnyReport | Ended) -> None:
        """Take a report. Those of an experiment that is no longer open are dropped."""
        self.heard += 1
        if isinstance(report, Ended):
            self._engine_ended(report)
            return
        elif not isinstance(report, m.Hello) and report.generation != self.generation:
            if isinstance(report, m.Frame):
                self.send(m.Ack(report.seq))
            return
        elif isinstance(report, m.Frame):
            self._take_frame(report)
            return
        elif isinstance(report, m.Opened):
            self.opened = report
        elif isinstance(report, m.Marked):
            self._take_baseline(report.baseline)
        elif isinstance(report, m.Failed):
            self.refusal, self.asked_to_run = report.message, None
            self.notify(engine_says(report.message, self.language), severity="warning", markup=False)
        elif isinstance(report, m.Notice):
            self.notify(engine_says(report.message, self.language), timeout=10, markup=False)
        self.redraw()

    def _take_baseline(self, baseline: m.Baseline | None) -> None:
        self.baseline = baseline
        if baseline is not None:
            self.notify(self.say("baseline.marked", iteration=baseline.iteration), timeout=2, markup=False)

    def _take_frame(self, frame: m.Frame) -> None:
        if self.asked_to_run is None and self.running and not frame.running:
            self._came_to_rest = time.monotonic()
        if self.asked_to_run == frame.running:
            self.asked_to_run = None
        if self.frame is None:
            self.call_after_refresh(self.tutor.garbage.settled)
        self._adopt(self.frame, frame)
        self.frame = merged(self.frame, frame)
        acknowledge = m.Ack(frame.seq)
        if self.is_current:
            self.call_after_refresh(self.send, acknowledge)
        else:  # what lies under another screen is not painted
            self.send(acknowledge)

    def watch_frame(self) -> None:
        self.redraw()

    # ---------------------------------------------------------------- actions
    def action_next(self) -> None:
        self.send(m.Advance(self.unit))

    def action_advance(self, unit: m.Unit) -> None:
        self.send(m.Advance(unit))

    def action_again(self) -> None:
        self.send(m.Again())

    def action_travel(self, direction: Literal["back", "forth", "start"], by: Literal["command", "phase"]) -> None:
        self.send(m.Travel(direction, by))

    def action_to_phase(self, phase: m.Phase) -> None:
        """Go on, or back, to where this phase has just been done."""
        if self.part is None or self.part.graph is None:
            return
        count = steps_to(self.part.graph.phases, self.frame.moment if self.frame else None, phase)
        if count > 0:
            self.send(m.Advance("phase", count))
        for _ in range(-count):
            self.send(m.Travel("back", "phase"))

    def action_goto(self) -> None:
        from tui.screens.goto import GotoWindow  # here: the first paint can do without text fields

        def go(iteration: int | None) -> None:
            if iteration is not None:
                self.send(m.Goto(iteration))

        self.app.push_screen(GotoWindow(self.language, self.frame.moment.iterations_done if self.frame else 0), go)

    def action_run(self) -> None:
        if self.part is not None and not self.part.trains:
            self.notify(self.say("engine.nothing_to_train"), markup=False)
            return
        if not self.running and time.monotonic() - self._came_to_rest < ANSWER:
            return  # meant as a pause of the run that has just ended by itself
        self.asked_to_run = not self.running
        self.send(m.Run(self.asked_to_run))
        self.redraw()
        self.set_timer(ANSWER, self._stop_waiting)

    def _stop_waiting(self) -> None:
        self.asked_to_run = None
        self.redraw()

    # ---------------------------------------------------------------- a moment to compare with
    def action_baseline(self) -> None:
        self.send(m.Mark())

    def action_drop_baseline(self) -> None:
        if self.baseline is not None:
            self.send(m.Mark(False))
            self.notify(self.say("baseline.dropped"), timeout=2, markup=False)

    # ---------------------------------------------------------------- speed and theme, which history keeps too
    def action_speed(self, by: int) -> None:
        before = self.speed
        self._go_at(max(0, min(len(SPEEDS) - 1, before + by)))
        if self.speed != before:
            self.set_down("run.speed", noted(SPEEDS[self.speed]))
        self.redraw()

    def _go_at(self, speed: int) -> None:
        self.speed = speed
        self.send(m.Speed(SPEEDS[speed]))

    def set_down(self, name: str, value: float | str) -> None:
        """Have history keep what already holds on the screen."""
        if self.ended is None and self.part is not None and self.part.graph is not None:
            self._asked_to_note[name] = self._notes_told[name] = value
            self.send(m.Edit((m.Change(name, value),)))

    def _notes(self) -> dict[str, m.Setting]:
        """Speed and theme as they are now."""
        theme = "dark" if self.app.current_theme.dark else "light"
        return {"run.speed": noted(SPEEDS[self.speed]), "screen.theme": theme}

    def _adopt(self, before: m.Frame | None, frame: m.Frame) -> None:
        """Go over to the speed and the theme that hold where history stands, when they become others.

        What a lesson brings that is found again is its speed; a theme that was chosen meanwhile stays.
        """
        first = before is None or before.generation != frame.generation
        for name, had in self._notes_before.items():
            value = frame.settings.get(name, had)
            if self._asked_to_note.get(name, value) != value:
                continue  # a frame from before it was asked for
            self._asked_to_note.pop(name, None)
            if value != self._notes_told[name]:
                self._notes_told[name] = value
                if value != self._notes()[name] and not (first and name == "screen.theme"):
                    self._bring_back(name, value)

    def _bring_back(self, name: str, value: m.Setting) -> None:
        if name == "run.speed":
            self._go_at(nearest(value))
        else:
            self.tutor.change_theme()

    def action_settings(self) -> None:
        from tui.screens.settings import SettingsWindow, rows

        table = rows(self.tutor.devices, tuple(map(noted, SPEEDS)), m.NOTES["screen.theme"])
        self.app.push_screen(SettingsWindow(self.language, table, self._settings, self._set))

    def _settings(self) -> dict[str, m.Setting]:
        """The present settings: the engine's, and those of the screen."""
        return {**(self.frame.settings if self.frame else {}), **self._notes()}

    def _set(self, name: str, value: m.Setting) -> None:
        if name == "run.speed":
            self.action_speed(nearest(value) - self.speed)
        elif name == "screen.theme":
            self.tutor.action_theme()
        elif isinstance(value, int | float | str):
            self.send(m.Edit((m.Change(name, value),)))

    # ---------------------------------------------------------------- an engine that ends
    def _engine_ended(self, report: Ended) -> None:
        """Start another one unasked, unless they die one after another; then the learner is asked."""
        self.ended, self.asked_to_run = report, None
        if self.tutor.deaths.again():
            self._take_up()
        else:
            self.redraw()

    def action_revive(self) -> None:
        """Start another engine, which goes on from the last frame that was shown."""
        if self.ended is not None:
            self.tutor.deaths.forgive()
            self._take_up()

    def cancel(self) -> bool:
        """Stop what is under way, if there is anything; an engine that does not answer is ended and replaced."""
        if not self.waiting:
            return False
        self.asked_to_run = None
        sent = self.heard
        self.send(m.Run(False))
        self.set_timer(ANSWER, lambda: self._end_unless_heard(sent))
        return True

    def _end_unless_heard(self, sent: int) -> None:
        if self.heard == sent and self.ended is None:
            self._take_up("revival.cancelled")

    def _take_up(self, key: str = "") -> None:
        """Another engine, standing where the last frame stood, with the same bits."""
        frame, memory, notes = self.frame, self.kept_memory, self._notes_before
        self.ended = None
        self.tutor.restart_engine()
        self.open_experiment(*self.kept)
        self._notes_before = notes
        if frame is not None:
            self.frame = frame  # shown until the new engine's first frame comes
            key = key or ("revival.again" if memory is not None else "revival.replayed")
            self.notify(self.say(key, iteration=frame.moment.iterations_done), markup=False)
        self.redraw()
