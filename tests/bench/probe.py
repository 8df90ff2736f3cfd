"""A program in a pseudo-terminal, watched by the letters that it paints, so that watching costs next to nothing."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tests.bench.glass import Glass
from tests.terminal.terminal import FRAME_BEGINS, FRAMES_ANSWER, FRAMES_QUERY, KEYS, environment, family_of, processes

PATIENCE = 60.0


class Probe:
    """Times are seconds since the program was started."""

    def __init__(self, command: Sequence[str], size: tuple[int, int] = (80, 24), **env: str | None) -> None:
        self.chunks: list[tuple[float, bytes]] = []  # as they came
        self.glass = Glass(*size)
        self.ended = False
        self._home = tempfile.mkdtemp(prefix="dltutor-bench-")
        given = environment(self._home, env)
        self._begin = time.perf_counter()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            _become(command, size, given)

    def __enter__(self) -> Probe:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---------------------------------------------------------------- reading
    def now(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self._begin

    def read(self, wait: float) -> float | None:
        """Read a chunk, waiting at most so many seconds; when it came, or None."""
        if self.ended or not select.select([self._fd], [], [], max(0.0, wait))[0]:
            return None
        try:
            data = os.read(self._fd, 1 << 16)
        except OSError:  # nobody holds the other side any more
            data = b""
        at = self.now()
        if not data:
            self.ended = True
            return None
        if FRAMES_QUERY in data:
            os.write(self._fd, FRAMES_ANSWER)
        self.chunks.append((at, data))
        self.glass.feed(data)
        return at

    @property
    def text(self) -> bytes:
        """The rows in which something was written since the last key, whole."""
        return self.glass.text

    def wait(self, holds: Callable[[bytes], object], timeout: float = PATIENCE) -> float:
        """Read until holds(text); when the chunk came that made it true. Raises TimeoutError."""
        end, at = self.now() + timeout, self.now()
        while not holds(self.text):
            came = self.read(end - self.now())
            at = at if came is None else came
            if self.ended or self.now() > end:
                raise TimeoutError(self.text[-2000:].decode(errors="replace"))
        return at

    def wait_for(self, text: str, timeout: float = PATIENCE) -> float:
        """Read until this text has been written; when that was."""
        wanted = text.encode()
        return self.wait(lambda seen: wanted in seen, timeout)

    def drain(self, seconds: float) -> None:
        """Go on reading for a while."""
        end = self.now() + seconds
        while (left := end - self.now()) > 0 and not self.ended:
            self.read(left)

    def settle(self, quiet: float = 0.4, timeout: float = 10.0) -> None:
        """Read until nothing has been written for so long."""
        end = self.now() + timeout
        while self.now() < end and self.read(quiet) is not None:
            pass

    def last(self, pattern: bytes) -> int | None:
        """The number that the group of `pattern` found last in the text."""
        found = re.findall(pattern, self.text)
        return int(found[-1]) if found else None

    def written(self, since: float) -> bytes:
        """All that was written from then on."""
        return b"".join(data for at, data in self.chunks if at >= since)

    # ---------------------------------------------------------------- acting
    def press(self, *keys: str) -> float:
        """Press keys; when the last was pressed. Only rows that are written to from now on count as `text`."""
        at = self.now()
        for key in keys:
            at = self.now()
            os.write(self._fd, KEYS.get(key, key).encode())
        self.glass.painted.clear()
        return at

    def delay(self, key: str, shows: str) -> float:
        """Seconds from this key until this text is painted. What is under way is read first."""
        while self.read(0) is not None:
            pass
        pressed = self.press(key)
        return self.wait_for(shows) - pressed

    def resize(self, columns: int, rows: int) -> None:
        """Make the window this large."""
        self.glass.resize(columns, rows)
        _set_size(self._fd, (columns, rows))

    def children(self) -> list[int]:
        """The processes that it started."""
        return family_of(self.pid, processes())

    def cpu(self) -> float:
        """Seconds that the program itself, without what it started, has spent on a processor; 0 where none can tell."""
        stats = Path(f"/proc/{self.pid}/task").glob("*/schedstat")
        return sum(int(each.read_text().split()[0]) for each in stats) / 1e9

    def close(self) -> None:
        """End the program, and all that it started."""
        family = [self.pid, *self.children()]
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)
            self._reap(2.0)
        for pid in family[1:]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        os.close(self._fd)
        shutil.rmtree(self._home, ignore_errors=True)

    def _reap(self, seconds: float) -> None:
        end = time.perf_counter() + seconds
        with suppress(ChildProcessError):
            while not os.waitpid(self.pid, os.WNOHANG)[0] and time.perf_counter() < end:
                if self.read(0.02) is None:
                    time.sleep(0.01)


def _become(command: Sequence[str], size: tuple[int, int], env: Mapping[str, str]) -> None:
    """In the new process: take the window's size, and become the program."""
    try:
        _set_size(0, size)
        os.execvpe(command[0], list(command), dict(env))
    finally:
        os._exit(127)


def _set_size(fd: int, size: tuple[int, int]) -> None:
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))


def frames(data: bytes) -> int:
    """How many frames these bytes hold."""
    return data.count(FRAME_BEGINS)


def time_to(command: Sequence[str], shows: str) -> float:
    """Seconds from the start of a program until this text is painted."""
    return times_to(command, shows)[0]


def times_to(command: Sequence[str], shows: str) -> tuple[float, float]:
    """The same, and the seconds of these that it had a processor: other programs change them less."""
    with Probe(command) as probe:
        return probe.wait_for(shows), probe.cpu()


def importing_torch() -> float:
    """Seconds that a bare `import torch` takes."""
    return time_to([sys.executable, "-c", "import torch; print('there', flush=True)"], "there")
