"""What the runs of the installed tutor share: how it is started, and how its screens are read."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from engine.words import Sentence
from engine.words import say as engine_says
from tests.terminal.terminal import Terminal, environment, processes
from tui.language import say

PATIENCE = 60.0  # seconds for what takes two on an idle machine
SMALL, LARGE = (80, 24), (120, 40)


@contextmanager
def tutor(
    *arguments: str, language: str = "es", size: tuple[int, int] = SMALL, env: Mapping[str, str | None] | None = None
) -> Iterator[Terminal]:
    """The installed program in a terminal of its own."""
    with Terminal(["dltutor", "--lang", language, *arguments], *size, env=env, timeout=PATIENCE) as terminal:
        yield terminal


@contextmanager
def lesson(name: str, language: str = "es", size: tuple[int, int] = SMALL) -> Iterator[Terminal]:
    """A lesson, open and ready: the engine has shown its first frame."""
    with tutor(name, language=language, size=size) as terminal:
        terminal.wait_for(beginning(language))
        yield terminal


@contextmanager
def net(language: str = "es", size: tuple[int, int] = SMALL) -> Iterator[Terminal]:
    """Lesson xor at its third step, where the net of 2500 points begins."""
    with lesson("xor", language, size) as terminal:
        terminal.press("n", "n")
        terminal.wait_until(lambda screen: percent_of("test_accuracy", screen, language) is not None, what="a test set")
        yield terminal


def command(*arguments: str, home: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """The installed program without a terminal: what it prints, and its exit status."""
    return subprocess.run(
        ["dltutor", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        env=environment(str(home), env),
        timeout=PATIENCE,
    )


def beginning(language: str) -> str:
    """The sentence that stands on the screen before anything has been computed."""
    return engine_says(Sentence("did.start"), language)


# ---------------------------------------------------------------- reading the screen
def number_beside(screen: str, label: str) -> float | None:
    """The number after a label in a box of the graph; None while there is none."""
    found = re.search(rf"[│►]\s*▸?\s*{re.escape(label)}\s+(-?\d+\.\d+)", screen)
    return float(found[1]) if found else None


def wait_for_numbers(terminal: Terminal, wanted: Mapping[str, float | None]) -> None:
    """Wait until the graph shows these numbers beside these labels; None: no number."""
    terminal.wait_until(
        lambda screen: all(number_beside(screen, label) == number for label, number in wanted.items()),
        what=f"{wanted} in the graph",
    )


def percent_of(metric: str, screen: str, language: str) -> float | None:
    """A share in the status lines, as `test 100.0 %`."""
    name = re.escape(say(language, f"metric.{metric}", value="").strip())
    found = re.search(rf"{name}\s+([\d.]+) %", screen)
    return float(found[1]) if found else None


def count_of(metric: str, screen: str, language: str) -> int | None:
    """The number of the epoch or iteration in the status lines, in their long or short form."""
    names = {say(language, f"{table}.{metric}", value="").strip() for table in ("metric", "metric_short")}
    found = re.search(rf"\b(?:{'|'.join(names)})\s+(\d+)", screen)
    return int(found[1]) if found else None


def picture_of(screen: str) -> str:
    """What is drawn in half blocks and braille: charts and boundary."""
    return "\n".join("".join(re.findall(r"[▀\u2801-\u28ff]", line)) for line in screen.split("\n"))


# ---------------------------------------------------------------- processes
def wait_until_gone(pids: Iterable[int], seconds: float) -> set[int]:
    """Wait until none of these processes is left; those that still are when the time is over."""
    end = time.monotonic() + seconds
    left = set(pids) & set(processes())
    while left and time.monotonic() < end:
        time.sleep(0.01)
        left &= set(processes())
    return left
