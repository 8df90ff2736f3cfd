"""A talk with a real engine process: commands out, and everything that comes back kept in order."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

from engine import messages as m
from engine.client import Client

PATIENT = 30.0  # seconds; a loaded machine imports torch slowly


class Conversation:
    """A client that remembers reports. With `acknowledge`, every frame is acknowledged as it comes."""

    def __init__(self) -> None:
        self.reports: list[m.AnyReport] = []
        self.ends: list[int | None] = []
        self.acknowledge = True
        self.generation = 0
        self._news = threading.Condition()
        self.client = Client(self._hear, self._end)
        self.client.start()

    def _hear(self, report: m.AnyReport) -> None:
        with self._news:
            self.reports.append(report)
            self._news.notify_all()
        if isinstance(report, m.Frame) and self.acknowledge:
            self.client.send(m.Ack(report.seq))

    def _end(self, status: int | None) -> None:
        with self._news:
            self.ends.append(status)
            self._news.notify_all()

    # ---------------------------------------------------------------- talking
    def send(self, *commands: m.AnyCommand) -> None:
        for command in commands:
            self.client.send(command)

    def open(self, spec: dict[str, Any], **more: Any) -> m.Frame:
        """Open an experiment under a new generation; its first frame."""
        self.generation += 1
        self.acknowledge = True
        self.send(m.Watch(), m.Open(json.dumps(spec).encode(), generation=self.generation, **more))
        return self.frame(lambda frame: True)

    def after(self, *commands: m.AnyCommand) -> m.Frame:
        """The first frame at rest after these commands, which must come to rest and change something."""
        begin = len(self.reports)
        self.send(*commands)
        return self.frame(lambda frame: not frame.running, begin)

    # ---------------------------------------------------------------- hearing
    def report(self, fits: Callable[[Any], bool], begin: int = 0) -> Any:
        """The first report from number `begin` on that fits; waits for it."""
        with self._news:
            found = self._news.wait_for(lambda: [each for each in self.reports[begin:] if fits(each)], PATIENT)
        assert found, f"nothing of the kind came: {self.reports[-3:]}, {self.ends}, {self.client.log}"
        return found[0]

    def frame(self, fits: Callable[[m.Frame], bool], begin: int = 0) -> m.Frame:
        """The first frame of this generation that fits, from report number `begin` on; waits for it."""
        return self.report(
            lambda each: isinstance(each, m.Frame) and each.generation == self.generation and fits(each), begin
        )

    def failed(self) -> m.Failed:
        """The refusal of something in this generation."""
        return self.report(lambda each: isinstance(each, m.Failed) and each.generation == self.generation)

    def frames(self) -> list[m.Frame]:
        """All frames of this generation."""
        return [each for each in self.reports if isinstance(each, m.Frame) and each.generation == self.generation]

    def calm(self, seconds: float = 0.3) -> m.Frame:
        """The last frame, once none has come for a while."""
        while True:
            count = len(self.reports)
            time.sleep(seconds)
            if len(self.reports) == count:
                return self.frames()[-1]

    def end(self, timeout: float = PATIENT) -> int | None:
        """The status with which the process ended; waits for it."""
        with self._news:
            assert self._news.wait_for(lambda: self.ends, timeout), "the engine has not ended"
        return self.ends[0]
