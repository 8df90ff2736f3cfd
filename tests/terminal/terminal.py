"""A program in a real pseudo-terminal, with pyte as its screen: press keys, wait for text, look."""

from __future__ import annotations

import contextlib
import copy
import fcntl
import os
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyte

# What pyte would print as text: mode queries, private CSI (kitty keyboard, xterm), DCS, APC, PM, SOS, OSC.
UNKNOWN = re.compile(
    rb"\x1b\[[?>=<]?[0-9;:]*\$p"
    rb"|\x1b\[[>=<][0-9;:]*[a-zA-Z]"
    rb"|\x1b\[\?[0-9;]*u"
    rb"|\x1b[PX^_][^\x1b]*\x1b\\"
    rb"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
)
UNFINISHED = re.compile(rb"\x1b(?:\[[0-9;:?<=>]*[ -/]*|\][^\x07\x1b]*\x1b?|[PX^_][^\x1b]*\x1b?|[ -/]*)?\Z")
FRAME_BEGINS, FRAME_ENDS = b"\x1b[?2026h", b"\x1b[?2026l"
FRAMES_QUERY, FRAMES_ANSWER = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
ALTERNATE_SCREEN = 1049

# Takes the pseudo-terminal on fd 0 as its own, then becomes the program (preexec_fn is unsafe among threads).
LAUNCHER = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
try:
    os.execvp(sys.argv[1], sys.argv[1:])
except OSError as error:
    print(f"{sys.argv[1]}: {error.strerror}", file=sys.stderr)
    os._exit(127)
"""

KEYS = {
    "enter": "\r", "tab": "\t", "escape": "\x1b", "space": " ", "backspace": "\x7f", "delete": "\x1b[3~",
    "shift+tab": "\x1b[Z", "pageup": "\x1b[5~", "pagedown": "\x1b[6~", "home": "\x1b[H", "end": "\x1b[F",
    "f1": "\x1bOP", "f2": "\x1bOQ", "f3": "\x1bOR", "f4": "\x1bOS", "f5": "\x1b[15~",
    **{f"ctrl+{letter}": chr(ord(letter) - 96) for letter in "abcdefghijklmnopqrstuvwxyz"},
}  # fmt: skip
for _name, _letter in {"up": "A", "down": "B", "right": "C", "left": "D"}.items():
    KEYS[_name] = f"\x1b[{_letter}"
    for _code, _modifier in {2: "shift", 3: "alt", 5: "ctrl"}.items():
        KEYS[f"{_modifier}+{_name}"] = f"\x1b[1;{_code}{_letter}"

OURS = ("TEXTUAL", "DLTUTOR", "PYTEST", "XDG_", "LC_")  # not handed down to the program


class Screen(pyte.Screen):
    """pyte's screen with an alternate one: what stood there before the program is there again after it."""

    def __init__(self, columns: int, lines: int, answer: Callable[[str], None]) -> None:
        super().__init__(columns, lines)
        self.answer = answer
        self.main: tuple[Any, Any] | None = None

    def write_process_input(self, data: str) -> None:
        self.answer(data)

    def set_mode(self, *modes: int, **kwargs: Any) -> None:
        if kwargs.get("private") and ALTERNATE_SCREEN in modes and self.main is None:
            self.main = (copy.deepcopy(self.buffer), copy.copy(self.cursor))
            self.erase_in_display(2)
        super().set_mode(*modes, **kwargs)

    def reset_mode(self, *modes: int, **kwargs: Any) -> None:
        if kwargs.get("private") and ALTERNATE_SCREEN in modes and self.main is not None:
            self.buffer, self.cursor = self.main
            self.main = None
        super().reset_mode(*modes, **kwargs)


