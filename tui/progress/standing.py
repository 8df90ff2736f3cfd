"""How the learner stands with each lesson of a list: new, started or done, and what has changed since."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tui.progress import store
from tui.progress.records import Left, Outline, Record, merged

if TYPE_CHECKING:
    from lessons.catalog import Entry

State = Literal["new", "started", "done"]


@dataclass(frozen=True, slots=True)
class Standing:
    """A step is done when it was read and all its exercises are answered; the lesson, when all its steps are.

    `changed`: exercises that are others now than when they were solved.
    """

    done: int = 0
    steps: int = 0
    begun: bool = False
    changed: tuple[str, ...] = ()
    left: Left | None = None

    @property
    def state(self) -> State:
        """What a list shows."""
        if not self.begun:
            return "new"
        return "done" if self.steps and self.done >= self.steps else "started"

    def minutes_left(self, minutes: int | None) -> int | None:
        """Of so many minutes those that the rest may take."""
        if minutes is None or not self.steps:
            return minutes
        return math.ceil(minutes * (1 - self.done / self.steps))


NEW = Standing()


def standings(entries: Iterable[Entry], known: Mapping[str, Record] | None = None) -> dict[str, Standing]:
    """By the ids of the lessons; `known` are records that perhaps could not be written yet."""
    known = known or {}
    kept = {*store.lessons(), *known}
    return {each.id: _standing(each, known.get(each.id)) if each.id in kept else NEW for each in entries}


def _standing(entry: Entry, known: Record | None) -> Standing:
    record = store.load(entry.id)
    if known is not None:
        record = merged(record, known)
    return of(record, current(record.outline, entry.path)) if record.begun else NEW


def current(outline: Outline | None, path: Path) -> Outline | None:
    """The outline of the lesson as it is now; the lesson is read only where its files are others than then."""
    from tui.progress.outline import outline as outline_of
    from tui.progress.outline import source

    if outline is not None and outline.source == source(path):
        return outline
    from lessons.loader import load

    loaded = load(path)
    return outline if loaded.lesson is None else outline_of(loaded.lesson, loaded.prose, path, 0.0)


def of(record: Record, outline: Outline | None) -> Standing:
    """How a record stands to the lesson that it is about."""
    if outline is None:
        return Standing(begun=record.begun, left=record.left)
    done = [step for step, asked in outline.steps.items() if step in record.steps and _answered(record, asked)]
    changed = tuple(
        name for name, digest in outline.digests.items()
        if (kept := record.exercises.get(name)) is not None and kept.done and kept.digest != digest
    )  # fmt: skip
    return Standing(len(done), len(outline.steps), record.begun, changed, record.left)


def _answered(record: Record, asked: Iterable[str]) -> bool:
    return all((kept := record.exercises.get(name)) is not None and kept.done for name in asked)


def last(standing: Mapping[str, Standing]) -> str | None:
    """The lesson that was left last."""
    left = {name: each.left.at for name, each in standing.items() if each.left is not None}
    return max(left, key=left.__getitem__, default=None)


def recommended(entries: Sequence[Entry], standing: Mapping[str, Standing]) -> str | None:
    """The first lesson of the course that is not done and whose prerequisites are; else the first that is not done."""
    todo = [each for each in entries if each.error is None and _state(standing, each.id) != "done"]
    ids = {each.id for each in entries}
    ready = [each for each in todo if all(_state(standing, name) == "done" for name in each.after if name in ids)]
    return next((each.id for each in (*ready, *todo)), None)


def _state(standing: Mapping[str, Standing], name: str) -> State:
    return standing.get(name, NEW).state
