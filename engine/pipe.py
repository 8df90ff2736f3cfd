"""The engine's end of the pipe to the screen."""

from __future__ import annotations

import os
import threading
from collections import deque

from engine import messages as m


class Pipe:
    """The two ends of the pipe, with a thread that reads; commands wait in `inbox`, and `wake` says that some came."""

    def __init__(self) -> None:
        self.inbox: deque[m.AnyCommand] = deque()
        self.wake = threading.Event()
        self._in, self._out = os.dup(0), os.dup(1)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        os.dup2(2, 1)  # a stray print goes to the log, not into a frame
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            while True:
                self.inbox.append(m.read_command(self._in))
                self.wake.set()
        except BaseException:
            os._exit(0)  # the screen is gone, and there is nothing to save

    def send(self, report: m.AnyReport) -> None:
        try:
            m.write(self._out, report)
        except OSError:
            os._exit(0)