class Terminal:
    """`with Terminal(["dltutor", "graph-j"], cols=80, rows=24) as t: t.wait_for("J"); t.press("space")`

    The program is looked for beside sys.executable first. It gets a home folder of its own that goes with it;
    give `home` to keep one over several runs. `env` adds variables (None takes one away).
    Whatever happens in the block, the program and every process it started are gone after it.
    """

    def __init__(
        self,
        command: Sequence[str],
        cols: int = 80,
        rows: int = 24,
        *,
        env: Mapping[str, str | None] | None = None,
        home: Path | None = None,
        cwd: Path | None = None,
        timeout: float = 30.0,
    ) -> None:
        self.cols, self.rows, self.timeout = cols, rows, timeout
        self.written = 0  # bytes that the program has written so far
        self.screen = Screen(cols, rows, self.type)
        self._stream = pyte.ByteStream(self.screen)
        self._pending = b""  # read, but not on the screen yet: half a sequence, or half a frame
        self._home = None if home else tempfile.mkdtemp(prefix="dltutor-home-")
        self._fd: int | None
        self._fd, theirs = os.openpty()
        try:
            self._set_size()
            self._process = subprocess.Popen(
                [sys.executable, "-ISc", LAUNCHER, *command],
                stdin=theirs,
                stdout=theirs,
                stderr=theirs,
                start_new_session=True,
                env=environment(str(home or self._home), env or {}),
                cwd=cwd,
            )
        finally:
            os.close(theirs)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---------------------------------------------------------------- what a person does
    def press(self, *keys: str) -> None:
        """Press keys one after another: a character, or a name such as space, escape, shift+up, ctrl+p."""
        for key in keys:
            if key not in KEYS and len(key) != 1:
                raise ValueError(f"no key is called {key!r}: use {', '.join(KEYS)}, or type() for text")
            self.type(KEYS.get(key, key))
            if key == "escape":
                self.pump_for(0.2)  # what follows at once would be read as alt+key

    def type(self, text: str) -> None:
        """Send text as it is."""
        if self._fd is not None:
            with contextlib.suppress(OSError):  # the program has ended; whoever waits next is told
                os.write(self._fd, text.encode())

    def click(self, text: str) -> None:
        """Click with the mouse on the first character of a text that is on the screen."""
        row, line = next((row, line) for row, line in enumerate(self.text().split("\n"), 1) if text in line)
        place = f"{line.index(text) + 1};{row}"
        self.type(f"\x1b[<0;{place}M\x1b[<0;{place}m")

    def resize(self, cols: int, rows: int) -> None:
        self.pump_for(0)
        self.cols, self.rows = cols, rows
        self.screen.resize(rows, cols)
        self._set_size()

    def hang_up(self) -> None:
        """Close the terminal's window: the program loses its terminal and gets SIGHUP."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    # ---------------------------------------------------------------- what a person sees
    def text(self) -> str:
        """The screen as it stands, without the spaces at the ends of lines."""
        self.pump_for(0)
        return "\n".join(line.rstrip() for line in self.screen.display)

    def wait_for(self, text: str, timeout: float | None = None) -> None:
        """Wait until the text is on the screen (in one line)."""
        self.wait_until(lambda screen: text in screen, timeout, what=f"{text!r} on the screen")

    def wait_until(
        self,
        holds: Callable[[str], object],
        timeout: float | None = None,
        *,
        what: str = "what was waited for",
    ) -> None:
        """Wait until holds(text of the screen) is true."""
        end = time.monotonic() + (self.timeout if timeout is None else timeout)
        while not holds(self.text()):
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError(f"no {what} in time. The screen:\n{self.picture()}")
            if not self._read(min(left, 0.05)) and self.exit_status is not None and not self._read(0.05):
                if holds(self.text()):
                    return
                end_of_it = f"the program ended ({self.exit_status}) without {what}"
                raise AssertionError(f"{end_of_it}. The screen:\n{self.picture()}")

    def picture(self) -> str:
        """The screen in a frame, for messages."""
        lines = [line.ljust(self.cols) for line in self.text().split("\n")]
        edge = "+" + "-" * self.cols + "+"
        return "\n".join([edge, *(f"|{line}|" for line in lines), edge])

    # ---------------------------------------------------------------- the process
    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_status(self) -> int | None:
        """None while it runs; -N if signal N ended it."""
        return self._process.poll()

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def descendants(self) -> list[int]:
        """Pids of the processes that the program has started, and those they have."""
        return family_of(self.pid, processes())

    def wait_exit(self, timeout: float | None = None) -> int:
        """Wait for the end of the program; its exit status."""
        end = time.monotonic() + (self.timeout if timeout is None else timeout)
        while self.exit_status is None:
            if time.monotonic() > end:
                raise AssertionError(f"the program did not end in time. The screen:\n{self.picture()}")
            self._read(0.05)
        self.pump_for(0.05)  # its last words
        return self._process.wait()

    def close(self) -> None:
        """End the program and everything it started; harmless when it has ended."""
        before = processes()
        family = family_of(self.pid, before)
        for number in (signal.SIGTERM, signal.SIGKILL):
            self._process.send_signal(number)
            end = time.monotonic() + 2
            while self.exit_status is None and time.monotonic() < end:
                self._read(0.02)
        self._process.wait()
        now = processes()
        for pid in family:
            if pid in now and now[pid].started == before[pid].started:  # else the pid is another's by now
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self.hang_up()
        if self._home:
            shutil.rmtree(self._home, ignore_errors=True)

    # ---------------------------------------------------------------- reading
    def pump_for(self, seconds: float) -> None:
        """Go on reading for a while (0: only what is there already)."""
        end = time.monotonic() + seconds
        at_most = end + 0.5  # when the program writes faster than pyte reads
        while time.monotonic() < at_most:
            if not self._read(max(0.0, end - time.monotonic())) and time.monotonic() >= end:
                return

    def _read(self, wait: float) -> bool:
        """Read a chunk and show it, waiting at most so many seconds; whether there was one."""
        if self._fd is None:
            time.sleep(wait)
            return False
        if not select.select([self._fd], [], [], wait)[0]:
            return False
        try:
            data = os.read(self._fd, 1 << 16)
        except OSError:  # nobody holds the other side any more
            data = b""
        if not data:
            self._stream.feed(UNKNOWN.sub(b"", self._pending))  # a frame that will never be whole
            self._pending = b""
            time.sleep(wait)
            return False
        self.written += len(data)
        self._show(data)
        return True

    def _show(self, data: bytes) -> None:
        data = self._pending + data
        end = len(data)
        if unfinished := UNFINISHED.search(data):
            end = unfinished.start()
        if data.rfind(FRAME_BEGINS, 0, end) > data.rfind(FRAME_ENDS, 0, end):
            end = data.rfind(FRAME_BEGINS, 0, end)  # a frame is shown whole, as terminals do
        shown, self._pending = data[:end], data[end:]
        if FRAMES_QUERY in shown:
            self.type(FRAMES_ANSWER.decode())
        self._stream.feed(UNKNOWN.sub(b"", shown))

    def _set_size(self) -> None:
        if self._fd is not None:
            fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", self.rows, self.cols, 0, 0))


def environment(home: str, changes: Mapping[str, str | None]) -> dict[str, str]:
    """Ours, less what would make a run depend on who runs it, with installed programs first on the path."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    path = os.path.dirname(sys.executable) + os.pathsep + inherited.get("PATH", os.defpath)
    ours = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "HOME": home, "PATH": path}
    dropped = dict.fromkeys(("COLUMNS", "LINES", "NO_COLOR", "LANGUAGE", "TMUX", "PYTHONDONTWRITEBYTECODE"))
    merged = {**inherited, **dropped, **ours, **changes}
    return {name: value for name, value in merged.items() if value is not None}


class Process(NamedTuple):
    parent: int
    started: str


def processes() -> dict[int, Process]:
    """All that run on this machine, by pid, without zombies."""
    found = {}
    if Path("/proc/self/stat").exists():
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):  # it has just ended
                fields = stat.read_text(errors="replace").rpartition(")")[2].split()
                if fields[0] not in "ZX":
                    found[int(stat.parent.name)] = Process(int(fields[1]), fields[19])
        return found
    listing = subprocess.check_output(["ps", "-A", "-o", "pid=,ppid=,stat=,lstart="], text=True)
    for line in listing.splitlines():
        pid, parent, state, since = line.split(None, 3)
        if not state.startswith("Z"):
            found[int(pid)] = Process(int(parent), since)
    return found


def family_of(pid: int, running: dict[int, Process]) -> list[int]:
    """The processes that descend from pid, children before grandchildren."""
    family = [pid]
    for ancestor in family:
        family += [child for child, process in running.items() if process.parent == ancestor]
    return family[1:]
