"""The screen's end of the line to the engine: sends commands, and keeps what has arrived until the screen takes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Protocol

import msgspec

from engine.looks.records import AnySeen
from engine.messages import AnyCommand, AnyReport, Frame, Losses


class Engine(Protocol):
    """What engine.client.Client is; tests put another in its place."""

    def start(self) -> None: ...
    def send(self, command: AnyCommand) -> None: ...
    def stop(self) -> None: ...


# What is left out of a frame where it did not change.
STAYING = ("curve", "field", "log", "memory", "baseline_field", "device_use")
MakeEngine = Callable[[Callable[[AnyReport], None], Callable[[int | None], None]], Engine]


@dataclass(frozen=True)
class Ended:
    """The engine's process is gone. `code` is its exit status, where it is known."""

    code: int | None


def _nothing() -> None:
    pass


class Link:
    """One engine at a time. Reports come in on any thread; of several frames that wait, the newest is kept."""

    def __init__(self, make: MakeEngine) -> None:
        self._make = make
        self._lock = Lock()
        self._reports: list[AnyReport | Ended] = []
        self._frame: Frame | None = None
        self._wake: Callable[[], object] = _nothing
        self._engines = 0
        self._engine: Engine | None = None

    @property
    def started(self) -> bool:
        """Whether an engine was started, and not stopped by us."""
        return self._engine is not None

    def start(self) -> None:
        """Start an engine, another one if there was one. Must be called from the main thread."""
        self.stop()
        self._engines += 1
        self._engine = self._make(partial(self._put, self._engines), partial(self._end, self._engines))
        self._engine.start()

    def stop(self) -> None:
        """End the engine, and hear no more of it."""
        if self._engine is not None:
            engine, self._engine = self._engine, None
            with self._lock:
                self._engines += 1  # what it still says is not for us, nor what waits
                self._reports, self._frame = [], None
            engine.stop()

    def send(self, command: AnyCommand) -> None:
        """Send a command; where no engine is there, nothing happens."""
        if self._engine is not None:
            self._engine.send(command)

    def listen(self, wake: Callable[[], object]) -> None:
        """Have `wake` called, on any thread, whenever there is something to take."""
        self._wake = wake
        if self._reports or self._frame:
            wake()

    def take(self) -> tuple[AnyReport | Ended, ...]:
        """All that has arrived since the last time, the newest frame last; only an end comes after it."""
        with self._lock:
            reports, self._reports = self._reports, []
            frame, self._frame = self._frame, None
        at = next((n for n, report in enumerate(reports) if isinstance(report, Ended)), len(reports))
        return (*reports[:at], frame, *reports[at:]) if frame else tuple(reports)

    def _put(self, engine: int, report: AnyReport | Ended) -> None:
        with self._lock:
            if engine != self._engines:
                return
            first = not self._reports and self._frame is None
            if isinstance(report, Frame):
                self._frame = _in_one(self._frame, report)
            else:
                self._reports.append(report)
        if first:
            self._wake()

    def _end(self, engine: int, code: int | None) -> None:
        self._put(engine, Ended(code))


def merged(old: Frame | None, new: Frame) -> Frame:
    """The newer frame, with what the older told and the newer leaves out because it did not change."""
    if old is None or old.generation != new.generation:
        return new
    kept = {name: getattr(old, name) for name in STAYING if getattr(new, name) is None}
    if old.seen:
        kept["seen"] = _newest(old.seen, new.seen)
    return msgspec.structs.replace(new, **kept) if kept else new


def _in_one(old: Frame | None, new: Frame) -> Frame:
    """Two frames of which the screen saw neither: merged, with what both tell of losses."""
    frame = merged(old, new)
    if old is None or old.losses is None or old.generation != new.generation:
        return frame
    return msgspec.structs.replace(frame, losses=_joined(old.losses, new.losses))


def _joined(old: Losses, new: Losses | None) -> Losses:
    """Both, one after another; of the old what the new has not taken back."""
    if new is None or new.first <= old.first:
        return new or old
    return Losses(old.first, old.data[: 4 * (new.first - old.first)] + new.data)


def _newest(old: tuple[AnySeen, ...], new: tuple[AnySeen, ...]) -> tuple[AnySeen, ...]:
    """What was seen last of each kind."""
    return tuple({type(seen): seen for seen in (*old, *new)}.values())
