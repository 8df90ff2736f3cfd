"""Engines for tests of screens: one that works in this process, and one that only remembers what it was told."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import TypeVar

from engine import messages as m
from engine.process import Engine

Commands = list[m.AnyCommand]
Hear = Callable[[m.AnyReport], None]
End = Callable[[int | None], None]
Said = TypeVar("Said", bound=m.Command)


class LocalPipe:
    """What engine.process.Engine talks to, without a pipe."""

    def __init__(self, hear: Hear) -> None:
        self.inbox: deque[m.AnyCommand] = deque()
        self.wake = threading.Event()
        self.send = hear


class _Told:
    """Remembers the commands."""

    commands: Commands

    def said(self, kind: type[Said]) -> list[Said]:
        """The commands of one kind, in order."""
        return [command for command in self.commands if isinstance(command, kind)]


class LocalEngine(_Told):
    """The engine's own loop, turned by `send`: each command is done, and its frame reported, before `send` returns."""

    def __init__(self, on_report: Hear, on_end: End) -> None:
        self.on_report, self.on_end = on_report, on_end
        self.alive = False
        self.commands: Commands = []
        self.pipe = LocalPipe(on_report)
        self.engine = Engine(self.pipe)  # type: ignore[arg-type]
        self._turning = False

    def start(self) -> None:
        self.alive = True
        self.on_report(m.Hello(0, "local", ("cpu",)))

    def send(self, command: m.AnyCommand) -> None:
        self.commands.append(command)
        self.pipe.inbox.append(command)
        if self.alive and not self._turning:
            self.turn()

    def turn(self, rounds: int = 1) -> None:
        """Do what is to be done; while training runs on and on, only so many slices of it."""
        self._turning = True
        while True:
            self.engine._take_commands()
            self.engine._work()
            running = self.engine._running()
            if running:
                rounds -= 1
            self.engine.sent_at = -1e9
            if not self.engine._busy() or running:
                self.engine._send_frame()
            if not running:
                while self.engine._asked():  # what a lesson asks
                    self.engine._answer()
                while self.engine._to_look_at():  # what takes long to look at
                    self.engine._look()
                self.engine._send_frame()
            if not self.pipe.inbox and (not self.engine._busy() or (running and rounds <= 0)):
                break
        self._turning = False

    def stop(self) -> None:
        self.alive = False

    def die(self, code: int = -9) -> None:
        """End as a killed process does."""
        self.alive = False
        self.on_end(code)


class FakeEngine(_Told):
    """Remembers commands; reports what the test says."""

    def __init__(self, on_report: Hear, on_end: End) -> None:
        self.report, self.end = on_report, on_end
        self.commands: Commands = []
        self.alive = False

    def start(self) -> None:
        self.alive = True

    def send(self, command: m.AnyCommand) -> None:
        self.commands.append(command)

    def stop(self) -> None:
        self.alive = False
