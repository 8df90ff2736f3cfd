"""`dltutor check`: the findings about lessons, printed as they come, and what they amount to as an exit status."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from lessons import catalog
from lessons.checking import examine, folder_of, lessons_of
from lessons.findings import Finding, printable
from lessons.formats import FORMATS
from lessons.loader import in_order
from tui.language import say

CLEAN, FOUND, NOT_CHECKED = 0, 1, 2
PATIENCE = 1.0  # seconds after which it is said how far the check is


@dataclass(frozen=True)
class Wish:
    """What is to be checked and how it is told."""

    words: Sequence[str] = ()  # paths or ids; none: the lessons that come along, and those of `folders`
    folders: Sequence[Path] = ()
    format: str = "text"
    strict: bool = False
    run: bool = True
    language: str = "en"


@dataclass
class Tally:
    """How many findings there are."""

    counts: dict[str, int] = field(default_factory=lambda: {"error": 0, "warning": 0})

    def status(self, strict: bool) -> int:
        """The exit status: warnings count where it is strict."""
        return FOUND if self.counts["error"] or (strict and self.counts["warning"]) else CLEAN


def check(wish: Wish) -> int:
    """Check what is wished for and print it. Raises Refused for a word that is neither a path nor a lesson."""
    lessons = named(wish)
    if not lessons:
        raise Unchecked("nothing_to_check")
    namesakes = catalog.namesakes([folder_of(each) for each in lessons], wish.folders)
    tally = Tally()
    for number, findings in _in_turn(lessons, wish):
        lesson = lessons[number]
        twice = namesakes.get(folder_of(lesson))
        for finding in in_order([*findings, *([twice] if twice else [])]):
            tally.counts[finding.severity] += 1
            print(FORMATS[wish.format](finding, lesson, wish.language), flush=True)
    summary = say(wish.language, "cli.checked", lessons=len(lessons), **tally.counts)
    print(summary, file=sys.stdout if wish.format == "text" else sys.stderr)
    return tally.status(wish.strict)


def named(wish: Wish) -> list[Path]:
    """The lessons that are to be checked, each once."""
    if not wish.words:
        found = [lesson for folder in (catalog.BUILT_IN, *wish.folders) for lesson in lessons_of(folder)]
    else:
        found = [lesson for word in wish.words for lesson in _named(word, wish.folders)]
    return list({folder_of(each).resolve(): each for each in reversed(found)}.values())[::-1]


def _named(word: str, folders: Sequence[Path]) -> list[Path]:
    path = Path(word)
    try:
        there = path.exists()
    except (OSError, ValueError):  # a name that no file can have
        there = False
    found = lessons_of(path) if there else [catalog.find(word, folders)]
    if not found:
        raise Unchecked("no_lessons_in", folder=printable(word))
    return found


class Unchecked(Exception):
    """What cannot be checked: a key under `cli`, and its values."""

    def __init__(self, key: str, **values: str) -> None:
        self.key, self.values = key, values
        super().__init__(key)


# ---------------------------------------------------------------- one after the other
def _in_turn(lessons: Sequence[Path], wish: Wish) -> Iterator[tuple[int, list[Finding]]]:
    """The findings of each lesson, in the order of the lessons, however they are done."""
    waiting: dict[int, list[Finding]] = {}
    turn = 0
    progress = Progress(len(lessons), wish.language)
    with closing(_examined(lessons, wish.run)) as done:
        for number, findings in done:
            waiting[number] = findings
            progress.show(turn + len(waiting))
            while turn in waiting:
                progress.clear()
                yield turn, waiting.pop(turn)
                turn += 1
    progress.clear()


def _examined(lessons: Sequence[Path], run: bool) -> Generator[tuple[int, list[Finding]], None, None]:
    if run:
        from lessons.crew import examined

        yield from examined(lessons)
    else:
        for number, lesson in enumerate(lessons):
            yield number, examine(lesson, run=False)


class Progress:
    """A line on a terminal's stderr that says how far the check is, once it takes long."""

    def __init__(self, count: int, language: str) -> None:
        self._count, self._language = count, language
        self._begin, self._shown = time.monotonic(), False

    def show(self, done: int) -> None:
        """`done` lessons are examined."""
        if sys.stderr.isatty() and done < self._count and time.monotonic() - self._begin > PATIENCE:
            line = say(self._language, "cli.checking", done=done, count=self._count)
            print(f"\r{line}", end="", file=sys.stderr, flush=True)
            self._shown = True

    def clear(self) -> None:
        """Take the line away before something is printed."""
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
            self._shown = False
