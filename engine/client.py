"""The screen's end of the engine: starts its process, sends commands without waiting, hears reports on a thread."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from engine import messages as m

LOG_BYTES = 64 << 10  # of the engine's stderr that are kept


class Client:
    """One engine process. `on_report` and `on_end` are called on a thread of their own, never on the caller's.

    `on_end` gets the exit status (negative: the signal), once, when the process has ended without being asked to.
    """

    def __init__(self, on_report: Callable[[m.AnyReport], None], on_end: Callable[[int | None], None]) -> None:
        self._on_report, self._on_end = on_report, on_end
        self._process: subprocess.Popen[bytes] | None = None
        self._outbox: deque[m.AnyCommand] = deque()
        self._ready = threading.Condition()
        self._stopping = self._over = False
        self.log = ""  # what the engine wrote to stderr before it ended

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """The process, while there is one."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process. From the main thread: on Linux the engine ends with the thread that started it."""
        environment = {**os.environ, "PYTHONPATH": _python_path(), "PYTHONUNBUFFERED": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "engine.process"],  # -P: import nothing from the learner's folder
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd=Path(__file__).parent,  # the learner's folder may be gone, and torch does not load from nowhere
            start_new_session=True,  # the terminal's signals are for the screen
        )
        log = threading.Thread(target=self._keep_log, args=(self._process,), daemon=True)
        reader = threading.Thread(target=self._read, args=(self._process, log), daemon=True)
        writer = threading.Thread(target=self._write, args=(self._process,), daemon=True)
        for thread in (log, reader, writer):
            thread.start()

    def send(self, command: m.AnyCommand) -> None:
        """Put a command on its way. Never blocks; goes nowhere when the engine is gone."""
        with self._ready:
            if not self._over:
                self._outbox.append(command)
                self._ready.notify()

    def stop(self) -> None:
        """End the process for good; `on_end` is not called."""
        self._stopping = True
        if self._process is not None:
            self._process.kill()
            with suppress(subprocess.TimeoutExpired):  # a driver may hold it a little longer; the reader waits on
                self._process.wait(2)
        self._close()

    def _close(self) -> None:
        """Nothing is sent any more."""
        with self._ready:
            self._over = True
            self._outbox.clear()
            self._ready.notify()

    # ---------------------------------------------------------------- threads
    def _read(self, process: subprocess.Popen[bytes], log: threading.Thread) -> None:
        assert process.stdout is not None
        try:
            with process.stdout as pipe:
                while True:
                    self._on_report(m.read_report(pipe.fileno()))
        except (EOFError, OSError, msgspec.MsgspecError):
            pass
        finally:
            process.kill()
            status = process.wait()
            self._close()
            log.join(0.5)
            if not self._stopping:
                self._on_end(status)

    def _write(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        try:
            with process.stdin as pipe:
                while commands := self._next_commands():
                    for command in commands:
                        m.write(pipe.fileno(), command)
        except OSError:
            pass  # the reader says that the engine is gone

    def _next_commands(self) -> list[m.AnyCommand]:
        """Wait for commands; none when the engine is over."""
        with self._ready:
            self._ready.wait_for(lambda: self._outbox or self._over)
            commands = list(self._outbox)
            self._outbox.clear()
            return commands

    def _keep_log(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stderr is not None
        with process.stderr as pipe:
            for line in pipe:
                self.log = (self.log + line.decode(errors="replace"))[-LOG_BYTES:]


def _python_path() -> str:
    """Where this package lies, first, so that the process imports the same engine from any folder."""
    root = str(Path(__file__).parent.parent)
    before = os.environ.get("PYTHONPATH")
    return f"{root}{os.pathsep}{before}" if before else root
