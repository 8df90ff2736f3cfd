"""What is kept of one learner and one lesson, and how what two sessions kept becomes one.

Merging is a join: in any order, and however often, it comes to the same; of each thing the newest counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import msgspec

from tui.exercises.progress import Verdict

FORMAT = 1
MOST = 200  # answers to an exercise, and visits to a step, that are kept: the newest

T = TypeVar("T")


class Given(msgspec.Struct, frozen=True):
    """One answer. `right` is None for a prediction whose step is not done yet; `at`: seconds since 1970."""

    at: float
    given: str
    right: bool | None = None


class Kept(msgspec.Struct, frozen=True):
    """One exercise. `digest` tells it as it was then; `at`: when anything of this changed last."""

    at: float
    digest: str
    given: str = ""
    verdict: Verdict | None = None
    attempts: int = 0
    hints: int = 0
    solved: bool = False
    given_up: bool = False
    locked: bool = False
    answers: tuple[Given, ...] = ()

    @property
    def done(self) -> bool:
        """Whether it is answered, or given up."""
        return self.solved or self.given_up


class Visit(msgspec.Struct, frozen=True):
    """A step was read: from when, and for how many seconds."""

    at: float
    seconds: float = 0.0


class Left(msgspec.Struct, frozen=True):
    """Where the lesson was left."""

    at: float
    step: str
    iteration: int = 0


class Outline(msgspec.Struct, frozen=True):
    """The lesson as it was when it was opened last: its steps, and of each the exercises with their digests.

    `source` is the digest of its files: while that is the same, the lesson need not be read to know all this.
    """

    at: float
    source: str
    steps: dict[str, dict[str, str]]

    @property
    def digests(self) -> dict[str, str]:
        """The digest of each exercise."""
        return {name: digest for asked in self.steps.values() for name, digest in asked.items()}


class Record(msgspec.Struct, frozen=True):
    """All that is kept of a lesson. What is not newer than `reset` was begun again, and is no more."""

    lesson: str
    reset: float = 0.0
    left: Left | None = None
    outline: Outline | None = None
    steps: dict[str, tuple[Visit, ...]] = {}
    exercises: dict[str, Kept] = {}
    format: int = FORMAT

    @property
    def begun(self) -> bool:
        """Whether there is anything of the learner's in it."""
        return bool(self.steps or self.exercises)

    @property
    def newest(self) -> float:
        """The time of the newest thing in it."""
        times = [self.reset, *(each.at for each in (self.left, self.outline) if each)]
        times += [each.at for visits in self.steps.values() for each in visits]
        return max([*times, *(each.at for each in self.exercises.values())])


def merged(one: Record, other: Record) -> Record:
    """What both know, of the same lesson."""
    reset = max(one.reset, other.reset)
    left = _newest(each for each in (one.left, other.left) if each and each.at > reset)
    outline = _newest(each for each in (one.outline, other.outline) if each)
    steps = _joined(one.steps, other.steps, lambda first, second: _visits((*first, *second), reset))
    exercises = _joined(one.exercises, other.exercises, lambda first, second: _exercise(first, second, reset))
    return Record(
        one.lesson, reset, left, outline,
        {name: kept for name, visits in steps.items() if (kept := _visits(visits, reset))},
        {name: _exercise(kept, kept, reset) for name, kept in exercises.items() if kept.at > reset},
    )  # fmt: skip


def _joined(one: Mapping[str, T], other: Mapping[str, T], both: Callable[[T, T], T]) -> dict[str, T]:
    """By name: what one of them has, and of what both have `both`."""
    names = sorted({*one, *other})
    return {n: both(one[n], other[n]) if n in one and n in other else one[n] if n in one else other[n] for n in names}


def _exercise(one: Kept, other: Kept, reset: float) -> Kept:
    """The newer of two, with the answers of both."""
    newer = max(one, other, key=lambda each: (each.at, msgspec.json.encode(each)))
    answers: dict[float, Given] = {}
    for each in (*one.answers, *other.answers):
        had = answers.get(each.at, each)
        answers[each.at] = max(had, each, key=lambda given: (given.right is not None, bool(given.right), given.given))
    kept = tuple(answers[at] for at in sorted(answers)[-MOST:] if at > reset)
    return msgspec.structs.replace(newer, answers=kept)


def _visits(visits: Iterable[Visit], reset: float) -> tuple[Visit, ...]:
    """Each once, in order, as long as it was at its longest."""
    longest: dict[float, float] = {}
    for each in visits:
        longest[each.at] = max(each.seconds, longest.get(each.at, 0.0))
    return tuple(Visit(at, longest[at]) for at in sorted(longest)[-MOST:] if at > reset)


M = TypeVar("M", Left, Outline)


def _newest(found: Iterable[M]) -> M | None:
    return max(found, key=lambda each: (each.at, msgspec.json.encode(each)), default=None)
